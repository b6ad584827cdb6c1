"""Places side by side on a picture: a small map for each under its name, all at one scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING

from snapshots.picture.chosen import bounds_of
from snapshots.picture.layout import Box
from snapshots.picture.lettering import Letters, fitted
from snapshots.picture.small_map import frame_of, scale_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layers.style import Style
    from regions.place import Place

# Millimetres on A4: between maps, between a name and its map; and what no map is narrower or lower than.
GAP, BELOW_NAME, LEAST = 4.0, 1.2, 24.0
NAME_SIZE = 8.4
MOST_LINES = 2


@dataclass(frozen=True)
class Pane:
    """A map of its own on the page.

    Attributes
    ----------
    box, frame
        Where it stands on the page (millimetres), and the ground that it shows (metres).
    places
        Those that are outlined.
    name
        What stands above it, as lines.
    """

    box: Box
    frame: Box
    places: tuple[Place, ...] = ()
    name: tuple[str, ...] = ()


def name_letters(style: Style, scale: float) -> Letters:
    """Return how the name above a map is written."""
    return Letters(NAME_SIZE * scale, style.colours["ink"], bold=True)


def side_by_side(
    places: Sequence[Place], names: Mapping[str, str], box: Box, style: Style, scale: float
) -> tuple[Pane, ...]:
    """Return a map for each place; none where one map of all of them shows them as large.

    Parameters
    ----------
    places
        In reading order.
    names
        What each is called, by ref.
    box
        Where the maps may stand, millimetres.
    style, scale
        Looks, and how large letters are against A4.
    """
    alone = scale_of(bounds_of(places), box)
    letters = name_letters(style, scale)
    tried = [_Grid(places, names, box, across, letters, scale) for across in range(1, len(places) + 1)]
    best = min((grid for grid in tried if grid.fits), key=lambda grid: grid.metres_per_mm, default=None)
    return best.panes() if best is not None and best.metres_per_mm < alone else ()


@dataclass(frozen=True)
class _Grid:
    """Maps in rows of `across`; the rest as of `side_by_side`."""

    places: Sequence[Place]
    names: Mapping[str, str]
    box: Box
    across: int
    letters: Letters
    scale: float

    @property
    def gap(self) -> float:
        """Millimetres between maps."""
        return GAP * self.scale

    @property
    def wide(self) -> float:
        """Width of a map."""
        return (self.box.width - self.gap * (self.across - 1)) / self.across

    @property
    def pitch(self) -> float:
        """From a row to the next."""
        return (self.box.height + self.gap) / ceil(len(self.places) / self.across)

    @cached_property
    def lines(self) -> list[tuple[str, ...]]:
        """The names as they are written above the maps."""
        room = max(self.wide, LEAST)
        return [
            tuple(fitted(self.names[one.ref], [self.letters], room, MOST_LINES)[0]) for one in self.places
        ]

    @property
    def head(self) -> float:
        """Height of a name."""
        return max(map(len, self.lines)) * self.letters.line + BELOW_NAME * self.scale

    @property
    def high(self) -> float:
        """Height of a map."""
        return self.pitch - self.gap - self.head

    @property
    def fits(self) -> bool:
        """Whether the maps are large enough to be read."""
        return min(self.wide, self.high) >= LEAST * self.scale

    @cached_property
    def metres_per_mm(self) -> float:
        """The scale at which each place fits its map."""
        room = Box(0, 0, self.wide, self.high)
        return max(scale_of(bounds_of([place]), room) for place in self.places)

    def panes(self) -> tuple[Pane, ...]:
        """Return the maps, each about its place."""
        found = []
        for number, (place, lines) in enumerate(zip(self.places, self.lines, strict=True)):
            left = self.box.left + (number % self.across) * (self.wide + self.gap)
            top = self.box.top - (number // self.across) * self.pitch - self.head
            box = Box(left, top - self.high, self.wide, self.high)
            frame = frame_of(bounds_of([place]), box, self.metres_per_mm)
            found.append(Pane(box, frame, (place,), lines))
        return tuple(found)
