"""Paper: the size of a page and how finely it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.errors import QUOTED, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZES = ("a4", "a4-landscape", "a3", "a3-landscape", "slide")
DPI = 150
LEAST_DPI = 50
# Beyond it an A4 page takes more than 100 megapixels.
MOST_DPI = 600
# Millimetres of A4 upright, of A3 upright, and of a slide.
_A4, _A3, _SLIDE = (210.0, 297.0), (297.0, 420.0), (338.7, 190.5)
MILLIMETRES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"a4": _A4, "a4-landscape": _A4[::-1], "a3": _A3, "a3-landscape": _A3[::-1], "slide": _SLIDE}
)
MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Paper:
    """A page.

    Attributes
    ----------
    size : str
        One of `SIZES`; A4 and A3 stand upright unless landscape is said, a slide is 16 to 9.
    dpi : int
        Dots per inch of a PNG, 50 to 600; SVG and PDF are drawn in lines and take no notice.
    """

    size: str = SIZES[0]
    dpi: int = DPI

    def __post_init__(self) -> None:
        """Refuse what is no page.

        Raises
        ------
        InputError
            If there is no such size, or the resolution is out of bounds.
        """
        if self.size not in SIZES:
            raise InputError(f"{self.size[:QUOTED]!r} is no size of a page; {nearest(self.size, SIZES)}")
        if not LEAST_DPI <= self.dpi <= MOST_DPI:
            raise InputError(f"dpi {self.dpi} cannot be used: it has to be from {LEAST_DPI} to {MOST_DPI}")

    @property
    def megapixels(self) -> float:
        """Millions of dots of a picture made of dots."""
        width, height = (side / MM_PER_INCH * self.dpi for side in MILLIMETRES[self.size])
        return width * height / 1e6
