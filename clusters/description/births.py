"""Births in clusters: whether more of their firms are young than of as many others of their label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from clusters.description.evenness import FEWEST, drawn_without_return

if TYPE_CHECKING:
    from clusters.description.traits import Span, Traits

BIRTHS: Final = (
    "births_from",
    "births_to",
    "births_dated",
    "births",
    "births_expected",
    "births_ratio",
    "births_p",
    "area_dated",
    "area_births",
    "area_births_expected",
    "area_births_p",
)


def births(
    clusters: pd.DataFrame, members: pd.DataFrame, ground: pd.DataFrame, traits: Traits, span: Span
) -> pd.DataFrame:
    """Return the births in clusters against those that as many firms of their label have.

    Parameters
    ----------
    clusters
        cluster_id, label.
    members
        cluster_id, founded (year, NaN unknown).
    ground
        `traits.SUMS` of all firms in the cells of each cluster, on cluster_id.
    traits
        Counted by the same span.

    Returns
    -------
    DataFrame
        `BIRTHS`, on cluster_id; missing where fewer than `FEWEST` dates are known:

        - births_from, births_to: the span, both years included;
        - births_dated: members of known date; births: those of them founded in the span; births_expected: by
          the share among all dated firms of the label; births_ratio: to it; births_p: chance of as many or
          as few, by the hypergeometric law;
        - area_*: the same of all firms in the cluster's cells, against all dated firms.
    """
    names = pd.Index(clusters["cluster_id"])
    founded = members["founded"].astype(float)
    own = pd.DataFrame(
        {
            "cluster_id": members["cluster_id"],
            "dated": founded.notna().astype(int),
            "born": founded.between(*span).astype(int),
        }
    )
    here = own.groupby("cluster_id")[["dated", "born"]].sum().reindex(names, fill_value=0)
    known = traits.labels[traits.labels["born"].notna()]
    dated = known.groupby("label")["total"].sum()
    born = known[known["born"] == 1].groupby("label")["total"].sum()
    label = clusters["label"].to_numpy()
    mine = _against(here, born.reindex(label).fillna(0).to_numpy(), dated.reindex(label).fillna(0).to_numpy())
    nation = traits.nation.iloc[0]
    area = ground[["dated", "born"]].reindex(names, fill_value=0)
    whole = _against(area, np.full(len(names), nation["born"]), np.full(len(names), nation["dated"]))
    table = pd.DataFrame(
        {
            "births_from": span.first,
            "births_to": span.last,
            "births_dated": here["dated"],
            "births": mine["hits"],
            "births_expected": mine["expected"],
            "births_ratio": mine["hits"] / mine["expected"].where(mine["expected"] > 0),
            "births_p": mine["p"],
            "area_dated": area["dated"],
            "area_births": whole["hits"],
            "area_births_expected": whole["expected"],
            "area_births_p": whole["p"],
        },
        index=names,
    )
    return table[[*BIRTHS]].astype(float)


def _against(here: pd.DataFrame, marked: np.ndarray, firms: np.ndarray) -> pd.DataFrame:
    """Return hits, expected and p of counts (dated, born) against the marked ones among all firms."""
    enough = here["dated"].to_numpy() >= FEWEST
    share = marked / np.where(firms > 0, firms, 1)
    p = np.full(len(here), np.nan)
    if enough.any():
        drawn, hits = here["dated"].to_numpy()[enough], here["born"].to_numpy()[enough]
        p[enough] = drawn_without_return(hits, drawn, marked[enough], firms[enough])
    table = pd.DataFrame({"hits": here["born"], "expected": here["dated"] * share, "p": p}, index=here.index)
    return table.where(pd.Series(enough, table.index), axis=0)
