"""The relative-density scan: which cells hold more of a label than the firms around them explain.

A cell is specialised when one of the discs around it holds `min_firms` companies of the label, at a location
quotient of `min_lq`, with an exact binomial tail beyond the label's limit, which all discs share. The share
expected, the baseline, is the largest of three: the national share; the share among other places of the same
kind, by how many firms of any label stand within 2.4 km and within 8 km, which takes up what is commoner in
small towns or large ones; and the share in the ring around the disc, drawn towards that of a wider window,
which tells a local cluster from a city or region that is specialised as a whole. Only the national share
counts the disc itself. The comparison is with all firms, not with empty land, as in Kulldorff (1997), "A
spatial scan statistic", from which the discs of several radii come too, and in Duranton and Overman (2005),
"Testing for localization using micro-geographic data".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from clusters.scan.counts import cell_positions
from clusters.scan.grid import sums_around
from clusters.scan.kernels import SLACK, hopeful_cells, score_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.scan.counts import LabelMap
    from clusters.scan.field import Field
    from clusters.scan.kernels import Own, Rule

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

    def of(self, chosen: NDArray[np.bool_] | Ints) -> Scores:
        """Return the scores of some of the cells, chosen by flags or by positions."""
        whole = (self.disc, self.k, self.n)
        disc, k, n = (column[chosen] for column in whole)
        return Scores(self.cells[chosen], disc, k, n, self.baseline[chosen], self.statistic[chosen])


def score(cells: Ints, own: Own, ground: Field, rule: Rule, above: float = 0.0) -> Scores:
    """Score some occupied cells for a label; statistics at or below `above` may come back as 0."""
    disc, k, n, baseline, statistic = score_cells(ground.ground, own, cells, rule, above)
    return Scores(cells, disc, k, n, baseline, statistic)


def scan(label: LabelMap, own: Own, ground: Field, rule: Rule, above: float) -> Scores:
    """Return the scores of all cells with a statistic above the given one."""
    hopeful = hopeful_cells(ground.ground, own, ground.in_discs(label), ground.n, rule, above)
    scores = score(np.flatnonzero(hopeful), own, ground, rule, above)
    return scores.of(scores.statistic > above)


def dense(scores: Scores, own: Own, ground: Field, discs: tuple[Ints, ...]) -> NDArray[np.bool_]:
    """Return whether each cell's own surroundings reach the lowest quotient in at least one of some discs."""
    found = np.zeros(len(scores.cells), dtype=bool)
    for widths in discs:
        k = sums_around(ground.grid, own.running, scores.cells, widths)
        n = sums_around(ground.grid, ground.everyone, scores.cells, widths)
        found |= k >= ground.parameters.min_lq * SLACK * n * scores.baseline
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
    pairs = cKDTree(np.column_stack([column, row])).query_pairs(link, p=np.inf, output_type="ndarray")
    ends = [pairs.T, *([np.stack(bonds)] if bonds else [])]
    first, second = np.concatenate(ends, axis=1)
    graph = sparse.coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(len(keys),) * 2)
    _, group = sparse.csgraph.connected_components(graph, directed=False)
    _, where, number = np.unique(group, return_index=True, return_inverse=True)
    rank: NDArray[np.int64] = np.argsort(np.argsort(where))[number]
    return rank


def near(keys: Ints, cells: Ints, others: Ints, link: int) -> NDArray[np.bool_]:
    """Return which of some cells lie within `link` columns and rows of any of the others."""
    if len(cells) == 0 or len(others) == 0:
        return np.zeros(len(cells), bool)
    points, targets = (np.column_stack(cell_positions(keys[some])) for some in (cells, others))
    distance, _ = cKDTree(targets).query(points, p=np.inf)
    found: NDArray[np.bool_] = distance <= link
    return found
