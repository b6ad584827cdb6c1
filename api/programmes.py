"""Routes for funding programmes: the list, and all that is known of one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import pandas as pd
from fastapi import FastAPI, Query, Request, Response

from api.answers import as_json
from api.lists import Whole, file_of, page_of
from api.negotiation import Faces
from api.queries import ListPath, ProgrammePath, SearchedQuery, YearsQuery, filters_of
from data.errors import InputError
from data.filters import Filters
from layers.filter_words import counted_words, filter_words
from layers.programmes import (
    Dossier,
    dossier,
    find_programme,
    find_programmes,
    find_projects,
    headline,
    left_out,
    links,
    programme_rows,
    project_rows,
    timeline,
)
from layers.view import View
from regions.allocation import PENCE
from regions.edition import KEEPER
from regions.funding import funding

if TYPE_CHECKING:
    from regions.funding import Funding

UNDATED = "A row without a year holds the projects whose date is not known."


def add_routes(api: FastAPI) -> None:
    """Add the list of programmes, and the page of each as data."""

    @api.get(
        "/programmes", tags=["funding"], summary="Funding programmes: announced, listed, placed, missing"
    )
    def get_programmes(request: Request, query: Annotated[SearchedQuery, Query()]) -> Response:
        edition, filters = KEEPER.edition(), filters_of(query)
        rows = programme_rows(edition, filters)
        if query.q:
            rows = find_programmes(rows, project_rows(edition, filters), query.q)
        about = {"totals": totals(funding(edition, filters)), "left_out": left_out(edition, filters)}
        return page_of(request, "/programmes", rows, query, about)

    listed = "Projects as the page on funding lists them: what counts of each and why, nested ones below"

    @api.get("/projects", tags=["funding"], summary=listed)
    def get_projects(request: Request, query: Annotated[SearchedQuery, Query()]) -> Response:
        edition, filters = KEEPER.edition(), filters_of(query)
        rows = find_projects(project_rows(edition, filters), query.q)
        return page_of(request, "/projects", rows, query, {"totals": totals(funding(edition, filters))})

    by_year = "Public and private money by year of award or start"

    @api.get("/years.{form}", tags=["funding"], summary=by_year)
    def get_years_file(request: Request, form: ListPath, query: Annotated[YearsQuery, Query()]) -> Response:
        return _years(request, query).by_ending(form)

    @api.get("/years", tags=["funding"], summary=by_year)
    def get_years(request: Request, query: Annotated[YearsQuery, Query()]) -> Response:
        return _years(request, query).by_accept(request)

    one = "One programme: projects, places, years, what is missing, figures on which sources differ"

    @api.get("/programmes/{programme_id}", tags=["funding"], summary=one)
    def get_programme(
        request: Request, programme_id: ProgrammePath, query: Annotated[Filters, Query()]
    ) -> Response:
        return as_json(request, programme(programme_id, query))


def _years(request: Request, query: YearsQuery) -> Faces:
    edition, filters = KEEPER.edition(), filters_of(query)
    rows = partial(timeline, edition, filters, query.by)
    view = View.model_validate(filters.model_dump())
    counts = "; ".join([*filter_words(edition, view), counted_words(view)])
    whole = Whole("years", rows, f"{counts}. {UNDATED}", ("register",), (query.by, view.url()))
    return Faces(
        query,
        lambda: page_of(request, "/years", rows(), query, {"note": UNDATED}),
        partial(file_of, request, whole, query),
    )


def programme(programme_id: str, filters: Filters) -> dict[str, Any]:
    """Return all that is known of a programme.

    Raises
    ------
    NotFoundError
        If no programme has the id or name; the message names the nearest.
    InputError
        If the filter of programmes asks for another.
    """
    edition = KEEPER.edition()
    one = find_programme(edition, programme_id)
    if filters.programme not in ((), (one,)):
        asked = ", ".join(filters.programme)
        raise InputError(f"programme: {asked} is asked for on the page of {one}; leave the filter out")
    found = dossier(edition, filters, one)
    return {
        "facts": _facts(found),
        "headline": headline(found),
        "totals": totals(funding(edition, found.filters)),
        "projects": _records(found.projects),
        "places": _records(found.places),
        "years": _records(found.years),
        "gaps": _records(found.gaps),
        "contested": _records(found.contested),
        "links": list(found.links),
        "related": _records(found.related),
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
    return orjson.Fragment(pd.Series(row, dtype=object).to_json())


def _records(rows: pd.DataFrame) -> orjson.Fragment:
    return orjson.Fragment(rows.to_json(orient="records"))
