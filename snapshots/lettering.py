"""Letters: how wide a text is, where its lines break, and names on the map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from snapshots.placement import Edges, Wish, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from layers.mark import Name
    from layers.sheet import Sheet
    from layers.style import Style
    from snapshots.layout import Box, Layout
    from snapshots.placement import Spot

FAMILY = "DejaVu Sans"
POINTS_PER_MM = 72 / 25.4
# Distance from line to line, in heights of the letters.
LEADING = 1.3
# Place names are for finding one's way: at most so many, and so far apart (points).
MOST_TOWNS = 34
TOWN_AIR = 7.0
# Of names tried; later ones are too small to matter on a page.
TRIED = 150
HALO = 1.6
LINE = 0.5


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


@lru_cache(maxsize=64)
def _font(size: float, *, bold: bool, italic: bool) -> FontProperties:
    weight, style = "bold" if bold else "normal", "italic" if italic else "normal"
    return FontProperties(family=FAMILY, size=size, weight=weight, style=style)


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, bold: bool = False, italic: bool = False) -> float:
    """Return how wide a line of text is, points; the same at any resolution."""
    font = _font(size, bold=bold, italic=italic)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def wrapped(text: str, letters: Letters, room: float) -> list[str]:
    """Break a text into lines that fit in `room` millimetres; a longer word stands alone, cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else ""
        if longer and _fits(longer, letters, room):
            lines[-1] = longer
        else:
            lines.append(_cut(word, letters, room))
    return lines


def _fits(text: str, letters: Letters, room: float) -> bool:
    return width(text, letters.size, bold=letters.bold, italic=letters.italic) <= room * POINTS_PER_MM


def _cut(word: str, letters: Letters, room: float) -> str:
    if _fits(word, letters, room):
        return word
    while len(word) > 1 and not _fits(f"{word}…", letters, room):
        word = word[:-1]
    return f"{word}…"


def fitted(
    text: str, sizes: Sequence[Letters], room: float, most: int
) -> tuple[list[str], Letters]:
    """Return the lines in the first letters in which there are at most so many, else cut in the last."""
    for letters in sizes:
        lines = wrapped(text, letters, room)
        if len(lines) <= most:
            return lines, letters
    return [*lines[: most - 1], _cut(f"{lines[most - 1]}……", letters, room)], letters


def write(figure: Figure, layout: Layout, lines: Sequence[str], letters: Letters, left: float, top: float) -> float:
    """Write lines on the page from a corner down (millimetres), and return where they end."""
    for line in lines:
        figure.text(
            left / layout.width, (top - letters.line * 0.78) / layout.height, line,
            fontproperties=letters.font, color=letters.colour, va="baseline", parse_math=False,
        )  # fmt: skip
        top -= letters.line
    return top


def write_names(sheet: Sheet, box: Box, style: Style) -> None:
    """Write the names that the layers asked for where they find room, the heaviest first.

    Parameters
    ----------
    sheet : Sheet
        With all layers drawn.
    box : Box
        Of the map on the page, millimetres.
    style : Style
        Colours and sizes.
    """
    strong = _visible(sheet, [name for name in sheet.names if name.strong], box)
    towns = _visible(sheet, [name for name in sheet.names if not name.strong], box)
    page = (2.0, 2.0, box.width * POINTS_PER_MM - 2.0, box.height * POINTS_PER_MM - 2.0)
    solid, open_ = _edges(sheet, sheet.solid, box), _edges(sheet, sheet.open, box)
    spots = place([_wish(name, x, y, style) for name, x, y in strong], solid, open_, page)
    written = [_drawn(sheet, name, spot, style) for (name, _, _), spot in zip(strong, spots, strict=True) if spot]
    said = {line for name, spot in zip(strong, spots, strict=True) if spot for line in name[0].lines}
    rest = [town for town in towns if town[0].lines[0] not in said][:TRIED]
    wishes = [_wish(name, x, y, style, air=TOWN_AIR) for name, x, y in rest]
    taken = [*solid, *(spot.edges for spot in spots if spot)]
    found = place(wishes, taken, open_, page)
    kept = [(name, spot) for (name, _, _), spot in zip(rest, found, strict=True) if spot][:MOST_TOWNS]
    for name, spot in kept:
        _drawn(sheet, name, spot, style)
    del written
