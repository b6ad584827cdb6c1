"""Whether intervals of location quotients hold the truth, on registers whose shares are known cell by cell.

    python benchmarks/bench_interval.py --firms 100000 --seeds 6

Places and all companies are those of `benchmarks.registers`. What is drawn here is who carries a sector: in
every cell, each company does with a chance that is known, which is the sector's share there (it rises or
falls with how dense the surroundings are, and leans towards parts of the country) times a factor within each
plant of the sector, declining from its centre. The truth of a cluster is the number of companies of its
sector that its own cells are expected to hold, over all companies there times the baseline that it was
compared with.

plain
    Observed over expected, with the interval of a place chosen beforehand.
chosen
    The estimate and the interval that a cluster has, which allow for the choice.

Coverage comes with its own exact interval, and is parted into intervals that lie all of them above the truth
or below it. Bias is that of the sum of all estimates, each times what its cluster would hold at the baseline;
the median is that of estimate over truth.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.register_ground import ground_of_registers, profile_shares
from benchmarks.registers import make
from benchmarks.scan_verdict import interval, suited, taking_part
from clusters.description.findings import cells_of, with_quotients
from clusters.scan.counts import CellCounts, cell_keys, numbers_of
from clusters.scan.interval import lq_interval
from clusters.scan.label_scan import scan_labels
from clusters.scan.parameters import ScanParameters
from clusters.scan.rates import PALE, SOLID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.register_shape import Register

    Floats = NDArray[np.float64]

MOST_SHARE: Final = 0.8
"""No company carries a sector with a chance above this."""

FEW: Final = 20
"""Firms of a cluster below which it is small."""

CONFIDENCE: Final = ScanParameters().confidence


def _keys(register: Register, cell_m: float) -> NDArray[np.int64]:
    """Return the key of the cell of each place."""
    return cell_keys(*(np.floor(metres / cell_m) for metres in (register.eastings, register.northings)))


def true_shares(register: Register) -> Floats:
    """Return the chance that a company at a place carries each sector, shape (places, sectors)."""
    ground = ground_of_registers()
    draws = np.random.default_rng([register.seed, 8])
    profile = np.repeat(np.arange(len(ground.profiles)), np.diff(ground.starts))
    shares = profile_shares(ground, len(register.sectors), draws)[profile].astype(np.float32)
    firms = np.bincount(register.place, minlength=len(register.eastings))
    for plant in register.plants.itertuples():
        away = np.hypot(register.eastings - float(plant.easting), register.northings - float(plant.northing))
        inside = np.flatnonzero(away <= plant.radius_m)
        pull = np.exp(-2 * (away[inside] / plant.radius_m) ** plant.shape)
        mean = np.average(pull, weights=np.maximum(firms[inside], 1e-9))
        sector = register.sectors.index(plant.sector)
        shares[inside, sector] *= 1 + (plant.lq - 1) * pull / mean
    return np.minimum(shares, MOST_SHARE)


def drawn(register: Register, cell_m: float) -> tuple[CellCounts, Floats]:
    """Draw who carries what; returns the counts and how many each cell is expected to hold of each sector."""
    fine = taking_part(register)
    key = _keys(register, cell_m)
    firms = np.bincount(register.place, minlength=len(key)) * fine
    here = np.flatnonzero(firms)
    keys, number = np.unique(key[here], return_inverse=True)
    total = np.bincount(number, firms[here]).astype(np.int64)
    shares = true_shares(register)[here]
    expected = np.stack([np.bincount(number, firms[here] * own) for own in shares.T], axis=1)
    draws = np.random.default_rng([register.seed, 9])
    counts = draws.binomial(total[:, None], np.minimum(expected / total[:, None], MOST_SHARE))
    return CellCounts(keys, total, register.sectors, sparse.csc_array(counts.astype(np.int64))), expected


def clusters_of(register: Register) -> pd.DataFrame:
    """Scan a register whose labels are drawn anew; returns its clusters with their quotients and the truth.

    Beside the columns of a cluster: expected_truly (companies that its cells are expected to hold), and true,
    the quotient that they make.
    """
    parameters = suited(register)
    counts, expected = drawn(register, parameters.cell_m)
    scans = [scan for scan in scan_labels(counts, parameters) if len(scan.groups)]
    cells = cells_of(scans, parameters)
    place = numbers_of(counts.keys, cells["cell"].to_numpy(np.int64))
    code = pd.Index(register.sectors).get_indexer(cells["label"])
    firms = counts.by_label.toarray()[place, code]
    cells = cells.assign(firms=firms, expected_truly=expected[place, code])
    order = cells.sort_values(["log10_p", "k", "cell"], ascending=[True, False, True])
    peaks = order.drop_duplicates(["label", "group"]).set_index(["label", "group"])[["k", "n", "baseline"]]
    truth = cells.groupby(["label", "group"])["expected_truly"].sum()
    groups = pd.concat({scan.label: scan.groups for scan in scans}, names=["label"])
    table = groups.join(peaks.rename(columns={"k": "peak_observed", "n": "peak_companies"})).join(truth)
    members = cells.loc[cells.index.repeat(cells["firms"]), ["label", "group", "easting", "northing"]]
    sizes = {scan.label: scan.companies for scan in scans}
    table = with_quotients(table.reset_index(), members, sizes, parameters)
    table["true"] = table["expected_truly"] / (table["all_companies"] * table["baseline"])
    return table.assign(seed=register.seed)


def kinds_of(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return clusters of all kinds that are reported on."""
    return {
        "all": table,
        "below 20 firms": table[table["observed"] < FEW],
        "20 or more": table[table["observed"] >= FEW],
        "solid": table[table["standing"] == SOLID],
        "uncertain": table[table["standing"] == PALE],
    }


def ways(table: pd.DataFrame, confidence: float) -> dict[str, tuple[pd.Series, pd.Series, pd.Series]]:
    """Return estimate and ends of the interval of each cluster, plain and as it has them."""
    plain = lq_interval(table["observed"], table["all_companies"], table["baseline"], confidence)
    return {
        "plain": tuple(pd.Series(each, table.index) for each in plain),
        "chosen": (table["lq_fair"], table["lq_low"], table["lq_high"]),
    }


def figures(table: pd.DataFrame, way: tuple[pd.Series, pd.Series, pd.Series]) -> dict[str, float]:
    """Return how often the interval holds the truth, and how far the estimate is off."""
    estimate, low, high = (each.loc[table.index] for each in way)
    true = table["true"]
    covered = (low <= true) & (true <= high)
    weight = table["all_companies"] * table["baseline"]
    sure = interval(int(covered.sum()), len(table)) if len(table) else (np.nan, np.nan)
    return {
        "clusters": len(table), "covered": covered.mean(), "least": sure[0], "most": sure[1],
        "too_high": (true < low).mean(), "too_low": (true > high).mean(),
        "bias": (estimate * weight).sum() / table["expected_truly"].sum() - 1,
        "median": (estimate / true).median() - 1, "width": (high / low.where(low > 0)).median(),
    }  # fmt: skip


HEAD: Final = (
    f"{'clusters':<16}{'':>8}{'way':>8}{'covered':>9}{'interval':>17}{'too high':>11}{'too low':>11}"
    f"{'bias':>8}{'median':>8}{'high/low':>10}"
)


def line_of(name: str, way: str, found: dict[str, float]) -> str:
    sure = f"{found['least']:.1%} to {found['most']:.1%}"
    return (
        f"{name:<16}{found['clusters']:>8,}{way:>8}{found['covered']:>9.1%}{sure:>17}{found['too_high']:>11.1%}"
        f"{found['too_low']:>11.1%}{found['bias']:>+8.1%}{found['median']:>+8.1%}{found['width']:>10.2f}"
    )


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--firms", type=int, default=100_000)
    parser.add_argument("--sectors", type=int, default=40)
    parser.add_argument("--plants", type=int, default=240, help="clusters planted")
    parser.add_argument("--seed", type=int, default=0, help="of the first register")
    parser.add_argument("--seeds", type=int, default=3, help="registers")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = options(arguments)
    found = []
    for seed in range(asked.seed, asked.seed + asked.seeds):
        start = time.perf_counter()
        found.append(clusters_of(make(asked.firms, asked.sectors, asked.plants, seed)))
        taken = time.perf_counter() - start
        print(f"register {seed}: {len(found[-1])} clusters, {taken:.0f} s", file=sys.stderr, flush=True)
    table = pd.concat(found, ignore_index=True)
    print(f"{asked.firms:,} firms, {asked.sectors} sectors, {asked.seeds} register(s), 95% intervals")
    print(HEAD)
    for name, kind in kinds_of(table).items():
        for way, own in ways(table, CONFIDENCE).items():
            print(line_of(name, way, figures(kind, own)))


if __name__ == "__main__":
    main()
