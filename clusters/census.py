"""From a register of firms to its clusters: read, counted, tested, described and reported."""

from __future__ import annotations

import platform
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clusters.agents import SET_ASIDE, AgentRule, agents, treated
from clusters.density.comparators import DENSITY, dense_groups
from clusters.description.findings import cells_of, findings, label_table, nearly_table
from clusters.description.lineage import lineage
from clusters.description.naming import place_of, title
from clusters.description.typology import classify
from clusters.many_machines.engine import OneMachine
from clusters.many_machines.tally import Setting
from clusters.memory import peak_mb
from clusters.plane import on_a_plane, with_coordinates
from clusters.results.results import Results
from clusters.scan.counts import assemble, cell_centres
from clusters.scan.label_scan import scan_labels
from clusters.scan.parameters import ScanParameters
from data.errors import InputError
from data.refusals import Account, merged, no_refusals
from data.tables import table
from data.taxonomy import technologies
from data.taxonomy import titles as known_titles
from geo.gazetteer import nearest_place, nearest_town
from intake.populations import refuse_contradicted
from intake.reasons import hint
from intake.repeated_ids import refuse_repeated
from intake.weights import MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clusters.description.evidence import Evidence
    from clusters.many_machines.engine import Engine
    from clusters.many_machines.tally import Survey, Tally
    from clusters.scan.counts import CellCounts
    from clusters.scan.label_scan import LabelScan
    from intake.register import Register

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

    parameters: ScanParameters = field(default_factory=lambda: ScanParameters())
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
    stages: dict[str, dict[str, float | None]] = field(default_factory=dict)

    @contextmanager
    def stage(self, words: str) -> Iterator[Callable[[float], None]]:
        """Time a stage; gives what to call with the share of it that is done."""
        self.tell(words, 0.0)
        start = perf_counter()
        yield lambda share: self.tell(words, share)
        self.stages[words] = {"seconds": round(perf_counter() - start, 2), "peak_mb": peak_mb()}


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
        Projects and assets for the typology; without them, or on a plane, types rest on the firms alone.
    previous
        A former result, whose ids are kept where its clusters are.
    progress
        Told the stage and the share of it that is done.

    Raises
    ------
    InputError
        When the method cannot do with such rows, so many firms, or so many machines.
    """
    require(task, engine.register, many=not isinstance(engine, OneMachine))
    if previous is not None:
        _require_like(engine.register, previous)
        _require_ids(engine.register, previous)
    watch = Stopwatch(progress)
    seen, setting = _surveyed(engine, task, watch)
    kept = int(seen.cells["total"].sum()) - len(setting.left_out)
    account = Account(seen.rows, kept, len(seen.refused))
    with watch.stage("Counting firms") as told:
        tallied = engine.count(setting, told)
        firms = tallied.firms_by_label
        offices = agents(tallied.points, task.agents)
        counts = counted(tallied, task.agents, tuple(firms.index))
        del tallied
    if task.agents.treatment == SET_ASIDE:
        setting = replace(setting, agents=offices[["easting", "northing"]])
    scans, members = _found(engine, counts, setting, task, watch)
    with watch.stage("Describing clusters"):
        results = _described(scans, members, firms, task, register=engine.register, evidence=evidence)
    results = replace(results, refused=seen.refused)
    if previous is not None:
        with watch.stage("Matching with the former edition"):
            results = succeeding(results, previous)
    results = replace(results, firms=engine.firms(setting))
    report = _report(task, seen, counts, offices, results=results, watch=watch)
    about = {"source": engine.register.source, "rows": account.figures}
    return replace(results, report=about | dict(results.report) | report)


def require(task: Task, register: Register, *, many: bool) -> None:
    """Refuse a method that cannot do with such rows, or on many machines.

    Raises
    ------
    InputError
    """
    if many and task.method != SCAN:
        raise InputError(
            f"method {task.method!r} needs all firms on one machine: use --engine duckdb, or --method scan"
        )
    if register.aggregated and task.method != SCAN:
        raise InputError(
            f"method {task.method!r} takes each row for one firm: use --method scan, or leave out "
            "--count-column and --population-column"
        )
    if many and "population" in dict(register.columns):
        raise InputError(
            "the population of a point counts once, for which all rows are needed on one machine: use "
            "--engine duckdb, or leave out --population-column"
        )


def _require_like(register: Register, previous: Results) -> None:
    """Refuse to match clusters of a plane with those of the United Kingdom."""
    if register.planar != previous.planar:
        raise InputError(
            "the former edition is "
            + ("a planar one" if previous.planar else "of the United Kingdom")
            + ", and this one is not: give --planar for both or neither, or leave out --previous"
        )


def _require_ids(register: Register, previous: Results) -> None:
    """Refuse to match editions of which one has no ids of firms."""
    if "firm_id" not in dict(register.columns):
        raise InputError(
            f"{register.source!r} has no column of firm ids, by which clusters are matched with those of the "
            "former edition: name it with --firm-id-column, or leave out --previous"
        )
    if len(previous.members) and (previous.members["firm_id"] == "").all():
        raise InputError(
            "the former edition has no ids of firms, by which clusters are matched: detect it again from a "
            "register with such a column (--firm-id-column), or leave out --previous"
        )


def _surveyed(engine: Engine, task: Task, watch: Stopwatch) -> tuple[Survey, Setting]:
    """Read the register, and refuse what was given before."""
    with watch.stage("Reading the register") as told:
        seen = engine.survey(task.parameters.cell_m, told)
    with watch.stage("Looking for repeated ids"):
        doubled = refuse_repeated(engine.repeated(), engine.register.column("firm_id"))
    refused = [seen.refused, doubled]
    if isinstance(engine, OneMachine) and engine.whole.population is not None:
        aside = np.sort(doubled["row"].to_numpy(np.int64))
        refused.append(refuse_contradicted(engine.whole, aside, engine.register.column("population")))
    # Where rows stand for many companies, points are few, and any may be crowded.
    least = 0 if engine.register.aggregated else task.agents.firms
    heavy = seen.cells.loc[seen.cells["total"] >= least, "cell"].to_numpy(np.int64)
    left_out = np.concatenate([lines["row"].to_numpy(np.int64) for lines in refused[1:]])
    seen = replace(seen, refused=merged(refused))
    return seen, Setting(task.parameters.cell_m, np.sort(left_out), np.sort(heavy))


def counted(tallied: Tally, rule: AgentRule, labels: tuple[str, ...]) -> CellCounts:
    """Make the scan's counts, agents' points treated by the rule.

    Raises
    ------
    InputError
        When there are more companies than can be counted.
    """
    points, point_labels = treated(tallied.points, tallied.point_labels, rule)
    where = points[["easting", "northing", "cell"]]
    point_labels = point_labels.merge(where, on=["easting", "northing"])
    total = pd.concat([tallied.cells, points[["cell", "total"]]]).groupby("cell")["total"].sum().reset_index()
    companies = int(total["total"].sum())
    if companies > MOST:
        raise InputError(f"the rows stand for {companies:,} companies: expected at most {MOST:,} in all")
    columns = ["cell", "label", "total"]
    kind = pd.CategoricalDtype(list(labels))
    both = pd.concat([part[columns].astype({"label": kind}) for part in (tallied.labels, point_labels)])
    by_label = both.groupby(["cell", "label"], observed=True, sort=False)["total"].sum().reset_index()
    # A label may be known and count nobody.
    return assemble(total, by_label[by_label["total"] > 0], labels)


def _found(
    engine: Engine, counts: CellCounts, setting: Setting, task: Task, watch: Stopwatch
) -> tuple[list[LabelScan], pd.DataFrame]:
    """Return what was found of each label, and the members."""
    if isinstance(engine, OneMachine) and task.method != SCAN:
        with watch.stage("Looking for dense groups"):
            return dense_groups(task.method, engine.whole, counts, setting)
    with watch.stage("Testing labels"):
        scans = scan_labels(counts, task.parameters, watch.tell)
    with watch.stage("Collecting members") as told:
        ground = cells_of(scans, task.parameters)[["label", "cell", "group", "core"]]
        return scans, engine.members(setting, ground, told)


def _described(
    scans: list[LabelScan],
    members: pd.DataFrame,
    firms: pd.Series[int],
    task: Task,
    *,
    register: Register,
    evidence: Evidence | None,
) -> Results:
    """Describe the clusters, and put all that was found together."""
    ids = {family.id for family in technologies()}
    kinds = {label: "technology" if label in ids else "sector" for label in firms.index}
    titles = {label: known_titles().get(label, title(label)) for label in firms.index}
    if register.planar:
        # What is counted on a plane need not be firms: its labels are left as they are.
        titles = {label: label for label in firms.index}
        found = findings(scans, with_coordinates(members), titles, kinds, task.parameters)
        found, evidence = replace(found, clusters=on_a_plane(found.clusters)), None
    else:
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
        labels=label_table(scans, firms, clusters, titles, kinds, place_of),
        nearly=nearly_table(scans, place_of),
        cells=found.cells,
        evidence=types.evidence,
        refused=no_refusals(),
        report={"placed_by": register.place, "aggregated": register.aggregated},
    )


def _with_places(members: pd.DataFrame, cell_m: float) -> pd.DataFrame:
    """Add the town that each member's cell belongs to, the place nearest to it, and its authority's name."""
    cells = pd.Index(members["cell"].unique())
    centres = cell_centres(cells.to_numpy(np.int64), cell_m)
    easting, northing = (pd.Series(axis, index=cells) for axis in centres)
    town = nearest_town(easting, northing).fillna("")
    place = nearest_place(easting, northing).fillna("")
    names = table("local_authorities").set_index("gss_code")["name"]
    return members.assign(
        # Not an address, but what tells two clusters of one town apart.
        site=members["cell"].map(place.where(place != town, "")).astype(object),
        town=members["cell"].map(town).astype(object),
        la_name=members["la_code"].map(names).fillna("").astype(object),
    )


def succeeding(results: Results, previous: Results) -> Results:
    """Give clusters the ids of those of a former edition that they go on from, and say what became of each.

    Members without an id of their own cannot be recognised, and are left out of the comparison.
    """
    before, after = (one.members[one.members["firm_id"] != ""] for one in (previous, results))
    passed = lineage(previous.clusters, before, results.clusters, after)

    def renamed(rows: pd.DataFrame) -> pd.DataFrame:
        ids = [name for name in ("cluster_id", "family") if name in rows.columns]
        return rows.assign(**{name: rows[name].map(passed.ids) for name in ids})

    return replace(
        results,
        clusters=renamed(results.clusters),
        members=renamed(results.members),
        cells=renamed(results.cells),
        evidence=renamed(results.evidence),
        lineage=passed.table,
    )


def _report(
    task: Task,
    seen: Survey,
    counts: CellCounts,
    offices: pd.DataFrame,
    *,
    results: Results,
    watch: Stopwatch,
) -> dict[str, Any]:
    """Return what was done, in figures."""
    lines = results.lineage["event"].value_counts().to_dict() if results.lineage is not None else None
    labels = results.labels
    return {
        "edition": task.edition,
        "method": task.method,
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
