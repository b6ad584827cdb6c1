"""Routes for funding programmes: the list, and all that is known of one."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
import pandas as pd
from fastapi import FastAPI, Path, Query, Request, Response

from api.geometry import outlines, things
from api.negotiation import Faces, add_faces
from api.parameters import PartQuery, ProgrammePath, SearchedQuery, YearsQuery, filters_of
from api.responses import as_json, records
from api.rows import Rows, faces_of
from data.errors import InputError
from edition.filters import Filters
from edition.keeper import KEEPER
from edition.view import View
from profiles.matching import find_programmes, find_projects
from profiles.programmes import Dossier, dossier, find_programme, headline, left_out, programme_rows, timeline
from profiles.projects import links, project_rows
from regions.allocation import PENCE
from regions.funding import funding
from tables.files import TABLES
from tables.geojson import DIGITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.geometry import Shapes
    from edition.edition import Edition
    from regions.funding import Funding

REGISTER = ("register",)
UNDATED = "A row without a year holds the projects whose date is not known."
# What to beware of with the tables of a programme.
NOTES: Mapping[str, str] = MappingProxyType(
    {
        "projects": TABLES["projects"].caveat,
        "places": "With the row that is not placed, public money adds up to what counts.",
        "years": UNDATED,
        "gaps": "What nobody has recorded as missing may be missing all the same.",
        "contested": "used: the figure that the sums take.",
    }
)
ProgrammePart = Annotated[
    Literal["projects", "places", "years", "gaps", "contested"], Path(description="Which table")
]


def add_routes(api: FastAPI) -> None:
    """Add the lists of programmes and projects, the years, and the page of each programme as data."""
    every = "Funding programmes: announced, listed, placed, missing"
    add_faces(api, "/programmes", every, _programmes, tag="funding")
    listed = "Projects as the page on funding lists them: what counts of each and why, nested ones below"
    add_faces(api, "/projects", listed, _projects, placed=True, tag="funding")
    add_faces(api, "/years", "Public and private money by year of award or start", _years, tag="funding")
    part = "A table of the page of a programme"
    add_faces(api, "/programmes/{programme_id}/{part}", part, _part, placed=True, tag="funding")
    one = "One programme: projects, places, years, what is missing, figures on which sources differ"

    @api.get("/programmes/{programme_id}", tags=["funding"], summary=one)
    def get_programme(
        request: Request, programme_id: ProgrammePath, query: Annotated[Filters, Query()]
    ) -> Response:
        edition = KEEPER.edition()
        return as_json(request, programme(edition, programme_id, filters_of(query, edition)))


def _programmes(request: Request, query: Annotated[SearchedQuery, Query()]) -> Faces:
    edition = KEEPER.edition()
    filters = filters_of(query, edition)

    def make() -> pd.DataFrame:
        rows = programme_rows(edition, filters)
        return find_programmes(rows, project_rows(edition, filters), query.q) if query.q else rows

    def about() -> dict[str, Any]:
        return {"totals": totals(funding(edition, filters)), "left_out": left_out(edition, filters)}

    note = TABLES["programmes"].caveat_of(edition)
    rows = Rows("programmes", make, note, REGISTER, filters, (query.q,), about)
    return faces_of(request, rows, query)


def _projects(request: Request, query: Annotated[SearchedQuery, Query()]) -> Faces:
    edition = KEEPER.edition()
    filters = filters_of(query, edition)
    rows = Rows(
        "projects",
        lambda: find_projects(project_rows(edition, filters), query.q),
        TABLES["projects"].caveat_of(edition),
        REGISTER,
        filters,
        (query.q,),
        lambda: {"totals": totals(funding(edition, filters))},
        _sites(edition, filters),
        ids=True,
    )
    return faces_of(request, rows, query)


def _sites(edition: Edition, filters: Filters) -> Shapes:
    return things(edition, "projects", View.model_validate(filters.model_dump()), "project_id")


def _years(request: Request, query: Annotated[YearsQuery, Query()]) -> Faces:
    edition = KEEPER.edition()
    filters = filters_of(query, edition)
    make = partial(timeline, edition, filters, query.by)
    return faces_of(request, Rows("years", make, UNDATED, REGISTER, filters, (query.by,)), query)


def _part(
    request: Request, programme_id: ProgrammePath, part: ProgrammePart, query: Annotated[PartQuery, Query()]
) -> Faces:
    edition = KEEPER.edition()
    found = of_one(edition, programme_id, filters_of(query, edition))
    one = str(found.facts["programme_id"])
    shapes = {"projects": _sites(edition, found.filters), "places": outlines(edition, "la_code")}
    rows = Rows(
        f"programme-{one}-{part}",
        lambda: getattr(found, part),
        NOTES.get(part, ""),
        REGISTER,
        found.filters,
        shapes=shapes.get(part),
        ids=part == "projects",
    )
    return faces_of(request, rows, query)


def of_one(edition: Edition, programme_id: str, filters: Filters) -> Dossier:
    """Return what is known of a programme by its id or name.

    Raises
    ------
    NotFoundError
        If no programme has the id or name; the message names the nearest.
    InputError
        If the filter of programmes asks for another.
    """
    one = find_programme(edition, programme_id)
    if filters.programme not in ((), (one,)):
        asked = ", ".join(filters.programme)
        raise InputError(f"programme: {asked} is asked for on the page of {one}; leave the filter out")
    return dossier(edition, filters, one)


def programme(edition: Edition, programme_id: str, filters: Filters) -> dict[str, Any]:
    """Return all that is known of a programme (see `of_one`)."""
    found = of_one(edition, programme_id, filters)
    return {
        "facts": _facts(found),
        "headline": headline(found),
        "totals": totals(funding(edition, found.filters)),
        "projects": records(found.projects),
        "places": records(found.places),
        "years": records(found.years),
        "gaps": records(found.gaps),
        "contested": records(found.contested),
        "links": list(found.links),
        "related": records(found.related),
    }


def totals(money: Funding) -> dict[str, Any]:
    """Return pounds: awarded = placed + not placed, public and private."""
    parts = money.allocation
    sums = {"awarded": parts.totals, "placed": parts.placed, "not_placed": parts.not_placed}
    pounds = {
        f"{kind}_{name}_gbp": int(pence[kind]) / PENCE
        for kind in ("public", "private")
        for name, pence in sums.items()
    }
    return {**pounds, "projects": len(money.projects), "without_figure": money.without_figure}


def _facts(found: Dossier) -> orjson.Fragment:
    row = {**found.facts, "source_url": "; ".join(links(str(found.facts["source_url"])))}
    return orjson.Fragment(pd.Series(row, dtype=object).to_json(double_precision=DIGITS))
