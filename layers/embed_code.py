"""The code that shows a map in a frame on another page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from layers.base import FILTERS

if TYPE_CHECKING:
    from edition.view import View

EMBED_URL = "/embed"
# What of a view the map in a frame depends on; the rest is about the page around it.
EMBED_FIELDS = (*FILTERS, "measure", "level", "show", "at", "cluster")
# Pixels that the frame is high where its page says no more.
HEIGHT = 600


def embed_code(address: str, view: View, title: str) -> str:
    """Return the code that shows a view on another page, to be copied there.

    Parameters
    ----------
    address
        Of the map: ``https://map.example.org``, with or without a path.
    view
        What is shown.
    title
        The same in words: what a reader of the screen is told.

    Examples
    --------
    >>> print(embed_code("https://map.uk/", View(sector=("defence",), level="la"), 'Defence & "more"'))
    <iframe src="https://map.uk/embed?sector=defence&amp;level=la" title="Defence &amp; &quot;more&quot;" \
width="100%" height="600" style="border:0" loading="lazy"></iframe>
    """
    query = view.url_of(EMBED_FIELDS)
    base, words = "".join(address.split()).rstrip("/"), " ".join(title.split())
    source = f"{base}{EMBED_URL}" + (f"?{query}" if query else "")
    return (
        f'<iframe src="{escape(source)}" title="{escape(words)}" width="100%" height="{HEIGHT}" '
        'style="border:0" loading="lazy"></iframe>'
    )
