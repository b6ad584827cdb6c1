"""A picture of a view; matplotlib is imported when the first is made, not before."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from data.errors import QUOTED, InputError, nearest
from data.formats import PICTURE, offered
from snapshots.paper import Paper
from snapshots.picture.caption import metadata
from snapshots.picture.chosen import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place

# Matplotlib's fonts and settings are shared by all threads: one page is drawn at a time.
DRAWING = Lock()


def picture(
    edition: Edition,
    view: View,
    form: str = "png",
    paper: Paper | None = None,
    known: Sequence[Place] = (),
) -> bytes:
    """Return a picture of a view; the same view of the same edition gives the same bytes.

    Parameters
    ----------
    edition, view
        What is shown.
    form
        The id of a format of pictures: of dots; or of lines and letters, with the fonts inside.
    paper : Paper
        Size of the page and, for a PNG, dots per inch.
    known
        The view's places, where whoever asks has them (see `snapshots.brief.brief`).

    Raises
    ------
    InputError
        If there is no such form, or a set or an area cannot be read.
    NotFoundError
        If the edition has no such cluster as the view looks at, or no such place as it has chosen.
    """
    paper = paper or Paper()
    forms = [one.id for one in offered("views") if one.group == PICTURE]
    if form not in forms:
        raise InputError(f"{form[:QUOTED]!r} is no form of a picture; {nearest(form, forms)}")
    # The lazy imports: the app's first page must not wait for matplotlib.
    from snapshots.picture.page import compose  # noqa: PLC0415
    from snapshots.picture.writers import WRITERS  # noqa: PLC0415

    places = known or chosen(edition, view)
    told = metadata(edition, view, places)
    with DRAWING:
        return WRITERS[form](compose(edition, view, paper.size, places), paper.dpi, told)


def figure(edition: Edition, view: View, size: str = "a4") -> Figure:
    """Return the page of a view, to be written in any format.

    Raises
    ------
    InputError
        If there is no such size, or a set or an area cannot be read.
    NotFoundError
        If the edition has no such cluster as the view looks at, or no such place as it has chosen.
    """
    from snapshots.picture.page import compose  # noqa: PLC0415

    places = chosen(edition, view)
    with DRAWING:
        return compose(edition, view, size, places)
