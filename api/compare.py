"""Routes for places: side by side, their ranks at every level, and places like one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from fastapi import FastAPI, Path, Query, Request, Response
from pydantic import Field

from api.answers import as_json, send
from api.queries import Nothing
from data.errors import InputError
from data.filters import QUOTED, Filters, nearest
from layers.comparison import as_json as plain
from layers.comparison import csv, file_name, workbook
from layers.view import DEFAULT_AGAINST, LONGEST_PLACE, MOST_PLACES, Against, View
from regions import similar
from regions.comparison import Comparison, compare
from regions.edition import KEEPER
from regions.measures import ALL_MEASURES
from regions.places import find_place, find_places
from regions.ranks import by_rule, spread, words

PlaceText = Annotated[str, Field(min_length=1, max_length=LONGEST_PLACE)]
Level = Literal["", "la", "itl3", "itl2", "itl1", "nation", "city_region", "programme_area"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHARTS = {"png": "image/png", "svg": "image/svg+xml"}
ONE = "Place: code, id or name of a region, 'set:' and GSS codes joined by +, or an encoded area"


class CompareQuery(Filters):
    """Filters, the places, and what they are held against."""

    place: list[PlaceText] = Field(
        min_length=1, max_length=MOST_PLACES, description=f"{ONE}; one to ten of them"
    )
    against: list[Against | Literal["none"]] = Field(
        default=list(DEFAULT_AGAINST), max_length=3, description="What to hold the places against"
    )
    level: Level = Field(default="", description="Level at which names are looked up; any when empty")


class RankQuery(Filters):
    """Filters, a place and a measure."""

    place: PlaceText = Field(description=ONE)
    measure: str = Field(
        default="per-head", max_length=40, description="Id of a measure, as /measures lists them"
    )


class SimilarQuery(Filters):
    """Filters, a place, and by what it is likened."""

    place: PlaceText = Field(description=ONE)
    axes: list[Annotated[str, Field(max_length=40)]] = Field(
        default=list(similar.DEFAULT), max_length=40, description="Axes of the comparison"
    )
    level: Level = Field(default="", description="Level to look among; the place's own when empty")
    most: int = Field(default=similar.MOST, ge=1, le=50, description="Places to return, nearest first")


def add_routes(api: FastAPI) -> None:
    """Add the comparison."""

    @api.get(
        "/compare", tags=["places"], summary="Places side by side: figures, money, specialisation, summary"
    )
    def get_comparison(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
        found, view = _comparison(query)
        return as_json(request, plain(found, view))

    @api.get("/compare.csv", tags=["places"], summary="The figures of places as CSV, a row for each measure")
    def get_csv(query: Annotated[CompareQuery, Query()]) -> Response:
        found, view = _comparison(query)
        return _file(csv(found, view), "text/csv; charset=utf-8", file_name(found, "csv"))

    @api.get("/compare.xlsx", tags=["places"], summary="Everything of a comparison as a workbook")
    def get_workbook(query: Annotated[CompareQuery, Query()]) -> Response:
        found, view = _comparison(query)
        return _file(workbook(found, view), XLSX, file_name(found, "xlsx"))

    @api.get("/compare/figure.{form}", tags=["places"], summary="The charts of a comparison as one picture")
    def get_figure(
        request: Request,
        form: Annotated[Literal["png", "svg"], Path(description="File format")],
        query: Annotated[CompareQuery, Query()],
    ) -> Response:
        from snapshots.figure import figure  # noqa: PLC0415 - it takes a second to load

        found, view = _comparison(query)
        return send(request, figure(found, view, "all", form), CHARTS[form])

    @api.get("/measures", tags=["places"], summary="What is measured of places: units, definitions, sources")
    def get_measures(request: Request, _query: Annotated[Nothing, Query()]) -> Response:
        rows = [_measure(name) for name in ALL_MEASURES if ALL_MEASURES[name].column]
        return as_json(request, {"measures": rows})

    @api.get("/places/ranks", tags=["places"], summary="Where a place ranks at every level of regions")
    def get_ranks(request: Request, query: Annotated[RankQuery, Query()]) -> Response:
        edition = KEEPER.edition()
        place = find_place(edition, query.place)
        measure = _known(query.measure)
        rows = by_rule(edition, query, place, measure)
        found = spread(rows[rows["placed"] == query.placed].drop(columns="placed"), place)
        value = {
            "place": place.ref,
            "name": place.name,
            "measure": measure.id,
            "words": words(place, measure, found),
        }
        return as_json(request, {**value, "rows": orjson.Fragment(rows.to_json(orient="records"))})

    @api.get("/places/similar", tags=["places"], summary="The places most like one, on named axes")
    def get_similar(request: Request, query: Annotated[SimilarQuery, Query()]) -> Response:
        edition = KEEPER.edition()
        place = find_place(edition, query.place)
        found = similar.likeness(edition, query, place, query.axes, query.level)
        rows = found.nearest(query.most)
        value = {"place": place.ref, "name": place.name, "words": similar.words(found)}
        return as_json(request, {**value, "rows": orjson.Fragment(rows.to_json(orient="records"))})


def _comparison(query: CompareQuery) -> tuple[Comparison, View]:
    edition = KEEPER.edition()
    chosen = find_places(edition, query.place, query.level)
    filters = query.model_dump(exclude={"place", "against", "level"})
    view = View.model_validate(
        {**filters, "place": [place.ref for place in chosen], "against": query.against}
    )
    return compare(edition, view.plain(), chosen, view.against), view


def _known(name: str) -> Any:
    if name not in ALL_MEASURES:
        raise InputError(f"{name[:QUOTED]!r} is no measure; {nearest(name, tuple(ALL_MEASURES))}")
    return ALL_MEASURES[name]


def _measure(name: str) -> dict[str, Any]:
    measure = ALL_MEASURES[name]
    fields = ("id", "label", "unit", "definition", "group", "sources")
    return {field: getattr(measure, field) for field in fields}


def _file(body: bytes, media: str, name: str) -> Response:
    return Response(body, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
