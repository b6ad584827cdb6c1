"""Awards allocated to local authorities by an explicit rule, in whole pence, so that sums reconcile.

The rule, in this order:

1. The award names the places that it is for: one authority takes it whole (`named area`); several share it
   by population (`population`, marked as estimated, since no source gives a split).
2. It names none, and its site, campus or town is known: the authority of that place takes it (`site`).
3. Only a region is known: it is not placed.

Beside this rule, by place of delivery, stands another, by lead's address: the authority in which the
organisation that leads the project has its head office takes it (`lead's address`); several leads share it
equally (`equal split`, marked as estimated). An award is not placed where no lead is named, or where the
address of any of its leads is not known: what the others would take of it nobody has said.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Mapping

PENCE = 100
MONEY = ("public", "private")
SOURCE_COLUMN = {"public": "award_gbp", "private": "private_cofunding_gbp"}


def net_pence(projects: pd.DataFrame, chosen: pd.Series, money: str) -> pd.Series:
    """Return each chosen project's own money in pence, less that of chosen projects nested in it.

    So an award inside another is placed where it is spent, the rest where the outer one says, and their
    sum is the outer award: nothing counts twice. Where the inner ones exceed the outer, the outer counts
    nothing, and what lies around both sees the larger sum.

    Parameters
    ----------
    projects : DataFrame
        Columns project_id, nested_in (empty for none), award_gbp, private_cofunding_gbp (pounds).
    chosen : Series of bool
        Projects that count, on the same index.
    money : {"public", "private"}
        Which column.

    Returns
    -------
    Series of int64
        Pence on the same index; zero for projects that are not chosen.

    Raises
    ------
    TableError
        If a project is nested in itself, by whatever chain.
    """
    gross = (projects[SOURCE_COLUMN[money]].where(chosen).fillna(0) * PENCE).round().astype("int64")
    ids = projects["project_id"].tolist()
    own = dict(zip(ids, gross.tolist(), strict=True))
    parent = dict(zip(ids, projects["nested_in"].tolist(), strict=True))
    inside = dict.fromkeys(own, 0)
    net: dict[str, int] = {}
    for project_id in _inner_first(parent):
        net[project_id] = max(0, own[project_id] - inside[project_id])
        # A project that does not count itself still hands on what lies in it.
        above = parent[project_id]
        if above in inside:
            inside[above] += max(own[project_id], inside[project_id])
    return pd.Series([net[project_id] for project_id in ids], index=projects.index, dtype="int64")


def _inner_first(parent: Mapping[str, str]) -> list[str]:
    """Order projects so that each comes before the one that it is nested in."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for project_id, above in parent.items():
        order.add(project_id)
        if above in parent:
            order.add(above, project_id)
    try:
        return list(order.static_order())
    except CycleError as fault:
        raise TableError(f"project {fault.args[1][0]!r} is nested in itself") from fault


@dataclass(frozen=True)
class Allocation:
    """Awards by authority, and what could not be placed; pence throughout.

    Attributes
    ----------
    rows : DataFrame
        Columns project_id, la_code, weight, basis, share, public, private (int64 pence).
    totals : Series
        public and private: the sum of the awards, nested ones once.
    """

    rows: pd.DataFrame
    totals: pd.Series

    @property
    def placed(self) -> pd.Series:
        """Pence that lie in some authority, public and private."""
        return self.rows[list(MONEY)].sum()

    @property
    def not_placed(self) -> pd.Series:
        """Pence that lie in none."""
        return self.totals - self.placed


def allocate(
    projects: pd.DataFrame, split: pd.DataFrame, public: pd.Series, private: pd.Series
) -> Allocation:
    """Allocate the chosen projects' money to authorities, to the penny.

    Parameters
    ----------
    projects : DataFrame
        As for `net_pence`.
    split : DataFrame
        The result of `shares` or `lead_shares`.
    public, private : Series of bool
        Projects whose public, and whose private, money counts.

    Returns
    -------
    Allocation
        Placed and not placed together are the totals, to the penny, whatever is chosen.

    Raises
    ------
    TableError
        If a project is nested in itself.
    """
    rows = split.copy()
    totals = {}
    for money, chosen in (("public", public), ("private", private)):
        pence = net_pence(projects, chosen, money)
        totals[money] = int(pence.sum())
        by_project = dict(zip(projects["project_id"], pence, strict=True))
        rows[money] = _whole_pence(rows, rows["project_id"].map(by_project).astype("int64"))
    return Allocation(rows, pd.Series(totals, dtype="int64"))


def _whole_pence(split: pd.DataFrame, pence: pd.Series) -> pd.Series:
    """Share out whole pence by largest remainder; equal remainders in the order of the codes.

    Python's integers, because pence times people overflow 64 bits.
    """
    groups = split["project_id"].to_numpy()
    parts = pence.astype(object) * split["weight"].astype(object)
    whole = split.groupby("project_id")["weight"].transform("sum").astype(object)
    floor, remainder = (parts // whole).astype("int64"), (parts % whole).astype("int64")
    left = pence - floor.groupby(groups).transform("sum")
    order = np.lexsort((split["la_code"].to_numpy().astype(str), -remainder.to_numpy()))
    rank = pd.Series(order.argsort(), index=split.index).groupby(groups).rank(method="first")
    return (floor + (rank <= left)).astype("int64")
