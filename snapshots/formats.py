"""What a view can be written as: the one list that page, API and command line offer."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.errors import QUOTED, InputError, nearest
from layers.looking import looking
from snapshots.paper import Paper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edition.edition import Edition
    from edition.view import View

    Write = Callable[[Edition, View, Paper], bytes]


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes
    ----------
    label, hint
        For people: its name, and what it is good for.
    ending, media
        Of its file; and its media type.
    write
        Returns the file; the same edition, view and paper give the same bytes.
    """

    label: str
    hint: str
    ending: str
    media: str
    write: Write


# Each module is read when it is first wanted: no page waits for what draws in print.
def _picture(form: str) -> Write:
    def write(edition: Edition, view: View, paper: Paper) -> bytes:
        from snapshots.picture.picture import picture  # noqa: PLC0415

        return picture(edition, view, form, paper)

    return write


def _html(edition: Edition, view: View, _paper: Paper) -> bytes:
    from snapshots.standalone.standalone import standalone  # noqa: PLC0415

    return standalone(edition, view)


def _bundle(edition: Edition, view: View, paper: Paper) -> bytes:
    from snapshots.bundle.bundle import bundle  # noqa: PLC0415

    return bundle(edition, view, paper)


def _brief(edition: Edition, view: View, _paper: Paper) -> bytes:
    from snapshots.brief.brief import brief  # noqa: PLC0415

    return brief(edition, view)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format("Picture, PNG", "for slides and documents", "png", "image/png", _picture("png")),
        "svg": Format("Picture, SVG", "lines and text to edit", "svg", "image/svg+xml", _picture("svg")),
        "pdf": Format("Picture, PDF", "for print", "pdf", "application/pdf", _picture("pdf")),
        "html": Format(
            "Interactive map, HTML", "one file that works offline", "html", "text/html; charset=utf-8", _html
        ),
        "zip": Format(
            "Everything, ZIP",
            "picture, tables, geometry, sources, with a list of what is inside",
            "zip",
            "application/zip",
            _bundle,
        ),
        "brief": Format(
            "Brief, PDF", "two pages on the cluster, place or comparison", "pdf", "application/pdf", _brief
        ),
    }
)
# Pictures: of maps here, of charts elsewhere, under the same types.
PICTURES: Mapping[str, str] = MappingProxyType({form: FORMATS[form].media for form in ("png", "svg", "pdf")})


def snapshot(edition: Edition, view: View, form: str, paper: Paper | None = None) -> bytes:
    """Return a view in a format; the same edition, view and paper give the same bytes.

    Parameters
    ----------
    edition, view
        What is shown.
    form
        A key of `FORMATS`.
    paper
        Size and resolution, where the format has them.

    Raises
    ------
    InputError
        If there is no such format, or the view cannot be written in it.
    NotFoundError
        If the edition has no such cluster as the view looks at.
    """
    if form not in FORMATS:
        raise InputError(f"{form[:QUOTED]!r} is no format; {nearest(form, tuple(FORMATS))}")
    return FORMATS[form].write(edition, looking(edition, view), paper or Paper())
