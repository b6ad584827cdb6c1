"""Which columns of a register are read: what each is called, what it says, and what places a firm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GRID, LONLAT, POSTCODE, PLANE = "grid", "lonlat", "postcode", "plane"
PLACES: Final = {GRID: ("easting", "northing"), LONLAT: ("lon", "lat"), POSTCODE: ("postcode",)}
COORDINATES: Final = frozenset({"easting", "northing", "lon", "lat"})
NUMBERS: Final = COORDINATES | {"count", "population"}


@dataclass(frozen=True)
class Columns:
    """What the columns are called; a name that was not given by the user may be absent from the file.

    Columns without a name are not looked for.
    """

    sector: str = "sector"
    firm_id: str = "firm_id"
    name: str = "name"
    easting: str = "easting"
    northing: str = "northing"
    lon: str = "lon"
    lat: str = "lat"
    postcode: str = "postcode"
    count: str = ""
    population: str = ""

    @property
    def asked(self) -> frozenset[str]:
        """Roles whose column was named otherwise than by default, and so has to be there."""
        return frozenset(one.name for one in fields(self) if getattr(self, one.name) != one.default)


def choose(asked: Columns, present: Sequence[str], where: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Choose the columns to read among those present, and what places the firms.

    Raises
    ------
    InputError
        With all that is missing or doubled.
    """
    roles = {one.name: getattr(asked, one.name) for one in fields(asked)}
    names = {role: name for role, name in roles.items() if name or role in asked.asked}
    # A column that the user named for one role is no other's by default.
    given = {names[role] for role in asked.asked}
    free_to = {role for role, name in names.items() if role in asked.asked or name not in given}
    found = {role for role in free_to if names[role] in present}
    place = _place(found, asked.asked)
    unread = COORDINATES.difference(PLACES[place]) if place else frozenset()
    chosen = tuple((role, name) for role, name in names.items() if role in found - unread)
    free = [name for name in present if name not in dict(chosen).values()]
    # Of a pair of which one column was named, the other is needed too.
    pairs = {role for roles in PLACES.values() if not asked.asked.isdisjoint(roles) for role in roles}
    missing = (asked.asked | {"sector"} | pairs) - found
    faults = [_absent(role, names[role], free) for role in sorted(missing)]
    if not place and missing <= {"sector"}:
        faults.append(_without_place(found, names, free))
    counts = Counter(present)
    faults += [f"column {name!r} stands there {counts[name]} times" for _, name in chosen if counts[name] > 1]
    if faults:
        raise InputError(f"{where}: {'; '.join(faults)}; its columns are {_quoted(present)}")
    return chosen, place


def _place(found: set[str], asked: frozenset[str]) -> str:
    """Return the first complete place; one whose columns the user named goes before one found by default."""
    complete = [place for place, roles in PLACES.items() if found.issuperset(roles)]
    named = [place for place in complete if place != POSTCODE and not asked.isdisjoint(PLACES[place])]
    return (named or complete or [""])[0]


def _absent(role: str, name: str, free: Sequence[str]) -> str:
    """Say that a column is missing, and which of those that have no role yet are called alike."""
    option = f"--{role.replace('_', '-')}-column"
    near = get_close_matches(name.casefold(), dict.fromkeys(one.casefold() for one in free), n=2, cutoff=0.5)
    like = [one for one in dict.fromkeys(free) if one.casefold() in near]
    hint = f"did you mean {' or '.join(map(repr, like))}? " if like else ""
    return f"there is no column {name!r} ({hint}{option} names it)"


def _without_place(found: set[str], names: dict[str, str], free: Sequence[str]) -> str:
    for pair in (PLACES[GRID], PLACES[LONLAT]):
        if len(found.intersection(pair)) == 1:
            missing = next(role for role in pair if role not in found)
            return _absent(missing, names[missing], free)
    options = "--easting-column and --northing-column, --lon-column and --lat-column, or --postcode-column"
    wanted = [role for roles in PLACES.values() for role in roles]
    near = [get_close_matches(one.casefold(), wanted, n=1, cutoff=0.7) for one in free]
    like = [one for one, match in zip(free, near, strict=True) if match]
    hint = f" (such as {' or '.join(map(repr, like[:3]))})" if like else ""
    return f"no column says where a firm is: {options} name what does{hint}"


def _quoted(names: Iterable[str], most: int = 30) -> str:
    texts = [repr(name[:60]) for name in names]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more if texts else "none"
