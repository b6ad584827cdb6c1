"""The engine for many machines: parts of a register are worked on by the workers of a Dask cluster.

Each worker reads one part at a time, and only sums leave it: counts per cell, hashes of ids, members. The
register is read afresh for each question instead of being held, so memory does not grow with it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from operator import getitem
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from distributed import Client, LocalCluster, as_completed

from clusters import tally
from clusters.admission import admit, ground, seen_again
from clusters.register import batches, parts
from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa
    from distributed import Future
    from numpy.typing import NDArray

    from clusters.admission import Admission
    from clusters.register import Part, Register
    from clusters.tally import Setting, Survey, Tally

    Progress = Callable[[float], None]
    Hashes = NDArray[np.uint64]

T = TypeVar("T")

WAIT_SECONDS = 20

FAN_IN = 8
"""Answers that one worker adds up at a time, so that no machine holds all of them."""


@dataclass(frozen=True, eq=False)
class ManyMachines:
    """Works on the parts of a register on the workers of a cluster, which must be able to read its files."""

    register: Register
    client: Client

    def survey(self, cell_m: float, progress: Progress) -> Survey:
        """Take a first look at all parts."""
        return self._summed(_survey, tally.merged_surveys, progress, cell_m)

    def repeated(self) -> pd.DataFrame:
        """Return the firms whose id may be given more than once.

        Hashes are dealt into as many buckets as there are parts; equal ones meet in one.
        """
        number = len(parts(self.register))
        dealt = self._each(_dealt, _quiet, number)
        buckets = [
            self.client.submit(
                seen_again,
                [self.client.submit(getitem, one, bucket, pure=False) for one in dealt],
                pure=False,
            )
            for bucket in range(number)
        ]
        wanted = np.sort(np.concatenate([np.zeros(0, np.uint64), *self.client.gather(buckets)]))
        found = self._each(_rows_of, _quiet, wanted)
        return pd.concat(self.client.gather(found), ignore_index=True)

    def count(self, setting: Setting, progress: Progress) -> Tally:
        """Count the firms of all parts."""
        return self._summed(_count, tally.merged_tallies, progress, setting)

    def members(self, setting: Setting, cells: pd.DataFrame, progress: Progress) -> pd.DataFrame:
        """Return the firms in the clusters."""
        found = self._each(_members, progress, setting, cells)
        return tally.in_order(pd.concat(self.client.gather(found), ignore_index=True))

    def firms(self, _setting: Setting) -> pa.Table | None:
        """Return nothing: so many firms belong on no one machine."""
        return None

    def _each(self, work: Callable[..., Any], progress: Progress, *shared: Any) -> list[Future]:
        """Start a piece of work on every part, and wait."""
        futures = [
            self.client.submit(work, self.register, part, *shared, pure=False)
            for part in parts(self.register)
        ]
        for done, _ in enumerate(as_completed(futures), start=1):
            progress(done / len(futures))
        return futures

    def _summed(
        self, work: Callable[..., T], add: Callable[[list[T]], T], progress: Progress, *shared: Any
    ) -> T:
        """Add up the answers of all parts, a few at a time, on the workers."""
        waiting = self._each(work, progress, *shared)
        while len(waiting) > 1:
            groups = [waiting[at : at + FAN_IN] for at in range(0, len(waiting), FAN_IN)]
            waiting = [self.client.submit(add, group, pure=False) for group in groups]
        whole: T = waiting[0].result()
        return add([whole])


@contextmanager
def cluster(scheduler: str = "", **options: Any) -> Iterator[Client]:
    """Give a client of a scheduler, or of a cluster of processes on this machine.

    Parameters
    ----------
    scheduler
        Address such as tcp://host:8786; its workers must have this program and see the register's files.
    options
        For the cluster on this machine: n_workers, memory_limit and others of Dask's LocalCluster.

    Raises
    ------
    InputError
        When nobody answers at the address.
    """
    if not scheduler:
        own = {"threads_per_worker": 1, "dashboard_address": None} | options
        with LocalCluster(processes=True, **own) as local, Client(local) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=WAIT_SECONDS)
    except (OSError, ValueError) as fault:
        raise InputError(
            f"no Dask scheduler answers at {scheduler!r} ({fault}); expected an address such as tcp://host:8786"
        ) from None
    with client:
        yield client


def _quiet(_share: float) -> None:
    """Say nothing."""


def _admitted(register: Register, part: Part) -> Iterator[Admission]:
    """Read a part, table by table."""
    about = ground()
    for row, table in batches(register, part):
        yield admit(table, row, register, about)


def _survey(register: Register, part: Part, cell_m: float) -> Survey:
    return tally.merged_surveys(tally.survey(one, cell_m) for one in _admitted(register, part))


def _dealt(register: Register, part: Part, buckets: int) -> list[Hashes]:
    """Return the hashes of a part's ids, those with one remainder together."""
    found = [tally.hashes(one) for one in _admitted(register, part)]
    hashes = np.concatenate([np.zeros(0, np.uint64), *found])
    return [hashes[hashes % np.uint64(buckets) == bucket] for bucket in range(buckets)]


def _rows_of(register: Register, part: Part, wanted: Hashes) -> pd.DataFrame:
    if len(wanted) == 0:
        return tally.NO_ROWS
    return pd.concat([tally.rows_of(one, wanted) for one in _admitted(register, part)], ignore_index=True)


def _count(register: Register, part: Part, setting: Setting) -> Tally:
    return tally.merged_tallies(tally.count(one, setting) for one in _admitted(register, part))


def _members(register: Register, part: Part, setting: Setting, cells: pd.DataFrame) -> pd.DataFrame:
    found = [tally.members(one, setting, cells) for one in _admitted(register, part)]
    return pd.concat(found, ignore_index=True)
