"""Coordinates of a register's rows: where each lies in the United Kingdom, and what is wrong with the others.

Numbers in another system, or in the wrong order, are told from mere mistakes: whole registers have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from data.refusals import Fault
from geo.projections import irish_to_bng, to_bng
from intake import reasons
from intake.case import Spots
from intake.columns import GRID, PLACES
from intake.ground import is_boxed, within
from intake.hashing import unique_points
from intake.numbers import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intake.case import Case
    from intake.ground import Known

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

LONLAT_DECIMALS: Final = 1
"""Decimals of metres that are kept of longitudes and latitudes: PROJ without its grid knows no better."""

# Longitudes and latitudes of the United Kingdom and some sea.
LON: Final = (-9.5, 2.5)
LAT: Final = (49.0, 61.5)
# Eastings and northings of all Ireland in the Irish Grid, in metres.
IRISH_BOX: Final = (0.0, 500_000.0)
# Web Mercator, which web maps use, puts the United Kingdom here (metres).
MERCATOR_X: Final = (-1_100_000.0, 300_000.0)
MERCATOR_Y: Final = (6_200_000.0, 8_800_000.0)
# Beyond this no error in degrees explains a number.
NOT_AN_ANGLE: Final = 1_000.0


def by_grid(case: Case) -> Spots:
    """Place rows by eastings and northings; refuse those that cannot be."""
    x, y = _numbers(case, f"{reasons.METRES} such as 451000")
    case.sieve.refuse(
        Fault(case.place, within(x, LAT) & within(y, LON), reasons.LIKE_SWAPPED_DEGREES),
        Fault(case.place, (np.abs(x) <= 180) & (np.abs(y) <= 180), reasons.LIKE_DEGREES),
        Fault(case.place, within(x, MERCATOR_X) & within(y, MERCATOR_Y), reasons.LIKE_MERCATOR),
    )
    return _located(case, x, y)


def by_plane(case: Case) -> Spots:
    """Place rows by metres of a plane that is not the United Kingdom's; refuse those that are none."""
    x, y = _numbers(case, f"{reasons.PLANAR} such as 8950", null_island=False)
    far = ~((np.abs(x) <= reasons.FARTHEST_M) & (np.abs(y) <= reasons.FARTHEST_M))
    case.sieve.refuse(Fault(case.place, far, reasons.FAR))
    # -0.0 is the place that 0.0 is.
    return Spots(x + 0.0, y + 0.0, np.full(len(x), -1, dtype=np.int16), {})


def by_lonlat(case: Case) -> Spots:
    """Place rows by longitude and latitude; refuse those that cannot be."""
    lon, lat = _numbers(case, f"{reasons.DEGREES} such as -0.1416")
    large = np.maximum(np.abs(lon), np.abs(lat)) > NOT_AN_ANGLE
    case.sieve.refuse(
        Fault(case.place, within(lon, LAT) & within(lat, LON), reasons.AXES_SWAPPED),
        Fault(case.place, large & is_boxed(lon, lat), reasons.LIKE_METRES),
        Fault(case.place, ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)), reasons.NOT_DEGREES),
    )
    lon, lat = (np.where(case.sieve.fine, axis, np.nan) for axis in (lon, lat))
    # Firms share places: each distinct point is projected once.
    first, inverse = unique_points(lon, lat)
    x, y = (np.round(axis, LONLAT_DECIMALS)[inverse] for axis in to_bng(lon[first], lat[first]))
    return _located(case, x, y)


def _numbers(case: Case, expected: str, *, null_island: bool = True) -> tuple[Floats, Floats]:
    """Read two columns as numbers; refuse rows where one is missing, no number, infinite, or both are 0.

    Where 0, 0 is a place like any other, there is no null island.
    """
    one, other = each = [numbers(case.sieve.cells[role]) for role in case.place]
    missing, no_number, infinite = (
        f"{reason}: {expected}" for reason in (reasons.NO_PLACE, reasons.NOT_A_NUMBER, reasons.INFINITE)
    )
    by_role = [((role,), column) for role, column in zip(case.place, each, strict=True)]
    case.sieve.refuse(
        Fault(case.place, one.missing & other.missing, missing),
        *(Fault(role, column.missing, missing) for role, column in by_role),
        *(Fault(role, column.bad, no_number) for role, column in by_role),
        *(Fault(role, np.isinf(column.values), infinite) for role, column in by_role),
        Fault(case.place, null_island & (one.values == 0) & (other.values == 0), reasons.NULL_ISLAND),
    )
    return one.values, other.values


def _located(case: Case, x: Floats, y: Floats) -> Spots:
    """Give each row its authority; refuse those outside the box, at sea, or far from a BT postcode."""
    boxed = case.sieve.fine & is_boxed(x, y)
    la, near = case.land.authorities_at(x, y, boxed)
    outside, sea = case.sieve.fine & ~boxed, boxed & (la < 0)
    if case.place == PLACES[GRID]:
        _refuse_misread(case, x, y, np.flatnonzero(outside | sea))
    case.sieve.refuse(Fault(case.place, outside, reasons.OUTSIDE), Fault(case.place, sea, reasons.SEA))
    elsewhere = _far_from_postcodes(case, x, y)
    near_coast = int((near & case.sieve.fine).sum())
    return Spots(x, y, la, {reasons.NEAR_COAST: near_coast, reasons.ELSEWHERE: elsewhere})


def _refuse_misread(case: Case, x: Floats, y: Floats, lost: Ints) -> None:
    """Refuse rows off land that would lie on it if the axes were swapped or the grid were the Irish one.

    Numbers of the one kind often fit the other too; where a postcode stands beside them, it decides.
    """
    if not len(lost):
        return
    x, y = x[lost], y[lost]
    e, n = _from_irish(x, y)
    swapped = case.land.is_land(y, x) & ~_is_apart(y, x, case.beside, lost)
    irish = case.land.is_land(e, n, "N") & ~_is_apart(e, n, case.beside, lost)
    case.sieve.refuse(
        Fault(case.place, swapped & irish, reasons.SWAPPED_OR_IRISH),
        Fault(case.place, swapped, reasons.SWAPPED),
        Fault(case.place, irish, reasons.IRISH),
        among=lost,
    )


def _far_from_postcodes(case: Case, x: Floats, y: Floats) -> int:
    """Hold coordinates against the postcode beside them; return how many rows that are kept lie far from it.

    A point in Northern Ireland may be in the Irish Grid, and then looks like one in Wales or Cumbria: far
    from its postcode, it is refused. Elsewhere the postcode may be at fault (an agent's, say): such rows are
    but counted.
    """
    if case.beside is None:
        return 0
    rows = case.sieve.kept
    rows = rows[_is_apart(x[rows], y[rows], case.beside, rows)]
    northern = rows[case.beside.is_irish[rows]]
    irish = np.zeros(len(northern), dtype=bool)
    if case.place == PLACES[GRID]:
        e, n = _from_irish(x[northern], y[northern])
        irish = np.isfinite(e) & ~_is_apart(e, n, case.beside, northern)
    case.sieve.refuse(
        Fault(case.place, irish, reasons.IRISH),
        Fault((*case.place, "postcode"), np.ones(len(northern), dtype=bool), reasons.CONTRADICTED),
        among=northern,
    )
    return len(rows) - len(northern)


def _is_apart(x: Floats, y: Floats, known: Known | None, rows: Ints) -> Mask:
    """Say which points lie too far from their rows' postcodes; where either is unknown, none is."""
    if known is None:
        return np.zeros(len(rows), dtype=bool)
    # Numbers that are no coordinates may be of any size: what is too large to square is far.
    with np.errstate(over="ignore"):
        return np.asarray((x - known.x[rows]) ** 2 + (y - known.y[rows]) ** 2 > reasons.APART_M**2)


def _from_irish(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Read numbers as the Irish Grid; missing where they are not of Ireland."""
    ireland = within(x, IRISH_BOX) & within(y, IRISH_BOX)
    return irish_to_bng(np.where(ireland, x, np.nan), np.where(ireland, y, np.nan))
