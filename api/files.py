"""Routes for a view as a file: pictures, the interactive map, the bundle, the brief."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.negotiation import add_formats
from api.parameters import PaperQuery, ViewQuery, view_of
from api.responses import disposition, heavy, tag_of
from data.formats import grouped
from edition.keeper import KEEPER
from snapshots.file_names import file_name
from snapshots.formats import snapshot
from snapshots.paper import Paper

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

    from api.limits import Limits
    from data.formats import Format


def add_routes(api: FastAPI) -> None:
    """Add the files of a view: a path for each group of formats."""
    for group, forms in grouped("api").items():
        query = PaperQuery if group.paper else ViewQuery
        add_formats(api, f"/{group.id}", forms, _file, query, tag="view", summary=group.summary)


def _file(request: Request, form: Format, query: ViewQuery) -> Response:
    edition = KEEPER.edition()
    view, paper = view_of(query, edition), _paper(query)
    if form.dots:
        bounds: Limits = request.app.state.limits
        bounds.check_pixels(paper.megapixels)
    headers = disposition(file_name(edition, view, form.id), download=query.download)
    if form.policy:
        headers["Content-Security-Policy"] = form.policy
    asked = (paper.size, paper.dpi) if isinstance(query, PaperQuery) else ()
    tag = tag_of(edition, form.id, view.url(), *asked)
    return heavy(request, tag, form.media, headers, lambda: snapshot(edition, view, form.id, paper))


def _paper(query: ViewQuery) -> Paper:
    return Paper(query.size, query.dpi) if isinstance(query, PaperQuery) else Paper()
