"""Families: clusters of several labels that are made of the same firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

SHARED = 0.5
"""Share of the smaller cluster's firms that two of one family have in common, at least."""


def families(clusters: pd.DataFrame, members: pd.DataFrame) -> pd.Series:
    """Return the head of each cluster's family, on cluster_id: the most striking of it, often itself.

    The most striking cluster comes first. Each joins the first head with which it shares at least `SHARED` of
    the smaller one's firms, or else is a head.

    Parameters
    ----------
    clusters
        cluster_id, e (as few as it takes to be striking; missing where not tested), firms.
    members
        cluster_id, firm_id.
    """
    ranked = clusters.assign(fewer=-clusters["firms"]).sort_values(["e", "fewer", "cluster_id"])
    order = ranked["cluster_id"].tolist()
    size = dict(zip(ranked["cluster_id"], ranked["firms"], strict=True))
    shared = _shared(members)
    heads: dict[str, str] = {}
    for cluster in order:
        with_heads = ((head, many) for head, many in shared.get(cluster, ()) if heads.get(head) == head)
        heads[cluster] = _first(with_heads, cluster, size, order) or cluster
    return pd.Series(heads, dtype=object).reindex(clusters["cluster_id"]).rename("family")


def _shared(members: pd.DataFrame) -> dict[str, list[tuple[str, int]]]:
    """Return with how many firms in common each cluster meets which others."""
    own = members[["cluster_id", "firm_id"]].drop_duplicates()
    own = own[own["firm_id"].duplicated(keep=False)]
    pairs = own.merge(own, on="firm_id", suffixes=("", "_other"))
    pairs = pairs[pairs["cluster_id"] != pairs["cluster_id_other"]]
    found: dict[str, list[tuple[str, int]]] = {}
    tally = pairs.groupby(["cluster_id", "cluster_id_other"]).size().reset_index(name="many")
    for cluster, other, many in tally.itertuples(index=False):
        found.setdefault(cluster, []).append((other, many))
    return found


def _first(
    heads: Iterable[tuple[str, int]], cluster: str, size: dict[str, int], order: list[str]
) -> str | None:
    """Return the most striking head that shares enough firms with a cluster."""
    fits = [head for head, many in heads if many >= SHARED * min(size[head], size[cluster])]
    return min(fits, key=order.index, default=None)
