"""Small made-up grounds for the tests of the scan, and what they hold counted and tested the slow way."""

from __future__ import annotations

import numpy as np
from scipy import stats

from clusters.scan.counts import LabelMap, cell_keys, cell_positions
from clusters.scan.field import Field, field
from clusters.scan.parameters import ScanParameters

# Radii in cells: one that a 3-4-5 triangle meets exactly, one that is no whole number.
SMALL = ScanParameters(
    cell_m=1.0,
    radii_m=(1.0, 2.5, 5.0, 7.0),
    ring_m=13.0,
    kind_m=(2.5, 6.0),
    kinds=(4, 2),
    kind_prior=5.0,
    square_m=8.0,
    ring_prior=4.0,
    window_prior=2.0,
    local_m=2.5,
    link_m=2.0,
    min_firms=3,
    relabellings=19,
    peaks=40,
    most_relabellings=39,
    resamples=0,
)


def ground(columns, rows, total, parameters=SMALL) -> Field:
    """The field of some cells, which need not be sorted but must be distinct."""
    keys = cell_keys(np.asarray(columns, dtype=np.int64), np.asarray(rows, dtype=np.int64))
    order = np.argsort(keys)
    return field(keys[order], np.asarray(total, dtype=np.int64)[order], parameters)


def label_map(counts) -> LabelMap:
    """A label from its count in every occupied cell."""
    counts = np.asarray(counts, dtype=np.int64)
    return LabelMap(np.flatnonzero(counts), counts[counts > 0])


def scattered(seed: int, parameters=SMALL) -> tuple[Field, LabelMap]:
    """Random cells, in a lump or in far strips, and a label that is common in a part of them."""
    draws = np.random.default_rng(seed)
    size = draws.integers(2, 150)
    wide, high = draws.choice([3, 12, 30, 400, 3_000], 2) + 1
    low = draws.integers(-1_000_000, 1_000_000, 2)
    keys = np.unique(
        cell_keys(low[0] + draws.integers(0, wide, size), low[1] + draws.integers(0, high, size))
    )
    total = draws.integers(1, draws.choice([2, 10, 300]) + 1, len(keys))
    near = distances(keys)[draws.integers(len(keys))] <= draws.uniform(0, 10)
    share = np.where(near, draws.uniform(0.1, 1), draws.uniform(0.01, 0.1))
    counts = draws.binomial(total, share)
    if counts.sum() == 0:
        counts[0] = 1
    return field(keys, total, parameters), label_map(counts)


def distances(keys) -> np.ndarray:
    """Distance between the centres of any two cells, in cells."""
    column, row = cell_positions(keys)
    return np.sqrt(np.subtract.outer(column, column) ** 2 + np.subtract.outer(row, row) ** 2)


def by_distance(keys, counts, radius) -> np.ndarray:
    """Counts summed over the cells whose centres lie within a radius (in cells) of each."""
    return (distances(keys) <= radius) @ counts


def exact_tail(k, n, share, terms=4_000) -> float:
    """Log10 of a binomial tail; logsf takes the logarithm of a number that loses digits below 1e-300."""
    return np.logaddexp.reduce(stats.binom.logpmf(np.arange(k, min(n, k + terms) + 1), n, share)) / np.log(10)


def tails(k, n, share) -> np.ndarray:
    """Log10 of many binomial tails."""
    found = stats.binom.logsf(k - 1, n, share) / np.log(10)
    for i in np.flatnonzero(found < -250):
        found[i] = exact_tail(k[i], n[i], share[i])
    return found


def kinds_of_places(on: Field, parameters=SMALL) -> list[np.ndarray]:
    """The kind of place of each cell by each measure: its rank among quantiles over companies."""
    p, total = parameters, np.diff(on.everyone)
    found = []
    for radius, many in zip(p.kind_m, p.kinds, strict=True):
        density = by_distance(on.keys, total, radius / p.cell_m)
        # One entry a company, 50 of a cell at most.
        crowd = np.sort(np.repeat(density, np.minimum(total, 50)))
        borders = {int(crowd[-(-len(crowd) * i // many) - 1]) for i in range(1, many)}
        found.append(np.array([sum(one >= border for border in borders) for one in density]))
    return found


def around_squares(on: Field, counts, parameters=SMALL) -> np.ndarray:
    """Counts summed over the wide square of each cell and the eight around it."""
    strip = max(1, round(parameters.square_m / parameters.cell_m))
    column, row = (position // strip for position in cell_positions(on.keys))
    near = [np.abs(np.subtract.outer(axis, axis)) <= 1 for axis in (column, row)]
    return (near[0] & near[1]) @ counts


def kind_shares(label: LabelMap, on: Field, k, n, parameters=SMALL) -> np.ndarray:
    """The share among places of each cell's kinds, without its disc (k of n): the largest of all kinds."""
    p, total = parameters, np.diff(on.everyone)
    counts = label.at(np.arange(len(on.keys)))
    share, prior = counts.sum() / total.sum(), max(p.kind_prior, 0.01 * total.sum())
    largest = np.zeros(len(total))
    for kind in kinds_of_places(on, p):
        own, every = (np.array([each[kind == one].sum() for one in kind]) for each in (counts, total))
        # The disc may hold places of other kinds.
        rest = np.maximum(0, own - k), np.maximum(0, every - n)
        largest = np.maximum(largest, (rest[0] + prior * share) / (rest[1] + prior))
    return largest


def spelled_out(label: LabelMap, on: Field, parameters=SMALL) -> tuple[np.ndarray, np.ndarray]:
    """The statistic and the baseline of every disc, shape (radii, cells), from the definition."""
    p, total = parameters, np.diff(on.everyone)
    counts = label.at(np.arange(len(on.keys)))
    share = counts.sum() / total.sum()
    window_k, window_n = (around_squares(on, each, p) for each in (counts, total))
    wide_k, wide_n = (by_distance(on.keys, each, p.ring_m / p.cell_m) for each in (counts, total))
    found = []
    for radius in p.radii_m:
        k, n = (by_distance(on.keys, each, radius / p.cell_m) for each in (counts, total))
        # Discs may reach beyond the squares.
        rest = np.maximum(0, window_k - k), np.maximum(0, window_n - n)
        window = shrunk(*rest, p.window_prior, share)
        ring = shrunk(wide_k - k, wide_n - n, p.ring_prior, window)
        floor = np.maximum(share, kind_shares(label, on, k, n, p))
        base = np.minimum(0.999, np.maximum(floor, ring))
        passes = (k >= p.least(label.size)) & (k / n >= p.min_lq * base * (1 - 1e-9))
        statistic = np.zeros(len(k))
        statistic[passes] = -tails(k[passes], n[passes], base[passes])
        found.append((statistic, base))
    statistic, baseline = zip(*found, strict=True)
    return np.array(statistic), np.array(baseline)


def shrunk(k, n, prior, share) -> np.ndarray:
    """The share k of n, drawn towards another by so many companies; that one where there is nothing."""
    weight = n + prior
    return np.where(weight > 0, (k + prior * share) / np.maximum(weight, 1e-300), share)
