"""Routes for places: side by side, their ranks at every level, and places like one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from fastapi import FastAPI, Path, Query, Request, Response
from pydantic import Field

from api.answers import as_json, disposition, heavy, tag_of, tagged
from api.negotiation import FORMS, Faces
from api.queries import DOWNLOAD, ListPath, filters_of
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
from snapshots.formats import FORMATS

if TYPE_CHECKING:
    from api.negotiation import FormName

PlaceText = Annotated[str, Field(min_length=1, max_length=LONGEST_PLACE)]
Level = Literal["", "la", "itl3", "itl2", "itl1", "nation", "city_region", "programme_area"]
Chart = Literal[
    "all",
    "per-head",
    "funding-by-programme",
    "funding-by-sector",
    "public-private",
    "timeline",
    "specialisation",
]
CHARTS_MEDIA = {form: FORMATS[form].media for form in ("png", "svg", "pdf")}
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
    download: bool = Field(default=False, description=DOWNLOAD)


class FigureQuery(CompareQuery):
    """The same, and which chart."""

    chart: Chart = Field(default="all", description="Which chart: all, or one of them")
    theme: Literal["light", "dark"] = Field(default="light", description="Of the picture")


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
    beside = "Places side by side: figures, money, specialisation, summary"

    @api.get("/compare.{form}", tags=["places"], summary=f"{beside}; CSV has the figures alone")
    def get_file(request: Request, form: ListPath, query: Annotated[CompareQuery, Query()]) -> Response:
        return _faces(request, query).by_ending(form)

    @api.get("/compare", tags=["places"], summary=beside)
    def get_comparison(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
        return _faces(request, query).by_accept(request)

    @api.get("/compare/figure.{form}", tags=["places"], summary="The charts of a comparison as one picture")
    def get_figure(
        request: Request,
        form: Annotated[Literal["png", "svg", "pdf"], Path(description="Format of the picture")],
        query: Annotated[FigureQuery, Query()],
    ) -> Response:
        from snapshots.figure import figure  # noqa: PLC0415 - it takes a second to load

        found, view = _comparison(query)
        what = "charts" if query.chart == "all" else query.chart
        headers = disposition(file_name(found, form, what), download=query.download)
        tag = tag_of(KEEPER.edition(), "figure", form, query.chart, query.theme, view.url())
        make = partial(figure, found, view, query.chart, form, query.theme)
        return heavy(request, tag, CHARTS_MEDIA[form], headers, make)

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
    view = View.model_validate(
        {**filters_of(query).model_dump(), "place": [place.ref for place in chosen], "against": query.against}
    )
    return compare(edition, view.plain(), chosen, view.against), view


def _known(name: str) -> Any:
    if name not in ALL_MEASURES:
        raise InputError(f"{name[:QUOTED]!r} is no measure; {nearest(name, tuple(ALL_MEASURES))}")
    return ALL_MEASURES[name]


def _faces(request: Request, query: CompareQuery) -> Faces:
    return Faces(
        query,
        lambda: as_json(request, plain(*_comparison(query))),
        lambda form: _file(request, query, form),
    )


def _file(request: Request, query: CompareQuery, form: FormName) -> Response:
    found, view = _comparison(query)
    headers = disposition(file_name(found, form), download=query.download)
    tag = tag_of(KEEPER.edition(), "compare", form, view.url())
    media = FORMS[form].media
    if form == "csv":
        return tagged(request, tag, lambda: Response(csv(found, view), headers=headers, media_type=media))
    return heavy(request, tag, media, headers, partial(workbook, found, view))
