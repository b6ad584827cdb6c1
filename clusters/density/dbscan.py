"""Exact DBSCAN of firms: the labels of scikit-learn's, from a grid of cells.

The definition is that of Ester, Kriegel, Sander and Xu (1996), "A density-based algorithm for discovering
clusters in large spatial databases with noise". The grid is that of Gunawan (2013), "A faster algorithm for
DBSCAN": the diagonal of a cell is shorter than eps, so all firms of a cell see one another, only the cells at
most two steps away can matter, and a cluster is a connected set of cells. Firms at one place count as one
point with their number as weight.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clusters.density.entries import NOISE, checked, each_label, entries
from clusters.scan.compiled import compiled
from data.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]
    Places = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Span = tuple[int, int]
    Box = tuple[float, float, float, float]

SIDE = math.sqrt(0.5) * (1 - 1e-6)
"""Side of a cell as a share of eps: the diagonal stays below eps however a coordinate is rounded."""

WIDEST = 1 << 30
"""Most cells along an axis: a position of that size is known to a 4-millionth of a cell, well within SIDE."""

REACH = 2
"""Cells away, along either axis, that a point within eps can be."""

ACROSS = 2 * REACH + 1

LINES = (2, 1, 3, 0, 4)
"""Lines of cells around one, the nearest first: what is near decides soonest."""

DIGIT = 11
"""Bits sorted at a time; the counts of a digit fit the first-level cache."""

FEW = 256
"""Pairs that are compared one by one before anything cleverer is tried."""

LEEWAY = 1 + 1e-9
"""Boxes must be further apart than the rounding of a square, to be told apart by it."""


@dataclass(frozen=True)
class DbscanParameters:
    """What makes firms dense.

    Attributes
    ----------
    eps_m
        Distance in metres within which firms are neighbours, itself included.
    min_samples
        Firms within `eps_m`, the firm itself included, that make it the core of a cluster.
    """

    eps_m: float = 1_000.0
    min_samples: int = 10

    def __post_init__(self) -> None:
        faults = []
        if not (math.isfinite(self.eps_m) and self.eps_m > 0):
            faults.append(f"eps_m is {self.eps_m}: it must be a number of metres above 0")
        if not self.min_samples >= 1:
            faults.append(f"min_samples is {self.min_samples}: it must be at least 1")
        if faults:
            raise InputError("; ".join(faults))


class Points(NamedTuple):
    """Distinct places in the order of their cells; within a cell those of the core come first.

    `place` numbers the places in the order in which the rows name them first.
    """

    x: Floats
    y: Floats
    weight: Floats
    place: Places


class Rule(NamedTuple):
    """What makes a core point: weight within reach, and the square of that reach."""

    square: float
    needed: float


class Cores(NamedTuple):
    """Where the core points of each cell end, and the cluster that they are of; -1 where it has none."""

    end: Ints
    number: Ints


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


def dbscan(
    easting: ArrayLike,
    northing: ArrayLike,
    eps_m: float,
    min_samples: int,
    weights: ArrayLike | None = None,
) -> Ints:
    """Return the cluster of each row as ``sklearn.cluster.DBSCAN(eps_m, min_samples)`` numbers it.

    Two rows are neighbours when the sum of the squared differences is at most `eps_m` squared, both in
    double precision. A cluster's number follows its first core row; a border row within `eps_m` of several
    clusters belongs to the lowest of them. Time and memory grow with the rows, however many share a place.

    Parameters
    ----------
    easting, northing
        Metres, shape (rows,).
    eps_m
        Distance in metres within which rows are neighbours.
    min_samples
        Rows, or weight, within `eps_m` that make a core row; the row itself counts.
    weights
        Firms that a row stands for, above 0, shape (rows,); 1 where absent. Sums of whole numbers are exact.

    Returns
    -------
    ndarray
        int64, shape (rows,): numbers from 0, and -1 for noise.

    Raises
    ------
    InputError
        When lengths differ, a value is not finite, a weight is not above 0, a parameter is out of range,
        or the rows are spread over more than 2**30 cells in a direction.
    """
    parameters = DbscanParameters(eps_m, min_samples)
    x, y, w = checked(easting, northing, weights)
    _require_grid(x, y, parameters.eps_m)
    return _clustered(x, y, w, float(parameters.eps_m), float(parameters.min_samples))


def dbscan_by_label(
    easting: ArrayLike,
    northing: ArrayLike,
    firm: ArrayLike,
    label: ArrayLike,
    parameters: DbscanParameters | None = None,
    *,
    weights: ArrayLike | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """Cluster the firms of each label by themselves.

    Parameters
    ----------
    easting, northing
        Places of all firms in metres, shape (firms,).
    firm, label
        One entry for each label that a firm carries: row of the firm, and code of the label, in any order.
    weights
        Firms that a row stands for, shape (firms,); 1 where absent.
    threads
        Labels clustered at a time; as many as there are processors where absent. No say in the result.

    Returns
    -------
    DataFrame
        label, firm, cluster (int64): one row for each entry, by label and firm; clusters are numbered from 0
        within their label by their first core firm, and noise is -1.

    Raises
    ------
    InputError
        As `dbscan`; also when a firm has no such row, or carries a label twice.
    """
    parameters = parameters or DbscanParameters()
    x, y, w = checked(easting, northing, weights)
    _require_grid(x, y, parameters.eps_m)

    def cluster(rows: Ints) -> Ints:
        chosen = w[rows] if len(w) else w
        return _clustered(x[rows], y[rows], chosen, float(parameters.eps_m), float(parameters.min_samples))

    return each_label(entries(firm, label, len(x)), cluster, threads or os.cpu_count() or 1)


def _require_grid(x: Floats, y: Floats, eps_m: float) -> None:
    if not len(x):
        return
    widest = max(float(x.max()) - float(x.min()), float(y.max()) - float(y.min()))
    # The square must not vanish or overflow either: distances are compared by it.
    if not (widest <= eps_m * SIDE * WIDEST and 1e-290 < eps_m**2 < 1e290):
        raise InputError(
            f"eps_m is {eps_m} for rows that are {widest} metres apart: "
            f"it must be at least {widest / SIDE / WIDEST:.3g} and its square a number of ordinary size"
        )


@compiled
def _clustered(x: Floats, y: Floats, weights: Floats, eps: float, needed: float) -> Ints:
    """Cluster of each row; float64 arrays of one shape, weights of that shape or empty."""
    found = np.empty(len(x), np.int64)
    if len(x) == 0:
        return found
    rule = Rule(eps * eps, needed)
    place, points = _places(x, y, weights)
    points, cells = _gridded(points, eps * SIDE)
    near = _nearby(cells)
    core_end = _core_ends(points, cells, near, rule)
    root = _joined(points, cells, near, core_end, rule.square)
    cores = Cores(core_end, _numbered(points, cells, core_end, root))
    of_place = _given(points, cells, near, cores, rule.square)
    for row in range(len(x)):
        found[row] = of_place[place[row]]
    return found


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
    west, south, east, _ = _box(points, 0, len(points.x))
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


@compiled
def _square(points: Points, one: int, other: int) -> float:
    """Squared distance, rounded as scikit-learn rounds it."""
    across: float = points.x[one] - points.x[other]
    along: float = points.y[one] - points.y[other]
    return across * across + along * along


@compiled
def _swap(points: Points, one: int, other: int) -> None:
    points.x[one], points.x[other] = points.x[other], points.x[one]
    points.y[one], points.y[other] = points.y[other], points.y[one]
    points.weight[one], points.weight[other] = points.weight[other], points.weight[one]
    points.place[one], points.place[other] = points.place[other], points.place[one]


@compiled
def _core_ends(points: Points, cells: Cells, near: Near, rule: Rule) -> Ints:
    """Where the core points of each cell end, once they stand before the others of their cell."""
    ends = np.empty(len(cells.key), np.int64)
    for cell in range(len(cells.key)):
        if cells.mass[cell] >= rule.needed:
            ends[cell] = cells.start[cell + 1]
            continue
        ends[cell] = cells.start[cell]
        if _mass(cells, near, cell) < rule.needed:
            continue
        for at in range(cells.start[cell], cells.start[cell + 1]):
            if _is_core(points, cells, near, (cell, at), rule):
                _swap(points, at, ends[cell])
                ends[cell] += 1
    return ends


@compiled
def _mass(cells: Cells, near: Near, cell: int) -> float:
    """Weight in the cells near one."""
    total = 0.0
    for line in range(ACROSS):
        for other in range(near.first[cell, line], near.end[cell, line]):
            total += cells.mass[other]
    return total


@compiled
def _is_core(points: Points, cells: Cells, near: Near, asked: Span, rule: Rule) -> bool:
    """Whether a point, named by its cell and position, has the weight needed within reach."""
    cell, at = asked
    total = 0.0
    for line in LINES:
        # Cells next to one another along a line hold points next to one another.
        for other in range(cells.start[near.first[cell, line]], cells.start[near.end[cell, line]]):
            if _square(points, at, other) <= rule.square:
                total += points.weight[other]
                if total >= rule.needed:
                    return True
    return False


@compiled
def _joined(points: Points, cells: Cells, near: Near, core_end: Ints, square: float) -> Ints:
    """Root of each cell: cells are one where a core point of either is within reach of the other's."""
    root = np.empty(len(cells.key), np.int64)
    for cell in range(len(root)):
        root[cell] = cell
    for cell in range(len(cells.key)):
        mine = cells.start[cell], core_end[cell]
        if mine[0] == mine[1]:
            continue
        # Each pair once: the cells after this one.
        for line in range(REACH, ACROSS):
            for other in range(max(near.first[cell, line], cell + 1), near.end[cell, line]):
                theirs = cells.start[other], core_end[other]
                if theirs[0] == theirs[1]:
                    continue
                one, two = _root_of(root, cell), _root_of(root, other)
                if one != two and _touch(points, mine, theirs, square):
                    root[max(one, two)] = min(one, two)
    return root


@compiled
def _root_of(root: Ints, cell: int) -> int:
    while root[cell] != cell:
        root[cell] = root[root[cell]]
        cell = root[cell]
    return cell


@compiled
def _touch(points: Points, one: Span, other: Span, square: float) -> bool:
    """Whether a point of one range is within reach of one of another.

    Ranges are halved, and pairs of halves told apart by their bounding boxes, until few pairs are left: two
    crowded cells just out of reach of one another take little more than the time of reading them.
    """
    if (one[1] - one[0]) * (other[1] - other[0]) <= FEW:
        return _pair_within(points, one, other, square)
    stack = [(one, other)]
    while stack:
        one, other = stack.pop()
        if (one[1] - one[0]) * (other[1] - other[0]) <= FEW:
            if _pair_within(points, one, other, square):
                return True
            continue
        box, other_box = _box(points, one[0], one[1]), _box(points, other[0], other[1])
        if _least(box, other_box) > square * LEEWAY:
            continue
        # One try at a pair that lies near: crowded neighbours seldom need more.
        if _square(points, _nearest(points, one, other_box), _nearest(points, other, box)) <= square:
            return True
        if _width(box) >= _width(other_box):
            middle = _halved(points, one, box)
            stack.append(((one[0], middle), other))
            stack.append(((middle, one[1]), other))
        else:
            middle = _halved(points, other, other_box)
            stack.append((one, (other[0], middle)))
            stack.append((one, (middle, other[1])))
    return False


@compiled
def _pair_within(points: Points, one: Span, other: Span, square: float) -> bool:
    for left in range(one[0], one[1]):
        for right in range(other[0], other[1]):
            if _square(points, left, right) <= square:
                return True
    return False


@compiled
def _box(points: Points, first: int, end: int) -> Box:
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for at in range(first, end):
        west, east = min(west, points.x[at]), max(east, points.x[at])
        south, north = min(south, points.y[at]), max(north, points.y[at])
    return west, south, east, north


@compiled
def _width(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


@compiled
def _least(one: Box, other: Box) -> float:
    """Squared distance between two boxes; 0 where they meet."""
    across = max(0.0, other[0] - one[2], one[0] - other[2])
    along = max(0.0, other[1] - one[3], one[1] - other[3])
    return across * across + along * along


@compiled
def _nearest(points: Points, span: Span, box: Box) -> int:
    """Position of the point of a range that is nearest to the middle of a box."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    found, least = span[0], np.inf
    for at in range(span[0], span[1]):
        across, along = points.x[at] - x, points.y[at] - y
        square = across * across + along * along
        if square < least:
            found, least = at, square
    return found


@compiled
def _halved(points: Points, span: Span, box: Box) -> int:
    """Where the second half starts, once a range is parted at the middle of the longer side of its box."""
    flat = box[2] - box[0] >= box[3] - box[1]
    values = points.x if flat else points.y
    low, high = (box[0], box[2]) if flat else (box[1], box[3])
    middle = low + (high - low) / 2
    # Between two numbers that are next to one another there is no third: the lower one parts them.
    middle = middle if middle < high else low
    at = span[0]
    for other in range(span[0], span[1]):
        if values[other] <= middle:
            _swap(points, at, other)
            at += 1
    return at


@compiled
def _numbered(points: Points, cells: Cells, core_end: Ints, root: Ints) -> Ints:
    """Cluster of each cell, -1 without core points; clusters in the order of their first core row."""
    first = np.full(len(root), len(points.place), np.int64)
    for cell in range(len(root)):
        root[cell] = _root_of(root, cell)
        for at in range(cells.start[cell], core_end[cell]):
            first[root[cell]] = min(first[root[cell]], points.place[at])
    owner = np.full(len(points.place) + 1, NOISE, np.int64)
    for cell in range(len(root)):
        owner[first[cell]] = cell
    # Cells without core points are all the owner of the place beyond the last.
    number, count = np.full(len(root), NOISE, np.int64), 0
    for cell in owner[:-1]:
        if cell >= 0:
            number[cell] = count
            count += 1
    for cell in range(len(root)):
        number[cell] = number[root[cell]]
    return number


@compiled
def _given(points: Points, cells: Cells, near: Near, cores: Cores, square: float) -> Ints:
    """Cluster of each place: that of its cell for the core, the lowest within reach for the others."""
    found = np.full(len(points.place), NOISE, np.int64)
    for cell in range(len(cells.key)):
        core = cells.start[cell], cores.end[cell]
        if core[0] == core[1]:
            continue
        for at in range(core[0], core[1]):
            found[points.place[at]] = cores.number[cell]
        for line in range(ACROSS):
            for other in range(near.first[cell, line], near.end[cell, line]):
                border = cores.end[other], cells.start[other + 1]
                if border[0] < border[1]:
                    _offer(points, border, core, (cores.number[cell], square), found)
    return found


@compiled
def _offer(points: Points, border: Span, core: Span, terms: tuple[int, float], found: Ints) -> None:
    """Give border points the cluster of core points within reach, unless they have one as low."""
    number, square = terms
    for at in range(border[0], border[1]):
        if 0 <= found[points.place[at]] <= number:
            continue
        for other in range(core[0], core[1]):
            if _square(points, at, other) <= square:
                found[points.place[at]] = number
                break
