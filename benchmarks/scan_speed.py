"""The speed of the scan: from Parquet on disk to clusters, in processes of their own; see `bench_scan`."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pandas as pd

from benchmarks.clock import Clock, memory_mb
from benchmarks.registers import make, write
from benchmarks.scan_verdict import SCAN
from clusters import census as way
from clusters.census import Task, census
from clusters.description.footprint import footprints
from clusters.many_machines.engine import OneMachine
from clusters.scan.label_scan import scan_labels
from clusters.shipped import shipped_evidence
from intake.reading import open_register

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from clusters.results.results import Results
    from clusters.scan.label_scan import LabelScan
    from clusters.scan.parameters import ScanParameters
    from clusters.scan.threshold import Tail

ROOT: Final = Path(__file__).resolve().parents[1]
# The register of the warm-up: large enough that clusters are found, named and drawn.
WARM_FIRMS: Final = 20_000
WARM_SECTORS: Final = 8
WARM_PLANTS: Final = 8
PROMISED_AT: Final = 5_000_000
PROMISED_SECONDS: Final = {"relabelled": 12.0}
PROMISED_MB: Final = 1_200

LEARNING, RESAMPLING, TESTING = (
    "Learning chances from shuffled maps",
    "Resampling the firms",
    "Testing labels",
)


def warmed_up(folder: Path, asked: ScanParameters) -> float:
    """Run the whole way on a small register; returns seconds."""
    start = time.perf_counter()
    small = replace(asked, resamples=1 if asked.resamples else 0)
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
        write(make(asked.firms, asked.sectors, asked.plants, asked.seed), folder / "register", asked.files)
        return {}
    parameters = replace(SCAN, relabellings=asked.relabellings, resamples=asked.resamples, seed=asked.seed)
    kept = folder / "tails.pickle"
    if asked.worker == "known":
        tails = pickle.loads(kept.read_bytes())
        with patch.object(way, "scan_labels", with_known(tails)):
            return timed(folder, parameters)
    tails = {}
    with patch.object(way, "scan_labels", kept_in(tails)):
        result = timed(folder, parameters)
    kept.write_bytes(pickle.dumps(tails))
    return result


def with_known(tails: dict[tuple[int, str], Tail]) -> Callable[..., list[LabelScan]]:
    """Return what scans with the tails that are known for labels of a size."""

    def scanning(*given: Any, known: object = None) -> list[LabelScan]:
        assert known is None
        return scan_labels(*given, known=lambda label, size: tails[size, label])

    return scanning


def kept_in(tails: dict[tuple[int, str], Tail]) -> Callable[..., list[LabelScan]]:
    """Return what scans and keeps the tails."""

    def scanning(*given: Any, known: object = None) -> list[LabelScan]:
        assert known is None
        found = scan_labels(*given)
        tails.update({(one.companies, one.label): one.tail for one in found if one.tail})
        return found

    return scanning


def in_a_process(asked: argparse.Namespace, worker: str, folder: Path, resamples: int = 0) -> dict[str, Any]:
    """Do one part of the measurement in a fresh process."""
    given = {
        name: getattr(asked, name) for name in ("firms", "sectors", "plants", "seed", "files", "relabellings")
    }
    given |= {"worker": worker, "folder": folder, "resamples": resamples}
    words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, str(ROOT / "benchmarks" / "bench_scan.py"), "speed", *words]
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
    with tempfile.TemporaryDirectory(dir=asked.folder) as temporary:
        folder = Path(temporary)
        in_a_process(asked, "make", folder)
        results = {
            name: [in_a_process(asked, name, folder, resamples) for _ in range(asked.repeats)]
            for name, (_, resamples) in ways.items()
        }
    print(
        f"{asked.firms:,} firms in {asked.files} Parquet file(s), {asked.sectors} sectors, "
        f"{os.cpu_count()} processors; after import and warm-up, median of {asked.repeats}"
    )
    for name, runs in results.items():
        print(*speed_lines(ways[name][0], runs, PROMISED_SECONDS.get(name), asked.firms), sep="\n")
    found = {name: (runs[0]["clusters"], runs[0]["members"]) for name, runs in results.items()}
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
