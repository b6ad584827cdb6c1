"""Land and sea: the ground of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.settings import settings
from layers.base import Layer, Payload, Served
from layers.mark import Look
from layers.shapes import shapes

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View
    from layers.sheet import Sheet
    from layers.style import Style


def payload(edition: Edition, _view: View) -> Payload:
    """Return land as GeoJSON; `uk` says which of it is the United Kingdom."""
    return {**shapes(edition, "land-fine")}


def answer(edition: Edition, _view: View, *, detail: str = "fine") -> bytes:
    """Return land as GeoJSON, ready to send: ``fine``, or ``coarse`` for a map of the whole country."""
    return edition.shapes[f"land-{detail}"]


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Fill the sea and the land; the coast lies over whatever colours the regions."""
    sheet.axes.set_facecolor(style.colours["sea"])
    for role, home in (("neighbour", False), ("land", True)):
        shapes = [part["geometry"] for part in payload["features"] if part["properties"]["uk"] is home]
        coast = Look(edge=style.colours["coast"], width=style.points["coast"])
        sheet.areas(shapes, (Look(face=style.colours[role]), 1), (coast, 2.5))


LAYER = Layer(
    kind="land",
    label="Land and sea",
    payload=payload,
    draw=draw,
    sources=("onspd", "gshhg", "natural-earth"),
    served=Served(
        "land",
        "Land as GeoJSON",
        answer,
        filtered=False,
        asks=("detail",),
        geojson=True,
        example="detail=coarse",
    ),
    behind=(),
    # Tiles only where the settings name some.
    tells=lambda _view: {"tiles": settings().tiles_url},
    height=0,
    switched=False,
    ground=True,
)
