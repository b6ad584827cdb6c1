"""The page: where title, legend, map and caption stand, in millimetres, and how much ground the map shows."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.errors import QUOTED, InputError, nearest
from edition.view import UK
from geo.projections import to_bng, to_lonlat
from snapshots.paper import MILLIMETRES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edition.view import Position, View

MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Box:
    """A rectangle, from its lower left corner; millimetres on the page, metres on the ground."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.bottom + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """The middle."""
        return self.left + self.width / 2, self.bottom + self.height / 2

    def holds(self, x: float, y: float) -> bool:
        """Say whether a point lies inside."""
        return self.left < x < self.right and self.bottom < y < self.top

    def overlaps(self, other: Box) -> bool:
        """Say whether two have more than an edge in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top


@dataclass(frozen=True)
class Page:
    """A size of page and how it is set, before its words are known.

    Attributes
    ----------
    width, height, margin
        Millimetres.
    scale
        Of letters and marks, against those of A4: a larger page is held a little further off, a slide much.
    panel
        Width of what stands beside the map, millimetres: on an upright page the legend, else all words.
    upright
        Whether title and caption run across the page, above and below the map.
    bleeds
        Whether the map runs to the edges: a screen has no margin that a printer leaves white.
    towns
        Place names at most.
    fine
        Of the letters of the caption, against those of A4: on a slide they are small print.
    """

    width: float
    height: float
    margin: float
    scale: float
    panel: float
    upright: bool
    towns: int
    fine: float = 1.0
    bleeds: bool = False

    @property
    def gutter(self) -> float:
        """Between the parts, millimetres."""
        return 4.0 * self.scale

    @property
    def measure(self) -> float:
        """Width of title and caption, millimetres."""
        return self.width - 2 * self.margin if self.upright else self.panel


@dataclass(frozen=True)
class Layout:
    """A page and what stands on it, millimetres."""

    width: float
    height: float
    title: Box
    legend: Box
    map: Box
    caption: Box

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height in inches."""
        return self.width / MM_PER_INCH, self.height / MM_PER_INCH

    def share(self, box: Box) -> tuple[float, float, float, float]:
        """Return a box as shares of the page: left, bottom, width, height."""
        wide, high = self.width, self.height
        return box.left / wide, box.bottom / high, box.width / wide, box.height / high


# A3 is read from a little further than A4, so its letters grow by a sixth, not by two fifths: there is room
# for more names and a longer ranking. A slide is read across a room.
PAGES: Mapping[str, Page] = MappingProxyType(
    {
        "a4": Page(*MILLIMETRES["a4"], 12, 1.0, 54, upright=True, towns=36),
        "a4-landscape": Page(*MILLIMETRES["a4-landscape"], 11, 1.0, 116, upright=False, towns=30),
        "a3": Page(*MILLIMETRES["a3"], 15, 1.17, 68, upright=True, towns=80, fine=1.1),
        "a3-landscape": Page(*MILLIMETRES["a3-landscape"], 14, 1.17, 150, upright=False, towns=64, fine=1.1),
        "slide": Page(*MILLIMETRES["slide"], 11, 1.28, 152, upright=False, towns=28, bleeds=True),
    }
)
# However long the words are, there is a map: shares of the page.
LEAST_MAP = 0.25

# The United Kingdom with some sea, Shetland in its place: no inset, as the Islands (Scotland) Act 2018 asks.
UK_GROUND = Box(-14_000, -14_000, 686_000, 1_252_000)
# The same without Shetland, for pages on which it stands in a frame (see `snapshots.picture.inset`).
MAINLAND_GROUND = Box(-14_000, -14_000, 686_000, 1_076_000)
# The shipped land of the neighbours ends here; no page needs to look further east.
LAST_EASTING = 840_000.0
# A picture shows as much ground as a window of so many pixels does at the view's zoom.
WINDOW_PIXELS = 1_000 * 700
METRES_AT_ZOOM_0 = 92_000
MOST_ZOOM = 18.0


def page_of(size: str) -> Page:
    """Return the page of a size.

    Raises
    ------
    InputError
        If there is no such size.
    """
    if size not in PAGES:
        raise InputError(f"{size[:QUOTED]!r} is no size of a page; {nearest(size, tuple(PAGES))}")
    return PAGES[size]


def laid_out(page: Page, head: float, foot: float, strip: float | None = None) -> Layout:
    """Return where things stand once it is known how high title and caption are: the map gives way.

    Parameters
    ----------
    page
        What is set.
    head, foot : float
        Heights of title and caption, millimetres.
    strip : float
        Height of a legend that is too short for a column of its own (millimetres): on an upright page it
        stands across, below the map, which is wider for it.
    """
    if not page.upright:
        return _beside(page, head, foot)
    edge, gutter = page.margin, page.gutter
    wide = page.width - 2 * edge
    title = Box(edge, page.height - edge - head, wide, head)
    caption = Box(edge, edge * 0.8, wide, foot)
    low = caption.top + gutter
    high = max(title.bottom - gutter - low, page.height * LEAST_MAP)
    if strip is None:
        key = Box(edge, low, page.panel, high)
        shown = Box(key.right + gutter, low, wide - page.panel - gutter, high)
    else:
        key = Box(edge, low, wide, strip)
        shown = Box(edge, key.top + gutter, wide, max(high - strip - gutter, page.height * LEAST_MAP))
    return Layout(page.width, page.height, title, key, shown, caption)


def _beside(page: Page, head: float, foot: float) -> Layout:
    edge, gutter = page.margin, page.gutter
    title = Box(edge, page.height - edge - head, page.panel, head)
    caption = Box(edge, edge, page.panel, foot)
    low = caption.top + gutter
    key = Box(edge, low, page.panel, max(title.bottom - gutter - low, 0.0))
    left = edge + page.panel + 1.5 * gutter
    rim = 0.0 if page.bleeds else edge
    shown = Box(left, rim, page.width - rim - left, page.height - 2 * rim)
    return Layout(page.width, page.height, title, key, shown, caption)


def ground(view: View, box: Box, home: Box = UK_GROUND) -> Box:
    """Return the ground that a view shows in a box of the page: metres of the British National Grid.

    Parameters
    ----------
    view, box
        What is shown, and where on the page (millimetres).
    home : Box
        What the whole country is.
    """
    whole = holding(home, box)
    if view.at == UK:
        return _kept_west(whole)
    lat, lon, zoom = view.at
    height = _height(zoom, box)
    if height >= whole.height:
        return _kept_west(whole)
    easting, northing = (float(value) for value in to_bng(lon, lat))
    return around((easting, northing), height * box.width / box.height, height)


def position(frame: Box, box: Box) -> Position:
    """Return the position of the map, latitude, longitude, zoom, at which a box of the page shows a frame."""
    x, y = frame.middle
    lon, lat = (float(value) for value in to_lonlat(x, y))
    zoom = log2(_height(0.0, box) / holding(frame, box).height)
    return lat, lon, min(zoom, MOST_ZOOM)


def _height(zoom: float, box: Box) -> float:
    """Return the metres from the lower to the upper edge at a zoom."""
    pixels = (WINDOW_PIXELS * box.height / box.width) ** 0.5
    return float(METRES_AT_ZOOM_0 / 2**zoom * pixels)


def holding(inner: Box, box: Box) -> Box:
    """Return the smallest rectangle of the box's shape that holds the inner one, about the same middle."""
    height = max(inner.height, inner.width * box.height / box.width)
    return around(inner.middle, height * box.width / box.height, height)


def around(middle: tuple[float, float], width: float, height: float) -> Box:
    """Return a rectangle by its middle."""
    x, y = middle
    return Box(x - width / 2, y - height / 2, width, height)


def _kept_west(frame: Box) -> Box:
    return Box(min(frame.left, LAST_EASTING - frame.width), frame.bottom, frame.width, frame.height)
