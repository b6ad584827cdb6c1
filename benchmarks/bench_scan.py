"""The scan on registers of `benchmarks.registers`: how fast, what it finds, how often it errs.

    python benchmarks/bench_scan.py speed --firms 5000000
    python benchmarks/bench_scan.py power --firms 1000000 --seeds 3
    python benchmarks/bench_scan.py error --firms 1000000 --shuffles 20

speed
    From Parquet on disk to clusters with names, types and footprints, on one machine; writing the result is
    not in it. Every line is a process of its own, timed after import and after a warm-up on a few thousand
    firms, which loads compiled code and the tables of places; both are printed beside it. Memory is the most
    that the process held while it was timed, imports included. "thresholds known" is the same way with the
    maxima of the relabellings handed over from a run before: reading, counting, testing, members, names,
    types and footprints, and neither relabellings nor resamples.
power
    Clusters are planted and known. A plant is found when at least half of its firms are members of clusters
    of its sector. A cluster counts as planted when at least a quarter of its members were planted for its
    sector. The oracle knows each plant's place, radius and sector, and tells it from chance when the binomial
    tail of the sector's firms there is below 10^-6, against the larger of the national share and that of the
    20 km ring. All leave agents' points out. Beside the scan: its earlier design (one disc of 1.6 km over
    cells of 500 m), and DBSCAN (1 km, 10 firms), which asks only where a sector's firms are dense.
error
    Labels are dealt out anew over the places, so that every cluster is false. Thresholds are learned anew,
    with another seed, for every shuffle. The interval is that of Clopper and Pearson for sectors of all
    shuffles together.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.spatial import cKDTree
from scipy.stats import binom

from benchmarks.registers import labels, make, shuffled, write
from clusters.agents import AgentRule
from clusters.census import Task, census
from clusters.density.dbscan import DbscanParameters, dbscan_by_label
from clusters.description.footprint import footprints
from clusters.many_machines.engine import OneMachine
from clusters.scan import label_scan
from clusters.scan.counts import CellCounts, cell_keys, numbers_of
from clusters.scan.interval import lq_interval
from clusters.scan.label_scan import scan_labels
from clusters.scan.parameters import ScanParameters
from clusters.scan.threshold import null_maxima
from clusters.shipped import shipped_evidence
from data.errors import InputError
from data.store import whole_file
from intake.reading import open_register

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from benchmarks.register_shape import Register
    from clusters.results.results import Results
    from clusters.scan.label_scan import LabelScan

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Learn = Callable[[int, Any, ScanParameters], Floats]

ROOT: Final = Path(__file__).resolve().parents[1]
BESIDE: Final = """the rest of what is promised is measured by
  bench_dbscan.py    DBSCAN by sector beside scikit-learn's DBSCAN and HDBSCAN
  bench_locate.py    points to authorities beside geopandas.sjoin
  bench_page.py      the page, its filters and panning
"""
# What makes a plant found, a cluster planted, and a plant plain to the oracle: -log10 of its tail, which is
# given up to a largest one.
FOUND: Final = 0.5
PLANTED: Final = 0.25
PLAIN: Final = 6.0
MOST: Final = 300.0
SCAN: Final = ScanParameters(relabellings=20, resamples=0)
EARLIER: Final = replace(SCAN, cell_m=500.0, radii_m=(1_600.0,), local_m=1_600.0, link_m=500.0)
NAMES: Final = ("scan", "earlier", "DBSCAN")
DENSE: Final = DbscanParameters(1_000.0, 10)
AGENTS: Final = AgentRule()
LQ_CLASSES: Final = (0.0, 2.0, 3.0, 5.0, np.inf)
FIRM_CLASSES: Final = (0, 30, 60, 120, np.inf)
# The register of the warm-up: large enough that clusters are found, named and drawn.
WARM_FIRMS: Final = 20_000
WARM_SECTORS: Final = 8
WARM_PLANTS: Final = 8
PROMISED_AT: Final = 5_000_000
PROMISED_SECONDS: Final = {"known": 6.0, "relabelled": 60.0}
PROMISED_MB: Final = 1_200
PROMISED_ERROR: Final = 0.05
PROMISED_FOUND: Final = 0.9
PROMISED_PRECISION: Final = 0.95
STATUS: Final = Path("/proc/self/status")


# Counting and judging.


def made(asked: argparse.Namespace, seed: int) -> Register:
    """Make the register asked for."""
    return make(asked.firms, asked.sectors, asked.plants, seed)


@dataclass(frozen=True, eq=False)
class Counted:
    """A register as the scan sees it, agents set aside.

    Attributes
    ----------
    counts
        What is tested.
    firm, sector, cell
        Every label carried by a firm that takes part: row of the firm, code of the sector, number of the
        cell.
    """

    counts: CellCounts
    firm: Ints
    sector: Ints
    cell: Ints


def taking_part(register: Register, rule: AgentRule = AGENTS) -> Flags:
    """Return which places are not agents', shape (places,)."""
    return np.bincount(register.place, minlength=len(register.eastings)) < rule.firms


def counted(register: Register, cell_m: float, rule: AgentRule = AGENTS) -> Counted:
    """Count a register's firms by cell, and by cell and sector; agents' points are set aside."""
    fine = taking_part(register, rule)
    key = cell_keys(*(np.floor(metres / cell_m) for metres in (register.eastings, register.northings)))
    place = register.place[fine[register.place]]
    here = np.unique(place)
    keys = np.unique(key[here])
    number = np.searchsorted(keys, key)
    firm, code = labels(register)
    kept = fine[register.place[firm]]
    rows, codes = firm[kept].astype(np.int64), code[kept].astype(np.int64)
    cell = number[register.place[rows]].astype(np.int64)
    sectors = len(register.sectors)
    pairs, many = np.unique(cell * sectors + codes, return_counts=True)
    matrix = sparse.csc_array((many, (pairs // sectors, pairs % sectors)), shape=(len(keys), sectors))
    matrix.sort_indices()
    total = np.bincount(number[place], minlength=len(keys))
    return Counted(CellCounts(keys, total, register.sectors, matrix), rows, codes, cell)


@dataclass(frozen=True, eq=False)
class Members:
    """Firms in clusters, one entry a firm and sector; clusters are numbered from 0 over all sectors."""

    firm: Ints
    sector: Ints
    cluster: Ints


def scanned(whole: Counted, scans: Sequence[LabelScan]) -> Members:
    """Return the members of the clusters that a scan found; scans in the order of sectors."""
    cluster = np.full(len(whole.firm), -1)
    before = 0
    for code, scan in enumerate(scans):
        if len(scan.cells) == 0:
            continue
        group = np.full(len(whole.counts.keys), -1)
        group[numbers_of(whole.counts.keys, scan.cells["cell"].to_numpy())] = scan.cells["group"]
        own = np.flatnonzero(whole.sector == code)
        own = own[group[whole.cell[own]] >= 0]
        cluster[own] = before + group[whole.cell[own]]
        before += len(scan.groups)
    return _members(whole.firm, whole.sector, cluster)


def dense(register: Register, parameters: DbscanParameters = DENSE) -> Members:
    """Return the members of the dense groups of every sector; agents' points are set aside."""
    firm, code = labels(register)
    kept = taking_part(register)[register.place[firm]]
    east, north = register.easting.astype(float), register.northing.astype(float)
    found = dbscan_by_label(east, north, firm[kept], code[kept].astype(np.int64), parameters)
    firms, sectors, group = (found[name].to_numpy(np.int64) for name in ("firm", "label", "cluster"))
    pair = np.where(group >= 0, sectors * (int(group.max(initial=0)) + 1) + group, -1)
    return _members(firms, sectors, pair)


def _members(firm: Ints, sector: Ints, cluster: Ints) -> Members:
    """Keep the entries in clusters, and number these without gaps."""
    kept = cluster >= 0
    _, number = np.unique(cluster[kept], return_inverse=True)
    return Members(firm[kept], sector[kept], number)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What of the plants a method found, and what of its clusters was planted.

    Attributes
    ----------
    clusters, right
        Clusters, and those of them that count as planted.
    members, hits, planted
        Members, those of them that were planted for their cluster's sector, and all firms planted.
    found, whole
        Whether each plant was found, and found in a single cluster; shape (plants,).
    """

    clusters: int
    right: int
    members: int
    hits: int
    planted: int
    found: Flags
    whole: Flags


def judged(register: Register, members: Members) -> Verdict:
    """Lay clusters beside the plants of a register."""
    hit = (register.plant[members.firm] >= 0) & (register.sector[members.firm] == members.sector)
    size = np.bincount(members.cluster)
    right = np.bincount(members.cluster, hit, len(size)) >= PLANTED * size
    plants = len(register.plants)
    firms = np.bincount(register.plant[register.planted], minlength=plants)
    plant, cluster = register.plant[members.firm[hit]].astype(np.int64), members.cluster[hit]
    together, most = np.unique(plant * (len(size) + 1) + cluster, return_counts=True)
    largest = np.zeros(plants)
    np.maximum.at(largest, together // (len(size) + 1), most)
    got = np.bincount(plant, minlength=plants)
    enough = FOUND * firms
    return Verdict(
        len(size), int(right.sum()), len(members.firm), int(hit.sum()), int(firms.sum()),
        got >= enough, largest >= enough,
    )  # fmt: skip


def oracle(register: Register, parameters: ScanParameters = SCAN) -> Floats:
    """Return -log10 of the tail that each plant has for one who knows where to look, shape (plants,).

    The tail is that of the sector's firms among all within the plant's own radius, against the larger of the
    national share and the share in the ring around it; agents' points are left out.
    """
    fine = np.flatnonzero(taking_part(register))
    tree = cKDTree(np.column_stack([register.eastings[fine], register.northings[fine]]))
    everyone = np.bincount(register.place, minlength=len(register.eastings))[fine]
    firm, code = labels(register)
    tails = np.zeros(len(register.plants))
    for sector, plants in register.plants.reset_index(drop=True).groupby("sector"):
        own = firm[code == register.sectors.index(sector)]
        carriers = np.bincount(register.place[own], minlength=len(register.eastings))[fine]
        centres = plants[["easting", "northing"]].to_numpy(float)
        near = tree.query_ball_point(centres, plants["radius_m"])
        wide = tree.query_ball_point(centres, parameters.ring_m)
        for row, inside, around in zip(plants.index, near, wide, strict=True):
            k, n = carriers[inside].sum(), everyone[inside].sum()
            ring = carriers[around].sum() - k, everyone[around].sum() - n
            share = carriers.sum() / everyone.sum()
            tails[row] = tail(k, n, baseline(*ring, share, parameters.ring_prior))
    return tails


def baseline(ring_k: int, ring_n: int, share: float, prior: float) -> float:
    """Return the larger of the national share and the ring's, the latter with some firms at the former."""
    weight = ring_n + prior
    return max(share, (ring_k + prior * share) / weight) if weight else share


def tail(k: int, n: int, share: float) -> float:
    """Return -log10 of the chance of k or more of n at a share, at most `MOST`."""
    return min(MOST, float(-binom.logsf(k - 1, n, share) / np.log(10))) if k else 0.0


def interval(hits: int, tries: int) -> tuple[float, float]:
    """Return the exact 95% interval of a share (Clopper and Pearson, 1934)."""
    _, low, high = lq_interval(hits, tries, 1.0)
    return float(low), float(high)


# Power.


def methods(relabellings: int, seed: int) -> dict[str, Callable[[Register], Members]]:
    """Return what is compared, by name."""

    def by_scan(parameters: ScanParameters) -> Callable[[Register], Members]:
        asked = replace(parameters, relabellings=relabellings, seed=seed)

        def run(register: Register) -> Members:
            whole = counted(register, asked.cell_m)
            return scanned(whole, scan_labels(whole.counts, asked))

        return run

    return dict(zip(NAMES, (by_scan(SCAN), by_scan(EARLIER), dense), strict=True))


def power(asked: argparse.Namespace) -> dict[str, Any]:
    """Find planted clusters in one register a seed; returns lines by seed and method, and all plants."""
    lines, plants = [], []
    for seed in range(asked.seed, asked.seed + asked.seeds):
        register = made(asked, seed)
        tails = oracle(register)
        table = register.plants.assign(seed=seed, tail=tails)
        for name, run in methods(asked.relabellings, seed).items():
            start = time.perf_counter()
            verdict = judged(register, run(register))
            seconds = time.perf_counter() - start
            table = table.assign(**{name: verdict.found})
            lines.append(line_of(name, seed, verdict, tails) | {"seconds": round(seconds, 2)})
            print(power_line(lines[-1]), flush=True)
        plants.append(table)
    return {"lines": lines, "plants": pd.concat(plants, ignore_index=True)}


def line_of(name: str, seed: int, verdict: Verdict, tails: Floats) -> dict[str, Any]:
    """Return the figures of a verdict."""
    plain = tails > PLAIN
    whole = {key: value for key, value in asdict(verdict).items() if not isinstance(value, np.ndarray)}
    return {
        "method": name, "seed": seed, "plants": len(tails), "plain": int(plain.sum()),
        "found": int(verdict.found.sum()), "found_plain": int((verdict.found & plain).sum()),
        "whole": int(verdict.whole.sum()), **whole,
    }  # fmt: skip


def pooled(lines: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """Add up the lines of a method over all seeds."""
    own = [line for line in lines if line["method"] == name]
    sums = {key: sum(line[key] for line in own) for key in own[0] if key not in {"method", "seed"}}
    return {"method": name, "seed": "all", **sums}


def shares_of(line: dict[str, Any]) -> dict[str, float]:
    """Return the shares that a line's numbers make; not a number where there is nothing to share."""
    pairs = {
        "found": ("found", "plants"), "found_plain": ("found_plain", "plain"), "whole": ("whole", "found"),
        "precision": ("right", "clusters"), "recall": ("hits", "planted"),
        "member_precision": ("hits", "members"),
    }  # fmt: skip
    return {name: line[part] / line[all_] if line[all_] else np.nan for name, (part, all_) in pairs.items()}


POWER_HEAD: Final = (
    f"{'method':<8}{'seed':>5}{'planted':>9}{'found':>7}{'share':>8}{'plain':>7}{'found':>7}{'share':>8}"
    f"{'in one':>8}{'clusters':>10}{'planted':>9}{'recall':>8}{'precision':>11}{'s':>7}"
)


def power_line(line: dict[str, Any]) -> str:
    share = shares_of(line)
    return (
        f"{line['method']:<8}{line['seed']:>5}{line['plants']:>9}{line['found']:>7}{share['found']:>8.1%}"
        f"{line['plain']:>7}{line['found_plain']:>7}{share['found_plain']:>8.1%}{share['whole']:>8.1%}"
        f"{line['clusters']:>10,}{share['precision']:>9.1%}{share['recall']:>8.1%}"
        f"{share['member_precision']:>11.1%}{line['seconds']:>7.1f}"
    )


def by_class(plants: pd.DataFrame, column: str, bounds: Sequence[float]) -> pd.DataFrame:
    """Return plants, those plain to the oracle and those found by each method, by classes of a column.

    A class holds its lower bound and not its upper one.
    """
    within = pd.cut(plants[column], list(bounds), right=False, labels=class_names(bounds))
    told = plants.assign(planted=1, plain=plants["tail"] > PLAIN)
    columns = ["planted", "plain", *NAMES]
    return told.groupby(within, observed=False)[columns].sum().astype(int)


def class_names(bounds: Sequence[float]) -> list[str]:
    """Name classes by the bounds between them."""
    inner = [f"{bound:g}" for bound in bounds[1:-1]]
    between = [f"{low}-{high}" for low, high in itertools.pairwise(inner)]
    return [f"below {inner[0]}", *between, f"{inner[-1]} or more"]


def class_lines(table: pd.DataFrame, title: str) -> list[str]:
    """Write a table of classes: plants, those plain to the oracle, and the share that each method found."""
    names = table.columns[2:]
    lines = [f"{title:<22}{'planted':>8}{'oracle':>8}" + "".join(f"{name:>9}" for name in names)]
    for row in table.itertuples():
        label, planted, plain, *found = row
        shares = "".join(f"{hits / planted:>9.1%}" if planted else f"{'-':>9}" for hits in found)
        lines.append(f"{label!s:<22}{planted:>8}{plain / planted if planted else np.nan:>8.1%}{shares}")
    return lines


def show_power(asked: argparse.Namespace) -> dict[str, Any]:
    print(
        f"{asked.firms:,} firms, {asked.sectors} sectors, {asked.relabellings} relabellings. plain: plants "
        "that the oracle tells from chance;\nfound and share: of all, then of the plain; in one: share of "
        "those found that a single cluster found;\nclusters, and the share planted; recall and precision of "
        "members"
    )
    print(POWER_HEAD)
    result = power(asked)
    plants, totals = result["plants"], [pooled(result["lines"], name) for name in NAMES]
    for line in totals:
        print(power_line(line))
    classes = {
        "lq": by_class(plants, "lq", LQ_CLASSES),
        "firms": by_class(plants, "firms", FIRM_CLASSES),
    }
    for title, table in zip(("location quotient", "firms planted"), classes.values(), strict=True):
        print(*class_lines(table, title), sep="\n")
    scan = totals[0]
    for words, hits, tries, promise in (
        ("found", scan["found"], scan["plants"], PROMISED_FOUND),
        ("of the plain ones", scan["found_plain"], scan["plain"], PROMISED_FOUND),
        ("clusters planted", scan["right"], scan["clusters"], PROMISED_PRECISION),
    ):
        low, high = interval(hits, tries)
        share, kept = hits / max(tries, 1), against(low, high, promise, least=True)
        print(f"{words}: {share:.1%} ({low:.1%} to {high:.1%}), at least {promise:.0%} promised: {kept}")
    return {
        "lines": result["lines"], "pooled": totals, "plants": plants.to_dict("list"),
        "classes": {name: table.to_dict("index") for name, table in classes.items()},
    }  # fmt: skip


# Error.


def false_clusters(register: Register, number: int, parameters: ScanParameters = SCAN) -> dict[str, Any]:
    """Scan one shuffle of a register; its number is the seed of the shuffle and of the thresholds."""
    start = time.perf_counter()
    whole = counted(shuffled(register, number), parameters.cell_m)
    scans = scan_labels(whole.counts, replace(parameters, seed=number))
    tested = [scan for scan in scans if not scan.reason]
    groups = pd.concat([scan.groups for scan in tested]) if tested else pd.DataFrame({"observed": []})
    return {
        "shuffle": number,
        "tested": len(tested),
        "with_clusters": sum(len(scan.groups) > 0 for scan in tested),
        "clusters": len(groups),
        "members": int(groups["observed"].sum()),
        "seconds": round(time.perf_counter() - start, 2),
    }


def show_error(asked: argparse.Namespace) -> dict[str, Any]:
    register = made(asked, asked.seed)
    parameters = replace(SCAN, relabellings=asked.relabellings)
    expected = max(int(SCAN.level * (asked.relabellings + 1) + 1e-9), 1) / (asked.relabellings + 1)
    print(
        f"{asked.firms:,} firms, {asked.sectors} sectors, {asked.relabellings} relabellings: by its making "
        f"the test errs in at most {expected:.2%} of sectors"
    )
    print(f"{'shuffle':>7}{'tested':>8}{'with clusters':>15}{'clusters':>10}{'members':>9}{'s':>7}")
    lines = []
    for number in range(asked.seed, asked.seed + asked.shuffles):
        line = false_clusters(register, number, parameters)
        lines.append(line)
        print(
            f"{number:>7}{line['tested']:>8}{line['with_clusters']:>15}{line['clusters']:>10}"
            f"{line['members']:>9,}{line['seconds']:>7.1f}",
            flush=True,
        )
    hits, tries = (sum(line[name] for line in lines) for name in ("with_clusters", "tested"))
    if tries == 0:
        raise InputError(f"firms is {asked.firms}: no sector of so small a register can be tested")
    low, high = interval(hits, tries)
    print(
        f"sectors with any cluster: {hits} of {tries:,}, {hits / tries:.2%} ({low:.2%} to {high:.2%}); "
        f"at most {PROMISED_ERROR:.0%} promised: {against(low, high, PROMISED_ERROR)}"
    )
    return {
        "lines": lines, "with_clusters": hits, "tested": tries, "share": hits / tries, "low": low,
        "high": high, "by_its_making": expected,
    }  # fmt: skip


def against(low: float, high: float, promise: float, *, least: bool = False) -> str:
    """Say how an interval stands to the most, or the least, that is promised."""
    if low <= promise <= high:
        return "within the interval, neither shown to be kept nor to be broken"
    return "kept" if (low > promise) == least else "not kept"


# Speed.


@dataclass
class Clock:
    """When a census last spoke of each stage, in seconds from the making of the clock."""

    start: float = field(default_factory=time.perf_counter)
    began: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)

    def __call__(self, words: str, _share: float) -> None:
        """Note the time."""
        now = time.perf_counter() - self.start
        self.began.setdefault(words, now)
        self.ended[words] = now


LEARNING, RESAMPLING, TESTING = (
    "Learning thresholds from shuffled maps",
    "Resampling the firms",
    "Testing labels",
)


def memory_mb(entry: str) -> float:
    """Return an entry of this process's status; VmHWM is the peak, VmRSS what is held."""
    found = re.search(rf"{entry}:\s+(\d+)", STATUS.read_text(encoding="utf-8"))
    return int(found.group(1)) * 1024 / 1e6 if found else float("nan")


def warmed_up(folder: Path, asked: ScanParameters) -> float:
    """Run the whole way on a small register; returns seconds."""
    start = time.perf_counter()
    small = replace(asked, relabellings=20, resamples=1 if asked.resamples else 0)
    results = census(OneMachine(open_register(folder / "small" / "firms")), Task(small), shipped_evidence())
    drawn(results, small)
    return time.perf_counter() - start


def drawn(results: Results, parameters: ScanParameters) -> float:
    """Draw the footprints of all clusters again; returns seconds."""
    start = time.perf_counter()
    footprints(results.members, pd.Index(results.clusters["cluster_id"]), parameters)
    return time.perf_counter() - start


def timed(folder: Path, parameters: ScanParameters) -> dict[str, Any]:
    """Run the census of the register in a folder, and measure it."""
    warm_up = warmed_up(folder, parameters)
    evidence = shipped_evidence()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is measured from here
    at_rest = memory_mb("VmRSS")
    clock = Clock()
    results = census(
        OneMachine(open_register(folder / "register" / "firms")), Task(parameters), evidence, progress=clock
    )
    seconds = time.perf_counter() - clock.start
    peak = memory_mb("VmHWM")
    stages = {words: stage["seconds"] for words, stage in results.report["stages"].items()}
    # The report's are thousands of the kernel's kB, which have 1,024 bytes.
    memory = {words: stage["peak_mb"] * 1.024 for words, stage in results.report["stages"].items()}
    within = {
        "relabellings": clock.ended.get(LEARNING, 0.0) - clock.began.get(TESTING, 0.0),
        "resamples": clock.ended[RESAMPLING] - clock.began[RESAMPLING] if RESAMPLING in clock.began else 0.0,
    }
    return {
        "seconds": seconds, "peak_mb": peak, "at_rest_mb": at_rest, "warm_up": warm_up, "stages": stages,
        "stages_peak_mb": memory, "within": within, "clusters": len(results.clusters),
        "members": len(results.members), "footprints": drawn(results, parameters),
    }  # fmt: skip


def work(asked: argparse.Namespace) -> dict[str, Any]:
    """Do one part of the measurement in this process: make the registers, or time one way."""
    folder = asked.folder
    if asked.worker == "make":
        small = make(WARM_FIRMS, WARM_SECTORS, WARM_PLANTS, asked.seed)
        write(small, folder / "small")
        write(made(asked, asked.seed), folder / "register", asked.files)
        return {}
    parameters = replace(SCAN, relabellings=asked.relabellings, resamples=asked.resamples, seed=asked.seed)
    kept = folder / "maxima.npz"
    if asked.worker == "known":
        with np.load(kept) as stored:
            maxima = {name: stored[name] for name in stored.files}
        with patch.object(label_scan, "null_maxima", handed_over(maxima)):
            return timed(folder, parameters)
    maxima = {}
    with patch.object(label_scan, "null_maxima", kept_in(maxima, null_maxima)):
        result = timed(folder, parameters)
    np.savez(kept, **maxima)
    return result


def handed_over(maxima: dict[str, Floats]) -> Learn:
    """Return what gives the maxima known for a field and a size."""

    def known(size: int, ground: Any, _parameters: ScanParameters) -> Floats:
        return maxima[f"{ground.size}-{size}"]

    return known


def kept_in(maxima: dict[str, Floats], learn: Learn) -> Learn:
    """Return what learns maxima and keeps them."""

    def keeping(size: int, ground: Any, parameters: ScanParameters) -> Floats:
        found = maxima[f"{ground.size}-{size}"] = learn(size, ground, parameters)
        return found

    return keeping


def in_a_process(asked: argparse.Namespace, worker: str, folder: Path, resamples: int = 0) -> dict[str, Any]:
    """Do one part of the measurement in a fresh process."""
    given = {
        name: getattr(asked, name) for name in ("firms", "sectors", "plants", "seed", "files", "relabellings")
    }
    given |= {"worker": worker, "folder": folder, "resamples": resamples}
    words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, str(Path(__file__).resolve()), "speed", *words]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def show_speed(asked: argparse.Namespace) -> dict[str, Any]:
    if asked.worker:
        print(json.dumps(work(asked)))
        return {}
    ways = {
        "relabelled": (f"{asked.relabellings} relabellings, no resamples", 0),
        "resampled": (f"{asked.relabellings} relabellings, {asked.resamples} resamples", asked.resamples),
        "known": ("thresholds known, no resamples", 0),
    }
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        in_a_process(asked, "make", folder)
        results = {
            way: [in_a_process(asked, way, folder, resamples) for _ in range(asked.repeats)]
            for way, (_, resamples) in ways.items()
        }
    print(
        f"{asked.firms:,} firms in {asked.files} Parquet file(s), {asked.sectors} sectors, "
        f"{os.cpu_count()} processors; after import and warm-up, median of {asked.repeats}"
    )
    for way, runs in results.items():
        print(*speed_lines(ways[way][0], runs, PROMISED_SECONDS.get(way), asked.firms), sep="\n")
    found = {way: (runs[0]["clusters"], runs[0]["members"]) for way, runs in results.items()}
    if len(set(found.values())) > 1:
        raise SystemExit(f"the same register gave different clusters and members: {found}")
    return {"runs": results}


def speed_lines(title: str, runs: list[dict[str, Any]], promise: float | None, firms: int) -> list[str]:
    """Write what one way took, stage by stage."""
    taken = [run["seconds"] for run in runs]
    median = sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]
    spread = f" ({min(taken):.2f} to {max(taken):.2f})" if len(runs) > 1 else ""
    lines = [
        (
            f"{title}: {median['seconds']:.2f} s{spread}, {median['peak_mb']:,.0f} MB at most "
            f"({median['at_rest_mb']:,.0f} MB before); warm-up {median['warm_up']:.1f} s"
        ),
        *(
            f"    {words:<26}{seconds:>8.2f} s{median['stages_peak_mb'][words]:>8,.0f} MB"
            for words, seconds in median["stages"].items()
        ),
        *(f"    {words + ' therein':<26}{seconds:>8.2f} s" for words, seconds in median["within"].items()),
        (
            f"    {median['clusters']:,} clusters of {median['members']:,} members; their footprints alone: "
            f"{median['footprints']:.2f} s"
        ),
    ]
    if promise and firms >= PROMISED_AT:
        kept = "kept" if median["seconds"] <= promise else "not kept"
        fits = "kept" if median["peak_mb"] <= PROMISED_MB else "not kept"
        lines.append(f"    promised: {promise:g} s, {kept}; {PROMISED_MB:,} MB, {fits}")
    return lines


# The command.


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=BESIDE, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    chosen = {}
    for name, words, show in (
        ("speed", "seconds and memory from Parquet to clusters", show_speed),
        ("power", "planted clusters found, beside the earlier design and DBSCAN", show_power),
        ("error", "false clusters on shuffled labels", show_error),
    ):
        kind = chosen[name] = kinds.add_parser(name, help=words)
        kind.set_defaults(show=show)
        kind.add_argument("--firms", type=int, default=1_000_000)
        kind.add_argument("--sectors", type=int, default=40)
        kind.add_argument("--plants", type=int, default=240, help="clusters planted")
        kind.add_argument("--seed", type=int, default=0, help="of the first register")
        kind.add_argument("--relabellings", type=int, default=20)
        kind.add_argument("--json", type=Path, metavar="FILE", help="where to write the numbers as well")
    chosen["power"].add_argument("--seeds", type=int, default=3, help="registers")
    chosen["error"].add_argument("--shuffles", type=int, default=20)
    speed = chosen["speed"]
    speed.add_argument("--files", type=int, default=1, help="among which the register is divided")
    speed.add_argument("--resamples", type=int, default=100, help="of the way with resamples")
    speed.add_argument("--repeats", type=int, default=1)
    speed.add_argument("--folder", type=Path, help="where the register is put meanwhile")
    speed.add_argument(
        "--worker", choices=("make", "relabelled", "resampled", "known"), help=argparse.SUPPRESS
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = options(arguments)
    start = time.perf_counter()
    result = asked.show(asked)
    if asked.json:
        given = {
            name: str(value) if isinstance(value, Path) else value
            for name, value in vars(asked).items()
            if name != "show"
        }
        whole = {"asked": given, **result, "seconds": round(time.perf_counter() - start, 1)}
        with whole_file(asked.json) as part:
            part.write_text(json.dumps(whole, default=plain, indent=1), encoding="utf-8")


def plain(value: Any) -> Any:
    """Return a number of NumPy's as Python's."""
    return value.item()


if __name__ == "__main__":
    try:
        main()
    except InputError as fault:
        sys.exit(str(fault))
