"""Cells that are safe to open: tables as CSV and as workbooks, where no text is ever run as a formula."""

from __future__ import annotations

import io
import math
import re
import textwrap
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter  # type: ignore[import-untyped]

from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# A cell that begins with one of these could be run as a formula by a spreadsheet; the last eight are = + - @
# as wide and as small letters, which some read alike.
FORMULA_STARTS = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    *("\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b"),
)
# Where a new cell begins for a spreadsheet that takes semicolons or tabs, not commas, to part cells, as those
# of many countries do: it sees neither our commas nor the quotation marks after them.
BREAKS = r";\t\r\n"
# What spreadsheets skip or drop before a formula: blanks, control characters, marks without a width; and
# quotation marks and apostrophes, so that one apostrophe more can be taken off again without loss.
_SKIPPED = (
    r"[\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad'\"" + "\u1680\u180e\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\ufeff]*"
)
_SIGNS = "".join(start for start in FORMULA_STARTS if start not in "\t\r\n")
# The same patterns for Python and for RE2: at the start of a cell, and where one could start inside of it.
AT_START = f"({_SKIPPED}[\\-{_SIGNS.replace('-', '')}\\t\\r\\n])"
INSIDE = f"({_SKIPPED}[\\-{_SIGNS.replace('-', '')}])"
_AT_START, _INSIDE = re.compile(f"^{AT_START}"), re.compile(f"([{BREAKS}]){INSIDE}")
_WAS_AT_START, _WAS_INSIDE = re.compile(f"^'{AT_START}"), re.compile(f"([{BREAKS}])'{INSIDE}")
# Halves of characters, which no file can hold.
_HALVES = re.compile("[\ud800-\udfff]")
# What the library that writes workbooks would take for XML of its own.
_MARKUP = ("<r>", "</r>")
# What a cell of a workbook holds at most (in units of UTF-16), and a sheet: rows with the heading, columns.
LONGEST_CELL = 32_767
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
# Characters: no column is narrower, and wider ones wrap.
NARROWEST, WIDEST = 8, 60
# Points: of a line, and what a row has at most.
LINE, HIGHEST = 15.0, 409.0
# The paper that a sheet is printed on, by the number of its format; how many characters across are legible.
A4 = 9
LEGIBLE = 260
# Rows that the width of a column is measured by.
MEASURED_ROWS = 300
# The date that workbooks bear: that of the day would make each differ from the last.
WRITTEN_ON = datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no time zones
OPTIONS = MappingProxyType(
    {
        "in_memory": True,
        "constant_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of a workbook.

    Attributes
    ----------
    rows
        Its table; missing values stay empty.
    formats
        By column: the format of its numbers, or one for each row.
    """

    rows: pd.DataFrame
    formats: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


def harmless(cell: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run.

    It goes before the cell, and before what follows a line end, a tab or a semicolon within it, where another
    spreadsheet would see a new cell begin. `bare` takes it off again.

    Examples
    --------
    >>> harmless("=1+1"), harmless("E08000003"), harmless(-1), harmless("a; =1+1")
    ("'=1+1", 'E08000003', -1, "a;' =1+1")
    """
    if not isinstance(cell, str):
        return cell
    return _AT_START.sub(r"'\1", _INSIDE.sub(r"\1'\2", cell))


def bare(text: str) -> str:
    """Take off the apostrophes that `harmless` put: what comes back is what was given.

    Examples
    --------
    >>> bare(harmless("=1+1")), bare("'tis")
    ('=1+1', "'tis")
    """
    return _WAS_INSIDE.sub(r"\1\2", _WAS_AT_START.sub(r"\1", text))


def harmless_texts(texts: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return a column of text with every cell as `harmless` has it, for millions of rows."""
    inside = pc.replace_substring_regex(texts, pattern=f"([{BREAKS}]){INSIDE}", replacement=r"\1'\2")
    return pc.replace_substring_regex(inside, pattern=f"^{AT_START}", replacement=r"'\1")


def bare_texts(texts: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return a column of text with every cell as `bare` has it."""
    start = pc.replace_substring_regex(texts, pattern=f"^'{AT_START}", replacement=r"\1")
    return pc.replace_substring_regex(start, pattern=f"([{BREAKS}])'{INSIDE}", replacement=r"\1\2")


def _harmless_column(column: pd.Series) -> pd.Series:
    if column.dtype.kind in "fiub":
        return column
    # Of millions of names few or none can run: they are found at once, not one by one.
    if isinstance(column.dtype, pd.StringDtype):
        texts = pa.array(column, type=pa.large_string(), from_pandas=True)
        runs = pc.match_substring_regex(texts, pattern=f"(^|[{BREAKS}]){INSIDE}|^{AT_START}")
        if not pc.any(runs).as_py():
            return column
    return pd.Series([harmless(cell) for cell in column], index=column.index, dtype=object)


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV that is safe to open.

    UTF-8 with a mark for Excel, lines that end as RFC 4180 asks, no cell or heading that starts a formula.
    Codes are text and keep their zeros; missing values are empty. (A spreadsheet that opens the file by a
    double click still takes 0012 for a number: the file has no way to tell it.)
    """
    return b"".join(csv_parts([frame]))


def csv_parts(frames: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """Yield a table that comes piece by piece as `as_csv` writes it; the first piece has the heading.

    Parameters
    ----------
    frames
        At least one, all with the same columns.
    """
    for number, frame in enumerate(frames):
        safe = frame.apply(_harmless_column) if len(frame) else frame
        safe = safe.set_axis([harmless(name) for name in frame.columns], axis="columns")
        text: str = safe.to_csv(index=False, lineterminator="\r\n", header=not number)
        yield text.encode("utf-8" if number else "utf-8-sig", errors="replace")


def as_xlsx(sheets: Mapping[str, Sheet]) -> bytes:
    r"""Return tables as a workbook; the same tables give the same bytes.

    Text is written as text, numbers as numbers: nothing becomes a formula or a link. The heading of each
    sheet is bold and stays in sight.

    Parameters
    ----------
    sheets
        By name, as their tabs show it: up to 31 characters, none of ``[]:*?/\``.

    Raises
    ------
    InputError
        If a table is larger than a sheet can be: nothing is left out in silence.
    """
    for name, sheet in sheets.items():
        _fits(name, sheet.rows)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, dict(OPTIONS)) as book:
        book.set_properties({"created": WRITTEN_ON})
        formats = _Formats(book)
        for name, sheet in sheets.items():
            _write(book.add_worksheet(name), sheet, formats)
    return target.getvalue()


def _fits(name: str, rows: pd.DataFrame) -> None:
    """Refuse a table that a sheet cannot hold."""
    if len(rows) + 1 > MOST_ROWS:
        raise InputError(
            f"{name} has {len(rows):,} rows: a sheet of a workbook holds {MOST_ROWS - 1:,} below its "
            "heading. Take the CSV file, or fewer rows"
        )
    if len(rows.columns) > MOST_COLUMNS:
        raise InputError(
            f"{name} has {len(rows.columns):,} columns: a sheet of a workbook holds {MOST_COLUMNS:,}. "
            "Take the CSV file, or fewer columns"
        )


def fitting(text: str) -> str:
    """Return text as a cell of a workbook can hold it: what is cut says so, and how long it was.

    Half characters become the sign for what cannot be shown. Text that the file would take for markup of its
    own gets an apostrophe.
    """
    whole = _HALVES.sub("\ufffd", text)
    if whole.startswith(_MARKUP[0]) and whole.endswith(_MARKUP[1]):
        whole = f"'{whole}"
    if len(whole) <= LONGEST_CELL // 2 or _units(whole) <= LONGEST_CELL:
        return whole
    mark = f" … [cut here: {len(text):,} characters]"
    room = whole.encode("utf-16-le")[: 2 * (LONGEST_CELL - len(mark))]
    return room.decode("utf-16-le", errors="ignore") + mark


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        # What starts a formula stays text when someone edits the cell.
        self.quoted = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.numbers: dict[str, Any] = {}

    def of(self, value: Any, words: str) -> Any:
        """Return the format of a value, as words say how numbers are shown."""
        if isinstance(value, str):
            return self.quoted if _AT_START.match(value) else self.text
        if words not in self.numbers:
            self.numbers[words] = self.book.add_format({"num_format": words, "valign": "top"})
        return self.numbers[words]


def _write(page: Any, sheet: Sheet, formats: _Formats) -> None:
    page.freeze_panes(1, 0)
    widths = [_width(str(name), column) for name, column in sheet.rows.items()]
    _paper(page, sum(widths))
    for row, lines in enumerate(_lines(sheet.rows, widths)):
        if lines > 1:
            page.set_row(row, min(lines * LINE, HIGHEST))
    for place, name in enumerate(sheet.rows.columns):
        page.write_string(0, place, fitting(str(name)), formats.head)
        column = sheet.rows.iloc[:, place]
        page.set_column(place, place, widths[place])
        shown = sheet.formats.get(name, "General")
        by_row = [shown] * len(column) if isinstance(shown, str) else shown
        for row, (value, words) in enumerate(zip(column.tolist(), by_row, strict=True), start=1):
            _cell(page, row, place, value, formats.of(value, words))


def _lines(rows: pd.DataFrame, widths: Sequence[int]) -> list[int]:
    """Return how many lines the heading and each row take: not every program finds that out by itself."""
    most = np.ones(len(rows), dtype=int)
    heading = 1
    for (name, column), wide in zip(rows.items(), widths, strict=True):
        heading = max(heading, len(textwrap.wrap(str(name), wide - 1)))
        # What is a number stands on one line.
        if column.dtype.kind not in "fiub":
            found = [_lines_of(cell, wide) if isinstance(cell, str) else 1 for cell in column.tolist()]
            most = np.maximum(most, found) if found else most
    return [heading, *most.tolist()]


def _lines_of(text: str, wide: int) -> int:
    # Words do not fill their lines: an eighth is lost.
    return (
        1
        if len(text) < wide and "\n" not in text
        else sum(max(1, math.ceil(len(line) * 1.125 / wide)) for line in text.split("\n"))
    )


def _paper(page: Any, wide: int) -> None:
    """Set a sheet for print: lying, its heading on each page, as wide as a page where that is legible."""
    page.set_landscape()
    page.set_paper(A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&L&A&RPage &P of &N")
    page.repeat_rows(0)
    if wide <= LEGIBLE:
        page.fit_to_pages(1, 0)


def _cell(page: Any, row: int, place: int, value: Any, look: Any) -> None:
    if isinstance(value, str):
        page.write_string(row, place, fitting(value), look)
    elif isinstance(value, bool):
        page.write_boolean(row, place, value, look)
    elif value is not None and pd.notna(value) and abs(value) != float("inf"):
        page.write_number(row, place, value, look)


def _width(name: str, column: pd.Series) -> int:
    longest = max((len(str(value)) for value in column.head(MEASURED_ROWS)), default=0)
    # A heading breaks at blanks only, and some programs show one line of it: its longest word stands whole.
    heading = max(map(len, name.split()), default=0) + 2
    return min(max(NARROWEST, heading, len(name) // 2, longest + 1), WIDEST)
