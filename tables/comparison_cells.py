"""Places side by side as tables: in words for reading, in numbers for reckoning."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.sources import named
from edition.view import View
from regions.comparison import BREAKDOWNS
from regions.places import places
from words.filters import counted_words, filter_words
from words.numbers import count, finite, quotient, said
from words.provenance import own_firms

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from regions.comparison import Comparison
    from regions.measures import Measure
    from regions.place import Place

NONE_FOUND = "none found"
NO_FIRM = "no firm"
HIGHEST, LOWEST = "▲ highest", "▼ lowest"
PLACE, COMPARATOR = "place", "comparator"
# Titles of the tables of a comparison, by name.
BREAKDOWN_TITLES = {name: f"Money by {name}" for name in BREAKDOWNS}
LQ_COLUMNS = {"lq": "lq", "low": "lq_low", "high": "lq_high"}
CLUSTER_COLUMNS = ["cluster_id", "name", "type", "firms", "expected", "lq", "lq_low", "lq_high", "edition"]


def names(comparison: Comparison) -> dict[str, str]:
    """Return a name for each place and comparator, by ref, no two alike.

    Names that several share get what tells them apart: the level, else the code or a number.
    """
    given = {place.ref: place.name for place in comparison.all}
    for tell in (_kind, _code):
        shared = Counter(given.values())
        given = {place.ref: _told_apart(given[place.ref], tell(place), shared) for place in comparison.all}
    seen: Counter[str] = Counter()
    for ref, name in given.items():
        seen[name] += 1
        given[ref] = f"{name} ({seen[name]})" if seen[name] > 1 else name
    return given


def _kind(place: Place) -> str:
    return place.kind


def _code(place: Place) -> str:
    return place.code


def _told_apart(name: str, what: str, shared: Counter[str]) -> str:
    return f"{name} ({what})" if shared[name] > 1 and what else name


@dataclass(frozen=True)
class Cell:
    """One figure of one place.

    Attributes
    ----------
    value
        The number; None for money that none was found of, which is not known to be nothing.
    text
        In words, with the unit.
    mark
        Whether it is the highest or the lowest of the places.
    rests_on, few
        The count behind a rate, and whether that is too small to rank it; None for no such count.
    low, high
        The interval of a location quotient; other figures have none.
    """

    value: float | None
    text: str
    mark: str = ""
    rests_on: int | None = None
    few: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def words(self) -> str:
        """All of it."""
        behind = f"few ({count(self.rests_on, 'firm')})" if self.few and self.rests_on else ""
        return " · ".join(filter(None, [self.text, behind, self.mark]))


@lru_cache(maxsize=8)
def cells(comparison: Comparison) -> Mapping[tuple[str, str], Cell]:
    """Return every figure of a comparison, by id of the measure and ref of the place."""
    found: dict[tuple[str, str], Cell] = {}
    for measure in comparison.measures:
        highest, lowest = comparison.extremes(measure)
        few = comparison.is_few(measure)
        marks = {highest: HIGHEST, lowest: LOWEST}
        for ref, row in comparison.figures.to_dict("index").items():
            found[measure.id, str(ref)] = _cell(
                measure, row, marks.get(str(ref), ""), few=bool(few[str(ref)])
            )
    return MappingProxyType(found)


def _cell(measure: Measure, row: Mapping[Hashable, Any], mark: str, *, few: bool) -> Cell:
    value = row[measure.column]
    rests_on = int(row[measure.rests_on]) if measure.rests_on else None
    if rests_on == 0:
        return Cell(None, NO_FIRM, "", rests_on, few)
    if measure.unknown_at_zero and not row[measure.share_of or measure.column] > 0:
        return Cell(None, NONE_FOUND)
    number = float(value) if finite(value) else None
    if measure.interval and number is not None:
        interval = (float(row[f"{measure.column}_low"]), float(row[f"{measure.column}_high"]))
        return Cell(number, quotient(number, *interval), mark, rests_on, few, *interval)
    return Cell(number, said(value, measure.unit), mark, rests_on, few)


def wide(comparison: Comparison) -> pd.DataFrame:
    """Return the comparison to be read: a row a measure, a column a place, cells in words.

    Returns
    -------
    DataFrame
        group, measure, unit, definition, then a column for each place and each comparator, in their order.
    """
    called, figures = names(comparison), cells(comparison)
    rows = [
        {
            "group": measure.group.heading,
            "measure": measure.label,
            "unit": measure.unit,
            **{called[place.ref]: figures[measure.id, place.ref].words for place in comparison.all},
            "definition": measure.definition,
        }
        for measure in comparison.measures
    ]
    return pd.DataFrame(rows)


def long(comparison: Comparison, view: View | None = None) -> pd.DataFrame:
    """Return the comparison to reckon with: a row for each measure of each place.

    Parameters
    ----------
    comparison
        The places.
    view
        What filters are said to be; those of the comparison when None.

    Returns
    -------
    DataFrame
        place, code, ref, level, role (place or comparator), group, measure, measure_id, value (empty where
        none was found), low, high (of a location quotient), unit; uk_value, nation, nation_value, parent,
        parent_value; mark, rests_on, few, note, definition, source, filters, edition, boundaries.
    """
    held = {place.ref: _held_against(comparison, place) for place in comparison.all}
    told = filters_in_words(comparison, view)
    rows = [
        _long_row(comparison, measure, place, held[place.ref]) | told
        for measure in comparison.measures
        for place in comparison.all
    ]
    table = pd.DataFrame(rows)
    numbers = ["value", "low", "high", "uk_value", "nation_value", "parent_value"]
    return table.astype(dict.fromkeys(numbers, "float64")).astype({"rests_on": "Int64"})


def filters_in_words(comparison: Comparison, view: View | None = None) -> dict[str, str]:
    """Return what every row says of where it is from: filters, edition, boundaries."""
    asked = view or View.model_validate(comparison.filters.plain().model_dump())
    words = [*filter_words(comparison.edition, asked), counted_words(asked)]
    return {
        "filters": "; ".join(words),
        "edition": comparison.edition.about.name,
        "boundaries": comparison.edition.boundaries,
    }


def _held_against(comparison: Comparison, place: Place) -> dict[str, list[Place]]:
    """Return the UK, nations and parent of a place, as far as they are among those compared."""
    known = places(comparison.edition)
    there = {frozenset(one.weights.items()): one for one in reversed(comparison.all)}
    nations = known.nations(place) if place.level != "uk" else []
    wanted = {"uk": [known.country], "nation": nations, "parent": [known.parent(place)]}
    found = {
        what: [there[key] for one in ones if (key := frozenset(one.weights.items())) in there]
        for what, ones in wanted.items()
    }
    return {what: [one for one in ones if one.ref != place.ref] for what, ones in found.items()}


def _long_row(
    comparison: Comparison, measure: Measure, place: Place, held: dict[str, list[Place]]
) -> dict[str, Any]:
    figure = cells(comparison)[measure.id, place.ref]
    return {
        **identity(comparison, place),
        "group": measure.group.heading,
        "measure": measure.label,
        "measure_id": measure.id,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "unit": measure.unit,
        **_held_values(comparison, measure, held),
        "mark": figure.mark,
        "rests_on": figure.rests_on,
        "few": figure.few,
        "note": place.note,
        "definition": measure.definition,
        "source": "; ".join(source_titles(comparison, measure)),
    }


def _held_values(comparison: Comparison, measure: Measure, held: dict[str, list[Place]]) -> dict[str, Any]:
    """Return the values beside which a figure stands; of a place in several nations, their names alone."""

    def value(of: list[Place]) -> float | None:
        return cells(comparison)[measure.id, of[0].ref].value if len(of) == 1 else None

    return {
        "uk_value": value(held["uk"]),
        "nation": "; ".join(one.name for one in held["nation"]),
        "nation_value": value(held["nation"]),
        "parent": "; ".join(one.name for one in held["parent"]),
        "parent_value": value(held["parent"]),
    }


def identity(comparison: Comparison, place: Place) -> dict[str, str]:
    """Return what tells a place in a row: its name, code, ref, level and role."""
    return {
        "place": place.name,
        "code": place.code,
        "ref": place.ref,
        "level": place.kind,
        "role": PLACE if place in comparison.places else COMPARATOR,
    }


def source_titles(comparison: Comparison, measure: Measure) -> list[str]:
    """Return what the sources of a measure are called; firms may be an analyst's own."""
    about = comparison.edition.about
    own = about.own and measure.group.of_firms
    return [own_firms(about) if own and one.firms else one.label for one in named(measure.sources)]


def tables(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """Return what lies behind the figures, a row a place and thing; comparators where they are known.

    Returns
    -------
    dict of DataFrame
        ``programme``, ``sector``, ``year`` (pounds and projects; each adds up to the figure of its place),
        ``specialisation``, ``clusters``, ``assets``. All begin with place, code, ref, level, role.
    """
    return {
        **{name: _money(comparison, name) for name in BREAKDOWNS},
        "specialisation": _specialisation(comparison),
        "clusters": _clusters(comparison),
        "assets": _assets(comparison),
    }


def _placed(comparison: Comparison, rows: pd.DataFrame, chosen: Iterable[Place]) -> pd.DataFrame:
    """Put what tells the place before each row, in the order of the places."""
    who = pd.DataFrame([identity(comparison, place) for place in chosen])
    return who.merge(rows, on="ref", how="inner")


def _money(comparison: Comparison, name: str) -> pd.DataFrame:
    rows = comparison.money_by(name).rename(columns={"key": name})
    order = ["ref", name] if name == "year" else ["ref", "public_gbp", name]
    rows = rows.sort_values(order, ascending=[True] * 2 if name == "year" else [True, False, True])
    return _placed(comparison, rows, comparison.all)


def _specialisation(comparison: Comparison) -> pd.DataFrame:
    rows = comparison.specialisation.rename(columns={"title": "sector_or_technology", **LQ_COLUMNS})
    rows = rows.assign(share=rows["firms"] / rows["of"].where(rows["of"] > 0))
    rows = rows.assign(uk_share=rows["uk_firms"] / rows["uk_of"])
    columns = ["ref", "sector_or_technology", "kind", "firms", "of", "share", "uk_share"]
    return _placed(comparison, rows[[*columns, *LQ_COLUMNS.values(), "small"]], comparison.places)


def _clusters(comparison: Comparison) -> pd.DataFrame:
    rows = comparison.clusters
    authorities = comparison.edition.tables["authorities"].set_index("gss_code")["name"]
    named = rows["la_codes"].map(lambda codes: "; ".join(f"{authorities[code]} ({code})" for code in codes))
    rows = rows[["ref", *CLUSTER_COLUMNS]].assign(
        sector_or_technology=rows["label"].map(comparison.edition.labels.title), authorities=named
    )
    return _placed(comparison, rows, comparison.places)


def _assets(comparison: Comparison) -> pd.DataFrame:
    rows = comparison.assets.rename_axis(index="ref").reset_index()
    rows = rows.melt("ref", var_name="type", value_name="assets")
    return _placed(comparison, rows, comparison.all)
