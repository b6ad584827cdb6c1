"""Place names, larger places first; which of them fit is decided where they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.patheffects as effects

from geo.projections import to_bng
from layers.base import API, Layer, Payload
from layers.element import Slot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition

MOST = 1_500
IN_PRINT = 40


def payload(edition: Edition, _view: View) -> Payload:
    """Return rows of name, latitude, longitude, residents."""
    rows = edition.tables["towns"].nlargest(MOST, "weight")
    return {
        "rows": [[row.name, round(row.lat, 4), round(row.lon, 4), int(row.weight)] for row in rows.itertuples(index=False)],
        "note": "",
    }


def screen(_view: View) -> Slot:
    """Return the element."""
    return Slot("labels", url=f"{API}/towns")


def draw(axes: Axes, payload: Payload, style: Style) -> None:
    """Write the largest names that do not touch one already written."""
    canvas = axes.figure.canvas
    taken: list[Bbox] = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts]  # type: ignore[attr-defined]
    halo = [effects.withStroke(linewidth=1.5, foreground=style.colours["halo"])]
    for name, lat, lon, _ in payload["rows"][:IN_PRINT]:
        easting, northing = to_bng(lon, lat)
        text = axes.text(easting, northing, name, fontsize=5, style="italic", color=style.colours["muted"], ha="center", va="center", path_effects=halo, zorder=7)
        box = text.get_window_extent(canvas.get_renderer())  # type: ignore[attr-defined]
        if any(box.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(box)


LAYER = Layer("labels", "Place names", payload, screen, draw, ("geonames",))
