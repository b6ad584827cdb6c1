"""Places: the outline of one, and the page of maps side by side."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import shapely
from fastapi import Query, Request, Response
from pydantic import Field

from api.answers import send
from api.queries import Nothing
from data.errors import InputError, MapError, NotFoundError, StoreError
from data.settings import settings
from layers.panels import outline_of, panel_of, panels_page
from layers.provenance import flag
from layers.view import LONGEST_PLACE, View
from regions.edition import KEEPER
from regions.places import find_place, find_places

if TYPE_CHECKING:
    from fastapi import FastAPI

    from regions.place import Place

GEOJSON = "application/geo+json"
THEMES = ("light", "dark")
STATUS: tuple[tuple[type[MapError], int], ...] = ((NotFoundError, 404), (StoreError, 503), (InputError, 422))


class PlaceQuery(Nothing):
    """The place."""

    place: str = Field(
        min_length=1,
        max_length=LONGEST_PLACE,
        description="Code, id or name of a region, 'set:' and GSS codes joined by +, or an area as the page "
        "encodes it",
    )


def add_routes(api: FastAPI) -> None:
    """Add what is asked about a place."""

    @api.get("/places/shape", tags=["map"], summary="Outline of a place as GeoJSON")
    def get_shape(request: Request, query: Annotated[PlaceQuery, Query()]) -> Response:
        place = find_place(KEEPER.edition(), query.place)
        return send(request, orjson.dumps(feature(place)), GEOJSON)


def feature(place: Place) -> dict[str, Any]:
    """Return the outline of a place as a GeoJSON feature (EPSG:4326)."""
    geometry = orjson.loads(shapely.to_geojson(outline_of(place)))
    about = {"ref": place.ref, "name": place.name, "level": place.level}
    return {"type": "Feature", "properties": about, "geometry": geometry}


def panels(request: Request) -> Response:
    """Answer with the maps of a view's places side by side; what is wrong with it, in words.

    The query string is a view's, and ``theme``, light or dark.
    """
    pairs = [*request.query_params.multi_items()]
    theme = next((value for name, value in reversed(pairs) if name == "theme"), THEMES[0])
    look = theme if theme in THEMES else THEMES[0]
    try:
        if theme not in THEMES:
            raise InputError(f"theme: {theme[:100]!r} is none; it is light or dark")
        page = _page([(name, value) for name, value in pairs if name != "theme"], theme)
    except MapError as fault:
        status = next((code for kind, code in STATUS if isinstance(fault, kind)), 500)
        return _html(request, _sorry(str(fault), look), status)
    return _html(request, page)


def _page(pairs: list[tuple[str, str]], theme: str) -> str:
    view = View.parse(pairs)
    if not view.place:
        raise InputError("no place is named; give one to ten, as in /panels?place=E08000003&place=E06000045")
    edition = KEEPER.edition()
    found = [panel_of(place) for place in find_places(edition, view.place)]
    return panels_page(found, view, theme, flag(edition), own=edition.about.own)


def _html(request: Request, page: str, status: int = 200) -> Response:
    answer = send(request, page.encode(), "text/html; charset=utf-8")
    answer.headers.update(_guard())
    if status != 200:
        answer.status_code = status
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _guard() -> dict[str, str]:
    """Return headers that keep the page to this host; only tiles, where they are set, come from another."""
    images = "'self' data: blob:" + (" http: https:" if settings().tiles_url else "")
    rules = {
        "default-src": "'self'",
        # Folium writes its scripts and styles into the page.
        "script-src": "'self' 'unsafe-inline'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": images,
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "object-src": "'none'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }


def _sorry(words: str, theme: str) -> str:
    ground, ink = ("#141A20", "#F1F4F6") if theme == "dark" else ("#FFFFFF", "#1D2A35")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>No maps</title></head>'
        f'<body style="margin:24px;font:16px/1.5 sans-serif;background:{ground};color:{ink}">'
        f"<h1 style='font-size:18px'>These maps cannot be drawn</h1><p>{escape(words)}</p></body></html>"
    )
