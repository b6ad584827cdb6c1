"""The regions of the map: local authorities, and every level that is made of them.

Authorities ship as derived by `tools.derive` and give way to the official ones once those are in the cache
folder. All other levels are authorities joined by code, so that they fit one another and a sum over
authorities is a sum over any level. Each level but `programme_area` is a partition of the UK.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.errors import InputError, StoreError, TableError, reason
from data.plural import count
from data.settings import settings
from data.tables import table
from geo.projections import BNG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

FOLDER: Final = Path(__file__).parent.parent / "data" / "boundaries"
OFFICIAL_FILE: Final = "official_authorities.parquet"
DERIVED: Final = "approximate, derived from unit postcodes (ONSPD November 2025) and the GSHHG coastline"
OFFICIAL: Final = "ONS Open Geography, official boundaries"


@dataclass(frozen=True)
class Level:
    """A geography: what it is called and how authorities are told apart in it."""

    level: str
    name: str
    plural: str
    """What all its regions are called: what city regions leave of a nation is none of them."""
    code_column: str = ""
    """Column of local_authorities.csv that holds the region; empty for levels made of places.csv."""
    name_column: str = ""
    partition: bool = True
    """Whether each authority belongs to exactly one region."""


_ALL: Final = (
    Level("la", "Local authority", "Local authorities", "gss_code", "name"),
    Level("itl3", "ITL3 area", "ITL3 areas", "itl3_code", "itl3_name"),
    Level("itl2", "ITL2 area", "ITL2 areas", "itl2_code", "itl2_name"),
    Level("itl1", "ITL1 region", "ITL1 regions", "itl1_code", "itl1_name"),
    Level("nation", "Nation", "Nations", "nation", "nation"),
    Level("city_region", "City region", "City regions and the rest"),
    Level("programme_area", "Programme area", "Programme areas", partition=False),
)
LEVELS: Final[Mapping[str, Level]] = {level.level: level for level in _ALL}

NATION_CODES: Final[Mapping[str, str]] = {
    "England": "E92000001",
    "Scotland": "S92000003",
    "Wales": "W92000004",
    "Northern Ireland": "N92000002",
}
# Kinds of place that make up the city_region level, the strongest claim first: a body in law before a deal.
CLAIM_RANK: Final[Mapping[str, int]] = {
    "region": 0,
    "combined authority": 1,
    "combined county authority": 2,
    "city region": 3,
    "city deal area": 4,
}


@dataclass(frozen=True, eq=False)
class _Authorities:
    """Authorities as read, where they come from, and how many polygons had to be mended."""

    frame: gpd.GeoDataFrame
    source: str
    mended: int


def authorities() -> gpd.GeoDataFrame:
    """Return the UK's local authorities; shared, not to be changed.

    Returns
    -------
    GeoDataFrame
        gss_code (2025), name, geometry (EPSG:27700), ordered by code. The official boundaries where the cache
        folder holds `official_authorities.parquet`, else the derived ones that ship.

    Raises
    ------
    TableError
        If the file's codes are not those of local_authorities.csv.
    """
    return _current().frame


def boundary_source() -> str:
    """Say where the boundaries in use come from, and how many polygons had to be mended, if any."""
    current = _current()
    return current.source + (f"; {count(current.mended, 'invalid polygon')} mended" if current.mended else "")


def is_approximate() -> bool:
    """Say whether the boundaries in use are the derived ones."""
    return _current().source == DERIVED


def context_land() -> gpd.GeoDataFrame:
    """Return the land around the UK, for a map's background: geometry alone, EPSG:27700.

    Raises
    ------
    StoreError
        If the file is missing.
    """
    return _read(FOLDER / "context_land.parquet")


def membership() -> pd.DataFrame:
    """Return which authorities make up which region.

    Returns
    -------
    DataFrame
        level, region_id, la_code; an authority occurs once in each level, and in `programme_area` as often as
        programmes drew it. Shared, not to be changed.
    """
    return _membership()[["level", "region_id", "la_code"]]


@cache
def regions(level: str) -> gpd.GeoDataFrame:
    """Return the regions of a level; shared, not to be changed.

    Parameters
    ----------
    level : str
        A key of `LEVELS`.

    Returns
    -------
    GeoDataFrame
        region_id, level, name, population (sum of its authorities), population_year ("2023", or "2021-2023"
        where the nations' years differ), geometry (EPSG:27700); ordered by region_id.

    Raises
    ------
    InputError
        If the level is unknown.
    """
    members = _membership()
    own = members[members["level"] == level_of(level).level]
    own = own.merge(_population(), on="la_code", how="left", validate="many_to_one")
    frame = own.groupby("region_id", sort=True).agg(
        level=("level", "first"),
        name=("name", "first"),
        population=("population", "sum"),
        population_year=("population_year", _years),
    )
    geometry = _dissolved(authorities().set_index("gss_code").geometry, own, frame.index)
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=BNG).reset_index()


@cache
def simplified(level: str, tolerance_m: float) -> gpd.GeoDataFrame:
    """Return the regions of a level with fewer vertices, for a map's small scales; shared, not to be changed.

    Parameters
    ----------
    level : str
        A key of `LEVELS`.
    tolerance_m : float
        Metres: the square root of the areas that simplification may trade between neighbours. Borders stay
        shared where the level is a partition and its boundaries form a coverage; else each shape is taken
        alone.

    Raises
    ------
    InputError
        If the level is unknown or the tolerance negative.
    """
    if tolerance_m < 0:
        raise InputError(f"tolerance {tolerance_m} m is negative; use 0 for the boundaries as they are")
    frame = regions(level)
    if level_of(level).partition and _is_coverage():
        # Authorities are simplified once, and joined after: so borders agree between levels too.
        own = _membership()
        geometry = _dissolved(
            _simple_authorities(tolerance_m), own[own["level"] == level], frame["region_id"]
        )
        return frame.set_geometry(geometry.set_axis(frame.index))
    simple = shapely.make_valid(shapely.simplify(frame.geometry.to_numpy(), tolerance_m))
    return frame.set_geometry(gpd.GeoSeries(simple, index=frame.index, crs=BNG))


@cache
def _simple_authorities(tolerance_m: float) -> gpd.GeoSeries:
    shapes = authorities().set_index("gss_code").geometry
    return gpd.GeoSeries(
        shapely.coverage_simplify(shapes.to_numpy(), tolerance_m), index=shapes.index, crs=BNG
    )


def joined(shapes: Sequence[BaseGeometry] | NDArray[np.object_]) -> BaseGeometry:
    """Return authorities, or regions made of them, as one shape.

    Parameters
    ----------
    shapes
        Polygons of `authorities`, of `regions` or of `simplified`, EPSG:27700, none of them twice. Where they
        share their borders exactly, they are joined several times faster.
    """
    return shapely.coverage_union_all(shapes) if _is_coverage() else shapely.union_all(shapes)


@cache
def _is_coverage() -> bool:
    """Whether the authorities share their borders exactly, as the derived ones do."""
    return is_approximate() or bool(shapely.coverage_is_valid(authorities().geometry.to_numpy()))


def level_of(name: str) -> Level:
    """Look up a level.

    Raises
    ------
    InputError
        If it is unknown; the message lists the levels.
    """
    if name not in LEVELS:
        raise InputError(f'"{name}" is not a level; choose one of {", ".join(LEVELS)}')
    return LEVELS[name]


@cache
def _current() -> _Authorities:
    official = settings().cache_dir / OFFICIAL_FILE
    path = official if official.exists() else FOLDER / "authorities.parquet"
    return load(path, OFFICIAL if official.exists() else DERIVED)


def load(path: Path, source: str) -> _Authorities:
    """Read authorities from GeoParquet, mend what is not valid and check the codes.

    Parameters
    ----------
    path : Path
        GeoParquet with gss_code and geometry in any known CRS; further columns are left out.
    source : str
        What to call it.

    Raises
    ------
    StoreError
        If the file cannot be read.
    TableError
        If its codes are not exactly those of local_authorities.csv, or it has no CRS.
    """
    raw = _read(path)
    names = table("local_authorities").set_index("gss_code")["name"]
    if "gss_code" not in raw or raw.crs is None:
        raise TableError(f"{path.name} needs a column gss_code and a CRS; it has {', '.join(raw.columns)}")
    odd = sorted(set(raw["gss_code"]) ^ set(names.index))
    if odd or raw["gss_code"].duplicated().any():
        raise TableError(
            f"{path.name} and local_authorities.csv differ in {', '.join(odd[:10]) or 'repeated codes'}"
        )
    frame = raw[["gss_code", "geometry"]].to_crs(BNG).sort_values("gss_code", ignore_index=True)
    faulty = ~frame.is_valid
    frame = frame.set_geometry(frame.geometry.where(~faulty, frame.make_valid()))
    frame.insert(1, "name", frame["gss_code"].map(names))
    return _Authorities(frame, source, int(faulty.sum()))


def _read(path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_parquet(path)
    except (OSError, ValueError) as fault:
        raise StoreError(f"{path.name} cannot be read as GeoParquet: {reason(fault)}") from fault


@cache
def _membership() -> pd.DataFrame:
    """Rows of level, region_id, name, la_code for all levels."""
    lookup = table("local_authorities")
    coded = [_by_code(lookup, level) for level in LEVELS.values() if level.code_column]
    places = table("places")[["place_id", "place_name", "place_type", "la_code"]]
    parts = [*coded, _city_regions(places, lookup), _programme_areas(places)]
    return pd.concat(parts, ignore_index=True)


def _by_code(lookup: pd.DataFrame, level: Level) -> pd.DataFrame:
    code = lookup[level.code_column]
    return pd.DataFrame(
        {
            "level": level.level,
            "region_id": code.map(NATION_CODES) if level.level == "nation" else code,
            "name": lookup[level.name_column],
            "la_code": lookup["gss_code"],
        }
    )


def _programme_areas(places: pd.DataFrame) -> pd.DataFrame:
    renamed = places.rename(columns={"place_id": "region_id", "place_name": "name"})
    return renamed.assign(level="programme_area")[["level", "region_id", "name", "la_code"]]


def _city_regions(places: pd.DataFrame, lookup: pd.DataFrame) -> pd.DataFrame:
    """Give each authority to one city region, or to the rest of its nation.

    Of several claims the place of the higher rank wins (`CLAIM_RANK`), then the one with more people in all,
    then the id that comes first.
    """
    claims = places[places["place_type"].isin(list(CLAIM_RANK))].copy()
    people = claims["la_code"].map(lookup.set_index("gss_code")["population"])
    claims["rank"] = claims["place_type"].map(CLAIM_RANK)
    claims["people"] = people.groupby(claims["place_id"]).transform("sum")
    order = claims.sort_values(["rank", "people", "place_id"], ascending=[True, False, True])
    winner = order.drop_duplicates("la_code").set_index("la_code")
    rest = "Rest of " + lookup["nation"]
    return pd.DataFrame(
        {
            "level": "city_region",
            "region_id": lookup["gss_code"]
            .map(winner["place_id"])
            .fillna(rest.str.lower().str.replace(" ", "-")),
            "name": lookup["gss_code"].map(winner["place_name"]).fillna(rest),
            "la_code": lookup["gss_code"],
        }
    )


def _population() -> pd.DataFrame:
    lookup = table("local_authorities").rename(columns={"gss_code": "la_code"})
    people = lookup[["la_code", "population", "population_year"]]
    return people.astype({"population": np.int64, "population_year": np.int64})


def _years(years: pd.Series) -> str:
    first, last = years.min(), years.max()
    return f"{first}" if first == last else f"{first}-{last}"


def _dissolved(shapes: gpd.GeoSeries, members: pd.DataFrame, ids: pd.Index | pd.Series) -> gpd.GeoSeries:
    """Join authorities to regions."""
    groups = members.groupby("region_id")["la_code"]
    whole = {key: joined(shapes.loc[codes].to_numpy()) for key, codes in groups}
    return gpd.GeoSeries(whole, crs=BNG).reindex(ids)


UK = "UK"
UK_CODE = "K02000001"
# What a place that is no region of the table is called, by its level.
OTHER_LEVELS = {"uk": "Country", "set": "Set of authorities", "area": "Area drawn"}
# What city regions leave of a nation: a region by default, and no place that another could be like.
REMNANT = "rest-of-"
REMNANT_KIND = "Rest of a nation"


def kind_of(level: str, ref: str) -> str:
    """Return what a place is called by its level; what city regions leave of a nation is none of them."""
    if ref.startswith(REMNANT):
        return REMNANT_KIND
    return LEVELS[level].name if level in LEVELS else OTHER_LEVELS[level]
