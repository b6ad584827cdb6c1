"""Pages of our own beside Streamlit's: asked for by a view, kept to this host, and saying what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from api.errors import status_of
from api.responses import HTML, send
from data.errors import QUOTED, MapError
from data.settings import settings
from edition.keeper import KEEPER
from edition.view import View
from layers.choices import choices
from layers.scripts import embed_style_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import Request, Response

    from layers.style import Theme

    Make = Callable[[View, Theme, Sequence[str]], str]

THEMES: tuple[Theme, ...] = ("light", "dark")
# Seconds after which a page that is being prepared is asked for again, by itself.
AGAIN = "4"


@dataclass(frozen=True)
class Guard:
    """What keeps a page to this host.

    Attributes
    ----------
    frames
        Whose pages may hold it in a frame, as the Content-Security-Policy says it.
    inline
        Whether scripts and styles stand in the page itself.
    """

    frames: str = "'self'"
    inline: bool = False

    def headers(self) -> dict[str, str]:
        """Return the headers; only tiles, where they are set, come from another host."""
        own = "'self' 'unsafe-inline'" if self.inline else "'self'"
        images = "'self' data: blob:" + (" http: https:" if settings().tiles_url else "")
        rules = {
            "default-src": "'self'",
            "script-src": own,
            "style-src": own,
            "img-src": images,
            "frame-ancestors": self.frames,
            "base-uri": "'none'",
            "form-action": "'none'",
            "object-src": "'none'",
        }
        return {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in rules.items()),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }


def page(request: Request, make: Make, guard: Guard) -> Response:
    """Answer with a page of a view; why there is none, in words.

    The query string is a view's, and ``theme``, light or dark. What of it cannot be used is left out, and
    `make` is told in words.
    """
    pairs = [*request.query_params.multi_items()]
    theme, faults = _theme([value for name, value in pairs if name == "theme"])
    try:
        asked = [(name, value) for name, value in pairs if name != "theme"]
        view, wrong = View.read(asked, choices(KEEPER.edition()))
        text = make(view, theme, [*faults, *wrong])
    except MapError as fault:
        status = status_of(fault)
        return _answer(request, _sorry(str(fault), theme, status), guard.headers(), status)
    return _answer(request, text, guard.headers())


def _theme(given: list[str]) -> tuple[Theme, list[str]]:
    """Return the last of the themes given that is one, and say in words which are none."""
    good = [theme for theme in given if theme in THEMES]
    none = [theme for theme in given if theme not in THEMES]
    faults = [f"theme: {theme[:QUOTED]!r} is none; it is light or dark" for theme in none]
    return "dark" if good[-1:] == ["dark"] else "light", faults


def _answer(request: Request, text: str, headers: Mapping[str, str], status: int = 200) -> Response:
    answer = send(request, text.encode(), HTML)
    answer.headers.update(headers)
    if status != 200:
        answer.status_code = status
        answer.headers["Cache-Control"] = "no-store"
    if status == 503:
        answer.headers["Refresh"] = AGAIN
    return answer


def _sorry(words: str, theme: Theme, status: int) -> str:
    title = "This map is being prepared" if status == 503 else "This map cannot be drawn"
    return (
        f'<!DOCTYPE html>\n<html lang="en" class="icm-embed" data-theme="{theme}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>No map</title>"
        f'<link rel="stylesheet" href="{embed_style_url()}"></head><body><main class="icm-sorry">'
        f"<h1>{title}</h1><p>{escape(words)}</p></main></body></html>"
    )
