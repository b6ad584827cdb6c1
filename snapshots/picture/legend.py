"""The legend in print: for each layer its title, its very marks, a scale bar, and what stands out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from layers.mark import Legend
from layers.sheet import Sheet
from snapshots.picture.furniture import scale_bar
from snapshots.picture.lettering import POINTS_PER_MM, Letters, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from layers.mark import Entry
    from layers.style import Style
    from snapshots.picture.layout import Box

# Millimetres on A4: room for marks left of the text, a swatch, gaps.
MARK_ROOM = 8.4
# Of it, what stays free between marks and words.
MARK_AIR = 1.6
SWATCH = (6.2, 3.4)
GAP = 1.0
SECTION_GAP = 4.0
COLUMN = 54.0
COLUMN_GAP = 5.0
SCALE_HEIGHT = 7.0
# A list of fewer lines says little.
LEAST_RANKED = 2
# No page has room for more; an edition of one's own may have thousands of clusters.
MOST_RANKED = 40
# Where everything, lists included, leaves room, letters are larger by the first of these steps that it
# allows; where what has to be said does not fit, smaller.
LARGER = (1.16, 1.08)
SMALLER = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)


@dataclass(frozen=True)
class Hand:
    """How a legend is written: colours, and the size of letters and gaps against A4."""

    style: Style
    scale: float = 1.0

    @property
    def title(self) -> Letters:
        """Of a section."""
        return Letters(8.4 * self.scale, self.style.colours["ink"], bold=True)

    @property
    def text(self) -> Letters:
        """Of an entry."""
        return Letters(7.4 * self.scale, self.style.colours["ink"])

    @property
    def note(self) -> Letters:
        """Of a note."""
        return Letters(6.6 * self.scale, self.style.colours["muted"])

    def mm(self, length: float) -> float:
        """Return a length that is so long on A4 (millimetres)."""
        return length * self.scale


@dataclass(frozen=True)
class Column:
    """Where the legend is being written: axes in millimetres from the upper left corner of its box."""

    axes: Axes
    sheet: Sheet
    hand: Hand
    left: float
    room: float

    def write(self, lines: Sequence[str], letters: Letters, left: float, top: float) -> float:
        """Write lines down from a corner, and return where they end."""
        for line in lines:
            top += letters.line
            self.axes.text(
                self.left + left, top - letters.line * 0.25, letters.readable(line),
                fontproperties=letters.font, color=letters.colour, va="baseline", parse_math=False,
            )  # fmt: skip
        return top


@dataclass(frozen=True)
class Plan:
    """What stands in a column: sections, whether the scale bar, and the lists of what stands out."""

    sections: tuple[Legend, ...] = ()
    scale: bool = False
    lists: tuple[Legend, ...] = ()

    def height(self, hand: Hand, room: float, *, lists: bool = False) -> float:
        """Return how high it is, millimetres, with or without its lists."""
        bar = hand.mm(SCALE_HEIGHT) if self.scale else 0.0
        shown = (*self.sections, *self.lists) if lists else self.sections
        return bar + sum(_height(legend, hand, room) for legend in shown)


def draw_legend(
    axes: Axes, box: Box, legends: Sequence[Legend], metres_per_mm: float, style: Style, *, scale: float = 1.0
) -> None:
    """Draw the legends and the scale bar from the top of the box down, in as many columns as it is wide.

    What stands out (the strongest clusters, the highest regions) fills what room is left.

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
    scale : float
        Of letters and gaps, against A4.
    """
    axes.set(xlim=(0, box.width), ylim=(box.height, 0), autoscale_on=False)
    axes.set_axis_off()
    titled = tuple(legend for legend in legends if legend.title)
    columns = _count(box, Hand(style, scale))
    hand, plans = _set(titled, columns, box, Hand(style, scale))
    sheet = Sheet(axes, place=lambda x, y: (np.asarray(x, dtype=float), np.asarray(y, dtype=float)))
    for number, plan in enumerate(plans):
        room = _room(box, hand, columns)
        column = Column(axes, sheet, hand, number * (room + hand.mm(COLUMN_GAP)), room)
        _fill(column, plan, box.height, metres_per_mm)


def _set(legends: tuple[Legend, ...], columns: int, box: Box, hand: Hand) -> tuple[Hand, list[Plan]]:
    """Return the letters and the columns in which a legend fits its box."""
    for step in (*LARGER, *SMALLER):
        tried = Hand(hand.style, hand.scale * step)
        room = _room(box, tried, columns)
        plans = planned(legends, columns, tried, room)
        if all(plan.height(tried, room, lists=step in LARGER) <= box.height for plan in plans):
            break
    return tried, _with_room(plans, tried, room, box.height)


def _with_room(plans: list[Plan], hand: Hand, room: float, height: float) -> list[Plan]:
    """Move a list that its own column has no room for to the column that has most, if that is enough."""
    settled = list(plans)
    for number, plan in enumerate(plans):
        for ranking in plan.lists:
            left = [height - one.height(hand, room, lists=True) for one in settled]
            least = _height(_first(ranking), hand, room)
            spare = max(range(len(left)), key=left.__getitem__)
            full = settled[number].height(hand, room) + least > height
            if full and left[spare] >= least - hand.mm(SECTION_GAP):
                kept = tuple(one for one in settled[number].lists if one is not ranking)
                settled[number] = replace(settled[number], lists=kept)
                settled[spare] = replace(settled[spare], lists=(*settled[spare].lists, ranking))
    return settled


def _first(ranking: Legend) -> Legend:
    """Return the shortest that a list may be."""
    return replace(ranking, entries=ranking.entries[:LEAST_RANKED])


def height_across(legends: Sequence[Legend], box: Box, style: Style, scale: float = 1.0) -> float:
    """Return how high a legend is (mm) that is set as wide as a box, lists and scale bar included."""
    hand = Hand(style, scale)
    columns = _count(box, hand)
    plans = planned(tuple(one for one in legends if one.title), columns, hand, _room(box, hand, columns))
    return max(plan.height(hand, _room(box, hand, columns), lists=True) for plan in plans)


def planned(legends: tuple[Legend, ...], columns: int, hand: Hand, room: float) -> list[Plan]:
    """Share sections out to columns in their order so that the highest column is as low as can be.

    A list stands below its section; where there are more columns than sections, the last one beside it.
    """
    cuts = combinations(range(1, len(legends)), min(columns, max(len(legends), 1)) - 1)
    tried = [_split(legends, (0, *cut, len(legends))) for cut in cuts]
    best = min(tried, key=lambda plans: max(plan.height(hand, room) for plan in plans))
    last = best[-1]
    if len(best) < columns and last.lists:
        return [*best[:-1], replace(last, lists=last.lists[:-1]), Plan(lists=last.lists[-1:])]
    return best


def _split(legends: tuple[Legend, ...], edges: tuple[int, ...]) -> list[Plan]:
    parts = [legends[first:last] for first, last in pairwise(edges)]
    return [Plan(part, number == len(parts), _lists(part)) for number, part in enumerate(parts, 1)]


def _lists(legends: tuple[Legend, ...]) -> tuple[Legend, ...]:
    return tuple(Legend(one.ranking_title, one.ranking[:MOST_RANKED]) for one in legends if one.ranking)


def _count(box: Box, hand: Hand) -> int:
    wide, gap = hand.mm(COLUMN) * 0.95, hand.mm(COLUMN_GAP)
    return max(1, int((box.width + gap) // (wide + gap)))


def _room(box: Box, hand: Hand, columns: int) -> float:
    return (box.width - hand.mm(COLUMN_GAP) * (columns - 1)) / columns


def _fill(column: Column, plan: Plan, bottom: float, metres_per_mm: float) -> None:
    """Draw a column: sections, scale, then as much of its lists as there is room for, shared fairly."""
    top = 0.0
    for legend in plan.sections:
        top = _section(column, top, legend)
    if plan.scale:
        top = _scale(column, top, metres_per_mm)
    wanted = [_height(one, column.hand, column.room) for one in plan.lists]
    for number, legend in enumerate(plan.lists):
        left = bottom - top
        rest = sum(wanted[number + 1 :])
        share = max(left - rest, left / (len(wanted) - number))
        top = _ranking(column, top, legend, top + share)


@lru_cache(maxsize=4096)
def _lines(text: str, letters: Letters, room: float) -> list[str]:
    return wrapped(text, letters, room)


def _height(legend: Legend, hand: Hand, room: float) -> float:
    title = len(_lines(legend.title, hand.title, room)) * hand.title.line
    words = room - _indent(legend.entries, hand)
    entries = sum(_entry_height(entry, hand, words) + hand.mm(GAP) for entry in legend.entries)
    note = len(_lines(legend.note, hand.note, room)) * hand.note.line
    return title + hand.mm(GAP) + entries + note + hand.mm(SECTION_GAP)


def _indent(entries: Sequence[Entry], hand: Hand) -> float:
    """Return the room for marks left of the words of a section (mm): what its largest mark takes."""
    largest = max((mark.radius + mark.look.width for entry in entries for mark in entry.marks), default=0.0)
    return max(hand.mm(MARK_ROOM), 2 * largest / POINTS_PER_MM + hand.mm(MARK_AIR))


def _entry_height(entry: Entry, hand: Hand, room: float) -> float:
    text = len(_entry_lines(entry, hand, room)) * hand.text.line
    text += len(_details(entry, hand, room)) * hand.note.line
    mark = max((2 * mark.radius + mark.look.width for mark in entry.marks), default=0.0) / POINTS_PER_MM
    return max(text, mark, hand.mm(SWATCH[1]) if entry.swatch else 0.0)


def _entry_lines(entry: Entry, hand: Hand, room: float) -> list[str]:
    text = f"{entry.symbol} {entry.text}" if entry.symbol else entry.text
    return _lines(text, hand.text, room)


def _details(entry: Entry, hand: Hand, room: float) -> list[str]:
    return _lines(entry.detail, hand.note, room) if entry.detail else []


def _section(column: Column, top: float, legend: Legend) -> float:
    """Draw one layer's legend, and return where the next may begin."""
    hand = column.hand
    top = column.write(_lines(legend.title, hand.title, column.room), hand.title, 0, top) + hand.mm(GAP)
    indent = _indent(legend.entries, hand)
    for entry in legend.entries:
        top = _entry(column, entry, top, indent)
    note = _lines(legend.note, hand.note, column.room)
    return column.write(note, hand.note, 0, top) + hand.mm(SECTION_GAP)


def _ranking(column: Column, top: float, legend: Legend, bottom: float) -> float:
    """Draw as many lines of a ranking as there is room for."""
    kept = [_small(entry, column.hand) for entry in legend.entries]
    # The gap below a section is no part of the room it needs.
    room = bottom + column.hand.mm(SECTION_GAP)
    while kept and top + _height(replace(legend, entries=tuple(kept)), column.hand, column.room) > room:
        kept.pop()
    enough = len(kept) >= min(LEAST_RANKED, len(legend.entries))
    return _section(column, top, replace(legend, entries=tuple(kept))) if kept and enough else top


def _small(entry: Entry, hand: Hand) -> Entry:
    """Return an entry with marks no larger than there is room for: a list shows what, the key how large."""
    most = hand.mm((MARK_ROOM - MARK_AIR) / 2) * POINTS_PER_MM
    largest = max((mark.radius for mark in entry.marks), default=0.0)
    if largest <= most:
        return entry
    return replace(entry, marks=tuple(mark.sized(mark.radius * most / largest) for mark in entry.marks))


def _entry(column: Column, entry: Entry, top: float, indent: float) -> float:
    """Draw a line, its words so far in (mm), its marks in the middle of what is left of them."""
    hand, room = column.hand, column.room - indent
    high = _entry_height(entry, hand, room)
    middle, x = top + high / 2, column.left + (indent - hand.mm(MARK_AIR)) / 2
    if entry.swatch:
        _swatch(column, entry, (x, middle))
    column.sheet.marks([x] * len(entry.marks), [middle] * len(entry.marks), entry.marks, zorder=3)
    lines, details = _entry_lines(entry, hand, room), _details(entry, hand, room)
    start = middle - (len(lines) * hand.text.line + len(details) * hand.note.line) / 2
    column.write(details, hand.note, indent, column.write(lines, hand.text, indent, start))
    return top + high + hand.mm(GAP)


def _swatch(column: Column, entry: Entry, middle: tuple[float, float]) -> None:
    wide, high = map(column.hand.mm, SWATCH)
    left, low = middle[0] - wide / 2, middle[1] - high / 2
    corners = [(left, low), (left + wide, low), (left + wide, low + high), (left, low + high), (left, low)]
    if entry.swatch:
        column.sheet.areas([{"type": "Polygon", "coordinates": [corners]}], (entry.swatch, 2))


def _scale(column: Column, top: float, metres_per_mm: float) -> float:
    """Draw a bar of a round length, at most half as wide as the column."""
    hand = column.hand
    letters = Letters(hand.text.size, column.hand.style.colours["muted"])
    longest = min(column.room, hand.mm(COLUMN)) / 2
    scale_bar(column.axes, (column.left, top + hand.mm(2.4)), longest, metres_per_mm, letters)
    return top + hand.mm(SCALE_HEIGHT)
