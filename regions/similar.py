"""Places like this one: the regions of a level that come nearest to a place on named axes.

Each axis is put on one scale by the mean and the standard deviation of the level, and regions are as far
apart as the straight line between them (Euclidean distance over standardised axes). The Office for National
Statistics finds similar areas in the same spirit; axes, shrinking and scale here are this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from data.errors import QUOTED, InputError
from data.plural import count
from data.sources import require
from geo.boundaries import LEVELS, REMNANT, UK, level_of
from regions.figures import TEN_THOUSAND, figures, firm_rows, level_figures
from regions.firm_counts import ALL
from regions.place import overlap
from regions.places import in_a_sentence, places
from regions.ranks import nearest_level

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edition.edition import Edition
    from edition.filters import Filters
    from regions.place import Place

# Firms at the country's rate that a rate of firms is mixed with before it is compared: as the scan's ring is.
PRIOR_FIRMS: Final = 10
HUNDRED_THOUSAND: Final = 100_000
MOST: Final = 10
ALL_FIRMS: Final = f"firms_of:{ALL}"
# Below this share of the largest value a standard deviation is the rounding of numbers that are all alike.
ALIKE: Final = 1e-9


@dataclass(frozen=True)
class Axis:
    """One way in which places differ.

    Attributes
    ----------
    id, label
        Its name in tables and addresses, and for people.
    unit, definition
        Of its values; what it is, in a sentence.
    column, per, scale
        Of `regions.figures.figures`: the value is column x scale / per; `per` is empty for the column alone.
    sector
        Id of a sector, where the axis is its share of the place's firms; then there is no column.
    transform
        Taken before standardising, where a few places are many times the others.
    counts_firms
        Whether it rests on a count of firms, which is mixed with `PRIOR_FIRMS` at the country's rate.
    sources
        Ids in `data/sources.toml`.
    """

    id: str
    label: str
    unit: str
    definition: str
    column: str = ""
    per: str = ""
    scale: float = 1.0
    sector: str = ""
    transform: Literal["none", "log", "log1p"] = "none"
    counts_firms: bool = False
    sources: tuple[str, ...] = ("register",)

    def __post_init__(self) -> None:
        """Refuse a source that is not listed.

        Raises
        ------
        NotFoundError
            The message lists those there are.
        """
        require(self.sources, f"the axis {self.id!r}")


def _mix(sector: str, short: str, label: str) -> Axis:
    return Axis(
        f"share-{short}",
        f"Share of firms in {label}",
        "share of firms",
        f"Firms of the edition in {label}, divided by all its firms in the place, whatever the filters.",
        sector=sector,
        counts_firms=True,
    )


_ROWS = (
    Axis(
        "residents",
        "Residents",
        "residents",
        "Residents of the authorities, compared by ratio.",
        "population",
        transform="log",
        sources=("population",),
    ),
    Axis(
        "density",
        "Residents per km²",
        "residents per km²",
        "Residents divided by the land within the boundaries in use, compared by ratio.",
        "density",
        transform="log",
        sources=("population", "onspd"),
    ),
    Axis(
        "assets",
        "Research assets per 100,000 residents",
        "per 100,000 residents",
        "Universities, Catapult sites, science parks, innovation districts, research institutes and public "
        "research establishments, divided by residents, times 100,000.",
        "assets",
        "population",
        HUNDRED_THOUSAND,
        transform="log1p",
        sources=("register", "population"),
    ),
    Axis(
        "firms",
        "Firms per 10,000 residents",
        "per 10,000 residents",
        "Firms of the edition that pass the filters, divided by residents, times 10,000.",
        "firms",
        "population",
        TEN_THOUSAND,
        transform="log1p",
        counts_firms=True,
        sources=("register", "population"),
    ),
    Axis(
        "money",
        "Public money per head",
        "£ per person",
        "Public awards placed there that pass the filters, divided by residents; none found counts as none.",
        "public_gbp",
        "population",
        transform="log1p",
        sources=("register", "population"),
    ),
    _mix("life-sciences", "life-sciences", "life sciences"),
    _mix("digital-and-technologies", "digital", "digital and technologies"),
    _mix("advanced-manufacturing", "manufacturing", "advanced manufacturing"),
    _mix("clean-energy-industries", "clean-energy", "clean energy industries"),
)
AXES: Mapping[str, Axis] = MappingProxyType({axis.id: axis for axis in _ROWS})
DEFAULT: Final = tuple(AXES)
_TRANSFORMS: Mapping[str, Callable[[pd.Series], Any]] = MappingProxyType(
    {"none": np.asarray, "log": np.log, "log1p": np.log1p}
)


@dataclass(frozen=True, eq=False)
class Likeness:
    """A place and the regions of a level on the axes that can be compared.

    Attributes
    ----------
    place, level
        What is compared, and the regions that it is compared with.
    axes
        Those compared, in the order of `AXES`.
    left_out
        Those that cannot be, with why, by id.
    values
        Raw values of the place and of every region of the level: a row a ref, a column an axis.
    scores
        The same in standard deviations of the level from its mean, after shrinking and transforming.
    candidates
        Regions of the level that do not overlap the place, by ref.
    """

    place: Place
    level: str
    axes: tuple[Axis, ...]
    left_out: Mapping[str, str]
    values: pd.DataFrame
    scores: pd.DataFrame
    candidates: Mapping[str, str]

    def nearest(self, most: int = MOST) -> pd.DataFrame:
        """Return the regions that come nearest (see `similar`).

        Raises
        ------
        InputError
            If fewer than one is asked for.
        """
        if most < 1:
            raise InputError(f"{most} places cannot be listed; ask for 1 or more")
        away = distances(_row(self.scores, self.place.ref), self.scores.loc[[*self.candidates]]).dropna()
        table = away.rename_axis("ref").reset_index(name="distance")
        near = table.sort_values(["distance", "ref"], ignore_index=True).head(most)
        refs = near["ref"]
        columns: dict[str, Any] = {
            "ref": refs,
            "name": refs.map(self.candidates),
            "distance": near["distance"],
        }
        for axis in self.axes:
            for suffix, known in (("", self.values), ("_z", self.scores)):
                column = known[axis.id]
                columns[f"{axis.id}{suffix}"] = column.loc[refs].to_numpy()
                columns[f"{axis.id}{suffix}_here"] = column[self.place.ref]
        return pd.DataFrame(columns)


def similar(
    edition: Edition,
    filters: Filters,
    place: Place,
    axes: Sequence[str] = DEFAULT,
    level: str = "",
    *,
    most: int = MOST,
) -> pd.DataFrame:
    """Return the regions most like a place, without those that overlap it.

    Parameters
    ----------
    edition, filters
        What is counted.
    place
        Of any level but the country.
    axes
        Ids in `AXES`; their order and repetition mean nothing.
    level
        Where to look; empty for the place's own level or, of a set or an area, that nearest in residents.
        What city regions leave of a nation is no candidate.
    most
        How many at most.

    Returns
    -------
    DataFrame
        Nearest first, ties by ref: ref, name, distance (standard deviations apart on an average axis,
        the root of the mean squared difference); then for each axis compared ``id`` and ``id_here`` (its raw
        value there and in the place), ``id_z`` and ``id_z_here`` (as compared: shrunk, transformed, in
        standard deviations from the mean of the level).

    Raises
    ------
    InputError
        If an axis or the level is unknown, no axis can be compared, or there is no region to compare with.
    """
    return likeness(edition, filters, place, axes, level).nearest(most)


def likeness(
    edition: Edition, filters: Filters, place: Place, axes: Sequence[str] = DEFAULT, level: str = ""
) -> Likeness:
    """Put a place and the regions of a level on axes (see `similar`, which lists the nearest of these).

    An axis is left out where the place has no value, where its mix would rest on fewer firms than the
    edition's least count, where the edition does not have the sector, and where all regions are alike. As a
    distance is an average over the axes compared, it reads the same with and without them.

    Raises
    ------
    InputError
        As `similar` does.
    """
    wanted = known_axes(axes)
    where = _level_of(edition, place, level)
    kind = in_a_sentence(LEVELS[where].name)
    regions = [one for one in places(edition).of_level(where) if not one.ref.startswith(REMNANT)]
    candidates = {one.ref: one.name for one in regions if not overlap(one, place)}
    if not candidates:
        raise InputError(f"no {kind} can be compared with {place.name!r}: none lies outside it")
    rows = _level_rows(edition, filters.plain(), where)
    if place.ref not in rows.index:
        rows = pd.concat([rows, _own_counts(edition, filters.plain(), place)])
    made = positions(rows, _level_rows(edition, filters.plain(), "uk"), wanted)
    scores, alike = standardised(made, [one.ref for one in regions])
    left = dict.fromkeys(alike, f"it is the same in every {kind}")
    for axis in wanted:
        if why := _why_not(edition, axis, _row(rows, place.ref), float(_row(made, place.ref)[axis.id])):
            left[axis.id] = why
    used = tuple(axis for axis in wanted if axis.id not in left)
    if not used:
        said = "; ".join(f"{AXES[name].label}: {why}" for name, why in left.items())
        raise InputError(f"{place.name!r} cannot be compared on any of these axes: {said}")
    ids = [axis.id for axis in used]
    return Likeness(place, where, used, left, raw(rows, used)[ids], scores[ids], candidates)


def known_axes(ids: Sequence[str]) -> tuple[Axis, ...]:
    """Return axes by id, each once and in the order of `AXES`.

    Raises
    ------
    InputError
        If one is unknown or there is none; the message names those that there are.
    """
    unknown = [name for name in ids if name not in AXES]
    if unknown or not ids:
        quoted = ", ".join(repr(str(name)[:QUOTED]) for name in unknown[:3])
        said = f"{quoted} is no axis" if unknown else "no axis is given"
        raise InputError(f"{said}; choose one or more of {', '.join(AXES)}")
    return tuple(axis for axis in AXES.values() if axis.id in ids)


def distances(here: pd.Series, others: pd.DataFrame) -> pd.Series:
    """Return how far others are from a place, in standard deviations on an average axis.

    Parameters
    ----------
    here : Series
        Scores by axis.
    others : DataFrame
        Scores: a row a region, the same columns. A score that is missing on either side is passed over.

    Returns
    -------
    Series of float
        On the index of `others`: the root of the mean squared difference; NaN where no axis is shared.
    """
    squares = (others - here[others.columns]) ** 2
    return pd.Series(np.sqrt(squares.mean(axis=1)), index=others.index)


def standardised(positions: pd.DataFrame, refs: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Put every axis on one scale.

    Parameters
    ----------
    positions : DataFrame
        A row a ref, a column an axis.
    refs
        The rows whose mean and standard deviation (of all of them, not of a sample) make the scale.

    Returns
    -------
    DataFrame
        Standard deviations from the mean; zero on axes that the rows of `refs` are alike on.
    list of str
        The columns that they are alike on: these say nothing of who is like whom.
    """
    level = positions.loc[[*refs]]
    mean, deviation = level.mean(), level.std(ddof=0)
    alike = ~(deviation > ALIKE * level.abs().max())
    scores = (positions - mean) / deviation
    names = list(positions.columns[alike])
    return scores.assign(**dict.fromkeys(names, 0.0)), names


def counts(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return what axes are made of: the figures of places, and their firms by sector and in all.

    Returns
    -------
    DataFrame
        Indexed by ref: the columns of `regions.figures.figures`, ``firms_of:SECTOR`` for each sector of an
        axis, and ``firms_of:`` for all firms, whatever the filters.
    """
    return _with_sectors(edition, chosen, figures(edition, filters, chosen))


def _with_sectors(edition: Edition, chosen: Sequence[Place], table: pd.DataFrame) -> pd.DataFrame:
    labels = [ALL, *(axis.sector for axis in AXES.values() if axis.sector)]
    rows = firm_rows(edition, chosen)
    rows = rows[rows["label"].isin(labels)]
    firms = rows.pivot_table(index="ref", columns="label", values="firms", aggfunc="sum", fill_value=0)
    firms = firms.reindex(index=table.index, columns=labels, fill_value=0).astype("int64")
    return table.join(firms.add_prefix("firms_of:"))


@lru_cache(maxsize=64)
def _level_rows(edition: Edition, filters: Filters, level: str) -> pd.DataFrame:
    """Return the counts of every region of a level, or of the country; shared, not to be changed."""
    known = places(edition)
    if level == "uk":
        return counts(edition, filters, [known.country])
    return _with_sectors(edition, known.of_level(level), level_figures(edition, filters, level))


@lru_cache(maxsize=64)
def _own_counts(edition: Edition, filters: Filters, place: Place) -> pd.DataFrame:
    return counts(edition, filters, [place])


def _row(table: pd.DataFrame, ref: str) -> pd.Series:
    return table.loc[[ref]].iloc[0]


def raw(rows: pd.DataFrame, axes: Sequence[Axis]) -> pd.DataFrame:
    """Return the values of axes for people: a row a ref, a column an axis; NaN where there is none."""
    return pd.DataFrame({axis.id: _ratio(*_parts(rows, axis), axis.scale) for axis in axes}, index=rows.index)


def positions(rows: pd.DataFrame, country: pd.DataFrame, axes: Sequence[Axis]) -> pd.DataFrame:
    """Return the values of axes as they are compared: counts of firms shrunk, then transformed.

    With s for the country's rate, k firms among n residents count as (k + 10) / (n + 10 / s), and k firms of
    a sector among n firms as (k + 10 s) / (n + 10): both mix in `PRIOR_FIRMS` firms of the country's density
    or mix. A place of few firms is thereby held to be like the country as a whole, not extreme.

    Parameters
    ----------
    rows, country
        As `counts` returns them; of the country its only row.
    axes
        Which to make.
    """
    made = {}
    for axis in axes:
        part, whole = _parts(rows, axis)
        if axis.counts_firms:
            (uk_part,), (uk_whole,) = (side.to_numpy() for side in _parts(country, axis))
            if uk_part > 0:
                # So many of what the rate is of come with ten firms.
                of = PRIOR_FIRMS if axis.sector else PRIOR_FIRMS * uk_whole / uk_part
                part, whole = part + of * uk_part / uk_whole, whole + of
        made[axis.id] = _transformed(_ratio(part, whole, axis.scale), axis)
    return pd.DataFrame(made, index=rows.index)


def _parts(rows: pd.DataFrame, axis: Axis) -> tuple[pd.Series, pd.Series]:
    """Return what an axis divides, and what by."""
    if axis.sector:
        return rows[f"firms_of:{axis.sector}"].astype(float), rows[ALL_FIRMS].astype(float)
    part = rows[axis.column].astype(float)
    return part, rows[axis.per].astype(float) if axis.per else pd.Series(1.0, index=rows.index)


def _ratio(part: pd.Series, whole: pd.Series, scale: float) -> pd.Series:
    return part / whole.where(whole > 0) * scale


def _transformed(values: pd.Series, axis: Axis) -> pd.Series:
    # A logarithm has no value at nothing: such a place cannot be compared on it.
    known = values.where(values > 0) if axis.transform == "log" else values
    return pd.Series(_TRANSFORMS[axis.transform](known), index=values.index)


def _why_not(edition: Edition, axis: Axis, here: pd.Series, position: float) -> str:
    """Say why a place cannot be compared on an axis; empty where it can."""
    if axis.sector and axis.sector not in edition.labels.sectors:
        return "the firms of this edition have no such sector"
    least = edition.about.scan.min_firms
    if axis.sector and (firms := int(here[ALL_FIRMS])) < least:
        return f"the place has {count(firms, 'firm')}, and {least} are needed to tell their mix"
    return "it has no value for the place" if np.isnan(position) else ""


def _level_of(edition: Edition, place: Place, level: str) -> str:
    if level:
        return level_of(level).level
    if place.level in {"set", "area"}:
        return nearest_level(edition, place)
    if place.level == UK.lower():
        raise InputError(f"{place.name!r} is the whole country: there is no region beside it to be like it")
    return place.level


def words(found: Likeness) -> str:
    """Say by what method places are alike, as it is shown with them."""
    kind = in_a_sentence(LEVELS[found.level].name)
    kind = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    names = [in_a_sentence(axis.label) for axis in found.axes]
    on = f"{count(len(names), 'axis', 'axes')}: {', '.join(names)}"
    said = (
        f"The {kind} most like {found.place.name} on {on}. Each is measured in "
        f"standard deviations of all {kind}; the distance is how many of these two places are apart on an "
        "average axis (root of the mean square). Who is alike on these may be unlike on others."
    )
    if any(axis.counts_firms for axis in found.axes):
        said += f" Rates of firms are first mixed with {PRIOR_FIRMS} firms at the country's rate."
    if found.left_out:
        reasons: dict[str, list[str]] = {}
        for name, why in found.left_out.items():
            reasons.setdefault(why, []).append(in_a_sentence(AXES[name].label))
        listed = "; ".join(f"{', '.join(labels)} ({why})" for why, labels in reasons.items())
        said += f" Left out: {listed}."
    return said
