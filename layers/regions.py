"""Regions coloured by a rate, marked with symbols for a sum, or outlined."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from layers.base import API, FILTERS, MONEY_FILTERS, Layer, Payload, Served
from layers.mark import Entry, Legend, Look, Mark
from layers.shapes import shapes
from profiles.region import table
from regions.classes import classes
from regions.funding import funding
from regions.measures import MEASURES
from words.measures import amount, note, nothing, of_region
from words.numbers import count

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from layers.mark import Shape
    from layers.sheet import Sheet
    from layers.style import Style
    from regions.measures import Measure

# Of the API: the path, and what it takes beside the filters.
PATH, ASKS = "regions", ("level", "measure")
# Regions that the legend in print may list.
RANKED = 20
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
        "words": [amount(bound, measure) for bound in breaks],
        "none": nothing(edition, measure),
        "rows": [
            {
                "id": row.region_id,
                "name": row.name,
                "value": float(np.round(value, 4)),
                "value2": row.private_gbp if "private_gbp" in rows else 0.0,
                "lat": lat,
                "lon": lon,
                "text": of_region(row, measure, view),
            }
            for row, value, lon, lat in zip(
                rows.itertuples(index=False), values, points["lon"], points["lat"], strict=True
            )
        ],
        "placed_gbp": money.placed["public"] / 100,
        "not_placed_gbp": money.not_placed["public"] / 100,
        "note": note(edition, view, values),
    }


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


def heeds(view: View) -> tuple[str, ...]:
    """Return the fields that the values depend on: of firms and clusters, every filter counts."""
    filters = FILTERS if MEASURES[view.measure].changed_by == "all" else MONEY_FILTERS
    return (*filters, *ASKS)


def hold(edition: Edition, view: View) -> dict[str, Payload | bytes]:
    """Return what a file holds: the values, and the shapes of the level."""
    return {PATH: payload(edition, view), _shapes(view): edition.shapes[f"{view.level}-fine"]}


def _shapes(view: View) -> str:
    return f"shapes/{view.level}"


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


LAYER = Layer(
    kind="regions",
    label="Regions",
    payload=print_payload,
    draw=draw,
    sources=("register", "onspd", "population"),
    served=Served(
        PATH,
        "A measure of every region of a level, with classes and what is not placed",
        payload,
        asks=ASKS,
        holds={"measure": "object", "rows": "rows"},
        example="level=itl2&measure=per-head",
    ),
    behind=("regions",),
    legend=legend,
    more_sources=lambda view: MEASURES[view.measure].sources,
    heeds=heeds,
    # Shapes of the level come once, values for each view.
    tells=lambda view: {"shapes": f"{API}/{_shapes(view)}"},
    hold=hold,
    height=10,
    reading=30,
    # Titles name the measure instead.
    titled=False,
)
