"""Routes for what the pages show as tables: JSON in pages; CSV, GeoJSON and workbooks whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request, Response

from api.negotiation import Faces, add_faces
from api.paging import page
from api.parameters import TablePath, TableQuery, view_of
from api.responses import disposition, heavy, records, stream, tag_of
from edition.keeper import KEEPER
from tables import rows as shown
from tables.files import file_name, parts
from tables.geojson import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.limits import Limits
    from data.formats import Format

INSTEAD = "filter the table, take it as CSV, or as JSON in pages"


def add_routes(api: FastAPI) -> None:
    """Add the tables."""
    add_faces(
        api,
        "/tables/{name}",
        "A table: a page as JSON, or whole as a file",
        _faces,
        placed=True,
        tag="tables",
    )


def _faces(request: Request, name: TablePath, query: Annotated[TableQuery, Query()]) -> Faces:
    return Faces(
        query,
        lambda: rows(request, name, query),
        lambda form: file(request, name, form, query),
        placed=name in PLACES,
    )


def rows(request: Request, name: str, query: TableQuery) -> Response:
    """Answer with a page of a table."""
    table, edition = shown.TABLES[name], KEEPER.edition()
    view = view_of(query, edition)
    found, total = table.page(edition, view, query.offset, query.limit)
    about = {"table": name, "caveat": table.caveat_of(edition)}
    body = records(found)
    window = (query.offset, query.limit)
    answer = page(request, window, total, {**about, "rows": body})
    answer.headers.update(disposition(file_name(edition, table, view, "json"), download=query.download))
    return answer


def file(request: Request, name: str, form: Format, query: TableQuery) -> Response:
    """Answer with a whole table in a format."""
    table, edition = shown.TABLES[name], KEEPER.edition()
    view = view_of(query, edition)
    headers = disposition(file_name(edition, table, view, form.ending), download=query.download)
    tag = tag_of(edition, "table", name, form.id, view.url())
    bounds: Limits = request.app.state.limits

    def pieces() -> Iterator[bytes]:
        bounds.check_csv(request, table.size(edition, view))
        return parts(edition, table, view, form)

    def whole() -> bytes:
        bounds.check_rows(table.size(edition, view), INSTEAD)
        return b"".join(parts(edition, table, view, form))

    return (
        stream(request, tag, form.media, headers, pieces)
        if form.in_pieces
        else heavy(request, tag, form.media, headers, whole)
    )
