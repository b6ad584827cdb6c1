"""From a register of firms to its clusters: read, counted, tested, described and reported."""

from __future__ import annotations

import platform
import resource
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clusters.admission import hint, refuse_repeated
from clusters.agents import SET_ASIDE, AgentRule, agents, treated
from clusters.comparators import DENSITY, dense_groups
from clusters.counts import assemble, cell_centres
from clusters.engine import OneMachine
from clusters.findings import cells_of, findings, label_table
from clusters.label_scan import scan_labels
from clusters.lineage import lineage
from clusters.naming import title
from clusters.parameters import ScanParameters
from clusters.results import Results
from clusters.tally import Setting
from clusters.typology import classify
from data.errors import InputError
from data.tables import table
from data.taxonomy import technologies
from data.taxonomy import titles as known_titles
from geo.gazetteer import nearest_town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clusters.counts import CellCounts
    from clusters.engine import Engine
    from clusters.evidence import Evidence
    from clusters.label_scan import LabelScan
    from clusters.tally import Survey, Tally

    Progress = Callable[[str, float], None]

SCAN = "scan"
MOST_LISTED = 100
"""Agents' points named in the report."""

METHODS = (SCAN, *DENSITY)
PACKAGES = (
    "dask",
    "duckdb",
    "geopandas",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "shapely",
)


@dataclass(frozen=True)
class Task:
    """What is asked of a register.

    Attributes
    ----------
    method
        "scan", or one of the comparators: "dbscan", "hdbscan".
    edition
        What the result is called.
    """

    parameters: ScanParameters = field(default_factory=lambda: ScanParameters(relabellings=20))
    agents: AgentRule = field(default_factory=AgentRule)
    method: str = SCAN
    edition: str = ""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f"method is {self.method!r}: it must be one of {', '.join(METHODS)}")


@dataclass
class Stopwatch:
    """Seconds and memory of each stage, and word of it to whoever waits."""

    tell: Progress
    stages: dict[str, dict[str, float]] = field(default_factory=dict)

    @contextmanager
    def stage(self, words: str) -> Iterator[Callable[[float], None]]:
        """Time a stage; gives what to call with the share of it that is done."""
        self.tell(words, 0.0)
        start = perf_counter()
        yield lambda share: self.tell(words, share)
        self.stages[words] = {"seconds": round(perf_counter() - start, 2), "peak_mb": peak_mb()}


def peak_mb() -> float:
    """Return the most memory that this process has held so far, in MB."""
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def census(
    engine: Engine,
    task: Task,
    evidence: Evidence | None = None,
    previous: Results | None = None,
    progress: Progress = lambda _stage, _share: None,
) -> Results:
    """Find the clusters of a register.

    Parameters
    ----------
    engine
        Reads the register.
    evidence
        Projects and assets for the typology; without them the types rest on the firms alone.
    previous
        A former result, whose ids are kept where its clusters are.
    progress
        Told the stage and the share of it that is done.

    Raises
    ------
    InputError
        When the method cannot do with so many firms, or on so many machines.
    """
    watch = Stopwatch(progress)
    seen, setting = _surveyed(engine, task, watch)
    with watch.stage("Counting firms") as told:
        tallied = engine.count(setting, told)
        offices = agents(tallied.points, task.agents)
        counts = counted(tallied, task.agents, tuple(sorted(seen.names)))
    if task.agents.treatment == SET_ASIDE:
        setting = replace(setting, agents=offices[["easting", "northing"]])
    scans, members = _found(engine, counts, setting, task, watch)
    with watch.stage("Describing clusters"):
        results = _described(scans, members, seen, task, evidence)
    if previous is not None:
        with watch.stage("Matching with the former edition"):
            results = succeeding(results, previous)
    results = replace(results, firms=engine.firms(setting))
    return replace(results, report=_report(task, seen, counts, offices, results, watch))


def _surveyed(engine: Engine, task: Task, watch: Stopwatch) -> tuple[Survey, Setting]:
    """Read the register, and refuse what was given before."""
    with watch.stage("Reading the register") as told:
        seen = engine.survey(task.parameters.cell_m, told)
    with watch.stage("Looking for repeated ids"):
        doubled = refuse_repeated(engine.repeated())
    heavy = seen.cells.loc[seen.cells["total"] >= task.agents.firms, "cell"].to_numpy(np.int64)
    repeated = doubled["row"].to_numpy(np.int64)
    refused = pd.concat([seen.refused, doubled], ignore_index=True).sort_values("row", ignore_index=True)
    return replace(seen, refused=refused), Setting(task.parameters.cell_m, np.sort(repeated), np.sort(heavy))


def counted(tallied: Tally, rule: AgentRule, labels: tuple[str, ...]) -> CellCounts:
    """Make the scan's counts, agents' points treated by the rule."""
    points, point_labels = treated(tallied.points, tallied.point_labels, rule)
    where = points[["easting", "northing", "cell"]]
    point_labels = point_labels.merge(where, on=["easting", "northing"])
    total = pd.concat([tallied.cells, points[["cell", "total"]]]).groupby("cell")["total"].sum().reset_index()
    columns = ["cell", "label", "total"]
    both = pd.concat([part[columns].astype({"label": object}) for part in (tallied.labels, point_labels)])
    by_label = both.groupby(["cell", "label"], observed=True)["total"].sum().reset_index()
    return assemble(total, by_label, labels)


def _found(
    engine: Engine, counts: CellCounts, setting: Setting, task: Task, watch: Stopwatch
) -> tuple[list[LabelScan], pd.DataFrame]:
    """Return what was found of each label, and the members."""
    if task.method != SCAN:
        if not isinstance(engine, OneMachine):
            raise InputError(f"method {task.method!r} needs all firms on one machine: use the duckdb engine")
        with watch.stage("Looking for dense groups"):
            return dense_groups(task.method, engine.whole, counts, setting)
    with watch.stage("Testing labels"):
        scans = scan_labels(counts, task.parameters, watch.tell)
    with watch.stage("Collecting members") as told:
        ground = cells_of(scans, task.parameters)[["label", "cell", "group", "core"]]
        return scans, engine.members(setting, ground, told)


def _described(
    scans: list[LabelScan], members: pd.DataFrame, seen: Survey, task: Task, evidence: Evidence | None
) -> Results:
    """Describe the clusters, and put all that was found together."""
    ids = {family.id for family in technologies()}
    kinds = {label: "technology" if label in ids else "sector" for label in seen.names}
    titles = {label: known_titles().get(label, title(label)) for label in seen.names}
    found = findings(scans, _with_places(members, task.parameters.cell_m), titles, kinds, task.parameters)
    # The typology asks for ids; firms without one are known by their row.
    known = found.members.assign(firm_id=found.members["row"].astype(str), company_group="")
    families = known[["firm_id", "label"]].assign(kind=known["label"].map(kinds))
    types = classify(found.clusters, known, known, families, evidence)
    clusters = found.clusters.join(types.criteria, on="cluster_id")
    if task.method != SCAN:
        clusters = clusters.assign(core_share=np.nan)
    return Results(
        clusters=clusters,
        members=found.members[["cluster_id", "row", "firm_id", "easting", "northing", "core"]],
        labels=label_table(scans, pd.Series(seen.names, dtype="int64"), clusters, titles, kinds),
        cells=found.cells,
        evidence=types.evidence,
        refused=seen.refused,
        report={},
    )


def _with_places(members: pd.DataFrame, cell_m: float) -> pd.DataFrame:
    """Add the town nearest to each member's cell and the name of its authority."""
    cells = pd.Index(members["cell"].unique())
    easting, northing = (
        pd.Series(axis, index=cells) for axis in cell_centres(cells.to_numpy(np.int64), cell_m)
    )
    towns = nearest_town(easting, northing).fillna("")
    names = table("local_authorities").set_index("gss_code")["name"]
    return members.assign(
        site="",
        town=members["cell"].map(towns).astype(object),
        la_name=members["la_code"].map(names).fillna("").astype(object),
    )


def succeeding(results: Results, previous: Results) -> Results:
    """Give clusters the ids of those of a former edition that they go on from, and say what became of each."""
    before, after = previous, results
    passed = lineage(before.clusters, before.members, after.clusters, after.members)

    def renamed(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(cluster_id=rows["cluster_id"].map(passed.ids))

    return replace(
        results,
        clusters=renamed(results.clusters),
        members=renamed(results.members),
        cells=renamed(results.cells),
        evidence=renamed(results.evidence),
        lineage=passed.table,
    )


def _report(
    task: Task, seen: Survey, counts: CellCounts, offices: pd.DataFrame, results: Results, watch: Stopwatch
) -> dict[str, Any]:
    """Return what was done, in figures."""
    lines = results.lineage["event"].value_counts().to_dict() if results.lineage is not None else None
    labels = results.labels
    return {
        "edition": task.edition,
        "method": task.method,
        "rows": {"in": seen.rows, "kept": seen.rows - len(seen.refused), "refused": len(seen.refused)},
        "hint": hint(seen.refused, seen.rows),
        "notes": dict(seen.notes),
        "agents": {
            **asdict(task.agents),
            "points": len(offices),
            "firms_there": int(offices["total"].sum()),
            "largest": offices.head(MOST_LISTED).to_dict("records"),
        },
        "firms_counted": int(counts.total.sum()),
        "cells_occupied": len(counts.keys),
        "labels": {
            "all": len(labels),
            "tested": int(labels["tested"].sum()),
            "with_clusters": int((labels["clusters"] > 0).sum()),
        },
        "thresholds_log10": dict(zip(labels["label"], labels["threshold"], strict=True)),
        "clusters": len(results.clusters),
        "members": len(results.members),
        "lineage": lines,
        "parameters": asdict(task.parameters),
        "seed": task.parameters.seed,
        "stages": watch.stages,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }
