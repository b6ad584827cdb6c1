"""Core points of DBSCAN, the clusters that they make, and the border points that these take in.

What is compiled here calls nothing compiled elsewhere: see `clusters.density.grid`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clusters.density.entries import NOISE
from clusters.density.grid import ACROSS, REACH
from clusters.scan.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.density.grid import Cells, Near, Points

    Ints = NDArray[np.int64]
    Span = tuple[int, int]
    Box = tuple[float, float, float, float]

LINES = (2, 1, 3, 0, 4)
"""Lines of cells around one, the nearest first: what is near decides soonest."""

FEW = 256
"""Pairs that are compared one by one before anything cleverer is tried."""

LEEWAY = 1 + 1e-9
"""Boxes must be further apart than the rounding of a square, to be told apart by it."""


class Rule(NamedTuple):
    """What makes a core point: weight within reach, and the square of that reach."""

    square: float
    needed: float


class Cores(NamedTuple):
    """Where the core points of each cell end, and the cluster that they are of; -1 where it has none."""

    end: Ints
    number: Ints


@compiled
def clusters_of(points: Points, cells: Cells, near: Near, rule: Rule) -> Ints:
    """Cluster of each place, by its number; -1 for noise. Reorders the points within their cells."""
    core_end = _core_ends(points, cells, near, rule)
    root = _joined(points, cells, near, core_end, rule.square)
    cores = Cores(core_end, _numbered(points, cells, core_end, root))
    return _given(points, cells, near, cores, rule.square)


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
