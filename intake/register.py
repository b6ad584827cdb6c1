"""A register of firms on disk, found and its header read, and the stretches of it that are read apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.columns import GRID, PLACES, PLANE, POSTCODE
from intake.files import CSV, PARQUET

if TYPE_CHECKING:
    from pathlib import Path

LINE, FAULT = "(line)", "(fault)"
"""Columns of a table of which some line could not be read: how the line begins, what is wrong with it."""


@dataclass(frozen=True)
class Register:
    """A register that was found and whose header was read; small, and fit to be sent to another process.

    Attributes
    ----------
    source
        As the user gave it.
    files
        In the order in which rows are numbered.
    columns
        Role (a field of `Columns`) and name of each column that is read.
    place
        What places a firm: "grid" (easting, northing), "lonlat" or "postcode"; "plane" where easting and
        northing are metres of a plane outside the United Kingdom.
    groups
        Rows of each row group of each file; empty for CSV.
    encoding, delimiter
        Of a CSV file; both empty for Parquet.
    kinds
        Role and kind of value of each column of Parquet: "number", "text", "list", or "nothing" where every
        value is missing; empty for CSV, which is text.
    """

    source: str
    files: tuple[Path, ...]
    columns: tuple[tuple[str, str], ...]
    place: str
    groups: tuple[tuple[int, ...], ...] = ()
    encoding: str = ""
    delimiter: str = ""
    kinds: tuple[tuple[str, str], ...] = ()

    @property
    def format(self) -> str:
        """The files' format, a key of `intake.files.ENDINGS`."""
        return PARQUET if self.groups else CSV

    @property
    def rows(self) -> int | None:
        """Rows in all; None where only reading them tells (CSV)."""
        return sum(map(sum, self.groups)) if self.groups else None

    @property
    def planar(self) -> bool:
        """Whether coordinates are metres of a plane outside the United Kingdom."""
        return self.place == PLANE

    @property
    def place_roles(self) -> tuple[str, ...]:
        """Roles of the columns that place a firm."""
        return PLACES[GRID if self.planar else self.place]

    @property
    def has_postcode(self) -> bool:
        """Whether a postcode stands beside the coordinates."""
        return self.place != POSTCODE and "postcode" in dict(self.columns)

    @property
    def aggregated(self) -> bool:
        """Whether a row may stand for many companies: it has a count or a population."""
        return not {"count", "population"}.isdisjoint(dict(self.columns))

    def column(self, role: str) -> str:
        """Return the name that the user knows a column by."""
        return dict(self.columns).get(role, role)


@dataclass(frozen=True)
class Part:
    """A stretch of a register that is read on its own.

    Attributes
    ----------
    first_row
        Number of its first row in the whole register.
    rows
        How many; None for CSV.
    pieces
        Place in `Register.files` and the row groups to read there, in order; no groups: the whole file.
    """

    first_row: int
    rows: int | None
    pieces: tuple[tuple[int, tuple[int, ...]], ...]
