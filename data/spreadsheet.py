"""Cells that are safe to open: tables as CSV and as workbooks, where no text is ever run as a formula."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A cell that begins with one of these could be run as a formula by a spreadsheet; the last four are = + - @
# as wide letters, which some read alike.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# The same as a regular expression of RE2, apostrophes before it included: one apostrophe more can be taken
# off again without loss.
FORMULA_RUN = "'*[" + "".join(f"\\x{{{ord(start):x}}}" for start in FORMULA_STARTS) + "]"
# What a cell of a workbook holds at most.
LONGEST_CELL = 32_767
# Characters: no column is narrower, and wider ones wrap.
NARROWEST, WIDEST = 8, 60
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
# How a number of a unit is shown; the cell holds all its digits.
NUMBER_FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "£": "£#,##0",
        "£ per person": "£#,##0.00",
        "share": "0.0%",
        "per 10,000 residents": "0.00",
        "residents per km²": "#,##0",
        "LQ": "0.00",
        "year": "0",
    }
)
COUNT_FORMAT = "#,##0"


def number_format(unit: str) -> str:
    """Return how a spreadsheet shows numbers of a unit; a count where the unit is none of the known.

    Examples
    --------
    >>> number_format("share"), number_format("firms")
    ('0.0%', '#,##0')
    """
    return NUMBER_FORMATS.get(unit, COUNT_FORMAT)


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

    Examples
    --------
    >>> harmless("=1+1"), harmless("E08000003"), harmless(-1)
    ("'=1+1", 'E08000003', -1)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV that is safe to open.

    UTF-8 with a mark for Excel, lines that end as RFC 4180 asks, no cell or heading that starts a formula.
    Codes are text and keep their zeros; missing values are empty.
    """
    safe = frame.apply(lambda column: column if column.dtype.kind in "fiub" else column.map(harmless))
    safe = safe.set_axis([harmless(name) for name in frame.columns], axis="columns")
    text: str = safe.to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def as_xlsx(sheets: Mapping[str, Sheet]) -> bytes:
    r"""Return tables as a workbook; the same tables give the same bytes.

    Text is written as text, numbers as numbers: nothing becomes a formula or a link. The heading of each
    sheet is bold and stays in sight.

    Parameters
    ----------
    sheets
        By name, as their tabs show it: up to 31 characters, none of ``[]:*?/\``.
    """
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, dict(OPTIONS)) as book:
        book.set_properties({"created": WRITTEN_ON})
        formats = _Formats(book)
        for name, sheet in sheets.items():
            _write(book.add_worksheet(name), sheet, formats)
    return target.getvalue()


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
            return self.quoted if value.startswith(FORMULA_STARTS) else self.text
        if words not in self.numbers:
            self.numbers[words] = self.book.add_format({"num_format": words, "valign": "top"})
        return self.numbers[words]


def _write(page: Any, sheet: Sheet, formats: _Formats) -> None:
    page.freeze_panes(1, 0)
    for place, name in enumerate(sheet.rows.columns):
        page.write_string(0, place, str(name)[:LONGEST_CELL], formats.head)
        column = sheet.rows.iloc[:, place]
        page.set_column(place, place, _width(str(name), column))
        shown = sheet.formats.get(name, "General")
        by_row = [shown] * len(column) if isinstance(shown, str) else shown
        for row, (value, words) in enumerate(zip(column.tolist(), by_row, strict=True), start=1):
            _cell(page, row, place, value, formats.of(value, words))


def _cell(page: Any, row: int, place: int, value: Any, look: Any) -> None:
    if isinstance(value, str):
        page.write_string(row, place, value[:LONGEST_CELL], look)
    elif isinstance(value, bool):
        page.write_boolean(row, place, value, look)
    elif value is not None and pd.notna(value) and abs(value) != float("inf"):
        page.write_number(row, place, value, look)


def _width(name: str, column: pd.Series) -> int:
    longest = max((len(str(value)) for value in column.head(MEASURED_ROWS)), default=0)
    return min(max(NARROWEST, len(name) // 2, longest + 1), WIDEST)
