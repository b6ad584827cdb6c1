"""DBSCAN by sector: our time and memory beside scikit-learn's DBSCAN and HDBSCAN, in the same run.

    python -m benchmarks.bench_dbscan --firms 1000000 --sectors 40

The firms are a register of `benchmarks.registers`. Every method runs in a process of its own, after a warm-up
on a few firms that is not counted: it loads libraries, and compiles our code or reads it from the cache.
Memory is the peak above what the process held with its input read. HDBSCAN starts with the smallest sector,
and stops when its budget of time is used; its whole time is then an extrapolation, and marked as one.

Scikit-learn lists the neighbours of every firm, so its time grows with their number, which is printed; ours
hardly does. The ratio is therefore one of the register as much as of the programs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from scipy.spatial import cKDTree
from sklearn.cluster import DBSCAN, HDBSCAN

from benchmarks.registers import make
from clusters.density.dbscan import DbscanParameters, dbscan_by_label
from clusters.density.hdbscan import estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[1]
STATUS = Path("/proc/self/status")
PROMISE = 80
PROMISED_AT = 1_000_000
WARM_FIRMS = 500
REPEATS = 5


@dataclass(frozen=True)
class Task:
    """Entries sorted by firm, and what to do with them."""

    easting: np.ndarray
    northing: np.ndarray
    firm: np.ndarray
    label: np.ndarray
    eps_m: float
    min_samples: int
    budget: float

    def few(self) -> Task:
        """Return the same of a few firms in one sector."""
        count = min(WARM_FIRMS, len(self.easting))
        few = np.arange(count)
        places = self.easting[:count], self.northing[:count]
        return Task(*places, few, np.zeros_like(few), self.eps_m, self.min_samples, self.budget)

    def sectors(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield where each sector's labels go, and the places of its firms; the smallest sector first."""
        firm = self.firm[np.argsort(self.label, kind="stable")]
        ends = np.cumsum(np.bincount(self.label))
        parts = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        for part in sorted(parts, key=lambda part: part.stop - part.start):
            yield part, np.column_stack((self.easting[firm[part]], self.northing[firm[part]]))


Answer = tuple[np.ndarray, float]
"""Cluster of each entry by sector and firm, and the share of the work that was done."""


def ours(threads: int | None) -> Callable[[Task], Answer]:
    def run(task: Task) -> Answer:
        parameters = DbscanParameters(task.eps_m, task.min_samples)
        found = dbscan_by_label(
            task.easting, task.northing, task.firm, task.label, parameters, threads=threads
        )
        return found["cluster"].to_numpy(), 1.0

    return run


def plain(task: Task) -> Answer:
    found = np.empty(len(task.firm), dtype=np.int64)
    for part, places in task.sectors():
        found[part] = DBSCAN(eps=task.eps_m, min_samples=task.min_samples, algorithm="kd_tree").fit_predict(
            places
        )
    return found, 1.0


def weighted(task: Task) -> Answer:
    """Cluster distinct places in order of first occurrence, weighted by their firms."""
    found = np.empty(len(task.firm), dtype=np.int64)
    for part, places in task.sectors():
        _, first, which, count = np.unique(
            places, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        order = np.argsort(first)
        method = DBSCAN(eps=task.eps_m, min_samples=task.min_samples, algorithm="kd_tree")
        labels = method.fit(places[first[order]], sample_weight=count[order]).labels_
        found[part] = labels[np.argsort(order)[which.ravel()]]
    return found, 1.0


def hierarchical(task: Task) -> Answer:
    found = np.full(len(task.firm), -1, dtype=np.int64)
    start, done = time.perf_counter(), 0.0
    for part, places in task.sectors():
        cost = estimate([len(places)], task.min_samples).minutes * 60
        if done and time.perf_counter() - start + cost > task.budget:
            break
        done += cost
        if len(places) >= task.min_samples:
            found[part] = HDBSCAN(min_cluster_size=task.min_samples, copy=True).fit_predict(places)
    return found, done / (estimate(np.bincount(task.label), task.min_samples).minutes * 60)


@dataclass(frozen=True)
class Method:
    """What is measured, how often, and whether its labels must be those of scikit-learn's DBSCAN."""

    title: str
    run: Callable[[Task], Answer]
    repeats: int = 1
    exact: bool = True


METHODS = {
    "ours": Method("ours, as called by default", ours(None), REPEATS),
    "one": Method("ours, one thread", ours(1), REPEATS),
    "two": Method("ours, two threads", ours(2), REPEATS),
    "plain": Method("scikit-learn DBSCAN, kd_tree", plain),
    "weighted": Method("scikit-learn DBSCAN, places with sample_weight", weighted),
    "hdbscan": Method("scikit-learn HDBSCAN", hierarchical, exact=False),
}


def memory_mb(field: str) -> float:
    """Return a field of this process's status; VmHWM is the peak, VmRSS what is held."""
    found = re.search(rf"{field}:\s+(\d+)", STATUS.read_text(encoding="utf-8"))
    return int(found.group(1)) / 1024 if found else float("nan")


def work(name: str, folder: Path) -> None:
    """Measure one method on the task in a folder; print what was measured and leave the labels there."""
    with np.load(folder / "task.npz") as stored:
        task = Task(**{key: stored[key] if stored[key].ndim else stored[key].item() for key in stored.files})
    start = time.perf_counter()
    METHODS[name].run(task.few())
    warm_up = time.perf_counter() - start
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is measured from here
    at_rest, seconds = memory_mb("VmRSS"), []
    for _ in range(METHODS[name].repeats):
        start = time.perf_counter()
        found, share = METHODS[name].run(task)
        seconds.append(time.perf_counter() - start)
    peak = memory_mb("VmHWM") - at_rest
    np.save(folder / f"{name}.npy", found)
    print(json.dumps({"warm_up": warm_up, "seconds": seconds, "share": share, "mb": peak}))


def measured(name: str, folder: Path) -> dict:
    command = [sys.executable, "-m", "benchmarks.bench_dbscan", "--worker", name, "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    result = json.loads(done.stdout)
    return result | {"median": float(np.median(result["seconds"]))}


def neighbours(task: Task) -> float:
    """Return the mean number of firms of its sector within eps of a firm."""
    trees = (cKDTree(places) for _, places in task.sectors())
    return float(sum(tree.count_neighbors(tree, task.eps_m) for tree in trees) / len(task.firm))


def stored(asked: argparse.Namespace, folder: Path) -> None:
    """Make the register and leave the task in a folder."""
    register = make(asked.firms, asked.sectors, plants=asked.plants, seed=asked.seed)
    easting, northing = register.easting.astype(float), register.northing.astype(float)
    again = np.flatnonzero(register.second >= 0)
    firm = np.concatenate((np.arange(asked.firms), again))
    label = np.concatenate((register.sector, register.second[again])).astype(np.int64)
    order = np.argsort(firm, kind="stable")
    task = Task(easting, northing, firm[order], label[order], asked.eps, asked.min_samples, asked.budget)
    np.savez(folder / "task.npz", **vars(task))
    places = len(np.unique(np.column_stack((easting, northing)), axis=0))
    crowd = neighbours(task)
    print(
        f"{asked.firms:,} firms at {places:,} places, {len(firm):,} labels in {asked.sectors} sectors; "
        f"eps {asked.eps:g} m, minPts {asked.min_samples}; {crowd:,.0f} neighbours a firm, itself one; "
        f"{os.cpu_count()} processors"
    )


def same(name: str, folder: Path) -> str:
    if not METHODS[name].exact:
        return "another method"
    reference = np.load(folder / "plain.npy")
    clusters = int((np.load(folder / f"{name}.npy") != reference).sum())
    return "labels identical" if clusters == 0 else f"{clusters:,} LABELS DIFFER"


def line(name: str, result: dict, base: float, answer: str) -> str:
    whole = result["median"] / result["share"]
    cut = (
        ""
        if result["share"] > 1 - 1e-9
        else f" (extrapolated: {result['median']:.1f} s did {result['share']:.1%})"
    )
    spread = (
        f" ({min(result['seconds']):.2f} to {max(result['seconds']):.2f})"
        if METHODS[name].repeats > 1
        else ""
    )
    return (
        f"{METHODS[name].title:<47}{whole:9.2f} s {whole / base:8.1f} x {result['mb']:7.0f} MB  "
        f"{answer}{cut}{spread}"
    )


def verdict(ratio: float) -> str:
    return "kept" if ratio >= PROMISE else "not kept"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--sectors", type=int, default=40)
    parser.add_argument("--plants", type=int, default=240)
    parser.add_argument("--eps", type=float, default=1_000.0, help="metres")
    parser.add_argument("--min-samples", type=int, default=10)
    parser.add_argument("--budget", type=float, default=20.0, help="seconds for HDBSCAN")
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, default=[*METHODS], help="ours and plain always"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worker", choices=METHODS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    asked = options()
    if asked.worker:
        work(asked.worker, asked.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stored(asked, folder)
        chosen = [method for method in METHODS if method in {"ours", "plain", *asked.methods}]
        results = {method: measured(method, folder) for method in chosen}
        answers = {method: same(method, folder) for method in chosen}
    base = results["ours"]["median"]
    print(f"Times as multiples of ours as called by default. Ours: median of {REPEATS} runs, range behind.")
    for method, result in results.items():
        print(line(method, result, base, answers[method]))
    print(f"Warm-up of ours, not counted: {results['ours']['warm_up']:.1f} s")
    ratio = results["plain"]["median"] / base
    if asked.firms >= PROMISED_AT:
        print(f"Promise: scikit-learn's DBSCAN takes {PROMISE} times as long: {ratio:.0f}, {verdict(ratio)}")
    if any("DIFFER" in answer for answer in answers.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
