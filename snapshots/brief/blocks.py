"""What stands on a page of a brief: passages, addresses, pictures; each knows how high it is.

A block has items (rows, paragraphs, millimetres of a map). It is asked for as many of them as the page has
room for, and says itself how many are left out and where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol

from snapshots.picture.canvas import BODY, SMALL, Canvas, Setting
from snapshots.picture.fonts import readable
from snapshots.picture.lettering import POINTS_PER_MM, Letters, wrapped
from words.links import breakable, closed

if TYPE_CHECKING:
    from collections.abc import Callable

    from snapshots.picture.layout import Box

# Millimetres.
PARAGRAPH_GAP, BULLET = 1.1, 2.6
# Lines that one cell or one passage may take, however long the text is.
MOST_LINES = 3
MOST_PASSAGE = 12
CUT = "…"


class Block(Protocol):
    """Something of a page."""

    @property
    def least(self) -> int:
        """Fewest items that it may be drawn with."""

    @property
    def most(self) -> int:
        """All its items."""

    def height(self, width: float, items: int, setting: Setting) -> float:
        """Return the millimetres that so many items take."""

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, items: int, setting: Setting
    ) -> None:
        """Draw so many items down from the upper left corner."""


def plain(text: str) -> str:
    """Return a text on one line, without signs that steer rather than print."""
    return " ".join(readable(text).split())


@lru_cache(maxsize=4096)
def lines_of(text: str, letters: Letters, room: float, most: int = MOST_LINES) -> tuple[str, ...]:
    """Break a text into at most so many lines of `room` millimetres; what is cut ends with "…"."""
    # What lies far beyond the last line need not be measured.
    whole = plain(text)
    lines = wrapped(whole[: most * 400], letters, room)
    if len(lines) <= most and len(whole) <= most * 400:
        return tuple(lines)
    last = lines[most - 1] if len(lines) >= most else lines[-1]
    while last and letters.width(f"{last}{CUT}") > room * POINTS_PER_MM:
        last = last[:-1]
    return (*lines[: most - 1], f"{last.rstrip(' ,;…')}{CUT}")


@lru_cache(maxsize=256)
def broken(text: str, letters: Letters, room: float, most: int) -> tuple[str, ...]:
    """Break an address into lines of `room` millimetres, before an "&" where that is possible.

    What is cut ends with "…"; the file's own keywords hold the whole.
    """
    lines = [closed(line) for line in wrapped(breakable(text), letters, room, whole=True)]
    return (*lines[: most - 1], f"{lines[most - 1][:-2]}{CUT}") if len(lines) > most else tuple(lines)


@dataclass(frozen=True)
class Passages:
    """Paragraphs one below the other.

    Attributes
    ----------
    texts
        Empty ones are left out.
    size, role
        Points and colour of the letters.
    bullets
        Whether each begins with a mark.
    least_of
        How many have to stand in any case; all unless said.
    rest
        Where those are that are left out.
    """

    texts: tuple[str, ...]
    size: float = BODY
    role: str = "ink"
    bullets: bool = False
    least_of: int | None = None
    rest: str = "on the map, at the address of this brief"

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Those with words."""
        return tuple(text for text in self.texts if text.strip())

    @property
    def most(self) -> int:
        """Paragraphs."""
        return len(self.shown)

    @property
    def least(self) -> int:
        """Paragraphs that have to stand."""
        return self.most if self.least_of is None else min(self.least_of, self.most)

    def _set(self, width: float, items: int, setting: Setting) -> list[tuple[str, ...]]:
        letters, room = setting.letters(self.size, self.role), width - (BULLET if self.bullets else 0)
        texts = [*self.shown[:items]]
        if items < self.most:
            texts.append(f"and {self.most - items} more: {self.rest}")
        return [lines_of(text, letters, room, MOST_PASSAGE) for text in texts]

    def height(self, width: float, items: int, setting: Setting) -> float:
        """Return the millimetres of so many paragraphs."""
        line = setting.letters(self.size).line
        return sum(len(lines) * line + PARAGRAPH_GAP for lines in self._set(width, items, setting))

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, items: int, setting: Setting
    ) -> None:
        """Write so many paragraphs."""
        letters, (left, top) = setting.letters(self.size, self.role), spot
        indent = BULLET if self.bullets else 0.0
        for lines in self._set(width, items, setting):
            if self.bullets:
                canvas.write(["•"], setting.letters(self.size, "muted"), (left, top))
            top = canvas.write(lines, letters, (left + indent, top)) + PARAGRAPH_GAP


@dataclass(frozen=True)
class Address:
    """An address, to be clicked where it is whole and broken between any two signs."""

    text: str
    lines: int = 4
    least: int = 1
    most: int = 1

    def height(self, width: float, _items: int, setting: Setting) -> float:
        """Return the millimetres of its lines."""
        return len(broken(self.text, setting.small, width, self.lines)) * setting.small.line

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, _items: int, setting: Setting
    ) -> None:
        """Write it."""
        url = self.text if self.text.startswith(("http://", "https://")) else None
        letters = setting.letters(SMALL, "focus" if url else "muted")
        canvas.write(broken(self.text, letters, width, self.lines), letters, spot, url=url)


@dataclass(frozen=True, eq=False)
class Picture:
    """A map or another drawing, as high as the page lets it be: an item is a millimetre.

    Attributes
    ----------
    least, most
        Millimetres.
    paint
        Draws into a box of the page (millimetres from the lower left corner).
    """

    least: int
    most: int
    paint: Callable[[Canvas, Box, Setting], None]

    def height(self, _width: float, items: int, _setting: Setting) -> float:
        """Return its millimetres."""
        return float(items)

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, items: int, setting: Setting
    ) -> None:
        """Draw it."""
        from snapshots.picture.layout import Box  # noqa: PLC0415

        left, top = spot
        self.paint(canvas, Box(left, canvas.height - top - items, width, float(items)), setting)
