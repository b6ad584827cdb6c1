"""How often a cluster comes back when the firms are resampled.

Each resample gives every company a Poisson(1) weight, the bootstrap for data that only need counting (Hanley
and MacGibbon, 2006). The weights of all companies of a cell sum to a Poisson number, and of those the label's
share is binomial, so counts are drawn straight from counts: once for all companies, which all labels share,
and once for each label. The cells of the clusters are then tested again with the same thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from clusters.scan.counts import LabelMap
from clusters.scan.field import half_widths
from clusters.scan.grid import sums_around
from clusters.scan.kernels import Own, windows
from clusters.scan.scan import score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from clusters.scan.field import Field

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Mapper = Callable[[Callable[[int], list["Again"]], Iterable[int]], Iterable[list["Again"]]]


EVERYONE = 1
"""Parts the draws of all companies in a resample from those of a random map with that number of companies."""


@dataclass(frozen=True)
class Candidate:
    """The clusters of one label, to be looked for again.

    Attributes
    ----------
    name
        The label; with the seed it decides the draws, so other labels have no say in them.
    label
        Its companies.
    cells, group
        Cells of its clusters, ascending, and the cluster of each, numbered from 0.
    threshold
        Statistic that a cell of each cluster must exceed.
    """

    name: str
    label: LabelMap
    cells: Ints
    group: Ints
    threshold: Floats

    @property
    def clusters(self) -> int:
        """Number of its clusters."""
        return int(self.group.max(initial=-1)) + 1

    @property
    def firms(self) -> Ints:
        """Companies of the label in each of the cells."""
        return self.label.at(self.cells)


@dataclass(frozen=True)
class Stability:
    """Share of resamples in which each cell is specialised again, and in which each cluster comes back."""

    frequency: Floats
    returns: Floats


@dataclass(frozen=True)
class Again:
    """What one resample finds of a candidate: cells that are specialised again, clusters that are back."""

    cells: NDArray[np.bool_]
    clusters: NDArray[np.bool_]


def stability(candidates: list[Candidate], ground: Field, mapper: Mapper = map) -> list[Stability]:
    """Return how firm the clusters of each candidate are, in their order; not a number without resamples.

    Parameters
    ----------
    mapper
        Does the resamples, in their order; `map`, or that of a pool of threads.
    """
    parameters = ground.parameters
    in_kinds = [ground.own(one.label).in_kind for one in candidates]
    reach = half_widths(parameters.local_m, parameters.cell_m)
    before = np.diff(ground.everyone)
    frequency = [np.zeros(len(one.cells)) for one in candidates]
    back = [np.zeros(one.clusters) for one in candidates]

    def once(number: int) -> list[Again]:
        total = np.random.default_rng([parameters.seed, number, EVERYONE]).poisson(before)
        again = ground.resampled(total)
        found = []
        for one, in_kind in zip(candidates, in_kinds, strict=True):
            draws = np.random.default_rng([parameters.seed, number, crc32(one.name.encode())])
            there = one.label.cells
            label = LabelMap(there, draws.binomial(total[there], one.label.counts / before[there]))
            found.append(_look(one, label, again, in_kind, reach))
        return found

    for each in mapper(once, range(parameters.resamples if candidates else 0)):
        for place, one in enumerate(each):
            frequency[place] += one.cells
            back[place] += one.clusters
    share = 1 / parameters.resamples if parameters.resamples else np.nan
    return [Stability(cells * share, whole * share) for cells, whole in zip(frequency, back, strict=True)]


def _look(one: Candidate, label: LabelMap, ground: Field, in_kind: Ints, reach: Ints) -> Again:
    """Test the cells of a candidate in one resample: the label's companies, on the ground of all.

    Parameters
    ----------
    in_kind
        The label's companies in each kind of place, as they are.
    """
    if label.size == 0:
        return Again(np.zeros(len(one.cells), dtype=bool), np.zeros(one.clusters, dtype=bool))
    window = windows(ground.ground.near, ground.in_squares(label.counts, label.cells))
    own = Own(ground.running(label), label.size / ground.size, in_kind, window)
    limits = one.threshold[one.group]
    scores = score(
        one.cells, own, ground, ground.rule(one.label.size), float(one.threshold.min(initial=np.inf))
    )
    found = scores.statistic > limits
    return Again(found, back(one, found, ground, reach, ground.parameters.overlap))


def back(
    one: Candidate, again: NDArray[np.bool_], ground: Field, reach: Ints, overlap: float
) -> NDArray[np.bool_]:
    """Return which clusters are back: at least `overlap` of their firms are near cells specialised again.

    Parameters
    ----------
    again
        Whether each cell of the candidate is specialised again.
    reach
        Half widths of the disc that counts as near.
    """
    found = LabelMap(one.cells[again], np.ones(int(again.sum()), dtype=np.int64))
    near = sums_around(ground.grid, ground.running(found), one.cells, reach) > 0
    whole, kept = (np.bincount(one.group, one.firms * mask, one.clusters) for mask in (1, near))
    enough: NDArray[np.bool_] = kept >= overlap * whole - 1e-9
    return enough
