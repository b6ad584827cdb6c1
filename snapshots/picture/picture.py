"""A picture of a view; matplotlib is imported when the first is made, not before."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from data.errors import InputError
from data.formats import PICTURE, offered
from edition.filters import QUOTED, nearest
from snapshots.paper import Paper
from snapshots.picture.caption import metadata

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from edition.edition import Edition
    from edition.view import View

# Matplotlib's fonts and settings are shared by all threads: one page is drawn at a time.
DRAWING = Lock()


def picture(edition: Edition, view: View, form: str = "png", paper: Paper | None = None) -> bytes:
    """Return a picture of a view; the same view of the same edition gives the same bytes.

    Parameters
    ----------
    edition, view
        What is shown.
    form
        The id of a format of pictures: of dots; or of lines and letters, with the fonts inside.
    paper : Paper
        Size of the page and, for a PNG, dots per inch.

    Raises
    ------
    InputError
        If there is no such form.
    NotFoundError
        If the edition has no such cluster as the view looks at.
    """
    paper = paper or Paper()
    known = [one.id for one in offered("views") if one.group == PICTURE]
    if form not in known:
        raise InputError(f"{form[:QUOTED]!r} is no form of a picture; {nearest(form, known)}")
    # The lazy imports: the app's first page must not wait for matplotlib.
    from snapshots.picture.page import compose  # noqa: PLC0415
    from snapshots.picture.writers import WRITERS  # noqa: PLC0415

    told = metadata(edition, view)
    with DRAWING:
        return WRITERS[form](compose(edition, view, paper.size), paper.dpi, told)


def figure(edition: Edition, view: View, size: str = "a4") -> Figure:
    """Return the page of a view, to be written in any format.

    Raises
    ------
    InputError
        If there is no such size.
    NotFoundError
        If the edition has no such cluster as the view looks at.
    """
    from snapshots.picture.page import compose  # noqa: PLC0415

    with DRAWING:
        return compose(edition, view, size)
