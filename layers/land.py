"""Land and sea: the ground of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from matplotlib.patches import PathPatch

from data.settings import settings
from layers.base import API, Layer, Payload
from layers.element import Slot
from layers.outline import path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition


def payload(edition: Edition, _view: View) -> Payload:
    """Return land as GeoJSON; `uk` says which of it is the United Kingdom."""
    return dict(orjson.loads(edition.shapes["land"]))


def screen(_view: View) -> Slot:
    """Return the element; tiles only where the settings name some."""
    return Slot("land", url=f"{API}/land", tiles=settings().tiles_url)


def draw(axes: Axes, payload: Payload, style: Style) -> None:
    """Fill the sea, then the land."""
    axes.set_facecolor(style.colours["sea"])
    for feature in payload["features"]:
        fill = style.colours["land" if feature["properties"]["uk"] else "neighbour"]
        edge = style.colours["coast"]
        axes.add_patch(PathPatch(path(feature["geometry"]), facecolor=fill, edgecolor=edge, linewidth=0.3, zorder=1))


LAYER = Layer("land", "Land and sea", payload, screen, draw, ("onspd", "gshhg", "natural-earth"))
