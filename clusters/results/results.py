"""All that a run found, in tables that are checked together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from clusters.results.folder import FORMAT
from clusters.results.tables import GEOMETRIES, TYPES
from data.errors import TableError
from geo.projections import BNG, PLANE
from intake import columns as intake_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class Results:
    """All that a run found. Tables may have further columns; text is "" or missing where there is none.

    Attributes
    ----------
    clusters
        Columns of `clusters.description.findings.CLUSTERS` (la_codes, la_shares: lists), rd_active,
        co_located, related, collaborating (boolean, may be missing), type, geometry and core_geometry
        (EPSG:27700; of a planar result `geo.projections.PLANE`).
    members
        cluster_id, row (number in the input, from 0), firm_id, easting, northing (EPSG:27700 metres), core.
    labels
        Columns of `clusters.description.findings.LABELS`.
    nearly
        Columns of `clusters.description.findings.NEARLY`.
    cells
        cluster_id, label, and what the method knows of a cell; without rows if it knows no cells.
    evidence
        Columns of `clusters.description.typology.EVIDENCE`.
    refused
        row, column, value, reason.
    report
        What was done, for report.json: placed_by (a place of `intake.columns`) and all else that JSON can
        hold, NumPy's numbers and paths.
    lineage
        Columns of `clusters.description.lineage.LINEAGE`, when there was a former edition.
    firms
        The firms that took part, if they are to be kept.

    Raises
    ------
    TableError
        When a table lacks columns or tables contradict one another; all faults together.
    """

    clusters: gpd.GeoDataFrame
    members: pd.DataFrame
    labels: pd.DataFrame
    nearly: pd.DataFrame
    cells: pd.DataFrame
    evidence: pd.DataFrame
    refused: pd.DataFrame
    report: Mapping[str, Any]
    lineage: pd.DataFrame | None = None
    firms: pd.DataFrame | pa.Table | None = None

    @property
    def planar(self) -> bool:
        """Whether coordinates are metres of a plane outside the United Kingdom."""
        return bool(self.report.get("placed_by") == intake_columns.PLANE)

    @property
    def crs(self) -> str:
        """The system of all coordinates."""
        return PLANE if self.planar else BNG

    def __post_init__(self) -> None:
        faults = [*_lacking(self), *_contradictions(self)]
        if faults:
            raise TableError("; ".join(faults))


def _lacking(results: Results) -> list[str]:
    """Say which columns are missing."""
    needed = {name: (*types,) for name, types in TYPES.items() if getattr(results, name) is not None}
    needed["clusters"] = (*needed["clusters"], *GEOMETRIES)
    faults = []
    for name, columns in needed.items():
        table = getattr(results, name)
        there = table.column_names if isinstance(table, pa.Table) else [*table.columns]
        missing = [column for column in columns if column not in there]
        if missing:
            faults.append(f"the table of {name} lacks {missing}: it has {there}")
    return faults


def _contradictions(results: Results) -> list[str]:
    """Say where tables are wrong though complete."""
    faults = []
    crs = getattr(results.clusters, "crs", None)
    if crs != results.crs:
        faults.append(f"the clusters are in {crs}: they must be in {results.crs}")
    if "cluster_id" in results.clusters.columns and "cluster_id" in results.members.columns:
        ids = pd.Index(results.clusters["cluster_id"])
        faults += [f"cluster_id {name!r} is given twice" for name in ids[ids.duplicated()][:1]]
        used = pd.Index(results.members["cluster_id"].unique())
        faults += [
            f"members name the cluster {name!r}, which is not there" for name in used.difference(ids)[:1]
        ]
    if results.report.get("format", FORMAT) != FORMAT:
        faults.append(
            f"the report's format is {results.report['format']!r}: the name is taken for {FORMAT!r}"
        )
    return faults
