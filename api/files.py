"""Routes for a view as a file: pictures, the interactive map, the bundle, the brief."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import FastAPI, Path, Query, Request, Response

from api.parameters import PaperQuery, ViewQuery, view_of
from api.responses import disposition, heavy, tag_of
from edition.keeper import KEEPER
from snapshots.file_names import file_name
from snapshots.formats import FORMATS, snapshot
from snapshots.paper import Paper

if TYPE_CHECKING:
    from api.limits import Limits

# Formats that hold a picture made of dots, whose number is bounded.
DOTTED = frozenset({"png", "zip"})
# What a file that is shown in the browser may do: nothing but draw itself. It is opened under this host's
# name, yet it may neither ask anyone nor read what belongs to this host.
SEALED = {
    "svg": "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox",
    "html": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; form-action 'none'; sandbox allow-scripts allow-downloads allow-popups",
}
PictureForm = Annotated[Literal["png", "svg", "pdf"], Path(description="Format of the picture")]


def add_routes(api: FastAPI) -> None:
    """Add the files of a view."""
    drawn = "A picture of a view for print, with legend, filters and sources; same view, same bytes"

    @api.get("/picture.{form}", tags=["view"], summary=drawn)
    def get_picture(request: Request, form: PictureForm, query: Annotated[PaperQuery, Query()]) -> Response:
        return _file(request, form, query)

    alone = "The interactive map of a view as one file that works offline"

    @api.get("/map.html", tags=["view"], summary=alone)
    def get_map(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
        return _file(request, "html", query)

    whole = "Picture, tables, geometry, sources and licences of a view in one ZIP"

    @api.get("/bundle.zip", tags=["view"], summary=whole)
    def get_bundle(request: Request, query: Annotated[PaperQuery, Query()]) -> Response:
        return _file(request, "zip", query)

    told = "Two pages on the cluster, the place or the comparison of a view"

    @api.get("/brief.pdf", tags=["view"], summary=told)
    def get_brief(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
        return _file(request, "brief", query)


def _file(request: Request, form: str, query: ViewQuery) -> Response:
    edition = KEEPER.edition()
    view, paper = view_of(query, edition), _paper(query)
    if form in DOTTED:
        bounds: Limits = request.app.state.limits
        bounds.check_pixels(paper.megapixels)
    headers = disposition(file_name(edition, view, form), download=query.download)
    if form in SEALED:
        headers["Content-Security-Policy"] = SEALED[form]
    asked = (paper.size, paper.dpi) if isinstance(query, PaperQuery) else ()
    tag = tag_of(edition, form, view.url(), *asked)
    return heavy(request, tag, FORMATS[form].media, headers, lambda: snapshot(edition, view, form, paper))


def _paper(query: ViewQuery) -> Paper:
    return Paper(query.size, query.dpi) if isinstance(query, PaperQuery) else Paper()
