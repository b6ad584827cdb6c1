"""Place names, larger places first; which of them fit is decided where they are drawn."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from layers.base import Layer, Payload, Served
from layers.mark import Name

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from layers.sheet import Sheet
    from layers.style import Style

MOST = 1_500
# What GeoNames calls a town and is none, by its id: districts (Brent, Fylde, High Peak, Mendip,
# Rossendale), a village with the people of one (Saint Peters), and Londonderry, which stands there twice.
NO_TOWNS = frozenset({"2654789", "2648970", "8299617", "6947756", "8299614", "2638703", "2643734"})
# What is written instead of its name.
CALLED = MappingProxyType({"2643736": "Derry/Londonderry"})
# Radius that a name in print leaves for the dot of its place, points.
DOT = 1.2


def payload(edition: Edition, _view: View) -> Payload:
    """Return rows of name, latitude, longitude, residents."""
    rows = places(edition).nlargest(MOST, "weight")
    return {
        "rows": [_row(row) for row in rows.itertuples(index=False)],
        "note": "",
    }


def places(edition: Edition) -> pd.DataFrame:
    """Return the towns that a map may name: id, name, lon, lat, weight (residents), easting and northing."""
    rows = edition.tables["towns"]
    kept: pd.DataFrame = rows[~rows["id"].isin(NO_TOWNS)]
    return kept.assign(name=kept["id"].map(CALLED).fillna(kept["name"]))


def every(edition: Edition) -> Payload:
    """Return the payload with every place, villages too, for a map of a small part."""
    return {"rows": places(edition)[["name", "lat", "lon", "weight"]].to_numpy().tolist(), "note": ""}


def _row(row: Any) -> list[Any]:
    return [row.name, round(row.lat, 4), round(row.lon, 4), int(row.weight)]


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Ask for every place to be named, larger places first."""
    colour = style.colours["muted"]
    sheet.names.extend(
        Name((name,), lon, lat, DOT, residents, colour) for name, lat, lon, residents in payload["rows"]
    )


LAYER = Layer(
    kind="labels",
    label="Place names",
    payload=payload,
    draw=draw,
    sources=("geonames",),
    served=Served(
        "towns",
        "Place names: name, latitude, longitude, residents",
        payload,
        filtered=False,
        holds={"rows": "list"},
    ),
    behind=(),
    close_up=every,
    height=100,
    reading=100,
    ground=True,
)
