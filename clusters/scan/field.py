"""The ground that labels are tested on: occupied cells, all companies in them, and the discs around them."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING

import numpy as np

from clusters.scan.counts import LabelMap, cell_keys, cell_positions
from clusters.scan.kernels import WORD, Grid, Rule, bit_map, spread
from data.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.scan.parameters import ScanParameters

    Ints = NDArray[np.int64]

MOST_WORDS = 2**25
"""Words of the bit map: at 500 m cells, a square of 23,000 km."""


@dataclass(frozen=True)
class Field:
    """Occupied cells and all companies in them; made once and shared by all labels and threads.

    Attributes
    ----------
    keys
        Sorted keys of the occupied cells, shape (cells,).
    everyone
        Running sums of all companies over the cells, shape (cells + 1,).
    grid
        Where the cells are.
    discs, ring
        Half widths of the runs of each disc, smallest first, and of the wide disc (disc and ring together).
    n
        All companies in each disc, shape (radii, cells).
    rule
        What a cell has to reach.
    """

    keys: Ints
    everyone: Ints
    grid: Grid
    discs: tuple[Ints, ...]
    ring: Ints
    n: NDArray[np.int32]
    rule: Rule

    @property
    def size(self) -> int:
        """All companies."""
        return int(self.everyone[-1])

    def in_discs(self, label: LabelMap) -> NDArray[np.int32]:
        """Return the label's companies in each disc, shape (radii, cells)."""
        return in_discs(self.grid, label, self.discs)

    def running(self, label: LabelMap) -> Ints:
        """Return running sums of a label's companies over the cells, shape (cells + 1,)."""
        return running(label, len(self.keys))


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
    grid = _grid(keys, len(ring) // 2 + 1)
    everyone = LabelMap(np.arange(len(keys)), total.astype(np.int64))
    rule = Rule(int(p.min_firms), float(p.min_lq), float(p.ring_prior))
    return Field(keys, running(everyone, len(keys)), grid, discs, ring, in_discs(grid, everyone, discs), rule)


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


def in_discs(grid: Grid, label: LabelMap, discs: tuple[Ints, ...]) -> NDArray[np.int32]:
    """Return the label's companies in each disc around each occupied cell, shape (radii, cells)."""
    return np.stack([spread(grid, label.cells, label.counts, widths) for widths in discs])


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
