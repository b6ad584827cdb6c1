"""HDBSCAN of the firms of each label, by scikit-learn, where it can be done in reasonable time and memory.

The method is that of Campello, Moulavi and Sander (2013), "Density-based clustering based on hierarchical
density estimates". Its spanning tree compares every firm with every other one, so the cost is told from the
numbers of firms before anything is run, and what would take too long is refused.

Where many distances are equal, as between firms that share postcodes, the tree is not unique: other programs,
or firms in another order, may give other clusters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import HDBSCAN

from clusters.density.entries import NOISE, coordinates, each_label, entries, label_starts
from data.errors import InputError
from data.plural import count

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

SECONDS_A_PAIR = 3.2e-9
"""Of firms of a label; measured on 2,000 to 60,000 firms, with ties and without (2.8e-9 to 3.3e-9)."""

SECONDS_A_FIRM = 5e-6
"""Besides; measured on the same."""

SECONDS_A_NEIGHBOUR = 3e-7
"""Of each firm; measured on 20,000 firms with 10 and 100 neighbours."""

BYTES_A_FIRM = 250
"""Of the largest label; measured on 20,000 and 60,000 firms."""

BYTES_A_NEIGHBOUR = 28
"""Of each firm of the largest label; measured on 20,000 firms with 10 and 100 neighbours."""

MINUTE = 60.0
GIGABYTE = 1e9


@dataclass(frozen=True)
class HdbscanParameters:
    """What makes a cluster, and what it may cost to find all.

    Attributes
    ----------
    min_samples
        Fewest firms of a cluster, and firms whose distance says how dense a place is.
    max_minutes, max_gb
        Bounds of the estimated time and memory of all labels, in minutes and in 10^9 bytes.
    """

    min_samples: int = 10
    max_minutes: float = 10.0
    max_gb: float = 4.0

    def __post_init__(self) -> None:
        faults = []
        if not self.min_samples >= 2:
            faults.append(f"min_samples is {self.min_samples}: it must be at least 2")
        if not self.max_minutes > 0:
            faults.append(f"max_minutes is {self.max_minutes}: it must be above 0")
        if not self.max_gb > 0:
            faults.append(f"max_gb is {self.max_gb}: it must be above 0")
        if faults:
            raise InputError("; ".join(faults))


@dataclass(frozen=True)
class Estimate:
    """What HDBSCAN of all labels will take: firms in all, minutes, and 10^9 bytes at most at a time."""

    firms: int
    minutes: float
    gb: float


def estimate(firms: ArrayLike, min_samples: int = 10) -> Estimate:
    """Return the time and memory that HDBSCAN takes for labels of so many firms each.

    Parameters
    ----------
    firms
        Firms of each label, shape (labels,). Labels are done one after the other.
    """
    counts = np.asarray(firms, dtype=float)
    each = SECONDS_A_FIRM + SECONDS_A_NEIGHBOUR * min_samples
    seconds = float(SECONDS_A_PAIR * (counts**2).sum() + each * counts.sum())
    largest = float(counts.max(initial=0.0)) * (BYTES_A_FIRM + BYTES_A_NEIGHBOUR * min_samples)
    return Estimate(int(counts.sum()), seconds / MINUTE, largest / GIGABYTE)


def hdbscan_by_label(
    easting: ArrayLike,
    northing: ArrayLike,
    firm: ArrayLike,
    label: ArrayLike,
    parameters: HdbscanParameters | None = None,
) -> pd.DataFrame:
    """Cluster the firms of each label by themselves.

    Parameters
    ----------
    easting, northing
        Places of all firms in metres, shape (firms,).
    firm, label
        One entry for each label that a firm carries: row of the firm, and code of the label, in any order.

    Returns
    -------
    DataFrame
        label, firm, cluster (int64): one row for each entry, by label and firm; clusters are numbered from 0
        within their label by their first firm, and noise is -1. A label of fewer than `min_samples` firms is
        noise, and so is one whose firms are all at one place.

    Raises
    ------
    InputError
        When the estimated time or memory is above its bound; when lengths differ, a value is not finite, a
        firm has no such row, or carries a label twice.
    """
    parameters = parameters or HdbscanParameters()
    x, y = coordinates(easting, northing)
    table = entries(firm, label, len(x))
    _require_affordable(np.diff(label_starts(table)), parameters)
    return each_label(
        table, lambda rows: _clustered(np.column_stack((x[rows], y[rows])), parameters.min_samples), 1
    )


def _require_affordable(firms: Ints, parameters: HdbscanParameters) -> None:
    cost = estimate(firms, parameters.min_samples)
    if cost.minutes <= parameters.max_minutes and cost.gb <= parameters.max_gb:
        return
    largest = int(firms.max())
    raise InputError(
        f"HDBSCAN of {count(cost.firms, 'firm')} in {count(len(firms), 'label')} (the largest has "
        f"{largest:,}) would take about {_short(cost.minutes)} minutes and {_short(cost.gb)} GB; it may "
        f"take {parameters.max_minutes:g} minutes and {parameters.max_gb:g} GB. Give it fewer firms (the "
        "time grows with their square), or use --method scan or --method dbscan, which take seconds"
    )


def _short(value: float) -> str:
    """Two significant digits, without an exponent."""
    digits = 1 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{round(value, digits):,.{max(digits, 0)}f}"


def _clustered(places: Floats, min_samples: int) -> Ints:
    """Cluster of each row of places, shape (firms, 2)."""
    if len(places) < min_samples:
        return np.full(len(places), NOISE, dtype=np.int64)
    # A copy is asked for by name: the library warns of its own default.
    found = HDBSCAN(min_cluster_size=min_samples, min_samples=min_samples, copy=True).fit(places).labels_
    return _renumbered(found.astype(np.int64))


def _renumbered(found: Ints) -> Ints:
    """Clusters numbered from 0 by their first row; noise as it is."""
    numbers, first, which = np.unique(found, return_index=True, return_inverse=True)
    first[numbers < 0] = -1
    rank: Ints = np.argsort(np.argsort(first)).astype(np.int64)
    return rank[which] - int((numbers < 0).any())
