"""What a map of a part of the country is called: after a nation, a region, an authority or a town."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import shapely

from geo.projections import to_bng
from layers import labels
from layers.view import UK
from regions.place import REMNANT
from regions.places import places

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from layers.view import View
    from regions.edition import Edition

# A map shows a part of the country from this zoom on, and a town that it can be called after lies this near
# to its middle (metres at zoom 0).
NEAR_ZOOM = 7.0
NEAR_METRES = 92_000 * 250
# The side of a square as large as the ground of a picture, metres at zoom 0.
WINDOW_METRES = 92_000 * (1_000 * 700) ** 0.5
# A map is called after an authority that fills so much of its land, if so much of it is seen.
MOST_OF_IT = 0.5
PART = "A part of the UK"
# Regions that people frame a map on, the first of two that are the same ground.
LEVELS = ("nation", "itl1", "city_region")
# Such a map shows so much of the region, and is at most so many times as large as it has to be, upright or
# lying (width by height).
LEAST_SEEN, WIDEST = 0.9, 1.2
UPRIGHT, LYING = 0.65, 1.43
# From this share of the land in common on, the region's name alone says what is seen.
ITS_OWN = 0.4
# Metres that outlines are simplified by before they are measured.
COARSE = 1_000.0


def whereabouts(edition: Edition, view: View) -> str:
    """Name the part of the country that a view is zoomed in to; nothing where it shows the whole.

    It is called after the nation or region that it is framed on, else after the authority in the middle, if
    that fills much of it, else after the largest town.
    """
    if view.cluster or view.at == UK:
        return ""
    return _called(edition, *view.at)


@lru_cache(maxsize=64)
def _called(edition: Edition, lat: float, lon: float, zoom: float) -> str:
    x, y = (float(value) for value in to_bng(lon, lat))
    side = WINDOW_METRES / 2**zoom
    region, its_own = _region(edition, x, y, side)
    if zoom < NEAR_ZOOM:
        return region if its_own else ""
    if region:
        return region if its_own else f"{region} and around"
    authority = _authority(edition, x, y, side)
    if authority:
        return f"{authority} and around"
    towns = labels.places(edition)
    near = (towns["easting"] - x) ** 2 + (towns["northing"] - y) ** 2 < (NEAR_METRES / 2**zoom) ** 2
    named = towns[near].nlargest(1, "weight")["name"]
    return f"{named.iloc[0]} and around" if len(named) else PART


def _region(edition: Edition, x: float, y: float, side: float) -> tuple[str, bool]:
    """Name the region that a square about a point is framed on, and say whether that is most of its land."""
    square = (x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    land = sum(_seen(shape, square) for level, _, shape in _regions(edition) if level == "nation")
    best, called = 0.0, ""
    for _, name, shape in _regions(edition):
        seen = _seen(shape, square)
        common = seen / (shape.area + land - seen)
        if common > best and _framed(shape, side) and seen >= LEAST_SEEN * shape.area:
            best, called = common, name
    return called, best >= ITS_OWN


def _framed(shape: BaseGeometry, side: float) -> bool:
    """Say whether a square of a side is no larger than a page about a shape has to be, with some air."""
    west, south, east, north = shape.bounds
    wide, high = east - west, north - south
    needed = [max(high, wide / across) * across**0.5 for across in (UPRIGHT, LYING)]
    return bool(side <= WIDEST * max(needed))


def _seen(shape: BaseGeometry, square: tuple[float, float, float, float]) -> float:
    return float(shapely.area(shapely.clip_by_rect(shape, *square)))


@lru_cache(maxsize=2)
def _regions(edition: Edition) -> tuple[tuple[str, str, BaseGeometry], ...]:
    """Return level, name and coarse outline of the regions that a map may be framed on."""
    return tuple(
        (level, place.name, shapely.simplify(place.geometry, COARSE))
        for level in LEVELS
        for place in places(edition).of_level(level)
        if not place.ref.startswith(REMNANT)
    )


def _authority(edition: Edition, x: float, y: float, side: float) -> str:
    """Name the authority at a point if it is most of the land about it and most of it lies there."""
    rows = edition.regions["la"].geometry
    square = shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    near = rows.iloc[rows.sindex.query(square)]
    holding = near[near.contains(shapely.Point(x, y))]
    if holding.empty:
        return ""
    seen = near.clip_by_rect(*square.bounds).area
    there = seen[holding.index[0]]
    if there < MOST_OF_IT * max(holding.iloc[0].area, seen.sum()):
        return ""
    return str(edition.regions["la"].loc[holding.index[0], "name"])
