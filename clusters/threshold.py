"""How small a tail must be: learnt from random maps of the same number of firms over the same places.

For each relabelling the label's companies are drawn without replacement from all companies, whose places
stay, and the best statistic (-log10 of the tail) of any cell is kept: 0 when no cell reaches the minimum
count and quotient. With R relabellings and level a, let c = floor(a (R + 1)) - 1. The threshold is the (c +
1)-th largest of the R maxima (the 10th largest, which is the 190th smallest, of 199 at 0.05), and a cell must
lie strictly above it. Then at most c of the random maxima reach an observed maximum that passes, which is the
Monte Carlo test of Barnard (1963) and Besag and Diggle (1977): a random map shows any cluster with a
probability of at most a, exactly, in finite samples. Taking each map's maximum settles the many cells tested
(Westfall and Young, 1993). Random maps of a rare label seldom bring the minimum count together, so their
maxima may all be 0; a cell's own tail must then still be below a, and so the threshold is never under
-log10(a).
"""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np

from clusters.neighbourhood import cumulate
from clusters.scan import SLACK, score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.neighbourhood import Neighbourhood
    from clusters.parameters import ScanParameters

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

BLOCK = 10_000_000
"""Most numbers (cells times relabellings) held at a time."""


def null_maxima(size: int, total: Ints, around: Neighbourhood, parameters: ScanParameters) -> Floats:
    """Return the best statistic of each random relabelling, shape (relabellings,).

    Depends on the number of the label's companies, not on their places, so labels of one size share it; the
    draws depend on that number and the seed alone.

    Parameters
    ----------
    size
        Companies of the label.
    total
        Companies in the occupied cells, shape (cells,).
    """
    draws = np.random.default_rng([parameters.seed, size])
    height = max(len(total), len(around.keys), 1)
    block = max(1, min(parameters.relabellings, BLOCK // height))
    maxima = []
    for start in range(0, parameters.relabellings, block):
        wanted = min(block, parameters.relabellings - start)
        # One map at a time keeps the stream of draws independent of the size of a block.
        maps = [draws.multivariate_hypergeometric(total, size, method="count") for _ in range(wanted)]
        maxima.append(_maxima(np.column_stack(maps), total, around, parameters))
    return np.concatenate(maxima)


def _maxima(maps: Ints, total: Ints, around: Neighbourhood, parameters: ScanParameters) -> Floats:
    """Best statistic of each column of counts (cells, maps); rings are summed only where they matter."""
    share = maps[:, 0].sum() / total.sum()
    running, running_n = cumulate(maps), cumulate(total)
    k, n = around.disc @ running, around.disc @ running_n
    least = np.maximum(parameters.min_firms, parameters.min_lq * share * SLACK * n)
    promising = k >= least[:, None]
    rows = np.flatnonzero(promising.any(axis=1))
    place, column = np.nonzero(promising[rows])
    disc_k = k[rows][place, column]
    disc_n = n[rows][place]
    wide = around.wide[rows]
    ring_k = (wide @ running)[place, column] - disc_k
    ring_n = (wide @ running_n)[place] - disc_n
    scores = score((disc_k, disc_n), (ring_k, ring_n), share, parameters)
    best = np.zeros(maps.shape[1])
    np.maximum.at(best, column, 0.0 - scores.log10_p)
    return best


def threshold(maxima: Floats, level: float) -> float:
    """Return the statistic (-log10) that a cell must exceed, by the rule at the head of this module."""
    allowed = floor(level * (len(maxima) + 1) + 1e-9) - 1
    return max(float(np.sort(maxima)[len(maxima) - 1 - allowed]), -log10(level))


def chance(statistic: float, maxima: Floats) -> float:
    """Return the share of maps, the observed among them, whose best cell is at least as striking."""
    return float((1 + np.count_nonzero(maxima >= statistic)) / (len(maxima) + 1))


def untestable(size: int, everyone: int, parameters: ScanParameters) -> str:
    """Return why a label cannot be tested, or nothing when it can.

    Parameters
    ----------
    size, everyone
        Companies of the label, and of all labels or none.
    """
    if size < parameters.min_firms:
        return f"{size} companies with a precise place; a cluster needs at least {parameters.min_firms}"
    if everyone < parameters.min_lq * size:
        reach = everyone / size
        return (
            f"{size} of {everyone} companies carry it, so no place can reach a location quotient of "
            f"{parameters.min_lq:g} (at most {reach:.2f})"
        )
    return ""
