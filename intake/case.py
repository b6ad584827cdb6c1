"""A table of a register before its judges: what they go by, and where they found its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data.refusals import Sieve
    from intake.ground import Ground, Known

    Floats = NDArray[np.float64]


class Case(NamedTuple):
    """Rows to be placed.

    Attributes
    ----------
    sieve
        The rows, and which of them still stand.
    ground
        What places are judged by; none for those of a plane.
    place
        Columns that say where a row is, a value of `intake.columns.PLACES`.
    beside
        Where the postcodes are that stand beside coordinates, if any do.
    """

    sieve: Sieve
    ground: Ground | None
    place: tuple[str, ...]
    beside: Known | None = None

    @property
    def land(self) -> Ground:
        """What places are judged by, where they are of the United Kingdom."""
        if self.ground is None:
            raise ValueError("a plane has no ground")
        return self.ground


class Spots(NamedTuple):
    """Where the rows of a table are; only those that still stand count.

    Attributes
    ----------
    x, y
        Metres (EPSG:27700).
    la
        Authority as its place in `Ground.la_codes`, -1 where unknown.
    notes
        How many are worth a word, by keys of `intake.reasons.NOTES`.
    """

    x: Floats
    y: Floats
    la: NDArray[np.int16]
    notes: dict[str, int]
