"""Funding under a filter: which projects take part, what of their money counts, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from data.filters import Filters, counted, projects_in
from regions.allocation import Allocation, allocate, net_pence

if TYPE_CHECKING:
    from regions.edition import Edition


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


def funding(edition: Edition, filters: Filters) -> Funding:
    """Return the money of the projects that pass the filters."""
    plain = Filters.model_validate({name: getattr(filters, name) for name in Filters.model_fields})
    return _funding(edition, plain)


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
        allocation=allocate(projects, edition.tables["shares"], counts, private),
    )
