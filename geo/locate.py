"""Points to regions: exactly the answer of a spatial join, from a table of cells.

A level's polygons are laid on a grid of 500 m cells once. A cell that no border crosses is wholly in one
region, or in none, and answers for its points by a look-up; only the points of border cells are tested
against polygons, by GEOS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from data.errors import InputError, TableError
from geo.projections import BNG

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Ints = NDArray[np.int64]

CELL_M: Final = 500.0
# A cell counts as crossed when a border comes this near to it, so that rounding can never hide a crossing.
MARGIN_M: Final = 0.001
# In the table of cells: no region; below that, -2 - n is the n-th border cell.
OUTSIDE: Final = -1
INSIDE, NEAREST = "inside", "nearest"


class _Grid(NamedTuple):
    """A grid of cells: its south-west corner in metres, the side of a cell, columns and rows."""

    west: float
    south: float
    side: float
    columns: int
    rows: int

    def column(self, easting: Floats) -> Floats:
        return np.asarray(np.floor((easting - self.west) / self.side))

    def row(self, northing: Floats) -> Floats:
        return np.asarray(np.floor((northing - self.south) / self.side))


@dataclass(frozen=True, eq=False)
class Locator:
    """A level's polygons, prepared for points; make it once with `prepare` and use it from any thread."""

    region_ids: tuple[str, ...]
    """In order, so that of two regions that share a border the first takes the points on it."""
    polygons: NDArray[np.object_]
    grid: _Grid
    table: NDArray[np.int32]
    """A number a cell: the region's place in `region_ids`, OUTSIDE, or -2 - the number of the border cell."""
    starts: NDArray[np.int64]
    """Where the candidates of each border cell begin, and where the last ones end."""
    candidates: NDArray[np.int32]

    def locate(self, easting: pd.Series, northing: pd.Series) -> pd.Series:
        """Give each point its region.

        Parameters
        ----------
        easting, northing : Series
            Metres (EPSG:27700), on one index.

        Returns
        -------
        Series
            `region_id` on the same index, missing where the point is in no region or has no coordinates. A
            point on a border belongs to the region whose id sorts first.
        """
        return self._named(self.indices(easting.to_numpy(float), northing.to_numpy(float)), easting.index)

    def locate_nearest(self, easting: pd.Series, northing: pd.Series, within: float) -> pd.DataFrame:
        """Give each point its region and, to one that is in none, the nearest region if it is near enough.

        Approximate boundaries leave points at the coast in the sea; what was done for each stands beside it.

        Parameters
        ----------
        easting, northing : Series
            Metres (EPSG:27700), on one index.
        within : float
            How far, in metres, a region may be.

        Returns
        -------
        DataFrame
            On the same index: `region_id`, `precision` ("inside" or "nearest") and `distance` in metres (0
            inside), all missing where no region is near enough. Of regions equally near, the one whose id
            sorts first.
        """
        if not within >= 0:
            raise InputError(f"within is {within!r}; expected a distance in metres, 0 or more")
        x, y = easting.to_numpy(float), northing.to_numpy(float)
        index = self.indices(x, y)
        distance = np.where(index >= 0, 0.0, np.nan)
        precision = np.array([None, INSIDE], dtype=object)[(index >= 0).astype(int)]
        lost = np.flatnonzero((index < 0) & np.isfinite(x) & np.isfinite(y))
        near, region, metres = self._nearest(x[lost], y[lost], within)
        index[lost[near]], distance[lost[near]], precision[lost[near]] = region, metres, NEAREST
        named = self._named(index, easting.index)
        return pd.DataFrame({"region_id": named, "precision": precision, "distance": distance})

    def indices(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        """Give each point (metres) its region's place in `region_ids`, or OUTSIDE."""
        cells = self._cells(x, y)
        found = self.table[cells]
        border = np.flatnonzero(found < OUTSIDE)
        found[border] = self._at_border(-2 - found[border], x[border], y[border])
        return found

    def _cells(self, x: Floats, y: Floats) -> Ints:
        """Give each point its cell; the last cell of the table is nowhere."""
        grid = self.grid
        column, row = grid.column(x), grid.row(y)
        here = (column >= 0) & (column < grid.columns) & (row >= 0) & (row < grid.rows)
        nowhere = grid.columns * grid.rows
        with np.errstate(invalid="ignore"):
            return np.where(here, row * grid.columns + column, nowhere).astype(np.int64)

    def _at_border(self, cells: NDArray[np.int32], x: Floats, y: Floats) -> NDArray[np.int32]:
        """Test points of border cells against their candidates, in order, until one holds them."""
        found = np.full(len(cells), OUTSIDE, dtype=np.int32)
        turn, last = self.starts[cells], self.starts[cells + 1]
        left = np.arange(len(cells))
        while len(left):
            candidate = self.candidates[turn[left]]
            order = np.argsort(candidate, kind="stable")
            left, candidate = left[order], candidate[order]
            inside = shapely.intersects_xy(self.polygons[candidate], x[left], y[left])
            found[left[inside]] = candidate[inside]
            left = left[~inside]
            turn[left] += 1
            left = left[turn[left] < last[left]]
        return found

    def _nearest(self, x: Floats, y: Floats, within: float) -> tuple[Ints, Ints, Floats]:
        """Give which points have a region within reach, that region's index and how far it is."""
        tree = shapely.STRtree(self.polygons)
        points = shapely.points(x, y)
        pairs, metres = tree.query_nearest(points, max_distance=within or MARGIN_M, return_distance=True)
        order = np.lexsort((pairs[1], metres, pairs[0]))
        order = order[metres[order] <= within]
        point, first = np.unique(pairs[0][order], return_index=True)
        return point, pairs[1][order][first], metres[order][first]

    def _named(self, index: NDArray[np.int32], rows: pd.Index) -> pd.Series:
        """Write region ids for indices; a dictionary spares making a text for each row."""
        codes = pa.array(index, mask=index < 0)
        names = pa.DictionaryArray.from_arrays(codes, pa.array(self.region_ids, type=pa.string()))
        return pd.Series(pd.array(names.cast(pa.string()), dtype="str"), index=rows, name="region_id")


def locate(easting: pd.Series, northing: pd.Series, polygons: gpd.GeoSeries) -> pd.Series:
    """Give each point its region; see `Locator.locate`, and `prepare` where many calls share the polygons.

    The answer is that of `geopandas.sjoin` with predicate "intersects", the lowest region id kept.
    """
    return prepare(polygons).locate(easting, northing)


def prepare(polygons: gpd.GeoSeries, cell: float = CELL_M) -> Locator:
    """Lay polygons on a grid of cells.

    Parameters
    ----------
    polygons : GeoSeries
        Valid polygons (EPSG:27700), indexed by region id. They may overlap: the id that sorts first wins.
    cell : float
        Side of a cell in metres. Smaller cells leave fewer points to test and take more memory, 4 bytes
        a cell.

    Raises
    ------
    InputError
        If the coordinates are not British National Grid.
    TableError
        If there is no polygon, one is missing, empty or invalid, or a region id occurs twice.
    """
    _check(polygons)
    ordered = polygons.sort_index()
    shapes = np.array(ordered.array, dtype=object)
    grid = _grid(shapely.total_bounds(shapes), cell)
    table = np.full(grid.columns * grid.rows + 1, OUTSIDE, dtype=np.int32)
    crossed = [_lay(shape, place, grid, table) for place, shape in enumerate(shapes)]
    starts, candidates = _number_borders(table, crossed)
    shapely.prepare(shapes)
    # GEOS completes the index of a prepared polygon at its first use: do it now, before threads share it.
    west, south, east, north = shapely.bounds(shapes).T
    shapely.intersects_xy(shapes, (west + east) / 2, (south + north) / 2)
    return Locator(tuple(map(str, ordered.index)), shapes, grid, table, starts, candidates)


def _check(polygons: gpd.GeoSeries) -> None:
    if polygons.crs != BNG:
        raise InputError(f"polygons are in {polygons.crs}; expected {BNG} (British National Grid metres)")
    if not len(polygons):
        raise TableError("no polygons to locate points in")
    if polygons.index.has_duplicates:
        raise TableError(f"region ids occur twice: {sorted(polygons.index[polygons.index.duplicated()])[:5]}")
    faulty = polygons.isna() | polygons.is_empty | ~polygons.is_valid
    faulty |= ~polygons.geom_type.isin(["Polygon", "MultiPolygon"])
    if faulty.any():
        raise TableError(
            f"not valid polygons: {sorted(polygons.index[faulty])[:5]}; shapely.make_valid may help"
        )


def _grid(bounds: Floats, cell: float) -> _Grid:
    """Make the grid that covers bounds and one cell more on each side."""
    west, south = (np.floor(bounds[:2] / cell) - 1) * cell
    columns, rows = (np.floor(bounds[2:] / cell) + 2 - np.array([west, south]) / cell).astype(int)
    return _Grid(float(west), float(south), cell, int(columns), int(rows))


def _lay(shape: Any, place: int, grid: _Grid, table: NDArray[np.int32]) -> Ints:
    """Write one polygon into the table where it fills whole cells; return the cells its border crosses.

    Cells that an earlier polygon fills are its own, as its id sorts first.
    """
    x0, y0, x1, y1 = _edges(shape)
    crossed = _crossed(x0, y0, x1, y1, grid)
    filled = _filled(x0, y0, x1, y1, grid)
    filled = filled[table[filled] == OUTSIDE]
    table[np.setdiff1d(filled, crossed, assume_unique=True)] = place
    return crossed


def _edges(shape: Any) -> tuple[Floats, Floats, Floats, Floats]:
    """Give the ends of all edges of a polygon, holes included."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    return xy[joined, 0], xy[joined, 1], xy[joined + 1, 0], xy[joined + 1, 1]


def _crossed(x0: Floats, y0: Floats, x1: Floats, y1: Floats, grid: _Grid) -> Ints:
    """Give the cells that edges touch, a margin included: row by row, the part of each edge in the row."""
    low, high = np.minimum(y0, y1) - MARGIN_M, np.maximum(y0, y1) + MARGIN_M
    edge, row = _spread(grid.row(low), grid.row(high))
    bottom = grid.south + row * grid.side - MARGIN_M
    ends = [
        _x_at(x0[edge], y0[edge], x1[edge], y1[edge], y) for y in (bottom, bottom + grid.side + 2 * MARGIN_M)
    ]
    west = grid.column(np.minimum(*ends) - MARGIN_M)
    east = grid.column(np.maximum(*ends) + MARGIN_M)
    part, column = _spread(west, east)
    return np.unique(row[part] * grid.columns + column)


def _x_at(x0: Floats, y0: Floats, x1: Floats, y1: Floats, y: Floats) -> Floats:
    """Give where edges are at heights, held to the edge's ends; level edges give their start.

    The two ends of a level edge lie in one row, and `y` passes below and above it, so both ends are given.
    """
    rise = y1 - y0
    share = np.divide(y - y0, rise, out=np.where(y < y0, 0.0, 1.0), where=rise != 0)
    return x0 + np.clip(share, 0.0, 1.0) * (x1 - x0)


def _filled(x0: Floats, y0: Floats, x1: Floats, y1: Floats, grid: _Grid) -> Ints:
    """Give the cells whose centre is inside, by parity: an edge flips the centres of its row east of it."""
    first = np.ceil((np.minimum(y0, y1) - grid.south) / grid.side - 0.5)
    last = np.ceil((np.maximum(y0, y1) - grid.south) / grid.side - 0.5) - 1
    edge, row = _spread(first, last)
    centre = grid.south + (row + 0.5) * grid.side
    x = _x_at(x0[edge], y0[edge], x1[edge], y1[edge], centre)
    column = np.ceil((x - grid.west) / grid.side - 0.5).astype(np.int64)
    if not len(row):
        return np.empty(0, dtype=np.int64)
    south, west = row.min(), column.min()
    height, width = row.max() - south + 1, column.max() - west + 1
    flips = np.bincount((row - south) * width + column - west, minlength=height * width)
    inside = np.cumsum(flips.reshape(height, width), axis=1) % 2
    rows, columns = np.nonzero(inside)
    return np.asarray((rows + south) * grid.columns + columns + west, dtype=np.int64)


def _spread(first: Floats, last: Floats) -> tuple[Ints, Ints]:
    """Give, for each range, its place and its numbers from first to last, one row a number."""
    first = first.astype(np.int64)
    count = np.maximum(last.astype(np.int64) - first + 1, 0)
    place = np.repeat(np.arange(len(count)), count)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    return place, first[place] + offset


def _number_borders(
    table: NDArray[np.int32], crossed: list[Ints]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Write border cells' numbers into the table; list the candidates of each in the order of their ids.

    A polygon that fills a cell ends the cell's list if others cross it; those after it cannot win.
    """
    cells = np.concatenate(crossed)
    region = np.repeat(np.arange(len(crossed), dtype=np.int32), [len(one) for one in crossed])
    filler = table[cells]
    rival = (filler == OUTSIDE) | (region < filler)
    cells, region, filler = cells[rival], region[rival], filler[rival]
    border, first = np.unique(cells, return_index=True)
    backed = filler[first] != OUTSIDE
    cells = np.concatenate([cells, border[backed]])
    region = np.concatenate([region, filler[first][backed]])
    order = np.lexsort((region, cells))
    starts = np.searchsorted(cells[order], border)
    table[border] = -2 - np.arange(len(border), dtype=np.int32)
    return np.append(starts, len(cells)), region[order]
