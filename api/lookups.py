"""Routes for questions with one answer: what is at a point, what a name means, what a view says."""

from __future__ import annotations

from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

import pandas as pd
from fastapi import FastAPI, Path, Query, Request, Response

from api.geometry import outlines, things
from api.negotiation import Faces, add_faces
from api.paging import MOST_OFFSET
from api.parameters import Nothing, PointPartQuery, PointQuery, SearchQuery, filters_of, view_of
from api.responses import as_json
from api.rows import Rows, faces_of
from data.formats import offered
from edition.filters import Filters
from edition.keeper import KEEPER
from edition.view import View
from layers.base import API
from layers.registry import credit
from profiles.clusters import starts, why_none
from profiles.point import CLUSTER_FIELDS, REGION_FIELDS, at_point
from snapshots.file_names import file_name
from words.filters import counted_words, filter_words
from words.links import view_link
from words.provenance import firms_words
from words.sentence import figures, sentence, sentence_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edition.edition import Edition

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
POSTCODES_COMING = (
    "Postcodes are still being read, which takes some seconds after the map has started: ask again soon."
)
POSTCODES_LOST = "Postcodes cannot be looked up: their directory could not be read on this server. Names can."
ZOOMS = {"town": 12, "firm": 14, "asset": 14, "project": 13, "postcode": 14}
# The columns of what is at a point, and what they are called in a table of it.
POINT_COLUMNS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "clusters": {name: name for name in (*CLUSTER_FIELDS, "text")},
        "projects": {"id": "project_id", **{name: name for name in ("name", "award", "programme", "lead")}},
        "programmes": {name: name for name in ("programme", "region", "public_gbp")},
        "regions": {"id": "region_id", **{name: name for name in ("level", "name", *REGION_FIELDS)}},
    }
)
PointPart = Annotated[
    Literal["clusters", "projects", "programmes", "regions"], Path(description="Which table")
]


def add_routes(api: FastAPI) -> None:
    """Add the questions that have one answer."""
    there = "A table of what is at a point"
    add_faces(api, "/at/{part}", there, _part, placed=True, tag="lookup")

    @api.get("/at", tags=["lookup"], summary="Every cluster, project and region at a point, ranked")
    def at(request: Request, query: Annotated[PointQuery, Query()]) -> Response:
        edition = KEEPER.edition()
        found = at_point(edition, filters_of(query, edition), query.lat, query.lon, query.zoom)
        return as_json(request, found)

    @api.get("/sentence", tags=["lookup"], summary="What a view shows, in one sentence")
    def get_sentence(request: Request, query: Annotated[Filters, Query()]) -> Response:
        edition = KEEPER.edition()
        return as_json(request, {"sentence": sentence(edition, filters_of(query, edition))})

    words = "A view in words and key figures, its sources, its link, and the files that can be made of it"

    @api.get("/view", tags=["view"], summary=words)
    def get_view(request: Request, query: Annotated[View, Query()]) -> Response:
        edition = KEEPER.edition()
        return as_json(request, told(edition, view_of(query, edition)))

    found = "Places, regions, clusters, projects, firms, assets and postcodes by name"

    @api.get("/search", tags=["lookup"], summary=found)
    def search(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
        edition = KEEPER.edition()
        # Until the postcodes' file is made, names can be searched without them.
        names = edition.search if "search" in edition.__dict__ else edition.names
        hits = [_hit(hit) for hit in names.search(query.q, query.limit)]
        lacking = names.cannot_tell(query.q)
        pending = lacking and not KEEPER.fault
        note = POSTCODES_COMING if pending else POSTCODES_LOST if lacking else "" if hits else NOTHING_FOUND
        return as_json(request, {"query": query.q, "hits": hits, "note": note, "pending": pending})

    @api.get("/health", tags=["service"], summary="Whether the map's tables are ready")
    def health(request: Request, _query: Annotated[Nothing, Query()]) -> Response:
        state = "ready" if KEEPER.ready else "failed" if KEEPER.fault else "building"
        if state == "failed":
            # Where nobody else asks, who watches the server has it tried again.
            KEEPER.start()
        about = {"status": state, "stage": KEEPER.stage, "share": round(KEEPER.share, 2)}
        return as_json(request, {**about, "version": request.app.version})


def _part(request: Request, part: PointPart, query: Annotated[PointPartQuery, Query()]) -> Faces:
    edition = KEEPER.edition()
    filters = filters_of(query, edition)
    view = View.model_validate(filters.model_dump())
    found = at_point(edition, filters, query.lat, query.lon, query.zoom, most=MOST_OFFSET)
    columns = POINT_COLUMNS[part]
    ground = {
        "clusters": things(edition, "clusters", view, "cluster_id"),
        "projects": things(edition, "projects", view, "project_id"),
        "regions": outlines(edition, "region_id"),
    }
    rows = Rows(
        f"at-{query.lat:g}-{query.lon:g}-{part}",
        lambda: pd.DataFrame(found[part], columns=[*columns]).rename(columns=columns),
        f"{found['title']}, within {found['within']}. {found['note']}",
        ("register", "population"),
        filters,
        (query.lat, query.lon, query.zoom),
        shapes=ground.get(part),
        ids=part in ground,
    )
    return faces_of(request, rows, query)


def told(edition: Edition, view: View) -> dict[str, Any]:
    """Return what the page of a view says around its map."""
    shown = figures(edition, view)
    plain = {name: value for name, value in asdict(shown).items() if name != "titles"}
    query = view.query()
    asked = f"?{urlencode(query)}" if query else ""
    return {
        "sentence": sentence_of(shown, view),
        "figures": plain,
        "filters": filter_words(edition, view),
        "counted": counted_words(view),
        "strongest": starts(edition, view),
        "no_clusters": "" if shown.clusters else why_none(edition, view),
        "firms": firms_words(edition),
        "boundaries": edition.boundaries,
        "attribution": credit(view, own=edition.about.own),
        "edition": edition.about.name,
        "view": query,
        "link": view_link(view),
        "files": [
            {
                "format": form.id,
                "label": form.label,
                "hint": form.hint,
                "media": form.media,
                "url": f"{API}{form.path}{asked}",
                "file_name": file_name(edition, view, form.id),
            }
            for form in offered("views", "api")
        ],
    }


def _hit(hit: Any) -> dict[str, Any]:
    plain = {name: getattr(hit, name) for name in ("kind", "id", "name", "detail", "bounds")}
    place = {"lon": round(hit.lon, 5), "lat": round(hit.lat, 5)}
    return {
        **plain,
        **place,
        "kind_label": KIND_LABELS.get(hit.kind, hit.kind),
        "zoom": ZOOMS.get(hit.kind, 11),
    }
