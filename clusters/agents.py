"""Addresses of registration agents: points with more firms than can work there.

A unit postcode covers some fifteen addresses, a hundred at most. Hundreds of firms at one point are a
formation agent's customers, or an accountant's, and say where their letters go. Their trades are the agent's
trade, so such a point can pass for a cluster. In South Yorkshire, 16 of 17,026 points have 300 firms or more,
and the largest, 1,602 firms, is an agent's.

How many firms are too many depends on how many there are: of a larger register, honest addresses are larger
too. So the limit is a part of all firms, and never below `LEAST`. A campus may have as many at one point;
what tells it is that its firms are of one kind. It is set aside all the same, as nothing proves it, but
named, so that whoever knows the place can keep it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from data.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SET_ASIDE, CAP, KEEP = "set-aside", "cap", "keep"
TREATMENTS = (SET_ASIDE, CAP, KEEP)
LEAST, PART = 250, 1e-4
"""Firms that make a point an agent's unless asked: so many, or this part of all where that is more."""

LOWEST = 300.0
"""Smaller tails are given as 10 to the power of minus this."""

CHANCE, QUOTIENT, OF_POINT = 1e-6, 3.0, 0.25
"""What makes a point that is set aside look like a campus: a binomial tail below the first for some label, a
location quotient of the second, and this share of the firms there."""


@dataclass(frozen=True)
class AgentRule:
    """Which points are agents', and what becomes of the firms there.

    Attributes
    ----------
    firms
        A point with at least so many firms is an agent's; unless given, `LEAST` or `PART` of all firms.
    treatment
        "set-aside": none of its firms takes part, and none is a member; "cap": they count as if no more than
        the limit were there, in the same mix; "keep": they count like all others, and are reported all the
        same.
    """

    firms: int | None = None
    treatment: str = SET_ASIDE

    def __post_init__(self) -> None:
        if self.treatment not in TREATMENTS:
            raise InputError(f"agents is {self.treatment!r}: it must be one of {', '.join(TREATMENTS)}")
        if self.firms is not None and self.firms < 2:
            raise InputError(f"agent_firms is {self.firms}: it must be at least 2")

    def limit(self, everyone: int = 0) -> int:
        """Return how many firms make a point an agent's, in a register of so many."""
        return max(LEAST, ceil(PART * everyone)) if self.firms is None else self.firms

    def settled(self, everyone: int) -> AgentRule:
        """Return the rule with its limit for a register of so many firms."""
        return replace(self, firms=self.limit(everyone))


def usual_treatment(*, aggregated: bool) -> str:
    """Return what becomes of crowded points unless a user says: a row with a count may stand for an area."""
    return KEEP if aggregated else SET_ASIDE


def agents(points: pd.DataFrame, rule: AgentRule) -> pd.DataFrame:
    """Return the points that are agents', most firms first.

    Parameters
    ----------
    points
        easting, northing (metres), total (firms).
    """
    found = points[points["total"] >= rule.limit()]
    return found.sort_values(
        ["total", "easting", "northing"], ascending=[False, True, True], ignore_index=True
    )


def treated(points: pd.DataFrame, labels: pd.DataFrame, rule: AgentRule) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what counts at some points: their firms in all, and by label, after the rule.

    Parameters
    ----------
    points
        easting, northing, total.
    labels
        easting, northing, label, total; at the same points.
    """
    if rule.treatment == KEEP:
        return points, labels
    if rule.treatment == SET_ASIDE:
        kept = points[points["total"] < rule.limit()]
        both = labels.merge(kept[["easting", "northing"]], on=["easting", "northing"])
        return kept, both
    capped = points.assign(total=np.minimum(points["total"], rule.limit()))
    return capped, _scaled(labels, points, rule.limit())


def campuses(
    offices: pd.DataFrame, labels: pd.DataFrame, carried: pd.Series[int], everyone: int, min_firms: int
) -> pd.DataFrame:
    """Return points taken for agents' whose firms are so much of one kind that they may be a campus.

    Parameters
    ----------
    offices
        easting, northing, total, as `agents` returns them.
    labels
        easting, northing, label, total: firms by label, at these points and others.
    carried
        Firms that carry each label, on the label.
    everyone
        All firms.
    min_firms
        Fewest firms of a label.

    Returns
    -------
    DataFrame
        easting, northing, label, observed, firms (in all), lq, log10_p (of the exact binomial tail against
        the national share): the most striking label of each point, most firms first.
    """
    there = offices[["easting", "northing", "total"]].rename(columns={"total": "firms"})
    found = labels.astype({"label": object}).merge(there, on=["easting", "northing"])
    found = found.rename(columns={"total": "observed"})
    share = found["label"].map(carried).astype(float) / max(everyone, 1)
    found["lq"] = found["observed"] / (found["firms"] * share)
    tail = stats.binom.logsf(found["observed"] - 1, found["firms"], np.minimum(share, 1.0)) / np.log(10)
    found["log10_p"] = np.maximum(tail, -LOWEST)
    striking = found[
        (found["observed"] >= np.maximum(min_firms, OF_POINT * found["firms"]))
        & (found["lq"] >= QUOTIENT)
        & (found["log10_p"] < np.log10(CHANCE))
    ]
    order = ["firms", "easting", "northing", "log10_p", "observed", "label"]
    striking = striking.sort_values(order, ascending=[False, True, True, True, False, True])
    columns = ["easting", "northing", "label", "observed", "firms", "lq", "log10_p"]
    most: pd.DataFrame = striking.drop_duplicates(["easting", "northing"])[columns]
    return most.reset_index(drop=True)


def _scaled(labels: pd.DataFrame, points: pd.DataFrame, most: int) -> pd.DataFrame:
    """Scale the labels of points with too many firms, by largest remainder: the sums are scaled too.

    Whole numbers throughout, so that no sum depends on an order.
    """
    all_there = points[["easting", "northing", "total"]].rename(columns={"total": "there"})
    table = labels.merge(all_there, on=["easting", "northing"]).sort_values(
        ["easting", "northing", "label"], ignore_index=True
    )
    there, cap = table["there"], np.minimum(table["there"], most)
    table = table.assign(whole=table["total"] * cap // there, part=table["total"] * cap % there)
    at = table.groupby(["easting", "northing"])
    wanted = (2 * at["total"].transform("sum") * cap + there) // (2 * there)
    order = table.sort_values(["easting", "northing", "part"], ascending=[True, True, False], kind="stable")
    rank = order.groupby(["easting", "northing"]).cumcount().reindex(table.index)
    total = table["whole"] + (rank < wanted - at["whole"].transform("sum"))
    kept = table.assign(total=total.astype("int64"))[[*labels.columns]]
    return kept[kept["total"] > 0].reset_index(drop=True)
