"""The JSON API: what the map's layers fetch is what anyone may fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api import compare, pictures, places, programmes, tables
from api.answers import as_json, send
from api.queries import (
    FirmQuery,
    LevelPath,
    Nothing,
    PointQuery,
    RegionQuery,
    SearchQuery,
    ShapeQuery,
    StyleQuery,
    read_box,
)
from data.errors import InputError, MapError, NotFoundError, StoreError
from data.filters import QUOTED, Filters
from layers import assets, clusters, firms, labels, projects, regions
from layers.base import API
from layers.point import at_point
from layers.style import edition_style, style
from layers.summary import sentence
from layers.view import View
from regions.edition import KEEPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.style import Style
    from regions.edition import Edition

VERSION = "0.1.0"
GEOJSON = "application/geo+json"
# Statuses for our errors; anything else is a fault of ours and answers 500 without its inside.
STATUS: tuple[tuple[type[MapError], int], ...] = ((InputError, 422), (NotFoundError, 404), (StoreError, 503))
KIND_LABELS = {
    "town": "Town",
    "cluster": "Cluster",
    "project": "Project",
    "firm": "Firm",
    "asset": "Research asset",
    "postcode": "Postcode",
    "la": "Local authority",
    "itl3": "ITL3",
    "itl2": "ITL2",
    "itl1": "ITL1",
    "nation": "Nation",
    "city_region": "City region",
    "programme_area": "Programme area",
}
NOTHING_FOUND = (
    "Nothing by this name. Try a town, a council, a firm, or a full or partial postcode such as OX11 0."
)
ZOOMS = {"town": 12, "firm": 14, "asset": 14, "project": 13, "postcode": 14}


class Fault(BaseModel):
    """What every error answers with."""

    detail: str = Field(description="What is wrong, in words, and what would be right")


def service() -> FastAPI:
    """Return the API, to be mounted under `layers.base.API`."""
    api = FastAPI(
        title="Innovation Clusters Map",
        version=VERSION,
        description="Clusters of innovative firms in the United Kingdom, public money by place, and what "
        "the map is made of. Clusters come from a curated sample of firms, not a census; boundaries are "
        "approximate.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/openapi.json",
        servers=[{"url": API}],
        responses={status: {"model": Fault} for _, status in STATUS},
    )
    _answer_errors(api)
    _add_ground(api)
    _add_map(api)
    _add_lookups(api)
    compare.add_routes(api)
    places.add_routes(api)
    tables.add_routes(api)
    programmes.add_routes(api)
    pictures.add_routes(api)
    _add_documentation(api)
    return api


def _view(filters: Filters, **more: Any) -> View:
    return View.model_validate({**filters.model_dump(), **more})


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


def _add_map(api: FastAPI) -> None:
    """Add what the layers of the map fetch for a view."""
    measured = "A measure of every region of a level, with classes and what is not placed"

    @api.get("/regions", tags=["map"], summary=measured)
    def get_regions(request: Request, query: Annotated[RegionQuery, Query()]) -> Response:
        return as_json(request, regions.payload(KEEPER.edition(), _view(query)))

    @api.get("/clusters", tags=["map"], summary="Footprints of clusters as GeoJSON")
    def get_clusters(request: Request, query: Annotated[Filters, Query()]) -> Response:
        return as_json(request, clusters.payload(KEEPER.edition(), _view(query)))

    @api.get("/firms/grid", tags=["map"], summary="Firms in a box: counts by cell far out, points near")
    def get_firm_grid(request: Request, query: Annotated[FirmQuery, Query()]) -> Response:
        view = View.model_validate(query.model_dump(include=set(Filters.model_fields)))
        return as_json(request, firms.payload(KEEPER.edition(), view, read_box(query.bbox), query.zoom))

    @api.get("/projects/map", tags=["map"], summary="Projects at sites as points, awards to areas as GeoJSON")
    def get_projects(request: Request, query: Annotated[Filters, Query()]) -> Response:
        return as_json(request, projects.payload(KEEPER.edition(), _view(query)))


def _add_lookups(api: FastAPI) -> None:
    """Add the questions that have one answer."""

    @api.get("/health", tags=["service"], summary="Whether the map's tables are ready")
    def health(_query: Annotated[Nothing, Query()]) -> dict[str, Any]:
        state = "ready" if KEEPER.ready else "failed" if KEEPER.fault else "building"
        return {"status": state, "stage": KEEPER.stage, "share": round(KEEPER.share, 2), "version": VERSION}

    @api.get("/at", tags=["lookup"], summary="Every cluster, project and region at a point, ranked")
    def at(request: Request, query: Annotated[PointQuery, Query()]) -> Response:
        filters = Filters.model_validate(query.model_dump(include=set(Filters.model_fields)))
        return as_json(request, at_point(KEEPER.edition(), filters, query.lat, query.lon, query.zoom))

    @api.get("/sentence", tags=["lookup"], summary="What a view shows, in one sentence")
    def get_sentence(query: Annotated[Filters, Query()]) -> dict[str, str]:
        return {"sentence": sentence(KEEPER.edition(), query)}

    found = "Places, regions, clusters, projects, firms, assets and postcodes by name"

    @api.get("/search", tags=["lookup"], summary=found)
    def search(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
        edition = KEEPER.edition()
        # Until the postcodes' file is made, names can be searched without them.
        names = edition.search if "search" in edition.__dict__ else edition.names
        hits = [_hit(hit) for hit in names.search(query.q, query.limit)]
        return as_json(request, {"query": query.q, "hits": hits, "note": "" if hits else NOTHING_FOUND})


def _hit(hit: Any) -> dict[str, Any]:
    plain = {name: getattr(hit, name) for name in ("kind", "id", "name", "detail", "bounds")}
    place = {"lon": round(hit.lon, 5), "lat": round(hit.lat, 5)}
    return {
        **plain,
        **place,
        "kind_label": KIND_LABELS.get(hit.kind, hit.kind),
        "zoom": ZOOMS.get(hit.kind, 11),
    }


def _add_documentation(api: FastAPI) -> None:
    """Add a page of documentation that needs no other host, and an answer for paths that do not exist."""

    @api.get("/docs", include_in_schema=False)
    def documentation() -> Response:
        return get_swagger_ui_html(
            openapi_url=f"{API}/openapi.json",
            title="Innovation Clusters Map: the API",
            swagger_js_url="/swagger/swagger-ui-bundle.js",
            swagger_css_url="/swagger/swagger-ui.css",
            swagger_favicon_url="/assets/icon.svg",
        )

    @api.get("/{path:path}", include_in_schema=False)
    def nothing(path: str) -> Response:
        raise NotFoundError(f"{API}/{path[:200]} does not exist; {API}/docs lists what does")


def _answer_errors(api: FastAPI) -> None:
    """Answer every error as JSON with one field, `detail`, in words."""

    def fault(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
        return Response(orjson.dumps({"detail": detail}), status, headers, "application/json")

    @api.exception_handler(MapError)
    async def own(_request: Request, error: MapError) -> Response:
        status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
        return fault(status, str(error), {"Retry-After": "2"} if status == 503 else None)

    @api.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        return fault(422, "; ".join(_words(row) for row in error.errors()))

    @api.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        words = (
            f"{request.method} is not answered; use GET" if error.status_code == 405 else str(error.detail)
        )
        return fault(error.status_code, words, dict(error.headers or {}))


def _words(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a parameter; a fault of several together names them in its message."""
    name = ".".join(str(part) for part in error["loc"][1:])
    if error["type"] == "extra_forbidden":
        return f"{name[:QUOTED]!r} is no parameter of this path; {API}/docs lists those there are"
    message = str(error["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    given = str(error.get("input"))[:QUOTED]
    known = error["type"] == "missing" or given in message
    return f"{name}: {message}" if known else f"{name}: {message} (given: {given!r})"
