"""Routes for what the pages show as tables: JSON in pages; CSV, GeoJSON and workbooks whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request, Response

from api.negotiation import FORMS, PLACED, TABLE, Faces, add_faces
from api.paging import page
from api.parameters import TablePath, TableQuery, view_of
from api.responses import disposition, heavy, records, stream, tag_of
from edition.keeper import KEEPER
from tables.files import TABLES, as_geojson, as_xlsx, csv_parts, file_name
from tables.geojson import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.limits import Limits
    from api.negotiation import FormName

WRITERS = {"geojson": as_geojson, "xlsx": as_xlsx}
INSTEAD = "filter the table, take it as CSV, or as JSON in pages"


def add_routes(api: FastAPI) -> None:
    """Add the tables."""
    add_faces(
        api, "/tables/{name}", "A table: a page as JSON, or whole as a file", _faces, PLACED, tag="tables"
    )


def _faces(request: Request, name: TablePath, query: Annotated[TableQuery, Query()]) -> Faces:
    forms = PLACED if name in PLACES else TABLE
    return Faces(
        query, lambda: rows(request, name, query), lambda form: file(request, name, form, query), forms
    )


def rows(request: Request, name: str, query: TableQuery) -> Response:
    """Answer with a page of a table."""
    table, edition = TABLES[name], KEEPER.edition()
    view = view_of(query, edition)
    found, total = table.page(edition, view, query.offset, query.limit)
    about = {"table": name, "caveat": table.caveat_of(edition)}
    body = records(found)
    window = (query.offset, query.limit)
    answer = page(request, window, total, {**about, "rows": body})
    answer.headers.update(disposition(file_name(edition, table, view, "json"), download=query.download))
    return answer


def file(request: Request, name: str, form: FormName, query: TableQuery) -> Response:
    """Answer with a whole table in a format."""
    table, edition = TABLES[name], KEEPER.edition()
    view = view_of(query, edition)
    headers = disposition(file_name(edition, table, view, form), download=query.download)
    tag = tag_of(edition, "table", name, form, view.url())
    media = FORMS[form].media
    bounds: Limits = request.app.state.limits

    def parts() -> Iterator[bytes]:
        bounds.check_csv(request, table.size(edition, view))
        return csv_parts(edition, table, view)

    if form == "csv":
        return stream(request, tag, media, headers, parts)

    def make() -> bytes:
        bounds.check_rows(table.size(edition, view), INSTEAD)
        return WRITERS[form](edition, table, view)

    return heavy(request, tag, media, headers, make)
