"""The places that a view has chosen, on its picture: how they are called, and what the map is framed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from data.errors import InputError, NotFoundError
from edition.view import UK
from regions.areas import is_own
from regions.comparison import compare
from regions.places import find_place, find_places
from tables.comparison_cells import names
from words.numbers import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edition.edition import Edition
    from edition.view import View
    from regions.comparison import Comparison
    from regions.place import Place

    Bounds = tuple[float, float, float, float]

# Characters of the names in a title, before places are counted instead.
LONGEST = 90
# Ground around what a map is framed on: share of its larger side, and at least so many metres.
AROUND, LEAST_AROUND = 0.06, 1_000.0


def chosen(edition: Edition, view: View) -> tuple[Place, ...]:
    """Return the places that a view has chosen.

    Raises
    ------
    NotFoundError
        If one is unknown.
    InputError
        If a set or an area cannot be read.
    """
    for text in view.place:
        try:
            find_place(edition, text)
        except InputError as fault:
            if is_own(text):
                raise
            raise NotFoundError(str(fault)) from fault
    return tuple(find_places(edition, view.place))


def framed(view: View, places: Sequence[Place]) -> bool:
    """Say whether a map is framed on its places: unless it stands over a cluster or where someone put it."""
    return bool(places) and view.at == UK and not view.cluster


def outlined(view: View, places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places that the map outlines: on that of a cluster none, and never the country."""
    return () if view.cluster else tuple(place for place in places if place.level != "uk")


def comparison(edition: Edition, view: View, places: Sequence[Place]) -> Comparison:
    """Return the places as they are compared under the view's filters."""
    return compare(edition, view.plain(), places, ())


def called(edition: Edition, view: View, places: Sequence[Place]) -> dict[str, str]:
    """Return a name for each place by ref, no two alike."""
    return names(comparison(edition, view, places))


def together(edition: Edition, view: View, places: Sequence[Place]) -> str:
    """Return the names of places as far as a title holds them, else their number."""
    text = listed([*called(edition, view, places).values()])
    return text if len(text) <= LONGEST else f"{len(places)} places"


def bounds_of(places: Sequence[Place]) -> Bounds:
    """Return west, south, east, north of some places with ground around (EPSG:27700)."""
    west, south, east, north = shapely.total_bounds([place.geometry for place in places])
    by = max(LEAST_AROUND, AROUND * max(east - west, north - south))
    return float(west - by), float(south - by), float(east + by), float(north + by)
