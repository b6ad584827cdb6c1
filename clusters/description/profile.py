"""What a cluster is made of: firms by status and size, awards and research assets in its footprint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clusters.description.evidence import within

if TYPE_CHECKING:
    import geopandas as gpd

    from clusters.description.evidence import Evidence

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Profile:
    """Tables in long form, each with a cluster_id; a cluster without rows has none of the thing.

    Attributes
    ----------
    firms
        cluster_id, measure (status, size_band), value, firms: members, each firm once a measure.
    awards
        cluster_id, purpose, award_kind, projects, without_figure, gbp, private_gbp: projects
        located in or near the
        footprint to a site or campus. Kinds are never added up here: an envelope is not an award. gbp is
        missing when none of the projects has a figure, and sums only those that have one.
    assets
        cluster_id, type, assets.
    """

    firms: pd.DataFrame
    awards: pd.DataFrame
    assets: pd.DataFrame


def profile(
    clusters: gpd.GeoDataFrame, members: pd.DataFrame, firms: pd.DataFrame, evidence: Evidence
) -> Profile:
    """Return what each cluster is made of.

    Parameters
    ----------
    clusters
        cluster_id, geometry (EPSG:27700).
    members
        cluster_id, firm_id.
    firms
        firm_id; status and size_band where known.
    """
    return Profile(firm_counts(members, firms), awards(clusters, evidence), asset_counts(clusters, evidence))


def firm_counts(members: pd.DataFrame, firms: pd.DataFrame) -> pd.DataFrame:
    """Count members by status and by size band; what is not known is counted as unknown."""
    known = firms.assign(firm_id=firms["firm_id"].astype(str)).drop_duplicates("firm_id").set_index("firm_id")
    tables = []
    for measure in ("status", "size_band"):
        values = known[measure] if measure in known.columns else pd.Series("", index=known.index)
        value = values.reindex(members["firm_id"]).fillna("").replace("", UNKNOWN).to_numpy()
        rows = pd.DataFrame(
            {"cluster_id": members["cluster_id"].to_numpy(), "measure": measure, "value": value}
        )
        tables.append(rows.groupby(["cluster_id", "measure", "value"]).size().rename("firms").reset_index())
    return pd.concat(tables).sort_values(["cluster_id", "measure", "value"], ignore_index=True)


def awards(clusters: gpd.GeoDataFrame, evidence: Evidence) -> pd.DataFrame:
    """Count projects and sum their awards, by purpose and kind of figure.

    A project inside another's money (`nested_in`, however deep) is left out where the outer one lies in the
    same footprint, so no pound counts twice in a cluster. Clusters overlap: never add their sums.
    """
    columns = ["project_id", "programme_id", "award_gbp", "award_kind", "private_cofunding_gbp"]
    found = _outermost(within(clusters, evidence.projects, columns), evidence.projects)
    purposes = evidence.programmes.drop_duplicates("programme_id").set_index("programme_id")["purpose"]
    found = found.assign(
        purpose=purposes.reindex(found["programme_id"]).fillna(UNKNOWN).to_numpy(),
        award_kind=found["award_kind"].fillna("").replace("", UNKNOWN),
        without_figure=found["award_gbp"].isna().astype(int),
    )
    grouped = found.groupby(["cluster_id", "purpose", "award_kind"])
    totals = grouped.agg(
        projects=("project_id", "size"),
        without_figure=("without_figure", "sum"),
        gbp=("award_gbp", "sum"),
        private_gbp=("private_cofunding_gbp", "sum"),
    ).reset_index()
    totals["gbp"] = totals["gbp"].where(totals["projects"] > totals["without_figure"], np.nan)
    return totals


def _outermost(found: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Drop the projects that lie inside another project of the same cluster."""
    outer = dict(
        zip(projects["project_id"].astype(str), projects["nested_in"].fillna("").astype(str), strict=True)
    )
    here = set(zip(found["cluster_id"], found["project_id"], strict=True))
    keep = [
        not any((cluster, ancestor) in here for ancestor in _ancestors(project, outer))
        for cluster, project in zip(found["cluster_id"], found["project_id"], strict=True)
    ]
    return found[np.array(keep, dtype=bool)]


def _ancestors(project: str, outer: dict[str, str]) -> list[str]:
    chain: list[str] = []
    parent = outer.get(project, "")
    while parent and parent not in chain and parent != project:
        chain.append(parent)
        parent = outer.get(parent, "")
    return chain


def asset_counts(clusters: gpd.GeoDataFrame, evidence: Evidence) -> pd.DataFrame:
    """Count the research assets in each footprint by type."""
    found = within(clusters, evidence.assets, ["asset_id", "type"])
    return found.groupby(["cluster_id", "type"]).size().rename("assets").reset_index()
