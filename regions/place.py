"""A place: what can be compared, be it a region of any level, a set of authorities, or an area drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import shapely

from geo.boundaries import UK_CODE, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

# Square metres that two areas may share by rounding without being said to overlap.
SLIVER_M2 = 10_000.0


@dataclass(frozen=True, eq=False)
class Place:
    """One place.

    Attributes
    ----------
    ref
        What the address and the command line call it.
    level
        A key of `geo.boundaries.LEVELS`, or ``uk``, ``set``, ``area``.
    name
        For people; of a set or an area it is free text of the user's.
    weights
        Share of each authority's residents that lives in the place, by GSS code: 1, but in an area that cuts
        through an authority. Others are left out.
    geometry
        EPSG:27700.
    population, population_year
        Residents, and the year or years of the counts.
    note
        What has to be said of it wherever it is shown; empty for nothing.
    cut
        Authorities that it cuts through: only areas have any.
    """

    ref: str
    level: str
    name: str
    weights: Mapping[str, float]
    geometry: BaseGeometry
    population: int
    population_year: str
    note: str = ""
    cut: frozenset[str] = field(default=frozenset())

    @property
    def code(self) -> str:
        """Its GSS or ITL code; empty where it has none."""
        if self.level == "uk":
            return UK_CODE
        return self.ref if self.level in {"la", "itl3", "itl2", "itl1", "nation"} else ""

    @property
    def kind(self) -> str:
        """What its level is called."""
        return kind_of(self.level, self.ref)

    @cached_property
    def area_km2(self) -> float:
        """Square kilometres of land within the boundaries in use."""
        return float(shapely.area(self.geometry)) / 1e6

    @cached_property
    def whole(self) -> frozenset[str]:
        """Authorities that lie in it wholly."""
        return frozenset(self.weights) - self.cut


def overlap(one: Place, other: Place) -> bool:
    """Say whether two places share ground: then their sums share money, and are not added."""
    shared = one.weights.keys() & other.weights.keys()
    if not shared:
        return False
    if shared & one.whole & other.whole:
        return True
    return bool(shapely.area(shapely.intersection(one.geometry, other.geometry)) > SLIVER_M2)


def overlaps(places: Sequence[Place]) -> list[tuple[Place, Place]]:
    """Return every pair that shares ground, in the order given."""
    return [pair for pair in combinations(places, 2) if overlap(*pair)]


def within(inner: Place, outer: Place) -> bool:
    """Say whether a place lies in another as far as authorities tell; a place lies in itself."""
    return inner.weights.keys() <= outer.whole


def overlap_words(one: Place, other: Place) -> str:
    """Say how two places that share ground do so.

    The words are for people: which lies in which, or how many authorities they share.
    """
    if within(one, other) and within(other, one):
        return f"{one.name} ({one.kind}) and {other.name} ({other.kind}) are the same authorities"
    for inner, outer in ((one, other), (other, one)):
        if within(inner, outer):
            return f"{inner.name} lies in {outer.name}"
    number = len(one.weights.keys() & other.weights.keys())
    plural = "authority" if number == 1 else "authorities"
    return f"{one.name} and {other.name} overlap in {number} {plural}"
