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

from math import floor, log1p, log10, sqrt
from typing import TYPE_CHECKING

import numpy as np

from clusters.scan.counts import LabelMap
from clusters.scan.kernels import best_of_map, take
from data.plural import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.scan.field import Field
    from clusters.scan.parameters import ScanParameters

    Floats = NDArray[np.float64]


def null_maxima(size: int, ground: Field, parameters: ScanParameters) -> Floats:
    """Return the best statistic of each random relabelling, over all cells and discs, shape (relabellings,).

    Depends on the number of the label's companies, not on their places, so labels of one size share it; the
    draws depend on that number and the seed alone.

    Parameters
    ----------
    size
        Companies of the label.
    """
    draws = np.random.default_rng([parameters.seed, size])
    maps = (random_map(size, ground, draws) for _ in range(parameters.relabellings))
    return np.array([best_statistic(label, ground) for label in maps])


def best_statistic(label: LabelMap, ground: Field) -> float:
    """Return the largest statistic of a map; 0 when no cell reaches the minimum count and quotient."""
    g, running = ground, ground.running(label)
    return float(best_of_map(g.grid, g.in_discs(label), g.n, running, g.everyone, g.ring, g.rule))


def random_map(size: int, ground: Field, draws: np.random.Generator) -> LabelMap:
    """Draw a label of a size from all companies, each as likely, without replacement."""
    everyone = ground.size
    fewer = min(size, everyone - size)
    while True:
        # As many picks as it takes on average to meet that many different companies, and some to spare.
        picks = int(-everyone * log1p(-fewer / everyone) + 8 * sqrt(fewer)) + 8
        cells, counts, drawn = take(ground.everyone, draws.integers(0, everyone, picks), fewer)
        if drawn == fewer:
            break
    return LabelMap(cells, counts) if fewer == size else _others(cells, counts, ground)


def _others(cells: NDArray[np.int64], counts: NDArray[np.int64], ground: Field) -> LabelMap:
    """Return the companies that were not drawn."""
    left = np.diff(ground.everyone)
    left[cells] -= counts
    there = np.flatnonzero(left)
    return LabelMap(there, left[there])


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
        known = f"{count(size, 'company', 'companies')} with a precise place"
        return f"{known}; a cluster needs at least {parameters.min_firms}"
    if everyone < parameters.min_lq * size:
        reach = everyone / size
        return (
            f"carried by {size:,} of {count(everyone, 'company', 'companies')}, so no place can reach a "
            f"location quotient of {parameters.min_lq:g} (at most {reach:.2f})"
        )
    return ""
