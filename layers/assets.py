"""Research assets, a mark for each type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.schemas import ASSET_TYPES
from geo.projections import to_bng
from layers.base import API, Layer, Payload
from layers.element import Slot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition

MARKERS = {"square": "s", "star": "*", "triangle": "^", "diamond": "D", "cross": "P", "pentagon": "p"}


def payload(edition: Edition, _view: View) -> Payload:
    """Return every asset with its type and position."""
    rows = edition.tables["assets"]
    return {
        "rows": [
            {
                "id": row.asset_id,
                "name": row.name,
                "type": row.type,
                "lat": row.lat,
                "lon": row.lon,
                "text": ", ".join([ASSET_TYPES[row.type], *(["Russell Group"] if row.russell_group == "yes" else []), row.town]),
            }
            for row in rows.itertuples(index=False)
        ],
        "note": "" if len(rows) else "This edition holds no research assets.",
    }


def screen(_view: View) -> Slot:
    """Return the element; assets do not depend on the filters."""
    return Slot("assets", url=f"{API}/assets/map")


def draw(axes: Axes, payload: Payload, style: Style) -> None:
    """Draw a mark for each asset."""
    colour = style.colours["asset"]
    for kind, look in style.assets.items():
        rows = [row for row in payload["rows"] if row["type"] == kind]
        if rows:
            place = to_bng([row["lon"] for row in rows], [row["lat"] for row in rows])
            axes.scatter(*place, marker=MARKERS[look["mark"]], s=9, color=colour, linewidths=0.2, edgecolors="white", zorder=6)


LAYER = Layer("assets", "Research assets", payload, screen, draw, ("register",))
