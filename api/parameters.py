"""What each path of the API takes: typed, bounded, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar

from fastapi import Path
from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    model_validator,
)

from api.paging import DEFAULT_LIMIT, MOST_OFFSET, MOST_ROWS
from data.errors import QUOTED, InputError, nearest
from edition.filters import Filters, KindChoice, Placed, check_years
from edition.keeper import KEEPER
from edition.view import LONGEST_PLACE, Latitude, Level, Longitude, View
from layers.choices import choices
from layers.firms import read_box
from snapshots.paper import DPI, LEAST_DPI, MOST_DPI, SIZES

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.datastructures import QueryParams

    from edition.edition import Edition
    from layers.base import Served

F = TypeVar("F", bound=Filters)
TableName = Literal[
    "clusters", "nearly", "members", "regions", "projects", "programmes", "firms", "concentration", "assets"
]
PlaceLevel = Literal["la", "itl3", "itl2", "itl1", "nation", "city_region", "programme_area"]
DOWNLOAD = "Whether the file is to be kept (attachment) rather than shown"
Offset = Annotated[int, Field(ge=0, le=MOST_OFFSET, description="Rows to skip")]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows to return")]


def _is_box(text: str) -> str:
    read_box(text)
    return text


def _is_size(text: str) -> str:
    if text not in SIZES:
        raise ValueError(f"{text[:QUOTED]!r} is no size of a page; {nearest(text, SIZES)}")
    return text


class Nothing(BaseModel):
    """No parameter; of what is not asked for, none is passed over in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StyleQuery(Nothing):
    """The theme."""

    theme: Literal["light", "dark"] = Field(default="light", description="Of the page around the map")


class ShapeQuery(Nothing):
    """How fine shapes are."""

    detail: Literal["fine", "coarse"] = Field(
        default="fine", description="Coarse shapes are for a map of the whole country"
    )


class SearchQuery(Nothing):
    """What is looked for."""

    q: str = Field(min_length=1, max_length=100, description="What to look for; typing errors are forgiven")
    limit: int = Field(default=10, ge=1, le=50, description="Answers to return, best first")


class RegionQuery(Filters):
    """Filters, the level of the regions, and what is measured."""

    level: Level = Field(default="itl3", description="Level of the regions")
    measure: str = Field(default="per-head", description="What is measured of each region")


class PointQuery(Filters):
    """Filters and a point."""

    lat: Latitude = Field(description="Latitude, degrees")
    lon: Longitude = Field(description="Longitude, degrees")
    zoom: float = Field(
        default=12,
        ge=3,
        le=18,
        allow_inf_nan=False,
        description="Zoom of the map: how far a click may miss",
    )


class FirmQuery(Filters):
    """Filters, a box and a zoom."""

    bbox: Annotated[str, AfterValidator(_is_box)] = Field(
        max_length=120, description="Box: west,south,east,north in degrees"
    )
    zoom: int = Field(default=6, ge=0, le=20, description="Zoom of the map: decides the size of the cells")


class FileQuery(Nothing):
    """Whether a file is shown or kept."""

    download: bool = Field(default=False, description=DOWNLOAD)


class PageQuery(Nothing):
    """A page of a list."""

    offset: Offset = 0
    limit: Limit = DEFAULT_LIMIT


class ListQuery(PageQuery, FileQuery):
    """A page of a list, or the list as a file."""


class FilteredFileQuery(Filters):
    """Filters, and whether the file is shown or kept."""

    download: bool = Field(default=False, description=DOWNLOAD)


def _as_filter(name: str) -> Any:
    """Return a field that is the filter of that name."""
    return Filters.model_fields[name]


class MoneyQuery(Nothing):
    """The filters of money alone, for what has a sector of its own."""

    year_from: int = _as_filter("year_from")
    year_to: int = _as_filter("year_to")
    kinds: tuple[KindChoice, ...] = _as_filter("kinds")
    growth: bool = _as_filter("growth")
    placed: Placed = _as_filter("placed")

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        check_years(self.year_from, self.year_to)
        return self

    def filters(self) -> Filters:
        """Return these as filters of all sectors and programmes."""
        return Filters.model_validate({name: getattr(self, name) for name in MoneyQuery.model_fields})


class MoneyPartQuery(MoneyQuery, ListQuery):
    """The same, and a page of what belongs to one thing."""

    limit: Limit = Field(default=MOST_ROWS, ge=1, le=MOST_ROWS, description="Rows to return")


class FilteredQuery(FilteredFileQuery):
    """The same, and a page."""

    offset: Offset = 0
    limit: Limit = DEFAULT_LIMIT


class TableQuery(FilteredQuery):
    """The same, and the level where the table is of regions."""

    level: Level = Field(default="itl3", description="Level of the regions, where the table is of regions")


class PartQuery(FilteredQuery):
    """Filters, and a page of what belongs to one thing: as the page of the thing, it has all rows at once."""

    limit: Limit = Field(default=MOST_ROWS, ge=1, le=MOST_ROWS, description="Rows to return")


class PlacesQuery(ListQuery):
    """Which places, and a page of them."""

    level: Literal[PlaceLevel, ""] = Field(default="", description="Level of the places; all when empty")
    q: str = Field(default="", max_length=100, description="Words that the name, code or id has to hold")


class PointPartQuery(PartQuery, PointQuery):
    """Filters, a point, and a page of what is there."""


class SearchedQuery(PartQuery):
    """Filters, words to look for, and a page."""

    q: str = Field(default="", max_length=200, description="Words that have to be in it; all when empty")


class YearsQuery(FilteredQuery):
    """Filters, and by what the years are told apart."""

    by: Literal["year", "programme"] = Field(
        default="year", description="A row for each year, or for each programme and year"
    )


class ViewQuery(View):
    """A view, and whether its file is shown or kept."""

    download: bool = Field(default=False, description=DOWNLOAD)


class PaperQuery(ViewQuery):
    """The same, and the paper that it is drawn on."""

    size: Annotated[str, AfterValidator(_is_size)] = Field(
        default=SIZES[0],
        description="Size of the page: A4 and A3 upright or landscape, or a slide of 16:9",
        json_schema_extra={"enum": list(SIZES)},
    )
    dpi: int = Field(
        default=DPI,
        ge=LEAST_DPI,
        le=MOST_DPI,
        description="Dots per inch of the PNG; SVG and PDF are drawn in lines and take no notice",
    )


LevelPath = Annotated[Level, Path(description="Level of the regions")]
TablePath = Annotated[TableName, Path(description="Name of the table")]
ProgrammePath = Annotated[
    str, Path(max_length=200, description="Id or name of a funding programme, such as SIPF-W1")
]
PlacePath = Annotated[
    str,
    Path(
        min_length=1,
        max_length=LONGEST_PLACE,
        description="Code, id or name of a place, 'UK', or 'set:' and GSS codes joined by +",
    ),
]
ClusterPath = Annotated[
    str, Path(max_length=200, description="Id of a cluster, as the table of clusters has it")
]
ProjectPath = Annotated[str, Path(max_length=200, description="Id of a project, as the table has it")]
FirmPath = Annotated[str, Path(max_length=200, description="Id of a firm, as the table has it")]
AssetPath = Annotated[str, Path(max_length=200, description="Id of a research asset, as the table has it")]


def query_of(served: Served) -> type[BaseModel]:
    """Return the model of what the path of a layer takes.

    Raises
    ------
    InputError
        If it asks for what no model here and no view has; the message says what there is.
    """
    known = dict(View.model_fields)
    for model in (RegionQuery, FirmQuery, ShapeQuery):
        known |= model.model_fields
    for name in served.asks:
        if name not in known:
            raise InputError(f"the layer at {served.path!r} asks for {name!r}; {nearest(name, [*known])}")
    fields: dict[str, Any] = {name: (known[name].annotation, known[name]) for name in served.asks}
    return create_model("LayerQuery", __base__=Filters if served.filtered else Nothing, **fields)


def view_of(query: BaseModel, edition: Edition) -> View:
    """Return the view among what a path was asked for, as far as the edition has what it names.

    Raises
    ------
    RequestValidationError
        If it has not.
    """
    return _checked(View, query, edition)


def filters_of(query: Filters, edition: Edition) -> Filters:
    """Return the filters alone among what a path was asked for; as `view_of` does."""
    return _checked(Filters, query, edition)


def unknown_names(asked: QueryParams, faulty: Collection[str]) -> list[dict[str, Any]]:
    """Return the faults of names that the edition has not, as another fault kept the query from being read.

    Parameters
    ----------
    asked
        The query as it came.
    faulty
        Parameters that something is known to be wrong with already; the path may not take them at all.
    """
    if not KEEPER.ready:
        return []
    may_be = choices(KEEPER.edition())
    named = {name: _values(asked, name) for name in may_be if name in asked and name not in faulty}
    try:
        View.model_validate(named, context=may_be)
    except ValidationError as fault:
        return _of_a_query(fault)
    return []


def _values(asked: QueryParams, name: str) -> str | tuple[str, ...]:
    single = isinstance(View.model_fields[name].default, str)
    return asked[name] if single else tuple(asked.getlist(name))


def _of_a_query(fault: ValidationError) -> list[dict[str, Any]]:
    return [{**error, "loc": ("query", *error["loc"])} for error in fault.errors()]


def _checked(kind: type[F], query: BaseModel, edition: Edition) -> F:
    named = {name: getattr(query, name) for name in type(query).model_fields if name in kind.model_fields}
    try:
        return kind.model_validate(named, context=choices(edition))
    except ValidationError as fault:
        raise RequestValidationError(_of_a_query(fault)) from fault
