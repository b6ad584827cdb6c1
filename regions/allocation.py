"""Awards allocated to local authorities by an explicit rule, in whole pence, so that sums reconcile.

The rule, in this order:

1. The award names the places that it is for: one authority takes it whole (`named area`); several share it
   by population (`population`, marked as estimated, since no source gives a split).
2. It names none, and its site, campus or town is known: the authority of that place takes it (`site`).
3. Only a region is known: it is not placed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.errors import TableError

PENCE = 100
ESTIMATED = "population"
MONEY = ("public", "private")
SOURCE_COLUMN = {"public": "award_gbp", "private": "private_cofunding_gbp"}
PLACED_BY_SITE = ("postcode", "site", "campus", "town")


def benefiting(text: str, places: dict[str, list[str]], nations: dict[str, list[str]], known: set[str]) -> list[str]:
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
        table = {"": places, "nation": nations, "la": {code: [code] for code in known}}.get(kind)
        if table is None or name not in table:
            raise TableError(f"benefiting place {entry!r} is unknown; right are a place id, nation:NAME or la:GSS")
        members.update(table[name])
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
        Columns project_id, la_code, weight (people, or 1), share, basis. The shares of a project that is
        placed sum to one; a project that is not placed has no row.
    """
    by_place = places.groupby("place_id")["la_code"].agg(list).to_dict()
    by_nation = authorities.groupby("nation")["gss_code"].agg(list).to_dict()
    population = authorities.set_index("gss_code")["population"]
    known = set(population.index)
    rows = [
        (project.project_id, *part)
        for project in projects.itertuples()
        for part in _split(project, benefiting(project.benefiting_places, by_place, by_nation, known), population)
    ]
    split = pd.DataFrame(rows, columns=["project_id", "la_code", "weight", "basis"])
    split["share"] = split["weight"] / split.groupby("project_id")["weight"].transform("sum")
    return split


def _split(project: Any, members: list[str], population: pd.Series) -> list[tuple[str, int, str]]:
    if len(members) == 1:
        return [(members[0], 1, "named area")]
    if members:
        return [(code, int(population[code]), ESTIMATED) for code in members]
    if project.location_precision in PLACED_BY_SITE:
        return [(project.la_code, 1, "site")]
    return []


def net_pence(projects: pd.DataFrame, chosen: pd.Series, money: str) -> pd.Series:
    """Return each chosen project's own money in pence, less that of chosen projects nested in it.

    So an award inside another is placed where it is spent, the rest where the outer one says, and their
    sum is the outer award: nothing counts twice. Where the inner ones exceed the outer, the outer counts nothing.

    Parameters
    ----------
    projects : DataFrame
        Columns project_id, nested_in, award_gbp, private_cofunding_gbp.
    chosen : Series of bool
        Projects that count, on the same index.
    money : {"public", "private"}
        Which column.

    Returns
    -------
    Series of int64
        Pence on the same index; zero for projects that are not chosen.
    """
    gross = (projects[SOURCE_COLUMN[money]].where(chosen).fillna(0) * PENCE).round().astype("int64")
    inside = _nearest_counted_ancestor(projects, gross > 0)
    nested = gross.groupby(inside).sum()
    held = projects["project_id"].map(nested).fillna(0).astype("int64")
    return (gross - held).clip(lower=0)


def _nearest_counted_ancestor(projects: pd.DataFrame, counts: pd.Series) -> pd.Series:
    """Follow `nested_in` upwards to the first project that counts; empty where there is none."""
    parent = dict(zip(projects["project_id"], projects["nested_in"], strict=True))
    counted = set(projects.loc[counts, "project_id"])

    def climb(project_id: str) -> str:
        above, steps = parent[project_id], 0
        while above and above not in counted:
            above, steps = parent.get(above, ""), steps + 1
            if steps > len(parent):
                raise TableError(f"project {project_id!r} is nested in itself")
        return above

    return projects["project_id"].map(climb)


@dataclass(frozen=True)
class Allocation:
    """Awards by authority, and what could not be placed; pence throughout.

    Attributes
    ----------
    rows : DataFrame
        Columns project_id, la_code, basis, public, private (int64 pence).
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


def allocate(projects: pd.DataFrame, split: pd.DataFrame, public: pd.Series, private: pd.Series) -> Allocation:
    """Allocate the chosen projects' money to authorities, to the penny.

    Parameters
    ----------
    projects : DataFrame
        As for `net_pence`.
    split : DataFrame
        The result of `shares`.
    public, private : Series of bool
        Projects whose public, and whose private, money counts.

    Returns
    -------
    Allocation
    """
    rows = split.copy()
    totals = {}
    for money, chosen in (("public", public), ("private", private)):
        pence = net_pence(projects, chosen, money)
        totals[money] = int(pence.sum())
        by_project = pd.Series(pence.to_numpy(), index=projects["project_id"])
        rows[money] = _whole_pence(rows, rows["project_id"].map(by_project))
    return Allocation(rows, pd.Series(totals, dtype="int64"))


def _whole_pence(split: pd.DataFrame, pence: pd.Series) -> pd.Series:
    """Share out whole pence by largest remainder; equal remainders in the order of the codes.

    Python's integers, because pounds in pence times people overflow 64 bits.
    """
    groups = split["project_id"].to_numpy()
    weight = split["weight"].astype(object)
    parts = pence.astype(object) * weight
    whole = split.groupby("project_id")["weight"].transform("sum").astype(object)
    floor, remainder = parts // whole, parts % whole
    left = pence - floor.astype("int64").groupby(groups).transform("sum")
    order = np.lexsort((split["la_code"].to_numpy().astype(str), -(remainder / whole).astype(float)))
    rank = pd.Series(order.argsort(), index=split.index).groupby(groups).rank(method="first")
    return (floor.astype("int64") + (rank <= left)).astype("int64")
