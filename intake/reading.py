"""A register of firms on disk: which files, which columns, and its rows in tables of bounded size.

A register is a CSV file or Parquet (a file, a folder, a glob). It is cut into parts that can be read apart,
by other processes too, and every row keeps the number it has in the whole source: data rows from 0, files in
the order of their paths. A line of a CSV file that has too few or too many values is no row that can be read,
but it is counted, and handed on in its place with what is wrong with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa

from data.errors import InputError
from intake.columns import GRID, PLANE, Columns
from intake.csv_rows import csv_parts, csv_tables, open_csv
from intake.files import CSV, PARQUET, find_files, format_of
from intake.parquet_rows import open_parquet, parquet_parts, parquet_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from intake.register import Part, Register

ROWS: Final = 1_000_000
"""Most rows of a table, and the size that small row groups are joined up to."""


class Format(NamedTuple):
    """How files of one format are read: opened, cut into parts, and a part given as tables."""

    open: Callable[[str, tuple[Path, ...], Columns, str], Register]
    parts: Callable[[Register, int], tuple[Part, ...]]
    tables: Callable[[Register, Part, int], Iterator[pa.Table]]


FORMATS: Final = {
    CSV: Format(open_csv, csv_parts, csv_tables),
    PARQUET: Format(open_parquet, parquet_parts, parquet_tables),
}


def open_register(
    source: Path | str, columns: Columns | None = None, encoding: str = "utf-8", *, planar: bool = False
) -> Register:
    """Find a register's files and columns; rows are not read yet.

    Parameters
    ----------
    source : Path or str
        A CSV file (.csv, .tsv or .txt, also packed: .gz, .bz2, .zst), a Parquet file, a folder of Parquet
        files or a glob of them. Names that begin with a dot or an underscore are passed over.
    columns : Columns, optional
        What the columns are called. Eastings and northings go before longitude and latitude, and these
        before postcodes, unless one pair was named and the other was not.
    encoding : str
        Of a CSV file, as Python names it.
    planar : bool
        Whether eastings and northings are metres of a plane that is not the British National Grid.

    Raises
    ------
    InputError
        If there is no such file, it is neither CSV nor Parquet, a column that is needed is missing or
        stands there twice, files of one folder differ, or the header does not have the encoding.
    """
    files = find_files(str(source))
    register = FORMATS[format_of(files[0])].open(str(source), files, columns or Columns(), encoding)
    return _planar(register) if planar else register


def _planar(register: Register) -> Register:
    """Take eastings and northings for metres of any plane; a postcode says nothing there."""
    if register.place != GRID:
        raise InputError(
            f"{register.source!r} has no pair of planar coordinates: name both with --easting-column and "
            "--northing-column, or leave out --planar"
        )
    columns, kinds = (
        tuple(one for one in each if one[0] != "postcode") for each in (register.columns, register.kinds)
    )
    return replace(register, place=PLANE, columns=columns, kinds=kinds)


def parts(register: Register, rows: int | None = None) -> tuple[Part, ...]:
    """Cut a register into parts that can be read apart.

    A part is a row group, or several small ones in a row, of one file or more; a CSV file is one part.

    Parameters
    ----------
    rows : int, optional
        What small row groups are joined up to; `ROWS` unless given.
    """
    return FORMATS[register.format].parts(register, rows or ROWS)


def batches(register: Register, part: Part, rows: int | None = None) -> Iterator[tuple[int, pa.Table]]:
    """Read a part in tables of bounded size.

    Parameters
    ----------
    rows : int, optional
        Most rows of a table; `ROWS` unless given.

    Yields
    ------
    tuple of int and Table
        Number of the first row, and the rows: columns named by role (`Columns`), text as string, sector of
        Parquet as dictionary or list of text; coordinates as float64, or as string where the file has text.
        Where lines could not be read they stand in their place, all missing, with `LINE` and `FAULT`.

    Raises
    ------
    InputError
        If the file is not what it was or says it is: damaged, or not of the encoding (which names the line
        and the byte).
    """
    most = rows or ROWS
    row = part.first_row
    for table in _gathered(FORMATS[register.format].tables(register, part, most), most):
        yield row, table
        row += table.num_rows


def no_rows(register: Register) -> pa.Table:
    """Return a table of `batches` without rows, for a register that has none."""
    return pa.table({role: pa.array([], pa.string()) for role, _ in register.columns})


def _gathered(tables: Iterable[pa.Table], most: int) -> Iterator[pa.Table]:
    """Give small neighbours as one table of up to so many rows."""
    waiting: list[pa.Table] = []
    for table in tables:
        if waiting and sum(one.num_rows for one in waiting) + table.num_rows > most:
            yield pa.concat_tables(waiting, promote_options="permissive")
            waiting = []
        waiting.append(table)
    if waiting:
        yield pa.concat_tables(waiting, promote_options="permissive")
