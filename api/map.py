"""Routes for what the layers of the map fetch: the ground, shapes, and what a view puts on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request, Response

from api.parameters import (
    FirmQuery,
    LevelPath,
    Nothing,
    RegionQuery,
    ShapeQuery,
    StyleQuery,
    read_box,
    view_of,
)
from api.responses import GEOJSON, as_json, send
from edition.edition import KEEPER
from edition.filters import Filters
from edition.view import View
from layers import assets, clusters, firms, labels, projects, regions
from layers.style import edition_style, style

if TYPE_CHECKING:
    from edition.edition import Edition
    from layers.style import Style


def add_routes(api: FastAPI) -> None:
    """Add what the map fetches."""
    _add_ground(api)
    _add_layers(api)


def _add_ground(api: FastAPI) -> None:
    """Add what the map fetches once, whatever the filters."""

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

    @api.get("/land", tags=["map"], summary="Land as GeoJSON")
    def get_land(request: Request, query: Annotated[ShapeQuery, Query()]) -> Response:
        return send(request, KEEPER.edition().shapes[f"land-{query.detail}"], GEOJSON)

    @api.get("/shapes/areas", tags=["map"], summary="Outlines of the areas that awards are for, as GeoJSON")
    def get_areas(request: Request, _query: Annotated[Nothing, Query()]) -> Response:
        return send(request, KEEPER.edition().shapes["areas"], GEOJSON)

    @api.get(
        "/shapes/{level}", tags=["map"], summary="Approximate outlines of the regions of a level as GeoJSON"
    )
    def get_shapes(request: Request, level: LevelPath, query: Annotated[ShapeQuery, Query()]) -> Response:
        return send(request, KEEPER.edition().shapes[f"{level}-{query.detail}"], GEOJSON)

    @api.get("/assets/map", tags=["map"], summary="Research assets as points")
    def get_assets(request: Request, _query: Annotated[Nothing, Query()]) -> Response:
        return as_json(request, assets.payload(KEEPER.edition(), View()))

    @api.get("/towns", tags=["map"], summary="Place names: name, latitude, longitude, residents")
    def get_towns(request: Request, _query: Annotated[Nothing, Query()]) -> Response:
        return as_json(request, labels.payload(KEEPER.edition(), View()))


def _drawn(look: Style, edition: Edition | None) -> dict[str, dict[str, str]]:
    """Return the looks of labels: of a register's, which may be ten thousand, those with clusters."""
    if edition is None or not edition.labels.own:
        return look.sectors
    return {label: mark for label, mark in look.sectors.items() if edition.labels.clusters.get(label)}


def _add_layers(api: FastAPI) -> None:
    """Add what the layers of the map fetch for a view."""
    measured = "A measure of every region of a level, with classes and what is not placed"

    @api.get("/regions", tags=["map"], summary=measured)
    def get_regions(request: Request, query: Annotated[RegionQuery, Query()]) -> Response:
        return as_json(request, regions.payload(KEEPER.edition(), view_of(query)))

    @api.get("/clusters", tags=["map"], summary="Footprints of clusters as GeoJSON")
    def get_clusters(request: Request, query: Annotated[Filters, Query()]) -> Response:
        answer = as_json(request, clusters.payload(KEEPER.edition(), view_of(query)))
        if answer.status_code == 200:
            answer.headers["Content-Type"] = GEOJSON
        return answer

    @api.get("/firms/grid", tags=["map"], summary="Firms in a box: counts by cell far out, points near")
    def get_firm_grid(request: Request, query: Annotated[FirmQuery, Query()]) -> Response:
        edition = KEEPER.edition()
        return as_json(request, firms.payload(edition, view_of(query), read_box(query.bbox), query.zoom))

    @api.get("/projects/map", tags=["map"], summary="Projects at sites as points, awards to areas as GeoJSON")
    def get_projects(request: Request, query: Annotated[Filters, Query()]) -> Response:
        return as_json(request, projects.payload(KEEPER.edition(), view_of(query)))
