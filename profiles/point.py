"""What is at a point: every cluster, project and region there, ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from edition import view
from geo.projections import to_bng
from profiles.cluster_why import facts
from profiles.clusters import summary_beside, why_none
from profiles.projects import award_words, taking_part
from regions.allocation import PENCE
from regions.figures import clusters_in, figures
from regions.funding import funding
from regions.places import places
from words.filters import split_words
from words.numbers import count, distance, pounds
from words.provenance import own_firms

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from edition.edition import Edition
    from edition.filters import Filters

# A click means about this many pixels around it, at 54 degrees north.
REACH_PIXELS = 14
METRES_AT_ZOOM_0 = 92_000
ORDER = tuple(view.LEVELS)
CLUSTER_FIELDS = (
    *("cluster_id", "name", "label", "firms"),
    *("west", "south", "east", "north", "lat", "lon"),
)
REGION_FIELDS = ("per_head", "public_gbp", "estimated_share", "projects", "population")
SHIPPED_NOTE = "Clusters come from a curated sample of firms, not a census"
# What the money of regions rests on, by the rule that places it.
MONEY_NOTES = {
    "delivery": "money for an area of several authorities is split by population",
    "lead": "money lies where the leads of projects have their head offices, projects where they work",
}


def at_point(
    edition: Edition, filters: Filters, lat: float, lon: float, zoom: float, *, most: int = 12
) -> dict[str, Any]:
    """Return clusters by strength, projects by award, and regions from small to large.

    Parameters
    ----------
    lat, lon : float
        Degrees.
    zoom : float
        Zoom of the map, which says how many metres a click may miss by.
    most : int
        Projects listed; `projects_total` says how many there are.
    """
    easting, northing = (float(value) for value in to_bng(lon, lat))
    reach = reach_of(zoom)
    here = shapely.Point(easting, northing)
    found = clusters_at(edition, filters, here, reach)
    regions = regions_at(edition, filters, here)
    projects = projects_at(edition, filters, easting, northing, reach)
    return {
        "title": _title(regions),
        "lat": lat,
        "lon": lon,
        "clusters": [_cluster(row, edition) for row in found.itertuples(index=False)],
        "no_clusters": _no_clusters(edition, filters, here),
        "projects": [_project(row) for row in projects.head(most).itertuples(index=False)],
        "projects_total": len(projects),
        "programmes": programmes_at(edition, filters, regions),
        "within": distance(reach),
        "regions": [_region(row, split_words(filters)) for row in regions.itertuples(index=False)],
        "note": _note(edition, filters),
    }


def _note(edition: Edition, filters: Filters) -> str:
    firms = own_firms(edition.about) if edition.about.own else SHIPPED_NOTE
    return f"{firms}; boundaries are approximate; {MONEY_NOTES[filters.placed]}."


def reach_of(zoom: float) -> float:
    """Return how far, in metres, a click may miss at a zoom of the map."""
    return REACH_PIXELS * METRES_AT_ZOOM_0 / 2**zoom


def clusters_at(edition: Edition, filters: Filters, here: shapely.Point, reach: float) -> gpd.GeoDataFrame:
    """Return the clusters whose footprint lies within reach of the point (metres), strongest first."""
    rows = clusters_in(edition, filters)
    return rows[shapely.distance(rows.geometry.to_numpy(), here) <= reach]


def projects_at(
    edition: Edition, filters: Filters, easting: float, northing: float, reach: float
) -> pd.DataFrame:
    """Return the projects at sites within reach, largest award first."""
    rows = taking_part(edition, filters)
    rows = rows[rows["point"]]
    return rows[np.hypot(rows["easting"] - easting, rows["northing"] - northing) <= reach]


def regions_at(edition: Edition, filters: Filters, here: shapely.Point) -> pd.DataFrame:
    """Return the region of each level that holds the point, with its figures, small to large."""
    known = places(edition)
    held = []
    for level in ORDER:
        frame = edition.regions[level]
        holding = frame["region_id"][shapely.intersects(frame.geometry.to_numpy(), here)].head(1)
        held += [known.by_ref(ref) for ref in holding]
    rows = figures(edition, filters, held, ("money", "projects")).rename_axis("region_id").reset_index()
    return rows.assign(name=[place.name for place in held], kind=[place.kind for place in held])


def programmes_at(edition: Edition, filters: Filters, regions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the public money of the smallest region that holds the point, by programme, largest first."""
    if regions.empty:
        return []
    money = funding(edition, filters)
    rows = money.allocation.rows
    rows = rows[rows["la_code"] == regions["region_id"].iloc[0]]
    programme = rows["project_id"].map(money.projects.set_index("project_id")["programme"])
    sums = (rows["public"] / PENCE).groupby(programme).sum().sort_values(ascending=False)
    place = str(regions["name"].iloc[0])
    return [
        {"programme": name, "region": place, "public_gbp": value} for name, value in sums[sums > 0].items()
    ]


def _title(regions: pd.DataFrame) -> str:
    if regions.empty:
        return "Outside the United Kingdom's land"
    names = [str(name) for name in regions["name"].iloc[:1]]
    nation = str(regions["name"].iloc[-1])
    return ", ".join(dict.fromkeys([*names, nation]))


def _cluster(row: Any, edition: Edition) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in CLUSTER_FIELDS}
    return {**plain, "text": summary_beside(row), "facts": facts(row, edition)}


def nearest_cluster(edition: Edition, filters: Filters, here: shapely.Point) -> tuple[Any, float] | None:
    """Return the cluster whose footprint lies nearest to a point (metres), and how far; None without any."""
    rows = clusters_in(edition, filters)
    if rows.empty:
        return None
    apart = shapely.distance(rows.geometry.to_numpy(), here)
    place = int(np.argmin(apart))
    return next(rows.iloc[[place]].itertuples(index=False)), float(apart[place])


def _no_clusters(edition: Edition, filters: Filters, here: shapely.Point) -> str:
    nearest = nearest_cluster(edition, filters, here)
    if nearest is None:
        return why_none(edition, filters)
    row, apart = nearest
    return f"No cluster here. The nearest is {row.name}, {distance(apart)} away; the table lists them all."


def _project(row: Any) -> dict[str, Any]:
    lead = f", led by {row.lead}" if row.lead else ""
    award = award_words(row)
    text = f"{award}; {row.programme}{lead}"
    plain = {"id": row.project_id, "name": row.name, "award": award, "programme": row.programme}
    return {**plain, "lead": row.lead, "text": text}


def _region(row: Any, how_split: str) -> dict[str, Any]:
    given = f"{pounds(row.per_head)} a head, {pounds(row.public_gbp)} in all"
    money = given if row.public_gbp else "no award found"
    split = f", {row.estimated_share:.0%} of it {how_split}" if row.estimated_share >= 0.005 else ""
    numbers = {name: getattr(row, name) for name in REGION_FIELDS}
    text = f"{row.kind}: {money}{split}; {count(row.projects, 'project')}"
    return {"id": row.region_id, "level": row.kind, "name": row.name, **numbers, "text": text}
