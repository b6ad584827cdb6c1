"""Links: the address that restores a view, as pictures, files and pages write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data.settings import settings

if TYPE_CHECKING:
    from layers.view import View

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
        ASCII, without spaces and quotes: what an address cannot have is percent-encoded.
    """
    base, query = settings().public_url, view.url()
    if not base and path == "/":
        return f"?{query}"
    return f"{base}/{path.lstrip('/')}" + (f"?{query}" if query else "")


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
