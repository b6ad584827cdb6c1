"""What the README of a bundle says: what is inside, how to open it, what to beware of."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from data.product import PRODUCT
from layers.registry import credit, owed
from tables import rows
from tables.geojson import NO_GEOMETRY_WORDS
from words.filters import counted_words, filter_words
from words.links import restorable, view_link
from words.numbers import pounds
from words.provenance import caveat, credits_of, method_words
from words.sentence import figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edition.edition import Edition
    from edition.view import View
    from snapshots.bundle.file import File
    from tables.rows import Table

WIDTH = 100
# Addresses and commands there are to be copied whole.
RESTORING = "Restoring the view"
IN_QGIS = (
    "Drag geometry/map.gpkg into QGIS and choose the layers. They are in longitude and latitude (EPSG:4326), "
    "within 5 m of the British National Grid metres that the map is made in; QGIS lays them on any base map. "
    "The layer projects holds points at sites, and without geometry what has none; project_areas holds "
    "awards to whole areas, whose outlines leave out inlets and small islands. The GeoJSON files hold the "
    "same."
)
IN_EXCEL = (
    "Open tables/tables.xlsx: codes, ids and dates are text there and keep their zeros, and the sheet Read "
    "me says what each column is. A CSV file cannot tell text from numbers: do not open it by a double click "
    "where codes matter, but import it (Data, From Text/CSV; UTF-8, comma) with its columns as text. Text "
    "that a spreadsheet could run as a formula has an apostrophe before it in CSV files. Empty cells are not "
    "known, or nothing was found; they are not zero."
)
CHECKING = (
    "manifest.json lists every other file with its length and SHA-256, the sources with their licences, and "
    "the view. The same view of the same edition gives the same bytes again."
)


def about_files(edition: Edition, view: View, files: Sequence[File], head: str, lost: str = "") -> str:
    """Return the text of the README.

    Parameters
    ----------
    edition, view
        What is shown.
    files
        All others of the bundle but the manifest.
    head
        Title of the picture.
    lost
        What the link does not restore, why, and what does.
    """
    parts = [
        (PRODUCT, [head]),
        ("What it shows", _shown(edition, view)),
        ("What is inside", _inside(files)),
        ("In QGIS and other desktop GIS", [IN_QGIS] if _has(files, "geometry/") else []),
        ("In Excel and other spreadsheets", [IN_EXCEL] if _has(files, "tables/") else []),
        ("What to beware of", _beware(edition, files)),
        ("How the money adds up", [_money(edition, view)]),
        (RESTORING, _restoring(view, lost)),
        ("Checking the files", [CHECKING]),
        ("Sources", [_credit(edition, view, files), "Licences are in manifest.json."]),
    ]
    return "\n\n".join(_section(title, lines) for title, lines in parts if lines)


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join(
        [title, "-" * len(title), *(line if title == RESTORING else _wrapped(line) for line in lines)]
    )


def _wrapped(line: str) -> str:
    """Return a line wrapped, no word of it broken: addresses stay whole."""
    plain = " ".join(line.split())
    return textwrap.fill(plain, WIDTH, break_long_words=False, break_on_hyphens=False)


def _has(files: Iterable[File], folder: str) -> bool:
    return any(file.path.startswith(folder) for file in files)


def _shown(edition: Edition, view: View) -> list[str]:
    phrases = [*filter_words(edition, view), counted_words(view)]
    return [
        f"Edition: {edition.about.name}.",
        *(f"{phrase[0].upper()}{phrase[1:]}." for phrase in phrases),
        f"Firms: {caveat(edition)} {method_words(edition.about)}",
        f"Boundaries: {edition.boundaries}.",
    ]


def _inside(files: Iterable[File]) -> list[str]:
    return [f"{file.path}: {file.what}" for file in files]


def _held(files: Iterable[File]) -> list[Table]:
    """Return the tables that are inside."""
    folder, known = "tables/", rows.TABLES
    paths = [file.path.removeprefix(folder) for file in files if file.path.startswith(folder)]
    return [known[name] for name in dict.fromkeys(path.partition(".")[0] for path in paths) if name in known]


def _beware(edition: Edition, files: Iterable[File]) -> list[str]:
    said = [f"{table.label}: {table.caveat_of(edition)}" for table in _held(files)]
    return [*said, NO_GEOMETRY_WORDS] if said else []


def _credit(edition: Edition, view: View, files: Iterable[File]) -> str:
    """Return the attribution that the layers owe, and what the tables owe beside."""
    of_layers = owed(view)
    of_tables = dict.fromkeys(source for table in _held(files) for source in table.sources_of(edition))
    beside = [source for source in of_tables if source not in of_layers]
    return " ".join([credit(view, own=edition.about.own), *credits_of(edition, beside)])


def _money(edition: Edition, view: View) -> str:
    sums = figures(edition, view)
    return (
        f"Awarded £{sums.awards:,.2f} = placed £{sums.placed:,.2f} + not placed £{sums.not_placed:,.2f} "
        f"(about {pounds(sums.awards)}). The line Not placed of the table of regions holds what no region "
        "has."
    )


def _restoring(view: View, lost: str) -> list[str]:
    return [
        f"Link: {view_link(view)}",
        "A link that begins with a question mark goes after the address of the map.",
        f'Command: python cli.py snapshot --view "{restorable(view).url()}" --out map.zip',
        *([_wrapped(lost)] if lost else []),
    ]
