"""Routes for what the map fetches: its looks, shapes, and what each layer shows of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request, Response

from api.parameters import LevelPath, Nothing, ShapeQuery, StyleQuery, query_of, view_of
from api.responses import GEOJSON, JSON, as_json, send
from edition.keeper import KEEPER
from edition.view import View
from layers.registry import drawn
from layers.style import edition_style, style

if TYPE_CHECKING:
    from pydantic import BaseModel

    from edition.edition import Edition
    from layers.base import Layer
    from layers.style import Style


def add_routes(api: FastAPI) -> None:
    """Add what the map fetches: first what it fetches once, whatever the filters."""
    _add_style(api)
    for layer in drawn():
        if not layer.switched:
            _add_layer(api, layer)
    _add_shapes(api)
    for layer in sorted(drawn(), key=lambda layer: layer.served.filtered):
        if layer.switched:
            _add_layer(api, layer)


def _add_style(api: FastAPI) -> None:
    @api.get("/style", tags=["map"], summary="Colours, sizes and marks of a theme")
    def get_style(request: Request, query: Annotated[StyleQuery, Query()]) -> Response:
        edition = KEEPER.edition() if KEEPER.ready else None
        look = style(query.theme) if edition is None else edition_style(edition, query.theme)
        value = {
            "colours": look.colours,
            "sizes": look.sizes,
            "sectors": _drawn(look, edition),
            "assets": look.assets,
        }
        return as_json(request, value)


def _add_shapes(api: FastAPI) -> None:
    """Add the outlines that layers refer to."""

    @api.get("/shapes/areas", tags=["map"], summary="Outlines of the areas that awards are for, as GeoJSON")
    def get_areas(request: Request, _query: Annotated[Nothing, Query()]) -> Response:
        return send(request, KEEPER.edition().shapes["areas"], GEOJSON)

    @api.get(
        "/shapes/{level}", tags=["map"], summary="Approximate outlines of the regions of a level as GeoJSON"
    )
    def get_shapes(request: Request, level: LevelPath, query: Annotated[ShapeQuery, Query()]) -> Response:
        return send(request, KEEPER.edition().shapes[f"{level}-{query.detail}"], GEOJSON)


def _drawn(look: Style, edition: Edition | None) -> dict[str, dict[str, str]]:
    """Return the looks of labels: of a register's, which may be ten thousand, those with clusters."""
    if edition is None or not edition.labels.own:
        return look.sectors
    return {label: mark for label, mark in look.sectors.items() if edition.labels.clusters.get(label)}


def _add_layer(api: FastAPI, layer: Layer) -> None:
    """Add what a layer shows of a view."""
    served = layer.served

    def get_layer(request: Request, query: BaseModel) -> Response:
        more = {name: getattr(query, name) for name in served.asks if name not in View.model_fields}
        edition = KEEPER.edition()
        found = served.give(edition, view_of(query, edition), **more)
        media = GEOJSON if served.geojson else JSON
        if isinstance(found, bytes):
            return send(request, found, media)
        return as_json(request, found, media=media)

    # Of each path another model, which no annotation could name.
    get_layer.__annotations__["query"] = Annotated[query_of(served), Query()]
    api.get(f"/{served.path}", tags=["map"], summary=served.summary)(get_layer)
