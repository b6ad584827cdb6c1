"""The clusters of the firms that ship with the map."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from clusters.description.evidence import Evidence
from clusters.detect import detect
from clusters.labels import labels_of
from clusters.scan.ladder import fitted
from data.tables import table

if TYPE_CHECKING:
    import pandas as pd

    from clusters.detect import Detection
    from clusters.scan.parameters import ScanParameters

SHIPPED = fitted(2_000, cell_m=250.0)
"""The shipped firms are a small curated sample: four of a kind in a disc are many there, and a cluster of
them is a district rather than a street. Distances and minimum were chosen on an earlier sample and on
shuffled maps, never by what is found."""


def shipped_firms() -> pd.DataFrame:
    """Return the shipped firms with the name of their authority in la_name."""
    names = table("local_authorities").set_index("gss_code")["name"]
    firms = table("firms")
    return firms.assign(la_name=firms["la_code"].map(names))


def shipped_evidence() -> Evidence:
    """Return the shipped projects, programmes and research assets as evidence."""
    projects = table("projects")
    return Evidence(
        projects=projects,
        participants=table("participants"),
        programmes=table("programmes"),
        assets=table("assets"),
        project_labels=labels_of(projects, "project_id"),
    )


@cache
def shipped_clusters(parameters: ScanParameters = SHIPPED) -> Detection:
    """Return the clusters of the shipped firms, found once a process for each set of parameters."""
    firms = shipped_firms()
    return detect(firms, labels_of(firms, "firm_id"), parameters, shipped_evidence())
