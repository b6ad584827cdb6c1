"""The page of a map without controls, for a frame on other people's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import Guard, page
from edition.keeper import KEEPER
from layers.embed import embed_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request, Response

    from edition.view import View
    from layers.style import Theme

# Any page may hold this one: it sets no cookie and reads none, changes nothing and knows nobody, so there is
# nothing that a click stolen by the page around it could do. No other page may be framed by another host.
ANYWHERE = Guard(frames="*")


def embed(request: Request) -> Response:
    """Answer with the map of a view for a frame; what of it could not be used is said there."""
    return page(request, _page, ANYWHERE)


def _page(view: View, theme: Theme, faults: Sequence[str]) -> str:
    return embed_page(KEEPER.edition(), view, theme, faults)
