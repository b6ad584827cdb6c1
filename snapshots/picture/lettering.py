"""Letters: how wide a text is, where its lines break, and writing on the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from matplotlib.textpath import text_to_path

from snapshots.picture.fonts import properties, readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    from snapshots.picture.layout import Layout

POINTS_PER_MM = 72 / 25.4
# Distance from line to line, in sizes of the letters.
LEADING = 1.22
# From the top of a line to its baseline, in lines.
BASELINE = 0.76


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
        return properties(self.size, bold=self.bold, italic=self.italic)

    def readable(self, text: str) -> str:
        """Return a text as these letters can write it."""
        return readable(text, bold=self.bold, italic=self.italic)

    def width(self, text: str) -> float:
        """Return how wide a line is, points; the same at any resolution."""
        return _width(self.readable(text), self)


@lru_cache(maxsize=8192)
def _width(text: str, letters: Letters) -> float:
    return float(text_to_path.get_text_width_height_descent(text, letters.font, ismath=False)[0])


def wrapped(text: str, letters: Letters, room: float, *, whole: bool = False) -> list[str]:
    """Break a text into lines that fit in `room` millimetres.

    Parameters
    ----------
    text, letters
        What is written, and how.
    room : float
        Millimetres.
    whole : bool
        Whether a word that is longer than a line goes on in the next; else it stands alone, cut.
    """
    lines: list[str] = []
    left = 0.0
    for word in letters.readable(text).split():
        for number, part in enumerate(_split(word, letters, room) if whole else [_cut(word, letters, room)]):
            # Words are measured one by one and remembered: a page repeats them.
            long = letters.width(f"{part} ")
            if lines and not number and long - letters.width(" ") <= left:
                lines[-1] = f"{lines[-1]} {part}"
            else:
                lines.append(part)
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


def _split(word: str, letters: Letters, room: float) -> list[str]:
    """Return a word in parts that fit."""
    parts = []
    while word and not _fits(word, letters, room):
        most = max(1, int(len(word) * room * POINTS_PER_MM / letters.width(word)))
        while most > 1 and not _fits(word[:most], letters, room):
            most -= 1
        parts.append(word[:most])
        word = word[most:]
    return [*parts, word] if word else parts


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
            left / layout.width, (top - letters.line * BASELINE) / layout.height, letters.readable(line),
            fontproperties=letters.font, color=letters.colour, va="baseline", parse_math=False,
        )  # fmt: skip
        top -= letters.line
    return top


@dataclass(frozen=True)
class Block:
    """Paragraphs, measured before the page is laid out: lines, their letters, and the gap below (mm)."""

    parts: list[tuple[list[str], Letters, float]] = field(default_factory=list)

    @property
    def height(self) -> float:
        """From the first line to the last, millimetres."""
        gaps = sum(gap for _, _, gap in self.parts[:-1])
        return gaps + sum(len(lines) * letters.line for lines, letters, _ in self.parts)

    def write(self, figure: Figure, layout: Layout, corner: tuple[float, float]) -> None:
        """Write them from their upper left corner down (millimetres)."""
        left, top = corner
        for lines, letters, gap in self.parts:
            top = write(figure, layout, lines, letters, (left, top)) - gap
