"""The four published criteria of an innovation cluster, and the type that follows from them.

Criteria and types are those of the government's Innovation Clusters Map (Department for Science, Innovation
and Technology, 2024 and 2025); the evidence for each is ours and stated here:

1. *RD&I active*: a research asset or a research and innovation project lies in or near the footprint, or a
member is named
   as taking part in such a project.
2. *Co-located*: passed the scan; true of all.
3. *Related*: the label is a technology family, or one family is shared by at least a third of the members.
4. *Collaborating*: a research and innovation project with two or more participants lies in or near the
footprint and has
   the cluster's label, or a member is named among the participants of one anywhere.

R&D Collaborating clusters meet 4; Specialised ones 2 and 3; Diverse ones 2 only. Near is within
`evidence.REACH_M`. Regional growth programmes are no evidence, nor are projects known only to a town or
region. A firm is named as in
`data.participants.firm_participants`; the name of a group with several sites names none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from clusters.description.evidence import within
from data.participants import firm_participants

if TYPE_CHECKING:
    import geopandas as gpd

    from clusters.description.evidence import Evidence

DIVERSE, SPECIALISED, COLLABORATING = "Diverse", "Specialised", "R&D Collaborating"

SHARED_BY = 1 / 3
"""Share of the members that must have a technology family in common to be related."""

EVIDENCE = ("cluster_id", "criterion", "kind", "reference", "text")


@dataclass(frozen=True)
class Typology:
    """Criteria and types of clusters, and why.

    Attributes
    ----------
    criteria
        On cluster_id: rd_active, co_located, related, collaborating (boolean; missing where not assessed),
        type.
    evidence
        cluster_id, criterion (a column of `criteria`), kind (asset, project, participant, technology),
        reference (an id), text.
    """

    criteria: pd.DataFrame
    evidence: pd.DataFrame


def cluster_type(related: bool, collaborating: bool) -> str:
    """Return the type of a co-located cluster."""
    if collaborating:
        return COLLABORATING
    return SPECIALISED if related else DIVERSE


def classify(
    clusters: gpd.GeoDataFrame,
    members: pd.DataFrame,
    firms: pd.DataFrame,
    labels: pd.DataFrame,
    evidence: Evidence | None = None,
) -> Typology:
    """Return criteria, types and evidence of clusters.

    Parameters
    ----------
    clusters
        cluster_id, label, geometry (EPSG:27700).
    members
        cluster_id, firm_id.
    firms
        firm_id, name, company_group of all firms: whose name is one firm's can only be told among all.
    labels
        firm_id, label, kind (sector, technology).
    evidence
        Without it the first and the fourth criterion are not assessed, and no cluster is R&D Collaborating.
    """
    found = related_by(clusters, members, labels)
    if evidence is not None:
        projects = evidence.research_projects()
        named = _named(members, firms, projects, evidence)
        active = _active_by(clusters, projects, named, evidence)
        collaborating = _collaborating_by(clusters, projects, named, evidence)
        found = pd.concat([active, found, collaborating], ignore_index=True)
    found = found.reindex(columns=[*EVIDENCE])
    criteria = pd.DataFrame(index=pd.Index(clusters["cluster_id"], name="cluster_id"))
    for criterion in ("rd_active", "co_located", "related", "collaborating"):
        met = criteria.index.isin(found.loc[found["criterion"] == criterion, "cluster_id"])
        criteria[criterion] = pd.array(met, dtype="boolean")
    criteria["co_located"] = pd.array([True] * len(criteria), dtype="boolean")
    types = [cluster_type(*pair) for pair in zip(criteria["related"], criteria["collaborating"], strict=True)]
    criteria["type"] = pd.Series(types, index=criteria.index, dtype=object)
    if evidence is None:
        criteria[["rd_active", "collaborating"]] = pd.NA
    return Typology(criteria, found)


def related_by(clusters: gpd.GeoDataFrame, members: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return the technology families that relate the members of each cluster, as rows of evidence."""
    families = labels.loc[labels["kind"] == "technology", ["firm_id", "label"]].drop_duplicates()
    own = clusters.loc[clusters["label"].isin(families["label"]), ["cluster_id", "label"]]
    sizes = members.groupby("cluster_id")["firm_id"].nunique()
    joined = members[["cluster_id", "firm_id"]].drop_duplicates().merge(families, on="firm_id")
    shared = joined.groupby(["cluster_id", "label"], sort=True).size().rename("firms").reset_index()
    shared["size"] = sizes.reindex(shared["cluster_id"]).to_numpy()
    shared = shared[shared["firms"] >= SHARED_BY * shared["size"] - 1e-9]
    shared = shared[~shared["cluster_id"].isin(own["cluster_id"])]
    text = shared["firms"].astype(str) + " of " + shared["size"].astype(str) + " members share it"
    rows = pd.concat([own.assign(text="the label is a technology family"), shared.assign(text=text)])
    rows = rows.rename(columns={"label": "reference"}).assign(criterion="related", kind="technology")
    ordered: pd.DataFrame = rows[[*EVIDENCE]].sort_values(["cluster_id", "reference"], ignore_index=True)
    return ordered


def _active_by(
    clusters: gpd.GeoDataFrame, projects: pd.DataFrame, named: pd.DataFrame, evidence: Evidence
) -> pd.DataFrame:
    assets = within(clusters, evidence.assets, ["asset_id", "name"]).set_axis(
        ["cluster_id", "reference", "text"], axis=1
    )
    sited = _sited(clusters, projects)
    rows = [assets.assign(kind="asset"), sited.assign(kind="project"), named.assign(kind="participant")]
    return pd.concat([part.astype(object) for part in rows]).assign(criterion="rd_active")


def _collaborating_by(
    clusters: gpd.GeoDataFrame, projects: pd.DataFrame, named: pd.DataFrame, evidence: Evidence
) -> pd.DataFrame:
    joint = projects[projects["participants"] >= 2]
    sited = _sited(clusters, joint).merge(clusters[["cluster_id", "label"]], on="cluster_id")
    same = evidence.project_labels[["project_id", "label"]].drop_duplicates()
    sited = sited.merge(same, left_on=["reference", "label"], right_on=["project_id", "label"])
    named = named[named["reference"].isin(joint["project_id"])]
    columns = ["cluster_id", "reference", "text"]
    rows = [sited[columns].assign(kind="project"), named.assign(kind="participant")]
    return pd.concat([part.astype(object) for part in rows]).assign(criterion="collaborating")


def _sited(clusters: gpd.GeoDataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Projects located in each footprint: cluster_id, reference, text."""
    found = within(clusters, projects, ["project_id", "name"])
    return found.set_axis(["cluster_id", "reference", "text"], axis=1)


def _named(
    members: pd.DataFrame, firms: pd.DataFrame, projects: pd.DataFrame, evidence: Evidence
) -> pd.DataFrame:
    """Members named as participants of the projects, wherever those are: cluster_id, reference, text."""
    people = evidence.participants[evidence.participants["project_id"].isin(projects["project_id"])]
    named = firm_participants(people, firms)
    # A group's name says nothing about which of its sites took part.
    named = named[named["matched_by"] != "group"]
    found = members[["cluster_id", "firm_id"]].merge(named, on="firm_id")
    titles = projects.drop_duplicates("project_id").set_index("project_id")["name"]
    title = titles.reindex(found["project_id"]).fillna("").to_numpy()
    found["text"] = found["organisation"] + " in " + title
    found = found.rename(columns={"project_id": "reference"})[["cluster_id", "reference", "text"]]
    return found.drop_duplicates().sort_values(["cluster_id", "reference", "text"], ignore_index=True)
