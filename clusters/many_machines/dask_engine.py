"""The engine for many machines: parts of a register are worked on by the workers of a Dask cluster.

Each worker reads one part at a time, and only sums leave it: counts per cell, hashes of ids, members. The
register is read afresh for each question instead of being held, so memory does not grow with it. Answers are
added up a few at a time as they come; what is still large then is dealt out by its keys, so that no worker
has to hold the whole.
"""

from __future__ import annotations

import logging
import signal
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from multiprocessing import resource_tracker
from operator import getitem
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from distributed import Client, KilledWorker, LocalCluster, as_completed
from distributed.client import FutureCancelledError

from clusters.description.traits import merged as merged_traits
from clusters.many_machines import tally, trait_tally
from data.errors import InputError, reason
from intake.reading import parts
from intake.register import Part
from intake.repeated_ids import id_hashes, no_repeated, rows_of, seen_again
from intake.traits import TRAITS
from intake.whole_register import admit_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import distributed
    import pyarrow as pa
    from numpy.typing import NDArray

    from clusters.description.traits import Traits
    from clusters.many_machines.tally import Setting, Survey, Tally
    from clusters.many_machines.trait_tally import Asked, Heard
    from intake.register import Register

    Progress = Callable[[float], None]
    Hashes = NDArray[np.uint64]
    Future = distributed.Future[Any]

T = TypeVar("T")

WAIT_SECONDS = 20

ROWS = 100_000
"""Rows that a worker reads at a time: what is made of them stays below 100 MB."""

FAN_IN = 4
"""Answers that one worker adds up at a time."""

FIRST = 1
"""Priority of sums over reading on: they set memory free."""

PROGRAM = "clusters"
"""What a process of the cluster must be able to import."""

# Any free port of this machine, not to be reached from others; Dask asks for one in any case.
HERE = "127.0.0.1:0"

# Workers say in many lines on the screen what the exception that they send says too.
QUIET = logging.CRITICAL


@dataclass(frozen=True, eq=False)
class ManyMachines:
    """Works on the parts of a register on the workers of a cluster, which must be able to read its files."""

    register: Register
    client: Client

    def survey(self, cell_m: float, progress: Progress) -> Survey:
        """Take a first look at all parts; the hashes of ids stay with the workers."""
        sums, hashes = _Sums(self.client, tally.merged_cells), _Sums(self.client, np.concatenate)
        rest, told = list[Any](), list[Any]()
        for look in self._each(_look, progress, cell_m):
            take = [
                _after([look], self.client.submit(getitem, look, at, pure=False, priority=FIRST))
                for at in range(4)
            ]
            sums.add(take[0])
            hashes.add(take[1])
            rest.append(take[2])
            told.append(take[3])
        self.__dict__["hashes"] = hashes.groups
        self.__dict__["told"] = trait_tally.all_heard(_taken(told))
        return replace(tally.merged_surveys(_taken(rest)), cells=sums.total(tally.dealt_cells))

    def heard(self) -> dict[str, Heard]:
        """Return what the register says of sizes and dates; the survey has to be asked for first."""
        found: dict[str, Heard] = self.__dict__["told"]
        return found

    def repeated(self) -> pd.DataFrame:
        """Return the firms whose id may be given more than once; the survey has to be asked for first.

        Hashes are dealt into buckets; equal ones meet in one.
        """
        buckets = _met(self.client, self.__dict__.pop("hashes"), _dealt, seen_again)
        wanted = np.sort(np.concatenate([np.zeros(0, np.uint64), *_taken(buckets)]))
        if not len(wanted):
            return no_repeated()
        found: pd.DataFrame = pd.concat(
            _taken(self._each(_rows_of, lambda _share: None, wanted)), ignore_index=True
        )
        return found

    def count(self, setting: Setting, progress: Progress) -> Tally:
        """Count the firms of all parts."""
        sums = _Sums(self.client, tally.merged_tallies)
        for one in self._each(_count, progress, setting):
            sums.add(one)
        whole: Tally = sums.total(tally.dealt)
        return whole

    def members(self, setting: Setting, cells: pd.DataFrame, progress: Progress) -> pd.DataFrame:
        """Return the firms in the clusters."""
        found = _taken(self._each(_members, progress, setting, cells))
        return tally.in_order(pd.concat(found, ignore_index=True))

    def traits(self, setting: Setting, asked: Asked, progress: Progress) -> Traits:
        """Count the firms of all parts by size and date."""
        sums = _Sums(self.client, merged_traits)
        for one in self._each(_traits, progress, setting, asked):
            sums.add(one)
        return merged_traits(_taken(sums.groups))

    def firms(self, _setting: Setting) -> pa.Table | None:
        """Return nothing: so many firms belong on no one machine."""
        return None

    @cached_property
    def _known(self) -> Future:
        """The register, its paths in full, with every worker."""
        anywhere = replace(self.register, files=tuple(path.resolve() for path in self.register.files))
        return self._spread(anywhere)

    def _spread(self, value: Any) -> Future:
        """Hand a value to every worker once."""
        spread: Future = self.client.scatter(value, broadcast=True, hash=False)  # type: ignore[no-untyped-call]
        return spread

    def _each(self, work: Callable[..., Any], progress: Progress, *shared: Any) -> Iterator[Future]:
        """Start a piece of work on every part, and give each as it ends; who lets go of it sets it free."""
        own = parts(self.register, ROWS) or (Part(0, 0, ()),)
        spread = [self._spread(value) for value in shared]
        waiting = as_completed(  # type: ignore[no-untyped-call]
            [self.client.submit(work, self._known, part, *spread, pure=False) for part in own]
        )
        for done, future in enumerate(waiting, start=1):
            if future.status != "finished":
                future.result()  # raises
            progress(done / len(own))
            yield future


class _Sums:
    """Adds up answers on the workers, as they come."""

    def __init__(self, client: Client, add: Callable[[Sequence[Any]], Any]) -> None:
        self._client, self._add = client, add
        self._waiting: list[Future] = []
        self._groups: list[Future] = []

    def add(self, answer: Future) -> None:
        """Take one more."""
        self._waiting.append(answer)
        if len(self._waiting) == FAN_IN:
            self._close()

    @property
    def groups(self) -> list[Future]:
        """Sums of a few answers each."""
        if self._waiting:
            self._close()
        return self._groups

    def total(self, deal: Callable[[Any, int], list[Any]]) -> Any:
        """Return the sum of all, the keys dealt out among the workers."""
        return self._add([*_taken(_met(self._client, self.groups, deal, self._add))])

    def _close(self) -> None:
        group = self._client.submit(self._add, self._waiting, pure=False, priority=FIRST)
        self._groups.append(_after(self._waiting, group))
        self._waiting = []


def _met(
    client: Client,
    groups: list[Future],
    deal: Callable[[Any, int], list[Any]],
    meet: Callable[[Sequence[Any]], Any],
) -> list[Future]:
    """Deal each group into buckets by its keys, and let all shares of a bucket meet on a worker."""
    # As many buckets as groups: what meets in one is then no larger than a group, however much there is.
    buckets = len(groups)
    dealt = [_after([one], client.submit(deal, one, buckets, pure=False)) for one in groups]
    shares = [
        [_after([one], client.submit(getitem, one, at, pure=False)) for one in dealt] for at in range(buckets)
    ]
    return [_after(each, client.submit(meet, each, pure=False, priority=FIRST)) for each in shares]


def _after(needed: Iterable[Future], future: Future) -> Future:
    """Hold what a piece of work needs until it is done.

    Dask may hear that something is free before it hears what for it is still needed.
    """
    held = [*needed]
    future.add_done_callback(lambda _: held.clear())  # type: ignore[no-untyped-call]
    return future


def _taken(futures: Iterable[Future]) -> Iterator[Any]:
    """Fetch answers one by one."""
    for future in futures:
        yield future.result()


class _WholeClient(Client):
    """A client that is closed where it could not start.

    Dask leaves such a one, and the thread of its loop, to the collector. That may come upon it while another
    client starts, and closing it then waits for ever for the lock which that one holds.
    """

    def start(self, **kwargs: Any) -> None:
        try:
            super().start(**kwargs)  # type: ignore[no-untyped-call]
        except BaseException:
            self.close()  # type: ignore[no-untyped-call]
            # Closing does no more for a client that gave up by itself.
            self._loop_runner.stop()  # type: ignore[no-untyped-call]
            raise


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
        When nobody answers at the address, no worker has come, or workers die of their work.
    """
    with _client(scheduler, options) as client:
        try:
            yield client
        except KilledWorker as fault:
            raise InputError(
                f"{fault.allowed_failures + 1} workers of the Dask cluster died of one piece of work: "
                "give each at least 1 GB of memory, and look at what they last said"
            ) from None
        except FutureCancelledError as fault:
            raise InputError(f"the Dask cluster was lost while it was at work ({reason(fault)})") from None


@contextmanager
def _client(scheduler: str, options: dict[str, Any]) -> Iterator[Client]:
    if not scheduler:
        own = {"threads_per_worker": 1, "dashboard_address": HERE, "silence_logs": QUIET, "processes": True}
        with _undisturbed():
            local = LocalCluster(**own | options)  # type: ignore[no-untyped-call]
        with local, _WholeClient(local) as client:  # type: ignore[no-untyped-call]
            yield client
        return
    with _reached(scheduler) as client:
        try:
            client.wait_for_workers(1, timeout=WAIT_SECONDS)
        except TimeoutError:
            raise InputError(
                f"the Dask scheduler at {scheduler!r} has no worker: "
                f"start some with `dask worker {scheduler}`"
            ) from None
        _require_program(client, scheduler)
        yield client


def _require_program(client: Client, scheduler: str) -> None:
    """Refuse processes that have not this program: the scheduler, too, looks into what it hands on."""
    ahead = client.run_on_scheduler(find_spec, PROGRAM)  # type: ignore[no-untyped-call]
    found = {**client.run(find_spec, PROGRAM), scheduler: ahead}
    lacking = sorted(address for address, spec in found.items() if spec is None)
    if lacking:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise InputError(
            f"the Dask process at {lacking[0]}{more} cannot import this program: start the scheduler and all "
            "workers with its folder on PYTHONPATH"
        )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep Ctrl-C from the threads and processes that are started meanwhile: this process sends them home."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # It is started by the first process and would then let Ctrl-C through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _reached(scheduler: str) -> Client:
    try:
        return _WholeClient(scheduler, timeout=WAIT_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as fault:
        raise InputError(
            f"no Dask scheduler answers at {scheduler!r} ({reason(fault)}); "
            "expected an address such as tcp://host:8786"
        ) from None


def _look(
    register: Register, part: Part, cell_m: float
) -> tuple[pd.DataFrame, Hashes, Survey, dict[str, Heard]]:
    """Return cells, hashes of ids, the rest of the survey, and what is said of sizes and dates."""
    surveys, hashes, told = [], [], []
    for one in admit_part(register, part, ROWS, ("name",)):
        surveys.append(tally.survey(one, cell_m))
        hashes.append(id_hashes(one))
        told.append(trait_tally.heard(one))
    whole = tally.merged_surveys(surveys)
    rest = replace(whole, cells=whole.cells[:0])
    return whole.cells, np.concatenate(hashes), rest, trait_tally.all_heard(told)


def _dealt(hashes: Hashes, buckets: int) -> list[Hashes]:
    """Return hashes, those with one remainder together."""
    return [hashes[hashes % np.uint64(buckets) == bucket] for bucket in range(buckets)]


def _rows_of(register: Register, part: Part, wanted: Hashes) -> pd.DataFrame:
    found = [rows_of(one, wanted) for one in admit_part(register, part, ROWS, ("name", *TRAITS))]
    return pd.concat(found, ignore_index=True)


def _count(register: Register, part: Part, setting: Setting) -> Tally:
    lean = admit_part(register, part, ROWS, ("name", "firm_id", *TRAITS))
    return tally.merged_tallies([tally.count(one, setting) for one in lean])


def _members(register: Register, part: Part, setting: Setting, cells: pd.DataFrame) -> pd.DataFrame:
    found = [tally.members(one, setting, cells) for one in admit_part(register, part, ROWS)]
    return pd.concat(found, ignore_index=True)


def _traits(register: Register, part: Part, setting: Setting, asked: Asked) -> Traits:
    lean = admit_part(register, part, ROWS, ("name", "firm_id"))
    return merged_traits([trait_tally.traits(one, setting, asked) for one in lean])
