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
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from benchmarks.clock import Clock, memory_mb
from benchmarks.registers import make, shuffled, write
from benchmarks.scan_verdict import (
    EARLIER,
    FIRM_CLASSES,
    LQ_CLASSES,
    NAMES,
    PLAIN,
    SCAN,
    Members,
    Verdict,
    against,
    by_class,
    class_lines,
    counted,
    dense,
    interval,
    judged,
    oracle,
    scanned,
)
from clusters.census import Task, census
from clusters.description.footprint import footprints
from clusters.many_machines.engine import OneMachine
from clusters.scan import label_scan
from clusters.scan.label_scan import scan_labels
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
    from clusters.scan.parameters import ScanParameters

    Floats = NDArray[np.float64]
    Learn = Callable[[int, Any, ScanParameters], Floats]

ROOT: Final = Path(__file__).resolve().parents[1]
BESIDE: Final = """the rest of what is promised is measured by
  bench_dbscan.py    DBSCAN by sector beside scikit-learn's DBSCAN and HDBSCAN
  bench_locate.py    points to authorities beside geopandas.sjoin
  bench_page.py      the page, its filters and panning
"""
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


def made(asked: argparse.Namespace, seed: int) -> Register:
    """Make the register asked for."""
    return make(asked.firms, asked.sectors, asked.plants, seed)


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


# Speed.


LEARNING, RESAMPLING, TESTING = (
    "Learning thresholds from shuffled maps",
    "Resampling the firms",
    "Testing labels",
)


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
    told = results.report["stages"].items()
    stages, at_work = ({words: stage[name] for words, stage in told} for name in ("seconds", "cpu_seconds"))
    # The report's are thousands of the kernel's kB, which have 1,024 bytes.
    memory = {words: stage["peak_mb"] * 1.024 for words, stage in told}
    within = {
        "relabellings": clock.ended.get(LEARNING, 0.0) - clock.began.get(TESTING, 0.0),
        "resamples": clock.ended[RESAMPLING] - clock.began[RESAMPLING] if RESAMPLING in clock.began else 0.0,
    }
    return {
        "seconds": seconds, "peak_mb": peak, "at_rest_mb": at_rest, "warm_up": warm_up, "stages": stages,
        "stages_cpu": at_work, "stages_peak_mb": memory, "within": within, "clusters": len(results.clusters),
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
            f"    {words:<26}{seconds:>8.2f} s{median['stages_cpu'][words]:>8.2f} s of processors"
            f"{median['stages_peak_mb'][words]:>8,.0f} MB"
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
