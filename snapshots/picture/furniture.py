"""What helps to read a map: the scale bar and, where it helps, an arrow to the north."""

from __future__ import annotations

from math import atan2, cos, degrees, sin
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Polygon
from matplotlib.transforms import Affine2D

from geo.projections import to_bng, to_lonlat
from snapshots.picture.layout import Box
from snapshots.picture.lettering import POINTS_PER_MM, Letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from layers.style import Style
    from snapshots.picture.layout import Layout

# Everybody knows which way up the United Kingdom is, and knows Scotland or the South West by their shape; a
# map that shows less than this, in metres on its longer side, may be of a place whose shape says nothing.
NORTH_BELOW = 200_000.0
# Degrees of latitude over which north is looked for.
STEP = 0.01
# Millimetres times the scale of the page.
ARROW = (3.2, 6.4)
ROOM = (7.0, 11.5)
ROUND = (1, 2, 5)


def needs_north(frame: Box) -> bool:
    """Say whether a map of this ground (metres) wants an arrow."""
    return max(frame.width, frame.height) < NORTH_BELOW


def bearing(frame: Box) -> float:
    """Return where true north lies in the middle of the ground, degrees clockwise from straight up.

    The lines of the National Grid run north only along its own meridian, 2 degrees west: on Lewis true north
    lies nearly 4 degrees to the right of the page, in Norfolk nearly 3 to its left.
    """
    lon, lat = (float(value) for value in to_lonlat(*frame.middle))
    east, north = (float(there) for there in to_bng(lon, lat + STEP))
    return degrees(atan2(east - frame.middle[0], north - frame.middle[1]))


def draw_north(figure: Figure, layout: Layout, frame: Box, style: Style, scale: float) -> Box:
    """Draw a small arrow to true north in the upper right corner of the map, and return what it takes."""
    wide, high = (side * scale for side in ROOM)
    taken = Box(layout.map.right - wide, layout.map.top - high, wide, high)
    x, y = taken.left + wide / 2, taken.bottom + ARROW[1] * scale / 2 + 0.6 * scale
    half, long = ARROW[0] * scale / 2, ARROW[1] * scale / 2
    turn = Affine2D().rotate_deg(-bearing(frame)).translate(x, y)
    page = turn + Affine2D().scale(1 / layout.width, 1 / layout.height) + figure.transFigure
    ink, paper = style.colours["ink"], style.colours["halo"]
    for side, face in ((-half, ink), (half, paper)):
        corners = np.array([(0, long), (side, -long), (0, -long * 0.55)])
        figure.add_artist(
            Polygon(corners, facecolor=face, edgecolor=ink, linewidth=0.4 * scale, transform=page, zorder=4)
        )
    letters = Letters(7.2 * scale, ink, bold=True)
    turned = np.deg2rad(bearing(frame))
    up = long + 0.5 * scale
    figure.text(
        (x + up * sin(turned)) / layout.width, (y + up * cos(turned)) / layout.height, "N",
        fontproperties=letters.font, color=ink, ha="center", va="baseline", parse_math=False, zorder=4,
    )  # fmt: skip
    return taken


def round_length(metres: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20 ... metres that is not longer.

    Examples
    --------
    >>> round_length(180_000), round_length(4_900)
    (100000.0, 2000.0)
    """
    power = 10.0 ** np.floor(np.log10(metres))
    return float(max(step * power for step in ROUND if step * power <= metres))


def scale_bar(
    axes: Axes, corner: tuple[float, float], longest: float, metres_per_mm: float, letters: Letters
) -> float:
    """Draw a bar of a round length and say how long it is.

    Parameters
    ----------
    axes : Axes
        In millimetres, downwards.
    corner : tuple of float
        Left end of the bar's foot.
    longest : float
        What it may measure, millimetres.
    metres_per_mm : float
        Scale of the map.
    letters : Letters
        Of its words, and its colour.

    Returns
    -------
    float
        Its width with the words, millimetres.
    """
    left, y = corner
    metres = round_length(longest * metres_per_mm)
    long = metres / metres_per_mm
    tick = letters.size / POINTS_PER_MM * 0.45
    x = [left, left, left + long, left + long]
    axes.plot(x, [y - tick, y, y, y - tick], color=letters.colour, linewidth=0.8, solid_capstyle="butt")
    words = f"{metres / 1000:,.0f} km" if metres >= 1000 else f"{metres:,.0f} m"
    axes.text(
        left + long + 1.5, y, words, fontproperties=letters.font, color=letters.colour, va="baseline",
        parse_math=False,
    )  # fmt: skip
    return long + 1.5 + letters.width(words) / POINTS_PER_MM
