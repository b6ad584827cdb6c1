"""What makes the files of a view, for page, API and command line; `data/formats.py` has the formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import formats
from data.errors import QUOTED, InputError, nearest
from layers.looking import looking
from snapshots.paper import Paper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from data.formats import Format
    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place


@dataclass(frozen=True)
class Asked:
    """What a file of a view is made of.

    Attributes
    ----------
    edition, view
        What is shown.
    form
        The format.
    paper
        Size and resolution, where the format has them.
    known
        The view's places, where whoever asks has them: those of a session are known to it alone.
    """

    edition: Edition
    view: View
    form: Format
    paper: Paper
    known: Sequence[Place] = ()


@dataclass(frozen=True)
class Maker:
    """What makes the files of a group of formats.

    Attributes
    ----------
    write
        Returns the file; of the same it gives the same bytes.
    check
        Raises InputError, before anything is made, if the view cannot be written so.
    """

    write: Callable[[Asked], bytes]
    check: Callable[[Edition, View], None] | None = None


# Each module is read when it is first wanted: no page waits for what draws in print.
def _picture(asked: Asked) -> bytes:
    from snapshots.picture.picture import picture  # noqa: PLC0415

    return picture(asked.edition, asked.view, asked.form.id, asked.paper)


def _standalone(asked: Asked) -> bytes:
    from snapshots.standalone.standalone import standalone  # noqa: PLC0415

    return standalone(asked.edition, asked.view)


def _bundle(asked: Asked) -> bytes:
    from snapshots.bundle.bundle import bundle  # noqa: PLC0415

    return bundle(asked.edition, asked.view, asked.paper, asked.known)


def _fits_a_bundle(edition: Edition, view: View) -> None:
    from snapshots.bundle.bundle import check  # noqa: PLC0415

    check(edition, view)


def _brief(asked: Asked) -> bytes:
    from snapshots.brief.brief import brief  # noqa: PLC0415

    return brief(asked.edition, asked.view, asked.known)


MAKERS: Mapping[str, Maker] = formats.made(
    {
        formats.PICTURE.id: Maker(_picture),
        formats.MAP.id: Maker(_standalone),
        formats.BUNDLE.id: Maker(_bundle, _fits_a_bundle),
        formats.BRIEF.id: Maker(_brief),
    },
    [form.of_view.id for form in formats.offered("views")],
    "MAKERS of snapshots/formats.py",
)


def format_of(form: str) -> Format:
    """Return a format of views by its id.

    Raises
    ------
    InputError
        If there is none.
    """
    known = {one.id: one for one in formats.offered("views")}
    if form not in known:
        raise InputError(f"{form[:QUOTED]!r} is no format; {nearest(form, tuple(known))}")
    return known[form]


def snapshot(
    edition: Edition, view: View, form: str, paper: Paper | None = None, known: Sequence[Place] = ()
) -> bytes:
    """Return a view in a format; the same edition, view and paper give the same bytes.

    Parameters
    ----------
    edition, view
        What is shown.
    form
        The id of a format of views.
    paper
        Size and resolution, where the format has them.
    known
        The view's places, where whoever asks has them.

    Raises
    ------
    InputError
        If there is no such format, or the view cannot be written in it.
    NotFoundError
        If the edition has no such cluster as the view looks at.
    """
    found = format_of(form)
    asked = Asked(edition, looking(edition, view), found, paper or Paper(), known)
    return MAKERS[found.of_view.id].write(asked)


def refused(edition: Edition, view: View, form: str) -> str:
    """Say why a view cannot be written in a format, as far as that is known before; empty if it can."""
    check = MAKERS[format_of(form).of_view.id].check
    try:
        if check is not None:
            check(edition, view)
    except InputError as fault:
        return str(fault)
    return ""
