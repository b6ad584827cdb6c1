"""What may be shown of a point, and what of it may be in files: the one rule that every exit asks.

Postcodes of Northern Ireland come under terms that let anyone find a place by them, and not publish their
points again. So whatever is known by such a postcode (a firm, a project, an asset, the postcode itself) is

- shown no finer than to the nearest `METRES`: on maps, in pictures, in the search and in answers of the API;
- in no file as a point: it is counted, or its row has no geometry.

It is asked where an edition is made, so that no store holds more than may be shown: `is_withheld` says which
points fall under it, and `shown` moves them. What makes files then leaves out what is withheld.

What is not known to be otherwise is taken to come from a postcode: a result that does not tell how its points
were found may hold nothing but postcodes. Points that somebody else found, such as a site's own, are theirs.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from geo.boundaries import authorities

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

METRES: Final = 500
"""Positions that are withheld are shown to the nearest of these."""

TO_NEAREST: Final = f"to the nearest {METRES} m"
SHOWN: Final = f"Firms in Northern Ireland known by a postcode are shown {TO_NEAREST}."

# How a point was found, where that was not by a postcode; any other word, and none, may mean one.
FOUND_OTHERWISE: Final = frozenset({"site", "campus", "town", "region"})
# The first letter of the codes of its authorities.
_CODE: Final = "N"
# Boundaries are approximate: who lies so near to it, and has no code, is taken to be there.
_COAST_M: Final = 2_000.0


def is_withheld(
    easting: ArrayLike, northing: ArrayLike, la_code: ArrayLike, precision: ArrayLike
) -> NDArray[np.bool_]:
    """Say which points come, or may come, from a postcode of Northern Ireland.

    Parameters
    ----------
    easting, northing : array of float
        Metres (EPSG:27700); missing where there is no point.
    la_code : array of str
        The authority that each lies in; where it is empty or missing, the position decides.
    precision : array of str
        How each was found, such as "postcode" or "campus"; empty or missing where nobody tells.

    Returns
    -------
    ndarray of bool
        As long as the arrays given.
    """
    east, north = np.asarray(easting, dtype=np.float64), np.asarray(northing, dtype=np.float64)
    there = _each(la_code, lambda code: code.startswith(_CODE))
    unknown = _each(la_code, lambda code: not code) & np.isfinite(east) & np.isfinite(north)
    if unknown.any():
        there[unknown] = shapely.contains_xy(_ground(), east[unknown], north[unknown])
    return there & ~_each(precision, FOUND_OTHERWISE.__contains__)


def shown(metres: ArrayLike, withheld: ArrayLike) -> NDArray[np.float64]:
    """Return eastings, or northings, as they may be shown: what is withheld to the nearest `METRES`."""
    exact = np.asarray(metres, dtype=np.float64)
    return np.asarray(np.where(withheld, np.round(exact / METRES) * METRES, exact), dtype=np.float64)


def as_shown(points: Any) -> Any:
    """Return a table as it may be shown.

    Parameters
    ----------
    points : DataFrame
        easting, northing, la_code, location_precision, as `is_withheld` takes them.

    Returns
    -------
    DataFrame
        The same rows; the positions as `shown` has them, and the column withheld.
    """
    columns = (points[name].to_numpy() for name in ("easting", "northing", "la_code", "location_precision"))
    withheld = is_withheld(*columns)
    moved = {axis: shown(points[axis].to_numpy(), withheld) for axis in ("easting", "northing")}
    return points.assign(**moved, withheld=withheld)


def _each(texts: ArrayLike, test: Callable[[str], bool]) -> NDArray[np.bool_]:
    """Say of each text, "" where it is missing, whether it passes; each distinct one is asked once."""
    places, names = pd.factorize(np.asarray(texts, dtype=object))
    return np.array([*(test(str(name)) for name in names), test("")], dtype=bool)[places]


@cache
def _ground() -> shapely.Geometry:
    """Return Northern Ireland with a margin (EPSG:27700), prepared for points."""
    known = authorities()
    ours = known.loc[known["gss_code"].str.startswith(_CODE)].geometry.to_numpy()
    near = shapely.union_all(ours).simplify(_COAST_M / 4).buffer(_COAST_M)
    shapely.prepare(near)
    return near
