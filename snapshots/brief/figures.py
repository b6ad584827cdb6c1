"""Figures of a brief: numbers that stand out, upright bars, and the key to a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snapshots.brief.blocks import MOST_PASSAGE, lines_of, plain
from snapshots.picture.canvas import HAIR, SMALL
from snapshots.picture.lettering import POINTS_PER_MM, Letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.mark import Entry
    from snapshots.picture.canvas import Canvas, Setting

# Points, and millimetres between numbers.
NUMBER, GAP = 14.5, 3.6


@dataclass(frozen=True)
class Number:
    """A key figure: the number, what it is of, and what has to be known with it."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Numbers:
    """Key figures in a grid."""

    figures: tuple[Number, ...]
    across: int = 2
    least: int = 1
    most: int = 1

    def _rows(self) -> list[tuple[Number, ...]]:
        return [self.figures[n : n + self.across] for n in range(0, len(self.figures), self.across)]

    def _wide(self, width: float) -> float:
        return (width - GAP * (self.across - 1)) / self.across

    def _lines(self, one: Number, width: float, setting: Setting) -> list[tuple[tuple[str, ...], Letters]]:
        wide = self._wide(width)
        value = next(
            (
                letters
                for size in (NUMBER, NUMBER * 0.84, NUMBER * 0.7, NUMBER * 0.56)
                if (letters := setting.letters(size, bold=True)).width(plain(one.value))
                <= wide * POINTS_PER_MM
            ),
            setting.letters(NUMBER * 0.56, bold=True),
        )
        return [
            (lines_of(one.value, value, wide, 2), value),
            (
                lines_of(one.label, setting.letters(SMALL, bold=True), wide, 2),
                setting.letters(SMALL, bold=True),
            ),
            (lines_of(one.note, setting.fine, wide, 3), setting.fine),
        ]

    def _high(self, row: Sequence[Number], width: float, setting: Setting) -> float:
        return max(
            sum(len(lines) * face.line for lines, face in self._lines(one, width, setting)) for one in row
        )

    def height(self, width: float, _items: int, setting: Setting) -> float:
        """Return the millimetres of all of them."""
        return sum(self._high(row, width, setting) + 2.4 for row in self._rows())

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, _items: int, setting: Setting
    ) -> None:
        """Draw them, each under a hairline."""
        left, top = spot
        wide = self._wide(width)
        for row in self._rows():
            for number, one in enumerate(row):
                x, y = left + number * (wide + GAP), top + 0.8
                canvas.rule(x, x + wide, top, setting.look.colours["outline"], HAIR)
                for lines, letters in self._lines(one, width, setting):
                    y = canvas.write(lines, letters, (x, y))
            top += self._high(row, width, setting) + 2.4


@dataclass(frozen=True)
class Bar:
    """A bar: what it is of, how long (any unit), and in words; `paler` is the part that is drawn lighter."""

    name: str
    value: float
    words: str
    paler: float = 0.0


@dataclass(frozen=True)
class Bars:
    """Upright bars with their words above and their names below.

    Attributes
    ----------
    bars
        From left to right.
    empty
        What stands instead of none.
    """

    bars: tuple[Bar, ...]
    empty: str = ""
    high: float = 27.0
    least: int = 1
    most: int = 1

    def height(self, width: float, _items: int, setting: Setting) -> float:
        """Return its millimetres."""
        if not self.bars:
            return len(lines_of(self.empty, setting.small, width, MOST_PASSAGE)) * setting.small.line
        return self.high

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, _items: int, setting: Setting
    ) -> None:
        """Draw the bars on one base."""
        from snapshots.picture.layout import Box  # noqa: PLC0415

        (left, top), fine = spot, setting.fine
        if not self.bars:
            canvas.write(lines_of(self.empty, setting.small, width, MOST_PASSAGE), setting.small, spot)
            return
        base, peak = top + self.high - fine.line - 0.8, max(bar.value for bar in self.bars) or 1.0
        room, step = base - top - fine.line, width / max(len(self.bars), 6)
        ink = setting.look.colours
        for number, bar in enumerate(self.bars):
            x, wide, long = left + number * step, min(step * 0.72, 9.0), bar.value / peak * room
            canvas.fill(Box(x, base - long, wide, long), ink["ramp"][3])
            pale = bar.paler / peak * room
            canvas.fill(Box(x, base - long, wide, pale), ink["ramp"][1])
            canvas.write([bar.words], fine, (x + wide / 2, base - long - fine.line), "center")
            canvas.write([bar.name], fine, (x + wide / 2, base + 0.5), "center")
        canvas.rule(left, left + width, base, ink["outline"], 0.5)


@dataclass(frozen=True)
class Key:
    """The signs of a map, one after another on as many lines as they take.

    Attributes
    ----------
    entries
        As the layers explain themselves.
    note
        What stands below.
    """

    entries: tuple[Entry, ...]
    note: str = ""
    least: int = 1
    most: int = 1

    ROOM, AIR = 6.4, 1.6

    def _lines(self, width: float, setting: Setting) -> list[list[tuple[float, Entry, str]]]:
        lines: list[list[tuple[float, Entry, str]]] = [[]]
        left = 0.0
        for entry in self.entries:
            text = lines_of(entry.text, setting.fine, width - self.ROOM, 1)
            words = text[0] if text else ""
            wide = self._room(entry) + setting.fine.width(words) / POINTS_PER_MM + 3.0
            if lines[-1] and left + wide - 3.0 > width:
                lines.append([])
                left = 0.0
            lines[-1].append((left, entry, words))
            left += wide
        return lines

    def _room(self, entry: Entry) -> float:
        """Return the millimetres left of the words: what the largest mark takes."""
        largest = max((mark.radius + mark.look.width for mark in entry.marks), default=0.0)
        return max(self.ROOM, 2 * largest / POINTS_PER_MM + self.AIR)

    def height(self, width: float, _items: int, setting: Setting) -> float:
        """Return the millimetres of its lines."""
        note = len(lines_of(self.note, setting.fine, width, 4)) * setting.fine.line
        return sum(self._line(line, setting) for line in self._lines(width, setting)) + note

    def _line(self, line: Sequence[tuple[float, Entry, str]], setting: Setting) -> float:
        high = max((mark.radius for _, entry, _ in line for mark in entry.marks), default=0.0)
        return max(setting.fine.line + 0.9, 2 * high / POINTS_PER_MM + 0.9)

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, _items: int, setting: Setting
    ) -> None:
        """Draw the marks with their words."""
        left, top = spot
        letters = setting.fine
        for entries in self._lines(width, setting):
            line = self._line(entries, setting)
            middle = top + line / 2
            for start, entry, words in entries:
                room = self._room(entry)
                x = left + start + (room - self.AIR) / 2
                if entry.swatch:
                    wide, high = 2.4, 1.3
                    ring = [(x - wide, middle - high), (x + wide, middle - high), (x + wide, middle + high)]
                    ring += [(x - wide, middle + high), ring[0]]
                    canvas.sheet.areas([{"type": "Polygon", "coordinates": [ring]}], (entry.swatch, 3))
                canvas.sheet.marks([x] * len(entry.marks), [middle] * len(entry.marks), entry.marks, zorder=4)
                canvas.write([words], letters, (left + start + room, middle - letters.line / 2))
            top += line
        canvas.write(lines_of(self.note, letters, width, 4), letters, (left, top))
