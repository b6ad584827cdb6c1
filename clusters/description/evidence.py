"""What is known of a place besides its firms: projects, who takes part in them, and research assets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from data.errors import TableError
from data.participants import organisation_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

RESEARCH = "research and innovation"
"""Purpose of the programmes that are research money; regional growth funds are not."""

PRECISE = ("postcode", "site", "campus")
"""Location precisions of projects that are places, not stand-ins for a town or region."""

REACH_M = 500.0
"""Metres beyond a footprint that count as in it: a campus is wide, and known by one point."""

COLUMNS = {
    "projects": [
        "project_id",
        "programme_id",
        "name",
        "award_gbp",
        "award_kind",
        "private_cofunding_gbp",
        "nested_in",
        "easting",
        "northing",
        "location_precision",
    ],
    "participants": ["project_id", "organisation"],
    "programmes": ["programme_id", "purpose"],
    "assets": ["asset_id", "name", "type", "easting", "northing"],
    "project_labels": ["project_id", "label"],
}


@dataclass(frozen=True)
class Evidence:
    """Tables that the typology and the profile of clusters draw on.

    Attributes
    ----------
    projects
        project_id, programme_id, name, award_gbp and private_cofunding_gbp (pounds), award_kind,
        nested_in (or empty), easting, northing (EPSG:27700 metres), location_precision.
    participants
        project_id, organisation: leads and partners, a row each.
    programmes
        programme_id, purpose.
    assets
        asset_id, name, type, easting, northing.
    project_labels
        project_id, label: sectors and technologies of each project, by the names that the firms' labels have.

    Raises
    ------
    TableError
        When a column is missing; all faults at once.
    """

    projects: pd.DataFrame
    participants: pd.DataFrame
    programmes: pd.DataFrame
    assets: pd.DataFrame
    project_labels: pd.DataFrame

    def __post_init__(self) -> None:
        faults = [
            f"the table of {name} lacks {missing}"
            for name, columns in COLUMNS.items()
            if (missing := sorted(set(columns) - set(getattr(self, name).columns)))
        ]
        if faults:
            raise TableError("; ".join(faults))

    def research_projects(self) -> pd.DataFrame:
        """Return the projects of research and innovation programmes, with their number of `participants`."""
        programmes = self.programmes
        wanted = programmes.loc[programmes["purpose"] == RESEARCH, "programme_id"]
        projects = self.projects[self.projects["programme_id"].isin(wanted)].copy()
        keys = self.participants["organisation"].fillna("").astype(str).map(organisation_key)
        named = self.participants.assign(key=keys)[keys != ""]
        number = named.groupby("project_id")["key"].nunique()
        projects["participants"] = number.reindex(projects["project_id"]).fillna(0).astype(int).to_numpy()
        return projects


def placed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose position is a place; tables without a precision are taken to be places."""
    known = table["easting"].notna() & table["northing"].notna()
    if "location_precision" in table.columns:
        known &= table["location_precision"].isin(PRECISE)
    return table[known]


def within(clusters: gpd.GeoDataFrame, table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the rows of a table that lie in a footprint or within `REACH_M` of it.

    Parameters
    ----------
    clusters
        cluster_id, geometry (EPSG:27700).
    table
        easting, northing in metres, and the columns wanted; location_precision, if there, decides what is a
        place.

    Returns
    -------
    DataFrame
        cluster_id and the columns wanted: one row for each pair, in the order of the clusters.
    """
    points = placed(table)
    spots = gpd.points_from_xy(points["easting"], points["northing"])
    cluster, point = shapely.STRtree(spots).query(
        clusters.geometry.to_numpy(), predicate="dwithin", distance=REACH_M
    )
    pairs = points.iloc[point][[*columns]].reset_index(drop=True)
    pairs.insert(0, "cluster_id", clusters["cluster_id"].to_numpy()[cluster])
    pairs["order"] = cluster
    ordered: pd.DataFrame = pairs.sort_values(["order", *columns], ignore_index=True)
    return ordered.drop(columns="order")
