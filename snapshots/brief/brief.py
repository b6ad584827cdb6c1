"""The brief of a view: two A4 pages on a cluster, a place, a comparison, or the country, as PDF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from regions.places import places
from snapshots.picture.chosen import chosen
from snapshots.picture.picture import DRAWING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place
    from snapshots.brief.page import Band, Heading

    Page = tuple[Heading, list[Band]]

# Letters are embedded as TrueType, so that text can be searched and copied; outlines as they are.
LETTERS: dict[Any, Any] = {"pdf.fonttype": 42, "text.hinting": "none", "pdf.compression": 6}


def brief(edition: Edition, view: View, known: Sequence[Place] = ()) -> bytes:
    """Return a brief as PDF, two A4 pages; the same edition and view give the same bytes.

    Parameters
    ----------
    edition, view
        The subject is the view's cluster; else its only place; else the comparison of its places; else the
        United Kingdom. The view's filters hold in all of it.
    known
        The view's places, where whoever asks has them: areas that one session alone knows are found by no
        ref. Without any they are looked up.

    Raises
    ------
    NotFoundError
        If there is no such cluster or place.
    InputError
        If a set or an area cannot be read, or there are too many places.
    """
    # The lazy imports: the app's first page must not wait for matplotlib.
    from snapshots.brief.phrases import described  # noqa: PLC0415

    with DRAWING:
        made = pages(edition, view, known)
        return _written(drawn(edition, made), described(edition, view, made[0][0]))


def pages(edition: Edition, view: View, known: Sequence[Place] = ()) -> Sequence[Page]:
    """Return what stands on the two pages: for each its heading, and bands from the top down."""
    if view.cluster:
        from snapshots.brief import cluster as brief_cluster  # noqa: PLC0415

        return brief_cluster.pages(edition, view)
    of = known or subject(edition, view)
    if len(of) == 1:
        from snapshots.brief import place as brief_place  # noqa: PLC0415

        return brief_place.pages(edition, view, of[0])
    from snapshots.brief import comparison as brief_comparison  # noqa: PLC0415

    return brief_comparison.pages(edition, view, of)


def drawn(edition: Edition, made: Sequence[Page]) -> list[Figure]:
    """Return pages as figures."""
    from layers.style import edition_style  # noqa: PLC0415
    from snapshots.brief.page import page  # noqa: PLC0415
    from snapshots.brief.phrases import foot  # noqa: PLC0415

    look = edition_style(edition)
    return [page(look, *one, foot(edition, number)) for number, one in enumerate(made, 1)]


def subject(edition: Edition, view: View) -> list[Place]:
    """Return the places that a brief is on: those of the view, or the country.

    Raises
    ------
    NotFoundError
        If one is unknown.
    InputError
        If a set or an area cannot be read.
    """
    return [*chosen(edition, view)] or [places(edition).country]


def _written(figures: Sequence[Figure], metadata: dict[str, Any]) -> bytes:
    """Write pages as one document; nothing in it depends on the time or the machine."""
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.backends.backend_pdf import PdfPages  # noqa: PLC0415

    out = io.BytesIO()
    with mpl.rc_context(LETTERS), PdfPages(out, metadata=metadata) as document:
        for one in figures:
            document.savefig(one, facecolor="auto")
    return out.getvalue()
