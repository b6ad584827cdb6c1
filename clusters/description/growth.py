"""Size and growth of clusters beside the count of their firms: employment and births, with their tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pandas as pd

from clusters.description.births import BIRTHS, births
from clusters.description.employment import EMPLOYMENT, employment
from clusters.description.evenness import false_discovery
from clusters.description.traits import SUMS

if TYPE_CHECKING:
    import geopandas as gpd

    from clusters.description.traits import Span, Traits

Table = TypeVar("Table", bound=pd.DataFrame)

BASIS: Final = "employment_basis"
EMPLOYEES, BANDS = "employees", "size bands"
"""What employment rests on: numbers of employees, or estimates by band."""

GROWTH: Final = (BASIS, *EMPLOYMENT, "employment_q", *BIRTHS, "births_q")
"""Columns of the table of clusters: text, then numbers, which are missing where nothing is known."""


@dataclass(frozen=True, eq=False)
class Beside:
    """What a register tells of its firms beside their places.

    Attributes
    ----------
    traits
        Its firms counted by size and date; None where it tells neither.
    span
        Years of the births; None where no date is known.
    basis
        What sizes rest on: `EMPLOYEES` or `BANDS`; empty where none is told.
    """

    traits: Traits | None = None
    span: Span | None = None
    basis: str = ""


def with_growth(
    clusters: gpd.GeoDataFrame, members: pd.DataFrame, cells: pd.DataFrame, beside: Beside, seed: int
) -> gpd.GeoDataFrame:
    """Add the columns of `GROWTH` to clusters.

    Parameters
    ----------
    clusters
        cluster_id, label.
    members
        cluster_id; size and founded where the register has them.
    cells
        cluster_id, cell.
    seed
        Start of the draws.
    """
    told: dict[str, Any] = {}
    if beside.traits is not None:
        ground = _ground(cells, beside.traits.ground)
        if beside.basis:
            sized = employment(clusters, members, ground, beside.traits, seed)
            told |= {BASIS: beside.basis, **_columns(sized)}
            told["employment_q"] = false_discovery(sized["employment_p"]).to_numpy()
        if beside.span is not None:
            young = births(clusters, members, ground, beside.traits, beside.span)
            told |= {**_columns(young), "births_q": false_discovery(young["births_p"]).to_numpy()}
    return clusters.assign(**{name: told.get(name, _unknown(name)) for name in GROWTH})


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    return {str(name): table[name].to_numpy() for name in table.columns}


def complete(clusters: Table) -> Table:
    """Add the columns of `GROWTH` that are missing, as where neither size nor date is known."""
    return clusters.assign(**{name: _unknown(name) for name in GROWTH if name not in clusters.columns})


def _unknown(name: str) -> str | float:
    return "" if name == BASIS else np.nan


def _ground(cells: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Return the sums of all firms in the cells of each cluster, on cluster_id."""
    pairs = cells[["cluster_id", "cell"]].drop_duplicates()
    return pairs.merge(sums, on="cell", how="left").groupby("cluster_id")[[*SUMS]].sum()
