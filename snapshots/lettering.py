"""Letters: how wide a text is, where its lines break, and names on the map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, islice
from typing import TYPE_CHECKING

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path

from snapshots.placement import Room, Wish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from layers.mark import Name
    from layers.sheet import Sheet
    from layers.style import Style
    from snapshots.layout import Box, Layout
    from snapshots.placement import Edges, Spot

FAMILY = "DejaVu Sans"
POINTS_PER_MM = 72 / 25.4
# Distance from line to line, in heights of the letters.
LEADING = 1.3
# Place names are for finding one's way: at most so many, and so far apart (points).
MOST_TOWNS = 34
TOWN_AIR = 4.0
# Of names tried; later ones are too small to matter on a page.
TRIED = 150
HALO = 2.0
LINE = 0.5
DOT = 1.6
# From the map's edge to a name, points.
EDGE = 3.0
# From line to line of a name, in sizes of its letters: what DejaVu's tallest and deepest letters take.
PITCH = 1.18
# Letters set on pixels come out a hair wider than their outlines.
SLACK = 1.01


@dataclass(frozen=True)
class Letters:
    """Size in points, weight and colour of a text."""

    size: float
    colour: str
    bold: bool = False
    italic: bool = False

    @property
    def line(self) -> float:
        """Distance from line to line, millimetres."""
        return self.size * LEADING / POINTS_PER_MM

    @property
    def font(self) -> FontProperties:
        """What matplotlib calls it."""
        return _font(self.size, bold=self.bold, italic=self.italic)

    def width(self, text: str) -> float:
        """Return how wide a line is, points; the same at any resolution."""
        return _width(text, self)


@lru_cache(maxsize=64)
def _font(size: float, *, bold: bool, italic: bool) -> FontProperties:
    weight = "bold" if bold else "normal"
    return FontProperties(family=FAMILY, size=size, weight=weight, style="italic" if italic else "normal")


@lru_cache(maxsize=8192)
def _width(text: str, letters: Letters) -> float:
    return float(text_to_path.get_text_width_height_descent(text, letters.font, ismath=False)[0])


def wrapped(text: str, letters: Letters, room: float) -> list[str]:
    """Break a text into lines that fit in `room` millimetres; a longer word stands alone, cut."""
    lines: list[str] = []
    left = 0.0
    for word in text.split():
        # Words are measured one by one and remembered: a page repeats them.
        long = letters.width(f"{word} ")
        if lines and long - letters.width(" ") <= left:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(_cut(word, letters, room))
            left = room * POINTS_PER_MM
        left -= long
    return lines


def _fits(text: str, letters: Letters, room: float) -> bool:
    return letters.width(text) <= room * POINTS_PER_MM


def _cut(word: str, letters: Letters, room: float) -> str:
    if _fits(word, letters, room):
        return word
    share = room * POINTS_PER_MM / letters.width(word)
    word = word[: max(1, int(len(word) * share * 1.5))]
    while len(word) > 1 and not _fits(f"{word}…", letters, room):
        word = word[:-1]
    return f"{word}…"


def fitted(text: str, sizes: Sequence[Letters], room: float, most: int) -> tuple[list[str], Letters]:
    """Return the lines in the first letters in which there are at most so many, else cut in the last."""
    for letters in sizes:
        lines = wrapped(text, letters, room)
        if len(lines) <= most:
            return lines, letters
    return [*lines[: most - 1], _cut(f"{lines[most - 1]}……", letters, room)], letters


def write(
    figure: Figure, layout: Layout, lines: Sequence[str], letters: Letters, corner: tuple[float, float]
) -> float:
    """Write lines on the page from their upper left corner down (millimetres), and return where they end."""
    left, top = corner
    for line in lines:
        figure.text(
            left / layout.width, (top - letters.line * 0.78) / layout.height, line,
            fontproperties=letters.font, color=letters.colour, va="baseline", parse_math=False,
        )  # fmt: skip
        top -= letters.line
    return top


def write_names(sheet: Sheet, box: Box, style: Style, flag: str) -> None:
    """Write the names that the layers asked for where they find room, the heaviest first.

    Parameters
    ----------
    sheet : Sheet
        With all layers drawn.
    box : Box
        Of the map on the page, millimetres.
    style : Style
        Colours and sizes.
    flag : str
        What stands in the map's lower left corner, whatever it shows.
    """
    page = _Page(sheet, box, style)
    solid = [*page.edges(sheet.solid), page.flag(flag)]
    room = Room(solid, page.edges(sheet.open), page.whole)
    names = page.visible(sheet.names)
    strong = [name for name in names if name.strong]
    for name in strong:
        page.settle(room, name)
    said = {line for name in strong for line in name.lines}
    towns = (name for name in names if not name.strong and said.isdisjoint(name.lines))
    settled = (page.settle(room, name) for name in islice(towns, TRIED))
    # Takes towns until there are enough: a sum would try them all.
    list(islice(filter(None, settled), MOST_TOWNS))


@dataclass(frozen=True)
class _Page:
    """The map as a page of points, from its lower left corner."""

    sheet: Sheet
    box: Box
    style: Style

    @property
    def whole(self) -> Edges:
        """Edges of the map, a little inside."""
        return EDGE, EDGE, self.size[0] - EDGE, self.size[1] - EDGE

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return self.box.width * POINTS_PER_MM, self.box.height * POINTS_PER_MM

    def spots(self, lon: Sequence[float], lat: Sequence[float]) -> NDArray[np.float64]:
        """Return the place of degrees on the page, a row each."""
        x, y = self.sheet.place(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        shares = self.sheet.axes.transLimits.transform(np.column_stack([x, y]))
        return np.asarray(shares * self.size)

    def edges(self, marks: Sequence[tuple[float, float, float]]) -> list[Edges]:
        """Return the squares that marks fill."""
        if not marks:
            return []
        lon, lat, radii = zip(*marks, strict=True)
        spots = self.spots(lon, lat)
        return [(x - r, y - r, x + r, y + r) for (x, y), r in zip(spots.tolist(), radii, strict=True)]

    def visible(self, names: Sequence[Name]) -> list[Name]:
        """Return the names of what lies on the map, the heaviest first."""
        if not names:
            return []
        x, y = self.spots([name.lon for name in names], [name.lat for name in names]).T
        inside = (x > 0) & (y > 0) & (x < self.size[0]) & (y < self.size[1])
        return sorted(compress(names, inside), key=lambda name: (-name.weight, name.lines))

    def flag(self, text: str) -> Edges:
        """Write in the lower left corner, and return the edges that this takes."""
        letters = Letters(self.style.points["town_name"], self.style.colours["muted"])
        self._text(text, letters, (EDGE * 2, EDGE * 2), "left")
        return 0.0, 0.0, letters.width(text) + 3 * EDGE, letters.size + 3 * EDGE

    def _text(self, text: str, letters: Letters, spot: tuple[float, float], side: str) -> None:
        halo = [effects.withStroke(linewidth=HALO, foreground=self.style.colours["halo"], alpha=0.92)]
        x, y = np.array(spot) / self.size
        self.sheet.axes.text(
            x, y, text, transform=self.sheet.axes.transAxes, ha=side, va="baseline", parse_math=False,
            fontproperties=letters.font, color=letters.colour, path_effects=halo, zorder=9,
        )  # fmt: skip

    def settle(self, room: Room, name: Name) -> bool:
        """Write a name if there is room, else its short form; say whether either was."""
        for lines in filter(None, (name.lines, (name.short,) if name.short else ())):
            wish = self._wish(name, lines)
            spot = room.settle(wish)
            if spot:
                self._write(name, lines, wish, spot)
                return True
        return False

    def _letters(self, name: Name, line: int) -> Letters:
        size = self.style.points["cluster_name" if name.strong else "town_name"]
        first = line == 0 or not name.strong
        colour = name.colour if first else self.style.colours["ink"]
        return Letters(size, colour, bold=name.strong and first, italic=not name.strong)

    def _wish(self, name: Name, lines: Sequence[str]) -> Wish:
        (x, y), *_ = self.spots([name.lon], [name.lat]).tolist()
        letters = [self._letters(name, line) for line in range(len(lines))]
        long = max(one.width(text) for one, text in zip(letters, lines, strict=True)) * SLACK
        high = letters[0].size * PITCH * len(lines)
        air = 0.0 if name.strong else TOWN_AIR
        return Wish(x, y, name.reach, long, high, led=name.strong, air=air)

    def _write(self, name: Name, lines: Sequence[str], wish: Wish, spot: Spot) -> None:
        left, _, right, top = spot.edges
        side = "left" if left >= wish.x else "right" if right <= wish.x else "center"
        x = {"left": left, "right": right, "center": (left + right) / 2}[side]
        for row, text in enumerate(lines):
            letters = self._letters(name, row)
            self._text(text, letters, (x, top - letters.size * PITCH * (row + 0.78)), side)
        if spot.line:
            self._lead(spot.line, name.colour)
        elif not name.strong:
            self._dot(wish)

    def _lead(self, line: tuple[tuple[float, float], tuple[float, float]], colour: str) -> None:
        ends = np.array(line) / self.size
        axes = self.sheet.axes
        axes.add_line(Line2D(*ends.T, color=colour, linewidth=LINE, transform=axes.transAxes, zorder=8))

    def _dot(self, wish: Wish) -> None:
        axes, ink = self.sheet.axes, self.style.colours["muted"]
        x, y = wish.x / self.size[0], wish.y / self.size[1]
        dot = Line2D([x], [y], color=ink, marker="o", markersize=DOT, markeredgewidth=0, linestyle="none")
        dot.set(transform=axes.transAxes, zorder=7)
        axes.add_line(dot)
