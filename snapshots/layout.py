"""The page: where title, legend, map and caption stand, in millimetres, and how much ground the map shows."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from data.errors import InputError
from geo.projections import to_bng
from layers.view import UK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.view import View

Size = Literal["a4", "slide"]
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


A4 = Layout(
    width=210,
    height=297,
    title=Box(12, 261, 186, 25),
    legend=Box(12, 34, 54, 224),
    map=Box(70, 34, 128, 224),
    caption=Box(12, 9, 186, 22),
)
SLIDE = Layout(
    width=338.7,
    height=190.5,
    title=Box(10, 150, 138, 31),
    legend=Box(10, 42, 138, 104),
    map=Box(156, 0, 182.7, 190.5),
    caption=Box(10, 8, 138, 31),
)
LAYOUTS: Mapping[Size, Layout] = MappingProxyType({"a4": A4, "slide": SLIDE})

# The United Kingdom with some sea, Shetland in its place: no inset, as the Islands (Scotland) Act 2018 asks.
UK_GROUND = Box(-14_000, -14_000, 686_000, 1_252_000)
# The shipped land of the neighbours ends here; no page needs to look further east.
LAST_EASTING = 840_000.0
# A picture shows as much ground as a window of so many pixels does at the view's zoom.
WINDOW_PIXELS = 1_000 * 700
METRES_AT_ZOOM_0 = 92_000


def layout_of(size: str) -> Layout:
    """Return the page of a size.

    Raises
    ------
    InputError
        If there is no such size.
    """
    for name, layout in LAYOUTS.items():
        if name == size:
            return layout
    raise InputError(f"{size[:100]!r} is no size of a picture; the sizes are {', '.join(LAYOUTS)}")


def ground(view: View, box: Box) -> Box:
    """Return the ground that a view shows in a box of the page: metres of the British National Grid."""
    whole = _around(*UK_GROUND.middle, *_holding(UK_GROUND, box))
    if view.at == UK:
        return _kept_west(whole)
    lat, lon, zoom = view.at
    pixel = METRES_AT_ZOOM_0 / 2**zoom
    height = pixel * (WINDOW_PIXELS * box.height / box.width) ** 0.5
    if height >= whole.height:
        return _kept_west(whole)
    easting, northing = (float(value) for value in to_bng(lon, lat))
    return _around(easting, northing, height * box.width / box.height, height)


def _holding(inner: Box, box: Box) -> tuple[float, float]:
    """Return the smallest width and height of the box's shape that hold the inner rectangle."""
    height = max(inner.height, inner.width * box.height / box.width)
    return height * box.width / box.height, height


def _around(x: float, y: float, width: float, height: float) -> Box:
    return Box(x - width / 2, y - height / 2, width, height)


def _kept_west(frame: Box) -> Box:
    return Box(min(frame.left, LAST_EASTING - frame.width), frame.bottom, frame.width, frame.height)
