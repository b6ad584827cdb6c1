"""The ground that labels are tested on: cells, all companies in them, discs and kinds of place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor, sqrt
from typing import TYPE_CHECKING

import numpy as np

from clusters.scan.counts import LabelMap, cell_keys, cell_positions, numbers_of
from clusters.scan.grid import WORD, Grid, bit_map, gathered, runs, spread, sums_around
from clusters.scan.kernels import Ground, Own, Rule, owned, windows
from data.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.scan.grid import Runs
    from clusters.scan.parameters import ScanParameters

    Ints = NDArray[np.int64]

MOST_WORDS = 2**25
"""Words of the bit map: at 500 m cells, a square of 23,000 km."""

KIND_PART = 0.01
"""Kinds of place are given at least this part of all companies, at the national share, in large registers."""

LEAN_PRIOR = 5.0
"""Companies of a label, at the national share, that are added to every kind and region whose lean is told."""

HEAVIEST = 50
"""Companies of a cell that count, at most, where the borders between kinds of place are drawn."""

THICK = 0.5
"""Share of the cells from which on it is quicker to gather a map's discs than to spread its counts."""


@dataclass(frozen=True)
class Field:
    """Occupied cells and all companies in them; made once and shared by all labels and threads.

    Attributes
    ----------
    keys
        Sorted keys of the occupied cells, shape (cells,).
    ground
        What the inner loops know of them.
    n
        All companies in each disc, shape (radii, cells).
    wide
        All companies in the wide disc (disc and ring together) around each cell, -1 where not yet asked for;
        filled in as they are.
    parameters
        What was asked for.
    """

    keys: Ints
    ground: Ground
    n: Ints
    wide: Ints
    parameters: ScanParameters

    @property
    def everyone(self) -> Ints:
        """Running sums of all companies over the cells, shape (cells + 1,)."""
        return self.ground.everyone

    @property
    def grid(self) -> Grid:
        """Where the cells are."""
        return self.ground.grid

    @property
    def size(self) -> int:
        """All companies."""
        return int(self.everyone[-1])

    @property
    def kind_prior(self) -> float:
        """Companies, at the national share, that are added to every kind of place."""
        return max(float(self.parameters.kind_prior), KIND_PART * self.size)

    def rule(self, size: int) -> Rule:
        """Return what a cell has to reach for a label with so many companies."""
        p = self.parameters
        priors = (float(p.window_prior), float(p.ring_prior), self.kind_prior)
        return Rule(p.least(size), float(p.min_lq), *priors)

    def in_discs(self, label: LabelMap) -> Ints:
        """Return the label's companies in each disc, shape (radii, cells)."""
        return in_discs(self.ground.stretches, label, len(self.keys))

    def running(self, label: LabelMap) -> Ints:
        """Return running sums of a label's companies over the cells, shape (cells + 1,)."""
        return running(label, len(self.keys))

    def own(self, label: LabelMap) -> Own:
        """Return what a label makes of the ground."""
        return owned(self.ground, label.cells, label.counts)

    def leans(self, own: Own) -> tuple[float, float]:
        """Return how many times as common a label is where it is commonest as in the country.

        By kinds of place, and over regions (the wide windows). Shares are drawn towards the national one by
        `LEAN_PRIOR` companies of the label, so that rare labels do not lean by chance.
        """
        kinds = _lean(own.in_kind, self.ground.kind_sizes, own.share)
        return kinds, _lean(own.window, self.ground.window, own.share)

    def resampled(self, total: Ints) -> Field:
        """Return the field with other numbers of companies in its cells; kinds of place stay."""
        everyone = np.concatenate([[0], np.cumsum(total)])
        window = windows(self.ground.near, self.in_squares(total))
        return replace(self, ground=self.ground._replace(everyone=everyone, window=window))

    def in_squares(self, counts: Ints, cells: Ints | None = None) -> Ints:
        """Return the sums over the wide squares, of counts in all cells or in some."""
        square = self.ground.square if cells is None else self.ground.square[cells]
        return np.bincount(square, counts, len(self.ground.near)).astype(np.int64)


def _lean(some: Ints, every: Ints, share: float) -> float:
    expected = every * share + LEAN_PRIOR
    return float(((some + LEAN_PRIOR) / expected).max(initial=1.0))


def field(keys: Ints, total: Ints, parameters: ScanParameters) -> Field:
    """Return the field of some occupied cells.

    Parameters
    ----------
    keys, total
        Sorted keys of the occupied cells and all companies in each, shape (cells,).

    Raises
    ------
    InputError
        When the cells lie too far apart to be on one map.
    """
    p = parameters
    ring = half_widths(p.ring_m, p.cell_m)
    discs = tuple(half_widths(radius, p.cell_m) for radius in p.radii_m)
    kind_discs = tuple(half_widths(radius, p.cell_m) for radius in p.kind_m)
    margin = max(len(widths) for widths in (ring, *discs, *kind_discs)) // 2 + 1
    grid = _grid(keys, margin)
    everyone = LabelMap(np.arange(len(keys)), total.astype(np.int64))
    sums = running(everyone, len(keys))
    stretches = runs(grid, discs)
    kinds = _kinds(grid, sums, kind_discs, p.kinds)
    sizes = np.zeros((len(kinds), max(p.kinds, default=1)), np.int64)
    for measure, kind in enumerate(kinds):
        np.add.at(sizes[measure], kind, total)
    square, near = _squares(keys, p)
    window = windows(near, np.bincount(square, total, len(near)).astype(np.int64))
    ground = Ground(grid, stretches, sums, ring, kinds, sizes, square, near, window)
    n = gathered(stretches, sums)
    return Field(keys, ground, n, np.full(len(keys), -1, np.int64), parameters)


def _kinds(grid: Grid, everyone: Ints, discs: tuple[Ints, ...], kinds: tuple[int, ...]) -> NDArray[np.int16]:
    """Return the kind of place of each cell by each measure: classes of all companies in a disc around it.

    Borders are quantiles over companies, of which a cell counts no more than `HEAVIEST`.
    """
    every = np.arange(len(grid.rows))
    weight = np.minimum(np.diff(everyone), HEAVIEST)
    found = np.zeros((len(discs), len(every)), np.int16)
    for measure, (widths, many) in enumerate(zip(discs, kinds, strict=True)):
        density = sums_around(grid, everyone, every, widths)
        order = np.argsort(density, kind="stable")
        reached = np.cumsum(weight[order])
        wanted = np.arange(1, many) / many * reached[-1] if len(every) else np.zeros(0)
        borders = np.unique(density[order][np.searchsorted(reached, wanted)]) if len(every) else density
        found[measure] = np.searchsorted(borders, density, side="right")
    return found


def _squares(keys: Ints, parameters: ScanParameters) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the wide square of each cell, and the numbers of the squares at and around each."""
    strip = max(1, round(parameters.square_m / parameters.cell_m))
    column, row = (position // strip for position in cell_positions(keys))
    names, square = np.unique(cell_keys(column, row), return_inverse=True)
    column, row = cell_positions(names)
    steps = [(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    near = [numbers_of(names, cell_keys(column + dx, row + dy)) for dx, dy in steps]
    return square.astype(np.int32), np.stack(near, axis=1).astype(np.int32)


def _grid(keys: Ints, margin: int) -> Grid:
    column, row = cell_positions(keys)
    if len(keys) == 0:
        empty = np.zeros(0, np.int64)
        return Grid(empty, empty, np.zeros(0, np.uint64), np.zeros(1, np.int32), 1)
    column, row = column - column.min() + margin, row - row.min() + margin
    words = (int(column.max()) + margin) // WORD + 1
    size = (int(row.max()) + margin + 1) * words
    if size > MOST_WORDS:
        raise InputError(
            f"the firms are spread over {np.ptp(row) + 1:,} rows and {np.ptp(column) + 1:,} columns of "
            f"cells; expected at most {MOST_WORDS * WORD:,} cells in all: are the coordinates metres?"
        )
    bits, before = bit_map(row * words * WORD + column, size)
    return Grid(row, column, bits, before, words)


def half_widths(radius_m: float, cell_m: float) -> Ints:
    """Return the half width, in cells, of each run of the cells whose centres lie within the radius.

    Runs go from the southernmost row to the northernmost.
    """
    radius = radius_m / cell_m
    reach = floor(radius)
    return np.array([floor(sqrt(radius * radius - dy * dy)) for dy in range(-reach, reach + 1)])


def in_discs(stretches: Runs, label: LabelMap, cells: int) -> Ints:
    """Return the label's companies in each disc around each occupied cell, shape (radii, cells)."""
    if len(label.cells) > THICK * cells:
        found: Ints = gathered(stretches, running(label, cells))
    else:
        found = spread(stretches, label.cells, label.counts)
    return found


def running(label: LabelMap, cells: int) -> Ints:
    """Return running sums of counts over the cells, shape (cells + 1,)."""
    sums = np.zeros(cells + 1, np.int64)
    sums[label.cells + 1] = label.counts
    return np.cumsum(sums, out=sums)


def cells_near(keys: Ints, radius_m: float, cell_m: float) -> Ints:
    """Return the sorted keys of all cells whose disc holds at least one of the given cells."""
    column, row = cell_positions(keys)
    widths = half_widths(radius_m, cell_m)
    grown = [
        cell_keys(column + dx, row + dy)
        for dy, width in enumerate(widths, start=-(len(widths) // 2))
        for dx in range(-width, width + 1)
    ]
    return np.unique(np.concatenate(grown)) if grown else keys
