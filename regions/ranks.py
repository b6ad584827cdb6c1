"""Where a place ranks at every level of regions: how much of a rank is the place, and how much the level.

The same ground ranks differently as a local authority, within an ITL area or within a city region: the
modifiable areal unit problem (Openshaw 1984, The Modifiable Areal Unit Problem). Ranks among different
numbers of regions are held against one another as the share of the other regions that lie below.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np
import pandas as pd

from data.errors import InputError
from edition.filters import Placed
from geo.boundaries import LEVELS, REMNANT
from regions.figures import FIGURES, figures, parts_of
from regions.measures import MEASURES
from regions.place import within
from regions.places import places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edition.edition import Edition
    from edition.filters import Filters
    from regions.measures import Measure
    from regions.place import Place

SAME, HOLDS, PART, OVERLAPS = "the same", "holds it", "part of it", "overlaps it"
# In the order in which a panel lists them: from the smallest regions on, city regions and nations last.
PARTITIONS: Final = tuple(name for name in (*LEVELS,) if LEVELS[name].partition)
# Levels that a place outside the partitions may be ranked among: city regions hold what is left of a nation
# beside them, and four nations are too few.
LADDER: Final = ("la", "itl3", "itl2", "itl1")
# Among fewer regions one step is more than a tenth of the way from last to first: shown, but not summed up.
LEAST_REGIONS: Final = 10
FEW, NONE_FOUND, NO_VALUE = "rests on few", "no award found", "no value"
REASONS: Final[Mapping[str, str]] = {
    FEW: "they rest on too few firms",
    NONE_FOUND: "no award was found there",
    NO_VALUE: "there is nothing to divide by",
}
ALONE: Final = "there is no other to rank it against"
# Digits that rates are told apart by: money is split to whole pennies, and these make no difference.
DIGITS: Final = 5
COLUMNS: Final = (
    "level", "among", "ref", "name", "relation", "value", "rank", "of", "tied", "percentile", "few", "why",
    "left_out", "left_why",
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """Where one region ranks: its rank among `of` regions of the level `among`, and the share below it."""

    level: str
    among: str
    ref: str
    name: str
    relation: str
    rank: int
    of: int
    percentile: float
    tied: int


@dataclass(frozen=True)
class LevelRange:
    """Regions of a level that stand to the place alike.

    Attributes
    ----------
    level, among, relation
        Which they are, and the level that the first of them is ranked among.
    regions, ranked
        How many, and how many of them are ranked.
    best, worst
        The rank of the first and of the last; None where none is ranked.
    low, median, high
        Share of the other regions below: of the last, the middle one and the first; NaN where none is ranked.
    of, left_out, left_why
        Regions that the first of them is ranked among; how many are left out there, and mostly why.
    why
        Why those of them that are not ranked are not, the first reason; empty where all are.
    """

    level: str
    among: str
    relation: str
    regions: int
    ranked: int
    best: int | None
    worst: int | None
    low: float
    median: float
    high: float
    of: int
    left_out: int
    left_why: str
    why: str


@dataclass(frozen=True)
class Spread:
    """How far the rank depends on the level.

    Attributes
    ----------
    own
        The place itself; None where it is not ranked.
    standings
        The place, and the regions of the partitions that are the same ground or hold it, among
        `LEAST_REGIONS` ranked regions or more: from most of the others below to fewest.
    by_level
        The range at every level, for each relation apart.
    """

    own: Standing | None
    standings: tuple[Standing, ...]
    by_level: tuple[LevelRange, ...]

    @property
    def best(self) -> Standing | None:
        """The standing with most of the others below; None where none is ranked."""
        return self.standings[0] if self.standings else None

    @property
    def worst(self) -> Standing | None:
        """The standing with fewest of the others below; None where none is ranked."""
        return self.standings[-1] if self.standings else None

    @property
    def width(self) -> float:
        """Share of a ranking that the level moves the place by, 0 to 1; NaN where nothing is ranked."""
        if self.best is None or self.worst is None:
            return float("nan")
        return self.best.percentile - self.worst.percentile


def ranks(edition: Edition, filters: Filters, place: Place, measure: Measure) -> pd.DataFrame:
    """Return where the regions that share authorities with a place rank, each among those of its level.

    Programme areas overlap one another, and a set or an area is no region: each of these is ranked as if it
    stood as one more among the regions of the level nearest in residents (`nearest_level`).

    Parameters
    ----------
    edition, filters
        What is counted.
    place
        Of any level.
    measure
        Any with a column in `regions.figures.figures`.

    Returns
    -------
    DataFrame
        A row a region, by level from authorities on, then the programme areas, then the place itself where it
        is a set or an area: level, among (the level that it is ranked among), ref, name, relation (`SAME`,
        `HOLDS`, `PART`, `OVERLAPS`), value, rank (1 for the highest; ties share the better; NA where not
        ranked), of (regions ranked, with this one if it is), tied (others with the same value, to `DIGITS`
        digits for rates), percentile (share of the other ranked regions below, 0 to 1), few (rests on fewer
        firms than the edition's least count), why (it is not ranked; else empty), left_out (regions of the
        level `among` that are not ranked), left_why (the reason of most of these).

    Raises
    ------
    InputError
        If the measure has no column to rank by.
    """
    if measure.column not in FIGURES:
        known = ", ".join(name for name, one in MEASURES.items() if one.ranks)
        raise InputError(f"places cannot be ranked by {measure.id!r}; choose one of {known}")
    plain = filters.plain()
    rows = []
    for level in (*PARTITIONS, "programme_area"):
        rows += [
            (*_row(edition, plain, measure, region), _relation(region, place))
            for region in places(edition).of_level(level)
            if not region.weights.keys().isdisjoint(place.weights)
        ]
    if place.level in {"set", "area"}:
        rows.append((*_own_row(edition, plain, measure, place), SAME))
    table = pd.DataFrame(rows, columns=[*_ROW, "relation"])
    return table[list(COLUMNS)].astype({"rank": "Int64", "tied": "Int64"})


def by_rule(edition: Edition, filters: Filters, place: Place, measure: Measure) -> pd.DataFrame:
    """Return `ranks` under both rules of placing awards, whichever the filters name.

    Returns
    -------
    DataFrame
        placed (``delivery`` or ``lead``), then the columns of `ranks`. What does not rest on awards, such as
        firms, ranks alike under both.
    """
    tables = []
    for rule in get_args(Placed):
        rows = ranks(edition, filters.plain().model_copy(update={"placed": rule}), place, measure)
        rows.insert(0, "placed", rule)
        tables.append(rows)
    return pd.concat(tables, ignore_index=True)


def nearest_level(edition: Edition, place: Place) -> str:
    """Return the level of `LADDER` whose regions come nearest to a place in residents.

    Nearest by ratio: the level's median number of residents against that of the place. A level that has a
    region of the very same authorities is the nearest, whatever its median.
    """
    for level in LADDER:
        if any(_relation(region, place) == SAME for region in places(edition).of_level(level)):
            return level
    people = max(place.population, 1)
    return min(LADDER, key=lambda level: abs(np.log(people / _median_residents(edition, level))))


@lru_cache(maxsize=32)
def _median_residents(edition: Edition, level: str) -> float:
    return float(np.median([region.population for region in places(edition).of_level(level)]))


def ranked(valued: pd.DataFrame) -> pd.DataFrame:
    """Rank the values of one level.

    Parameters
    ----------
    valued : DataFrame
        Columns value (float) and why (empty for those that are ranked).

    Returns
    -------
    DataFrame
        On the same index: rank (NaN where not ranked), of, tied, percentile, left_out, left_why; see `ranks`.
    """
    values = valued["value"].where(valued["why"] == "")
    of = int(values.notna().sum())
    rank = values.rank(method="min", ascending=False)
    below = values.rank(method="min") - 1
    left_out, left_why = _left(valued)
    return pd.DataFrame(
        {
            "rank": rank,
            "of": of,
            "tied": of - below - rank,
            "percentile": below / (of - 1) if of > 1 else np.nan,
            "left_out": left_out,
            "left_why": left_why,
        },
        index=valued.index,
    )


def _left(valued: pd.DataFrame) -> tuple[int, str]:
    """Return how many are not ranked, and the reason of most of these."""
    reasons = valued.loc[valued["why"] != "", "why"]
    return len(reasons), str(reasons.mode().iloc[0]) if len(reasons) else ""


def valued(table: pd.DataFrame, measure: Measure, least: int) -> pd.DataFrame:
    """Return what figures are ranked by.

    Parameters
    ----------
    table
        As `regions.figures.figures` returns it.
    measure
        What to rank by.
    least
        Firms that a measure has to rest on.

    Returns
    -------
    DataFrame
        On the same index: value, few, why (it is not ranked; else empty).
    """
    value = table[measure.column].astype(float)
    if measure.kind == "rate":
        value = value.map(_to_digits)
    few = table[measure.rests_on] < least if measure.rests_on else pd.Series(data=False, index=table.index)
    none = (table[measure.share_of or measure.column] <= 0) & measure.unknown_at_zero
    why = pd.Series("", index=table.index).mask(none, NONE_FOUND).mask(value.isna(), NO_VALUE).mask(few, FEW)
    return pd.DataFrame({"value": value, "few": few, "why": why})


def _parts(measure: Measure) -> tuple[str, ...]:
    """Return the parts of the figures that a measure is ranked by: without the rest a level costs little."""
    return parts_of(measure.column, measure.rests_on, measure.share_of)


def _to_digits(value: float) -> float:
    return float(f"{value:.{DIGITS - 1}e}")


_ROW = (
    "level", "among", "ref", "name", "value", "few", "why", "rank", "of", "tied", "percentile", "left_out",
    "left_why",
)  # fmt: skip


@lru_cache(maxsize=128)
def _valued_levels(edition: Edition, filters: Filters, measure: Measure) -> Mapping[str, pd.DataFrame]:
    """Return what the regions of each partition are ranked by; all at once takes hardly longer than one."""
    regions = {level: places(edition).of_level(level) for level in PARTITIONS}
    every = [region for own in regions.values() for region in own]
    table = figures(edition, filters, every, _parts(measure))
    table = valued(table, measure, edition.about.scan.min_firms)
    return {level: table.loc[[region.ref for region in own]] for level, own in regions.items()}


def _row(edition: Edition, filters: Filters, measure: Measure, region: Place) -> tuple[Any, ...]:
    """Return the row of a region (`_ROW`), without its relation to a place."""
    if region.level in PARTITIONS:
        return _level_rows(edition, filters, measure, region.level)[region.ref]
    return _own_row(edition, filters, measure, region)


@lru_cache(maxsize=512)
def _level_rows(
    edition: Edition, filters: Filters, measure: Measure, level: str
) -> Mapping[str, tuple[Any, ...]]:
    """Return the row of every region of a level by its ref (`_ROW`), without its relation to a place."""
    table = _valued_levels(edition, filters, measure)[level]
    rows = zip(
        places(edition).of_level(level), table.join(ranked(table)).itertuples(index=False), strict=True
    )
    return {one.ref: (level, level, one.ref, one.name, *row) for one, row in rows}


@lru_cache(maxsize=256)
def _own_row(edition: Edition, filters: Filters, measure: Measure, place: Place) -> tuple[Any, ...]:
    table = figures(edition, filters, [place], _parts(measure))
    row = valued(table, measure, edition.about.scan.min_firms)
    return _as_if(edition, filters, measure, place, row)


def _as_if(
    edition: Edition, filters: Filters, measure: Measure, own: Place, row: pd.DataFrame
) -> tuple[Any, ...]:
    """Rank what is no region of a partition as one more among those of the level nearest in residents."""
    level = nearest_level(edition, own)
    others = _valued_levels(edition, filters, measure)[level]
    # A region of the same authorities is the place itself: it does not stand beside it.
    same = [region.ref for region in places(edition).of_level(level) if _relation(region, own) == SAME]
    others = others.drop(index=same)
    standing = ranked(pd.concat([row, others])).iloc[0]
    # It is no region of the level: where it is not ranked, it is none of those that are left out.
    standing["left_out"], standing["left_why"] = _left(others)
    return (own.level, level, own.ref, own.name, *row.iloc[0], *standing)


def _relation(region: Place, place: Place) -> str:
    """Say how a region stands to a place that it shares authorities with."""
    holds, part = within(place, region), within(region, place)
    if holds and part:
        return SAME
    return HOLDS if holds else PART if part else OVERLAPS


def spread(rows: pd.DataFrame, place: Place) -> Spread:
    """Sum up how far the rank of a place depends on the level.

    Parts of a place, and what only overlaps it, are other places than it: each makes a range of its own.
    So do programme areas, which do not part the country, and what city regions leave of a nation.

    Parameters
    ----------
    rows : DataFrame
        As `ranks` returns them.
    place
        What they are of.
    """
    table = rows.astype({"rank": float, "tied": float})
    listed: list[Any] = list(table.itertuples(index=False))
    found = [row for row in listed if not np.isnan(row.percentile)]
    own = next((_standing(row) for row in found if row.ref == place.ref), None)
    telling = [
        _standing(row)
        for row in found
        if row.relation in {SAME, HOLDS}
        and row.of >= LEAST_REGIONS
        and (row.ref == place.ref or (row.level in PARTITIONS and not row.ref.startswith(REMNANT)))
    ]
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in listed:
        groups.setdefault((row.level, row.relation), []).append(row)
    return Spread(
        own=own,
        standings=tuple(sorted(telling, key=lambda one: -one.percentile)),
        by_level=tuple(_range(*key, part) for key, part in groups.items()),
    )


def _standing(row: Any) -> Standing:
    return Standing(
        row.level, row.among, row.ref, row.name, row.relation,
        int(row.rank), int(row.of), float(row.percentile), int(row.tied),
    )  # fmt: skip


def _range(level: str, relation: str, rows: Sequence[Any]) -> LevelRange:
    known = [row for row in rows if not row.why]
    order = [int(row.rank) for row in known]
    share = [float(row.percentile) for row in known] or [float("nan")]
    return LevelRange(
        level=level,
        among=str(rows[0].among),
        relation=relation,
        regions=len(rows),
        ranked=len(known),
        best=min(order, default=None),
        worst=max(order, default=None),
        low=min(share),
        median=float(np.median(share)),
        high=max(share),
        of=int(rows[0].of),
        left_out=int(rows[0].left_out),
        left_why=str(rows[0].left_why),
        why=next((str(row.why) for row in rows if row.why), ""),
    )
