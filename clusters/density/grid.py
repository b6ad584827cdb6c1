"""The grid that DBSCAN works on: distinct places, the cells that they lie in, and the cells near each.

Compiled functions of one module call no compiled function of another: numba keeps what it has compiled until
the file changes that the function stands in.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clusters.scan.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Places = NDArray[np.int32]
    Floats = NDArray[np.float64]

SIDE = math.sqrt(0.5) * (1 - 1e-6)
"""Side of a cell as a share of eps: the diagonal stays below eps however a coordinate is rounded."""

REACH = 2
"""Cells away, along either axis, that a point within eps can be."""

ACROSS = 2 * REACH + 1

DIGIT = 11
"""Bits sorted at a time; the counts of a digit fit the first-level cache."""


class Points(NamedTuple):
    """Distinct places in the order of their cells; within a cell those of the core come first.

    `place` numbers the places in the order in which the rows name them first.
    """

    x: Floats
    y: Floats
    weight: Floats
    place: Places


class Near(NamedTuple):
    """Ranges of the cells that are near each, on the five lines of cells around it, shape (cells, 5)."""

    first: Places
    end: Places


class Cells(NamedTuple):
    """Occupied cells by ascending key; cell c holds the points from start[c] up to start[c + 1]."""

    key: Ints
    start: Ints
    mass: Floats
    stride: int


@compiled
def on_grid(x: Floats, y: Floats, weights: Floats, side: float) -> tuple[Places, Points, Cells, Near]:
    """Place of each row, the places in the order of their cells, those cells, and the cells near each.

    Parameters
    ----------
    x, y
        Metres, shape (rows,), at least one.
    weights
        Firms that a row stands for, shape (rows,); 1 where empty.
    side
        Of a cell in metres.
    """
    place, points = _places(x, y, weights)
    points, cells = _gridded(points, side)
    return place, points, cells, _nearby(cells)


@compiled
def _places(x: Floats, y: Floats, weights: Floats) -> tuple[Places, Points]:
    """Place of each row, and the distinct places in order of first occurrence; by open addressing."""
    bits = 4
    while 1 << bits < 2 * len(x):
        bits += 1
    table = np.full(1 << bits, -1, np.int32)
    place, first = np.empty(len(x), np.int32), np.empty(len(x), np.int32)
    weight = np.zeros(len(x))
    x_bits, y_bits = x.view(np.uint64), y.view(np.uint64)
    count = 0
    for row in range(len(x)):
        slot = _hashed(x_bits[row], y_bits[row], bits)
        while table[slot] >= 0 and (x[first[table[slot]]] != x[row] or y[first[table[slot]]] != y[row]):
            slot = (slot + 1) & ((1 << bits) - 1)
        if table[slot] < 0:
            table[slot] = count
            first[count] = row
            count += 1
        place[row] = table[slot]
        weight[table[slot]] += weights[row] if len(weights) else 1.0
    return place, _picked(Points(x, y, weight, first), first, count)


@compiled
def _picked(source: Points, rows: Places, count: int) -> Points:
    """Points from x and y of some rows, and the weights as they come, numbered as they come."""
    points = Points(np.empty(count), np.empty(count), np.empty(count), np.empty(count, np.int32))
    for at in range(count):
        points.x[at], points.y[at] = source.x[rows[at]], source.y[rows[at]]
        points.weight[at], points.place[at] = source.weight[at], at
    return points


@compiled
def _hashed(x: np.uint64, y: np.uint64, bits: int) -> np.int64:
    """Slot of a place: multiply and shift, so that every bit of both coordinates counts."""
    mixed = x * np.uint64(0x9E3779B97F4A7C15) + y * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
    return np.int64(mixed >> np.uint64(64 - bits))


@compiled
def _gridded(points: Points, side: float) -> tuple[Points, Cells]:
    """Points sorted by the cell that they lie in, and those cells."""
    west, south, east = points.x.min(), points.y.min(), points.x.max()
    # Margins on both sides keep the neighbours of a cell from reaching into the next line of cells.
    stride = int((east - west) / side) + 1 + 2 * REACH
    keys = np.empty(len(points.x), np.int64)
    for at in range(len(keys)):
        line = int((points.y[at] - south) / side)
        keys[at] = line * stride + int((points.x[at] - west) / side) + REACH
    keys, order = _radix_sorted(keys)
    ordered = Points(np.empty(len(keys)), np.empty(len(keys)), np.empty(len(keys)), order)
    count = 0
    for at in range(len(keys)):
        place = order[at]
        ordered.x[at], ordered.y[at], ordered.weight[at] = (
            points.x[place],
            points.y[place],
            points.weight[place],
        )
        count += at == 0 or keys[at] != keys[at - 1]
    return ordered, _cells(keys, ordered.weight, count, stride)


@compiled
def _cells(keys: Ints, weight: Floats, count: int, stride: int) -> Cells:
    """Cells, `count` of them, of points whose keys are sorted."""
    cells = Cells(np.empty(count, np.int64), np.empty(count + 1, np.int64), np.zeros(count), stride)
    cell = -1
    for at in range(len(keys)):
        if at == 0 or keys[at] != keys[at - 1]:
            cell += 1
            cells.key[cell], cells.start[cell] = keys[at], at
        cells.mass[cell] += weight[at]
    cells.start[count] = len(keys)
    return cells


@compiled
def _radix_sorted(keys: Ints) -> tuple[Ints, Places]:
    """Keys in order, none below 0, and where each was; digit by digit from the lowest, hence stable."""
    order, spare_order = np.empty(len(keys), np.int32), np.empty(len(keys), np.int32)
    spare, tops = np.empty(len(keys), np.int64), np.empty(1 << DIGIT, np.int64)
    bits, highest = 0, 0
    for at in range(len(keys)):
        order[at], highest = at, max(highest, keys[at])
    while highest >> bits:
        _count_digits(keys, bits, tops)
        for at in range(len(keys)):
            digit = (keys[at] >> bits) & ((1 << DIGIT) - 1)
            spare[tops[digit]], spare_order[tops[digit]] = keys[at], order[at]
            tops[digit] += 1
        keys, spare, order, spare_order = spare, keys, spare_order, order
        bits += DIGIT
    return keys, order


@compiled
def _count_digits(keys: Ints, bits: int, tops: Ints) -> None:
    """Set tops to where the keys of each digit start."""
    tops[:] = 0
    for key in keys:
        tops[(key >> bits) & ((1 << DIGIT) - 1)] += 1
    below = 0
    for digit in range(len(tops)):
        below += tops[digit]
        tops[digit] = below - tops[digit]


@compiled
def _nearby(cells: Cells) -> Near:
    """Cells near each; keys are sorted, so ranges only move on from one cell to the next."""
    count = len(cells.key)
    near = Near(np.empty((count, ACROSS), np.int32), np.empty((count, ACROSS), np.int32))
    for line in range(ACROSS):
        first, end = 0, 0
        for cell in range(count):
            west = cells.key[cell] + (line - REACH) * cells.stride - REACH
            while first < count and cells.key[first] < west:
                first += 1
            end = max(first, end)
            while end < count and cells.key[end] < west + ACROSS:
                end += 1
            near.first[cell, line], near.end[cell, line] = first, end
    return near
