"""Place names, larger places first; which of them fit is decided where they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layers.base import API, Layer, Payload
from layers.element import Slot
from layers.mark import Name

if TYPE_CHECKING:
    from layers.sheet import Sheet
    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition

MOST = 1_500
# Radius that a name in print leaves for the dot of its place, points.
DOT = 1.2


def payload(edition: Edition, _view: View) -> Payload:
    """Return rows of name, latitude, longitude, residents."""
    rows = edition.tables["towns"].nlargest(MOST, "weight")
    return {
        "rows": [_row(row) for row in rows.itertuples(index=False)],
        "note": "",
    }


def _row(row: Any) -> list[Any]:
    return [row.name, round(row.lat, 4), round(row.lon, 4), int(row.weight)]


def screen(_view: View) -> Slot:
    """Return the element."""
    return Slot("labels", url=f"{API}/towns")


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Ask for every place to be named, larger places first."""
    colour = style.colours["muted"]
    sheet.names.extend(
        Name((name,), lon, lat, DOT, residents, colour) for name, lat, lon, residents in payload["rows"]
    )


LAYER = Layer("labels", "Place names", payload, screen, draw, ("geonames",))
