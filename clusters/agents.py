"""Addresses of registration agents: points with more firms than can work there.

A unit postcode covers some fifteen addresses, a hundred at most. Hundreds of firms at one point are a
formation agent's customers, or an accountant's, and say where their letters go. Their trades are the agent's
trade, so such a point can pass for a cluster. In South Yorkshire, 16 of 17,026 points have 300 firms or more,
and the largest, 1,602 firms, is an agent's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SET_ASIDE, CAP, KEEP = "set-aside", "cap", "keep"
TREATMENTS = (SET_ASIDE, CAP, KEEP)


@dataclass(frozen=True)
class AgentRule:
    """Which points are agents', and what becomes of the firms there.

    Attributes
    ----------
    firms
        A point with at least so many firms is an agent's.
    treatment
        "set-aside": none of its firms takes part, and none is a member; "cap": they count as if `firms` of
        them were there, in the same mix; "keep": they count like all others, and are reported all the same.
    """

    firms: int = 250
    treatment: str = SET_ASIDE

    def __post_init__(self) -> None:
        if self.treatment not in TREATMENTS:
            raise InputError(f"agents is {self.treatment!r}: it must be one of {', '.join(TREATMENTS)}")
        if self.firms < 2:
            raise InputError(f"agent_firms is {self.firms}: it must be at least 2")


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
    found = points[points["total"] >= rule.firms]
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
        kept = points[points["total"] < rule.firms]
        both = labels.merge(kept[["easting", "northing"]], on=["easting", "northing"])
        return kept, both
    capped = points.assign(total=np.minimum(points["total"], rule.firms))
    return capped, _scaled(labels, points, rule.firms)


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
