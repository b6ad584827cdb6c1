"""Places side by side: their figures, what these are held against, and how the money adds up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from data.errors import InputError
from data.schemas import ASSET_TYPES
from edition.view import MOST_PLACES
from regions.allocation import MONEY, PENCE
from regions.figures import assets_by_type, cluster_rows, figures, money_rows, project_rows, specialisation
from regions.funding import funding
from regions.measures import MEASURES
from regions.place import overlap_words, overlaps
from regions.places import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edition.edition import Edition
    from edition.filters import Filters
    from regions.measures import Measure
    from regions.place import Place

# Keys that money is broken down by, and the column of the projects that each stands in.
BREAKDOWNS = {"programme": "programme", "sector": "is8", "year": "year"}
UNDATED = "undated"


@dataclass(frozen=True)
class Sums:
    """How the public money of places adds up, pounds: places + elsewhere + not_placed = awards."""

    places: float
    elsewhere: float
    not_placed: float
    awards: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Places compared under a filter.

    Attributes
    ----------
    edition, filters
        What is counted.
    places
        Those compared, in the order given.
    against
        What they are held against: the country, nations, parents; none of them is among the places.
    """

    edition: Edition
    filters: Filters
    places: tuple[Place, ...]
    against: tuple[Place, ...]

    @property
    def all(self) -> tuple[Place, ...]:
        """The places, then what they are held against."""
        return (*self.places, *self.against)

    @cached_property
    def figures(self) -> pd.DataFrame:
        """The figures of all (see `regions.figures.figures`)."""
        return figures(self.edition, self.filters, self.all)

    @cached_property
    def specialisation(self) -> pd.DataFrame:
        """Location quotients of the places (see `regions.figures.specialisation`)."""
        return specialisation(self.edition, self.places)

    @cached_property
    def clusters(self) -> pd.DataFrame:
        """Clusters of the places, strongest first: ref, and the cluster's row."""
        rows = cluster_rows(self.edition, self.filters, self.places)[["ref", "cluster_id"]]
        plain = pd.DataFrame(self.edition.clusters.drop(columns="geometry"))
        return rows.merge(plain, on="cluster_id")

    @cached_property
    def assets(self) -> pd.DataFrame:
        """Number of research assets of all: a row a ref, a column a type in words."""
        return assets_by_type(self.edition, self.all).rename(columns=ASSET_TYPES)

    def money_by(self, key: str) -> pd.DataFrame:
        """Return the money of all by programme, sector or year.

        Parameters
        ----------
        key
            One of `BREAKDOWNS`.

        Returns
        -------
        DataFrame
            ref, key (title of a programme or sector; year as text, or ``undated``), public_gbp, private_gbp,
            projects (those that pass the filters). The pounds of a ref add up to those of its figures.
        """
        # Shares are of all projects: those that the filters leave out have no money, and do not count.
        present = project_rows(self.edition, self.filters, self.all)
        rows = money_rows(self.edition, self.filters, self.all).merge(present, on=["ref", "project_id"])
        projects = self.edition.tables["projects"].set_index("project_id")[BREAKDOWNS[key]]
        values = rows["project_id"].map(projects)
        rows = rows.assign(key=_years(values) if key == "year" else values)
        if key == "sector":
            rows["key"] = rows["key"].map(self.edition.labels.title)
        grouped = rows.groupby(["ref", "key"])
        table = grouped[list(MONEY)].sum() / PENCE
        table = table.rename(columns={money: f"{money}_gbp" for money in MONEY})
        table["projects"] = grouped["project_id"].nunique()
        return table[(table["public_gbp"] > 0) | (table["private_gbp"] > 0)].reset_index()

    @cached_property
    def overlaps(self) -> list[str]:
        """Say which of the places share ground; empty where none do."""
        return list(dict.fromkeys(overlap_words(*pair) for pair in overlaps(self.places)))

    @cached_property
    def sums(self) -> Sums | None:
        """How the public money adds up; None where places overlap, since these are not added."""
        if self.overlaps:
            return None
        allocation = funding(self.edition, self.filters).allocation
        here = money_rows(self.edition, self.filters, self.places)["public"].sum()
        parts = (here, allocation.placed["public"] - here, allocation.not_placed["public"])
        return Sums(*(int(pence) / PENCE for pence in (*parts, allocation.totals["public"])))

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """The measures of the table of figures, in the order of their groups."""
        asked = bool(self.filters.labels)
        return tuple(
            measure for measure in MEASURES.values() if measure.listed and (asked or not measure.of_labels)
        )

    def is_few(self, measure: Measure) -> pd.Series:
        """Say of which of all a measure rests on too few to be ranked or coloured."""
        if not measure.rests_on:
            return pd.Series(data=False, index=self.figures.index)
        return self.figures[measure.rests_on] < self.edition.about.scan.min_firms

    def extremes(self, measure: Measure) -> tuple[str, str]:
        """Return the ref of the place with the highest and of that with the lowest value.

        Empty where several share the place, and where fewer than two values can be ranked. Money that none
        was found of is not known to be little: then no place is known to have the least.
        """
        refs = [place.ref for place in self.places]
        values = self.figures.loc[refs, measure.column].where(~self.is_few(measure).loc[refs])
        if measure.written.is_money:
            values = values.where(values > 0)
        ranked = values.dropna()
        if len(ranked) < 2:
            return "", ""
        unknown = measure.written.is_money and len(ranked) < len(values)
        return _only(ranked, ranked.max()), "" if unknown else _only(ranked, ranked.min())


def _only(values: pd.Series, wanted: float) -> str:
    found = values.index[values == wanted]
    return str(found[0]) if len(found) == 1 else ""


def _years(values: pd.Series) -> pd.Series:
    return values.map(lambda year: UNDATED if pd.isna(year) else str(int(year)))


def compare(
    edition: Edition, filters: Filters, chosen: Sequence[Place], against: Iterable[str] = ("uk", "nation")
) -> Comparison:
    """Put places side by side.

    Parameters
    ----------
    edition, filters
        What is counted.
    chosen
        One to ten places of any levels, mixed.
    against
        What to hold them against: ``uk``, ``nation`` (each that a place has a part in), ``parent`` (the
        smallest region of a larger level that holds a place).

    Raises
    ------
    InputError
        If there is no place, or more than ten.
    """
    if not 1 <= len(chosen) <= MOST_PLACES:
        raise InputError(f"{len(chosen)} places cannot be compared; choose 1 to {MOST_PLACES}")
    known = places(edition)
    asked = tuple(against)
    wanted = [known.parent(place) for place in chosen] if "parent" in asked else []
    wanted += [nation for place in chosen for nation in known.nations(place)] if "nation" in asked else []
    wanted += [known.country] if "uk" in asked else []
    mine = {frozenset(place.weights.items()) for place in chosen}
    # A nation may be an ITL1 region too: what has the same authorities is held against once.
    others = {frozenset(place.weights.items()): place for place in reversed(wanted)}
    others = {key: place for key, place in reversed(others.items()) if key not in mine}
    # The country stands last, whoever names it first.
    ordered = sorted(others.values(), key=lambda place: place.level == "uk")
    return Comparison(edition, filters, tuple(chosen), tuple(ordered))
