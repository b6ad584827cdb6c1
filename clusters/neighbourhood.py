"""Sums of counts over discs and rings of cells.

A disc is a stack of runs, one a row of cells. Over cells sorted row by row a run's sum is the difference of
two cumulative sums, so a disc of 5,000 cells costs at most 162 look-ups, and all discs together are one
sparse matrix of +1 and -1 applied to cumulative counts: exact in whole numbers, and for many count columns at
a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from clusters.counts import cell_keys, cell_positions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.parameters import ScanParameters

    Ints = NDArray[np.int64]


def disc_runs(radius_m: float, cell_m: float) -> list[tuple[int, int]]:
    """Return (row offset, half width), in cells, of the runs of cells whose centres lie within the radius."""
    radius = radius_m / cell_m
    reach = floor(radius)
    return [(dy, floor(sqrt(radius * radius - dy * dy))) for dy in range(-reach, reach + 1)]


def cells_near(keys: Ints, radius_m: float, cell_m: float) -> Ints:
    """Return the sorted keys of all cells whose disc holds at least one of the given cells."""
    column, row = cell_positions(keys)
    grown = [
        cell_keys(column + dx, row + dy)
        for dy, width in disc_runs(radius_m, cell_m)
        for dx in range(-width, width + 1)
    ]
    return np.unique(np.concatenate(grown)) if grown else keys


def disc_matrix(centres: Ints, keys: Ints, radius_m: float, cell_m: float) -> sparse.csr_array:
    """Return the matrix that turns cumulative counts into sums over discs.

    Parameters
    ----------
    centres
        Keys of the cells at the discs' centres, shape (centres,).
    keys
        Sorted keys of the occupied cells, shape (cells,).

    Returns
    -------
    sparse.csr_array
        Shape (centres, cells + 1), of +1 and -1, to be applied to what `cumulate` returns.
    """
    column, row = cell_positions(centres)
    rows, columns, signs = [], [], []
    for dy, width in disc_runs(radius_m, cell_m):
        start = np.searchsorted(keys, cell_keys(column - width, row + dy), side="left")
        stop = np.searchsorted(keys, cell_keys(column + width, row + dy), side="right")
        used = np.flatnonzero(stop > start)
        rows += [used, used]
        columns += [stop[used], start[used]]
        signs += [np.ones(len(used), dtype=np.int32), np.full(len(used), -1, dtype=np.int32)]
    place = (np.concatenate(rows), np.concatenate(columns))
    matrix = sparse.csr_array((np.concatenate(signs), place), shape=(len(centres), len(keys) + 1))
    # Where a run ends as the next begins, +1 and -1 meet and cancel.
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def cumulate(counts: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return running sums down the cells with a row of zeros on top: (cells, ...) to (cells + 1, ...)."""
    running = np.zeros((counts.shape[0] + 1, *counts.shape[1:]), dtype=np.int32)
    np.cumsum(counts, axis=0, out=running[1:])
    return running


@dataclass(frozen=True)
class Neighbourhood:
    """The disc and the wide disc (disc and ring together) around each of a set of cells.

    Attributes
    ----------
    keys
        Sorted keys of the cells at the centres, shape (centres,).
    disc, wide
        Matrices of `disc_matrix`, shape (centres, cells + 1).
    """

    keys: Ints
    disc: sparse.csr_array
    wide: sparse.csr_array


def around(centres: Ints, keys: Ints, parameters: ScanParameters) -> Neighbourhood:
    """Return the neighbourhoods of the given cells among the occupied cells; both sorted."""
    p = parameters
    disc = disc_matrix(centres, keys, p.radius_m, p.cell_m)
    return Neighbourhood(centres, disc, disc_matrix(centres, keys, p.ring_m, p.cell_m))


def neighbourhood(keys: Ints, total: Ints, parameters: ScanParameters) -> Neighbourhood:
    """Return the neighbourhoods of all cells with enough companies in their disc to be worth a test.

    Parameters
    ----------
    keys, total
        Sorted keys of the occupied cells and the companies in each, shape (cells,).
    """
    p = parameters
    centres = cells_near(keys, p.radius_m, p.cell_m)
    disc = disc_matrix(centres, keys, p.radius_m, p.cell_m)
    return around(centres[disc @ cumulate(total) >= p.min_firms], keys, p)
