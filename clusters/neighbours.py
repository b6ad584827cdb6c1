"""Firms within a distance of each point, counted exactly: whole cells at once, on the rim firm by firm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clusters.scan.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Cells across a radius: fewer leave more firms on the rim to be looked at, more cost more rows.
ACROSS = 32
# Metres, and cells for each point: what the grid may be at its finest.
FINEST_M, CELLS_A_POINT = 250.0, 8
# Metres by which a cell has to be clear of a rim to be taken whole: far more than rounding, less than
# matters.
CLEAR = 1e-6


class Cells(NamedTuple):
    """Points sorted into square cells, row by row.

    Attributes
    ----------
    x, y
        Of the points, metres, as they are sorted.
    weights
        Firms at each point.
    before
        Firms at the points before each, shape (points + 1,).
    starts
        Number of the first point of each cell, shape (rows * columns + 1,).
    west, south, side
        The corner of the grid, and the side of a cell, metres.
    columns, rows
        Of the grid.
    """

    x: Floats
    y: Floats
    weights: Ints
    before: Ints
    starts: Ints
    west: float
    south: float
    side: float
    columns: int
    rows: int


def within(points: ArrayLike, weights: ArrayLike, around: ArrayLike, radius_m: float) -> Ints:
    """Return how many firms lie within a radius of each of some points, on its rim included.

    Parameters
    ----------
    points
        Where firms are: shape (points, 2), metres, finite.
    weights
        Firms at each, whole numbers.
    around
        What is looked around: shape (places, 2), metres. A firm that stands there is counted as well.
    radius_m
        Metres, above 0.

    Returns
    -------
    array
        Shape (places,).
    """
    there, firms = np.asarray(points, dtype=float), np.asarray(weights, dtype=np.int64)
    places = np.asarray(around, dtype=float)
    if not len(there) or not len(places):
        return np.zeros(len(places), dtype=np.int64)
    found: Ints = _within(_cells(there, firms, radius_m), places[:, 0], places[:, 1], float(radius_m))
    return found


def _cells(points: Floats, weights: Ints, radius_m: float) -> Cells:
    west, south = points.min(axis=0)
    width, height = np.maximum(points.max(axis=0) - (west, south), 1.0)
    fewest = math.sqrt(width * height / (CELLS_A_POINT * len(points)))
    # A long thin strip of points needs as few cells as a square does.
    longest = max(width, height) / (CELLS_A_POINT * len(points))
    side = max(radius_m / ACROSS, FINEST_M, fewest, longest)
    columns, rows = int(width // side) + 1, int(height // side) + 1
    column = ((points[:, 0] - west) // side).astype(np.int64)
    cell = ((points[:, 1] - south) // side).astype(np.int64) * columns + column
    order = np.argsort(cell, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=rows * columns))])
    sorted_weights = weights[order]
    before = np.concatenate([[0], np.cumsum(sorted_weights)])
    x, y = np.ascontiguousarray(points[order, 0]), np.ascontiguousarray(points[order, 1])
    corner = (float(west), float(south), float(side))
    return Cells(x, y, sorted_weights, before, starts, *corner, columns, rows)


@compiled
def _within(cells: Cells, x: Floats, y: Floats, radius: float) -> Any:
    found = np.zeros(x.size, dtype=np.int64)
    for place in range(x.size):
        found[place] = _around(cells, x[place], y[place], radius)
    return found


@compiled
def _around(cells: Cells, x: float, y: float, radius: float) -> Any:
    """Return the firms around one place: row by row of cells, the run of whole cells and both its ends."""
    total = 0
    first = max(0, math.floor((y - radius - CLEAR - cells.south) / cells.side))
    last = min(cells.rows - 1, math.floor((y + radius + CLEAR - cells.south) / cells.side))
    for row in range(first, last + 1):
        low = cells.south + row * cells.side - y
        high = low + cells.side
        near = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
        reach = math.sqrt(max(0.0, radius * radius - near * near)) + CLEAR
        left = max(0, math.floor((x - reach - cells.west) / cells.side))
        right = min(cells.columns - 1, math.floor((x + reach - cells.west) / cells.side))
        if left > right:
            continue
        # From the first whole cell of the row to behind the last: none where the row is on the rim.
        begin, end = right + 1, right + 1
        inner = radius * radius - max(low * low, high * high)
        if inner > 0.0:
            half = math.sqrt(inner) - CLEAR
            start = max(left, math.ceil((x - half - cells.west) / cells.side))
            stop = min(right + 1, math.floor((x + half - cells.west) / cells.side))
            if start < stop:
                begin, end = start, stop
        base = row * cells.columns
        total += cells.before[cells.starts[base + end]] - cells.before[cells.starts[base + begin]]
        total += _near(cells, cells.starts[base + left], cells.starts[base + begin], (x, y), radius)
        total += _near(cells, cells.starts[base + end], cells.starts[base + right + 1], (x, y), radius)
    return total


@compiled
def _near(cells: Cells, start: int, stop: int, place: tuple[float, float], radius: float) -> Any:
    total = 0
    for point in range(start, stop):
        east, north = cells.x[point] - place[0], cells.y[point] - place[1]
        if east * east + north * north <= radius * radius:
            total += cells.weights[point]
    return total
