"""Routes for funding programmes: the list, and all that is known of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
import pandas as pd
from fastapi import FastAPI, Query, Request, Response

from api.answers import as_json
from api.queries import ProgrammePath
from data.errors import InputError
from data.filters import Filters
from layers.programmes import Dossier, dossier, find_programme, headline, left_out, links, programme_rows
from regions.allocation import PENCE
from regions.edition import KEEPER
from regions.funding import funding

if TYPE_CHECKING:
    from regions.funding import Funding


def add_routes(api: FastAPI) -> None:
    """Add the list of programmes, and the page of each as data."""

    @api.get("/programmes", tags=["lookup"], summary="Funding programmes: announced, listed, placed, missing")
    def get_programmes(request: Request, query: Annotated[Filters, Query()]) -> Response:
        edition = KEEPER.edition()
        rows = programme_rows(edition, query)
        value = {
            "total": len(rows),
            "totals": totals(funding(edition, query)),
            "left_out": left_out(edition, query),
            "rows": _records(rows),
        }
        return as_json(request, value)

    one = "One programme: projects, places, years, what is missing, figures on which sources differ"

    @api.get("/programmes/{programme_id}", tags=["lookup"], summary=one)
    def get_programme(
        request: Request, programme_id: ProgrammePath, query: Annotated[Filters, Query()]
    ) -> Response:
        return as_json(request, programme(programme_id, query))


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
