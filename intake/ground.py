"""What places are judged by: unit postcodes, and the areas of the authorities of the United Kingdom."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter1d

from data.schemas import EASTING, NORTHING
from geo.boundaries import regions
from geo.locate import CELL_M, OUTSIDE, Locator, prepare
from geo.postcodes import NO_METRES, Postcodes, postcodes
from intake.hashing import postcode_keys, unique_points

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Places = NDArray[np.int16]

WITHIN_M: Final = 2_000.0
"""How far from the nearest authority a firm may lie: boundaries at the coast are approximate."""

REACH_CELLS: Final = int(WITHIN_M // CELL_M) + 1
"""As many cells, and one against rounding."""


class Known(NamedTuple):
    """Where each row's postcode is: metres (EPSG:27700), missing where it is no full one that is known."""

    x: Floats
    y: Floats
    la: Places
    """Place in `Ground.la_codes`, -1 where unknown."""
    is_irish: Mask
    """Whether it is one of Northern Ireland, whose own grid is the Irish one."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What places are judged by: unit postcodes and the authorities' areas.

    Attributes
    ----------
    directory
        Unit postcodes.
    locator
        Authorities, prepared for points.
    authority
        For each place in `Postcodes.authorities` the place in `la_codes`, -1 for none; the last element is
        -1, for postcodes without an authority.
    reach
        Cells (rows from the south, columns from the west) of the locator's grid and `REACH_CELLS` more on
        each side: whether an authority may be within `WITHIN_M` of a point in the cell.
    """

    directory: Postcodes = field(repr=False)
    locator: Locator = field(repr=False)
    authority: NDArray[np.int16] = field(repr=False)
    reach: Mask = field(repr=False)

    @property
    def la_codes(self) -> tuple[str, ...]:
        """GSS codes of the authorities."""
        return self.locator.region_ids

    def known(self, texts: pa.Array) -> Known:
        """Find full postcodes in the directory, in any case and with any spaces, all at once."""
        directory, keys = self.directory, postcode_keys(texts)
        # Sorted questions run through the directory once instead of jumping about in it. Six characters of
        # seven are enough for that, and are sorted two by two, in linear time.
        order = np.lexsort([(keys >> np.uint64(bits)).astype(np.uint16) for bits in (16, 32, 48)])
        asked = keys[order]
        at = np.minimum(np.searchsorted(directory.codes, asked), len(directory) - 1)
        place = np.empty_like(at)
        place[order] = np.where(directory.codes[at] == asked, at, -1)
        x, y = directory.eastings[place], directory.northings[place]
        found = (place >= 0) & (x != NO_METRES)
        authority = np.minimum(directory.authority[place], len(directory.authorities))
        la = np.where(found, self.authority[authority], -1).astype(np.int16)
        irish = found & (keys >> np.uint64(48) == int.from_bytes(b"BT", "big"))
        return Known(np.where(found, x, np.nan), np.where(found, y, np.nan), la, irish)

    def places_of(self, codes: pd.Series) -> Places:
        """Return the place of GSS codes in `la_codes`, -1 for a missing one."""
        return pd.Index(self.la_codes).get_indexer(pd.Index(codes)).astype(np.int16)

    def is_land(self, x: Floats, y: Floats, nation: str = "") -> Mask:
        """Say which points lie in the UK, or in the nation whose codes begin so."""
        boxed = is_boxed(x, y)
        la = self.locator.indices(np.where(boxed, x, np.nan), np.where(boxed, y, np.nan))
        wanted = np.array([*(code.startswith(nation) for code in self.la_codes), False])
        return np.asarray(wanted[la])

    def authorities_at(self, x: Floats, y: Floats, asked: Mask) -> tuple[Places, Mask]:
        """Return the authority of the points asked for, and which of them lie but near it.

        Returns
        -------
        tuple of array
            Places in `la_codes`, -1 for none within `WITHIN_M`; and a mask of points in no authority that
            have the nearest one.
        """
        la = np.full(len(x), -1, dtype=np.int16)
        rows = slice(None) if asked.all() else np.flatnonzero(asked)
        la[rows] = self.locator.indices(x[rows], y[rows])
        near = asked & (la < 0)
        if near.any():
            near[near] = self._is_in_reach(x[near], y[near])
            first, inverse = unique_points(x[near], y[near])
            spots = pd.Series(x[near][first]), pd.Series(y[near][first])
            found = self.locator.locate_nearest(*spots, WITHIN_M)["region_id"]
            la[near] = self.places_of(found)[inverse]
            near &= la >= 0
        return la, near

    def _is_in_reach(self, x: Floats, y: Floats) -> Mask:
        """Say which points lie in cells from which an authority may be within `WITHIN_M`."""
        grid, (rows, columns) = self.locator.grid, self.reach.shape
        row, column = grid.row(y) + REACH_CELLS, grid.column(x) + REACH_CELLS
        here = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        here[here] = self.reach[row[here].astype(np.int64), column[here].astype(np.int64)]
        return np.asarray(here)


@cache
def ground() -> Ground:
    """Return the shipped postcodes and the authorities in use; made once a process (some seconds)."""
    areas = regions("la").set_index("region_id").geometry
    return make_ground(postcodes(), prepare(areas))


def make_ground(directory: Postcodes, locator: Locator) -> Ground:
    """Join a directory of postcodes and the areas of authorities by GSS code."""
    places = {code: place for place, code in enumerate(locator.region_ids)}
    codes = [places.get(code, -1) for code in directory.authorities]
    return Ground(directory, locator, np.array([*codes, -1], dtype=np.int16), _reach(locator))


def _reach(locator: Locator) -> Mask:
    """Widen the cells that authorities touch: from elsewhere nobody need look for the nearest one."""
    grid = locator.grid
    land = (locator.table[:-1] != OUTSIDE).reshape(grid.rows, grid.columns).astype(np.uint8)
    wide = np.pad(land, REACH_CELLS)
    for axis in (0, 1):
        wide = maximum_filter1d(wide, 2 * REACH_CELLS + 1, axis=axis)
    return wide.astype(bool)


def within(values: Floats, bounds: tuple[float, float]) -> Mask:
    """Say which values lie within bounds, these included."""
    return np.asarray((values >= bounds[0]) & (values <= bounds[1]))


def is_boxed(x: Floats, y: Floats) -> Mask:
    """Say which points (EPSG:27700) lie in the box that holds the United Kingdom."""
    return within(x, EASTING) & within(y, NORTHING)
