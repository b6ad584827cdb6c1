"""The scan on registers of `benchmarks.registers`: how fast, what it finds, how often it errs.

    python benchmarks/bench_scan.py speed --firms 5000000
    python benchmarks/bench_scan.py power --firms 1000000 --seeds 5
    python benchmarks/bench_scan.py error --firms 100000 --maps 100
    python benchmarks/bench_scan.py thresholds --firms 1000000

speed
    From Parquet on disk to clusters with names, types and footprints, on one machine; writing the result is
    not in it. Every line is a process of its own, timed after import and after a warm-up on a few thousand
    firms, which loads compiled code and the tables of places; both are printed beside it. Memory is the most
    that the process held while it was timed, imports included. "chances known" is the same way with what
    shuffled maps show handed over from a run before.
power
    Clusters are planted and known. A plant is found when at least half of its firms are members of clusters
    of its sector. A cluster counts as planted when at least a quarter of its members were planted for its
    sector. The oracle knows each plant's place, radius and sector, and tells it from chance when the binomial
    tail of the sector's firms there is below 10^-6, against the larger of the national share and that of the
    20 km ring. All leave agents' points out, and see the same register in the same run. "solid" is what the
    scan shows as a cluster, "and pale" with what it shows as uncertain; seconds of both are of the one scan.
    Beside it: Gi* with a false-discovery rate, Kulldorff's scan (see `scan_beside`), and DBSCAN (1 km, 10
    firms) and HDBSCAN (10 firms), which ask only where a sector's firms are dense.
error
    Labels are dealt out anew over the places, so that every cluster is false: each map has as many labels,
    of the same sizes. Chances are learnt anew, with another seed, for every so many maps. The intervals are
    those of Clopper and Pearson; labels of one map share its ground and so are not quite independent.
thresholds
    For labels of some sizes, each alone, the limit is learnt with several seeds, and held against the maxima
    of fresh maps of its own: how much the limit varies, and in how many fresh maps it is exceeded, on average
    over the seeds and at worst.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.registers import make
from benchmarks.scan_beside import gi_star, kulldorff
from benchmarks.scan_speed import show_speed
from benchmarks.scan_verdict import (
    FIRM_CLASSES,
    LQ_CLASSES,
    NAMES,
    PLAIN,
    Members,
    Verdict,
    against,
    by_class,
    class_lines,
    counted,
    dense,
    hierarchical,
    interval,
    judged,
    oracle,
    scanned,
    suited,
)
from clusters.scan.field import field
from clusters.scan.label_scan import scan_labels
from clusters.scan.rates import SOLID
from clusters.scan.threshold import null_peaks, random_map, tails, untestable
from data.errors import InputError
from data.store import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from benchmarks.register_shape import Register
    from clusters.scan.counts import CellCounts
    from clusters.scan.field import Field
    from clusters.scan.threshold import Tail

    Floats = NDArray[np.float64]

BESIDE: Final = """the rest of what is promised is measured by
  bench_interval.py  intervals of location quotients
  bench_dbscan.py    DBSCAN by sector beside scikit-learn's DBSCAN and HDBSCAN
  bench_locate.py    points to authorities beside geopandas.sjoin
  bench_page.py      the page, its filters and panning
"""
PROMISED_ERROR: Final = 0.05
PROMISED_MAPS: Final = 0.1
PROMISED_FOUND: Final = 0.9
PROMISED_PRECISION: Final = 0.95
FRESH: Final = 1_000_000
"""Seed of the fresh maps that thresholds are held against, far from all that they are learnt with."""


def made(asked: argparse.Namespace, seed: int) -> Register:
    """Make the register asked for."""
    return make(asked.firms, asked.sectors, asked.plants, seed)


# Power.


BESIDE_IT: Final[dict[str, Callable[[Register], Members]]] = dict(
    zip(NAMES[2:], (gi_star, kulldorff, dense, hierarchical), strict=True)
)


def found_by(register: Register, names: Sequence[str]) -> Iterator[tuple[str, Members, float]]:
    """Yield what each method finds of a register, and in how many seconds."""
    start = time.perf_counter()
    parameters = replace(suited(register), seed=register.seed)
    whole = counted(register, parameters.cell_m)
    scans = scan_labels(whole.counts, parameters)
    solid, both = scanned(whole, scans, (SOLID,)), scanned(whole, scans)
    seconds = time.perf_counter() - start
    yield NAMES[0], solid, seconds
    yield NAMES[1], both, seconds
    for name in names:
        start = time.perf_counter()
        found = BESIDE_IT[name](register)
        yield name, found, time.perf_counter() - start


def power(asked: argparse.Namespace) -> dict[str, Any]:
    """Find planted clusters in one register a seed; returns lines by seed and method, and all plants."""
    lines, plants = [], []
    for seed in range(asked.seed, asked.seed + asked.seeds):
        register = made(asked, seed)
        far = oracle(register)
        table = register.plants.assign(seed=seed, tail=far)
        for name, members, seconds in found_by(register, asked.beside):
            verdict = judged(register, members)
            table = table.assign(**{name: verdict.found})
            lines.append(line_of(name, seed, verdict, far) | {"seconds": round(seconds, 2)})
            print(power_line(lines[-1]), flush=True)
        plants.append(table)
    return {"lines": lines, "plants": pd.concat(plants, ignore_index=True)}


def line_of(name: str, seed: int, verdict: Verdict, far: Floats) -> dict[str, Any]:
    """Return the figures of a verdict."""
    plain = far > PLAIN
    whole = {key: value for key, value in asdict(verdict).items() if not isinstance(value, np.ndarray)}
    return {
        "method": name, "seed": seed, "plants": len(far), "plain": int(plain.sum()),
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
    f"{'method':<10}{'seed':>5}{'planted':>9}{'found':>7}{'share':>8}{'plain':>7}{'found':>7}{'share':>8}"
    f"{'in one':>8}{'clusters':>10}{'planted':>9}{'recall':>8}{'precision':>11}{'s':>7}"
)


def power_line(line: dict[str, Any]) -> str:
    share = shares_of(line)
    return (
        f"{line['method']:<10}{line['seed']:>5}{line['plants']:>9}{line['found']:>7}{share['found']:>8.1%}"
        f"{line['plain']:>7}{line['found_plain']:>7}{share['found_plain']:>8.1%}{share['whole']:>8.1%}"
        f"{line['clusters']:>10,}{share['precision']:>9.1%}{share['recall']:>8.1%}"
        f"{share['member_precision']:>11.1%}{line['seconds']:>7.1f}"
    )


def show_power(asked: argparse.Namespace) -> dict[str, Any]:
    names = [*NAMES[:2], *asked.beside]
    print(
        f"{asked.firms:,} firms, {asked.sectors} sectors. plain: plants that the oracle tells from chance;\n"
        "found and share: of all, then of the plain; in one: share of those found that a single cluster "
        "found;\nclusters, and the share planted; recall and precision of members"
    )
    print(POWER_HEAD)
    result = power(asked)
    plants, totals = result["plants"], [pooled(result["lines"], name) for name in names]
    for line in totals:
        print(power_line(line))
    classes = {
        "lq": by_class(plants, "lq", LQ_CLASSES, names),
        "firms": by_class(plants, "firms", FIRM_CLASSES, names),
    }
    for title, table in zip(("location quotient", "firms planted"), classes.values(), strict=True):
        print(*class_lines(table, title), sep="\n")
    for scan in totals[:2]:
        for words, hits, tries, promise in (
            ("found", scan["found"], scan["plants"], PROMISED_FOUND),
            ("of the plain ones", scan["found_plain"], scan["plain"], PROMISED_FOUND),
            ("clusters planted", scan["right"], scan["clusters"], PROMISED_PRECISION),
        ):
            print(f"{scan['method']}, {words}: {_held(hits, tries, promise, least=True)}")
    return {
        "lines": result["lines"], "pooled": totals, "plants": plants.to_dict("list"),
        "classes": {name: table.to_dict("index") for name, table in classes.items()},
    }  # fmt: skip


def _held(hits: int, tries: int, promise: float, *, least: bool = False) -> str:
    """Write a share with its interval, and how it stands to what is promised."""
    low, high = interval(hits, tries)
    share, kept = hits / max(tries, 1), against(low, high, promise, least=least)
    bound = "at least" if least else "at most"
    found = f"{hits:,} of {tries:,}, {share:.1%} ({low:.1%} to {high:.1%})"
    return f"{found}; {bound} {promise:.0%} promised: {kept}"


# Error.


def dealt(counts: CellCounts, ground: Field, seed: int) -> CellCounts:
    """Return the counts with every label dealt out anew over all firms: no plant is left."""
    draws = np.random.default_rng([seed, 11])
    maps = [random_map(counts.of(name).size, ground, draws) for name in counts.labels]
    cells = np.concatenate([one.cells for one in maps])
    codes = np.repeat(np.arange(len(maps)), [len(one.cells) for one in maps])
    many = np.concatenate([one.counts for one in maps])
    return replace(counts, by_label=sparse.csc_array((many, (cells, codes)), shape=counts.by_label.shape))


def learnt(counts: CellCounts, ground: Field, seed: int) -> Callable[[str, int], Tail]:
    """Return what shuffled maps of every size show, learnt with a seed."""
    own = replace(ground, parameters=replace(ground.parameters, seed=seed))
    sizes = {counts.of(name).size for name in counts.labels}
    fit = [size for size in sizes if not untestable(size, ground.size, own.parameters)]
    found = tails([null_peaks(size, own) for size in sorted(fit)], own.parameters)
    return lambda _label, size: found[size]


def false_clusters(
    counts: CellCounts, ground: Field, number: int, known: Callable[[str, int], Tail]
) -> dict[str, Any]:
    """Scan one map of labels dealt out anew; its number is the seed of the deal."""
    start = time.perf_counter()
    scans = scan_labels(dealt(counts, ground, number), ground.parameters, known=known)
    tested = [scan for scan in scans if not scan.reason]
    best = np.array([scan.best["p"].min() if len(scan.best) else 1.0 for scan in tested])
    standing = pd.concat([scan.groups["standing"] for scan in tested]) if tested else pd.Series(dtype=object)
    return {
        "map": number, "tested": len(tested),
        "beyond": int((best <= ground.parameters.level).sum()),
        "with_clusters": sum(len(scan.groups) > 0 for scan in tested),
        "solid": int((standing == SOLID).sum()), "clusters": len(standing),
        "seconds": round(time.perf_counter() - start, 2),
    }  # fmt: skip


def show_error(asked: argparse.Namespace) -> dict[str, Any]:
    register = made(asked, asked.seed)
    parameters = suited(register)
    counts = counted(register, parameters.cell_m).counts
    ground = field(counts.keys, counts.total, parameters)
    print(
        f"{asked.firms:,} firms, {asked.sectors} sectors, {asked.maps} maps, chances learnt anew every "
        f"{asked.every}"
    )
    print(
        f"{'maps':>10}{'tested':>8}{'beyond':>8}{'shown':>7}{'with solid':>12}{'with any':>10}{'s a map':>9}"
    )
    lines: list[dict[str, Any]] = []
    for first in range(asked.seed, asked.seed + asked.maps, asked.every):
        known = learnt(counts, ground, FRESH + first)
        last = min(first + asked.every, asked.seed + asked.maps)
        lines += [false_clusters(counts, ground, number, known) for number in range(first, last)]
        print(error_line(lines), flush=True)
    sums = {name: sum(line[name] for line in lines) for name in ("tested", "beyond", "with_clusters")}
    if sums["tested"] == 0:
        raise InputError(f"firms is {asked.firms}: no sector of so small a register can be tested")
    solid, shown = (sum(line[name] > 0 for line in lines) for name in ("solid", "clusters"))
    print(f"labels at p <= {parameters.level:g}: {_held(sums['beyond'], sums['tested'], PROMISED_ERROR)}")
    low, high = interval(sums["with_clusters"], sums["tested"])
    print(f"labels with anything shown: {sums['with_clusters']} ({low:.2%} to {high:.2%})")
    print(f"maps with anything solid: {_held(solid, len(lines), PROMISED_MAPS)}")
    low, high = interval(shown, len(lines))
    print(f"maps with anything at all: {shown} of {len(lines)} ({low:.1%} to {high:.1%})")
    return {"lines": lines, **sums, "maps": len(lines), "maps_solid": solid, "maps_shown": shown}


def error_line(lines: Sequence[dict[str, Any]]) -> str:
    """Write what all maps so far show."""
    sums = [sum(line[name] for line in lines) for name in ("tested", "beyond", "with_clusters")]
    maps = [sum(line[name] > 0 for line in lines) for name in ("solid", "clusters")]
    taken = np.mean([line["seconds"] for line in lines])
    return f"{len(lines):>10}{sums[0]:>8,}{sums[1]:>8}{sums[2]:>7}{maps[0]:>12}{maps[1]:>10}{taken:>9.1f}"


# Thresholds.


def threshold_of(size: int, ground: Field, asked: argparse.Namespace) -> dict[str, Any]:
    """Learn the limit of a label of a size with several seeds, and hold it against fresh maps."""
    p, start = ground.parameters, time.perf_counter()
    limits = []
    for seed in range(asked.seed, asked.seed + asked.seeds):
        own = replace(ground, parameters=replace(p, seed=seed))
        limits.append(tails([null_peaks(size, own)], p)[size].limits[p.level])
    learning = (time.perf_counter() - start) / asked.seeds
    fresh = replace(
        p, seed=FRESH + asked.seed, relabellings=asked.fresh, most_relabellings=asked.fresh, peaks=1
    )
    maxima = null_peaks(size, replace(ground, parameters=fresh)).maxima
    errors = [float((maxima > limit).mean()) for limit in limits]
    return {
        "size": size, "limit": float(np.mean(limits)), "sd": float(np.std(limits, ddof=1)),
        "error": float(np.mean(errors)), "worst": max(errors), "fresh": len(maxima), "seconds": learning,
    }  # fmt: skip


def show_thresholds(asked: argparse.Namespace) -> dict[str, Any]:
    register = made(asked, asked.seed)
    parameters = suited(register)
    counts = counted(register, parameters.cell_m).counts
    ground = field(counts.keys, counts.total, parameters)
    print(
        f"{asked.firms:,} firms, {asked.seeds} seeds, limits at {parameters.level:g}; seconds of learning "
        "one; sd in powers of ten"
    )
    print(f"{'firms':>9}{'limit':>8}{'sd':>7}{'error':>8}{'worst':>8}{'fresh maps':>12}{'s':>7}")
    lines = []
    for size in asked.sizes:
        lines.append(threshold_of(size, ground, asked))
        one = lines[-1]
        print(
            f"{size:>9,}{one['limit']:>8.2f}{one['sd']:>7.3f}{one['error']:>8.1%}{one['worst']:>8.1%}"
            f"{one['fresh']:>12}{one['seconds']:>7.1f}",
            flush=True,
        )
    return {"lines": lines}


# The command.


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=BESIDE, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    chosen = {}
    for name, words, show, firms in (
        ("speed", "seconds and memory from Parquet to clusters", show_speed, 1_000_000),
        ("power", "planted clusters found, beside what others would use", show_power, 1_000_000),
        ("error", "false clusters on labels dealt out anew", show_error, 100_000),
        (
            "thresholds",
            "how steady limits are, and how often chance exceeds them",
            show_thresholds,
            1_000_000,
        ),
    ):
        kind = chosen[name] = kinds.add_parser(name, help=words)
        kind.set_defaults(show=show)
        kind.add_argument("--firms", type=int, default=firms)
        kind.add_argument("--sectors", type=int, default=40)
        kind.add_argument("--plants", type=int, default=240, help="clusters planted")
        kind.add_argument("--seed", type=int, default=0, help="of the first register")
        kind.add_argument("--json", type=Path, metavar="FILE", help="where to write the numbers as well")
    chosen["power"].add_argument("--seeds", type=int, default=5, help="registers")
    chosen["power"].add_argument("--beside", nargs="*", choices=NAMES[2:], default=[*NAMES[2:]])
    chosen["error"].add_argument("--maps", type=int, default=100)
    chosen["error"].add_argument("--every", type=int, default=20, help="maps that share what was learnt")
    thresholds = chosen["thresholds"]
    thresholds.add_argument("--seeds", type=int, default=6, help="limits learnt")
    thresholds.add_argument("--fresh", type=int, default=199, help="maps that these are held against")
    thresholds.add_argument("--sizes", type=int, nargs="+", default=[240, 2_400, 24_000, 265_000])
    speed = chosen["speed"]
    speed.add_argument("--relabellings", type=int, default=20)
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
