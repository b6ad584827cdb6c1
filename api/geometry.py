"""Where rows of an answer lie: regions by their ref, other things as the tables have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layers.panels import outline_of
from regions.places import places
from tables.geojson import places_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place

    Shapes = Callable[[pd.DataFrame], pd.Series]


def outlines(edition: Edition, column: str = "ref", *own: Place) -> Shapes:
    """Return what finds the outlines of regions, as `/places/shape` has them; a row of no region has none.

    Parameters
    ----------
    column
        Holds the refs of the regions.
    own
        Places that are no region, such as a set of authorities.
    """
    known = places(edition)
    regions, others = {*known.table["ref"]}, {place.ref: place for place in own}

    def found(ref: str) -> Place | None:
        return others.get(ref) or (known.by_ref(ref) if ref in regions else None)

    def shapes(rows: pd.DataFrame) -> pd.Series:
        there = {ref: found(str(ref)) for ref in rows[column].unique()}
        drawn = {ref: None if place is None else outline_of(place) for ref, place in there.items()}
        return pd.Series([drawn[ref] for ref in rows[column]], rows.index, dtype=object)

    return shapes


def things(edition: Edition, table: str, view: View, column: str) -> Shapes:
    """Return what finds the places of things as a table of a view has them, by the column of their ids."""
    return lambda rows: places_of(edition, table, view, rows[column])
