"""What is counted: the filters that the page, the API and the command line share."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from data.taxonomy import titles
from edition.choices import NONE, known, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

YEARS = (2010, 2030)
AwardKind = Literal["at least", "up to", "envelope", "project value"]
# What may be asked for: one choice, so that a wrong one is one fault.
KindChoice = Literal[AwardKind, "none"]
Placed = Literal["delivery", "lead"]
Family = Literal["sector", "technology", "both"]
ClusterType = Literal["Diverse", "Specialised", "R&D Collaborating"]
CLUSTER_TYPES: tuple[ClusterType, ...] = ("R&D Collaborating", "Specialised", "Diverse")
DEFAULT_KINDS: tuple[AwardKind, ...] = ("at least", "up to")


def check_years(year_from: int, year_to: int) -> None:
    """Refuse years that are in no order.

    Raises
    ------
    ValueError
        If the first comes after the last.
    """
    if year_from > year_to:
        raise ValueError(f"year_from {year_from} is after year_to {year_to}")


def in_order(chosen: tuple[str, ...], order: Iterable[str] | None) -> tuple[str, ...]:
    """Return what is chosen once each and in one order, if there is one; 'none' is in none, so it goes."""
    given = dict.fromkeys(chosen)
    return tuple(name for name in (given if order is None else order) if name in given and name != NONE)


# Orders that do not depend on the edition.
ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"type": CLUSTER_TYPES, "kinds": get_args(AwardKind)}
)


class Filters(BaseModel):
    """Which clusters, firms and projects take part; empty means all, but for `kinds`: plain awards only.

    The order of several values and their repetition mean nothing: they are kept in one order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sector: tuple[Annotated[str, AfterValidator(known)], ...] = Field(
        default=(),
        max_length=20,
        description="Industrial Strategy sectors, agri-food, other; or those of the edition's own register",
    )
    technology: tuple[Annotated[str, AfterValidator(known)], ...] = Field(
        default=(),
        max_length=60,
        description="Technology families; clusters are then those of the technology",
    )
    family: Family = Field(
        default="sector",
        description="Clusters of sectors, of technologies, or of both, where neither filter names any",
    )
    programme: tuple[Annotated[str, AfterValidator(known)], ...] = Field(
        default=(), max_length=80, description="Funding programmes; projects of these only"
    )
    type: tuple[ClusterType, ...] = Field(default=(), max_length=3, description="Cluster types")
    year_from: int = Field(
        default=YEARS[0], ge=YEARS[0], le=YEARS[1], description="First year of award or start"
    )
    year_to: int = Field(
        default=YEARS[1], ge=YEARS[0], le=YEARS[1], description="Last year of award or start"
    )
    kinds: tuple[KindChoice, ...] = Field(
        default=DEFAULT_KINDS,
        max_length=4,
        description="Figures counted beside plain awards: 'at least', 'up to', 'envelope' (with tax "
        "relief), 'project value' (not all public); 'none' for plain awards only",
    )
    growth: bool = Field(
        default=False, description="Count regional-growth programmes (freeports, deals, zones) too"
    )
    placed: Placed = Field(
        default="delivery",
        description="Rule by which awards are placed: 'delivery' where the work is done, 'lead' where the "
        "organisation that leads has its head office",
    )

    @field_validator("sector", "technology", "programme", *ORDERS)
    @classmethod
    def _in_order(cls, chosen: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return in_order(chosen, ORDERS.get(str(info.field_name)) or names_of(info))

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        check_years(self.year_from, self.year_to)
        return self

    def plain(self) -> Filters:
        """Return the filters alone, without what a view adds: two views that count alike are then equal."""
        return Filters.model_validate({name: getattr(self, name) for name in Filters.model_fields})

    @property
    def every_year(self) -> bool:
        """Whether undated projects take part: only when no year is filtered away."""
        return (self.year_from, self.year_to) == YEARS

    @property
    def labels(self) -> frozenset[str]:
        """Labels of the clusters asked for: the technologies, or else the sectors; empty for all."""
        return frozenset(self.technology or self.sector)


def projects_in(projects: pd.DataFrame, filters: Filters) -> pd.Series:
    """Say which projects take part.

    Parameters
    ----------
    projects : DataFrame
        Columns is8, technologies, programme_id, purpose, year (NaN where undated).
    filters : Filters
        What is asked for.

    Returns
    -------
    Series of bool
        On the index of `projects`.
    """
    chosen = projects["purpose"].eq("research and innovation") | filters.growth
    # A programme that is asked for by name is wanted, whatever its purpose.
    if filters.programme:
        chosen = projects["programme_id"].isin(filters.programme)
    if filters.sector:
        chosen &= _of_sectors(projects, filters.sector)
    if filters.technology:
        chosen &= _share_any(projects["technologies"], filters.technology)
    if not filters.every_year:
        chosen &= projects["year"].between(filters.year_from, filters.year_to)
    return chosen


def said_of_projects(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sectors asked for that projects have too: those of the taxonomy, or its technologies."""
    return tuple(name for name in wanted if name in titles())


def _of_sectors(projects: pd.DataFrame, wanted: tuple[str, ...]) -> pd.Series:
    """Say which projects are of the sectors; sectors of one's own register say nothing about projects."""
    said = said_of_projects(wanted)
    if not said:
        return projects["is8"].notna()
    return projects["is8"].isin(said) | _share_any(projects["technologies"], said)


def counted(projects: pd.DataFrame, filters: Filters) -> pd.Series:
    """Say which projects' awards are added up: those of the kinds asked for."""
    return projects["award_gbp"].notna() & projects["award_kind"].isin(["award", *filters.kinds])


def _share_any(lists: pd.Series, wanted: tuple[str, ...]) -> pd.Series:
    asked = frozenset(wanted)
    return lists.map(lambda ids: not asked.isdisjoint(ids)).astype(bool)
