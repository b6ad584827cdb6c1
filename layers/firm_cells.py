"""Firms for one file: the firms themselves where they are few, else counts by cells of several sizes.

Firms whose points may be in no file (see `geo.publishable`) are counted by authority.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.boundaries import NATION_CODES
from geo.projections import to_lonlat
from layers.style import style
from profiles.firm import where
from profiles.point import METRES_AT_ZOOM_0
from words.numbers import distance
from words.provenance import caveat

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View
    from layers.base import Payload

# Points that a file may hold with their names, and cells of all sizes together: each some 30 to 100 bytes.
MOST_POINTS = 3_000
MOST_CELLS = 20_000
# Zooms that cells are made for, and pixels across a cell at its zoom, as on the page.
ZOOMS = (6, 7, 8, 9, 10, 11)
CELL_PIXELS = 36
BY_AUTHORITY = (
    "Firms in Northern Ireland are counted by authority: points of its postcodes may not be passed on."
)


def firm_counts(edition: Edition, view: View) -> Payload:
    """Return points, cells and counts by authority, as rows of count, longitude, latitude, name, text.

    Returns
    -------
    dict
        points
            None where they are too many; from zoom `near` on they are shown.
        cells
            A list by zoom; none finer than `MOST_CELLS` allow, which `told` says.
        counted
            Those that are withheld, at the middle of each authority, or of Northern Ireland where a register
            does not name it.
    """
    points = _points(edition, view)
    cells = _cells(edition, view)
    counted = _counted(edition, view)
    empty = not (cells and cells[0]["rows"]) and not counted
    return {
        "points": points,
        "cells": cells,
        "counted": counted,
        "apart": BY_AUTHORITY,
        "caveat": caveat(edition),
        "note": "No firm passes the filters." if empty else "",
        "near": int(style().sizes["firm_zoom"]),
        "told": _told(cells) if points is None else "",
    }


def _told(cells: list[dict[str, Any]]) -> str:
    if not cells:
        return ""
    size = distance(_metres(cells[-1]["zoom"]))
    return f"This file counts firms in cells of {size} at the finest; the full map shows each."


def _metres(zoom: int) -> float:
    return float(CELL_PIXELS * METRES_AT_ZOOM_0 / 2**zoom)


def _points(edition: Edition, view: View) -> list[list[Any]] | None:
    condition, values = where(edition, view)
    sql = f"""
        SELECT count(*) AS n, easting, northing, min(name) AS name, min(technology) AS technology FROM firms
        WHERE {condition} AND NOT withheld
        GROUP BY easting, northing ORDER BY n DESC, easting, northing LIMIT {MOST_POINTS + 1}
    """
    found = edition.store.query(sql, values)
    if len(found) > MOST_POINTS:
        return None
    placed = zip(_rows(found), found["name"], found["technology"], strict=True)
    return [
        [*row, name or "", what or ""] if row[0] == 1 else [*row, "", "at one address"]
        for row, name, what in placed
    ]


def _cells(edition: Edition, view: View) -> list[dict[str, Any]]:
    condition, values = where(edition, view)
    levels: list[dict[str, Any]] = []
    left = MOST_CELLS
    for zoom in ZOOMS:
        size = _metres(zoom)
        sql = f"""
            SELECT (easting / {size})::INT AS east, (northing / {size})::INT AS north, count(*) AS n,
            avg(easting) AS easting, avg(northing) AS northing FROM firms
            WHERE {condition} AND NOT withheld
            GROUP BY 1, 2 ORDER BY n DESC, east, north LIMIT {left + 1}
        """
        found = edition.store.query(sql, values)
        left -= len(found)
        if left < 0:
            break
        levels.append({"zoom": zoom, "rows": _rows(found)})
    return levels


def _counted(edition: Edition, view: View) -> list[list[Any]]:
    condition, values = where(edition, view)
    sql = f"""
        SELECT count(*) AS n, la_code FROM firms WHERE {condition} AND withheld
        GROUP BY la_code ORDER BY la_code
    """
    found = edition.store.query(sql, values)
    regions = pd.concat([edition.regions["la"], edition.regions["nation"]])
    places = regions.set_index("region_id")[["name", "lon", "lat"]]
    # An unknown code is one of Northern Ireland all the same.
    there = found["la_code"].where(found["la_code"].isin(places.index), NATION_CODES["Northern Ireland"])
    counted = found.assign(la_code=there).groupby("la_code", as_index=False)["n"].sum()
    placed = counted.join(places, on="la_code")
    columns = (placed[name].tolist() for name in ("n", "lon", "lat", "name"))
    return [
        [n, round(lon, 5), round(lat, 5), "", f"in {name}, counted together"]
        for n, lon, lat, name in zip(*columns, strict=True)
    ]


def _rows(found: pd.DataFrame) -> list[list[Any]]:
    """Return count, longitude and latitude, about a metre fine."""
    lon, lat = to_lonlat(found["easting"].to_numpy(), found["northing"].to_numpy())
    return [
        [int(n), round(float(x), 5), round(float(y), 5)] for n, x, y in zip(found["n"], lon, lat, strict=True)
    ]
