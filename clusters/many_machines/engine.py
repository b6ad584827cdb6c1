"""Where the parts of a register are worked on: here, or on a Dask cluster; the answers are the same."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from clusters.many_machines import tally
from intake.admission import admit, ground, seen_again
from intake.register import batches, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from clusters.many_machines.tally import Setting, Survey, Tally
    from intake.admission import Admission
    from intake.register import Register

    Progress = Callable[[float], None]


R = TypeVar("R")
DUCKDB, DASK = "duckdb", "dask"


class Engine(Protocol):
    """Answers for a whole register, however its parts are worked on."""

    @property
    def register(self) -> Register:
        """The register."""

    def survey(self, cell_m: float, progress: Progress) -> Survey:
        """Take a first look at all parts."""

    def repeated(self) -> pd.DataFrame:
        """Return row, firm_id, easting, northing, sector of firms whose id may be given more than once."""

    def count(self, setting: Setting, progress: Progress) -> Tally:
        """Count the firms of all parts."""

    def members(self, setting: Setting, cells: pd.DataFrame, progress: Progress) -> pd.DataFrame:
        """Return the firms that stand in the cells of their label's clusters."""

    def firms(self, setting: Setting) -> pa.Table | None:
        """Return the firms that took part, where one machine holds them."""


@dataclass(frozen=True, eq=False)
class OneMachine:
    """Reads the register once and holds it in memory, column by column: some 80 bytes a firm."""

    register: Register

    @cached_property
    def whole(self) -> Admission:
        """The whole register as one part."""
        return self.read(lambda _: None)

    def read(self, progress: Progress) -> Admission:
        """Read and admit all parts, several at a time."""
        about = ground()
        rows = self.register.rows or 0
        done, found = 0, []
        tables = (item for part in parts(self.register) for item in batches(self.register, part))
        with _pool() as pool:
            for one in _ahead(pool, lambda item: admit(item[1], item[0], self.register, about), tables):
                found.append(one)
                done += one.rows
                progress(done / rows if rows else 0.0)
        return joined(found or [admit(no_rows(self.register), 0, self.register, about)])

    def survey(self, cell_m: float, progress: Progress) -> Survey:
        """Take a first look."""
        self.__dict__["whole"] = self.read(progress)
        return tally.merged_surveys([tally.survey(self.whole, cell_m)])

    def repeated(self) -> pd.DataFrame:
        """Return the firms whose id may be given more than once."""
        return tally.rows_of(self.whole, seen_again([tally.hashes(self.whole)]))

    def count(self, setting: Setting, progress: Progress) -> Tally:
        """Count the firms."""
        found = tally.count(self.whole, setting)
        progress(1.0)
        return tally.merged_tallies([found])

    def members(self, setting: Setting, cells: pd.DataFrame, progress: Progress) -> pd.DataFrame:
        """Return the firms in the clusters."""
        found = tally.members(self.whole, setting, cells)
        progress(1.0)
        return found

    def firms(self, setting: Setting) -> pa.Table | None:
        """Return the firms that took part."""
        return tally.firms(self.whole, setting)


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Give threads that take up nothing more once something goes wrong or is interrupted."""
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def no_rows(register: Register) -> pa.Table:
    """Return a table of `batches` without rows, for a register that has none."""
    return pa.table({role: pa.array([], pa.string()) for role, _ in register.columns})


def _ahead(pool: ThreadPoolExecutor, work: Callable[[Any], R], items: Iterable[Any]) -> Iterator[R]:
    """Give results in order, never more than a few items being worked on or waiting."""
    waiting = []
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > (os.cpu_count() or 1):
            yield waiting.pop(0).result()
    for one in waiting:
        yield one.result()


def joined(each: list[Admission]) -> Admission:
    """Put admissions of successive tables together as one."""
    names = tuple(sorted({name for one in each for name in one.names}))
    index = pd.Index(names, dtype=object)
    before = np.cumsum([0, *(len(one.row) for one in each)], dtype=np.int32)
    codes = [index.get_indexer(pd.Index(one.names, dtype=object)) for one in each]
    first = each[0]
    return replace(
        first,
        rows=sum(one.rows for one in each),
        row=np.concatenate([one.row for one in each]),
        firm_id=_texts([one.firm_id for one in each]),
        name=_texts([one.name for one in each]),
        easting=np.concatenate([one.easting for one in each]),
        northing=np.concatenate([one.northing for one in each]),
        la=np.concatenate([one.la for one in each]),
        firm=np.concatenate([one.firm + start for one, start in zip(each, before, strict=False)]),
        label=np.concatenate([code[one.label] for one, code in zip(each, codes, strict=True)]).astype(
            np.int32
        ),
        names=names,
        refused=pd.concat([one.refused for one in each], ignore_index=True),
        notes=dict(sum((Counter(one.notes) for one in each), Counter())),
    )


def _texts(columns: list[pa.Array | None]) -> pa.Array | None:
    """Put a column together, none where there is none."""
    return (
        None if columns[0] is None else pa.concat_arrays([column for column in columns if column is not None])
    )
