"""Areas of the user's own: what a polygon must be before anything is counted in it.

A polygon comes from a mouse, a file or an address, so nothing is taken for granted. Its corners are rounded
to `DECIMALS` decimals of a degree (about a metre) before anything is measured: an area kept in a session and
the same area read from a link then give the same numbers.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from data.errors import InputError
from geo.areas.corners import DECIMALS, check_corners, listed_corners
from geo.boundaries import authorities
from geo.projections import UK_BOUNDS_BNG, to_bng

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

# One hectare: a large building with its grounds. Below that, unit postcodes cannot tell who lives there.
LEAST_M2: Final = 10_000.0
# West, south, east, north in degrees: what the map can be moved to. Beyond it metres of the grid mean little.
REACH: Final = (-30.0, 40.0, 24.0, 70.0)
_UK_DEGREES: Final = (-9.0, 49.5, 2.5, 61.5)
# The country in metres, by what files are in that do not say so.
_METRES: Final = {
    "the British National Grid (EPSG:27700)": UK_BOUNDS_BNG,
    "Web Mercator (EPSG:3857)": (-1_010_000.0, 6_350_000.0, 280_000.0, 8_750_000.0),
}
# What GEOS calls it, and what a person would.
_REASONS: Final = {
    "Self-intersection": "its outline crosses itself",
    "Ring Self-intersection": "its outline touches itself",
    "Hole lies outside shell": "it has a hole that lies outside of it",
    "Nested holes": "it has a hole within a hole",
    "Nested shells": "one of its parts lies within another",
    "Interior is disconnected": "its holes cut it in two",
    "Duplicate Rings": "it has the same outline twice",
    "Too few points in geometry component": "it has fewer than three corners",
}
_POINT = re.compile(r"^(.*?)\[(\S+) (\S+)\]$")


def area_from(geometry: BaseGeometry) -> MultiPolygon:
    """Turn a polygon into an area that can be counted in, or refuse it in words.

    Parts that lie in the sea or abroad may be there; it is for whoever counts to say that they do not.

    Parameters
    ----------
    geometry : Polygon or MultiPolygon
        Longitude and latitude in degrees (EPSG:4326).

    Returns
    -------
    MultiPolygon
        Metres (EPSG:27700), valid; its corners are those given, rounded to `DECIMALS` decimals of a degree.

    Raises
    ------
    InputError
        If it is no polygon, is empty, crosses itself, has a corner that is not a finite number of degrees,
        has more than `geo.areas.corners.MOST_CORNERS` corners, covers less than `LEAST_M2`, or has no land of
        the UK in it.
    """
    polygon = _polygon(geometry)
    check_corners(polygon)
    _check_degrees(shapely.get_coordinates(polygon))
    _check_valid(polygon)
    return _checked(_metres(rounded(polygon)))


def area_from_ring(ring: Any) -> MultiPolygon:
    """Turn a ring drawn on the map into an area (see `area_from`).

    Parameters
    ----------
    ring : list of pairs
        Latitude and longitude of each corner, in degrees; it may be closed or not. Whatever else it is, is
        refused in words: it comes from a browser.

    Raises
    ------
    InputError
        As `area_from`, and if it is no list of pairs of numbers.
    """
    corners = listed_corners(ring)
    if len(corners) < 3:
        raise InputError(f"an area needs at least three corners; this one has {len(corners)}")
    return area_from(Polygon(corners[:, ::-1]))


def rounded(polygon: MultiPolygon) -> MultiPolygon:
    """Round corners in degrees to `DECIMALS` decimals; a polygon that this spoils is mended on the same grid.

    Doing it twice is the same as doing it once.
    """
    near = shapely.transform(polygon, round_degrees)
    if near.is_valid:
        return near
    snapped = shapely.set_precision(polygon, 10**-DECIMALS)
    free = shapely.transform(shapely.set_precision(snapped, 0), round_degrees)
    return _parts(free)


def round_degrees(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to `DECIMALS` decimals, so that whole multiples give the very same floats everywhere."""
    scale = 10.0**DECIMALS
    return np.asarray(np.rint(corners * scale) / scale)


def _polygon(geometry: BaseGeometry) -> MultiPolygon:
    kind = getattr(geometry, "geom_type", type(geometry).__name__)
    if not isinstance(geometry, (Polygon, MultiPolygon)):
        raise InputError(f"a {kind} is no area; give a Polygon or a MultiPolygon")
    if geometry.is_empty:
        raise InputError(f"the {kind} is empty: it has no corners")
    return _parts(shapely.force_2d(geometry))


def _parts(geometry: BaseGeometry) -> MultiPolygon:
    """Return the polygons of a geometry as one MultiPolygon."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return MultiPolygon([part for part in parts if part.geom_type == "Polygon" and not part.is_empty])


def _check_degrees(corners: NDArray[np.float64]) -> None:
    bad = ~np.isfinite(corners).all(axis=1)
    if bad.any():
        lon, lat = corners[bad][0]
        raise InputError(
            f"a corner at {lat}, {lon} is no point on earth; every corner needs two finite numbers"
        )
    far = (np.abs(corners) > (180, 90)).any(axis=1)
    if far.any():
        x, y = corners[far][0]
        raise InputError(
            f"a corner at {x:.10g}, {y:.10g} is not in degrees; "
            f"longitude and latitude (EPSG:4326) are expected{_metric(corners)}"
        )


def _metric(corners: NDArray[np.float64]) -> str:
    """Give a hint where the numbers are metres of a system that files often forget to name."""
    for name, (west, south, east, north) in _METRES.items():
        if ((corners >= (west, south)) & (corners <= (east, north))).all():
            return f". These look like metres of {name}: name it as the file's crs, or save it in degrees"
    return ""


def _check_valid(polygon: MultiPolygon) -> None:
    if polygon.is_valid:
        return
    reason = str(shapely.is_valid_reason(polygon))
    placed = _POINT.match(reason)
    words, where = (placed[1], _at(float(placed[2]), float(placed[3]))) if placed else (reason, "")
    raise InputError(f"this is no simple area: {_REASONS.get(words, words.lower())}{where}")


def _at(lon: float, lat: float) -> str:
    return f" at latitude {lat:.5f}, longitude {lon:.5f}"


def _metres(polygon: MultiPolygon) -> MultiPolygon:
    west, south, east, north = polygon.bounds if not polygon.is_empty else (0.0, 0.0, 0.0, 0.0)
    if polygon.is_empty:
        raise InputError(f"the area is too thin to have an inside at {DECIMALS} decimals of a degree")
    if west > _UK_DEGREES[2] or east < _UK_DEGREES[0] or south > _UK_DEGREES[3] or north < _UK_DEGREES[1]:
        raise InputError(f"{_extent(polygon)} is outside the United Kingdom{_swapped(polygon)}")
    if west < REACH[0] or south < REACH[1] or east > REACH[2] or north > REACH[3]:
        raise InputError(
            f"{_extent(polygon)} reaches too far: from longitude {REACH[0]:g} to {REACH[2]:g} "
            f"and from latitude {REACH[1]:g} to {REACH[3]:g} is possible"
        )
    shape = shapely.transform(polygon, lambda lonlat: np.column_stack(to_bng(lonlat[:, 0], lonlat[:, 1])))
    # A line that is straight in degrees is not quite so in metres: where it now crosses another, mend it.
    return shape if shape.is_valid else _parts(shapely.make_valid(shape))


def _extent(polygon: MultiPolygon) -> str:
    west, south, east, north = polygon.bounds
    return f"this area (latitude {south:.2f} to {north:.2f}, longitude {west:.2f} to {east:.2f})"


def _swapped(polygon: MultiPolygon) -> str:
    """Give a hint where the coordinates make sense the other way round."""
    west, south, east, north = polygon.bounds
    inside = _UK_DEGREES[0] <= south <= north <= _UK_DEGREES[2]
    return (
        "; its latitudes and longitudes seem to have changed places"
        if inside and _UK_DEGREES[1] <= west <= east <= _UK_DEGREES[3]
        else ""
    )


def _checked(shape: MultiPolygon) -> MultiPolygon:
    if shape.area < LEAST_M2:
        raise InputError(
            f"the area covers {shape.area / 1e4:.2g} hectares; the least is {LEAST_M2 / 1e4:g} hectare "
            f"({LEAST_M2:,.0f} square metres)"
        )
    if not len(land_index().query(shape, predicate="intersects")):
        raise InputError("there is no land of the United Kingdom in this area; draw it over land")
    return shape


@cache
def land_index() -> shapely.STRtree:
    """Return the index of the authorities' shapes, in the order of `geo.boundaries.authorities`."""
    return shapely.STRtree(authorities().geometry.to_numpy())
