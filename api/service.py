"""The JSON API: what the pages show is what anyone may fetch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response

from api import compare, edition, files, lists, lookups, places, programmes, tables
from api import items as things
from api import map as layers_of_map
from api.docs_page import manual
from api.errors import answer_errors
from api.limits import limits
from api.middleware import Doors
from api.parameters import unknown_names
from api.responses import as_json
from api.specification import TAGS, specify
from data.errors import NotFoundError
from data.product import PRODUCT, VERSION
from layers.base import API

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

    from api.limits import Limits

ABOUT = (
    "Clusters of innovative firms in the United Kingdom, public money by place, and what the map is made of. "
    "Clusters come from a curated sample of firms, not a census; boundaries are approximate. No key is "
    "needed; any page may read it. Ids are stable: one that was replaced answers 308 and leads to the new "
    "one."
)
# The order in which paths are tried: those that name a thing come after those that do not.
ROOMS = (lookups, edition, lists, tables, compare, places, programmes, layers_of_map, things, files)


def service(bounds: Limits | None = None) -> FastAPI:
    """Return the API, to be mounted under `layers.base.API`.

    Parameters
    ----------
    bounds
        Its limits; those of the settings unless given.
    """
    api = FastAPI(
        title=PRODUCT,
        version=VERSION,
        summary="What the pages show, for programs",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url=None,
        generate_unique_id_function=_id_of,
        openapi_tags=[{"name": name, "description": about} for name, about in TAGS.items()],
        servers=[{"url": API}],
    )
    api.state.limits = bounds or limits()
    api.add_middleware(Doors, longest=api.state.limits.address_bytes)
    answer_errors(api, unknown_names)
    for room in ROOMS:
        room.add_routes(api)
    specify(api)
    _add_manual(api)
    return api


def _id_of(route: APIRoute) -> str:
    """Return the name of a path for programs: `/tables/{name}` is `tables_name`."""
    return re.sub(r"[^a-z0-9]+", "_", route.path_format.lower()).strip("_")


def _add_manual(api: FastAPI) -> None:
    """Add a page of documentation that needs no other host, and an answer for paths that do not exist."""

    @api.get("/openapi.json", include_in_schema=False)
    def described(request: Request) -> Response:
        return as_json(request, api.openapi())

    @api.get("/docs", include_in_schema=False)
    def documentation(request: Request) -> Response:
        return manual(request)

    @api.get("/{path:path}", include_in_schema=False)
    def nothing(path: str) -> Response:
        raise NotFoundError(f"{API}/{path[:200]} does not exist; {API}/docs lists what does")
