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
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from data.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Mapping

PENCE = 100
# Bases that no source states: how an award is shared is then an estimate.
ESTIMATED = frozenset({"population", "equal split"})
COLUMNS = ["project_id", "la_code", "weight", "basis"]
MONEY = ("public", "private")
SOURCE_COLUMN = {"public": "award_gbp", "private": "private_cofunding_gbp"}
PLACED_BY_SITE = ("postcode", "site", "campus", "town")


def benefiting(
    text: str, places: Mapping[str, list[str]], nations: Mapping[str, list[str]], known: set[str]
) -> list[str]:
    """Return the authorities (GSS codes, sorted) that a `benefiting_places` text stands for.

    Parameters
    ----------
    text : str
        Place ids, ``nation:NAME`` or ``la:GSS``, parted by ``;``; empty for none.
    places, nations : dict
        Members of each place id and of each nation, as GSS codes.
    known : set of str
        All GSS codes.

    Raises
    ------
    TableError
        If an entry is unknown; the message quotes it.
    """
    members: set[str] = set()
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        kind, _, name = entry.rpartition(":")
        if kind == "la":
            found = [name] if name in known else []
        else:
            found = {"": places, "nation": nations}.get(kind, {}).get(name, [])
        if not found:
            raise TableError(
                f"benefiting place {entry!r} is unknown; right are a place id, nation:NAME or la:GSS"
            )
        members.update(found)
    return sorted(members)


def shares(projects: pd.DataFrame, places: pd.DataFrame, authorities: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each project that each authority takes.

    Parameters
    ----------
    projects : DataFrame
        Columns project_id, benefiting_places, location_precision, la_code.
    places : DataFrame
        Columns place_id, la_code: a row per member.
    authorities : DataFrame
        Columns gss_code, nation, population.

    Returns
    -------
    DataFrame
        Columns project_id, la_code, weight (people, or 1), basis, share. The shares of a project that is
        placed sum to one; a project that is not placed has no row.

    Raises
    ------
    TableError
        If a project lies in, or is for, a place or authority that the tables do not have.
    """
    by_place = _listed(places["place_id"], places["la_code"])
    by_nation = _listed(authorities["nation"], authorities["gss_code"])
    population = dict(zip(authorities["gss_code"], authorities["population"], strict=True))
    known = set(population)
    rows = [
        (project.project_id, *part)
        for project in projects.itertuples(index=False)
        for part in _split(
            project, benefiting(str(project.benefiting_places), by_place, by_nation, known), population
        )
    ]
    split = pd.DataFrame(rows, columns=COLUMNS).astype({"weight": "int64"})
    strangers = split[~split["la_code"].isin(population)]
    if len(strangers):
        project_id, la_code = strangers.iloc[0][["project_id", "la_code"]]
        raise TableError(f"project {project_id!r} lies in {la_code!r}, which is no authority of the table")
    return _with_share(split)


def lead_shares(participants: pd.DataFrame, organisations: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each project that the authority of each lead's address takes.

    Parameters
    ----------
    participants : DataFrame
        Columns project_id, organisation, role (lead or partner): each organisation of a project once.
    organisations : DataFrame
        Columns organisation (unique), la_code: where the leads have their head offices, as far as known.

    Returns
    -------
    DataFrame
        As `shares` does; weight is the number of leads in the authority. A project without a lead, or with
        one whose address is not known, has no row.
    """
    leads = participants.loc[participants["role"] == "lead", ["project_id", "organisation"]]
    address = dict(zip(organisations["organisation"], organisations["la_code"], strict=True))
    found = leads.assign(la_code=leads["organisation"].map(address))
    found = found[~found["project_id"].isin(found.loc[found["la_code"].isna(), "project_id"])]
    counts = found.groupby(["project_id", "la_code"]).size().rename("weight").reset_index()
    several = counts["project_id"].duplicated(keep=False)
    split = counts.assign(basis=np.where(several, "equal split", "lead's address"))[COLUMNS]
    return _with_share(split.astype({"weight": "int64"}))


def _with_share(split: pd.DataFrame) -> pd.DataFrame:
    return split.assign(share=split["weight"] / split.groupby("project_id")["weight"].transform("sum"))


def _listed(groups: pd.Series, members: pd.Series) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for group, member in zip(groups, members, strict=True):
        listed.setdefault(group, []).append(member)
    return listed


def _split(project: Any, members: list[str], population: Mapping[str, float]) -> list[tuple[str, int, str]]:
    if len(members) == 1:
        return [(members[0], 1, "named area")]
    if members:
        # A member that is no authority has no residents; `shares` refuses it by name.
        return [(code, int(population.get(code, 0)), "population") for code in members]
    if project.location_precision in PLACED_BY_SITE:
        return [(project.la_code, 1, "site")]
    return []


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
