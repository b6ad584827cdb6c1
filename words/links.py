"""Links: the address that restores a view, as pictures, files and pages write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data.settings import settings
from words.numbers import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edition.view import View
    from regions.place import Place

# How refs of areas begin whose outlines are too long for an address: one session alone knows them.
OF_SESSION = "mine:"
# What stands for the address of the view that the map opens with, where it is but a question mark.
AS_IT_OPENS = "the map as it opens"
# Where `breakable` put a space.
BROKEN = re.compile(r" (&[a-z_]+=)")


def view_link(view: View, path: str = "/") -> str:
    """Return the address of a view.

    Parameters
    ----------
    view
        What is shown.
    path
        Of the page, from the root of the map: ``/``, ``/compare``, ``/embed``.

    Returns
    -------
    str
        Whole where the setting `public_url` says under which address the map is reached:
        ``https://map.example.org/compare?place=UK``. Else from the root of the map on,
        ``/compare?place=UK``; of the first page the query alone, ``?sector=life-sciences``, and ``?`` for
        the view that the map opens with.
        ASCII, without spaces and quotes: what an address cannot have is percent-encoded. Areas that one
        session alone knows are left out: no link restores them.
    """
    base, query = settings().public_url, restorable(view).url()
    if not base and path == "/":
        return f"?{query}"
    return f"{base}/{path.lstrip('/')}" + (f"?{query}" if query else "")


def link_words(view: View, path: str = "/") -> str:
    """Return the address of a view as people read it: that of the map as it opens may have no letters."""
    address = view_link(view, path)
    return AS_IT_OPENS if address == "?" else address


def restorable(view: View) -> View:
    """Return what a link can restore of a view: all but areas that one session alone knows."""
    known = tuple(ref for ref in view.place if not ref.startswith(OF_SESSION))
    return view if known == view.place else view.model_copy(update={"place": known})


def unlinked(places: Iterable[Place]) -> str:
    """Say which of some places no link restores, why, and what does; empty where all are in it."""
    lost = [place.name for place in places if place.ref.startswith(OF_SESSION)]
    if not lost:
        return ""
    outlines, their, them = (
        ("outline is", "its", "it") if len(lost) == 1 else ("outlines are", "their", "them")
    )
    return (
        f"Not in the link: {listed(lost)}, whose {outlines} too long for one. "
        f"Upload {their} file again on the page Compare to have {them} back."
    )


def breakable(address: str) -> str:
    """Return an address with a space before each ``&``, so that what wraps words can break it there.

    Examples
    --------
    >>> breakable("?sector=defence&level=la")
    '?sector=defence &level=la'
    """
    return address.replace("&", " &")


def closed(line: str) -> str:
    """Return a line of wrapped text with the addresses in it as they were, to be copied.

    Examples
    --------
    >>> closed("This view: ?sector=defence &level=la")
    'This view: ?sector=defence&level=la'
    """
    return BROKEN.sub(r"\1", line)
