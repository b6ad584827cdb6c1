"""What is counted: the filters that the page, the API and the command line share."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from itertools import islice
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

from data.tables import table
from data.taxonomy import sectors, technologies, titles

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import pandas as pd

YEARS = (2010, 2030)
AwardKind = Literal["at least", "up to", "envelope", "project value"]
# What may be asked for: one choice, so that a wrong one is one fault.
KindChoice = Literal[AwardKind, "none"]
Placed = Literal["delivery", "lead"]
Family = Literal["sector", "technology", "both"]
ClusterType = Literal["Diverse", "Specialised", "R&D Collaborating"]
CLUSTER_TYPES: tuple[ClusterType, ...] = ("R&D Collaborating", "Specialised", "Diverse")
# Characters of a value that a message quotes: it may be of any length.
QUOTED = 100
# Names that a message lists where none comes near; of those with titles, which are longer, fewer.
MOST_NAMES, MOST_TITLES = 12, 8
DEFAULT_KINDS: tuple[AwardKind, ...] = ("at least", "up to")


def known(what: str, titles: Callable[[], Mapping[str, str]]) -> AfterValidator:
    """Return a validator that names the nearest of the known when it meets an unknown id.

    Parameters
    ----------
    what
        Kind of thing, in a word.
    titles
        Return what each is called, by id.
    """

    def validate(value: str) -> str:
        if value in titles():
            return value
        raise ValueError(f"{value[:QUOTED]!r} is no {what}; {nearest(value, titles())}")

    return AfterValidator(validate)


def check_years(year_from: int, year_to: int) -> None:
    """Refuse years that are in no order.

    Raises
    ------
    ValueError
        If the first comes after the last.
    """
    if year_from > year_to:
        raise ValueError(f"year_from {year_from} is after year_to {year_to}")


def nearest(value: str, names: Collection[str] | Mapping[str, str]) -> str:
    """Say which names come near a value, whatever the case; where none does, what there is.

    Parameters
    ----------
    value
        What was given.
    names
        What could have been; of ids that have titles, these by id: people read titles, and type ids.

    Examples
    --------
    >>> nearest("Quantm", {"quantum": "Quantum technologies", "ai": "Artificial intelligence"})
    'did you mean Quantum technologies (quantum)?'
    """
    if not names:
        return "there is none to choose"
    titles = names if isinstance(names, Mapping) else dict.fromkeys(names, "")
    folded = {title.casefold(): name for name, title in titles.items() if title}
    folded |= {name.casefold(): name for name in titles}
    near = get_close_matches(value[:QUOTED].casefold(), folded, n=3, cutoff=0.5)
    if near:
        found = dict.fromkeys(folded[name] for name in near)
        return f"did you mean {', '.join(_titled(name, titles[name]) for name in found)}?"
    most = MOST_TITLES if any(titles.values()) else MOST_NAMES
    first = [_titled(name, title) for name, title in islice(titles.items(), most)]
    return f"known are {', '.join(first)}{' ...' if len(names) > len(first) else ''}"


def _titled(name: str, title: str) -> str:
    """Return a title with the id behind it, unless that says nothing new."""
    return (
        f"{title} ({name})" if title not in {"", name} and not title.endswith(f"({name})") else title or name
    )


@dataclass(frozen=True)
class Vocabulary:
    """The sectors and technologies that may be asked for, in the order in which they are listed.

    Attributes
    ----------
    sectors, technologies
        Their ids.
    titles
        What they are called, by id; an id that has none is its own.
    """

    sectors: tuple[str, ...]
    technologies: tuple[str, ...]
    titles: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def order(self) -> dict[str, int]:
        """Place of each sector: a register of one's own may have ten thousand."""
        return {name: place for place, name in enumerate(self.sectors)}

    @cached_property
    def sector_titles(self) -> dict[str, str]:
        """What each sector is called."""
        return {name: self.titles.get(name, name) for name in self.sectors}

    @cached_property
    def technology_titles(self) -> dict[str, str]:
        """What each technology is called."""
        return {name: self.titles.get(name, name) for name in self.technologies}


@cache
def taxonomy() -> Vocabulary:
    """Return the words of the shipped edition."""
    ids = tuple(row.id for row in sectors()), tuple(row.id for row in technologies())
    return Vocabulary(*ids, titles())


# The words of the edition that is shown; the taxonomy's where none has said otherwise.
_SPOKEN: list[Vocabulary] = []


def vocabulary() -> Vocabulary:
    """Return the words that may be asked for now."""
    return _SPOKEN[-1] if _SPOKEN else taxonomy()


def speak(words: Vocabulary | None) -> None:
    """Take the words of the edition that is shown from now on; None for the taxonomy's."""
    _SPOKEN[:] = [words] if words else []


@contextmanager
def speaking(words: Vocabulary | None) -> Iterator[None]:
    """Take other words for a while, as a command does."""
    before = [*_SPOKEN]
    speak(words)
    try:
        yield
    finally:
        _SPOKEN[:] = before


def _sector_titles() -> Mapping[str, str]:
    return vocabulary().sector_titles


def _technology_titles() -> Mapping[str, str]:
    return vocabulary().technology_titles


@cache
def _programme_titles() -> dict[str, str]:
    rows = table("programmes")
    return dict(zip(rows["programme_id"], rows["name"], strict=True))


def in_order(chosen: tuple[str, ...], order: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is chosen once each and in one order; 'none' stands in no order, so it goes."""
    return tuple(name for name in order if name in chosen)


ORDERS: Mapping[str, Callable[[], tuple[str, ...]]] = MappingProxyType(
    {
        "sector": lambda: vocabulary().sectors,
        "technology": lambda: vocabulary().technologies,
        "programme": lambda: tuple(_programme_titles()),
        "type": lambda: CLUSTER_TYPES,
        "kinds": lambda: get_args(AwardKind),
    }
)


class Filters(BaseModel):
    """Which clusters, firms and projects take part; empty means all, but for `kinds`: plain awards only.

    The order of several values and their repetition mean nothing: they are kept in one order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sector: tuple[Annotated[str, known("sector", _sector_titles)], ...] = Field(
        default=(),
        max_length=20,
        description="Industrial Strategy sectors, agri-food, other; or those of the edition's own register",
    )
    technology: tuple[Annotated[str, known("technology", _technology_titles)], ...] = Field(
        default=(),
        max_length=60,
        description="Technology families; clusters are then those of the technology",
    )
    family: Family = Field(
        default="sector",
        description="Clusters of sectors, of technologies, or of both, where neither filter names any",
    )
    programme: tuple[Annotated[str, known("programme", _programme_titles)], ...] = Field(
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

    @field_validator(*ORDERS)
    @classmethod
    def _in_order(cls, chosen: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return in_order(chosen, ORDERS[str(info.field_name)]())

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
    known_ids = {*taxonomy().sectors, *taxonomy().technologies}
    return tuple(name for name in wanted if name in known_ids)


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
