"""Where names go: a place for each, heavier names first, none over another, over a mark or over the edge."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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

    `air` is what it wants free around it of other names; one that is `led` may stand off, with a line.
    """

    x: float
    y: float
    reach: float
    width: float
    height: float
    led: bool = False
    air: float = 0.0


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
        best: tuple[float, Spot] | None = None
        for cost, spot in _candidates(wish):
            if best is not None and cost >= best[0]:
                continue
            if self._free(spot, wish):
                total = cost + self._covered(spot)
                best = (total, spot) if best is None or total < best[0] else best
        if best is None:
            return None
        self._take(best[1])
        return best[1]

    def _take(self, spot: Spot) -> None:
        self.solid = np.vstack([self.solid, _boxes([_grown(spot.edges, AIR)])])
        if spot.line:
            self.lines = np.vstack([self.lines, _along(spot.line)])

    def _free(self, spot: Spot, wish: Wish) -> bool:
        left, bottom, right, top = spot.edges
        first_x, first_y, last_x, last_y = self.page
        inside = first_x <= left and first_y <= bottom and right <= last_x and top <= last_y
        wanted = _grown(spot.edges, wish.air)
        if not inside or _overlap(wanted, self.solid).any() or _within(self.lines, spot.edges).any():
            return False
        return spot.line is None or not self._crosses(spot.line, wish)

    def _crosses(self, line: tuple[tuple[float, float], tuple[float, float]], wish: Wish) -> bool:
        """Say whether a leading line runs through something else than what it starts at."""
        x, y = wish.x, wish.y
        others = self.solid[~_holds(self.solid, x, y)]
        points = _along(line)
        return any(_within(points, tuple(box)).any() for box in others)

    def _covered(self, spot: Spot) -> float:
        """Return the cost of the open marks that a name covers."""
        sizes = (self.open[:, 2] - self.open[:, 0]) * (self.open[:, 3] - self.open[:, 1])
        shares = _overlap(spot.edges, self.open) / np.maximum(sizes, 1e-9)
        return COVER_COST * float(shares.sum())


def _boxes(edges: Iterable[Edges]) -> Boxes:
    return np.array(list(edges), dtype=float).reshape(-1, 4)


def _candidates(wish: Wish) -> Iterator[tuple[float, Spot]]:
    """Yield places around what is named with their cost, near ones first; names without a line stay near."""
    for gap in GAPS if wish.led else GAPS[:NEAR]:
        for rank, turn in enumerate(TURNS):
            edges = _beside(wish, turn, wish.reach + gap)
            line = _line(wish, edges) if wish.led and gap > LED else None
            yield gap + TURN_COST * rank, Spot(edges, line)


def _beside(wish: Wish, turn: float, distance: float) -> Edges:
    """Return the edges of a name whose nearest point lies in that direction and at that distance."""
    x, y = wish.x + distance * cos(turn), wish.y + distance * sin(turn)
    left = x - wish.width * (1 - cos(turn)) / 2
    bottom = y - wish.height * (1 - sin(turn)) / 2
    return left, bottom, left + wish.width, bottom + wish.height


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


def _overlap(edges: Edges, boxes: Boxes) -> NDArray[np.float64]:
    """Return the area that each box has in common with the edges."""
    wide = np.minimum(boxes[:, 2], edges[2]) - np.maximum(boxes[:, 0], edges[0])
    high = np.minimum(boxes[:, 3], edges[3]) - np.maximum(boxes[:, 1], edges[1])
    return np.asarray(np.clip(wide, 0, None) * np.clip(high, 0, None), dtype=float)


def _within(points: Boxes, edges: tuple[float, ...]) -> NDArray[np.bool_]:
    across = (points[:, 0] > edges[0]) & (points[:, 0] < edges[2])
    return across & (points[:, 1] > edges[1]) & (points[:, 1] < edges[3])


def _holds(boxes: Boxes, x: float, y: float) -> NDArray[np.bool_]:
    return (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
