"""Routes for one thing by its id: a cluster, a project, a firm, a research asset."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from fastapi import FastAPI, Path, Query, Request, Response

from api.geometry import outlines, things
from api.negotiation import Faces, add_faces
from api.parameters import (
    AssetPath,
    ClusterPath,
    FirmPath,
    MoneyPartQuery,
    MoneyQuery,
    Nothing,
    ProjectPath,
    filters_of,
)
from api.redirects import follow
from api.responses import as_json, one_record, records
from api.rows import Rows, faces_of
from data.errors import QUOTED, NotFoundError
from data.schemas import ASSET_TYPES
from edition.filters import Filters
from edition.keeper import KEEPER
from edition.view import View
from geo.projections import to_lonlat
from layers.looking import view_of
from profiles import cluster as dossier
from profiles.cluster_why import facts
from profiles.clusters import summary
from profiles.programmes import contested
from profiles.projects import links, project_facts, project_rows
from regions.funding import SHARES, funding
from tables.files import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from api.geometry import Shapes
    from edition.edition import Edition

ClusterPart = Annotated[
    Literal["evidence", "members", "projects", "partners", "assets", "authorities", "awards"],
    Path(description="Which table"),
]
# Tables of a cluster whose rows are things with places of their own, and the column of their ids.
KINDS = {"members": "firm_id", "projects": "project_id", "assets": "asset_id"}
CLUSTER_FIELDS = ("cluster_id", "name", "label", "place", "type", "firms", "edition")
# Every project takes part, whatever its kind of figure and its programme's purpose.
EVERYTHING = Filters(kinds=("at least", "up to", "envelope", "project value"), growth=True)
RAW_PROJECT = (
    *("description", "site", "address", "award_note", "private_cofunding_gbp", "jobs", "start", "end"),
    *("technologies", "confidence", "note", "lon", "lat", "location_precision"),
)
FIRM_FIELDS = (
    *("firm_id", "name", "company_group", "is8 AS sector", "technologies", "technology", "site", "town"),
    *("la_name", "la_code", "size_band", "founded_year", "status", "location_precision", "confidence"),
    *("source", "list", "note", "easting", "northing", "point", "withheld"),
)
OWN_FIRM_FIELDS = (
    *("firm_id", "name", "technology AS sector", "la_name", "la_code", "easting", "northing", "point"),
    "withheld",
)
ASSET_FIELDS = (
    *("asset_id", "name", "type", "russell_group", "town", "la_code", "location_precision", "lon", "lat"),
    *("source", "confidence", "note"),
)
NOT_PASSED_ON = "The point comes from a postcode of Northern Ireland, which may not be passed on."


def add_routes(api: FastAPI) -> None:
    """Add the things."""
    table = "A table of the page of a cluster"
    add_faces(api, "/clusters/{cluster_id}/{part}", table, _part, placed=True, tag="things")
    why = "One cluster: why it is one, its firms, projects and partners near it, research assets, caveats"

    @api.get("/clusters/{cluster_id}", tags=["things"], summary=why)
    def get_cluster(
        request: Request, cluster_id: ClusterPath, query: Annotated[MoneyQuery, Query()]
    ) -> Response:
        edition = KEEPER.edition()
        row = found_cluster(edition, cluster_id, _asked(request))
        return as_json(request, cluster(edition, row, query.filters()))

    told = "One project: its facts in words, award, places, figures on which sources differ, sources"

    @api.get("/projects/{project_id}", tags=["things"], summary=told)
    def get_project(
        request: Request, project_id: ProjectPath, query: Annotated[Filters, Query()]
    ) -> Response:
        edition = KEEPER.edition()
        return as_json(request, project(edition, project_id, filters_of(query, edition)))

    @api.get("/firms/{firm_id}", tags=["things"], summary="One firm, and the clusters that it belongs to")
    def get_firm(request: Request, firm_id: FirmPath, _query: Annotated[Nothing, Query()]) -> Response:
        return as_json(request, firm(KEEPER.edition(), firm_id))

    @api.get("/assets/{asset_id}", tags=["things"], summary="One research asset")
    def get_asset(request: Request, asset_id: AssetPath, _query: Annotated[Nothing, Query()]) -> Response:
        return as_json(request, asset(KEEPER.edition(), asset_id))


def cluster(edition: Edition, row: Any, filters: Filters) -> dict[str, Any]:
    """Return all that is known of a cluster (see `found_cluster`); the filters are of money near it."""
    columns = ("what", "value", "meaning")
    named = ("criterion", "words", "met")
    plain = {name: getattr(row, name) for name in CLUSTER_FIELDS}
    return {
        **plain,
        "summary": summary(row),
        "facts": [dict(zip(columns, fact, strict=True)) for fact in facts(row, edition)],
        "criteria": [dict(zip(named, one, strict=True)) for one in dossier.criteria(row)],
        "geometry": orjson.loads(row.geojson),
        **{name: records(part(edition, row, filters)) for name, part in PARTS.items()},
        "caveats": dossier.caveats(edition, row),
    }


def found_cluster(edition: Edition, cluster_id: str, more: str = "") -> Any:
    """Return the row of a cluster.

    Parameters
    ----------
    more
        What is asked of it: the rest of the address.

    Raises
    ------
    NotFoundError
        If no cluster of the edition has the id.
    MovedError
        If another took its place.
    """
    row = dossier.row_of(edition, cluster_id)
    if row is None:
        follow(edition, "cluster", cluster_id, "/clusters/{}", more)
        raise NotFoundError(
            f"no cluster {cluster_id[:QUOTED]!r} in this edition; /tables/clusters lists them"
        )
    return row


def _asked(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""


def _own(edition: Edition, table: str, row: Any) -> pd.DataFrame:
    found = edition.tables[table]
    mine: pd.DataFrame = found[found["cluster_id"] == row.cluster_id].drop(columns="cluster_id")
    return mine.reset_index(drop=True)


def _near(edition: Edition, row: Any, filters: Filters) -> pd.DataFrame:
    return dossier.projects(edition, View.model_validate(filters.model_dump()), row.cluster_id)


# The tables of the page of a cluster.
PARTS: Mapping[str, Callable[[Edition, Any, Filters], pd.DataFrame]] = MappingProxyType(
    {
        "evidence": lambda edition, row, _: _own(edition, "evidence", row),
        "members": lambda edition, row, _: dossier.firms(edition, row.cluster_id),
        "projects": _near,
        "partners": lambda edition, row, filters: dossier.partners(
            edition, _near(edition, row, filters)["project_id"]
        ),
        "assets": lambda edition, row, _: dossier.assets(edition, row.cluster_id),
        "authorities": dossier.authority_money,
        "awards": lambda edition, row, _: _own(edition, "cluster_awards", row),
    }
)
NEAR = "At sites in the footprint or within 500 metres of it"
NOTES: Mapping[str, str] = MappingProxyType(
    {
        "projects": f"{NEAR}, of all sectors and programmes.",
        "partners": f"Who takes part in projects: {NEAR[0].lower()}{NEAR[1:]}.",
        "assets": f"{NEAR}. {TABLES['assets'].caveat}",
        "authorities": "share: of the cluster's firms; public_gbp: of the whole authority, of all sectors.",
        "awards": f"{NEAR}, by purpose and kind of figure, whatever the filters; never added up.",
    }
)


def _part(
    request: Request, cluster_id: ClusterPath, part: ClusterPart, query: Annotated[MoneyPartQuery, Query()]
) -> Faces:
    edition, filters = KEEPER.edition(), query.filters()
    named = str(request.scope["path"]).rpartition("/")[2]
    row = found_cluster(edition, cluster_id, f"/{named}{_asked(request)}")
    members = TABLES["members"]
    of_members = (members.caveat_of(edition), members.sources_of(edition))
    note, owed = of_members if part == "members" else (NOTES.get(part, ""), members.sources)
    rows = Rows(
        f"cluster-{row.name}-{part}",
        lambda: PARTS[part](edition, row, filters),
        note,
        owed,
        filters,
        (row.cluster_id,),
        shapes=_ground(edition, row, filters).get(part),
        ids=part in KINDS,
    )
    return faces_of(request, rows, query)


def _ground(edition: Edition, row: Any, filters: Filters) -> Mapping[str, Shapes]:
    views = {"members": view_of(View(), row), "projects": View.model_validate(filters.model_dump())}
    of_things = {
        part: things(edition, part, views.get(part, View()), column) for part, column in KINDS.items()
    }
    return {**of_things, "authorities": outlines(edition, "la_code")}


def project(edition: Edition, project_id: str, filters: Filters) -> dict[str, Any]:
    """Return all that is known of a project; the filters say what of it counts.

    Raises
    ------
    NotFoundError
        If no project has the id.
    """
    every = edition.tables["projects"]
    raw = every[every["project_id"] == project_id]
    if raw.empty:
        raise NotFoundError(f"no project {project_id[:QUOTED]!r}; /tables/projects lists them")
    counts = project_id in set(funding(edition, filters).projects["project_id"])
    # What the filters leave out is told all the same, and that they do.
    used = filters if counts else EVERYTHING
    rows = project_rows(edition, used)
    figures = contested(edition, str(raw["programme_id"].iloc[0]))
    shares = edition.tables[SHARES[filters.placed]]
    return {
        "project": one_record(rows[rows["project_id"] == project_id]),
        "more": one_record(raw[list(RAW_PROJECT)]),
        "passes_filters": counts,
        "facts": [{"what": what, "value": value} for what, value in project_facts(edition, used, project_id)],
        "authorities": records(_named(edition, shares[shares["project_id"] == project_id])),
        "contested": records(figures[figures["project_id"] == project_id]),
        "links": list(links(str(raw["source_urls"].iloc[0]))),
    }


def _named(edition: Edition, shares: pd.DataFrame) -> pd.DataFrame:
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    return shares.assign(authority=shares["la_code"].map(names))[["la_code", "authority", "share", "basis"]]


def firm(edition: Edition, firm_id: str) -> dict[str, Any]:
    """Return all that is known of a firm.

    Raises
    ------
    NotFoundError
        If no firm has the id.
    """
    columns = ", ".join(OWN_FIRM_FIELDS if edition.about.own else FIRM_FIELDS)
    found = edition.store.query(f"SELECT {columns} FROM firms WHERE firm_id = ?", [firm_id])
    if found.empty:
        raise NotFoundError(f"no firm {firm_id[:QUOTED]!r} in this edition; /tables/firms lists them")
    sql = """
        SELECT cluster_id, clusters.name AS cluster, core FROM members JOIN clusters USING (cluster_id)
        WHERE firm_id = ? ORDER BY cluster_id
    """
    return {
        "firm": one_record(_placed(found)),
        "clusters": records(edition.store.query(sql, [firm_id])),
        "projects": records(_taking_part(edition, firm_id)),
        "caveat": NOT_PASSED_ON if _held_back(found) else "",
    }


def _held_back(found: pd.DataFrame) -> bool:
    return bool(found["withheld"].iloc[0] and found["point"].iloc[0])


def _placed(found: pd.DataFrame) -> pd.DataFrame:
    """Give a firm its place in degrees, unless it is known to its town alone or may not be passed on."""
    lon, lat = to_lonlat(found["easting"].to_numpy(), found["northing"].to_numpy())
    known = bool(found["point"].iloc[0]) and not _held_back(found)
    place = {"lon": lon.round(5), "lat": lat.round(5)} if known else {"lon": None, "lat": None}
    return found.drop(columns=["easting", "northing", "withheld"]).assign(**place)


def _taking_part(edition: Edition, firm_id: str) -> pd.DataFrame:
    links_of = edition.tables["firm_participants"]
    rows = links_of[links_of["firm_id"].eq(firm_id)]
    names = edition.tables["projects"].set_index("project_id")["name"]
    return rows.assign(project=rows["project_id"].map(names))[["project_id", "project", "organisation"]]


def asset(edition: Edition, asset_id: str) -> dict[str, Any]:
    """Return all that is known of a research asset.

    Raises
    ------
    NotFoundError
        If none has the id.
    """
    rows = edition.tables["assets"]
    found = rows[rows["asset_id"] == asset_id]
    if found.empty:
        raise NotFoundError(f"no research asset {asset_id[:QUOTED]!r}; /tables/assets lists them")
    return {"asset": one_record(found.assign(type=found["type"].map(ASSET_TYPES))[list(ASSET_FIELDS)])}
