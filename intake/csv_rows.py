"""Rows of a CSV file, all text. A line that has too few or too many values keeps its place and its number."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv

from data.errors import InputError
from data.plural import count
from intake.columns import choose
from intake.encoding import Utf8, require_encoding
from intake.files import why
from intake.register import FAULT, LINE, Part, Register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from intake.columns import Columns
    from intake.files import File

# A block of a file in bytes, and so the longest row: a quotation mark that is never closed ends here.
BLOCK: Final = 1 << 24
# Characters of a broken line that are kept, so that its refusal can quote it.
KEPT_CHARACTERS: Final = 200
# The header must end within so many bytes.
LONGEST_HEADER: Final = 1 << 20
DELIMITERS: Final = (",", "\t", ";", "|")


def open_csv(source: str, files: tuple[File, ...], asked: Columns, encoding: str) -> Register:
    """Read the header of a CSV file; see `intake.reading.open_register`."""
    require_encoding(encoding)
    delimiter, names = _header(files[0], encoding)
    chosen, place = choose(asked, names, repr(str(files[0])))
    return Register(source, files, chosen, place, (), encoding, delimiter)


def csv_parts(_register: Register, _rows: int) -> tuple[Part, ...]:
    """Return the one part of a CSV file: where a row begins only reading from the start tells."""
    return (Part(0, None, ((0, ()),)),)


def csv_tables(register: Register, _part: Part, most: int) -> Iterator[pa.Table]:
    """Read a CSV file in tables of at most so many rows; see `intake.reading.batches`."""
    for table in _blocks(register):
        for start in range(0, table.num_rows, most):
            yield table.slice(start, most)


def _header(path: File, encoding: str) -> tuple[str, list[str]]:
    """Return the delimiter and the names of the columns.

    The delimiter is a tab for .tsv; else a comma, unless the header has none and has another one.
    """
    with Utf8(path, encoding) as stream:
        text = stream.read(LONGEST_HEADER).decode("utf-8", errors="ignore").removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line), "")
    if not first.strip():
        raise InputError(f"{str(path)!r} is empty: expected a header line with the names of the columns")
    known = DELIMITERS[1:2] if ".tsv" in [suffix.lower() for suffix in path.suffixes] else DELIMITERS
    delimiter = next((sign for sign in known if sign in first), known[0])
    try:
        names = next(row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)
    except csv.Error as fault:
        raise InputError(f"{str(path)!r} does not begin with the header of a CSV file: {fault}") from fault
    return delimiter, names


def _blocks(register: Register) -> Iterator[pa.Table]:
    """Read block by block, the lines that could not be read in their places."""
    broken: list[Any] = []
    row = 0
    with Utf8(register.files[0], register.encoding) as stream:
        try:
            for batch in _reader(register, stream, broken):
                table, used = _with_broken(register, batch, broken, row)
                del broken[:used]
                row += table.num_rows
                yield table
        except (pa.ArrowException, OSError) as fault:
            raise InputError(_unreadable(register, fault, row)) from fault
    if broken:
        yield _with_broken(register, None, broken, row)[0]


def _reader(register: Register, stream: Utf8, broken: list[Any]) -> pv.CSVStreamingReader:
    """Open a CSV file for reading in one thread, which is what gives broken lines their number."""

    def keep(line: Any) -> str:
        broken.append((line.number, line.expected_columns, line.actual_columns, line.text))
        return "skip"

    names = list(dict.fromkeys(name for _, name in register.columns))
    return pv.open_csv(
        stream,
        read_options=pv.ReadOptions(use_threads=False, block_size=BLOCK),
        parse_options=pv.ParseOptions(
            delimiter=register.delimiter, newlines_in_values=True, invalid_row_handler=keep
        ),
        convert_options=pv.ConvertOptions(
            include_columns=names, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _with_broken(
    register: Register, batch: pa.RecordBatch | None, broken: list[Any], row: int
) -> tuple[pa.Table, int]:
    """Put the lines that could not be read among the rows that could, each at its number.

    Returns
    -------
    tuple
        The table, and how many broken lines it took.
    """
    good = batch.num_rows if batch is not None else 0
    # The reader counts the header as row 1. Of n broken lines before it, so many good rows precede one:
    numbers = np.array([line[0] for line in broken], dtype=np.int64) - 2 - row
    preceding = numbers - np.arange(len(numbers))
    used = int(np.searchsorted(preceding, good, side="right")) if batch is not None else len(broken)
    nothing = pa.nulls(0, pa.string())
    table = pa.table(
        {role: nothing if batch is None else batch.column(name) for role, name in register.columns}
    )
    if not used:
        return table, 0
    return _interleaved(table, preceding[:used], broken[:used]), used


def _interleaved(table: pa.Table, preceding: NDArray[np.int64], broken: list[Any]) -> pa.Table:
    order = np.insert(np.arange(table.num_rows), preceding, -1)
    rows = table.take(pa.array(order, mask=order < 0))
    lines = np.full(len(order), None, dtype=object)
    faults = lines.copy()
    lines[order < 0] = [text[:KEPT_CHARACTERS] for *_, text in broken]
    faults[order < 0] = [_line_fault(*line) for line in broken]
    for name, texts in ((LINE, lines), (FAULT, faults)):
        rows = rows.append_column(name, pa.array(texts, pa.string()))
    return rows


def _line_fault(_: int, expected: int, actual: int, text: str) -> str:
    """Say what is wrong with a line that has not one value a column."""
    lines = text.count("\n") + 1
    values = f"{count(actual, 'value')} where the header names {count(expected, 'column')}"
    return values + (f", over {lines} lines: is a quotation mark not closed?" if lines > 1 else "")


def _unreadable(register: Register, fault: Exception, row: int) -> str:
    """Say that a file cannot be read on."""
    file = register.files[0]
    path = str(file)
    if "straddling" in str(fault):
        size = f"{BLOCK >> 20} MB"
        return f"{path!r}: a row after row {row} is longer than {size}: is a quotation mark not closed?"
    return f"{path!r} cannot be read after row {row}: {why(file, fault)}"
