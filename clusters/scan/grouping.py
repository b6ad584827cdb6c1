"""From specialised cells to the cells of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clusters.scan.counts import numbers_of
from clusters.scan.field import cells_near, half_widths
from clusters.scan.scan import components, dense

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.scan.counts import LabelMap
    from clusters.scan.field import Field
    from clusters.scan.kernels import Own
    from clusters.scan.parameters import ScanParameters
    from clusters.scan.scan import Scores

    Ints = NDArray[np.int64]


def grouped(passed: Scores, label: LabelMap, own: Own, ground: Field) -> tuple[Ints, Ints]:
    """Return the cells of the clusters, ascending, and the cluster of each.

    Specialised cells that are near one another form a cluster. Those of them whose own surroundings are dense
    give it their firms: a large disc may pass though its centre is not. A cluster that is left with fewer
    than the minimum, or less than half of the companies in its most striking disc, takes in that disc; what
    is then near is one cluster, so that no firm is in two of a label.

    Parameters
    ----------
    passed
        Scores of the specialised cells.
    """
    p = ground.parameters
    if len(passed.cells) == 0:
        return passed.cells, passed.cells
    local = tuple(half_widths(r, p.cell_m) for r in sorted({*p.radii_m, p.local_m}) if r <= p.local_m)
    giving = passed.cells[dense(passed, own, ground, local)]
    group = components(ground.keys[passed.cells], p.link)
    peaks = _peaks(passed, group)
    short = peaks[
        _held(giving, passed.cells, group, label) < np.maximum(p.least(label.size), passed.k[peaks] / 2)
    ]
    discs = [_disc(peak, passed, ground, p) for peak in short]
    giving = np.unique(np.concatenate([giving, *discs]))
    whole = np.union1d(passed.cells, giving)
    centres = np.repeat(passed.cells[short], [len(disc) for disc in discs])
    first, second = (np.searchsorted(whole, ends) for ends in (centres, np.concatenate([short[:0], *discs])))
    again = components(ground.keys[whole], p.link, (first, second))[np.searchsorted(whole, giving)]
    return giving, np.unique(again, return_inverse=True)[1]


def _held(giving: Ints, cells: Ints, group: Ints, label: LabelMap) -> Ints:
    """Companies of the label in the cells of each group that give it their firms."""
    own = group[np.searchsorted(cells, giving)]
    return np.bincount(own, label.at(giving), int(group.max()) + 1)


def _peaks(passed: Scores, group: Ints) -> Ints:
    """Position of the most striking cell of each group: largest statistic, then most firms, then first."""
    order = np.lexsort((passed.cells, -passed.k, -passed.statistic))
    return order[np.unique(group[order], return_index=True)[1]]


def _disc(peak: int, passed: Scores, ground: Field, parameters: ScanParameters) -> Ints:
    """Numbers of the occupied cells in the most striking disc around a cell."""
    key = ground.keys[passed.cells[[peak]]]
    numbers = numbers_of(
        ground.keys, cells_near(key, parameters.radii_m[passed.disc[peak]], parameters.cell_m)
    )
    return numbers[numbers >= 0]
