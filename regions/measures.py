"""What can be said of a region: money, money per head, projects; each with its unit and definition."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import mapclassify
import numpy as np
import pandas as pd

from regions.allocation import ESTIMATED, MONEY, PENCE, Allocation

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Measure:
    """A measure as it is shown: rates colour regions, sums are drawn as symbols."""

    id: str
    label: str
    column: str
    kind: Literal["rate", "sum", "pair", "none"]
    unit: str
    definition: str


_ROWS = (
    Measure(
        "per-head",
        "Public money per head",
        "per_head",
        "rate",
        "£ per person",
        "Public awards placed in the region, divided by its residents.",
    ),
    Measure("total", "Public money in all", "public_gbp", "sum", "£", "Public awards placed in the region."),
    Measure(
        "public-private",
        "Public beside private money",
        "public_gbp",
        "pair",
        "£",
        "Public awards placed in the region, and the private money that sources name beside them.",
    ),
    Measure(
        "projects",
        "Number of projects",
        "projects",
        "sum",
        "projects",
        "Projects and allocations that the region has a part in, with or without a public figure.",
    ),
    Measure("none", "None", "", "none", "", "Regions are outlined only."),
)
MEASURES: Mapping[str, Measure] = MappingProxyType({measure.id: measure for measure in _ROWS})


def region_table(
    regions: pd.DataFrame, membership: pd.DataFrame, allocation: Allocation, chosen: pd.Series
) -> pd.DataFrame:
    """Return the measures of every region of one level.

    Parameters
    ----------
    regions : DataFrame
        Columns region_id, name, population, population_year.
    membership : DataFrame
        Columns region_id, la_code, for this level.
    allocation : Allocation
        The money, by authority.
    chosen : Series of bool
        Indexed by project_id: projects that take part, with or without a figure.

    Returns
    -------
    DataFrame
        One row a region, in the order given: region_id, name, population, population_year, public_gbp,
        private_gbp, per_head (pounds per resident), projects (number), estimated_share (of the public
        money, the part that was split by population).
    """
    rows = allocation.rows.merge(membership[["region_id", "la_code"]], on="la_code")
    money = rows.groupby("region_id")[list(MONEY)].sum()
    estimated = rows.loc[rows["basis"] == ESTIMATED].groupby("region_id")["public"].sum()
    present = rows[rows["project_id"].map(chosen).fillna(value=False)]
    projects = present.groupby("region_id")["project_id"].nunique()
    table = regions[["region_id", "name", "population", "population_year"]].reset_index(drop=True)
    ids = table["region_id"]
    for column in MONEY:
        table[f"{column}_gbp"] = ids.map(money[column]).fillna(0) / PENCE
    table["per_head"] = table["public_gbp"] / table["population"]
    table["projects"] = ids.map(projects).fillna(0).astype(int)
    share = ids.map(estimated).fillna(0) / PENCE / table["public_gbp"]
    table["estimated_share"] = share.replace([np.inf, -np.inf], np.nan).fillna(0.0)
    return table


def class_breaks(values: pd.Series, most: int = 5) -> list[float]:
    """Return the upper bounds of at most `most` classes, round numbers that a reader can keep in mind.

    Quantiles of the values above zero, each rounded to one or two leading digits (1, 1.5, 2, 3, 4, 5, 7.5).
    Zero and missing values are no class: they are said to have no award found.

    Returns
    -------
    list of float
        Rising; the last is at or above the largest value. Empty where no value is above zero.
    """
    positive = values[values > 0].dropna()
    if positive.empty:
        return []
    bounds = mapclassify.Quantiles(positive.to_numpy(), k=min(most, positive.nunique())).bins if positive.nunique() > 1 else [positive.max()]
    inner = sorted({_round(bound) for bound in bounds[:-1]})
    top = _round_up(float(positive.max()))
    return [bound for bound in inner if bound < positive.max()] + [top]


STEPS = np.array([1, 1.5, 2, 3, 4, 5, 7.5, 10])


def _round(value: float) -> float:
    scale = 10.0 ** np.floor(np.log10(value))
    return float(STEPS[np.abs(STEPS - value / scale).argmin()] * scale)


def _round_up(value: float) -> float:
    scale = 10.0 ** np.floor(np.log10(value))
    return float(STEPS[np.searchsorted(STEPS, value / scale - 1e-12)] * scale)
