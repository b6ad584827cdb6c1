"""What others would use to find clusters of labelled firms, written plainly: Gi* and Kulldorff's scan.

Both work on cells of 1 km, label by label, and leave agents' points out as the scan does.

Gi*
    Getis and Ord (1992), Geographical Analysis 24, 189-206, and Ord and Getis (1995), 27, 286-306. The value
    of a cell is the sector's firms beyond what its share of all firms leads to expect there; its neighbours
    are the cells that touch it, itself included. Cells whose z is too large for chance by Benjamini and
    Hochberg's false-discovery rate of 5%, one-sided, that touch one another are a cluster.
Kulldorff
    Kulldorff (1997), Communications in Statistics 26, 1481-1496: the Bernoulli likelihood ratio over circles
    of 0 to 10 km, in steps of 1 km, around every cell with a firm of the sector. A circle counts when it
    exceeds the largest of all but 4 of 99 maps with shuffled labels. The most likely circle comes first, and
    then those that overlap with none before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse, special
from scipy.spatial import cKDTree
from scipy.stats import norm

from benchmarks.scan_verdict import Members, counted, members_of
from clusters.scan.counts import cell_positions
from clusters.scan.scan import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.register_shape import Register
    from benchmarks.scan_verdict import Counted

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

CELL_M: Final = 1_000.0
RATE: Final = 0.05
SHUFFLES: Final = 99
LONGEST: Final = 10
"""Largest radius, in cells."""


def gi_star(register: Register) -> Members:
    """Return the members of the hot spots of every sector."""
    whole = counted(register, CELL_M)
    near = _touching(whole.counts.keys)
    cluster = np.full(len(whole.firm), -1)
    for code, name in enumerate(whole.counts.labels):
        label = whole.counts.of(name)
        own = np.zeros(len(whole.counts.keys))
        own[label.cells] = label.counts
        excess = own - whole.counts.total * own.sum() / whole.counts.total.sum()
        hot = np.flatnonzero(discovered(norm.sf(scores(excess, near)), RATE))
        group = np.full(len(own), -1)
        group[hot] = components(whole.counts.keys[hot]) if len(hot) else hot
        _give(cluster, whole, code, group)
    return members_of(whole.firm, whole.sector, cluster)


def _touching(keys: Ints) -> sparse.csr_array:
    """Return which cells touch one another, or are the same."""
    points = np.column_stack(cell_positions(keys))
    pairs = cKDTree(points).query_pairs(1, p=np.inf, output_type="ndarray")
    ones = np.ones(len(pairs))
    half = sparse.coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(keys), len(keys)))
    return sparse.csr_array(half + half.T + sparse.eye_array(len(keys)))


def scores(values: Floats, near: sparse.csr_array) -> Floats:
    """Return Gi* of each cell, as a standard score (Ord and Getis, 1995, equation 14)."""
    size, mean, spread = len(values), values.mean(), values.std()
    many = near.sum(axis=1)
    scale = spread * np.sqrt((size * many - many**2) / max(size - 1, 1))
    over = near @ values - mean * many
    return np.divide(over, scale, out=np.zeros(size), where=scale > 0)


def discovered(chance: Floats, rate: float) -> NDArray[np.bool_]:
    """Return which hypotheses Benjamini and Hochberg (1995) reject at a false-discovery rate."""
    order = np.sort(chance)
    passed = np.flatnonzero(order <= rate * np.arange(1, len(order) + 1) / len(order))
    return chance <= order[passed[-1]] if len(passed) else np.zeros(len(chance), bool)


def kulldorff(register: Register) -> Members:
    """Return the members of the significant circles of every sector."""
    whole = counted(register, CELL_M)
    rings = _rings(whole.counts.keys)
    n = np.cumsum([ring @ whole.counts.total for ring in rings], axis=0)
    draws = np.random.default_rng([register.seed, 10])
    cluster = np.full(len(whole.firm), -1)
    for code, name in enumerate(whole.counts.labels):
        label = whole.counts.of(name)
        own = np.zeros(len(whole.counts.keys))
        own[label.cells] = label.counts
        limit = _limit(whole, rings, n, label.size, draws)
        _give(cluster, whole, code, circles(own, rings, n, limit))
    return members_of(whole.firm, whole.sector, cluster)


def _rings(keys: Ints) -> list[sparse.csr_array]:
    """Return which cells lie in the disc of 0 cells around each cell, and in each ring of 1 cell beyond."""
    points = np.column_stack(cell_positions(keys)).astype(float)
    tree = cKDTree(points)
    apart = tree.sparse_distance_matrix(tree, LONGEST + 1e-9, output_type="coo_matrix")
    ring = np.ceil(apart.data - 1e-9).astype(int)
    found = [sparse.csr_array(sparse.eye_array(len(keys)))]
    for number in range(1, LONGEST + 1):
        here = ring == number
        ones = np.ones(int(here.sum()), np.float32)
        pairs = (apart.row[here], apart.col[here])
        found.append(sparse.csr_array((ones, pairs), shape=(len(keys), len(keys))))
    return found


def ratios(k: Floats, n: Floats, size: float, everyone: float) -> Floats:
    """Return the log likelihood ratios of circles with k of n firms; 0 where no more than outside."""
    outside, others = size - k, everyone - n
    inner = special.xlogy(k, k) + special.xlogy(n - k, n - k) - special.xlogy(n, n)
    outer = special.xlogy(outside, outside) + special.xlogy(others - outside, others - outside)
    outer -= special.xlogy(others, others)
    whole = special.xlogy(size, size) + special.xlogy(everyone - size, everyone - size)
    found = inner + outer - (whole - special.xlogy(everyone, everyone))
    return np.where(k * everyone > n * size, found, 0.0)


def _limit(
    whole: Counted, rings: list[sparse.csr_array], n: Floats, size: int, draws: np.random.Generator
) -> float:
    """Return the ratio that no more than 4 of 99 shuffled maps exceed."""
    everyone = int(whole.counts.total.sum())
    maps = np.stack(
        [_shuffled(whole.counts.total, size, draws).astype(np.float32) for _ in range(SHUFFLES)], axis=1
    )
    largest = np.zeros(SHUFFLES)
    inside = np.zeros(maps.shape)
    for ring, total in zip(rings, n, strict=True):
        inside += ring @ maps
        # Circles are centred on cells with a firm of the sector; those without an excess have no ratio.
        centre, number = np.nonzero((maps > 0) & (inside * everyone > total[:, None] * size))
        found = ratios(inside[centre, number], total[centre], size, everyone)
        np.maximum.at(largest, number, found)
    return float(np.sort(largest)[-(int(RATE * (SHUFFLES + 1)))])


def _shuffled(total: Ints, size: int, draws: np.random.Generator) -> Ints:
    """Deal a label of a size out over all firms, each carrying it at most once."""
    ends = np.cumsum(total)
    firms = draws.choice(int(ends[-1]), size, replace=False)
    return np.bincount(np.searchsorted(ends, firms, side="right"), minlength=len(total))


def circles(own: Floats, rings: list[sparse.csr_array], n: Floats, limit: float) -> Ints:
    """Return the circle that each cell lies in, numbered from the most likely; -1 for none."""
    inside = np.cumsum([ring @ own for ring in rings], axis=0)
    found = ratios(inside, n, own.sum(), float(n[0].sum()))
    found[:, own == 0] = 0.0
    radius, centre = np.nonzero(found > limit)
    taken = np.full(len(own), -1)
    number = 0
    for which in np.argsort(-found[radius, centre], kind="stable"):
        if taken[centre[which]] >= 0:
            continue
        cells = _within(rings, int(centre[which]), int(radius[which]))
        if (taken[cells] < 0).all():
            taken[cells] = number
            number += 1
    return taken


def _within(rings: list[sparse.csr_array], centre: int, radius: int) -> Ints:
    """Return the cells of a circle."""
    rows = (ring.indices[ring.indptr[centre] : ring.indptr[centre + 1]] for ring in rings[: radius + 1])
    return np.concatenate([*rows]).astype(np.int64)


def _give(cluster: Ints, whole: Counted, code: int, group: Ints) -> None:
    """Write down the cluster of each firm of a sector, after those of the sectors before."""
    before = int(cluster.max(initial=-1)) + 1
    own = np.flatnonzero(whole.sector == code)
    own = own[group[whole.cell[own]] >= 0]
    cluster[own] = before + group[whole.cell[own]]
