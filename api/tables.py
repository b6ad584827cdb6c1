"""Routes for what the pages show as tables: JSON with pages, or CSV."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Query, Request, Response

from api.answers import as_json
from api.queries import ClusterPath, CsvQuery, Nothing, TablePath, TableQuery
from data.errors import NotFoundError
from layers.firms import details
from layers.tables import TABLES, as_csv, file_name
from layers.view import View
from layers.why import facts
from regions.edition import KEEPER

CLUSTER_FIELDS = ("cluster_id", "name", "label", "place", "type", "firms", "edition")


def add_routes(api: FastAPI) -> None:
    """Add the tables."""

    @api.get("/tables/{name}.csv", tags=["tables"], summary="A whole table as CSV")
    def get_csv(name: TablePath, query: Annotated[CsvQuery, Query()]) -> Response:
        view = View.model_validate(query.model_dump())
        table = TABLES[name]
        headers = {"Content-Disposition": f'attachment; filename="{file_name(table, view)}"'}
        return Response(
            as_csv(KEEPER.edition(), table, view), media_type="text/csv; charset=utf-8", headers=headers
        )

    @api.get("/tables/{name}", tags=["tables"], summary="A page of a table as JSON")
    def get_rows(request: Request, name: TablePath, query: Annotated[TableQuery, Query()]) -> Response:
        view = View.model_validate(query.model_dump(exclude={"offset", "limit"}))
        table = TABLES[name]
        edition = KEEPER.edition()
        page, total = table.page(edition, view, query.offset, query.limit)
        value = {"table": name, "total": total, "offset": query.offset, "caveat": table.caveat_of(edition)}
        return as_json(request, {**value, "rows": orjson.Fragment(page.to_json(orient="records"))})

    why = "One cluster: why it is one, its firms, awards and assets"

    @api.get("/clusters/{cluster_id}", tags=["lookup"], summary=why)
    def get_cluster(
        request: Request, cluster_id: ClusterPath, _query: Annotated[Nothing, Query()]
    ) -> Response:
        return as_json(request, cluster(cluster_id))


def cluster(cluster_id: str) -> dict[str, Any]:
    """Return all that is known of a cluster.

    Raises
    ------
    NotFoundError
        If no cluster of the edition has the id.
    """
    edition = KEEPER.edition()
    rows = edition.clusters[edition.clusters["cluster_id"] == cluster_id]
    if rows.empty:
        raise NotFoundError(f"no cluster {cluster_id[:100]!r} in this edition; /tables/clusters lists them")
    row = next(rows.itertuples(index=False))
    plain = {name: getattr(row, name) for name in CLUSTER_FIELDS}
    columns = ("what", "value", "meaning")
    plain["facts"] = [dict(zip(columns, fact, strict=True)) for fact in facts(row, edition)]
    plain["geometry"] = orjson.loads(row.geojson)
    plain["members"] = members(cluster_id)
    for name in ("evidence", "cluster_awards", "cluster_assets"):
        table = edition.tables[name]
        part = table[table["cluster_id"] == cluster_id].drop(columns="cluster_id")
        plain[name.removeprefix("cluster_")] = orjson.Fragment(part.to_json(orient="records"))
    return plain


def members(cluster_id: str) -> list[dict[str, Any]]:
    """Return the firms of a cluster, core first."""
    edition = KEEPER.edition()
    sql = f"""
        SELECT firm_id, name, {details(edition)}, core FROM members JOIN firms USING (firm_id)
        WHERE cluster_id = ? ORDER BY core DESC, name
    """
    found = edition.store.query(sql, [cluster_id])
    return found.to_dict("records")  # type: ignore[return-value]
