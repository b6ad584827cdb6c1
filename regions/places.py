"""Places of an edition: found by ref, code or name, listed by level, and what each lies in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz, process, utils

from data.errors import QUOTED, InputError
from edition.moved_ids import PLACE as MOVED
from edition.moved_ids import current, formerly
from edition.view import MOST_PLACES
from geo.boundaries import LEVELS, NATION_CODES, UK, UK_CODE, joined, kind_of, level_of
from regions.areas import JOINED, NAMED, SET, is_own, read_ref, ref_of_set
from regions.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from edition.edition import Edition
    from edition.moved_ids import Moved

# Where a name is that of several, the first of these is meant.
PREFERRED = ("la", "city_region", "nation", "itl3", "itl2", "itl1", "programme_area")
# From the smallest on: the first that holds a place is its parent.
ABOVE = ("itl3", "itl2", "itl1", "nation")
PREFIX = "programme_area:"
UK_NAMES = frozenset({"uk", "united kingdom", "the uk", UK_CODE.casefold()})
NEAREST = 4
LEAST_LIKENESS = 60


@dataclass(frozen=True, eq=False)
class Places:
    """The regions of an edition as places, made when asked for."""

    edition: Edition

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every region: ref, region_id, level, name; in the order in which names are preferred."""
        rows = self.edition.tables["regions"][["region_id", "level", "name"]]
        prefix = rows["level"].map(lambda level: PREFIX if level == "programme_area" else "")
        rows = rows.assign(ref=prefix + rows["region_id"])
        order = rows["level"].map({level: place for place, level in enumerate(PREFERRED)})
        return rows.iloc[order.argsort(kind="stable")].reset_index(drop=True)

    @cached_property
    def _made(self) -> dict[str, Place]:
        return {}

    @cached_property
    def _members(self) -> dict[tuple[str, str], list[str]]:
        rows = self.edition.tables["membership"]
        groups = rows.groupby(["level", "region_id"])["la_code"]
        return {(str(level), str(region)): list(codes) for (level, region), codes in groups}

    @cached_property
    def _rows(self) -> dict[str, Any]:
        """The row of each region with its shape, by ref."""
        frames = self.edition.regions.values()
        rows = [row for frame in frames for row in frame.itertuples(index=False)]
        return {(PREFIX if row.level == "programme_area" else "") + row.region_id: row for row in rows}

    @cached_property
    def country(self) -> Place:
        """The United Kingdom."""
        nations = [self.by_ref(code) for code in NATION_CODES.values()]
        years = sorted({year for nation in nations for year in nation.population_year.split("-")})
        return Place(
            UK,
            "uk",
            "United Kingdom",
            {code: 1.0 for nation in nations for code in nation.weights},
            joined([nation.geometry for nation in nations]),
            sum(nation.population for nation in nations),
            f"{years[0]}-{years[-1]}" if len(years) > 1 else years[0],
        )

    def by_ref(self, ref: str) -> Place:
        """Return the region of a ref of the table."""
        if ref == UK:
            return self.country
        if ref not in self._made:
            row = self._rows[ref]
            weights = dict.fromkeys(self._members[row.level, row.region_id], 1.0)
            self._made[ref] = Place(
                ref, row.level, row.name, weights, row.geometry, int(row.population), row.population_year
            )
        return self._made[ref]

    def of_level(self, level: str) -> tuple[Place, ...]:
        """Return the regions of a level, by code."""
        if level not in self._levels:
            rows = self.table[self.table["level"] == level_of(level).level]
            self._levels[level] = tuple(self.by_ref(ref) for ref in rows["ref"])
        return self._levels[level]

    @cached_property
    def _levels(self) -> dict[str, tuple[Place, ...]]:
        return {}

    @cached_property
    def _holding(self) -> dict[str, dict[str, Place]]:
        """The region of each level above that holds an authority."""
        return {
            level: {code: region for region in self.of_level(level) for code in region.weights}
            for level in ABOVE
        }

    def find(self, text: str, level: str = "") -> Place:
        """Return the place that a ref, a code or a name means (see `find_place`)."""
        wanted = " ".join(text.split())
        if is_own(wanted):
            return self._own(wanted)
        if wanted.casefold() in UK_NAMES and not level:
            return self.country
        rows = self.table if not level else self.table[self.table["level"] == level_of(level).level]
        same = _called(rows, wanted)
        if len(same):
            return self._one(same, wanted)
        moved = current(self.edition, MOVED, wanted)
        if moved is not None:
            return self._now(moved, level)
        raise InputError(self._unknown(wanted, level, rows))

    def _own(self, ref: str) -> Place:
        """Return a set or an area; authorities of a set may be called by codes that they have no more."""
        head, mark, name = ref.partition(NAMED)
        if not head.startswith(SET):
            return read_ref(self.edition, ref)
        found = {code: current(self.edition, "la", code) for code in head.removeprefix(SET).split(JOINED)}
        gone = [moved for moved in found.values() if moved is not None]
        if not gone:
            return read_ref(self.edition, ref)
        codes = [new for code, moved in found.items() for new in (moved.new_ids if moved else (code,))]
        place = read_ref(self.edition, f"{SET}{JOINED.join(codes)}{mark}{name}")
        return _noted(place, "; ".join(moved.words for moved in gone))

    def _now(self, moved: Moved, level: str) -> Place:
        """Return what stands for a code now: a region, or a set of authorities where it was divided."""
        if len(moved.new_ids) == 1:
            return _noted(self.find(moved.new_ids[0], level), moved.words)
        if level:
            raise InputError(f"{moved.words}; name one of them to look at the level {level}")
        codes = sorted({code for new in moved.new_ids for code in self.by_ref(new).weights})
        return _noted(read_ref(self.edition, ref_of_set(codes, moved.old_name)), moved.words)

    def _one(self, same: pd.DataFrame, wanted: str) -> Place:
        first = same[same["level"] == same["level"].iloc[0]]
        if len(first) > 1:
            codes = ", ".join(f"{row.name} ({row.ref})" for row in first.itertuples(index=False))
            raise InputError(f"{wanted[:QUOTED]!r} is the name of several places: {codes}; give the code")
        return self.by_ref(str(first["ref"].iloc[0]))

    def _unknown(self, wanted: str, level: str, rows: pd.DataFrame) -> str:
        kind = f" of the level {LEVELS[level].name}" if level else ""
        elsewhere = _called(self.table, wanted)
        if level and len(elsewhere):
            held = self.by_ref(str(elsewhere["ref"].iloc[0]))
            return self._uncovered(held, level)
        former = "; ".join(moved.words for moved in formerly(self.edition, wanted))
        if former:
            return f"{wanted[:QUOTED]!r} is no place{kind} any more: {former}"
        near = self.nearest(wanted, rows)
        return f"{wanted[:QUOTED]!r} is no place{kind}; did you mean {listed_or(near)}?"

    def _uncovered(self, place: Place, level: str) -> str:
        """Say why a place known at another level is none of this one."""
        regions = [region for region in self.of_level(level) if region.weights.keys() & place.weights.keys()]
        covered = {code for region in regions for code in region.weights} & place.weights.keys()
        kind = in_a_sentence(LEVELS[level].name)
        own = in_a_sentence(place.kind)
        article = "an" if own.startswith(("ITL", "a")) else "a"
        known = f"{place.name!r} is {article} {own} ({place.ref}), no {kind}"
        if not regions:
            return f"{known}; the level {level} ({kind}) does not cover it"
        names = ", ".join(region.name for region in regions[:NEAREST]) + (" ..." if regions[NEAREST:] else "")
        if len(covered) < len(place.weights):
            part = f"{len(covered)} of its {len(place.weights)} authorities"
            return f"{known}; the level {level} covers only {part}, in {names}"
        return f"{known}; there it belongs to {names}"

    def nearest(self, wanted: str, rows: pd.DataFrame | None = None) -> list[str]:
        """Return the names that come nearest, each with its level and ref."""
        rows = self.table if rows is None else rows
        names = rows["name"].tolist()
        found = process.extract(
            wanted[:QUOTED], names, scorer=fuzz.WRatio, processor=utils.default_process, limit=NEAREST
        )
        some = [rows.iloc[place] for _, score, place in found if score >= LEAST_LIKENESS] or [
            rows.iloc[place] for _, _, place in found[:NEAREST]
        ]
        return [f"{row['name']} ({kind_of(row['level'], row['ref'])}, {row['ref']})" for row in some]

    def parent(self, place: Place) -> Place:
        """Return the smallest region of a larger level that holds the place; the country if none does."""
        for level in ABOVE:
            holding = {self._holding[level][code].ref: self._holding[level][code] for code in place.weights}
            if len(holding) == 1:
                [region] = holding.values()
                # An area within one authority has a part of what a region of that authority has.
                if region.weights != place.weights:
                    return region
        return self.country

    def nations(self, place: Place) -> list[Place]:
        """Return the nations that a place has a part in."""
        held = self._holding["nation"]
        return [*{held[code].ref: held[code] for code in sorted(place.weights)}.values()]


# The same place with the same words is the same object: what was counted in it is not counted again.
@lru_cache(maxsize=64)
def _noted(place: Place, words: str) -> Place:
    """Return a place that says that it was asked for by a code of former times."""
    return replace(place, note=" ".join(filter(None, [f"{words}.", place.note])))


def _called(rows: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """Return the regions that a text is the ref of; else those of the code or id; else those of the name."""
    folded = wanted.casefold()
    found = (rows[rows[column].str.casefold() == folded] for column in ("ref", "region_id", "name"))
    return next((same for same in found if len(same)), rows.iloc[:0])


def in_a_sentence(kind: str) -> str:
    """Return the name of a level as it stands within a sentence.

    Examples
    --------
    >>> in_a_sentence("Local authority"), in_a_sentence("ITL3 area")
    ('local authority', 'ITL3 area')
    """
    return kind if kind[1:2].isupper() else kind[:1].lower() + kind[1:]


def listed_or(words: Sequence[str]) -> str:
    """Join words with "or".

    Examples
    --------
    >>> listed_or(["a", "b", "c"])
    'a, b or c'
    """
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


@lru_cache(maxsize=4)
def places(edition: Edition) -> Places:
    """Return the places of an edition."""
    return Places(edition)


def find_place(edition: Edition, text: str, level: str = "") -> Place:
    """Return the place that a text means.

    Parameters
    ----------
    text
        A ref, a code or a name, whatever its case: ``E08000003``, ``TLD33``, ``Glasgow City Region``, ``UK``;
        ``programme_area:borderlands``; ``set:E08000003+E08000006``; or an area (see `regions.areas`). A code
        that is in use no more means what stands for it now; `note` of the place says so.
    level
        Where to look for the name; anywhere when empty, and of several the level that `PREFERRED` has first.

    Raises
    ------
    InputError
        If there is none; the message names the nearest, or says that the level does not cover the place.
    """
    return places(edition).find(text, level)


def find_places(edition: Edition, texts: Iterable[str], level: str = "") -> list[Place]:
    """Return the places that texts mean, each once.

    Raises
    ------
    InputError
        If any is unknown (all faults are gathered), or there are more than `MOST_PLACES`.
    """
    found: dict[str, Place] = {}
    faults = []
    for text in texts:
        try:
            place = find_place(edition, text, level)
        except InputError as fault:
            faults.append(str(fault))
        else:
            found.setdefault(place.ref, place)
    if faults:
        raise InputError("; ".join(faults))
    if len(found) > MOST_PLACES:
        raise InputError(f"{len(found)} places are too many to compare; choose at most {MOST_PLACES}")
    return list(found.values())
