"""What each path of the API takes: typed, bounded, and nothing else."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from data.filters import QUOTED, Filters
from layers.view import Latitude, Level, Longitude, Measure

TableName = Literal["clusters", "members", "regions", "projects", "programmes", "firms", "assets"]
Box = tuple[float, float, float, float]
# Degrees: longitudes lie within 180, latitudes within 90.
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)


def read_box(text: str) -> Box:
    """Read "west,south,east,north".

    Parameters
    ----------
    text : str
        Degrees (EPSG:4326).

    Raises
    ------
    ValueError
        If these are no four numbers, lie off the globe, or enclose nothing; the message quotes the text.
    """
    try:
        west, south, east, north = (float(edge) for edge in text.split(","))
    except ValueError:
        raise ValueError(
            f"{text[:QUOTED]!r} is no box: give west,south,east,north in degrees, such as -1.4,51.5,-1.1,51.7"
        ) from None
    # Written so that NaN, which is neither more nor less than anything, is refused.
    if not (WORLD[0] <= west < east <= WORLD[2] and WORLD[1] <= south < north <= WORLD[3]):
        raise ValueError(
            f"{text[:QUOTED]!r} is no box: west has to be less than east (within -180 and 180), "
            "south less than north (within -90 and 90)"
        )
    return west, south, east, north


def _is_box(text: str) -> str:
    read_box(text)
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
    measure: Measure = Field(default="per-head", description="What is measured of each region")


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


class CsvQuery(Filters):
    """Filters, and the level where the table is of regions."""

    level: Level = Field(default="itl3", description="Level of the regions, where the table is of regions")


class TableQuery(CsvQuery):
    """The same, and a page."""

    offset: int = Field(default=0, ge=0, le=100_000_000, description="Rows to skip")
    limit: int = Field(default=100, ge=1, le=1_000, description="Rows to return")


LevelPath = Annotated[Level, Path(description="Level of the regions")]
TablePath = Annotated[TableName, Path(description="Name of the table")]
ProgrammePath = Annotated[
    str, Path(max_length=200, description="Id or name of a funding programme, such as SIPF-W1")
]
ClusterPath = Annotated[
    str, Path(max_length=200, description="Id of a cluster, as the table of clusters has it")
]
