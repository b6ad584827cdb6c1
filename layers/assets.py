"""Research assets, a mark for each type."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from data.schemas import ASSET_TYPES
from layers.base import Layer, Payload, Served
from layers.mark import Entry, Legend, Look, Mark

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View
    from layers.sheet import Sheet
    from layers.style import Style

# How much larger than a square a shape has to be drawn to look as large: it fills less of its box.
FULLER = MappingProxyType({"star": 1.6, "pentagon": 1.2, "triangle": 1.2, "cross": 1.2})


def payload(edition: Edition, _view: View) -> Payload:
    """Return every asset with its type and position."""
    rows = edition.tables["assets"]
    return {
        "rows": [_row(row) for row in rows.itertuples(index=False)],
        "note": "" if len(rows) else "This edition holds no research assets.",
    }


def _row(row: Any) -> dict[str, Any]:
    group = ["Russell Group"] if row.russell_group == "yes" else []
    text = ", ".join([ASSET_TYPES[row.type], *group, row.town])
    return {
        "id": row.asset_id,
        "name": row.name,
        "type": row.type,
        "lat": row.lat,
        "lon": row.lon,
        "text": text,
    }


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Draw a mark for each asset, type by type."""
    for kind in style.assets:
        rows = [row for row in payload["rows"] if row["type"] == kind]
        marks = [_mark(kind, style)] * len(rows)
        sheet.marks([row["lon"] for row in rows], [row["lat"] for row in rows], marks, zorder=6)
        sheet.open.extend((row["lon"], row["lat"], style.points["asset"]) for row in rows)


def legend(payload: Payload, style: Style) -> Legend:
    """Return a line for each type there is."""
    found = {row["type"] for row in payload["rows"]}
    kinds = [kind for kind in style.assets if kind in found]
    entries = tuple(Entry(style.assets[kind]["label"], (_mark(kind, style),)) for kind in kinds)
    return Legend("Research assets", entries, payload["note"])


def _mark(kind: str, style: Style) -> Mark:
    look = Look(face=style.colours["asset"], edge=style.colours["halo"], width=0.3)
    shape = style.assets[kind]["mark"]
    return Mark(shape, style.points["asset"] * FULLER.get(shape, 1.0), look)  # type: ignore[arg-type]


LAYER = Layer(
    kind="assets",
    label="Research assets",
    payload=payload,
    draw=draw,
    sources=("register",),
    served=Served("assets/map", "Research assets as points", payload, filtered=False, holds={"rows": "rows"}),
    behind=("assets",),
    legend=legend,
    height=40,
    reading=50,
    points="rows",
)
