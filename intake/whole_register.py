"""A register read and admitted: the whole of it by several threads, or a part of it, table by table."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from intake.admission import admit, joined
from intake.reading import batches, no_rows, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from intake.admission import Admission
    from intake.ground import Ground
    from intake.register import Part, Register

    Progress = Callable[[float], None]

R = TypeVar("R")


def admit_register(register: Register, progress: Progress = lambda _share: None) -> Admission:
    """Read and admit all parts of a register, several tables at a time.

    Parameters
    ----------
    progress
        Told the share of the rows that is done, 0 where nobody knows how many there are.

    Raises
    ------
    InputError
        As `intake.reading.batches`.
    """
    about = _ground(register)
    rows = register.rows or 0
    done, found = 0, []
    tables = (item for part in parts(register) for item in batches(register, part))
    with _pool() as pool:
        for one in _ahead(pool, lambda item: admit(item[1], item[0], register, about), tables):
            found.append(one)
            done += one.rows
            progress(done / rows if rows else 0.0)
    return joined(found or [admit(no_rows(register), 0, register, about)])


def admit_part(
    register: Register, part: Part, rows: int, without: tuple[str, ...] = ()
) -> Iterator[Admission]:
    """Read and admit a part of a register, table by table; at least one, be it without rows.

    Parameters
    ----------
    rows
        Most rows of a table.
    without
        Roles of columns that are not read.
    """
    columns = tuple(column for column in register.columns if column[0] not in without)
    kinds = tuple(kind for kind in register.kinds if kind[0] not in without)
    lean = replace(register, columns=columns, kinds=kinds)
    about = _ground(register)
    tables = iter(batches(lean, part, rows))
    first = next(tables, (part.first_row, no_rows(lean)))
    return (admit(table, row, lean, about) for row, table in chain([first], tables))


def _ground(register: Register) -> Ground | None:
    """Return what places are judged by, loaded only where they are of the United Kingdom."""
    if register.planar:
        return None
    from intake.ground import ground  # noqa: PLC0415 - boundaries take their time

    return ground()


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Give threads that take up nothing more once something goes wrong or is interrupted."""
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(pool: ThreadPoolExecutor, work: Callable[[Any], R], items: Iterable[Any]) -> Iterator[R]:
    """Give results in order, never more than a few items being worked on or waiting."""
    waiting = []
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > (os.cpu_count() or 1):
            yield waiting.pop(0).result()
    for one in waiting:
        yield one.result()
