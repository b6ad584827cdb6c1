"""Paper: the size of a page and how finely it is printed."""

from __future__ import annotations

from dataclasses import dataclass

from data.errors import InputError
from data.filters import QUOTED, nearest

SIZES = ("a4", "a4-landscape", "a3", "a3-landscape", "slide")
DPI = 150
LEAST_DPI = 50
# Beyond it an A4 page takes more than 100 megapixels.
MOST_DPI = 600
# An A3 page at 300 dpi has 17 million pixels, at 600 dpi 70 million.
MOST_MEGAPIXELS = 80.0


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
