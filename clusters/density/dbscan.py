"""Exact DBSCAN of firms: the labels of scikit-learn's, from a grid of cells.

The definition is that of Ester, Kriegel, Sander and Xu (1996), "A density-based algorithm for discovering
clusters in large spatial databases with noise". The grid is that of Gunawan (2013), "A faster algorithm for
DBSCAN": the diagonal of a cell is shorter than eps, so all firms of a cell see one another, only the cells at
most two steps away can matter, and a cluster is a connected set of cells. Firms at one place count as one
point with their number as weight.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clusters.density.cores import Rule, clusters_of
from clusters.density.entries import checked, each_label, entries
from clusters.density.grid import SIDE, on_grid
from data.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

WIDEST = 1 << 30
"""Most cells along an axis: a position of that size is known to a 4-millionth of a cell, well within SIDE."""


@dataclass(frozen=True)
class DbscanParameters:
    """What makes firms dense.

    Attributes
    ----------
    eps_m
        Distance in metres within which firms are neighbours, itself included.
    min_samples
        Firms within `eps_m`, the firm itself included, that make it the core of a cluster.
    """

    eps_m: float = 1_000.0
    min_samples: int = 10

    def __post_init__(self) -> None:
        faults = []
        if not (math.isfinite(self.eps_m) and self.eps_m > 0):
            faults.append(f"eps_m is {self.eps_m}: it must be a number of metres above 0")
        if not self.min_samples >= 1:
            faults.append(f"min_samples is {self.min_samples}: it must be at least 1")
        if faults:
            raise InputError("; ".join(faults))


def dbscan(
    easting: ArrayLike,
    northing: ArrayLike,
    eps_m: float,
    min_samples: int,
    weights: ArrayLike | None = None,
) -> Ints:
    """Return the cluster of each row as ``sklearn.cluster.DBSCAN(eps_m, min_samples)`` numbers it.

    Two rows are neighbours when the sum of the squared differences is at most `eps_m` squared, both in
    double precision. A cluster's number follows its first core row; a border row within `eps_m` of several
    clusters belongs to the lowest of them. Time and memory grow with the rows, however many share a place.

    Parameters
    ----------
    easting, northing
        Metres, shape (rows,).
    eps_m
        Distance in metres within which rows are neighbours.
    min_samples
        Rows, or weight, within `eps_m` that make a core row; the row itself counts.
    weights
        Firms that a row stands for, above 0, shape (rows,); 1 where absent. Sums of whole numbers are exact.

    Returns
    -------
    ndarray
        int64, shape (rows,): numbers from 0, and -1 for noise.

    Raises
    ------
    InputError
        When lengths differ, a value is not finite, a weight is not above 0, a parameter is out of range,
        or the rows are spread over more than 2**30 cells in a direction.
    """
    parameters = DbscanParameters(eps_m, min_samples)
    x, y, w = checked(easting, northing, weights)
    _require_grid(x, y, parameters.eps_m)
    return _clustered(x, y, w, float(parameters.eps_m), float(parameters.min_samples))


def dbscan_by_label(
    easting: ArrayLike,
    northing: ArrayLike,
    firm: ArrayLike,
    label: ArrayLike,
    parameters: DbscanParameters | None = None,
    *,
    weights: ArrayLike | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """Cluster the firms of each label by themselves.

    Parameters
    ----------
    easting, northing
        Places of all firms in metres, shape (firms,).
    firm, label
        One entry for each label that a firm carries: row of the firm, and code of the label, in any order.
    weights
        Firms that a row stands for, shape (firms,); 1 where absent.
    threads
        Labels clustered at a time; as many as there are processors where absent. No say in the result.

    Returns
    -------
    DataFrame
        label, firm, cluster (int64): one row for each entry, by label and firm; clusters are numbered from 0
        within their label by their first core firm, and noise is -1.

    Raises
    ------
    InputError
        As `dbscan`; also when a firm has no such row, or carries a label twice.
    """
    parameters = parameters or DbscanParameters()
    x, y, w = checked(easting, northing, weights)
    _require_grid(x, y, parameters.eps_m)

    def cluster(rows: Ints) -> Ints:
        chosen = w[rows] if len(w) else w
        return _clustered(x[rows], y[rows], chosen, float(parameters.eps_m), float(parameters.min_samples))

    return each_label(entries(firm, label, len(x)), cluster, threads or os.cpu_count() or 1)


def _require_grid(x: Floats, y: Floats, eps_m: float) -> None:
    if not len(x):
        return
    widest = max(float(x.max()) - float(x.min()), float(y.max()) - float(y.min()))
    # The square must not vanish or overflow either: distances are compared by it.
    if not (widest <= eps_m * SIDE * WIDEST and 1e-290 < eps_m**2 < 1e290):
        raise InputError(
            f"eps_m is {eps_m} for rows that are {widest} metres apart: "
            f"it must be at least {widest / SIDE / WIDEST:.3g} and its square a number of ordinary size"
        )


def _clustered(x: Floats, y: Floats, weights: Floats, eps: float, needed: float) -> Ints:
    """Cluster of each row; float64 arrays of one shape, weights of that shape or empty."""
    if not len(x):
        return np.empty(0, np.int64)
    place, points, cells, near = on_grid(x, y, weights, eps * SIDE)
    found: Ints = clusters_of(points, cells, near, Rule(eps * eps, needed))[place]
    return found
