"""A page that is being written, in millimetres, and how large and in which colours everything is set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from snapshots.picture.lettering import BASELINE, Letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from layers.sheet import Sheet
    from layers.style import Style
    from snapshots.picture.layout import Box

# Points at full size.
BODY, SMALL, FINE, HEAD = 7.6, 6.7, 6.0, 8.8
# Points of a line.
HAIR = 0.25


@dataclass(frozen=True)
class Setting:
    """How large everything is set, and in which colours: a full page is set a little smaller.

    Attributes
    ----------
    look
        Colours.
    scale
        Of all letters.
    """

    look: Style
    scale: float = 1.0

    def letters(self, size: float, role: str = "ink", *, bold: bool = False) -> Letters:
        """Return letters of a size at full scale, in the colour of a role."""
        return Letters(round(size * self.scale, 2), str(self.look.colours[role]), bold=bold)

    @property
    def body(self) -> Letters:
        """Letters of passages and cells."""
        return self.letters(BODY)

    @property
    def small(self) -> Letters:
        """Letters of notes."""
        return self.letters(SMALL, "muted")

    @property
    def fine(self) -> Letters:
        """Letters of definitions, sources and the foot."""
        return self.letters(FINE, "muted")

    @property
    def head(self) -> Letters:
        """Letters of the title of a section."""
        return self.letters(HEAD, bold=True)


@dataclass(frozen=True)
class Canvas:
    """A page that is being written: axes in millimetres from the upper left corner.

    Attributes
    ----------
    axes
        That cover the page.
    sheet
        The same for marks of a legend.
    width, height
        Of the page.
    """

    axes: Axes
    sheet: Sheet
    width: float
    height: float

    def write(
        self,
        lines: Sequence[str],
        letters: Letters,
        spot: tuple[float, float],
        align: str = "left",
        url: str | None = None,
    ) -> float:
        """Write lines down from a corner (the right one where they end there), and return where they end."""
        left, top = spot
        for line in lines:
            if not line:
                top += letters.line
                continue
            self.axes.text(
                left, top + letters.line * BASELINE, line, fontproperties=letters.font, color=letters.colour,
                ha=align, va="baseline", parse_math=False, url=url, zorder=4,
            )  # fmt: skip
            top += letters.line
        return top

    def rule(self, left: float, right: float, top: float, colour: str, width: float = HAIR) -> None:
        """Draw a line across."""
        line = Line2D(
            [left, right], [top, top], color=colour, linewidth=width, solid_capstyle="butt", zorder=3
        )
        self.axes.add_artist(line)

    def fill(self, box: Box, colour: str) -> None:
        """Fill a rectangle; its bottom is its upper edge here, where millimetres run down."""
        corner = (box.left, box.bottom)
        self.axes.add_artist(
            Rectangle(corner, box.width, box.height, facecolor=colour, linewidth=0, zorder=2)
        )
