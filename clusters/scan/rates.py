"""How many of all clusters on a map may be chance: a false-discovery rate over the peaks of all labels.

A cluster as striking as t is expected E(t) times a label on a shuffled map, and so L E(t) times on a shuffled
map of L labels. Of the r clusters that are at least as striking on the map itself, the share q = L E / r may
then be chance (Benjamini and Hochberg, 1995, on peaks as in Chumbley and Friston, 2009). q of a cluster is
the smallest such share of any part of the map that holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SOLID, PALE, CHANCE = "solid", "pale", "chance"
"""How sure a cluster is: shown, shown as uncertain, and not shown."""


def false_shares(expected: ArrayLike, labels: int) -> Floats:
    """Return q of each cluster, at most 1.

    Parameters
    ----------
    expected
        E of the clusters of all labels.
    labels
        Labels that were tested, with clusters or without.
    """
    each = np.asarray(expected, float)
    order = np.argsort(each, kind="stable")
    ranked = labels * each[order] / np.arange(1, len(each) + 1)
    share = np.empty(len(each))
    share[order] = np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1])
    return share


def standings(p: ArrayLike, q: ArrayLike, level: float, pale: float) -> NDArray[np.str_]:
    """Return how sure clusters are, from their chance and the share of chance among what is as striking.

    Both have to be at most `level`, or else at most `pale`: q alone would let through, on maps with many true
    clusters, what chance does in one map in five.
    """
    worse = np.maximum(np.asarray(p, float), np.asarray(q, float))
    return np.where(worse <= level, SOLID, np.where(worse <= pale, PALE, CHANCE))


def sureness(clusters: pd.DataFrame, labels: int) -> dict[str, float]:
    """Return how sure a map is as a whole.

    Parameters
    ----------
    clusters
        standing, one_site, family, cluster_id, e.
    labels
        Labels that were tested.

    Returns
    -------
    dict
        solid, pale and one_site, the clusters of each, families counted once; by_chance, the clusters as
        striking as the weakest solid one that a shuffled map shows on average.
    """
    heads = clusters[clusters["family"] == clusters["cluster_id"]]
    sites = heads["one_site"].astype(bool)
    solid = heads["standing"] == SOLID
    weakest = float(heads.loc[solid & ~sites, "e"].max()) if (solid & ~sites).any() else 0.0
    return {
        "solid": int((solid & ~sites).sum()),
        "pale": int(((heads["standing"] == PALE) & ~sites).sum()),
        "one_site": int(sites.sum()),
        "by_chance": labels * weakest,
    }
