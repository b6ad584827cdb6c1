"""Routes for places: side by side, their ranks at every level, and places like one."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Path, Query, Request, Response
from pydantic import Field

from api.geometry import outlines, things
from api.negotiation import Faces, add_faces, add_formats
from api.parameters import DOWNLOAD, PartQuery, filters_of
from api.responses import as_json, disposition, heavy, tag_of, tagged
from api.rows import Rows, faces_of
from data.errors import QUOTED, InputError, nearest
from data.formats import offered
from edition.filters import Filters
from edition.keeper import KEEPER
from edition.view import DEFAULT_AGAINST, LONGEST_PLACE, MOST_PLACES, AgainstChoice, View
from regions import similar
from regions.comparison import Comparison, compare
from regions.measures import MEASURES
from regions.places import find_place, find_places
from regions.ranks import by_rule, spread
from tables.comparison_files import OVERLAPPING, SHEETS, file_name, tables, written
from tables.comparison_files import as_json as plain
from words.ranks import words

if TYPE_CHECKING:
    from data.formats import Format

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
ComparePart = Annotated[
    Literal["programme", "sector", "year", "specialisation", "clusters", "assets"],
    Path(description="Which table"),
]
RANKED = "placed: the rule of placing awards by which a row is ranked, whichever the filters name."
LIKENED = "_here: the same of the place itself; _z: in standard deviations from the mean of the level."
ONE = "Place: code, id or name of a region, 'set:' and GSS codes joined by +, or an encoded area"


class CompareQuery(Filters):
    """Filters, the places, and what they are held against."""

    place: list[PlaceText] = Field(
        min_length=1, max_length=MOST_PLACES, description=f"{ONE}; one to ten of them"
    )
    against: list[AgainstChoice] = Field(
        default=list(DEFAULT_AGAINST), max_length=3, description="What to hold the places against"
    )
    level: Level = Field(default="", description="Level at which names are looked up; any when empty")
    download: bool = Field(default=False, description=DOWNLOAD)


class ComparePartQuery(CompareQuery, PartQuery):
    """The same, and a page of one of its tables."""


class FigureQuery(CompareQuery):
    """The same, and which chart."""

    chart: Chart = Field(default="all", description="Which chart: all, or one of them")
    theme: Literal["light", "dark"] = Field(default="light", description="Of the picture")


class RankQuery(PartQuery):
    """Filters, a place and a measure, and a page."""

    place: PlaceText = Field(description=ONE)
    measure: str = Field(
        default="per-head", max_length=40, description="Id of a measure, as /measures lists them"
    )


class SimilarQuery(PartQuery):
    """Filters, a place, by what it is likened, and a page."""

    place: PlaceText = Field(description=ONE)
    axes: list[Annotated[str, Field(max_length=40)]] = Field(
        default=list(similar.DEFAULT), max_length=40, description="Axes of the comparison"
    )
    level: Level = Field(default="", description="Level to look among; the place's own when empty")
    most: int = Field(default=similar.MOST, ge=1, le=50, description="Places to return, nearest first")


def add_routes(api: FastAPI) -> None:
    """Add the comparison."""
    beside = "Places side by side: figures, money, specialisation, summary"
    add_faces(api, "/compare", beside, _faces, tag="places", more="; CSV has the figures alone")

    add_formats(
        api,
        "/compare/figure",
        offered("charts", "api"),
        _figure,
        FigureQuery,
        tag="places",
        summary="The charts of a comparison as one picture",
    )
    behind = "A table behind the figures of a comparison"
    add_faces(api, "/compare/{part}", behind, _part, placed=True, tag="places")
    ranked = "Where a place ranks at every level of regions, under both rules of placing awards"
    add_faces(api, "/places/ranks", ranked, _ranks, placed=True, tag="places")
    alike = "The places most like one, on named axes"
    add_faces(api, "/places/similar", alike, _similar, placed=True, tag="places")


def _ranks(request: Request, query: Annotated[RankQuery, Query()]) -> Faces:
    edition = KEEPER.edition()
    filters = filters_of(query, edition)
    place, measure = find_place(edition, query.place), _known(query.measure)
    ranked = cache(lambda: by_rule(edition, filters, place, measure))

    def about() -> dict[str, Any]:
        rows = ranked()
        found = spread(rows[rows["placed"] == query.placed].drop(columns="placed"), place)
        said = {"place": place.ref, "name": place.name, "measure": measure.id}
        return {**said, "words": words(place, measure, found)}

    rows = Rows(
        f"ranks-{place.name}-{measure.id}",
        ranked,
        f"{measure.label} ({measure.unit}). {measure.definition} {RANKED}",
        tuple(dict.fromkeys([*measure.sources, "onspd"])),
        filters,
        (place.ref, measure.id),
        about,
        outlines(edition, "ref", place),
    )
    return faces_of(request, rows, query)


def _similar(request: Request, query: Annotated[SimilarQuery, Query()]) -> Faces:
    edition = KEEPER.edition()
    filters = filters_of(query, edition)
    place = find_place(edition, query.place)
    found = similar.likeness(edition, filters, place, query.axes, query.level)
    said = similar.words(found)
    rows = Rows(
        f"places-like-{place.name}",
        lambda: found.nearest(query.most),
        f"{said} {LIKENED}",
        tuple(dict.fromkeys([*(source for axis in found.axes for source in axis.sources), "onspd"])),
        filters,
        (place.ref, found.level, query.most, *(axis.id for axis in found.axes)),
        lambda: {"place": place.ref, "name": place.name, "words": said},
        outlines(edition),
        ids=True,
    )
    return faces_of(request, rows, query)


def _part(request: Request, part: ComparePart, query: Annotated[ComparePartQuery, Query()]) -> Faces:
    edition = KEEPER.edition()
    found, view = _comparison(query)
    rows = Rows(
        f"compare-{part}-{'-'.join(place.name for place in found.places)}",
        lambda: tables(found)[part],
        f"{SHEETS[part]}. {OVERLAPPING}",
        ("register", "population"),
        view,
        (part, view.url()),
        shapes=things(edition, "clusters", view, "cluster_id") if part == "clusters" else None,
    )
    return faces_of(request, rows, query)


def _comparison(query: CompareQuery) -> tuple[Comparison, View]:
    edition = KEEPER.edition()
    chosen = find_places(edition, query.place, query.level)
    view = View.model_validate(
        {
            **filters_of(query, edition).model_dump(),
            "place": [one.ref for one in chosen],
            "against": query.against,
        }
    )
    return compare(edition, view.plain(), chosen, view.against), view


def _known(name: str) -> Any:
    if name not in MEASURES:
        labels = {known: measure.label for known, measure in MEASURES.items()}
        raise InputError(f"{name[:QUOTED]!r} is no measure; {nearest(name, labels)}")
    return MEASURES[name]


def _figure(request: Request, form: Format, query: FigureQuery) -> Response:
    from charts.files import figure  # noqa: PLC0415 - it takes a second to load

    found, view = _comparison(query)
    what = "charts" if query.chart == "all" else query.chart
    headers = disposition(file_name(found, form.ending, what), download=query.download)
    tag = tag_of(KEEPER.edition(), "figure", form.id, query.chart, query.theme, view.url())
    make = partial(figure, found, view, query.chart, form.id, query.theme)
    return heavy(request, tag, form.media, headers, make)


def _faces(request: Request, query: Annotated[CompareQuery, Query()]) -> Faces:
    return Faces(query, partial(_json, request, query), partial(_file, request, query))


def _json(request: Request, query: CompareQuery) -> Response:
    found, view = _comparison(query)
    answer = as_json(request, plain(found, view))
    answer.headers.update(disposition(file_name(found, "json"), download=query.download))
    return answer


def _file(request: Request, query: CompareQuery, form: Format) -> Response:
    found, view = _comparison(query)
    headers = disposition(file_name(found, form.ending), download=query.download)
    tag = tag_of(KEEPER.edition(), "compare", form.id, view.url())

    def make() -> bytes:
        return written(found, view, form)

    if form.in_pieces:
        return tagged(request, tag, lambda: Response(make(), headers=headers, media_type=form.media))
    return heavy(request, tag, form.media, headers, make)
