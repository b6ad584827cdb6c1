"""Places: the list of all, one by its id, its outline, and the page of maps side by side."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import orjson
import shapely
from fastapi import Query, Request, Response
from pydantic import Field

from api.geometry import outlines
from api.negotiation import Faces, add_faces
from api.pages import Guard, page
from api.parameters import Nothing, PlacePath, PlacesQuery
from api.redirects import follow
from api.responses import GEOJSON, as_json, send
from api.rows import Rows, faces_of
from data.errors import InputError, NotFoundError
from data.formats import FORMATS
from edition.keeper import KEEPER
from edition.view import LONGEST_PLACE
from geo.boundaries import UK, kind_of
from layers.base import API
from layers.panels import outline_of, panel_of, panels_page
from profiles.matching import matching
from regions.places import find_place, find_places, places
from words.provenance import flag

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from fastapi import FastAPI

    from edition.edition import Edition
    from edition.view import View
    from layers.style import Theme
    from regions.place import Place

PLACE_COLUMNS = (
    *("ref", "region_id", "name", "level", "kind", "population", "population_year"),
    *("west", "south", "east", "north"),
)
SOURCES = ("population", "onspd")
SEARCHED = ("ref", "region_id", "name")
EVERY = "Regions of every level: ids, names, residents, bounds"
# What else is known of a place, and where.
MORE = {
    "shape": "/places/shape?place={}",
    "figures": "/compare?place={}",
    "ranks": "/places/ranks?place={}",
    "similar": "/places/similar?place={}",
    "brief": f"{FORMATS['brief'].path}?place={{}}",
}
# Folium writes its scripts and styles into the page.
WRITTEN = Guard(inline=True)


class PlaceQuery(Nothing):
    """The place."""

    place: str = Field(
        min_length=1,
        max_length=LONGEST_PLACE,
        description="Code, id or name of a region, 'set:' and GSS codes joined by +, or an area as the page "
        "encodes it",
    )


def add_routes(api: FastAPI) -> None:
    """Add what is asked about places; paths that name one come last."""

    @api.get("/places/shape", tags=["places"], summary="Outline of a place as GeoJSON")
    def get_shape(request: Request, query: Annotated[PlaceQuery, Query()]) -> Response:
        place = find_place(KEEPER.edition(), query.place)
        return send(request, orjson.dumps(feature(place)), GEOJSON)

    add_faces(api, "/places", EVERY, _faces, placed=True, tag="places", more="; GeoJSON with outlines")

    @api.get("/places/{ref}", tags=["places"], summary="One place: what it is, what it lies in and holds")
    def get_place(request: Request, ref: PlacePath, _query: Annotated[Nothing, Query()]) -> Response:
        return as_json(request, told(KEEPER.edition(), ref))


def _faces(request: Request, query: Annotated[PlacesQuery, Query()]) -> Faces:
    edition = KEEPER.edition()
    rows = Rows(
        f"places-{query.level}".rstrip("-"),
        partial(listed, edition, query),
        f"Boundaries: {edition.boundaries}.",
        SOURCES,
        asked=(query.level, query.q),
        shapes=outlines(edition),
        ids=True,
    )
    return faces_of(request, rows, query)


def listed(edition: Edition, query: PlacesQuery) -> pd.DataFrame:
    """Return the places asked for: columns `PLACE_COLUMNS`, by level and code."""
    rows = places(edition).table.merge(edition.tables["regions"], on=["region_id", "level", "name"])
    if query.level:
        rows = rows[rows["level"] == query.level]
    rows = rows[matching(rows[[*SEARCHED]].agg(" ".join, axis=1).str.casefold(), query.q)]
    kinds = [kind_of(level, ref) for level, ref in zip(rows["level"], rows["ref"], strict=True)]
    return rows.assign(kind=kinds)[list(PLACE_COLUMNS)].reset_index(drop=True)


def told(edition: Edition, ref: str) -> dict[str, Any]:
    """Return what is known of a place by its ref, code, id or name.

    Raises
    ------
    NotFoundError
        If there is none; the message names the nearest.
    MovedError
        If its code was replaced by another.
    """
    follow(edition, "place", ref, "/places/{}")
    try:
        place = find_place(edition, ref)
    except InputError as fault:
        raise NotFoundError(str(fault)) from fault
    known = places(edition)
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    west, south, east, north = shapely.bounds(outline_of(place)).round(5).tolist()
    above = [] if place.ref == UK else [known.parent(place), *known.nations(place)]
    return {
        **{name: getattr(place, name) for name in ("ref", "code", "name", "level", "kind", "note")},
        "population": place.population,
        "population_year": place.population_year,
        "area_km2": round(place.area_km2, 3),
        "bounds": [west, south, east, north],
        "lies_in": [_named(one) for one in dict.fromkeys(above) if one.ref != place.ref],
        "authorities": [
            {"la_code": code, "name": str(names[code]), "share": round(share, 6)}
            for code, share in place.weights.items()
        ],
        "more": {name: API + path.format(quote(place.ref, safe="")) for name, path in MORE.items()},
    }


def _named(place: Place) -> dict[str, str]:
    return {name: getattr(place, name) for name in ("ref", "name", "level", "kind")}


def feature(place: Place) -> dict[str, Any]:
    """Return the outline of a place as a GeoJSON feature (EPSG:4326)."""
    geometry = orjson.loads(shapely.to_geojson(outline_of(place)))
    about = {"ref": place.ref, "name": place.name, "level": place.level}
    return {"type": "Feature", "properties": about, "geometry": geometry}


def panels(request: Request) -> Response:
    """Answer with the maps of a view's places side by side; what is wrong with it, in words.

    The query string is a view's, and ``theme``, light or dark.
    """
    return page(request, _page, WRITTEN)


def _page(view: View, theme: Theme, faults: Sequence[str]) -> str:
    # Only pages of ours ask for it: what they ask has to be right.
    if faults:
        raise InputError("; ".join(faults))
    if not view.place:
        raise InputError("no place is named; give one to ten, as in /panels?place=E08000003&place=E06000045")
    edition = KEEPER.edition()
    found = [panel_of(place) for place in find_places(edition, view.place)]
    return panels_page(found, view, theme, flag(edition), own=edition.about.own)
