"""Tiny registers as the statistics of employment and births see them: firms, labels, cells, clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusters.description.growth import EMPLOYEES, Beside, with_growth
from clusters.description.traits import Span, Traits, counted

SPAN = Span(2015, 2024)


@dataclass(frozen=True, eq=False)
class Country:
    """Firms with cell, size and founded; who carries which label; which firms are in which cluster."""

    firms: pd.DataFrame
    carried: pd.DataFrame
    clusters: pd.DataFrame

    @property
    def members(self) -> pd.DataFrame:
        """Firms of the label in the cell of its cluster, which is called as both."""
        pairs = self.carried.assign(cell=self.firms["cell"].to_numpy()[self.carried["firm"]])
        found = pairs.merge(self.cells.merge(self.clusters, on="cluster_id"), on=["label", "cell"])
        own = self.firms.loc[found["firm"], ["size", "founded"]].reset_index(drop=True)
        return pd.concat([found[["cluster_id"]], own], axis=1)

    @property
    def cells(self) -> pd.DataFrame:
        """Each cluster is a cell."""
        ids = self.clusters["cluster_id"]
        return pd.DataFrame({"cluster_id": ids, "cell": ids.str.split("-").str[1].astype(int)})

    def traits(self, span: Span | None = SPAN) -> Traits:
        """The firms counted."""
        return counted(self.firms, self.carried, self.cells["cell"].unique(), span)

    def described(self, span: Span | None = SPAN, basis: str = EMPLOYEES, seed: int = 0) -> pd.DataFrame:
        """The clusters with their growth, by id."""
        beside = Beside(self.traits(span), span, basis)
        table = with_growth(self.clusters, self.members, self.cells, beside, seed)
        return table.set_index("cluster_id")


def country(
    seed: int = 0, count: int = 300, labels: str = "ab", cells: int = 3, unknown: float = 0.2
) -> Country:
    """Firms at random: every cell is a cluster of every label."""
    draws = np.random.default_rng(seed)
    firms = pd.DataFrame(
        {
            "cell": draws.integers(0, cells, count),
            "size": np.rint(draws.lognormal(2, 1.5, count)),
            "founded": draws.integers(1990, 2026, count).astype(float),
        }
    )
    for name in ("size", "founded"):
        firms.loc[draws.random(count) < unknown, name] = np.nan
    label = np.array([*labels])[draws.integers(0, len(labels), count)]
    carried = pd.DataFrame({"firm": np.arange(count), "label": label})
    both = draws.random(count) < 0.1
    carried = pd.concat([carried, carried[both].assign(label="c")], ignore_index=True)
    pairs = [(one, cell) for one in sorted(carried["label"].unique()) for cell in range(cells)]
    clusters = pd.DataFrame(
        {"cluster_id": [f"{one}-{cell}" for one, cell in pairs], "label": [one for one, _ in pairs]}
    )
    return Country(firms, carried, clusters)
