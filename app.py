"""The front door for browsers: pages, API and static files in one server, which ``cli.py serve`` starts."""

from __future__ import annotations

import threading
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import fastapi_offline
import streamlit as st
import xstatic.pkg.leaflet
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api.embed import embed
from api.ending import ending_within
from api.places import panels
from api.service import service
from data.errors import MapError
from data.formats import media_of
from data.settings import settings
from edition.keeper import KEEPER
from edition.view import View
from layers.base import API
from layers.embed_code import EMBED_URL
from layers.scripts import (
    ASSETS_URL,
    EMBED_SCRIPTS,
    EMBED_STYLE_SHEETS,
    FOLDER,
    LEAFLET_URL,
    PAGE_SCRIPTS,
    SCRIPTS,
    STYLE_SHEETS,
    embed_script_url,
    embed_style_url,
    page_script_url,
    script,
    script_url,
    style_sheet,
    style_url,
)
from regions.warm import warm, warm_more
from snapshots.formats import snapshot
from snapshots.paper import LEAST_DPI, Paper

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

# Seconds that the first visitors have the machine to themselves.
HEAD_START = 20.0
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Begin preparing the edition as soon as the server is up, and leave nothing half done when it ends."""
    KEEPER.warmed_by(warm, warm_more)
    KEEPER.start()
    if settings().print_ahead:
        threading.Thread(target=get_ready_to_print, name="print", daemon=True).start()
    with ending_within(settings().drain_seconds):
        yield
    KEEPER.stop()


def get_ready_to_print() -> None:
    """Draw a picture that nobody asked for: what print needs takes seconds to load, no visitor's seconds."""
    with suppress(MapError):
        edition = KEEPER.wait()
        time.sleep(HEAD_START)
        snapshot(edition, View(), "png", Paper(dpi=LEAST_DPI))


async def asset(request: Request) -> Response:
    """Serve our script, style sheet and icon."""
    path = request.url.path
    texts = {
        script_url(): (script, SCRIPTS, "text/javascript"),
        style_url(): (style_sheet, STYLE_SHEETS, "text/css"),
        embed_script_url(): (script, EMBED_SCRIPTS, "text/javascript"),
        embed_style_url(): (style_sheet, EMBED_STYLE_SHEETS, "text/css"),
        page_script_url(): (script, PAGE_SCRIPTS, "text/javascript"),
    }
    if path in texts:
        read, names, media = texts[path]
        return Response(read(names), media_type=media, headers=FOREVER)
    if path == f"{ASSETS_URL}/icon.svg":
        return Response((FOLDER / "icon.svg").read_bytes(), media_type=media_of("svg"))
    return Response("not found", 404, media_type="text/plain")


async def to_documentation(_request: Request) -> Response:
    """Lead from the root of the API to what it offers."""
    return RedirectResponse(f"{API}/docs")


async def no_api(request: Request) -> Response:
    """Refuse other versions in JSON: a page with status 200 would look like data gone wrong."""
    words = f"{request.url.path[:200]} does not exist; {API}/docs lists what does"
    return JSONResponse({"detail": words}, 404)


def swagger_folder() -> Path:
    """Return the folder of the documentation page's script."""
    return Path(fastapi_offline.__file__).parent / "static"


app = st.App(
    "views/main.py",
    lifespan=lifespan,
    routes=[
        Route(API, to_documentation),
        Mount(API, service()),
        Route("/api/{path:path}", no_api),
        Route("/panels", panels),
        Route(EMBED_URL, embed),
        Mount(LEAFLET_URL, StaticFiles(directory=xstatic.pkg.leaflet.BASE_DIR)),
        Mount("/swagger", StaticFiles(directory=swagger_folder())),
        Route(f"{ASSETS_URL}/{{name}}", asset),
    ],
)
