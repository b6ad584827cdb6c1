"""The relative-density scan: which cells hold more of a label than the firms around them explain.

A cell is specialised when one of the discs around it holds `min_firms` companies of the label, at a location
quotient of `min_lq`, with an exact binomial tail beyond the label's threshold, which all discs share. The
share expected, the baseline, is the larger of the national share and the share in the ring around the disc:
the ring tells a local cluster from a city that is specialised as a whole. The comparison is with all firms,
not with empty land, as in Kulldorff (1997), "A spatial scan statistic", from which the discs of several radii
come too, and in Duranton and Overman (2005), "Testing for localization using micro-geographic data".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from clusters.scan.counts import cell_keys, cell_positions, numbers_of
from clusters.scan.kernels import SLACK, hopeful_cells, score_cells, sums_around

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.scan.counts import LabelMap
    from clusters.scan.field import Field

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """What the scan finds at some cells, in the disc that is most striking at each; arrays of one shape.

    Attributes
    ----------
    cells
        Numbers of the cells among the occupied ones, ascending.
    disc
        Number of the disc, smallest first.
    k, n
        Companies of the label, and in all, in it.
    baseline
        Share expected there.
    statistic
        -log10 of the chance of k or more of n at the baseline; 0 where k or the quotient is below its
        minimum.
    """

    cells: Ints
    disc: Ints
    k: Ints
    n: Ints
    baseline: Floats
    statistic: Floats

    @property
    def lq(self) -> Floats:
        """Location quotient, (k / n) / baseline."""
        expected = self.n * self.baseline
        return np.divide(self.k, expected, out=np.zeros(len(self.k)), where=expected > 0)

    def of(self, chosen: NDArray[np.bool_]) -> Scores:
        """Return the scores of some of the cells."""
        whole = (self.disc, self.k, self.n)
        disc, k, n = (column[chosen] for column in whole)
        return Scores(self.cells[chosen], disc, k, n, self.baseline[chosen], self.statistic[chosen])


def score(cells: Ints, label: LabelMap, ground: Field, above: float = 0.0) -> Scores:
    """Score some occupied cells for a label; statistics at or below `above` may come back as 0."""
    ring, running = ground.ring, ground.running(label)
    disc, k, n, baseline, statistic = score_cells(
        ground.grid, cells, ground.discs, ring, running, ground.everyone, ground.rule, above
    )
    return Scores(cells, disc, k, n, baseline, statistic)


def scan(label: LabelMap, ground: Field, above: float) -> Scores:
    """Return the scores of all cells with a statistic above the given one."""
    share = label.size / ground.size
    hopeful = hopeful_cells(ground.in_discs(label), ground.n, share, ground.rule, above)
    scores = score(np.flatnonzero(hopeful), label, ground, above)
    return scores.of(scores.statistic > above)


def dense(scores: Scores, label: LabelMap, ground: Field, discs: tuple[Ints, ...]) -> NDArray[np.bool_]:
    """Return whether each cell's own surroundings reach the lowest quotient in at least one of some discs."""
    running = ground.running(label)
    found = np.zeros(len(scores.cells), dtype=bool)
    for widths in discs:
        k = sums_around(ground.grid, running, scores.cells, widths)
        n = sums_around(ground.grid, ground.everyone, scores.cells, widths)
        found |= k >= ground.rule.min_lq * SLACK * n * scores.baseline
    return found


def components(keys: Ints, link: int = 1, bonds: tuple[Ints, Ints] | None = None) -> NDArray[np.int64]:
    """Return the group of each cell, numbered from 0 by first cell.

    Cells no more than `link` columns and rows apart are in one group.

    Parameters
    ----------
    keys
        Sorted keys of the cells.
    bonds
        Numbers of further cells that are in one group, pair by pair.
    """
    column, row = cell_positions(keys)
    steps = [(dx, dy) for dy in range(link + 1) for dx in range(-link, link + 1) if (dy, dx) > (0, 0)]
    pairs = [_beside(keys, cell_keys(column + dx, row + dy)) for dx, dy in steps]
    first, second = (np.concatenate(ends) for ends in zip(*pairs, *([bonds] if bonds else []), strict=True))
    graph = sparse.coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(len(keys),) * 2)
    _, group = sparse.csgraph.connected_components(graph, directed=False)
    _, where, number = np.unique(group, return_index=True, return_inverse=True)
    rank: NDArray[np.int64] = np.argsort(np.argsort(where))[number]
    return rank


def _beside(keys: Ints, wanted: Ints) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of the cells whose wanted neighbour is there, and of that neighbour."""
    found = numbers_of(keys, wanted)
    hit = np.flatnonzero(found >= 0)
    return hit, found[hit]
