"""Where names go: a place for each, heavier names first, none over another, over a mark or over the edge."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, pi
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Boxes = NDArray[np.float64]

# Left, bottom, right, top.
Edges = tuple[float, float, float, float]
# Points: air around a name; gap between it and what it names; from this gap on, a line leads to it.
AIR = 0.8
LED = 3.0
# Of these gaps, names without a line take the first few.
NEAR = 2
GAPS = (1.5, 4.0, 9.0, 16.0, 24.0, 34.0, 46.0, 60.0, 78.0)
# To the right first, then upwards and round: the order in which a reader expects a name.
TURNS = tuple(turn * pi / 8 for turn in (0, 1, -1, 2, -2, 3, -3, 8, 7, -7, 6, -6, 5, -5, 4, -4))
# What a point of distance costs, and what covering a whole open mark, or turning from the right, does.
COVER_COST = 14.0
TURN_COST = 0.25


@dataclass(frozen=True)
class Wish:
    """A name that wants a place: the middle and radius of what it names, and its own size; all in points.

    `air` is what it wants free around it of other names; one that is `led` may stand off, with a line, as
    far as `far`.
    """

    x: float
    y: float
    reach: float
    width: float
    height: float
    led: bool = False
    air: float = 0.0
    far: float = GAPS[-1]


@dataclass(frozen=True)
class Spot:
    """The place of a name: its edges, and where a line leads from, if one has to."""

    edges: Edges
    line: tuple[tuple[float, float], tuple[float, float]] | None = None


class Room:
    """A page on which names are settled one after another, the most important first.

    Parameters
    ----------
    solid, open_ : iterable of tuple
        Edges of what must not be covered, and of what better is not.
    page : tuple
        Edges within which names have to stay.
    """

    def __init__(self, solid: Iterable[Edges], open_: Iterable[Edges], page: Edges) -> None:
        self.solid, self.open, self.page = _boxes(solid), _boxes(open_), page
        self.lines = np.empty((0, 2))

    def settle(self, wish: Wish) -> Spot | None:
        """Take the cheapest place around what is named and return it, or None where there is no room.

        Distance costs, and so do a direction away from the right and covering an open mark.
        """
        edges, costs, gaps = _candidates(wish)
        total = costs + self._covered(edges)
        free = np.flatnonzero(self._free(edges, wish))
        for row in free[np.argsort(total[free], kind="stable")]:
            left, bottom, right, top = edges[row].tolist()
            spot = (left, bottom, right, top)
            line = _line(wish, spot) if wish.led and gaps[row] > LED else None
            if line is None or not self._crosses(line, wish):
                return self._take(Spot(spot, line))
        return None

    def _take(self, spot: Spot) -> Spot:
        self.solid = np.vstack([self.solid, _boxes([_grown(spot.edges, AIR)])])
        if spot.line:
            self.lines = np.vstack([self.lines, _along(spot.line)])
        return spot

    def _free(self, edges: Boxes, wish: Wish) -> NDArray[np.bool_]:
        """Say of each place whether it is on the page and keeps off names, solid marks and lines."""
        first_x, first_y, last_x, last_y = self.page
        inside = (edges[:, :2] >= (first_x, first_y)).all(axis=1)
        inside &= (edges[:, 2:] <= (last_x, last_y)).all(axis=1)
        wanted = edges + np.array([-wish.air, -wish.air, wish.air, wish.air])
        taken = (_overlaps(wanted, self.solid) > 0).any(axis=1)
        return np.asarray(inside & ~taken & ~_within(self.lines, edges).any(axis=1))

    def _crosses(self, line: tuple[tuple[float, float], tuple[float, float]], wish: Wish) -> bool:
        """Say whether a leading line runs through something else than what it starts at."""
        others = self.solid[~_holds(self.solid, wish.x, wish.y)]
        return bool(_within(_along(line), others).any())

    def _covered(self, edges: Boxes) -> NDArray[np.float64]:
        """Return the cost of the open marks that a name covers, for each place."""
        sizes = (self.open[:, 2] - self.open[:, 0]) * (self.open[:, 3] - self.open[:, 1])
        shares = _overlaps(edges, self.open) / np.maximum(sizes, 1e-9)
        return np.asarray(COVER_COST * shares.sum(axis=1), dtype=float)


def _boxes(edges: Iterable[Edges]) -> Boxes:
    return np.array(list(edges), dtype=float).reshape(-1, 4)


def _candidates(wish: Wish) -> tuple[Boxes, NDArray[np.float64], NDArray[np.float64]]:
    """Return places around what is named, near ones first: their edges, what they cost, and their gaps.

    The nearest point of each lies in one of `TURNS` and at one of `GAPS`; names without a line stay near.
    """
    near = [gap for gap in GAPS if gap <= wish.far]
    gaps = np.repeat(near if wish.led else GAPS[:NEAR], len(TURNS))
    rounds = len(gaps) // len(TURNS)
    costs = gaps + TURN_COST * np.tile(np.arange(len(TURNS)), rounds)
    east, north = np.tile(np.cos(TURNS), rounds), np.tile(np.sin(TURNS), rounds)
    left = wish.x + (wish.reach + gaps) * east - wish.width * (1 - east) / 2
    bottom = wish.y + (wish.reach + gaps) * north - wish.height * (1 - north) / 2
    return np.column_stack([left, bottom, left + wish.width, bottom + wish.height]), costs, gaps


def _line(wish: Wish, edges: Edges) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the shortest line from the rim of what is named to the name."""
    x = min(max(wish.x, edges[0]), edges[2])
    y = min(max(wish.y, edges[1]), edges[3])
    length = hypot(x - wish.x, y - wish.y) or 1.0
    share = wish.reach / length
    return (wish.x + (x - wish.x) * share, wish.y + (y - wish.y) * share), (x, y)


def _along(line: tuple[tuple[float, float], tuple[float, float]]) -> Boxes:
    """Return points along a line, about two a point apart, its end left out: it touches the name."""
    (x, y), (to_x, to_y) = line
    steps = np.linspace(0.0, 0.97, max(2, int(hypot(to_x - x, to_y - y) / 2)))[:, None]
    points: Boxes = np.array([x, y]) + steps * np.array([to_x - x, to_y - y])
    return points


def _grown(edges: Edges, by: float) -> Edges:
    return edges[0] - by, edges[1] - by, edges[2] + by, edges[3] + by


def _overlaps(edges: Boxes, boxes: Boxes) -> NDArray[np.float64]:
    """Return the area that each of some edges, a row each, has in common with each box."""
    wide = np.minimum(edges[:, None, 2], boxes[:, 2]) - np.maximum(edges[:, None, 0], boxes[:, 0])
    high = np.minimum(edges[:, None, 3], boxes[:, 3]) - np.maximum(edges[:, None, 1], boxes[:, 1])
    return np.asarray(np.clip(wide, 0, None) * np.clip(high, 0, None), dtype=float)


def _within(points: Boxes, edges: Boxes) -> NDArray[np.bool_]:
    """Say for each of some edges, a row each, which points lie inside."""
    across = (points[:, 0] > edges[:, None, 0]) & (points[:, 0] < edges[:, None, 2])
    return np.asarray(across & (points[:, 1] > edges[:, None, 1]) & (points[:, 1] < edges[:, None, 3]))


def _holds(boxes: Boxes, x: float, y: float) -> NDArray[np.bool_]:
    return (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
