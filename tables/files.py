"""Tables to take away: as CSV, as a workbook, as GeoJSON; each says what it is, of when and whose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.errors import InputError
from data.formats import FORMATS
from data.sources import in_order
from data.spreadsheet import Sheet
from tables import documents
from tables.columns import columns, formats
from tables.geojson import feature_collection
from tables.rows import TABLES, Table
from words.filters import counted_words, filter_words
from words.links import AS_IT_OPENS, link_words
from words.provenance import caveat, credits_of, licensed
from words.sentence import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from data.formats import Format
    from edition.edition import Edition
    from edition.view import View

__all__ = [
    "READ_ME",
    "TABLES",
    "Shown",
    "Table",
    "as_csv",
    "as_geojson",
    "as_xlsx",
    "file_name",
    "in_a_file_name",
    "parts",
    "read_me",
    "refuse_too_many",
]

# Characters of a label in the name of a file, labels of each kind, and characters of all.
LONGEST_PART, MOST_LABELS, LONGEST_NAME = 40, 3, 150
# Rows of a table that each carry the filters, the sources and the caveats; of a larger one, its first row.
MOST_SAID = 10_000
# Rows that a workbook takes: more need minutes and gigabytes.
MOST_IN_WORKBOOK = 200_000
READ_ME = "Read me"
# Tables whose rows depend on the level of the regions.
BY_LEVEL = ("regions", "concentration")
# What a reader of a spreadsheet has to know of cells.
ABOUT_CELLS = (
    "Codes, ids and dates are text and keep their zeros here. A CSV file cannot tell text from numbers: a "
    "spreadsheet that opens one by a double click turns 0012 into 12 and 2018-12 into a date, so import it "
    "(Data, From Text/CSV) with its columns as text, or take this workbook. Text that could be run as a "
    "formula has an apostrophe before it in CSV files, and is marked as text in workbooks. Empty cells "
    "are not known, or nothing was found; they are not zero."
)


@dataclass(frozen=True, eq=False)
class Shown:
    """Tables of a view, as a document: several together as sheets of one workbook, else one alone.

    Attributes
    ----------
    edition, view
        What is shown.
    tables
        Which.
    """

    edition: Edition
    view: View
    tables: Sequence[Table]

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the rows with their filters, sources and caveats in the last columns.

        In each row, or in the first where there are more than `MOST_SAID`.
        """
        [table] = self.tables
        edition, view = self.edition, self.view
        said = {
            "filters": "; ".join([*filter_words(edition, view), counted_words(view)]),
            "attribution_and_caveats": " ".join(
                [table.caveat_of(edition), *credits_of(edition, table.sources_of(edition))]
            ).strip(),
        }
        whole = table.pieces is None or table.size(edition, view) <= MOST_SAID
        unsaid = True
        for rows in table.in_pieces(edition, view):
            if whole and len(rows) <= MOST_SAID:
                yield rows.assign(**said)
            else:
                once = {name: _once(text if unsaid else "", rows.index) for name, text in said.items()}
                yield rows.assign(**once)
                unsaid = unsaid and rows.empty

    def sheets(self) -> dict[str, Sheet]:
        """Return a sheet for each table, numbers as their units are shown; and one that says what they are.

        Read me: title, filters, what the columns hold, sources, licences, what to beware of, the link.
        """
        rows = {table: table.rows(self.edition, self.view) for table in self.tables}
        found = {table.label: Sheet(part, formats(table.id, part.columns)) for table, part in rows.items()}
        return {**found, READ_ME: Sheet(read_me(self.edition, self.tables, self.view))}

    def features(self) -> dict[str, Any]:
        """Return the rows with their places (see `tables.geojson.feature_collection`)."""
        [table] = self.tables
        return feature_collection(self.edition, table.id, self.view)


def _once(text: str, index: pd.Index) -> pd.Series:
    """Return a column whose first row alone holds the text."""
    return pd.Series([text, *[""] * (len(index) - 1)][: len(index)], index=index, dtype="str")


def parts(edition: Edition, table: Table, view: View, form: Format) -> Iterator[bytes]:
    """Yield a table in a format, piece by piece: of millions of rows, not all are ever held at once.

    Raises
    ------
    InputError
        If the format takes at most `MOST_IN_WORKBOOK` rows and there are more, or it needs places and the
        table has none.
    """
    if not form.in_pieces:
        refuse_too_many(edition, table, view, form.in_words)
    return documents.parts(Shown(edition, view, [table]), form)


def as_csv(edition: Edition, table: Table, view: View) -> bytes:
    """Return a table as CSV that is safe to open: UTF-8 with a mark for Excel, no cell starts a formula."""
    return b"".join(parts(edition, table, view, FORMATS["csv"]))


def as_xlsx(edition: Edition, table: Table, view: View) -> bytes:
    """Return a table as a workbook; the same edition and view give the same bytes."""
    return b"".join(parts(edition, table, view, FORMATS["xlsx"]))


def as_geojson(edition: Edition, table: Table, view: View) -> bytes:
    """Return a table as GeoJSON."""
    return b"".join(parts(edition, table, view, FORMATS["geojson"]))


def refuse_too_many(edition: Edition, table: Table, view: View, what: str) -> None:
    """Refuse a table that is too long for a file of this kind.

    Raises
    ------
    InputError
        If there are more than `MOST_IN_WORKBOOK` rows.
    """
    if table.pieces is not None and (rows := table.size(edition, view)) > MOST_IN_WORKBOOK:
        raise InputError(
            f"{table.label}: {rows:,} rows are too many for {what}, which takes {MOST_IN_WORKBOOK:,}. Take "
            "the CSV file of the table, which has no limit, or choose sectors or technologies"
        )


def read_me(edition: Edition, tables: Sequence[Table], view: View) -> pd.DataFrame:
    """Return all that a reader of tables has to know: about, what."""
    rows = [
        ("Title", sentence(edition, view)),
        ("Edition", edition.about.name),
        *(("Filter", f"{phrase[0].upper()}{phrase[1:]}") for phrase in filter_words(edition, view)),
        ("Money", f"{counted_words(view)}."),
        ("Whose firms", caveat(edition)),
        ("Boundaries", edition.boundaries),
        ("Link", f"{link_words(view)} restores the view" if view.url() else AS_IT_OPENS),
        ("Cells", ABOUT_CELLS),
    ]
    for table in tables:
        rows.append((table.label, table.caveat_of(edition)))
        found = columns(table.id, table.page(edition, view, 0, 0)[0].columns)
        rows += [(f"{table.label}: {one.name}", one.words) for one in found]
    rows += sources_owed(edition, {source for table in tables for source in table.sources_of(edition)})
    return pd.DataFrame(rows, columns=["about", "what"])


def sources_owed(edition: Edition, ids: Iterable[str]) -> list[tuple[str, str]]:
    """Return the attribution, licence and caveat of each source, in the order of the list of all."""
    return [
        ("Source", " ".join([licensed(edition, source), source.url, source.caveat]).strip())
        for source in in_order(ids)
    ]


def file_name(edition: Edition, table: Table, view: View, ending: str = "csv") -> str:
    """Return a name that says what is inside: table, level, filters, edition.

    Parameters
    ----------
    ending
        Such as ``csv``.
    """
    labels = [_some(names) for names in (view.sector, view.technology, view.programme, view.type)]
    parts = [
        *("innovation", table.id, view.level if table.id in BY_LEVEL else ""),
        *labels,
        "" if view.every_year else f"{view.year_from}-{view.year_to}",
        "by-lead" if view.placed == "lead" else "",
    ]
    said = "-".join(part for part in parts if part)[:LONGEST_NAME].strip("-")
    return f"{said}-{in_a_file_name(edition.about.name)}.{ending.lstrip('.')}"


def _some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    rest = len(names) - MOST_LABELS
    return "-".join([*map(in_a_file_name, names[:MOST_LABELS]), *([f"and-{rest}-more"] if rest > 0 else [])])


def in_a_file_name(label: str) -> str:
    """Return a label as a name of a file can have it, on any system and in any header.

    Examples
    --------
    >>> in_a_file_name("life-sciences"), in_a_file_name('SIC 24 "x"/..')
    ('life-sciences', 'SIC-24-x')
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", label)[:LONGEST_PART].strip("-") or "label"
