"""Ranks in words: where a place stands at every level, and how much of that is the level's doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.boundaries import LEVELS
from regions.places import in_a_sentence
from regions.ranks import ALONE, LEAST_REGIONS, PART, PARTITIONS, REASONS, SAME, LevelRange, Spread, Standing

if TYPE_CHECKING:
    from regions.measures import Measure
    from regions.place import Place


def words(place: Place, measure: Measure, found: Spread) -> str:
    """Say in plain words where a place ranks and how far that depends on the level.

    The text holds the names of places, which may be free text of the user's.
    """
    said = [
        _own_words(place, measure, found),
        _holding_words(place, found),
        _width_words(found),
        *[_part_words(one) for one in found.by_level if _tells_of_parts(one)],
        _left_words(place, found),
    ]
    return " ".join(filter(None, said))


def _own_words(place: Place, measure: Measure, found: Spread) -> str:
    by = in_a_sentence(measure.label)
    if found.own is None:
        same = [one for one in found.by_level if one.relation == SAME and one.level == place.level]
        reason = REASONS.get(same[0].why, ALONE) if same else ALONE
        reason = reason.replace("they rest", "it rests")
        return f"{place.name} is not ranked by {by}: {reason}."
    own = found.own
    tied = f", level with {own.tied:,} of them" if own.tied else ""
    above = f"above {_of_others(own.percentile)}{tied}"
    if own.level == own.among:
        return f"{place.name} ranks {_rank(own)} by {by}, {above}."
    kind = in_a_sentence(place.kind)
    return (
        f"{place.name} is {_a(kind)}, not a region of a level. Beside the {_level(own.among, 2)}, which are "
        f"nearest to it in residents, it would rank {ordinal(own.rank)} of {own.of:,} by {by}, {above}."
    )


def _holding_words(place: Place, found: Spread) -> str:
    """Name the ends of the regions that hold the place, or are the same ground at another level."""
    others = [one for one in found.standings if one.ref != place.ref]
    if not others:
        return ""
    first, last = (f"{one.name} ({_rank(one)})" for one in (others[0], others[-1]))
    if len(others) == 1:
        return f"One other region is or holds the same ground: {first}."
    number = len(others)
    return (
        f"Of {number} other regions that are or hold the same ground, {first} stands best and {last} worst."
    )


def _width_words(found: Spread) -> str:
    best, worst = found.best, found.worst
    if best is None or worst is None or best.ref == worst.ref:
        return ""
    low, high = _percent(worst.percentile), _percent(best.percentile)
    if low == high:
        return f"Whatever the level, {low} of the other regions lie below."
    return (
        f"So the share of other regions below runs from {low} ({_level(worst.among)}) to {high} "
        f"({_level(best.among)}), by the level chosen."
    )


def _tells_of_parts(one: LevelRange) -> bool:
    return one.relation == PART and one.ranked > 1 and one.level in PARTITIONS and one.of >= LEAST_REGIONS


def _part_words(one: LevelRange) -> str:
    some = f"{one.ranked}" if one.ranked == one.regions else f"{one.ranked} of {one.regions}"
    first, last = ordinal(one.best or 0), ordinal(one.worst or 0)
    return (
        f"{some} {_level(one.level, one.regions)} within it rank between {first} and {last} of {one.of:,}, "
        f"the middle one above {_of_others(one.median)}."
    )


def _left_words(place: Place, found: Spread) -> str:
    """Say which regions of the place's own level are not ranked, and which levels say little."""
    said = []
    own = next((one for one in found.by_level if (one.level, one.relation) == (place.level, SAME)), None)
    if own is not None and own.left_out:
        verb = "is" if own.left_out == 1 else "are"
        kind = f"{own.left_out:,} {_level(own.among, own.left_out)}"
        said.append(f"{kind} {verb} not ranked, mostly because {REASONS[own.left_why]}.")
    small = {
        one.level: one.of for one in found.by_level if one.level in PARTITIONS and one.of < LEAST_REGIONS
    }
    if small:
        listed = " or ".join(f"{number} {_level(name, number)}" for name, number in small.items())
        said.append(f"A rank among {listed} says little, and is left out of this.")
    return " ".join(said)


def _rank(one: Standing) -> str:
    return f"{ordinal(one.rank)} of {one.of:,} {_level(one.among, one.of)}"


def _percent(share: float) -> str:
    # None but the last stands above none, and none but the first above all.
    percent = share * 100 if share in {0.0, 1.0} else min(max(share * 100, 1), 99)
    return f"{percent:.0f}%"


def _of_others(share: float) -> str:
    return {0.0: "none of the others", 1.0: "all the others"}.get(share, f"{_percent(share)} of the others")


def _a(noun: str) -> str:
    """Return a noun with its article.

    Examples
    --------
    >>> _a("area drawn"), _a("set of authorities"), _a("ITL3 area")
    ('an area drawn', 'a set of authorities', 'an ITL3 area')
    """
    return f"{'an' if noun[:1].casefold() in {*'aeiou'} else 'a'} {noun}"


def _level(level: str, number: int = 1) -> str:
    """Return what regions of a level are called within a sentence."""
    known = LEVELS[level]
    return in_a_sentence(known.name if number == 1 else known.plural)


def ordinal(number: int) -> str:
    """Return a rank as it is read.

    Examples
    --------
    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 112, 1002)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th', '1,002nd']
    """
    teens = number % 100 in {11, 12, 13}
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
