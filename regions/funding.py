"""Funding under a filter: which projects take part, what of their money counts, and where it lies.

Awards are placed by one of two rules (`regions.allocation`); `moved` says what differs between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from edition.filters import Filters, counted, projects_in
from regions.allocation import Allocation, allocate, net_pence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edition.edition import Edition
    from edition.filters import Placed

# The table of shares of each rule.
SHARES: Mapping[Placed, str] = MappingProxyType({"delivery": "shares", "lead": "lead_shares"})


@dataclass(frozen=True)
class Funding:
    """The money of one filter.

    Attributes
    ----------
    projects : DataFrame
        Projects that take part, with net_gbp (what counts of the award) and private_net_gbp.
    taking_part : Series of bool
        Indexed by project_id, all projects.
    allocation : Allocation
        Where the money lies.
    """

    projects: pd.DataFrame
    taking_part: pd.Series
    allocation: Allocation

    @property
    def without_figure(self) -> int:
        """Projects that take part and have no public figure."""
        return int(self.projects["award_gbp"].isna().sum())

    @property
    def switched_off(self) -> int:
        """Projects whose figure is of a kind that is not counted."""
        return int((self.projects["award_gbp"].notna() & ~self.projects["counts"]).sum())


@dataclass(frozen=True)
class Moved:
    """What differs between the two rules of placing, of public money; pence throughout.

    Attributes
    ----------
    rows : DataFrame
        Columns project_id, la_code, pence (int64, not zero): what the authority has of the project by place
        of delivery less what it has by lead's address. Only projects that both rules place: the pence of
        each add up to nothing, and so do those of any partition of the country.
    both, only_delivery, only_lead, neither : int
        The public money that both rules place, only one does, or none does; together, all that is counted.
    """

    rows: pd.DataFrame
    both: int
    only_delivery: int
    only_lead: int
    neither: int

    @property
    def total(self) -> int:
        """All that is counted, placed or not."""
        return self.both + self.only_delivery + self.only_lead + self.neither

    def by_region(self, membership: pd.DataFrame) -> pd.Series:
        """Return the pence of regions (int64, indexed by region_id), from who is a member of which.

        Parameters
        ----------
        membership : DataFrame
            Columns region_id, la_code, of one level. A region that is not in the answer has nothing.
        """
        held = self.rows.merge(membership[["region_id", "la_code"]], on="la_code")
        return held.groupby("region_id")["pence"].sum()

    @property
    def pence(self) -> int:
        """Pence that the rules place in different authorities, project by project."""
        return int(self.rows.loc[self.rows["pence"] > 0, "pence"].sum())


def funding(edition: Edition, filters: Filters) -> Funding:
    """Return the money of the projects that pass the filters, placed by the rule that they name."""
    return _funding(edition, filters.plain())


def moved(edition: Edition, filters: Filters) -> Moved:
    """Return what differs between the two rules, whichever the filters name."""
    return _moved(edition, _by(filters.plain(), "delivery"))


def _by(filters: Filters, rule: Placed) -> Filters:
    return filters.model_copy(update={"placed": rule})


@lru_cache(maxsize=64)
def _funding(edition: Edition, filters: Filters) -> Funding:
    projects = edition.tables["projects"]
    chosen = projects_in(projects, filters)
    counts = chosen & counted(projects, filters)
    # Private money beside an award whose own figure nobody published is still known.
    private = chosen & (counts | projects["award_gbp"].isna()) & projects["private_cofunding_gbp"].notna()
    kept = projects.assign(
        counts=counts,
        net_gbp=net_pence(projects, counts, "public") / 100,
        private_net_gbp=net_pence(projects, private, "private") / 100,
    )
    return Funding(
        projects=kept[chosen],
        taking_part=pd.Series(chosen.to_numpy(), index=projects["project_id"]),
        allocation=allocate(projects, edition.tables[SHARES[filters.placed]], counts, private),
    )


@lru_cache(maxsize=64)
def _moved(edition: Edition, filters: Filters) -> Moved:
    delivered, led = (_funding(edition, _by(filters, rule)).allocation for rule in SHARES)
    by_delivery, by_lead = (rule.rows.groupby("project_id")["public"].sum() for rule in (delivered, led))
    shared = by_delivery.index.intersection(by_lead.index)
    rows = pd.concat([delivered.rows, led.rows.assign(public=-led.rows["public"])])
    rows = rows[rows["project_id"].isin(shared)]
    pence = rows.groupby(["project_id", "la_code"])["public"].sum().rename("pence").reset_index()
    both = int(by_delivery[shared].sum())
    only_delivery, only_lead = int(by_delivery.sum()) - both, int(by_lead.sum()) - both
    return Moved(
        rows=pence[pence["pence"] != 0].reset_index(drop=True),
        both=both,
        only_delivery=only_delivery,
        only_lead=only_lead,
        neither=int(delivered.totals["public"]) - both - only_delivery - only_lead,
    )
