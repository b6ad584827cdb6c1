"""Employment of clusters: whether their firms are larger or smaller than as many others of their label.

It stands beside the count of firms and has no say in what is a cluster. Firms are weighed by the square root
of their employees, so that one giant is not all: of two firms, one a hundred times the other, it weighs ten
times as much. Against chance stand as many firms of the label drawn at random, none twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np
import pandas as pd

from clusters.description.evenness import FEWEST, two_sided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from clusters.description.traits import Traits

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

EMPLOYMENT: Final = (
    "employment_known",
    "employment",
    "employment_expected",
    "employment_ratio",
    "size_ratio",
    "employment_p",
    "employment_lq",
    "largest_employer",
)
DRAWS: Final = 999
# Of a cluster as unlike its label as hardly any draw, more are made: p can then be told from smaller ones.
RARE, MORE_DRAWS = 10, 9_999
# The quotient of employment asks for the size of every firm in the cluster's cells, and of so many in all.
KNOWN_SHARE: Final = 0.9


def employment(
    clusters: pd.DataFrame, members: pd.DataFrame, ground: pd.DataFrame, traits: Traits, seed: int
) -> pd.DataFrame:
    """Return the employment of clusters against that of as many firms of their label.

    Parameters
    ----------
    clusters
        cluster_id, label.
    members
        cluster_id, size (employees, NaN unknown).
    ground
        `traits.SUMS` of all firms in the cells of each cluster, on cluster_id.
    seed
        Start of the draws; each cluster has its own.

    Returns
    -------
    DataFrame
        `EMPLOYMENT`, on cluster_id; all but the number known is NaN where fewer than `FEWEST` are:

        - employment_known: members of known size; employment: their employees;
        - employment_expected: those of as many firms of the label, at its mean; employment_ratio: to it;
        - size_ratio: sum of the square roots of the sizes to what is expected of it; employment_p: share of
          draws as far off, either way;
        - employment_lq: share of the label in the employment of all firms of the cluster's cells, to its
          share in the employment of all firms; NaN unless all sizes are known there, and nearly all in all;
        - largest_employer: share of the largest member in their employment.
    """
    labels = traits.labels
    pools = {label: _pool(part) for label, part in labels[labels["size"].notna()].groupby("label")}
    sizes = {name: part.dropna().to_numpy(float) for name, part in members.groupby("cluster_id")["size"]}
    rows = [
        _row(
            sizes.get(name, np.zeros(0)),
            pools.get(label),
            np.random.default_rng([seed, crc32(name.encode())]),
        )
        for name, label in clusters[["cluster_id", "label"]].itertuples(index=False)
    ]
    table = pd.DataFrame(rows, index=pd.Index(clusters["cluster_id"]), columns=[*EMPLOYMENT], dtype=float)
    share = clusters.set_index("cluster_id")["label"].map({k: _sum(v) for k, v in pools.items()})
    enough = table["employment"].notna()
    return table.assign(employment_lq=_quotient(table["employment"], share, ground, traits).where(enough))


def _pool(part: pd.DataFrame) -> tuple[Floats, Ints]:
    """Return the sizes that firms of a label have, and how many have each."""
    total = part.groupby("size")["total"].sum()
    return total.index.to_numpy(float), total.to_numpy(np.int64)


def _sum(pool: tuple[Floats, Ints]) -> float:
    return float(pool[0] @ pool[1])


def _row(sizes: Floats, pool: tuple[Floats, Ints] | None, draws: np.random.Generator) -> Mapping[str, float]:
    known = len(sizes)
    if pool is None or known < FEWEST:
        return {"employment_known": known}
    values, counts = pool
    employed, expected = sizes.sum(), known * _sum(pool) / counts.sum()
    weight, weights = np.sqrt(sizes).sum(), np.sqrt(values)
    even = known * (weights @ counts) / counts.sum()
    return {
        "employment_known": known,
        "employment": employed,
        "employment_expected": expected,
        "employment_ratio": employed / expected if expected else np.nan,
        "size_ratio": weight / even if even else np.nan,
        "employment_p": drawn_p(sizes, pool, draws),
        "largest_employer": sizes.max() / employed if employed else np.nan,
    }


def drawn_p(sizes: Floats, pool: tuple[Floats, Ints], draws: np.random.Generator) -> float:
    """Return how often as many firms of a pool, none twice, weigh as far from their mean, either way.

    Parameters
    ----------
    sizes
        Of the cluster's firms, each of them in the pool.
    pool
        Sizes, ascending, and how many firms have each.
    """
    # Two digits of a size are enough to weigh it by, and leave few kinds to draw from.
    kinds, kind = np.unique(two_digits(pool[0]), return_inverse=True)
    counts = np.bincount(kind, weights=pool[1]).astype(np.int64)
    weight = np.sqrt(two_digits(sizes)).sum()
    for times in (DRAWS, MORE_DRAWS):
        drawn = draws.multivariate_hypergeometric(counts, len(sizes), size=times) @ np.sqrt(kinds)
        # Sums of the same firms in another order differ in the last digits.
        slack = 1e-9 * max(weight, 1.0)
        above, below = int((drawn >= weight - slack).sum()), int((drawn <= weight + slack).sum())
        if min(above, below) >= RARE:
            break
    # The cluster itself is one of the draws.
    return float(two_sided((1 + above) / (1 + times), (1 + below) / (1 + times)))


def two_digits(sizes: Floats) -> Floats:
    """Round to two digits.

    Examples
    --------
    >>> two_digits(np.array([0.0, 7, 12, 1_249, 98_700])).tolist()
    [0.0, 7.0, 12.0, 1200.0, 99000.0]
    """
    power = 10.0 ** (np.floor(np.log10(np.maximum(sizes, 1.0))) - 1)
    return np.asarray(np.where(power >= 1, np.rint(sizes / power) * power, sizes))


def _quotient(
    employed: pd.Series, label_employed: pd.Series, ground: pd.DataFrame, traits: Traits
) -> pd.Series:
    """Return the location quotient of employment, where sizes are known."""
    nation = traits.nation.iloc[0]
    here = ground.reindex(employed.index)
    if not nation["employment"] or nation["sized"] < KNOWN_SHARE * nation["firms"]:
        return pd.Series(np.nan, index=employed.index)
    known = (here["sized"] == here["firms"]) & (here["employment"] > 0) & (label_employed > 0)
    local = employed / here["employment"].where(known)
    found: pd.Series[float] = local / (label_employed / nation["employment"])
    return found
