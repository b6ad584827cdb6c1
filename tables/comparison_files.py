"""A comparison to take away: as a document, as data for programs; and what such a file is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd

from data.errors import InputError
from data.formats import by_ending
from data.sources import in_order
from data.spreadsheet import Sheet
from data.units import unit_of
from edition.view import View
from tables import documents
from tables.comparison_cells import (
    BREAKDOWN_TITLES,
    cells,
    filters_in_words,
    identity,
    long,
    names,
    source_titles,
    tables,
    wide,
)
from tables.comparison_summary import summary
from tables.file_names import MOST_LETTERS, MOST_OF_EDITION, MOST_OF_PLACE, PREFIX, sectors_named, slug
from words.links import unlinked, view_link
from words.numbers import finite, pounds
from words.provenance import caveat, licensed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from data.formats import Format
    from regions.comparison import Comparison
    from regions.measures import Measure
    from regions.place import Place

__all__ = ["as_json", "file_name", "form_for", "long", "names", "summary", "tables", "wide", "written"]

# Places that the name of a file has room for.
MOST_NAMED = 3
WHOLE = "comparison"
MONEY = {"public_gbp": unit_of("£").workbook, "private_gbp": unit_of("£").workbook}
RATIOS = dict.fromkeys(("lq", "lq_low", "lq_high", "expected"), unit_of("LQ").workbook)
SHARES = dict.fromkeys(("share", "uk_share"), unit_of("share").workbook)
# The tables behind the figures: their names in a workbook.
SHEETS = {
    **BREAKDOWN_TITLES,
    "specialisation": "Specialisation",
    "clusters": "Clusters",
    "assets": "Assets",
}
# The row of a workbook that says what its columns are.
WHO = "Level and code"
NUMBERS = ("value", "low", "high", "uk_value", "nation_value", "parent_value")
# What is not said of every row, since the whole table says it.
SPECIALISATION_NOTE = (
    "LQ: firms of the sector or technology as a share of the place's firms, divided by the same share of the "
    "United Kingdom, with its exact interval. small: too few firms to rank."
)
OVERLAPPING = "Places that share ground hold some of the same money; their figures are never added up."


@dataclass(frozen=True, eq=False)
class Compared:
    """A comparison as a document.

    Attributes
    ----------
    comparison, view
        What is shown, and what is said of filters.
    """

    comparison: Comparison
    view: View | None = None

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the figures, a row for each measure of each place (see `long`)."""
        yield long(self.comparison, self.view)

    def sheets(self) -> dict[str, Sheet]:
        """Return the sheets of a workbook.

        Compare (in words), Figures (in numbers), Money by programme, by sector and by year, Specialisation,
        Clusters, Assets, and Read me: the places, how their money adds up, filters, definitions, sources and
        licences.
        """
        comparison = self.comparison
        figures = long(comparison, self.view)
        formats = [unit_of(unit).workbook for unit in figures["unit"]]
        behind = tables(comparison)
        return {
            "Compare": Sheet(_to_read(comparison)),
            "Figures": Sheet(figures, dict.fromkeys(NUMBERS, formats)),
            **{title: Sheet(behind[name], {**MONEY, **RATIOS, **SHARES}) for name, title in SHEETS.items()},
            "Read me": Sheet(read_me(comparison, self.view)),
        }

    def features(self) -> dict[str, Any]:
        """Refuse: figures lie nowhere.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError("the figures of a comparison have no place on a map: take them in another format")


def form_for(out: Path) -> Format:
    """Return the format that the name of a file says.

    Raises
    ------
    InputError
        If it says none, or its folder is not there.
    """
    endings = by_ending("tables")
    form = endings.get(out.suffix.lower())
    if form is None:
        raise InputError(f"{str(out)!r} ends in none of {', '.join(endings)}, which can be written")
    if not out.resolve().parent.is_dir():
        raise InputError(f"{str(out.parent)!r} is no folder to write {out.name!r} into")
    return form


def written(comparison: Comparison, view: View | None, form: Format) -> bytes:
    """Return a comparison in a format of tables; the same comparison and view give the same bytes."""
    if form.paged:
        # A comparison is one page.
        return orjson.dumps(as_json(comparison, view), option=orjson.OPT_INDENT_2)
    return documents.written(Compared(comparison, view), form)


def _to_read(comparison: Comparison) -> pd.DataFrame:
    """Return the comparison in words, its first row saying what each column is: level, code, held against."""
    called = names(comparison)
    first = {
        "group": "The place",
        "measure": WHO,
        "unit": "",
        **{called[place.ref]: _who_in_short(comparison, place) for place in comparison.all},
        "definition": "Places are compared with one another; what they are held against is not marked.",
    }
    return pd.concat([pd.DataFrame([first]), wide(comparison)], ignore_index=True)


def _who_in_short(comparison: Comparison, place: Place) -> str:
    held = "" if place in comparison.places else "held against"
    return " · ".join(filter(None, [held, place.kind, place.code]))


def read_me(comparison: Comparison, view: View | None = None) -> pd.DataFrame:
    """Return all that a reader of the figures has to know: about, what."""
    rows = [
        ("Title", "Places compared: Innovation Clusters Map"),
        *(("Summary", text) for text in summary(comparison)),
        *_who(comparison),
        *_adding_up(comparison),
        *((name.capitalize(), text) for name, text in filters_in_words(comparison, view).items()),
        ("Firms", caveat(comparison.edition)),
        *((measure.label, _defined(comparison, measure)) for measure in comparison.measures),
        ("Specialisation", SPECIALISATION_NOTE),
        *_owed(comparison),
        ("This comparison", _where(link(comparison, view))),
        ("Its link", unlinked(comparison.places)),
    ]
    return pd.DataFrame([row for row in rows if row[1]], columns=["about", "what"])


def _who(comparison: Comparison) -> list[tuple[str, str]]:
    rows = []
    for place in comparison.all:
        who = identity(comparison, place)
        people = f"{place.population:,} residents ({place.population_year})"
        facts = [who["level"], who["code"] or place.ref, people, f"{place.area_km2:,.0f} km²", place.note]
        rows.append((who["role"].capitalize(), f"{place.name}: {'; '.join(filter(None, facts))}"))
    return rows


def _adding_up(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the line that reconciles the places with all awards, or why there is none."""
    sums = comparison.sums
    if sums is None:
        return [*(("Overlap", words) for words in comparison.overlaps), ("Overlap", OVERLAPPING)]
    parts = {"places": sums.places, "elsewhere": sums.elsewhere, "not placed": sums.not_placed}
    added = " + ".join(f"{name} £{value:,.2f}" for name, value in parts.items())
    return [("Public money adds up", f"{added} = awards £{sums.awards:,.2f}")]


def _defined(comparison: Comparison, measure: Measure) -> str:
    titles = "; ".join(source_titles(comparison, measure))
    return f"{measure.definition} Unit: {measure.unit}. Source: {titles}."


def _owed(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the attribution and licence of every source that a measure rests on."""
    used = in_order(source for measure in comparison.measures for source in measure.sources)
    return [("Source", f"{licensed(comparison.edition, one)} {one.url}".strip()) for one in used]


def link(comparison: Comparison, view: View | None = None) -> str:
    """Return the address of the comparison, whatever places the view names (see `words.links`)."""
    asked = view or View.model_validate(comparison.filters.plain().model_dump())
    same = asked.model_copy(update={"place": tuple(place.ref for place in comparison.places)})
    return view_link(same, "/compare")


def _where(address: str) -> str:
    """Say of an address without a host that the map's goes before it."""
    return f"{address} (after the address of the map's own host)" if address.startswith("/") else address


def as_json(comparison: Comparison, view: View | None = None) -> dict[str, Any]:
    """Return a comparison as plain data: text, numbers, lists and mappings; what is not known is None."""
    sums = comparison.sums
    return {
        **filters_in_words(comparison, view),
        "link": link(comparison, view),
        "places": [_place(comparison, place.ref) for place in comparison.places],
        "against": [_place(comparison, place.ref) for place in comparison.against],
        "summary": summary(comparison),
        "measures": [_measure(comparison, measure) for measure in comparison.measures],
        **{name: _records(table) for name, table in tables(comparison).items()},
        "overlaps": comparison.overlaps,
        "sums": None
        if sums is None
        else {
            "places_gbp": sums.places,
            "elsewhere_gbp": sums.elsewhere,
            "not_placed_gbp": sums.not_placed,
            "awards_gbp": sums.awards,
        },
        "sources": [text for _, text in _owed(comparison)],
    }


def _place(comparison: Comparison, ref: str) -> dict[str, Any]:
    place = next(one for one in comparison.all if one.ref == ref)
    return {
        **identity(comparison, place),
        "name_shown": names(comparison)[ref],
        "population": place.population,
        "population_year": place.population_year,
        "area_km2": round(place.area_km2, 3),
        "note": place.note,
    }


def _measure(comparison: Comparison, measure: Measure) -> dict[str, Any]:
    figures = cells(comparison)
    return {
        "id": measure.id,
        "label": measure.label,
        "group": measure.group.heading,
        "unit": measure.unit,
        "definition": measure.definition,
        "sources": source_titles(comparison, measure),
        "values": [
            {
                "ref": place.ref,
                "value": figure.value,
                "low": figure.low,
                "high": figure.high,
                "words": figure.words,
                "mark": figure.mark,
                "rests_on": figure.rests_on,
                "few": figure.few,
            }
            for place in comparison.all
            for figure in [figures[measure.id, place.ref]]
        ],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as mappings of plain values."""
    columns = {str(name): [_plain(value) for value in table[name].tolist()] for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, (str, bool)):
        return value
    return value if finite(value) else None


def file_name(comparison: Comparison, ending: str, what: str = WHOLE) -> str:
    """Return a name that says what is inside: places, what of them, sectors that are asked for, edition.

    Parameters
    ----------
    ending
        Such as ``csv``.
    what
        Id of a chart or measure, or another word for what of the comparison it is; by default all of it.

    Returns
    -------
    str
        Such as ``innovation-clusters-leeds-cardiff-funding-by-sector-sample-2026-11.png``; at most
        `MOST_LETTERS` letters. As many places are named as there is room for, the rest are counted.
    """
    edition = comparison.edition
    last = slug(edition.about.name, MOST_OF_EDITION)
    room = MOST_LETTERS - len(f"{PREFIX}-{what}-{last}") - len(ending) - 3
    places = _places_named([place.name for place in comparison.places], room)
    sectors = sectors_named(edition, comparison.filters, room - len(places) - 1)
    return "-".join(filter(None, [PREFIX, places, what, sectors, last])) + f".{ending}"


def _places_named(called: Sequence[str], room: int) -> str:
    """Name the first places, as many as there is room for, and count the others."""
    parts = [slug(name, MOST_OF_PLACE) or "place" for name in called]
    for shown in range(min(len(parts), MOST_NAMED), 0, -1):
        rest = len(parts) - shown
        words = "-".join([*parts[:shown], *([f"and-{rest}-more"] if rest else [])])
        if len(words) <= room:
            return words
    return f"{len(parts)}-places"


def reconciling_line(comparison: Comparison) -> str:
    """Return how the public money of the places adds up, in words; why it is not added where they overlap."""
    sums = comparison.sums
    if sums is None:
        return OVERLAPPING
    return (
        f"These places {pounds(sums.places)} + elsewhere {pounds(sums.elsewhere)} + not placed "
        f"{pounds(sums.not_placed)} = all awards {pounds(sums.awards)}"
    )
