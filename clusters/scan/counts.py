"""Companies per cell, by label and in all: the only thing that the scan knows about firms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from data.errors import InputError, TableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

ROW = 2**32
"""Keys of two cells that touch in a row differ by 1, those of two that touch in a column by this."""

FARTHEST = ROW // 2
"""Columns and rows of cells with a key of their own lie below this either way."""


def cell_keys(column: Ints, row: Ints) -> Ints:
    """Return one sortable number for each cell, row by row; whole columns and rows below 2**31 either way."""
    return row.astype(np.int64) * ROW + column.astype(np.int64)


def cell_positions(keys: Ints) -> tuple[Ints, Ints]:
    """Return column and row of each key: the inverse of `cell_keys`."""
    row = (keys + ROW // 2) // ROW
    return keys - row * ROW, row


def cell_centres(keys: Ints, cell_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return easting and northing of the cells' centres in metres."""
    column, row = (position.astype(np.float64) for position in cell_positions(keys))
    return (column + 0.5) * cell_m, (row + 0.5) * cell_m


def bin_points(easting: pd.Series, northing: pd.Series, cell_m: float) -> pd.Series:
    """Return the key of the cell that holds each point (metres), on the index of the points.

    Raises
    ------
    InputError
        When a coordinate is no number, or too large for its cell to have a key.
    """
    column, row = (_strip(metres, cell_m) for metres in (easting, northing))
    return pd.Series(cell_keys(column, row), index=easting.index, name="cell", dtype=np.int64)


def _strip(metres: pd.Series, cell_m: float) -> Ints:
    """Return the column or row of cells that holds each coordinate."""
    strip = np.floor(metres.to_numpy(dtype=float) / cell_m)
    wrong = ~(np.abs(strip) < FARTHEST)
    if wrong.any():
        value, most = metres.to_numpy(dtype=float)[wrong][0], FARTHEST * cell_m
        raise InputError(f"{metres.name} is {value:g}: expected metres, less than {most:g} either way")
    return strip.astype(np.int64)


def numbers_of(keys: Ints, wanted: Ints) -> NDArray[np.intp]:
    """Return where each wanted key stands among the sorted keys, -1 where it does not."""
    if len(keys) == 0:
        return np.full(len(wanted), -1)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


@dataclass(frozen=True)
class LabelMap:
    """Companies of one label: numbers of the occupied cells that hold any, ascending, and how many."""

    cells: Ints
    counts: Ints

    @property
    def size(self) -> int:
        """Companies of the label."""
        return int(self.counts.sum())

    def at(self, cells: Ints) -> Ints:
        """Return the label's companies in some cells."""
        place = numbers_of(self.cells, cells)
        return (
            np.where(place >= 0, self.counts[place], 0) if len(self.cells) else np.zeros(len(cells), np.int64)
        )


@dataclass(frozen=True)
class CellCounts:
    """Occupied cells and what is in them.

    Attributes
    ----------
    keys
        Sorted keys of the occupied cells, shape (cells,).
    total
        Companies in each, shape (cells,).
    labels
        Names of the labels, sorted.
    by_label
        Companies of each label, sparse, shape (cells, labels); never above `total`.
    """

    keys: Ints
    total: Ints
    labels: tuple[str, ...]
    by_label: sparse.csc_array

    def of(self, label: str) -> LabelMap:
        """Return the companies of one label."""
        column = self.labels.index(label)
        part = slice(*self.by_label.indptr[column : column + 2])
        cells, counts = self.by_label.indices[part], self.by_label.data[part]
        return LabelMap(cells.astype(np.int64), counts.astype(np.int64))


def tabulate(firms: pd.DataFrame, labels: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count companies per cell, and per cell and label.

    Sites of one company in one cell count once: a group's three buildings on one campus are one company's
    choice of place, not three. In different cells they count each, so that counts add over cells, as any
    engine that groups and counts needs.

    Parameters
    ----------
    firms
        firm_id, company, cell.
    labels
        firm_id, label.

    Returns
    -------
    tuple of DataFrame
        (cell, total) and (cell, label, total).
    """
    total = firms.groupby("cell", sort=True)["company"].nunique().rename("total").reset_index()
    placed = labels[["firm_id", "label"]].merge(firms[["firm_id", "company", "cell"]], on="firm_id")
    by_label = placed.groupby(["cell", "label"], sort=True)["company"].nunique().rename("total").reset_index()
    return total, by_label


def assemble(total: pd.DataFrame, by_label: pd.DataFrame, labels: tuple[str, ...] = ()) -> CellCounts:
    """Make the scan's counts from two tables of counts, whichever engine counted.

    Parameters
    ----------
    total
        cell, total: one row for each occupied cell.
    by_label
        cell, label, total: one row for each label in a cell.
    labels
        Labels that must be there even if no firm carries them.

    Raises
    ------
    TableError
        When a cell, or a label in a cell, is given twice, or a label's count exceeds the count of all
        companies in its cell.
    """
    total = total.sort_values("cell")
    keys = total["cell"].to_numpy(dtype=np.int64)
    carried = pd.Categorical(by_label["label"])
    names = tuple(sorted({*labels, *carried.unique()}))
    rows = np.searchsorted(keys, by_label["cell"].to_numpy(dtype=np.int64))
    columns = pd.Index(names).get_indexer(carried.categories)[carried.codes]
    values = by_label["total"].to_numpy(dtype=np.int64)
    counts = total["total"].to_numpy(dtype=np.int64)
    _check(keys, counts, rows, by_label)
    matrix = sparse.csc_array((values, (rows, columns)), shape=(len(keys), len(names)), dtype=np.int64)
    _check_once(keys, matrix.nnz, by_label)
    return CellCounts(keys, counts, names, matrix)


def _check(keys: Ints, counts: Ints, rows: Ints, by_label: pd.DataFrame) -> None:
    if len(by_label) == 0:
        return
    cells = by_label["cell"].to_numpy(dtype=np.int64)
    inside = np.minimum(rows, max(len(keys) - 1, 0))
    wrong = np.ones(len(cells), dtype=bool)
    if len(keys):
        wrong = (keys[inside] != cells) | (by_label["total"].to_numpy() > counts[inside])
    if wrong.any():
        row = by_label[wrong].iloc[0]
        raise TableError(
            f"cell {row['cell']} counts {row['total']} of {row['label']!r}, more than it holds in all: "
            "count both over the same firms"
        )


def _check_once(keys: Ints, pairs: int, by_label: pd.DataFrame) -> None:
    """Refuse counts in parts, which would be compared part by part: parts have to be summed before."""
    again = np.flatnonzero(keys[1:] == keys[:-1])
    if len(again):
        raise TableError(f"cell {keys[again[0]]} is given twice: expected one row for each cell")
    if pairs < len(by_label):
        row = by_label[by_label.duplicated(["cell", "label"])].iloc[0]
        raise TableError(
            f"label {row['label']!r} is given twice in cell {row['cell']}: expected one row for each of both"
        )
