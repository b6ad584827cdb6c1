"""Regions coloured by a rate, marked with symbols for a sum, or outlined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from matplotlib.patches import Circle, PathPatch, Wedge

from geo.projections import to_bng
from layers.base import API, MONEY_FILTERS, Layer, Payload, address
from layers.element import Slot
from layers.outline import path
from layers.view import LEVELS
from layers.words import count, pounds
from regions.funding import funding
from regions.measures import MEASURES, class_breaks, region_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition
    from regions.measures import Measure

NONE_FOUND = "no award found"
SHORT = {"la": "local authority", "city_region": "city region", "nation": "nation"}


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
    parts = [f"{pounds(row.per_head)} a head, {pounds(row.public_gbp)} in all" if row.public_gbp else "no award found"]
    if measure.kind == "pair":
        parts.append(f"{pounds(row.private_gbp)} private" if row.private_gbp else "no private money named")
    parts.append(count(row.projects, "project"))
    if row.estimated_share >= 0.005:
        parts.append(f"{row.estimated_share:.0%} of the money split by population")
    return "; ".join(parts)


def _note(values: pd.Series, measure: Measure) -> str:
    if measure.kind != "none" and not (values > 0).any():
        return "No award passes the filters. Widen the years, sectors or programmes."
    return ""


def screen(view: View) -> Slot:
    """Return the element: shapes of the level once, values for each view."""
    url = address("regions", view, *MONEY_FILTERS, "measure", "level")
    return Slot("regions", url=url, shapes=f"{API}/shapes/{view.level}")


def print_payload(edition: Edition, view: View) -> Payload:
    """Return the payload together with the shapes, which the screen fetches apart."""
    return {**payload(edition, view), "shapes": orjson.loads(edition.shapes[view.level])}


def draw(axes: Axes, payload: Payload, style: Style) -> None:
    """Draw the regions, and symbols where the measure is a sum."""
    rows = {row["id"]: row for row in payload["rows"]}
    rate = payload["measure"]["kind"] == "rate"
    for feature in payload["shapes"]["features"]:
        value = rows[feature["properties"]["id"]]["value"]
        axes.add_patch(PathPatch(path(feature["geometry"]), **_paint(value, payload["breaks"], style, rate=rate)))
    for row in sorted(payload["rows"], key=lambda row: -row["value"]):
        _symbols(axes, row, payload["measure"], style)


def ramp_colour(index: int, classes: int, style: Style) -> str:
    """Spread the ramp over the classes there are."""
    ramp = style.colours["ramp"]
    place = len(ramp) - 2 if classes < 2 else round(index * (len(ramp) - 1) / (classes - 1))
    return str(ramp[place])


def _paint(value: float, breaks: list[float], style: Style, *, rate: bool) -> dict[str, object]:
    if not rate:
        return {"facecolor": "none", "edgecolor": style.colours["outline"], "linewidth": 0.3, "zorder": 2}
    edge = {"edgecolor": style.colours["border"], "linewidth": 0.3, "zorder": 2}
    if value <= 0:
        return {"facecolor": style.colours["land"], "hatch": "//////", **edge, "edgecolor": style.colours["hatch"]}
    return {"facecolor": ramp_colour(int(np.searchsorted(breaks, value)), len(breaks), style), **edge}


def _symbols(axes: Axes, row: dict[str, float], measure: dict[str, str], style: Style) -> None:
    if measure["kind"] not in ("sum", "pair"):
        return
    centre = to_bng(row["lon"], row["lat"])
    scale = 12_000 / 1e4 if measure["unit"] == "£" else 3_000
    look = {"alpha": 0.45, "zorder": 3, "linewidth": 0.5}
    sides = [("value", "award", 90, 270)] if measure["kind"] == "sum" else [("value", "award", 90, 270), ("value2", "private", 270, 90)]
    for column, role, start, end in sides:
        if row[column] <= 0:
            continue
        size = float(np.sqrt(row[column])) * scale
        colour = style.colours[role]
        whole = Circle(centre, size, facecolor=colour, edgecolor=colour, **look)
        half = Wedge(centre, size, start, end, facecolor=colour, edgecolor=colour, **look)
        axes.add_patch(whole if measure["kind"] == "sum" else half)


LAYER = Layer("regions", "Regions", print_payload, screen, draw, ("register", "onspd", "population"))
