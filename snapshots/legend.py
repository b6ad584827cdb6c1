"""The legend in print: for each layer its title, its very marks, and a scale bar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from layers.mark import Legend
from layers.sheet import Sheet
from snapshots.lettering import POINTS_PER_MM, Letters, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from layers.mark import Entry
    from layers.style import Style
    from snapshots.layout import Box

# Millimetres: room for marks left of the text, a swatch, gaps.
MARK_ROOM = 8.4
SWATCH = (6.2, 3.4)
GAP = 1.1
SECTION_GAP = 4.2
COLUMN = 54.0
COLUMN_GAP = 4.0
SCALE_HEIGHT = 8.0
LEAST_RANKING = 20.0
ROUND = (1, 2, 5)


@dataclass(frozen=True)
class Column:
    """Where the legend is being written: axes in millimetres from the upper left corner of its box."""

    axes: Axes
    sheet: Sheet
    style: Style
    left: float
    room: float

    def write(self, lines: Sequence[str], letters: Letters, left: float, top: float) -> float:
        """Write lines down from a corner, and return where they end."""
        for line in lines:
            top += letters.line
            self.axes.text(
                self.left + left, top - letters.line * 0.25, line, fontproperties=letters.font,
                color=letters.colour, va="baseline", parse_math=False,
            )  # fmt: skip
        return top


def title_letters(style: Style) -> Letters:
    """Return how a title of a section is written."""
    return Letters(7.5, style.colours["ink"], bold=True)


def text_letters(style: Style) -> Letters:
    """Return how an entry is written."""
    return Letters(6.6, style.colours["ink"])


def note_letters(style: Style) -> Letters:
    """Return how a note is written."""
    return Letters(6.0, style.colours["muted"])


def draw_legend(axes: Axes, box: Box, legends: Sequence[Legend], metres_per_mm: float, style: Style) -> None:
    """Draw the legends and the scale bar from the top of the box down, in as many columns as it is wide.

    Parameters
    ----------
    axes : Axes
        That fill the box.
    box : Box
        Millimetres.
    legends : sequence of Legend
        In reading order; those without a title are left out.
    metres_per_mm : float
        Scale of the map.
    style : Style
        Colours.
    """
    axes.set(xlim=(0, box.width), ylim=(box.height, 0), autoscale_on=False)
    axes.set_axis_off()
    titled = [legend for legend in legends if legend.title]
    scale = partial(_scale_bar, metres_per_mm=metres_per_mm)
    sections = [(_height(legend, _room(box), style), partial(_section, legend=legend)) for legend in titled]
    rankings = [Legend(legend.ranking_title, legend.ranking) for legend in titled if legend.ranking]
    # The scale is wanted above all; a ranking takes what room is left, so it is short to begin with.
    lists = [(LEAST_RANKING, partial(_ranking, legend=legend, bottom=box.height)) for legend in rankings]
    columns = _columns(axes, box, style)
    column, top = next(columns), 0.0
    for high, draw in [*sections, (SCALE_HEIGHT, scale), *lists]:
        if top and top + high > box.height:
            following = next(columns, None)
            column, top = (column, top) if following is None else (following, 0.0)
        top = draw(column, top)


def _count(box: Box) -> int:
    return max(1, int((box.width + COLUMN_GAP) // (COLUMN + COLUMN_GAP)))


def _room(box: Box) -> float:
    return (box.width - COLUMN_GAP * (_count(box) - 1)) / _count(box)


def _columns(axes: Axes, box: Box, style: Style) -> Iterator[Column]:
    sheet = Sheet(axes, place=lambda x, y: (np.asarray(x, dtype=float), np.asarray(y, dtype=float)))
    for number in range(_count(box)):
        yield Column(axes, sheet, style, number * (_room(box) + COLUMN_GAP), _room(box))


def _height(legend: Legend, room: float, style: Style) -> float:
    title = len(wrapped(legend.title, title_letters(style), room)) * title_letters(style).line
    entries = sum(_entry_height(entry, room, style) + GAP for entry in legend.entries)
    note = len(wrapped(legend.note, note_letters(style), room)) * note_letters(style).line
    return title + GAP + entries + note + SECTION_GAP


def _entry_height(entry: Entry, room: float, style: Style) -> float:
    letters = text_letters(style)
    small = note_letters(style).line if entry.detail else 0.0
    text = len(_entry_lines(entry, room, letters)) * letters.line + small
    mark = max((2 * mark.radius + mark.look.width for mark in entry.marks), default=0.0) / POINTS_PER_MM
    return max(text, mark, SWATCH[1] if entry.swatch else 0.0)


def _entry_lines(entry: Entry, room: float, letters: Letters) -> list[str]:
    text = f"{entry.symbol} {entry.text}" if entry.symbol else entry.text
    return wrapped(text, letters, room - MARK_ROOM)


def _section(column: Column, top: float, legend: Legend) -> float:
    """Draw one layer's legend, and return where the next may begin."""
    style = column.style
    title = wrapped(legend.title, title_letters(style), column.room)
    top = column.write(title, title_letters(style), 0, top) + GAP
    for entry in legend.entries:
        top = _entry(column, entry, top)
    note = wrapped(legend.note, note_letters(style), column.room)
    return column.write(note, note_letters(style), 0, top) + SECTION_GAP


def _ranking(column: Column, top: float, legend: Legend, bottom: float) -> float:
    """Draw as many lines of a ranking as there is room for."""
    kept = list(legend.entries)
    while kept and top + _height(replace(legend, entries=tuple(kept)), column.room, column.style) > bottom:
        kept.pop()
    return _section(column, top, replace(legend, entries=tuple(kept))) if kept else top


def _entry(column: Column, entry: Entry, top: float) -> float:
    letters = text_letters(column.style)
    high = _entry_height(entry, column.room, column.style)
    middle = top + high / 2
    if entry.swatch:
        _swatch(column, entry, middle)
    spots = [column.left + MARK_ROOM / 2 - 0.8] * len(entry.marks)
    column.sheet.marks(spots, [middle] * len(spots), entry.marks, zorder=3)
    lines = _entry_lines(entry, column.room, letters)
    small = note_letters(column.style)
    details = [entry.detail] if entry.detail else []
    start = middle - (len(lines) * letters.line + len(details) * small.line) / 2
    column.write(details, small, MARK_ROOM, column.write(lines, letters, MARK_ROOM, start))
    return top + high + GAP


def _swatch(column: Column, entry: Entry, middle: float) -> None:
    wide, high = SWATCH
    left, low = column.left + MARK_ROOM / 2 - 0.8 - wide / 2, middle - high / 2
    corners = [(left, low), (left + wide, low), (left + wide, low + high), (left, low + high), (left, low)]
    if entry.swatch:
        column.sheet.areas([{"type": "Polygon", "coordinates": [corners]}], (entry.swatch, 2))


def _scale_bar(column: Column, top: float, metres_per_mm: float) -> float:
    """Draw a bar of a round length, at most half as wide as the column."""
    metres = round_length(column.room / 2 * metres_per_mm)
    long = metres / metres_per_mm
    ink = column.style.colours["muted"]
    y = top + 1.6
    x = [column.left, column.left, column.left + long, column.left + long]
    column.axes.plot(x, [y - 1.2, y, y, y - 1.2], color=ink, linewidth=0.8, solid_capstyle="butt")
    words = f"{metres / 1000:,.0f} km" if metres >= 1000 else f"{metres:,.0f} m"
    letters = Letters(text_letters(column.style).size, ink)
    column.write([words], letters, long + 1.5, y - letters.line * 0.8)
    return top + SCALE_HEIGHT


def round_length(metres: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20 ... metres that is not longer.

    Examples
    --------
    >>> round_length(180_000), round_length(4_900)
    (100000.0, 2000.0)
    """
    power = 10.0 ** np.floor(np.log10(metres))
    return float(max(step * power for step in ROUND if step * power <= metres))
