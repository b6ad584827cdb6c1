"""Regions coloured by a rate, marked with symbols for a sum, or outlined."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from layers.base import API, MONEY_FILTERS, Layer, Payload, address
from layers.element import Slot
from layers.mark import Entry, Legend, Look, Mark
from layers.words import count, pounds
from regions.funding import funding
from regions.measures import MEASURES, class_breaks, region_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from layers.mark import Shape
    from layers.sheet import Sheet
    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition
    from regions.measures import Measure

NONE_FOUND = "no award found"
SHORT = {"la": "local authority", "city_region": "city region", "nation": "nation"}
# Sizes of the symbols that the legend shows.
LEGEND_POUNDS = ((1e7, "£10m"), (1e8, "£100m"))
LEGEND_PROJECTS = ((1.0, "1 project"), (10.0, "10 projects"))
# Shape, column and colour of the symbols of a sum.
SIDES: Mapping[str, tuple[tuple[Shape, str, str], ...]] = MappingProxyType(
    {
        "sum": (("circle", "value", "award"),),
        "pair": (("left", "value", "award"), ("right", "value2", "private")),
    }
)


def table(edition: Edition, view: View) -> pd.DataFrame:
    """Return the measures of every region of the view's level (see `regions.measures.region_table`)."""
    money = funding(edition, view)
    frame = edition.regions[view.level]
    members = edition.tables["membership"]
    return region_table(frame, members[members["level"] == view.level], money.allocation, money.taking_part)


def payload(edition: Edition, view: View) -> Payload:
    """Return a row for each region with its value, the classes, and what could not be placed."""
    measure = MEASURES[view.measure]
    rows = table(edition, view)
    values = rows[measure.column] if measure.column else rows["public_gbp"] * 0
    breaks = class_breaks(values) if measure.kind == "rate" else []
    money = funding(edition, view).allocation
    points = edition.regions[view.level][["lon", "lat"]]
    return {
        "measure": {name: getattr(measure, name) for name in ("id", "label", "kind", "unit", "definition")},
        "level": view.level,
        "level_name": SHORT.get(view.level, view.level.upper()),
        "breaks": breaks,
        "words": [pounds(bound) if measure.unit.startswith("£") else f"{bound:,.0f}" for bound in breaks],
        "none": NONE_FOUND,
        "rows": [
            {
                "id": row.region_id,
                "name": row.name,
                "value": float(np.round(value, 4)),
                "value2": row.private_gbp,
                "lat": lat,
                "lon": lon,
                "text": _words(row, measure),
            }
            for row, value, lon, lat in zip(
                rows.itertuples(index=False), values, points["lon"], points["lat"], strict=True
            )
        ],
        "placed_gbp": money.placed["public"] / 100,
        "not_placed_gbp": money.not_placed["public"] / 100,
        "note": _note(values, measure),
    }


def _words(row: Any, measure: Measure) -> str:
    parts = [
        f"{pounds(row.per_head)} a head, {pounds(row.public_gbp)} in all"
        if row.public_gbp
        else "no award found"
    ]
    if measure.kind == "pair":
        parts.append(f"{pounds(row.private_gbp)} private" if row.private_gbp else "no private money named")
    parts.append(count(row.projects, "project"))
    if row.estimated_share >= 0.005:
        parts.append(f"{row.estimated_share:.0%} of the money split by population")
    return "; ".join(parts)


def _note(values: pd.Series, measure: Measure) -> str:
    if measure.kind != "none" and not (values > 0).any():
        return "No award passes the filters. Widen the years, sectors or programmes."
    if measure.kind == "rate" and (values > 0).any():
        return "Awards of all the years chosen, added up: not per year."
    if measure.kind == "pair":
        return "Private money as sources name it: forecasts and commitments together, known for few projects."
    return ""


def screen(view: View) -> Slot:
    """Return the element: shapes of the level once, values for each view."""
    url = address("regions", view, *MONEY_FILTERS, "measure", "level")
    return Slot("regions", url=url, shapes=f"{API}/shapes/{view.level}")


def print_payload(edition: Edition, view: View) -> Payload:
    """Return the payload together with the shapes, which the screen fetches apart."""
    return {**payload(edition, view), "shapes": orjson.loads(edition.shapes[f"{view.level}-fine"])}


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Draw the regions class by class, their borders, and symbols where the measure is a sum."""
    shapes = {feature["properties"]["id"]: feature["geometry"] for feature in payload["shapes"]["features"]}
    if payload["measure"]["kind"] == "rate":
        for look, rows in _classes(payload, style):
            sheet.areas([shapes[row["id"]] for row in rows], (look, 2))
    else:
        outline = Look(edge=style.colours["outline"], width=style.points["border"])
        sheet.areas(list(shapes.values()), (outline, 2))
    for row in sorted(payload["rows"], key=lambda row: -row["value"]):
        marks = _symbols(row, payload["measure"], style)
        sheet.marks([row["lon"]] * len(marks), [row["lat"]] * len(marks), marks, zorder=3)


def legend(payload: Payload, style: Style) -> Legend:
    """Return the classes of a rate, or sizes of a sum."""
    measure = payload["measure"]
    entries = _rate_entries(payload, style) if measure["kind"] == "rate" else _sum_entries(measure, style)
    return Legend(f"{measure['label']}, by {payload['level_name']}", tuple(entries), payload["note"])


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


def _sum_entries(measure: dict[str, str], style: Style) -> list[Entry]:
    """Return two sizes and, for a pair, what its halves are; nothing where regions are outlined only."""
    if measure["kind"] not in SIDES:
        return []
    names = LEGEND_POUNDS if measure["unit"] == "£" else LEGEND_PROJECTS
    sizes = [Entry(text, (_symbol("circle", size, "award", measure, style),)) for size, text in names]
    halves = tuple(_symbol(shape, 3e7, role, measure, style) for shape, _, role in SIDES["pair"])
    return [*sizes, Entry("left: public, right: private", halves)] if measure["kind"] == "pair" else sizes


def _symbols(row: dict[str, Any], measure: dict[str, str], style: Style) -> list[Mark]:
    sides = [side for side in SIDES.get(measure["kind"], ()) if row[side[1]] > 0]
    return [_symbol(shape, row[column], role, measure, style) for shape, column, role in sides]


def _symbol(shape: Shape, value: float, role: str, measure: dict[str, str], style: Style) -> Mark:
    unit = style.points["region_100m"] / 1e4 if measure["unit"] == "£" else style.points["region_project"]
    colour = style.colours[role]
    return Mark(shape, unit * float(np.sqrt(value)), Look(colour, colour, 0.6, alpha=0.4))


LAYER = Layer("regions", "Regions", print_payload, screen, draw, ("register", "onspd", "population"), legend)
