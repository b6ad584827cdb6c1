"""Tables of a brief: as many rows as there is room for, and what is said of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from snapshots.brief.blocks import MOST_LINES, MOST_PASSAGE, lines_of
from snapshots.picture.canvas import SMALL
from snapshots.picture.lettering import BASELINE, Letters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snapshots.picture.canvas import Canvas, Setting

# Millimetres.
CELL_GAP, ROW_PAD = 2.4, 1.1


class Strong(str):
    """A cell that is to be seen first."""

    __slots__ = ()


class Faint(str):
    """A cell that stands back."""

    __slots__ = ()


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its share of the width, and how its cells are set."""

    title: str
    share: float
    right: bool = False
    bold: bool = False
    faint: bool = False
    size: float = SMALL
    lines: int = MOST_LINES


def cell_letters(setting: Setting, cell: str, column: Column) -> Letters:
    """Return the letters of a cell."""
    if isinstance(cell, Strong):
        return setting.letters(column.size, bold=True)
    muted = isinstance(cell, Faint) or column.faint
    return setting.letters(column.size, "muted" if muted else "ink", bold=column.bold)


@dataclass(frozen=True, eq=False)
class Table:
    """Rows under headings.

    Attributes
    ----------
    columns, rows
        Cells may be `Strong` or `Faint`.
    rest
        Says of a number of rows that are left out where they are: "in the table Projects of ...".
    empty
        What stands instead of no rows.
    least_of
        Rows that have to stand in any case.
    headed
        Whether the headings are written.
    more
        Rows beyond those given, which no page could hold.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    rest: Callable[[int], str] = lambda number: f"and {number:,} more"
    empty: str = ""
    least_of: int = 3
    headed: bool = True
    more: int = 0

    @property
    def most(self) -> int:
        """Rows."""
        return len(self.rows)

    @property
    def least(self) -> int:
        """Rows that have to stand."""
        return min(self.least_of, self.most)

    def _widths(self, width: float) -> list[float]:
        whole = sum(column.share for column in self.columns)
        room = width - CELL_GAP * (len(self.columns) - 1)
        return [column.share / whole * room for column in self.columns]

    def _lefts(self, width: float) -> list[float]:
        return [0.0, *accumulate(wide + CELL_GAP for wide in self._widths(width))][:-1]

    def _cells(self, row: Sequence[str], width: float, setting: Setting) -> list[tuple[str, ...]]:
        return [
            lines_of(str(cell), cell_letters(setting, cell, column), wide, column.lines)
            for cell, column, wide in zip(row, self.columns, self._widths(width), strict=True)
        ]

    def _row_height(self, row: Sequence[str], width: float, setting: Setting) -> float:
        lines = [face.line for face in self._faces(row, setting)]
        cells = self._cells(row, width, setting)
        high = max(len(cell) * line for cell, line in zip(cells, lines, strict=True))
        # Smaller letters stand on the line of the largest, so their cells reach a little further down.
        return high + (max(lines) - min(lines)) * BASELINE + ROW_PAD

    def _faces(self, row: Sequence[str], setting: Setting) -> list[Letters]:
        return [cell_letters(setting, cell, column) for cell, column in zip(row, self.columns, strict=True)]

    def _head(self, width: float, setting: Setting) -> list[tuple[str, ...]]:
        widths = self._widths(width)
        return [
            lines_of(column.title, setting.fine, wide)
            for column, wide in zip(self.columns, widths, strict=True)
        ]

    def _head_height(self, width: float, setting: Setting) -> float:
        if not self.headed:
            return 0.0
        return max(map(len, self._head(width, setting))) * setting.fine.line + ROW_PAD

    def _rest(self, items: int, width: float, setting: Setting) -> tuple[str, ...]:
        left = self.most - items + self.more
        return lines_of(self.rest(left), setting.small, width) if left else ()

    @cached_property
    def _heights(self) -> dict[tuple[float, float], list[float]]:
        return {}

    def _down_to(self, width: float, setting: Setting) -> list[float]:
        """Return how far down each row ends, measured once."""
        key = (width, setting.scale)
        if key not in self._heights:
            rows = (self._row_height(row, width, setting) for row in self.rows)
            self._heights[key] = [*accumulate(rows, initial=self._head_height(width, setting))]
        return self._heights[key]

    def height(self, width: float, items: int, setting: Setting) -> float:
        """Return the millimetres of so many rows, with what is said of the rest."""
        if not self.rows:
            return len(lines_of(self.empty, setting.small, width, MOST_PASSAGE)) * setting.small.line
        rest = len(self._rest(items, width, setting)) * setting.small.line
        return self._down_to(width, setting)[items] + rest + (0.4 if rest else 0.0)

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, items: int, setting: Setting
    ) -> None:
        """Draw headings and so many rows."""
        left, top = spot
        if not self.rows:
            canvas.write(lines_of(self.empty, setting.small, width, MOST_PASSAGE), setting.small, spot)
            return
        if self.headed:
            head = self._head(width, setting)
            deep = max(map(len, head))
            # Headings of one line stand at the foot of those with more.
            deepened = [(*[""] * (deep - len(lines)), *lines) for lines in head]
            self._write_row(canvas, (left, top), width, deepened, [setting.fine] * len(head))
            base = top + self._head_height(width, setting) - ROW_PAD * 0.35
            canvas.rule(left, left + width, base, setting.look.colours["outline"], 0.5)
        ends = self._down_to(width, setting)
        for number, row in enumerate(self.rows[:items]):
            letters = [
                cell_letters(setting, cell, column) for cell, column in zip(row, self.columns, strict=True)
            ]
            cells = self._cells(row, width, setting)
            self._write_row(canvas, (left, top + ends[number] + ROW_PAD * 0.3), width, cells, letters)
            base = top + ends[number + 1]
            canvas.rule(left, left + width, base, setting.look.colours["panel_border"])
        canvas.write(self._rest(items, width, setting), setting.small, (left, top + ends[items] + 0.4))

    def _write_row(
        self,
        canvas: Canvas,
        spot: tuple[float, float],
        width: float,
        cells: Sequence[tuple[str, ...]],
        letters: Sequence[Letters],
    ) -> None:
        places = zip(cells, self.columns, self._lefts(width), self._widths(width), letters, strict=False)
        tall = max(face.line for face, _ in zip(letters, cells, strict=False))
        for lines, column, start, wide, face in places:
            x = spot[0] + start + (wide if column.right else 0.0)
            # Cells of a row stand on one line, whatever their letters.
            top = spot[1] + (tall - face.line) * BASELINE
            canvas.write(lines, face, (x, top), "right" if column.right else "left")
