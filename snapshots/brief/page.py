"""A page of a brief: bands of sections under a heading, each given as much as the page has room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from layers.sheet import Sheet
from snapshots.brief.blocks import lines_of
from snapshots.picture.canvas import BODY, Canvas, Setting
from snapshots.picture.layout import MM_PER_INCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.style import Style
    from snapshots.brief.blocks import Block

# Millimetres of an A4 page.
WIDTH, HEIGHT = 210.0, 297.0
LEFT, TOP, FOOT = 14.0, 11.0, 11.0
MEASURE = WIDTH - 2 * LEFT
GUTTER = 7.0
BAND_GAP, SECTION_GAP, TITLE_GAP = 4.6, 4.0, 1.2
# Gaps grow by at most so much before white is left above the last band.
MOST_SLACK = 4.0
SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5)
TITLE_SIZES = (21.0, 18.0, 15.5, 13.0)
# Of the page after the first, whose title only says where one is.
CONTINUED = (12.5, 11.0)


@dataclass(frozen=True)
class Section:
    """A title, a block, and a note below it in small letters."""

    title: str
    block: Block
    note: str = ""

    def height(self, width: float, items: int, setting: Setting) -> float:
        """Return the millimetres with so many items."""
        return (
            self.title_height(width, setting)
            + self.block.height(width, items, setting)
            + self._note_height(width, setting)
        )

    def title_height(self, width: float, setting: Setting) -> float:
        """Return the millimetres of the title with the gap below it."""
        lines = lines_of(self.title, setting.head, width, 2)
        return len(lines) * setting.head.line + TITLE_GAP if lines else 0.0

    def _note_height(self, width: float, setting: Setting) -> float:
        lines = lines_of(self.note, setting.fine, width, 8)
        return len(lines) * setting.fine.line + 0.8 if lines else 0.0

    def draw(
        self, canvas: Canvas, spot: tuple[float, float], width: float, items: int, setting: Setting
    ) -> None:
        """Draw it down from a corner."""
        left, top = spot
        canvas.write(lines_of(self.title, setting.head, width, 2), setting.head, spot)
        top += self.title_height(width, setting)
        self.block.draw(canvas, (left, top), width, items, setting)
        top += self.block.height(width, items, setting) + 0.8
        canvas.write(lines_of(self.note, setting.fine, width, 8), setting.fine, (left, top))


@dataclass(frozen=True)
class Band:
    """Columns side by side, each a pile of sections.

    Attributes
    ----------
    columns, shares
        The piles, and the share of the width that each takes.
    at_foot
        Whether it stands at the foot of the page, with white above it.
    """

    columns: tuple[tuple[Section, ...], ...]
    shares: tuple[float, ...] = (1.0,)
    at_foot: bool = False

    def widths(self) -> list[float]:
        """Return the millimetres of each column."""
        room = MEASURE - GUTTER * (len(self.columns) - 1)
        return [share / sum(self.shares) * room for share in self.shares]


@dataclass(frozen=True)
class Heading:
    """What a page begins with.

    Attributes
    ----------
    kicker, edition
        The line above: what this is, at the left and at the right.
    title, subtitle, lead
        The name, what kind of thing it is, and what matters of it in a sentence.
    filters
        Which filters hold.
    """

    kicker: str
    edition: str
    title: str
    subtitle: str = ""
    lead: str = ""
    filters: str = ""

    @property
    def sizes(self) -> tuple[float, ...]:
        """Points that the title may have, the largest first."""
        return TITLE_SIZES if self.lead else CONTINUED


def blank(look: Style) -> tuple[Figure, Canvas]:
    """Return an empty A4 page."""
    figure = Figure(figsize=(WIDTH / MM_PER_INCH, HEIGHT / MM_PER_INCH), facecolor=look.colours["panel"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), label="page")
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), autoscale_on=False)
    axes.set_axis_off()
    sheet = Sheet(axes, place=lambda x, y: (np.asarray(x, dtype=float), np.asarray(y, dtype=float)))
    return figure, Canvas(axes, sheet, WIDTH, HEIGHT)


@dataclass(frozen=True)
class Plan:
    """How a page is filled.

    Attributes
    ----------
    setting
        Letters, as large as the least of every section lets them be.
    top
        Where the bands begin, millimetres from the upper edge.
    counts
        Items by band, column and section.
    heights
        Millimetres of each band.
    """

    setting: Setting
    top: float
    counts: list[list[list[int]]]
    heights: list[float]

    @property
    def spare(self) -> float:
        """Millimetres that are left over; less than nothing would be an overflow."""
        return HEIGHT - FOOT - self.top - sum(self.heights) - BAND_GAP * (len(self.heights) - 1)


def page(look: Style, heading: Heading, bands: Sequence[Band], foot: tuple[str, str]) -> Figure:
    """Return a page: its heading, the bands, and the line at its foot.

    Letters are set a little smaller where the least of every section would not fit else.
    """
    figure, canvas = blank(look)
    plan = planned(look, heading, bands)
    _head(canvas, heading, plan.setting)
    slack = min(MOST_SLACK, max(0.0, plan.spare) / max(1, len(bands) - 1))
    top = plan.top
    for band, part, high in zip(bands, plan.counts, plan.heights, strict=True):
        # Whose data these are stands at the foot, however short the page is.
        start = HEIGHT - FOOT - high if band.at_foot and plan.spare > 0 else top
        _draw_band(canvas, band, part, (start, plan.setting))
        top = start + high + BAND_GAP + slack
    _foot(canvas, foot, plan.setting)
    return figure


def planned(look: Style, heading: Heading, bands: Sequence[Band]) -> Plan:
    """Return how a page is filled, in the largest letters in which the least of everything fits."""
    for scale in SCALES:
        setting = Setting(look, scale)
        top = _head_height(heading, setting)
        counts = shared(bands, HEIGHT - FOOT - top, setting)
        if counts is not None:
            break
    else:
        counts = _least(bands)
    heights = [_band_height(band, part, setting) for band, part in zip(bands, counts, strict=True)]
    return Plan(setting, top, counts, heights)


def _least(bands: Sequence[Band]) -> list[list[list[int]]]:
    return [[[section.block.least for section in column] for column in band.columns] for band in bands]


def shared(bands: Sequence[Band], room: float, setting: Setting) -> list[list[list[int]]] | None:
    """Share the room of a page: everything gets its least, then one item more in turn while there is room.

    Parameters
    ----------
    bands
        From the top down.
    room
        Millimetres.
    setting
        Of the letters.

    Returns
    -------
    list
        Items by band, column and section; None where the least does not fit.
    """
    counts = _least(bands)
    heights = [_band_height(band, part, setting) for band, part in zip(bands, counts, strict=True)]
    gaps = BAND_GAP * (len(bands) - 1)
    if sum(heights) + gaps > room:
        return None
    open_ = [
        (at, column, row)
        for at, band in enumerate(bands)
        for column, pile in enumerate(band.columns)
        for row, section in enumerate(pile)
        if section.block.most > section.block.least
    ]
    while open_:
        still = []
        for at, column, row in open_:
            counts[at][column][row] += 1
            high = _band_height(bands[at], counts[at], setting)
            if sum(heights) - heights[at] + high + gaps > room:
                counts[at][column][row] -= 1
                continue
            heights[at] = high
            if counts[at][column][row] < bands[at].columns[column][row].block.most:
                still.append((at, column, row))
        open_ = still
    return counts


def _band_height(band: Band, counts: Sequence[Sequence[int]], setting: Setting) -> float:
    return max(
        sum(
            section.height(width, items, setting) + SECTION_GAP
            for section, items in zip(pile, part, strict=True)
        )
        - SECTION_GAP
        for pile, width, part in zip(band.columns, band.widths(), counts, strict=True)
    )


def _draw_band(
    canvas: Canvas, band: Band, counts: Sequence[Sequence[int]], where: tuple[float, Setting]
) -> None:
    start, setting = where
    left = LEFT
    for pile, width, part in zip(band.columns, band.widths(), counts, strict=True):
        top = start
        for section, items in zip(pile, part, strict=True):
            section.draw(canvas, (left, top), width, items, setting)
            top += section.height(width, items, setting) + SECTION_GAP
        left += width + GUTTER


def _title(heading: Heading, setting: Setting) -> tuple[tuple[str, ...], float]:
    """Return the lines of the title, and the size in which it stands on one line, else on two."""
    for most in (1, 2):
        for size in heading.sizes:
            lines = lines_of(heading.title, setting.letters(size, bold=True), MEASURE, 3)
            if len(lines) <= most and not (
                most == 1 and size < heading.sizes[min(1, len(heading.sizes) - 1)]
            ):
                return lines, size
    return lines_of(heading.title, setting.letters(heading.sizes[-1], bold=True), MEASURE, 2), heading.sizes[
        -1
    ]


def _head_height(heading: Heading, setting: Setting) -> float:
    lines, size = _title(heading, setting)
    high = TOP + setting.small.line + 3.2 + len(lines) * setting.letters(size).line
    high += len(lines_of(heading.subtitle, setting.body, MEASURE, 3)) * setting.body.line
    lead = lines_of(heading.lead, setting.letters(BODY * 1.3), MEASURE, 6)
    high += len(lead) * setting.letters(BODY * 1.3).line + (1.6 if lead else 0.0)
    high += len(lines_of(heading.filters, setting.fine, MEASURE, 6)) * setting.fine.line
    return high + 4.0


def _head(canvas: Canvas, heading: Heading, setting: Setting) -> None:
    ink = setting.look.colours
    top = canvas.write([heading.kicker], setting.letters(6.7, "ink", bold=True), (LEFT, TOP))
    canvas.write([heading.edition], setting.small, (WIDTH - LEFT, TOP), "right")
    canvas.rule(LEFT, WIDTH - LEFT, top + 0.8, ink["ink"], 0.9)
    lines, size = _title(heading, setting)
    top = canvas.write(lines, setting.letters(size, bold=True), (LEFT, top + 3.2))
    subtitle = lines_of(heading.subtitle, setting.body, MEASURE, 3)
    top = canvas.write(subtitle, setting.letters(BODY, "muted"), (LEFT, top))
    lead = lines_of(heading.lead, setting.letters(BODY * 1.3), MEASURE, 6)
    top = canvas.write(lead, setting.letters(BODY * 1.3), (LEFT, top + (1.6 if lead else 0.0)))
    canvas.write(lines_of(heading.filters, setting.fine, MEASURE, 6), setting.fine, (LEFT, top + 0.6))


def _foot(canvas: Canvas, foot: tuple[str, str], setting: Setting) -> None:
    top = HEIGHT - FOOT + 2.4
    canvas.rule(LEFT, WIDTH - LEFT, top, setting.look.colours["outline"], HAIR_FOOT)
    left, right = foot
    room = MEASURE - 20
    canvas.write(lines_of(left, setting.fine, room, 1), setting.fine, (LEFT, top + 0.8))
    canvas.write([right], setting.fine, (WIDTH - LEFT, top + 0.8), "right")


HAIR_FOOT = 0.4
