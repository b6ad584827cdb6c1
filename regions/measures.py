"""What can be said of a region: one record a measure, which carries everything about it.

The page, the map and its legend, print, tables, workbooks, API, command line, credit line and
documentation are derived from these records. A new measure is a row here, and the column of
`regions.figures` that it shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from data.errors import InputError
from data.sources import require
from data.units import UNITS, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.units import Unit

# Columns that a clause names, as {column} or {column:how}.
NAMED = re.compile(r"\{(\w+)(?::([^}]*))?\}")
# What a clause may name that is no column: how the view places awards, and how it splits them.
OF_VIEW = frozenset({"placed", "split"})


@dataclass(frozen=True)
class Group:
    """What measures of one kind share.

    Attributes
    ----------
    heading
        That they stand under in a table of places.
    filters
        Which filters change them: all, those of money, or none.
    nothing
        What the legend says of a region that has none.
    none_note
        What is said beside the map where no region has any; of firms, `words.measures` says more.
    of_firms
        Whether they count the firms of the edition, which may be an analyst's own.
    """

    heading: str
    filters: Literal["all", "money", "none"]
    nothing: str
    none_note: str = ""
    of_firms: bool = False


@dataclass(frozen=True)
class Clause:
    """A part of what is said of one region.

    Attributes
    ----------
    text
        With columns in braces, each with the unit or noun that it is written in: ``{projects:project}``.
    of
        Column that has to be above zero, and `least` or more, for this to be said; empty for always.
    otherwise
        What is said instead; empty for nothing.
    """

    text: str
    of: str = ""
    otherwise: str = ""
    least: float = 0.0

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it reads."""
        named = {name for name, _ in NAMED.findall(self.text)} - OF_VIEW
        intervals = {
            f"{name}_{end}" for name, how in NAMED.findall(self.text) if how == "interval" for end in ENDS
        }
        return frozenset({*named, *intervals, self.of} - {""})


ENDS = ("low", "high")


@dataclass(frozen=True)
class Measure:
    """A measure as it is shown: rates colour regions, sums are drawn as symbols.

    Attributes
    ----------
    id, label
        Its name in the address, and for people.
    column
        Of `regions.figures.figures`.
    kind
        How the map draws it; a ``fact`` stands in tables alone.
    unit
        Of the values: one of `data.units`, or the noun that is counted.
    definition
        What it is, in a sentence.
    group
        What it shares with its like.
    sources
        Ids in `data/sources.toml`.
    listed
        Whether it is a row of the table of places.
    rests_on
        Column of the count behind a rate: where that is below the edition's least count, the rate is marked
        as resting on few, and neither coloured nor ranked. Empty where there is none.
    share_of
        Column that it is a share of, where it says nothing unless there is some.
    of_labels
        Whether it can be said of chosen sectors or technologies only.
    bounds
        Upper bounds of the classes that readers expect of it; empty where the values decide.
    interval
        Whether its column has an interval beside it (``_low``, ``_high``).
    says
        What is said of one region; empty for its label and value.
    nothing
        What the legend says of a region that has none; empty for what its group says.
    note, none_note
        What is said beside the map; and where no region has any, if not what its group says.
    filters
        Which filters change it; empty for those of its group.
    """

    id: str
    label: str
    column: str
    kind: Literal["rate", "sum", "pair", "difference", "none", "fact"]
    unit: str
    definition: str
    group: Group
    sources: tuple[str, ...] = ("register",)
    listed: bool = True
    rests_on: str = ""
    share_of: str = ""
    of_labels: bool = False
    bounds: tuple[float, ...] = ()
    interval: bool = False
    says: tuple[Clause, ...] = ()
    nothing: str = ""
    note: str = ""
    none_note: str | None = None
    filters: Literal["all", "money", "none", ""] = ""

    def __post_init__(self) -> None:
        require(self.sources, f"the measure {self.id!r}")
        if self.kind == "rate" and self.unit not in UNITS:
            raise InputError(
                f"the rate {self.id!r} has the unit {self.unit!r}, of which nothing says how it is written: "
                f"add it to data/units.py, which has {', '.join(UNITS)}"
            )

    @property
    def written(self) -> Unit:
        """Its unit, with how it is written."""
        return unit_of(self.unit)

    @property
    def changed_by(self) -> Literal["all", "money", "none"]:
        """Which filters change it."""
        return self.filters or self.group.filters

    @property
    def on_map(self) -> bool:
        """Whether the map can show it."""
        return self.kind != "fact"

    @property
    def ranks(self) -> bool:
        """Whether places can be ranked by it."""
        return bool(self.column) and self.kind != "difference"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is shown with: its own, and those of what is said beside."""
        beside = sorted(name for clause in self.says for name in clause.columns)
        own = (self.column, *(("private_gbp",) if self.kind == "pair" else ()), self.rests_on, self.share_of)
        return tuple(dict.fromkeys(name for name in (*own, *beside) if name))

    @property
    def unknown_at_zero(self) -> bool:
        """Whether none that was found is not known to be none: so of money."""
        return self.written.is_money or bool(self.share_of)


CLUSTER_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "R&D Collaborating": "clusters_collaborating",
        "Specialised": "clusters_specialised",
        "Diverse": "clusters_diverse",
    }
)
NO_AWARD = "No award passes the filters. Widen the years, sectors or programmes."
NO_PRIVATE = "No private money is named for what passes the filters. Widen the years, sectors or programmes."
NO_FIRM = "No region has enough firms or clusters that pass the filters. Choose more sectors."
PRIVATE_NOTE = "Private money as sources name it: forecasts and commitments together, known for few projects."
NO_PRIVATE_NAMED = "no private money named"

MONEY = Group("Money", "money", "no award found", NO_AWARD)
RESEARCH = Group("Projects and research", "money", "none found", NO_AWARD)
FIRMS = Group("Firms and clusters", "all", "none found", NO_FIRM, of_firms=True)
PLACE = Group("The place", "none", "not known")

_AWARDS = Clause("{per_head:£ per person}, {public_gbp:£} in all", "public_gbp", "no award found")
_PROJECTS = Clause("{projects:project}")
_SPLIT = Clause("{estimated_share:.0%} of the money {split}", "estimated_share", least=0.005)
_OF_MONEY = (_AWARDS, _PROJECTS, _SPLIT)
_PRIVATE = (
    Clause(
        "{private_per_head:per head} private money a head, {private_gbp:£} in all",
        "private_gbp",
        NO_PRIVATE_NAMED,
    ),
)
_PER_HEAD = ("register", "population")
_ACROSS = "One that reaches into several places counts in each."
_ROWS = (
    Measure(
        "per-head",
        "Public money per head",
        "per_head",
        "rate",
        "£ per person",
        "Public awards placed in the region, of all years chosen together and not per year, divided by its "
        "residents.",
        MONEY,
        _PER_HEAD,
        says=_OF_MONEY,
        note="Awards of all the years chosen, added up: not per year.",
    ),
    Measure(
        "total",
        "Public money in all",
        "public_gbp",
        "sum",
        "£",
        "Public awards placed in the region.",
        MONEY,
        says=_OF_MONEY,
    ),
    Measure(
        "estimated-share",
        "Of it, place estimated",
        "estimated_share",
        "fact",
        "share",
        "Share of the public money whose split between authorities no source gives.",
        MONEY,
        share_of="public_gbp",
    ),
    Measure(
        "public-private",
        "Public beside private money",
        "public_gbp",
        "pair",
        "£",
        "Public awards placed in the region, and the private money that sources name beside them.",
        MONEY,
        listed=False,
        says=(
            _AWARDS,
            Clause("{private_gbp:£} private", "private_gbp", NO_PRIVATE_NAMED),
            _PROJECTS,
            _SPLIT,
        ),
        note=PRIVATE_NOTE,
        none_note=NO_PRIVATE,
    ),
    Measure(
        "private-per-head",
        "Private money per head",
        "private_per_head",
        "rate",
        "£ per person",
        "Private money that sources name beside the awards, divided by residents. Forecasts and commitments "
        "together, known for few projects.",
        MONEY,
        _PER_HEAD,
        says=_PRIVATE,
        nothing=NO_PRIVATE_NAMED,
        note=PRIVATE_NOTE,
        none_note=NO_PRIVATE,
    ),
    Measure(
        "private",
        "Private money in all",
        "private_gbp",
        "sum",
        "£",
        "Private money that sources name beside the awards placed in the region: forecasts and commitments "
        "together, known for few projects.",
        MONEY,
        says=_PRIVATE,
        nothing=NO_PRIVATE_NAMED,
        note=PRIVATE_NOTE,
        none_note=NO_PRIVATE,
    ),
    Measure(
        "moved",
        "Delivery less lead",
        "moved_gbp",
        "difference",
        "£",
        "Public awards by place of delivery less those by the leads' addresses, over the projects that both "
        "rules place: sums to nothing over the country.",
        MONEY,
        listed=False,
        says=(Clause("{moved_gbp:moved}"), Clause("{public_gbp:£} in all {placed}")),
    ),
    Measure(
        "projects",
        "Number of projects",
        "projects",
        "sum",
        "projects",
        f"Projects and allocations that the region has a part in, with or without a public figure. {_ACROSS}",
        RESEARCH,
        says=_OF_MONEY,
    ),
    Measure(
        "organisations",
        "Organisations in projects",
        "organisations",
        "sum",
        "organisations",
        "Organisations named as leads or partners of the projects that the region has a part in, wherever "
        "their own address is; each once.",
        RESEARCH,
        says=(Clause("{organisations:organisation} in {projects:project}"),),
    ),
    Measure(
        "assets",
        "Research assets",
        "assets",
        "sum",
        "assets",
        "Universities, Catapult sites, science parks, innovation districts, research institutes and public "
        "research establishments in the region.",
        RESEARCH,
        says=(Clause("{assets:research asset}"),),
        none_note="",
        filters="none",
    ),
    Measure(
        "firms",
        "Firms",
        "firms",
        "sum",
        "firms",
        "Firms of the edition with the sectors or technologies chosen, those known only to their town "
        "included.",
        FIRMS,
        says=(Clause("{firms:firm}, {firms_per_10k:.1f} per 10,000 residents"),),
    ),
    Measure(
        "firms-per-10k",
        "Firms per 10,000 residents",
        "firms_per_10k",
        "rate",
        "per 10,000 residents",
        "Firms of the edition divided by residents, times 10,000.",
        FIRMS,
        _PER_HEAD,
        rests_on="firms",
        says=(Clause("{firms_per_10k:.1f} firms per 10,000 residents, {firms:,} in all"),),
    ),
    Measure(
        "lq",
        "Specialisation",
        "lq",
        "rate",
        "LQ",
        "Location quotient of the sectors or technologies chosen: their share of the region's firms, divided "
        "by their share of the United Kingdom's. 1 is the country's own; the table shows the 95% interval.",
        FIRMS,
        rests_on="firms",
        of_labels=True,
        bounds=(1.0, 1.5, 2.0, 3.0),
        interval=True,
        says=(Clause("LQ {lq:interval}, {firms:,} of {all_firms:firm}"),),
    ),
    Measure(
        "clustered-share",
        "Firms in clusters",
        "clustered_share",
        "rate",
        "share",
        "Share of the region's firms that belong to a cluster on the map.",
        FIRMS,
        rests_on="firms",
        says=(Clause("{clustered:,} of {firms:firm} in clusters"),),
    ),
    Measure(
        "clusters",
        "Clusters",
        "clusters",
        "sum",
        "clusters",
        f"Clusters on the map with a firm in the region. {_ACROSS}",
        FIRMS,
        ("register", "onspd"),
        says=(Clause("{clusters:cluster}, {firms:firm} in all"),),
    ),
    *(
        Measure(
            column.replace("_", "-"),
            f"Of type {name}",
            column,
            "fact",
            "clusters",
            f"Clusters of the type {name} with a firm in the region. {_ACROSS}",
            FIRMS,
            ("register", "onspd"),
        )
        for name, column in CLUSTER_COLUMNS.items()
    ),
    Measure(
        "population",
        "Residents",
        "population",
        "fact",
        "residents",
        "Residents of the authorities: mid-2023 in England and Wales, Census 2022 in Scotland, Census 2021 "
        "in Northern Ireland.",
        PLACE,
        ("population",),
    ),
    Measure(
        "density",
        "Residents per km²",
        "density",
        "fact",
        "residents per km²",
        "Residents divided by the land within the boundaries in use, which may be approximate.",
        PLACE,
        ("population", "onspd"),
    ),
    Measure(
        "none",
        "None",
        "",
        "none",
        "",
        "Regions are outlined only.",
        MONEY,
        (),
        listed=False,
        says=_OF_MONEY,
        none_note="",
    ),
)
_BY_ID = {measure.id: measure for measure in _ROWS}
MEASURES: Mapping[str, Measure] = MappingProxyType(_BY_ID)
"""Every measure, in the order in which lists and tables have them."""


def on_map() -> dict[str, Measure]:
    """Return the measures that the map can show."""
    return {name: measure for name, measure in MEASURES.items() if measure.on_map}
