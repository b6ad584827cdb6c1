"""Regions coloured by a rate, marked with symbols for a sum, or outlined."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from layers.base import API, FILTERS, MONEY_FILTERS, Layer, Payload, address
from layers.element import Slot
from layers.mark import Entry, Legend, Look, Mark
from layers.shapes import shapes
from profiles.region import table
from regions.allocation import PENCE
from regions.funding import funding, moved
from regions.measures import FIRMS_GROUP, MEASURES, MONEY_GROUP, RESEARCH_GROUP, classes
from words.filters import placed_words, split_words
from words.numbers import count, listed, pounds, quotient, said
from words.provenance import own_firms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from layers.mark import Shape
    from layers.sheet import Sheet
    from layers.style import Style
    from regions.funding import Moved
    from regions.measures import Measure

# Regions that the legend in print may list.
RANKED = 20
NONE_FOUND = "no award found"
# What a region has that no award, or no firm, was found for.
NONE_WORDS = {MONEY_GROUP: NONE_FOUND, RESEARCH_GROUP: "none found", FIRMS_GROUP: "none found"}
SAMPLE = "Curated sample of firms, not a census."
SHORT = {"la": "local authority", "city_region": "city region", "nation": "nation"}
# Sizes of the symbols that the legend shows.
LEGEND_POUNDS = ((1e7, "£10m"), (1e8, "£100m"))
LEGEND_COUNTS = (1, 10, 100)
# Of counts, the largest symbol is no larger than that of so many.
FULL_SIZE = 100
# Shape, column and colour of the symbols of a sum.
SIDES: Mapping[str, tuple[tuple[Shape, str, str], ...]] = MappingProxyType(
    {
        "sum": (("circle", "value", "award"),),
        "pair": (("left", "value", "award"), ("right", "value2", "private")),
    }
)
# Looks of a difference: which side has more is told by a filled disc and a hollow ring, not by colour alone.
MORE, LESS = "more by place of delivery", "more by lead's address"
RING_WIDTH = 1.1
NO_AWARD = "No award passes the filters. Widen the years, sectors or programmes."
NO_PRIVATE = "No private money is named for what passes the filters. Widen the years, sectors or programmes."
NO_LABELS = "Choose a sector or technology: specialisation is in those."
PRIVATE_NOTE = "Private money as sources name it: forecasts and commitments together, known for few projects."


def payload(edition: Edition, view: View) -> Payload:
    """Return a row for each region with its value, the classes, and what could not be placed."""
    measure = MEASURES[view.measure]
    rows = table(edition, view, whole=False)
    values = rows["value"]
    breaks = classes(values, measure) if measure.kind == "rate" else []
    money = funding(edition, view).allocation
    points = edition.regions[view.level][["lon", "lat"]]
    return {
        "measure": {
            **{name: getattr(measure, name) for name in ("id", "label", "kind", "unit", "definition")},
            "shrink": _shrink(values, measure),
        },
        "sizes": _sizes(values, measure),
        "level": view.level,
        "level_name": SHORT.get(view.level, view.level.upper()),
        "breaks": breaks,
        "words": [amount(bound, measure.unit) for bound in breaks],
        "none": _none_words(edition, measure),
        "rows": [
            {
                "id": row.region_id,
                "name": row.name,
                "value": float(np.round(value, 4)),
                "value2": row.private_gbp if "private_gbp" in rows else 0.0,
                "lat": lat,
                "lon": lon,
                "text": _words(row, measure, view),
            }
            for row, value, lon, lat in zip(
                rows.itertuples(index=False), values, points["lon"], points["lat"], strict=True
            )
        ],
        "placed_gbp": money.placed["public"] / 100,
        "not_placed_gbp": money.not_placed["public"] / 100,
        "note": _note(edition, view, values),
    }


def amount(value: float, unit: str) -> str:
    """Return a value of a measure in words, by the unit of the measure.

    Examples
    --------
    >>> amount(2.5e6, "£"), amount(0.125, "share"), amount(1200, "firms")
    ('£2.5m', '12.5%', '1,200')
    """
    if unit.startswith("£"):
        return pounds(value)
    if unit == "share":
        return f"{value:.1%}".replace(".0%", "%")
    return f"{value:,.1f}".removesuffix(".0")


def _none_words(edition: Edition, measure: Measure) -> str:
    if measure.rests_on:
        few = f"fewer than {edition.about.scan.min_firms} firms"
        # Many firms, and none of them in a cluster, is no share either.
        return f"none, or {few}" if measure.unit == "share" else few
    if "private" in measure.column:
        return "no private money named"
    return NONE_WORDS.get(measure.group, NONE_FOUND)


def _shrink(values: pd.Series, measure: Measure) -> float:
    """Return by how much symbols of counts have to be smaller, so that the largest is not too large."""
    most = float(values.abs().max()) if len(values) else 0.0
    return 1.0 if measure.unit == "£" or most <= FULL_SIZE else float(np.sqrt(FULL_SIZE / most))


def _sizes(values: pd.Series, measure: Measure) -> list[tuple[float, str]]:
    """Return the values whose symbols the legend shows, in words; none where there are no symbols."""
    if measure.kind not in {*SIDES, "difference"}:
        return []
    if measure.unit == "£":
        return [*LEGEND_POUNDS]
    most = values.max()
    return [
        (float(size), count(size, measure.unit.removesuffix("s")))
        for size in LEGEND_COUNTS
        if size <= max(most, LEGEND_COUNTS[0])
    ]


def _words(row: Any, measure: Measure, view: View) -> str:
    if measure.kind == "difference":
        return f"{_moved_words(row.moved_gbp)}; {pounds(row.public_gbp)} in all {placed_words(view)}"
    if measure.column in SAID:
        return SAID[measure.column](row) + ("; too few to compare" if row.few else "")
    return _money_words(row, measure, view)


def _private_words(row: Any) -> str:
    if not row.private_gbp:
        return "no private money named"
    a_head = said(row.private_per_head, "£ per person").removesuffix(" a head")
    return f"{a_head} private money a head, {pounds(row.private_gbp)} in all"


# What is said of a region, by the column that is measured; of all others, its public money.
SAID: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "private_per_head": _private_words,
        "private_gbp": _private_words,
        "organisations": lambda row: (
            f"{count(row.organisations, 'organisation')} in {count(row.projects, 'project')}"
        ),
        "assets": lambda row: count(row.assets, "research asset"),
        "firms": lambda row: f"{count(row.firms, 'firm')}, {row.firms_per_10k:.1f} per 10,000 residents",
        "firms_per_10k": lambda row: (
            f"{row.firms_per_10k:.1f} firms per 10,000 residents, {row.firms:,} in all"
        ),
        "lq": lambda row: (
            f"LQ {quotient(row.lq, row.lq_low, row.lq_high)}, {row.firms:,} of {count(row.all_firms, 'firm')}"
        ),
        "clustered_share": lambda row: f"{row.clustered:,} of {count(row.firms, 'firm')} in clusters",
        "clusters": lambda row: f"{count(row.clusters, 'cluster')}, {count(row.firms, 'firm')} in all",
    }
)


def _money_words(row: Any, measure: Measure, view: View) -> str:
    parts = [
        f"{said(row.per_head, '£ per person')}, {pounds(row.public_gbp)} in all"
        if row.public_gbp
        else "no award found"
    ]
    if measure.kind == "pair":
        parts.append(f"{pounds(row.private_gbp)} private" if row.private_gbp else "no private money named")
    parts.append(count(row.projects, "project"))
    if row.estimated_share >= 0.005:
        parts.append(f"{row.estimated_share:.0%} of the money {split_words(view)}")
    return "; ".join(parts)


def _moved_words(difference: float) -> str:
    if not difference:
        return "no difference between place of delivery and leads' addresses"
    return f"{pounds(abs(difference))} {'more' if difference > 0 else 'less'} than by leads' addresses"


def _note(edition: Edition, view: View, values: pd.Series) -> str:
    measure = MEASURES[view.measure]
    if measure.group == FIRMS_GROUP:
        return _firms_note(edition, view, values)
    # Outlines and research assets do not depend on the filters.
    if measure.column in ("", "assets"):
        return ""
    if measure.kind == "difference" and moved(edition, view).total:
        return _moved_note(values, moved(edition, view))
    private = "private" in measure.column or measure.kind == "pair"
    if not (values > 0).any():
        return NO_PRIVATE if private and funding(edition, view).taking_part.any() else NO_AWARD
    if private:
        return PRIVATE_NOTE
    return "Awards of all the years chosen, added up: not per year." if measure.kind == "rate" else ""


def _firms_note(edition: Edition, view: View, values: pd.Series) -> str:
    measure = MEASURES[view.measure]
    if measure.of_labels and not view.labels:
        return NO_LABELS
    if not (values > 0).any():
        return "No region has enough firms or clusters that pass the filters. Choose more sectors."
    few = f" Not coloured where fewer than {edition.about.scan.min_firms}." if measure.rests_on else ""
    about = edition.about
    return f"{f'{own_firms(about)}.' if about.own else SAMPLE}{few}"


def _moved_note(values: pd.Series, found: Moved) -> str:
    """Say how much of the money differs, and how much the difference leaves out."""
    other = values[values > 0].sum()
    apart = f"{pounds(other)} in different regions" if other else "nothing in different regions"
    said = f"Of {pounds(found.both / PENCE)} in awards that both rules place, they put {apart}."
    left = [
        (found.only_delivery, "without a known address of the lead"),
        (found.only_lead, "without a known place of delivery"),
        (found.neither, "without either"),
    ]
    parts = [f"{pounds(pence / PENCE)} {why}" for pence, why in left if pence]
    return f"{said} Left out: {listed(parts)}." if parts else said


def screen(view: View) -> Slot:
    """Return the element: shapes of the level once, values for each view."""
    # Of firms and clusters, every filter counts.
    filters = FILTERS if MEASURES[view.measure].group == FIRMS_GROUP else MONEY_FILTERS
    url = address("regions", view, *filters, "measure", "level")
    return Slot("regions", url=url, shapes=f"{API}/shapes/{view.level}")


def print_payload(edition: Edition, view: View) -> Payload:
    """Return the payload together with the shapes, which the screen fetches apart."""
    return {**payload(edition, view), "shapes": shapes(edition, f"{view.level}-fine")}


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Draw the regions class by class, their borders, and symbols where the measure is a sum."""
    outlines = {feature["properties"]["id"]: feature["geometry"] for feature in payload["shapes"]["features"]}
    if payload["measure"]["kind"] == "rate":
        for look, rows in _classes(payload, style):
            sheet.areas([outlines[row["id"]] for row in rows], (look, 2))
    else:
        outline = Look(edge=style.colours["outline"], width=style.points["border"])
        sheet.areas(list(outlines.values()), (outline, 2))
    rows = sorted(payload["rows"], key=lambda row: -abs(row["value"]))
    signs = [(row, mark) for row in rows for mark in _symbols(row, payload["measure"], style)]
    # Left halves, then right ones: each kind is drawn at once, the largest of it below.
    signs.sort(key=lambda sign: sign[1].shape)
    lon, lat = ([row[name] for row, _ in signs] for name in ("lon", "lat"))
    sheet.marks(lon, lat, [mark for _, mark in signs], zorder=3)


def legend(payload: Payload, style: Style) -> Legend:
    """Return the classes of a rate, or sizes of a sum."""
    measure = payload["measure"]
    entries = _rate_entries(payload, style) if measure["kind"] == "rate" else _sum_entries(payload, style)
    if measure["kind"] == "none":
        # Borders alone speak for themselves.
        return Legend()
    title = f"{measure['label']}, by {payload['level_name']}"
    ranking = _ranking(payload, style)
    return Legend(title, tuple(entries), payload["note"], "Highest regions first" if ranking else "", ranking)


def _ranking(payload: Payload, style: Style) -> tuple[Entry, ...]:
    """Return the highest regions with the paint or the symbol they have on the map."""
    measure = payload["measure"]
    looks = _looks(payload, style) if measure["kind"] == "rate" else []
    rows = sorted(payload["rows"], key=lambda row: (-row["value"], row["name"]))[:RANKED]
    return tuple(_ranked(row, payload, looks, style) for row in rows if row["value"] > 0)


def _ranked(row: dict[str, Any], payload: Payload, looks: list[Look], style: Style) -> Entry:
    swatch = looks[_class_of(row["value"], payload["breaks"])] if looks else None
    marks = tuple(_symbols(row, payload["measure"], style))
    # What is said first is the measure itself; the rest is in the table.
    return Entry(row["name"], marks, swatch, detail=str(row.get("text", "")).partition(";")[0])


def _classes(payload: Payload, style: Style) -> list[tuple[Look, list[dict[str, Any]]]]:
    """Return the look of each class with its rows: those without an award first."""
    classes: list[list[dict[str, Any]]] = [[] for _ in range(len(payload["breaks"]) + 1)]
    for row in payload["rows"]:
        classes[_class_of(row["value"], payload["breaks"])].append(row)
    return list(zip(_looks(payload, style), classes, strict=True))


def _class_of(value: float, breaks: list[float]) -> int:
    """Return 0 for no award, else the class, from 1."""
    return 0 if value <= 0 else 1 + min(int(np.searchsorted(breaks, value)), len(breaks) - 1)


def _looks(payload: Payload, style: Style) -> list[Look]:
    """Return the look of no award, then of each class."""
    count_of = len(payload["breaks"])
    border = Look(edge=style.colours["border"], width=style.points["border"])
    none = replace(border, face=style.colours["land"], hatch=style.colours["hatch"])
    return [none, *(replace(border, face=ramp_colour(index, count_of, style)) for index in range(count_of))]


def ramp_colour(index: int, classes: int, style: Style) -> str:
    """Spread the ramp over the classes there are."""
    ramp = style.colours["ramp"]
    place = len(ramp) - 2 if classes < 2 else round(index * (len(ramp) - 1) / (classes - 1))
    return str(ramp[place])


def _rate_entries(payload: Payload, style: Style) -> list[Entry]:
    words = payload["words"]
    texts = [payload["none"], *(f"up to {words[0]}" for _ in words[:1]), *map(_between, words, words[1:])]
    return [Entry(text, swatch=look) for text, look in zip(texts, _looks(payload, style), strict=True)]


def _between(low: str, high: str) -> str:
    return f"{low} to {high}"


def _sum_entries(payload: Payload, style: Style) -> list[Entry]:
    """Return some sizes and, for a pair, what its halves are; nothing where regions are outlined only."""
    measure = payload["measure"]
    if measure["kind"] not in {*SIDES, "difference"}:
        return []
    sizes = [
        Entry(text, (_symbol("circle", size, "award", measure, style),)) for size, text in payload["sizes"]
    ]
    if measure["kind"] == "difference":
        return [*_difference_entries(measure, style), *sizes]
    halves = tuple(_symbol(shape, 3e7, role, measure, style) for shape, _, role in SIDES["pair"])
    return [*sizes, Entry("left: public, right: private", halves)] if measure["kind"] == "pair" else sizes


def _difference_entries(measure: dict[str, Any], style: Style) -> list[Entry]:
    return [Entry(text, (_difference(size, measure, style),)) for size, text in ((3e7, MORE), (-3e7, LESS))]


def _difference(value: float, measure: dict[str, Any], style: Style) -> Mark:
    """Return a filled disc for what is more by place of delivery, a hollow ring for what is less."""
    disc = _symbol("circle", abs(value), "award", measure, style)
    return disc if value > 0 else replace(disc, look=Look(edge=style.colours["private"], width=RING_WIDTH))


def _symbols(row: dict[str, Any], measure: dict[str, Any], style: Style) -> list[Mark]:
    if measure["kind"] == "difference":
        return [_difference(row["value"], measure, style)] if row["value"] else []
    sides = [side for side in SIDES.get(measure["kind"], ()) if row[side[1]] > 0]
    return [_symbol(shape, row[column], role, measure, style) for shape, column, role in sides]


def _symbol(shape: Shape, value: float, role: str, measure: dict[str, Any], style: Style) -> Mark:
    of_counts = style.points["region_project"] * measure["shrink"]
    unit = style.points["region_100m"] / 1e4 if measure["unit"] == "£" else of_counts
    colour = style.colours[role]
    return Mark(shape, unit * float(np.sqrt(value)), Look(colour, colour, 0.6, alpha=0.4))


LAYER = Layer("regions", "Regions", print_payload, screen, draw, ("register", "onspd", "population"), legend)
