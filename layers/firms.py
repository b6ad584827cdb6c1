"""Firms: counts by cell far out, points near, for the part of the map that is visible."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import QUOTED
from edition.view import UK
from geo.projections import to_bng, to_lonlat
from geo.publishable import SHOWN
from layers.base import FIRM_FILTERS, Layer, Payload, Served
from layers.firm_cells import firm_counts
from layers.mark import Entry, Legend, Look, Mark
from layers.style import style
from profiles.firm import where
from profiles.point import METRES_AT_ZOOM_0
from words.numbers import count
from words.provenance import caveat

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from layers.sheet import Sheet
    from layers.style import Style

Box = tuple[float, float, float, float]
# Of the API.
PATH = "firms/grid"
# Degrees: longitudes lie within 180, latitudes within 90.
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
UK_BOX: Box = (-9.0, 49.5, 2.5, 61.5)
# Outside of it lies no firm, and far outside the National Grid is no map at all.
GROUND: Box = (-14.0, 48.0, 8.0, 63.0)
GRID_MERIDIAN = -2.0
# From the middle of a picture to beyond its edges, at any shape of page.
PRINT_REACH_PIXELS = 650
LEGEND_FIRMS = (1, 10, 100)
# In the stack of a picture: cells, and points.
FAR_HEIGHT, NEAR_HEIGHT = 4, 5.5
CELL_ALPHA, POINT_ALPHA = 0.55, 0.7
# Dots that names keep off where they can.
MOST_OPEN = 300
# Most symbols in an answer; beyond it the cells grow.
MOST = 3_000


def payload(edition: Edition, view: View, box: Box = UK_BOX, zoom: int = 6) -> Payload:
    """Return counts by cell, or the firms themselves where they are few enough to be told apart.

    Parameters
    ----------
    edition, view
        What is shown.
    box : tuple of float
        West, south, east, north in degrees.
    zoom : int
        Zoom of the map: decides the size of the cells.
    """
    near = zoom >= int(style().sizes["firm_zoom"])
    rows, note = _points(edition, view, box) if near else ([], "")
    # Too many to be all sent are counted by cell: none is left out in silence.
    if not near or len(rows) >= MOST:
        near, rows, note = False, _cells(edition, view, box, zoom), ""
    note = note if rows else _why_none(edition, view, box)
    return {"points": near, "rows": rows, "caveat": caveat(edition), "note": note}


def _bounds(box: Box) -> list[float]:
    """Return the metres that surely hold the box.

    Its edges bend on the grid: a parallel lies furthest south where it crosses the grid's own meridian, and a
    meridian furthest from that one at its southern end.
    """
    west, east = np.clip((box[0], box[2]), GROUND[0], GROUND[2])
    south, north = np.clip((box[1], box[3]), GROUND[1], GROUND[3])
    middle = np.clip(GRID_MERIDIAN, west, east)
    easting, northing = to_bng(np.array([west, middle, east] * 2), np.repeat([south, north], 3))
    return [float(edge) for edge in (easting.min(), easting.max(), northing.min(), northing.max())]


BOX_SQL = "easting BETWEEN ? AND ? AND northing BETWEEN ? AND ?"


def _cells(edition: Edition, view: View, box: Box, zoom: int) -> list[dict[str, Any]]:
    condition, values = where(edition, view)
    # About 36 pixels a cell: the UK's 54 degrees north have 156,543 m cos(54) / 2^zoom metres a pixel.
    size = 36 * METRES_AT_ZOOM_0 / 2**zoom
    sql = f"""
        SELECT count(*) AS n, avg(easting) AS easting, avg(northing) AS northing FROM firms
        WHERE {condition} AND {BOX_SQL}
        GROUP BY (easting / ?)::INT, (northing / ?)::INT ORDER BY n DESC LIMIT {MOST}
    """
    found = _in_degrees(edition.store.query(sql, [*values, *_bounds(box), size, size]))
    return [_symbol(row) for row in found.itertuples(index=False)]


def _points(edition: Edition, view: View, box: Box) -> tuple[list[dict[str, Any]], str]:
    """Return the firms of each point, and what is to be said of how exact the points are."""
    condition, values = where(edition, view)
    sql = f"""
        SELECT count(*) AS n, easting, northing, any_value(name) AS name,
        any_value(technology) AS technology, bool_or(withheld) AS withheld FROM firms
        WHERE {condition} AND {BOX_SQL}
        GROUP BY easting, northing ORDER BY n DESC, easting, northing LIMIT {MOST}
    """
    found = _in_degrees(edition.store.query(sql, [*values, *_bounds(box)]))
    rows = [{**_symbol(row), **_named(row)} for row in found.itertuples(index=False)]
    return rows, SHOWN if found["withheld"].any() else ""


def _in_degrees(found: pd.DataFrame) -> pd.DataFrame:
    lon, lat = to_lonlat(found["easting"].to_numpy(), found["northing"].to_numpy())
    return found.assign(lon=lon, lat=lat)


def _symbol(row: Any) -> dict[str, Any]:
    return {"count": int(row.n), "lon": round(row.lon, 5), "lat": round(row.lat, 5)}


def _named(row: Any) -> dict[str, str]:
    if row.n == 1:
        return {"name": row.name, "text": row.technology}
    # To the nearest half kilometre, firms of several addresses are shown at one point.
    return {"name": "", "text": "close together" if row.withheld else "at one address"}


def _why_none(edition: Edition, view: View, box: Box) -> str:
    condition, values = where(edition, view)
    total = int(
        edition.store.query(f"SELECT count(*) AS n FROM firms WHERE {condition}", values)["n"].iloc[0]
    )
    among = "register" if edition.about.own else "sample"
    if total and box != UK_BOX:
        return f"No firm of the {among} here; {count(total, 'firm')} elsewhere. Zoom out."
    return f"No firm of the {among} passes the filters."


def read_box(text: str) -> Box:
    """Read "west,south,east,north".

    Parameters
    ----------
    text : str
        Degrees (EPSG:4326).

    Raises
    ------
    ValueError
        If these are no four numbers, lie off the globe, or enclose nothing; the message quotes the text.
    """
    try:
        west, south, east, north = (float(edge) for edge in text.split(","))
    except ValueError:
        raise ValueError(
            f"{text[:QUOTED]!r} is no box: give west,south,east,north in degrees, such as -1.4,51.5,-1.1,51.7"
        ) from None
    # Written so that NaN, which is neither more nor less than anything, is refused.
    if not (WORLD[0] <= west < east <= WORLD[2] and WORLD[1] <= south < north <= WORLD[3]):
        raise ValueError(
            f"{text[:QUOTED]!r} is no box: west has to be less than east (within -180 and 180), "
            "south less than north (within -90 and 90)"
        )
    return west, south, east, north


def answer(edition: Edition, view: View, *, bbox: str, zoom: int) -> Payload:
    """Return the payload of a box, written as `read_box` reads it."""
    return payload(edition, view, read_box(bbox), zoom)


def print_payload(edition: Edition, view: View) -> Payload:
    """Return the payload of all that a picture may show: the UK, or the ground about its middle."""
    if view.at == UK:
        return payload(edition, view)
    lat, lon, zoom = view.at
    reach = PRINT_REACH_PIXELS * METRES_AT_ZOOM_0 / 2**zoom
    easting, northing = (float(value) for value in to_bng(lon, lat))
    east_west, south_north = (easting - reach, easting + reach), (northing - reach, northing + reach)
    corners = to_lonlat(np.tile(east_west, 2), np.repeat(south_north, 2))
    west, south, east, north = (float(edge) for edge in (*map(np.min, corners), *map(np.max, corners)))
    return payload(edition, view, (west, south, east, north), int(zoom))


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Draw a dot for each cell, its area growing with the count."""
    rows = payload["rows"]
    near = sheet.zoom >= style.sizes["footprint_zoom"]
    marks = [_dot(row["count"], style, near=near, point=payload["points"]) for row in rows]
    # Cells lie below clusters; points above their footprints, which would hide the firms they are made of.
    height = NEAR_HEIGHT if payload["points"] else FAR_HEIGHT
    lon, lat = [row["lon"] for row in rows], [row["lat"] for row in rows]
    sheet.marks(lon, lat, marks, zorder=height)
    # The first are the largest.
    spots = zip(lon, lat, (mark.radius for mark in marks), strict=True)
    sheet.open.extend(islice(spots, MOST_OPEN))


def legend(payload: Payload, style: Style) -> Legend:
    """Return the sizes of dots, up to the largest there is."""
    most = max((row["count"] for row in payload["rows"]), default=0)
    sizes = [number for number in LEGEND_FIRMS if number <= most]
    point = payload["points"]
    near = bool(payload.get("near", point))
    dots = [_dot(number, style, near=near, point=point) for number in sizes]
    entries = tuple(Entry(count(number, "firm"), (dot,)) for number, dot in zip(sizes, dots, strict=True))
    said = [payload["caveat"]] if payload["rows"] else []
    return Legend("Firms", entries, " ".join(filter(None, [*said, payload["note"]])))


def _dot(number: int, style: Style, *, near: bool, point: bool) -> Mark:
    """Return a dot; a pale rim tells it from what is below and beside it."""
    radius = style.points["firm_near" if near else "firm"] * float(np.sqrt(number))
    look = Look(
        style.colours["firm"],
        style.colours["halo"],
        style.points["firm_rim"],
        POINT_ALPHA if point else CELL_ALPHA,
    )
    return Mark("circle", radius, look)


LAYER = Layer(
    kind="firms",
    label="Firms",
    payload=print_payload,
    draw=draw,
    sources=("register",),
    served=Served(
        PATH,
        "Firms in a box: counts by cell far out, points near",
        answer,
        asks=("bbox", "zoom"),
        holds={"points": "yes or no", "rows": "rows", "caveat": "text"},
        example="bbox=-1.4,51.5,-1.1,51.7&zoom=12",
    ),
    behind=("firms",),
    legend=legend,
    heeds=lambda _view: FIRM_FILTERS,
    hold=lambda edition, view: {PATH: firm_counts(edition, view)},
    height=30,
    reading=40,
    of_firms=True,
    local=True,
    points="rows",
)
