"""Build the edition that the app shows: every derived table, from the shipped ones, by one list of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from clusters.description.profile import profile
from clusters.shipped import SHIPPED, shipped_clusters, shipped_evidence, shipped_firms
from clusters.shown import shown_clusters
from data.participants import firm_participants
from data.schemas import POINT_PRECISIONS
from data.tables import table
from data.taxonomy import technologies
from edition.about import EDITION, About
from edition.known_clusters import answers, asked
from edition.moved_ids import moved_places
from edition.search_entries import search_entries
from edition.shares import lead_shares, shares
from edition.town_only import with_town_firms
from geo.boundaries import LEVELS, context_land, membership, regions, simplified
from geo.projections import to_lonlat
from geo.publishable import as_shown
from geo.rounding import rounded_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Progress = Callable[[str, float], None]
# Metres by which shapes may be simplified for the screen: coarser for larger regions.
TOLERANCE = {"la": 250, "itl3": 300, "itl2": 400, "itl1": 500, "nation": 500, "city_region": 400}
DEGREES = 4
# Footprints on the screen: a pixel at zoom 13. They are measured as they are.
FOOTPRINT_METRES = 10
FOOTPRINT_DEGREES = 5
# For the far zooms, where a pixel is 300 metres to two kilometres.
COARSE_METRES = 600
# Neighbouring land is background: coarse does.
NEIGHBOUR_METRES = 300
# Outlines of awards to areas: inlets narrower than twice this are closed; the smallest island kept, in m2.
OUTLINE_METRES = 3_000
OUTLINE_LEAST = 3e8


def build_tables(progress: Progress = lambda _stage, _share: None) -> dict[str, pd.DataFrame]:
    """Return every table of the shipped edition, by name.

    Parameters
    ----------
    progress : callable, optional
        Told the name of each step and the share done, 0 to 1.
    """
    tables: dict[str, pd.DataFrame] = {}
    for number, (words, step) in enumerate(STEPS):
        progress(words, number / len(STEPS))
        tables.update(step(tables))
    progress("Ready", 1.0)
    return tables


def _lonlat(frame: pd.DataFrame) -> pd.DataFrame:
    lon, lat = to_lonlat(frame["easting"].to_numpy(), frame["northing"].to_numpy())
    return frame.assign(lon=np.round(lon, 5), lat=np.round(lat, 5))


def _is_point(frame: pd.DataFrame) -> pd.Series:
    return frame["location_precision"].isin(POINT_PRECISIONS)


def _facts(_: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    programmes = table("programmes")
    by_programme = programmes.set_index("programme_id")
    projects = _lonlat(as_shown(table("projects")))
    projects["purpose"] = projects["programme_id"].map(by_programme["purpose"])
    projects["programme"] = projects["programme_id"].map(by_programme["name"])
    projects["year"] = pd.to_numeric(projects["start"].str[:4].where(projects["start"] != "")).astype(float)
    return {
        "programmes": programmes,
        "projects": projects,
        "participants": table("participants"),
        "contested": table("contested"),
        "missing": table("missing"),
        "authorities": table("local_authorities"),
        "moved_ids": moved_places(table("moved_ids"), table("local_authorities")),
        "places": table("places"),
        "assets": _lonlat(as_shown(table("assets"))),
    }


def _firms(_: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    # The store holds no position finer than may be shown; clusters are found in the tables themselves.
    firms = _lonlat(as_shown(shipped_firms()))
    firms = firms.assign(point=_is_point(firms))
    # Neighbours in space are neighbours in the file, so that a box reads few blocks.
    return {"firms": firms.sort_values(["easting", "northing", "firm_id"], ignore_index=True)}


def _outline(area: Any) -> Any:
    """Return an outline calm enough to be dashed: without inlets and small islands."""
    calm = area.buffer(OUTLINE_METRES).buffer(-OUTLINE_METRES).simplify(OUTLINE_METRES / 10)
    parts = shapely.get_parts(calm)
    sizes = shapely.area(parts)
    return shapely.MultiPolygon(list(parts[(sizes >= OUTLINE_LEAST) | (sizes == sizes.max())]))


def _allocations(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {
        "shares": shares(tables["projects"], tables["places"], tables["authorities"]),
        "lead_shares": lead_shares(tables["participants"], table("organisations")),
    }


def _regions(_: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    frames, shapes = [], []
    for level in (*TOLERANCE, *(name for name in LEVELS if name not in TOLERANCE)):
        frame = regions(level)
        frames.append(_region_rows(frame))
        if level in TOLERANCE:
            for detail, metres in (("fine", TOLERANCE[level]), ("coarse", COARSE_METRES)):
                shapes.append(
                    (f"{level}-{detail}", _collection(simplified(level, metres), frame["region_id"]))
                )
    rows = pd.concat(frames, ignore_index=True)
    shapes += [
        ("land-fine", _land(TOLERANCE["la"], NEIGHBOUR_METRES)),
        ("land-coarse", _land(COARSE_METRES, COARSE_METRES)),
    ]
    return {
        "regions": rows,
        "membership": membership(),
        "shapes": pd.DataFrame(shapes, columns=["name", "geojson"]),
    }


def _region_rows(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    inside = shapely.point_on_surface(frame.geometry.to_numpy())
    lon, lat = to_lonlat(shapely.get_x(inside), shapely.get_y(inside))
    bounds = frame.geometry.to_crs(4326).bounds.round(4)
    rows = pd.DataFrame(frame.drop(columns="geometry")).reset_index(drop=True)
    rows["population_year"] = rows["population_year"].astype(str)
    rows[["west", "south", "east", "north"]] = bounds.to_numpy()
    return rows.assign(
        lon=np.round(lon, 5), lat=np.round(lat, 5), wkb=shapely.to_wkb(frame.geometry.to_numpy())
    )


def _screen(geometry: gpd.GeoSeries) -> np.ndarray[Any, Any]:
    """Longitude and latitude with as many decimals as a screen can show."""
    return rounded_shapes(geometry.to_crs(4326).to_numpy(), DEGREES)


def _collection(frame: gpd.GeoDataFrame, ids: pd.Series) -> str:
    features = [
        f'{{"type":"Feature","properties":{{"id":"{region_id}"}},"geometry":{text}}}'
        for region_id, text in zip(ids, shapely.to_geojson(_screen(frame.geometry)), strict=True)
    ]
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"


def _land(metres: float, neighbour_metres: float) -> str:
    land = gpd.GeoSeries([shapely.union_all(simplified("nation", metres).geometry.to_numpy())], crs=27700)
    neighbours = context_land().geometry.simplify(neighbour_metres)
    parts = [
        (False, shapely.union_all(neighbours.to_numpy()), neighbours.crs),
        (True, land.iloc[0], land.crs),
    ]
    features = [
        f'{{"type":"Feature","properties":{{"uk":{str(uk).lower()}}},"geometry":{text}}}'
        for uk, shape, crs in parts
        for text in shapely.to_geojson(_screen(gpd.GeoSeries([shape], crs=crs)))
    ]
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"


def _areas(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Distinct areas that awards are for, each drawn once, and which project is for which."""
    projects, shares_of = tables["projects"], tables["shares"]
    named = shares_of[shares_of["basis"] != "site"]
    members = named.groupby("project_id", sort=False)["la_code"].agg(tuple)
    areas = pd.DataFrame({"members": members.unique()})
    areas["area_id"] = [f"area-{number}" for number in range(len(areas))]
    authorities_of = simplified("la", TOLERANCE["la"]).set_index("region_id").geometry
    joined = [shapely.union_all(authorities_of[list(codes)].to_numpy()) for codes in areas["members"]]
    outlines = gpd.GeoSeries([_outline(area) for area in joined], crs=27700)
    areas["geojson"] = shapely.to_geojson(_screen(outlines))
    linked = members.map(areas.set_index("members")["area_id"])
    outlined = areas.rename(columns={"area_id": "region_id"}).assign(geometry=outlines)
    drawn = _collection(gpd.GeoDataFrame(outlined, crs=27700), areas["area_id"])
    shapes = pd.DataFrame({"name": ["areas"], "geojson": [drawn]})
    area_of = projects["project_id"].map(linked).fillna("")
    return {
        "areas": areas[["area_id", "geojson"]],
        "shapes": pd.concat([tables["shapes"], shapes], ignore_index=True),
        "projects": projects.assign(area_id=area_of, point=_is_point(projects) & (area_of == "")),
    }


def _clusters(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    found = shipped_clusters()
    placed = tables["firms"][["firm_id", "easting", "northing", "withheld"]]
    members = found.members.drop(columns=["easting", "northing"]).merge(placed, on="firm_id")
    clusters = shown_clusters(found.clusters, members, SHIPPED)
    made_of = profile(clusters, found.members, tables["firms"], shipped_evidence())
    return {
        "clusters": cluster_rows(clusters, EDITION),
        "members": found.members[["cluster_id", "firm_id", "core"]],
        "labels": found.labels,
        "nearly": with_town_firms(found.nearly, tables["firms"]),
        "evidence": found.evidence,
        "cluster_firms": made_of.firms,
        "cluster_awards": made_of.awards,
        "cluster_assets": made_of.assets,
    }


def cluster_rows(found: gpd.GeoDataFrame, edition: str) -> pd.DataFrame:
    """Return clusters as the store keeps them: footprints for the screen and for measuring."""
    rows = _lonlat(pd.DataFrame(found.drop(columns=["geometry", "core_geometry"])))
    screen = found.geometry.simplify(FOOTPRINT_METRES).to_crs(4326)
    rows[["west", "south", "east", "north"]] = screen.bounds.round(5).to_numpy()
    rows["geojson"] = shapely.to_geojson(rounded_shapes(screen.to_numpy(), FOOTPRINT_DEGREES))
    core = gpd.GeoSeries(found["core_geometry"], crs=found.crs).simplify(FOOTPRINT_METRES).to_crs(4326)
    rows["core_geojson"] = shapely.to_geojson(rounded_shapes(core.to_numpy(), FOOTPRINT_DEGREES))
    technology = {row.id for row in technologies()}
    return rows.assign(
        edition=edition,
        kind=np.where(rows["label"].isin(technology), "technology", "sector"),
        wkb=shapely.to_wkb(found.geometry.to_numpy()),
    )


def _firm_lists(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the lists that the firms come from, with how many of each there are."""
    firms = tables["firms"].groupby("list")["point"].agg(["size", "sum"])
    lists = table("firm_lists")
    counted = {"firms": firms["size"], "with_precise_place": firms["sum"]}
    numbers = {name: lists["list_id"].map(of).fillna(0).astype("int64") for name, of in counted.items()}
    return {"firm_lists": lists.assign(**numbers)}


def _known_clusters(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the clusters that others name, and what the map says of each."""
    known, rows = table("known_clusters"), tables["clusters"]
    found = gpd.GeoDataFrame(rows, geometry=shapely.from_wkb(rows["wkb"].to_numpy()), crs=27700)
    said = answers(known, found, tables.get("nearly"), firms=tables["firms"], least=SHIPPED.min_firms)
    return {"known_clusters": asked(known, said)}


def of_no_sample() -> dict[str, pd.DataFrame]:
    """Return the tables that tell of the firms that ship, empty: for an edition of an analyst's own."""
    firms = pd.DataFrame({"list": pd.Series(dtype=str), "point": pd.Series(dtype=bool)})
    none = table("known_clusters").head(0)
    nowhere = gpd.GeoDataFrame({name: [] for name in ("cluster_id", "label", "name")}, geometry=[], crs=27700)
    lists = _firm_lists({"firms": firms})["firm_lists"].head(0)
    return {"firm_lists": lists, "known_clusters": asked(none, answers(none, nowhere))}


def _firm_links(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {"firm_participants": firm_participants(tables["participants"], tables["firms"])}


def _edition(_: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    # The labels of a shipped firm are among its own columns.
    sets = pd.DataFrame({"set_id": pd.Series(dtype="int32"), "label": pd.Series(dtype=str)})
    return {"edition": About().table(), "label_sets": sets}


STEPS: tuple[tuple[str, Callable[[Mapping[str, pd.DataFrame]], dict[str, pd.DataFrame]]], ...] = (
    ("Reading and checking the tables", _facts),
    ("Placing the firms", _firms),
    ("Allocating awards to places", _allocations),
    ("Dissolving regions", _regions),
    ("Outlining the areas of awards", _areas),
    ("Looking for clusters", _clusters),
    ("Counting firms by list", _firm_lists),
    ("Asking for clusters that others name", _known_clusters),
    ("Matching firms with projects", _firm_links),
    ("Naming the edition", _edition),
    ("Listing names for the search", search_entries),
)
