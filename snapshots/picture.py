"""A picture of a view; matplotlib is imported when the first is made, not before."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from data.errors import InputError
from snapshots.words import metadata

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from layers.view import View
    from regions.edition import Edition

DPI = 150
# Beyond it an A4 page takes more than 100 megapixels.
MOST_DPI = 600
LEAST_DPI = 50
# Matplotlib's fonts and settings are shared by all threads: one page is drawn at a time.
DRAWING = Lock()


def picture(edition: Edition, view: View, size: str = "a4", dpi: int = DPI) -> bytes:
    """Return a picture of a view as PNG; the same view of the same edition gives the same bytes.

    Parameters
    ----------
    edition, view
        What is shown.
    size : {"a4", "slide"}
        The page: A4 upright, or 16 to 9.
    dpi : int
        Pixels per inch, 50 to 600.

    Raises
    ------
    InputError
        If there is no such size, or the resolution is out of bounds.
    """
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise InputError(f"dpi {dpi} cannot be used: it has to be from {LEAST_DPI} to {MOST_DPI}")
    # The lazy imports: the app's first page must not wait for matplotlib.
    from snapshots.page import compose, png  # noqa: PLC0415

    with DRAWING:
        return png(compose(edition, view, size), dpi, metadata(edition, view))


def figure(edition: Edition, view: View, size: str = "a4") -> Figure:
    """Return the page of a view, to be written in any format.

    Raises
    ------
    InputError
        If there is no such size.
    """
    from snapshots.page import compose  # noqa: PLC0415

    with DRAWING:
        return compose(edition, view, size)
