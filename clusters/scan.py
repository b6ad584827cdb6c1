"""The relative-density scan: which cells hold more of a label than the firms around them explain.

A cell is specialised when its disc holds `min_firms` companies of the label, at a location quotient of
`min_lq`, with an exact binomial tail beyond the label's threshold. The share expected, the baseline, is the
larger of the national share and the share in the ring around the disc: the ring tells a local cluster from a
city that is specialised as a whole. The comparison is with all firms, not with empty land, as in Kulldorff
(1997), "A spatial scan statistic", and Duranton and Overman (2005), "Testing for localization using
micro-geographic data".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse, special

from clusters.counts import ROW
from clusters.neighbourhood import cumulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.neighbourhood import Neighbourhood
    from clusters.parameters import ScanParameters

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

SLACK = 1 - 1e-9
"""Rounding allowed when a location quotient is compared with its minimum."""

LOG10 = float(np.log(10))

TERMS = 64
"""Terms of a far tail that are summed one by one."""


@dataclass(frozen=True)
class Scores:
    """What the scan finds at some cells; all arrays of one shape.

    Attributes
    ----------
    k, n
        Companies of the label, and in all, in the disc.
    baseline
        Share expected there.
    lq
        Location quotient, (k / n) / baseline.
    log10_p
        Log10 of the chance of k or more of n at the baseline; 0 where k or lq is below its minimum.
    """

    k: Ints
    n: Ints
    baseline: Floats
    lq: Floats
    log10_p: Floats


def log10_tail(k: NDArray[np.integer], n: NDArray[np.integer], share: Floats) -> Floats:
    """Return log10 of P(X >= k) for X binomial(n, share), for 1 <= k <= n.

    The tail is the regularised incomplete beta function I_share(k, n - k + 1). Where that underflows (below
    1e-300) the first terms of the tail are summed, and a geometric series bounds the rest.
    """
    k, n, share = np.broadcast_arrays(np.asarray(k, float), np.asarray(n, float), np.asarray(share, float))
    tail = special.betainc(k, n - k + 1, share)
    tiny = tail < 1e-300
    logs: Floats = np.log10(np.where(tiny, 1.0, tail))
    if tiny.any():
        logs[tiny] = _log10_far_tail(k[tiny], n[tiny], share[tiny])
    return logs


def _log10_far_tail(k: Floats, n: Floats, share: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        term = (
            -special.betaln(k + 1, n - k + 1)
            - np.log(n + 1)
            + special.xlogy(k, share)
            + special.xlog1py(n - k, -share)
        )
    # The terms after the first, as multiples of it; what is left after TERMS shrinks at least geometrically.
    part, whole, ratio = np.ones_like(k), np.ones_like(k), np.zeros_like(k)
    for step in range(TERMS):
        ratio = np.maximum(n - k - step, 0) * share / ((k + step + 1) * (1 - share))
        part = part * ratio
        whole = whole + part
    logs: Floats = (term + np.log(whole + part * ratio / (1 - ratio))) / LOG10
    return logs


def baseline_share(
    ring_k: NDArray[np.integer], ring_n: NDArray[np.integer], share: Floats, prior: float
) -> Floats:
    """Return the larger of the national share and the ring's, the latter with `prior` firms at the former."""
    share = np.asarray(share, dtype=float)
    weight = np.asarray(ring_n, dtype=float) + prior
    filled = np.where(weight > 0, weight, 1.0)
    ring = np.where(weight > 0, (ring_k + prior * share) / filled, share)
    larger: Floats = np.maximum(share, ring)
    return larger


def score(
    discs: tuple[Ints, Ints], rings: tuple[Ints, Ints], share: Floats | float, parameters: ScanParameters
) -> Scores:
    """Score cells by the counts around them.

    Parameters
    ----------
    discs, rings
        Companies of the label and in all, in the disc and in the ring; arrays of one shape.
    share
        National share of the label, a number or of the same shape.
    """
    k, n = discs
    baseline = baseline_share(*rings, np.asarray(share, dtype=float), parameters.ring_prior)
    expected = n * baseline
    lq = np.divide(k, expected, out=np.zeros(np.shape(k)), where=expected > 0)
    eligible = (k >= parameters.min_firms) & (lq >= parameters.min_lq * SLACK)
    log10_p = np.zeros(np.shape(k))
    log10_p[eligible] = log10_tail(k[eligible], n[eligible], baseline[eligible])
    return Scores(k, n, baseline, lq, log10_p)


def scan(label: Ints, total: Ints, around: Neighbourhood, parameters: ScanParameters) -> Scores:
    """Score every cell of a neighbourhood for one label.

    Parameters
    ----------
    label, total
        Companies of the label and in all in the occupied cells, shape (cells,).
    """
    k, n = (around.disc @ cumulate(counts) for counts in (label, total))
    wide_k, wide_n = (around.wide @ cumulate(counts) for counts in (label, total))
    return score((k, n), (wide_k - k, wide_n - n), float(label.sum() / total.sum()), parameters)


def components(keys: Ints) -> NDArray[np.int64]:
    """Return the number of the 8-connected group of each cell, from 0 by first cell; keys sorted."""
    pairs = [_touching(keys, step) for step in (1, ROW - 1, ROW, ROW + 1)]
    first = np.concatenate([pair[0] for pair in pairs])
    second = np.concatenate([pair[1] for pair in pairs])
    size = len(keys)
    graph = sparse.coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(size, size))
    _, group = sparse.csgraph.connected_components(graph, directed=False)
    _, where, number = np.unique(group, return_index=True, return_inverse=True)
    rank: NDArray[np.int64] = np.argsort(np.argsort(where))[number]
    return rank


def _touching(keys: Ints, step: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of the cells that have a neighbour `step` further, and of that neighbour."""
    found = np.searchsorted(keys, keys + step)
    hit = np.flatnonzero(found < len(keys))
    hit = hit[keys[found[hit]] == keys[hit] + step]
    return hit, found[hit]
