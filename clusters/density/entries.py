"""Firms and their labels as the density methods take them: checked, sorted, and clustered label by label."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.errors import InputError
from data.plural import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

NOISE = -1
"""Number of a firm that is in no cluster."""

MOST_ROWS = (1 << 31) - 1
"""Rows are numbered in 32 bits."""


def entries(firm: ArrayLike, label: ArrayLike, firms: int) -> pd.DataFrame:
    """Return firms and their labels as a table (label, firm), sorted by both.

    Parameters
    ----------
    firm, label
        Row of the firm and code of the label, whole numbers, one shape.
    firms
        Number of rows that there are.

    Raises
    ------
    InputError
        When shapes differ, a value is not whole, a firm has no such row, or carries a label twice.
    """
    row, code = _whole(firm, "firm"), _whole(label, "label")
    if len(row) != len(code):
        entries = count(len(row), "entry", "entries")
        raise InputError(f"firm has {entries} and label {len(code)}: they must be as many")
    beyond = np.flatnonzero((row < 0) | (row >= firms))
    if len(beyond):
        raise InputError(f"firm {row[beyond[0]]} has no row: it must lie between 0 and {firms - 1}")
    row, code = _sorted_entries(row, code)
    again = np.flatnonzero((row[1:] == row[:-1]) & (code[1:] == code[:-1]))
    if len(again):
        raise InputError(f"firm {row[again[0]]} carries label {code[again[0]]} twice: name it once")
    return pd.DataFrame({"label": code, "firm": row})


def each_label(table: pd.DataFrame, cluster: Callable[[Ints], Ints], threads: int) -> pd.DataFrame:
    """Return `entries` with a column cluster, made label by label from the rows of its firms."""
    firm = table["firm"].to_numpy()
    starts = label_starts(table)
    found = np.full(len(firm), NOISE, dtype=np.int64)

    def one(position: int) -> None:
        part = slice(starts[position], starts[position + 1])
        found[part] = cluster(firm[part])

    largest_first = np.argsort(-np.diff(starts), kind="stable")
    if threads == 1:
        for position in largest_first:
            one(position)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, largest_first))
    return table.assign(cluster=found)


def label_starts(table: pd.DataFrame) -> Ints:
    """Return where each label of `entries` starts, and where the last ends, shape (labels + 1,)."""
    label = table["label"].to_numpy()
    starts: Ints = np.flatnonzero(np.concatenate(([True], label[1:] != label[:-1], [True])))
    return starts if len(label) else np.zeros(1, dtype=np.int64)


def _sorted_entries(row: Ints, code: Ints) -> tuple[Ints, Ints]:
    """Entries by label, then row; a table that is in order by row needs one stable sort only."""
    if (row[1:] < row[:-1]).any():
        order = np.argsort(row, kind="stable")
        row, code = row[order], code[order]
    # Small codes sort in linear time as 16-bit numbers.
    small = len(code) and code.min() >= 0 and code.max() < 1 << 16
    order = np.argsort(code.astype(np.uint16) if small else code, kind="stable")
    return row[order], code[order]


def _whole(values: ArrayLike, name: str) -> Ints:
    array = np.asarray(values)
    if array.ndim != 1:
        raise InputError(f"{name} has {array.ndim} dimensions: it must have one")
    if len(array) and array.dtype.kind not in "iu":
        raise InputError(f"{name} holds {array.dtype} values: they must be whole numbers")
    return array.astype(np.int64)


def coordinates(easting: ArrayLike, northing: ArrayLike) -> tuple[Floats, Floats]:
    """Return places in metres as float64 arrays of their own.

    Raises
    ------
    InputError
        When lengths differ or a value is not a finite number.
    """
    x, y, _ = checked(easting, northing, None)
    return x, y


def checked(
    easting: ArrayLike, northing: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Return places in metres and weights as float64 arrays of their own, weights empty where absent.

    Raises
    ------
    InputError
        When lengths differ, a value is not a finite number or a weight is not above 0; all faults at once.
    """
    x, y = _numbers(easting, "easting"), _numbers(northing, "northing")
    w = np.empty(0) if weights is None else _numbers(weights, "weights")
    faults = [
        f"{name}[{place}] is {values[place]}: it must be a finite number"
        for name, values in (("easting", x), ("northing", y), ("weights", w))
        for place in np.flatnonzero(~np.isfinite(values))[:1]
    ]
    faults += [f"weights[{place}] is {w[place]}: it must be above 0" for place in np.flatnonzero(w <= 0)[:1]]
    if len(x) != len(y):
        faults.append(f"easting has {count(len(x), 'row')} and northing {len(y)}: they must be as many")
    if weights is not None and len(w) != len(x):
        faults.append(f"weights has {count(len(w), 'row')} and easting {len(x)}: they must be as many")
    if len(x) > MOST_ROWS:
        faults.append(f"{len(x)} rows are too many: {MOST_ROWS} can be clustered at once")
    if faults:
        raise InputError("; ".join(faults))
    return x, y, w


def _numbers(values: ArrayLike, name: str) -> Floats:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise InputError(f"{name} holds what is not a number: {fault}") from fault
    if array.ndim != 1:
        raise InputError(f"{name} has {array.ndim} dimensions: it must have one")
    return array
