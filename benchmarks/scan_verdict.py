"""What a method finds of a synthetic register, and how much of it is right."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.spatial import cKDTree
from scipy.stats import binom

from benchmarks.registers import labels
from clusters.agents import AgentRule
from clusters.density.dbscan import DbscanParameters, dbscan_by_label
from clusters.density.hdbscan import HdbscanParameters, hdbscan_by_label
from clusters.scan.counts import CellCounts, cell_keys, numbers_of
from clusters.scan.interval import lq_interval
from clusters.scan.ladder import fitted, size_of
from clusters.scan.parameters import ScanParameters
from clusters.scan.rates import PALE, SOLID

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from benchmarks.register_shape import Register
    from clusters.scan.label_scan import LabelScan

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

# What makes a plant found, a cluster planted, and a plant plain to the oracle: -log10 of its tail, which is
# given up to a largest one.
FOUND: Final = 0.5
PLANTED: Final = 0.25
PLAIN: Final = 6.0
MOST: Final = 300.0
SCAN: Final = ScanParameters(resamples=0)
DENSE: Final = DbscanParameters(1_000.0, 10)
HIERARCHICAL: Final = HdbscanParameters(max_minutes=60.0, max_gb=8.0)
AGENTS: Final = AgentRule()


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
    return np.bincount(register.place, minlength=len(register.eastings)) < rule.limit(len(register))


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


def suited(register: Register) -> ScanParameters:
    """Return the settings that suit a register's size, without resamples."""
    here = np.unique(register.place[taking_part(register)[register.place]])
    cell_m = fitted(len(register)).cell_m
    metres = (register.eastings[here], register.northings[here])
    cells = len(np.unique(cell_keys(*(np.floor(each / cell_m) for each in metres))))
    return replace(fitted(size_of(len(register), cells)), resamples=0)


def scanned(whole: Counted, scans: Sequence[LabelScan], standings: Sequence[str] = (SOLID, PALE)) -> Members:
    """Return the members of clusters of some standings that a scan found; scans in the order of sectors."""
    cluster = np.full(len(whole.firm), -1)
    before = 0
    for code, scan in enumerate(scans):
        if len(scan.cells) == 0:
            continue
        group = np.full(len(whole.counts.keys), -1)
        cells = scan.cells[scan.cells["group"].map(scan.groups["standing"]).isin(standings)]
        group[numbers_of(whole.counts.keys, cells["cell"].to_numpy())] = cells["group"]
        own = np.flatnonzero(whole.sector == code)
        own = own[group[whole.cell[own]] >= 0]
        cluster[own] = before + group[whole.cell[own]]
        before += len(scan.groups)
    return members_of(whole.firm, whole.sector, cluster)


def dense(register: Register, parameters: DbscanParameters = DENSE) -> Members:
    """Return the members of the dense groups of every sector; agents' points are set aside."""
    return _dense(register, lambda *entries: dbscan_by_label(*entries, parameters))


def hierarchical(register: Register) -> Members:
    """Return the same by HDBSCAN, with the settings that it has beside the scan."""
    return _dense(register, lambda *entries: hdbscan_by_label(*entries, HIERARCHICAL))


def _dense(register: Register, method: Callable[..., pd.DataFrame]) -> Members:
    firm, code = labels(register)
    kept = taking_part(register)[register.place[firm]]
    east, north = register.easting.astype(float), register.northing.astype(float)
    found = method(east, north, firm[kept], code[kept].astype(np.int64))
    firms, sectors, group = (found[name].to_numpy(np.int64) for name in ("firm", "label", "cluster"))
    pair = np.where(group >= 0, sectors * (int(group.max(initial=0)) + 1) + group, -1)
    return members_of(firms, sectors, pair)


def members_of(firm: Ints, sector: Ints, cluster: Ints) -> Members:
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


def by_class(
    plants: pd.DataFrame, column: str, bounds: Sequence[float], names: Sequence[str]
) -> pd.DataFrame:
    """Return plants, those plain to the oracle and those found by each method, by classes of a column.

    A class holds its lower bound and not its upper one.
    """
    within = pd.cut(plants[column], list(bounds), right=False, labels=class_names(bounds))
    told = plants.assign(planted=1, plain=plants["tail"] > PLAIN)
    columns = ["planted", "plain", *names]
    return told.groupby(within, observed=False)[columns].sum().astype(int)


def class_names(bounds: Sequence[float]) -> list[str]:
    """Name classes by the bounds between them."""
    inner = [f"{bound:g}" for bound in bounds[1:-1]]
    between = [f"{low}-{high}" for low, high in itertools.pairwise(inner)]
    return [f"below {inner[0]}", *between, f"{inner[-1]} or more"]


def class_lines(table: pd.DataFrame, title: str) -> list[str]:
    """Write a table of classes: plants, those plain to the oracle, and the share that each method found."""
    names = table.columns[2:]
    lines = [f"{title:<22}{'planted':>8}{'oracle':>8}" + "".join(f"{name:>11}" for name in names)]
    for row in table.itertuples():
        label, planted, plain, *found = row
        shares = "".join(f"{hits / planted:>11.1%}" if planted else f"{'-':>11}" for hits in found)
        lines.append(f"{label!s:<22}{planted:>8}{plain / planted if planted else np.nan:>8.1%}{shares}")
    return lines


LQ_CLASSES: Final = (0.0, 2.0, 3.0, 5.0, np.inf)
FIRM_CLASSES: Final = (0, 30, 60, 120, np.inf)


def interval(hits: int, tries: int) -> tuple[float, float]:
    """Return the exact 95% interval of a share (Clopper and Pearson, 1934)."""
    _, low, high = lq_interval(hits, tries, 1.0)
    return float(low), float(high)


NAMES: Final = ("solid", "and pale", "Gi*", "Kulldorff", "DBSCAN", "HDBSCAN")


def against(low: float, high: float, promise: float, *, least: bool = False) -> str:
    """Say how an interval stands to the most, or the least, that is promised."""
    if low <= promise <= high:
        return "within the interval, neither shown to be kept nor to be broken"
    return "kept" if (low > promise) == least else "not kept"
