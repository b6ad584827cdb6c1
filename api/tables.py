"""Routes for what the pages show as tables: JSON in pages; CSV, GeoJSON and workbooks whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import orjson
from fastapi import FastAPI, Query, Request, Response

from api.answers import disposition, heavy, stream, tag_of
from api.negotiation import FORMS, Faces
from api.paging import page
from api.queries import FilePath, TablePath, TableQuery, view_of
from layers.tables import TABLES, as_geojson, as_xlsx, csv_parts, file_name
from regions.edition import KEEPER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.limits import Limits
    from api.negotiation import FormName

WRITERS = {"geojson": as_geojson, "xlsx": as_xlsx}
# Tables whose rows have no place of their own on a map.
PLACELESS = frozenset({"programmes"})
# Rows beyond which CSV counts among the files that one client may ask for only so often.
LONG = 20_000
INSTEAD = "filter the table, take it as CSV, or as JSON in pages"


def add_routes(api: FastAPI) -> None:
    """Add the tables."""

    @api.get("/tables/{name}.{form}", tags=["tables"], summary="A table: a page as JSON, or whole as a file")
    def get_file(
        request: Request, name: TablePath, form: FilePath, query: Annotated[TableQuery, Query()]
    ) -> Response:
        return _faces(request, name, query).by_ending(form)

    either = "A table in the format that Accept asks for: a page as JSON, or whole"

    @api.get("/tables/{name}", tags=["tables"], summary=either)
    def get_table(request: Request, name: TablePath, query: Annotated[TableQuery, Query()]) -> Response:
        return _faces(request, name, query).by_accept(request)


def _faces(request: Request, name: str, query: TableQuery) -> Faces:
    forms = [form for form in FORMS if not (form == "geojson" and name in PLACELESS)]
    return Faces(
        query, lambda: rows(request, name, query), lambda form: file(request, name, form, query), forms
    )


def rows(request: Request, name: str, query: TableQuery) -> Response:
    """Answer with a page of a table."""
    table, edition, view = TABLES[name], KEEPER.edition(), view_of(query)
    found, total = table.page(edition, view, query.offset, query.limit)
    about = {"table": name, "caveat": table.caveat_of(edition)}
    body = orjson.Fragment(found.to_json(orient="records"))
    window = (query.offset, query.limit)
    answer = page(request, f"/tables/{name}.json", window, total, {**about, "rows": body})
    answer.headers.update(disposition(file_name(edition, table, view, "json"), download=query.download))
    return answer


def file(request: Request, name: str, form: FormName, query: TableQuery) -> Response:
    """Answer with a whole table in a format."""
    table, edition, view = TABLES[name], KEEPER.edition(), view_of(query)
    headers = disposition(file_name(edition, table, view, form), download=query.download)
    tag = tag_of(edition, "table", name, form, view.url())
    media = FORMS[form].media
    bounds: Limits = request.app.state.limits

    def parts() -> Iterator[bytes]:
        if table.size(edition, view) > LONG:
            bounds.buckets.take(bounds.client(request))
        return csv_parts(edition, table, view)

    if form == "csv":
        return stream(request, tag, media, headers, parts)

    def make() -> bytes:
        bounds.check_rows(table.size(edition, view), INSTEAD)
        return WRITERS[form](edition, table, view)

    return heavy(request, tag, media, headers, make)
