"""The route for the edition: whose firms, by which method and settings, how many of what."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query, Request, Response

from api.parameters import Nothing
from api.responses import as_json
from edition.filters import YEARS
from edition.keeper import KEEPER
from tables.files import TABLES
from words.provenance import caveat, found_words, method_words

if TYPE_CHECKING:
    from edition.edition import Edition

COUNTED = ("clusters", "members", "projects", "programmes", "assets", "authorities", "towns")
ABOUT = ("name", "own", "method", "file", "kept", "refused", "agents", "treatment")


def add_routes(api: FastAPI) -> None:
    """Add the edition."""

    @api.get(
        "/edition", tags=["about"], summary="The edition: whose firms, method, settings, counts, versions"
    )
    def get_edition(request: Request, _query: Annotated[Nothing, Query()]) -> Response:
        return as_json(request, {**told(KEEPER.edition()), "version": request.app.version})


def told(edition: Edition) -> dict[str, Any]:
    """Return what an edition is."""
    about = edition.about
    firms, by_town = edition.firm_count
    return {
        **{name: getattr(about, name) for name in ABOUT},
        "notice": edition.notice,
        "caveat": caveat(edition),
        "method_words": method_words(about),
        "cluster_words": found_words(about),
        "parameters": asdict(about.scan) if about.tested else None,
        "boundaries": edition.boundaries,
        "years": list(YEARS),
        "counts": {
            "firms": firms,
            "firms_known_by_town_only": by_town,
            "firms_by_list": edition.tables["firm_lists"].set_index("list_id")["firms"].to_dict(),
            **{name: len(edition.tables[name]) for name in COUNTED},
        },
        "tables": {name: table.label for name, table in TABLES.items()},
        "store": edition.store.path.stem,
    }
