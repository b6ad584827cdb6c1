"""Projects: rings sized by pounds at sites, outlines of areas for awards to areas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from layers.base import API, MONEY_FILTERS, Layer, Payload, Served
from layers.mark import Entry, Legend, Look, Mark
from layers.shapes import areas
from profiles.projects import award_words, taking_part
from words.numbers import pounds

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from layers.sheet import Sheet
    from layers.style import Style

LEGEND_AWARDS = (1e7, 1e8)
# Of the API: what the layer shows, and the outlines that its painter fetches once.
PATH, AREAS = "projects/map", "shapes/areas"


def payload(edition: Edition, view: View) -> Payload:
    """Return points for projects at sites, and ids of the areas that awards are for, with what each gets."""
    rows = taking_part(edition, view)
    unplaced = rows[~rows["point"] & (rows["area_id"] == "")]
    return {
        "points": [_point(row) for row in rows[rows["point"]].itertuples(index=False)],
        "areas": [
            {"id": area, "projects": len(part), "award": float(part["net_gbp"].sum())}
            for area, part in rows[rows["area_id"] != ""].groupby("area_id")
        ],
        "note": _note(rows, unplaced),
    }


def _point(row: Any) -> dict[str, Any]:
    return {
        "id": row.project_id,
        "name": row.name,
        "award": None if np.isnan(row.award_gbp) else row.award_gbp,
        "counted": bool(row.counts),
        "lat": row.lat,
        "lon": row.lon,
        "text": f"{award_words(row)}; {row.programme}",
    }


def print_payload(edition: Edition, view: View) -> Payload:
    """Return the payload with the outlines as GeoJSON, which the screen fetches apart and once."""
    plain = payload(edition, view)
    outlines = areas(edition)
    features = [
        {"type": "Feature", "properties": area, "geometry": outlines[area["id"]]} for area in plain["areas"]
    ]
    return {**plain, "areas": {"type": "FeatureCollection", "features": features}}


def _note(rows: pd.DataFrame, unplaced: pd.DataFrame) -> str:
    if rows.empty:
        return "No project passes the filters. Widen the years, sectors or programmes."
    if unplaced.empty:
        return ""
    verb = "is" if len(unplaced) == 1 else "are"
    return f"{len(unplaced):,} without a known site or area {verb} in the table only."


def hold(edition: Edition, view: View) -> dict[str, Payload]:
    """Return what a file holds: the payload, and the outlines of those areas alone that awards are for."""
    plain = payload(edition, view)
    wanted = {area["id"] for area in plain["areas"]}
    outlines = orjson.loads(edition.shapes["areas"])
    outlines["features"] = [one for one in outlines["features"] if one["properties"]["id"] in wanted]
    return {PATH: plain, AREAS: outlines}


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Draw a ring for each site, sized by its award, and dashed outlines of the areas that awards are for."""
    sheet.areas([feature["geometry"] for feature in payload["areas"]["features"]], (_outline(style), 2.4))
    rows = payload["points"]
    marks = [_ring(row["award"], style, counted=row["counted"]) for row in rows]
    for zorder, layer in ((5.9, [_halo(mark, style) for mark in marks]), (6, marks)):
        sheet.marks([row["lon"] for row in rows], [row["lat"] for row in rows], layer, zorder)
    sheet.open.extend((row["lon"], row["lat"], mark.radius) for row, mark in zip(rows, marks, strict=True))


def legend(payload: Payload, style: Style) -> Legend:
    """Return two sizes of ring, and a line for each other sign that is there."""
    rows = payload["points"]
    entries = [Entry(f"{pounds(size)} to a site", (_ring(size, style),)) for size in LEGEND_AWARDS if rows]
    if not all(row["counted"] for row in rows):
        entries.append(Entry("figure unknown or not counted", (_ring(1e7, style, counted=False),)))
    if payload["areas"]["features"]:
        entries.append(Entry("award to a whole area", swatch=_outline(style)))
    return Legend("Projects", tuple(entries), payload["note"])


def _ring(award: float | None, style: Style, *, counted: bool = True) -> Mark:
    radius = style.points["award_100m"] * float(np.sqrt((award or 0.0) / 1e8))
    dashes = () if counted else (1.2, 1.2)
    look = Look(edge=style.colours["award"], width=style.points["award_line"], dashes=dashes)
    return Mark("circle", max(style.points["award_least"], radius), look)


def _halo(ring: Mark, style: Style) -> Mark:
    return replace(ring, look=Look(edge=style.colours["halo"], width=ring.look.width * 2.5))


def _outline(style: Style) -> Look:
    return Look(edge=style.colours["muted"], width=style.points["area_line"], dashes=(3.5, 2.5))


LAYER = Layer(
    kind="projects",
    label="Projects",
    payload=print_payload,
    draw=draw,
    sources=("register",),
    served=Served(
        PATH,
        "Projects at sites as points, awards to areas as GeoJSON",
        payload,
        holds={"points": "rows", "areas": "rows"},
        example="programme=IA",
    ),
    behind=("projects", "programmes"),
    legend=legend,
    heeds=lambda _view: MONEY_FILTERS,
    tells=lambda _view: {"shapes": f"{API}/{AREAS}"},
    hold=hold,
    height=50,
    reading=20,
    points="points",
)
