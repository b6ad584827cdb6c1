"""Who lives in an area: the share of each authority's residents, estimated from unit postcodes.

A unit postcode stands for some fifteen addresses, so the share of an authority's postcodes that lie in an
area is close to the share of its people. The directory keeps ended postcodes and they count too: they are
where addresses were. Points of postcodes are counted here and never shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.areas.area import land_index
from geo.boundaries import authorities
from geo.postcodes import NO_AUTHORITY, NO_METRES, Postcodes, postcodes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

# Metres: what is thinner than this on average is the rounding of a border, not a part of a place. Corners are
# rounded to about a metre, and an edge moves by less than its corners.
THIN_M: Final = 2.0


@dataclass(frozen=True, eq=False)
class Homes:
    """Unit postcodes grouped by authority; the arrays are not to be changed.

    Attributes
    ----------
    codes
        Authorities, in order.
    starts
        Where the postcodes of each begin, and where the last ones end: one more than there are codes.
    eastings, northings
        Metres (EPSG:27700).
    """

    codes: tuple[str, ...]
    starts: NDArray[np.int64]
    eastings: NDArray[np.int32]
    northings: NDArray[np.int32]

    def of(self, code: str) -> NDArray[np.float64]:
        """Return the points of an authority: shape (n, 2), metres."""
        if code not in self.codes:
            return np.empty((0, 2))
        place = self.codes.index(code)
        rows = slice(self.starts[place], self.starts[place + 1])
        return np.column_stack([self.eastings[rows], self.northings[rows]]).astype(np.float64)


@dataclass(frozen=True)
class Shares:
    """What an area holds of each authority.

    Attributes
    ----------
    weights
        Share of residents, 0 to 1, by code; authorities that the area does not reach are left out.
    cut
        Those that lie in it only in part.
    beyond
        Whether a part of the area is no land of theirs.
    bare
        Authorities without any unit postcode, for which the share of their land stands in.
    """

    weights: Mapping[str, float]
    cut: frozenset[str]
    beyond: bool
    bare: frozenset[str]


def homes_of(directory: Postcodes) -> Homes:
    """Group a directory's postcodes by authority, without those that have no point."""
    placed = (directory.eastings != NO_METRES) & (directory.authority != NO_AUTHORITY)
    rows = np.flatnonzero(placed)
    rows = rows[np.argsort(directory.authority[rows], kind="stable")]
    starts = np.searchsorted(directory.authority[rows], np.arange(len(directory.authorities) + 1))
    return Homes(directory.authorities, starts, directory.eastings[rows], directory.northings[rows])


def shares(
    area: BaseGeometry, codes: Sequence[str], shapes: NDArray[np.object_], tree: shapely.STRtree, homes: Homes
) -> Shares:
    """Return what an area holds of each authority.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        Metres (EPSG:27700), valid.
    codes, shapes, tree
        Authorities, their polygons, and the index of these.
    homes : Homes
        Unit postcodes of the authorities.

    Returns
    -------
    Shares
        An authority that lies wholly inside weighs 1. One that is cut weighs the share of its postcodes in
        the area, or of its land where it has no postcode.
    """
    shapely.prepare(area)
    reached = np.sort(tree.query(area, predicate="intersects"))
    inside = shapely.covers(area, shapes[reached])
    weights, cut, bare, land = {}, set(), set(), 0.0
    for place, whole in zip(reached, inside, strict=True):
        code, shape = codes[place], shapes[place]
        held = shape if whole else shapely.intersection(area, shape)
        if not whole and _thin(held):
            continue
        land += held.area
        weights[code] = 1.0
        if whole or _thin(shapely.difference(shape, area)):
            continue
        points = homes.of(code)
        weights[code] = _share(area, points) if len(points) else held.area / shape.area
        cut.add(code)
        bare |= set() if len(points) else {code}
    beyond = area.area - land > THIN_M * area.length
    return Shares(weights, frozenset(cut), bool(beyond), frozenset(bare))


def _thin(shape: BaseGeometry) -> bool:
    """Say whether no part of a shape is wider than a rounded border."""
    parts = shapely.get_parts(shape)
    return not bool((shapely.area(parts) > THIN_M * shapely.length(parts)).any())


def _share(area: BaseGeometry, points: NDArray[np.float64]) -> float:
    """Return the share of points in an area: those outside its box need no test."""
    west, south, east, north = shapely.bounds(area)
    x, y = points.T
    near = points[(x >= west) & (x <= east) & (y >= south) & (y <= north)]
    return int(shapely.intersects_xy(area, near).sum()) / len(points)


def shares_of(area: BaseGeometry) -> Shares:
    """Return what an area holds of each of the UK's authorities, once for each area (see `shares`).

    The first call of a process groups the postcodes, and the first on a machine makes their file.
    """
    return _shares(shapely.to_wkb(area))


@lru_cache(maxsize=128)
def _shares(wkb: bytes) -> Shares:
    frame = authorities()
    shapes = frame.geometry.to_numpy()
    return shares(shapely.from_wkb(wkb), frame["gss_code"].tolist(), shapes, land_index(), homes())


@cache
def homes() -> Homes:
    """Return the shipped directory's postcodes by authority."""
    return homes_of(postcodes())
