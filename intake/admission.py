"""Which rows of a register may take part in the search for clusters, and why the others may not.

A row takes part when it says where it is, in the system that the register uses, and lies within reach of an
authority of the United Kingdom. Rows in = rows kept + rows refused, always: a row that is refused has one
line, with the first fault found. A row without a sector stays: all firms are the background of each sector.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.arrow import mask_of, whole
from data.refusals import Account, Fault, Sieve, merged
from intake.case import Case
from intake.columns import GRID, LONLAT, PLANE, POSTCODE
from intake.coordinates import by_grid, by_lonlat, by_plane
from intake.labels import labels_of
from intake.postcodes import by_postcode
from intake.reasons import NO_SECTOR, NOTES
from intake.register import FAULT, LINE
from intake.traits import FOUNDED, size_of, trait_of
from intake.traits import joined as traits_joined
from intake.weights import weights_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from intake.ground import Ground
    from intake.register import Register
    from intake.traits import Trait

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PLACED_BY = {GRID: by_grid, LONLAT: by_lonlat, POSTCODE: by_postcode, PLANE: by_plane}
"""What finds the rows of a register, by what places its firms (see `Register.place`)."""

NUMBERS: Final = ("row", "easting", "northing", "la", "firm", "label", "count", "population")
"""Columns of an admission that are numbers."""


@dataclass(frozen=True, eq=False)
class Admission:
    """What became of the rows of a table.

    Attributes
    ----------
    rows
        How many there were: ``len(row) + len(refused)``.
    row
        Number in the whole register of each firm that takes part, ascending.
    firm_id
        Text, missing where empty; None where the register has no such column.
    easting, northing
        Metres (EPSG:27700).
    la
        Authority of each firm as its place in `la_codes`; -1 where unknown.
    firm, label
        One element for each label of each firm: places in the firms above and in `names`; ordered by firm,
        then label.
    names
        Labels that firms above carry, sorted.
    refused
        row, column (as the user calls it; "" for a whole line), value, reason; ordered by row.
    notes
        How many of the rows kept are worth a word; the keys are `NOTES`.
    la_codes
        GSS codes.
    name
        Text, missing where empty; None where the register has no such column.
    size, founded
        Employees (or an estimate by size band) and year of foundation; None where the register has no such
        column.
    count
        Companies that each row stands for, of each of its labels; None where the register has no such column:
        one each.
    population
        Companies of all kinds at each row's point; None where the register has no such column: those counted.
    """

    rows: int
    row: NDArray[np.int64]
    firm_id: pa.Array | pa.ChunkedArray | None
    easting: Floats
    northing: Floats
    la: NDArray[np.int16]
    firm: NDArray[np.int32]
    label: NDArray[np.int32]
    names: tuple[str, ...]
    refused: pd.DataFrame
    notes: dict[str, int]
    la_codes: tuple[str, ...] = ()
    name: pa.Array | pa.ChunkedArray | None = None
    count: Ints | None = None
    population: Ints | None = None
    size: Trait | None = None
    founded: Trait | None = None

    @property
    def counts(self) -> Ints:
        """Companies that each row stands for."""
        return np.ones(len(self.row), dtype=np.int64) if self.count is None else self.count

    def __post_init__(self) -> None:
        Account(self.rows, len(self.row), len(self.refused))


def admit(table: pa.Table, first_row: int, register: Register, ground: Ground | None) -> Admission:
    """Split a table of `intake.reading.batches` into firms that take part and rows that do not.

    Parameters
    ----------
    table : Table
        Columns named by role: sector and those of ``register.place``; perhaps firm_id and postcode.
    first_row : int
        Number of its first row in the register.
    register : Register
        What places a firm, and what the columns are called.
    ground : Ground
        See `intake.ground.ground`; none for coordinates of a plane.
    """
    cells = dict(zip(table.column_names, table.columns, strict=True))
    sieve = Sieve(table.num_rows, cells, {**dict(register.columns), LINE: ""})
    if FAULT in cells:
        faults = whole(cells[FAULT])
        sieve.refuse(Fault((LINE,), mask_of(faults.is_valid()), faults.drop_null()))
    weights = weights_of(sieve)
    spots = PLACED_BY[register.place](_case(sieve, cells, register, ground))
    kept = sieve.kept
    labels = labels_of(cells["sector"], kept)
    return Admission(
        rows=table.num_rows,
        row=kept + first_row,
        firm_id=_texts(cells, "firm_id", kept),
        easting=spots.x[kept],
        northing=spots.y[kept],
        la=spots.la[kept],
        firm=labels.firm,
        label=labels.label,
        names=labels.names,
        refused=sieve.refused(first_row),
        notes=dict.fromkeys(NOTES, 0) | spots.notes | {NO_SECTOR: labels.bare},
        la_codes=() if ground is None else ground.la_codes,
        name=_texts(cells, "name", kept),
        **{role: values[kept] for role, values in weights.items()},
        size=size_of(cells, kept),
        founded=trait_of(cells, FOUNDED, kept),
    )


def _case(
    sieve: Sieve, cells: Mapping[str, pa.ChunkedArray], register: Register, ground: Ground | None
) -> Case:
    """Put rows before what places them."""
    beside = ground.known(whole(cells["postcode"])) if ground is not None and register.has_postcode else None
    return Case(sieve, ground, register.place_roles, beside)


def _texts(cells: Mapping[str, pa.ChunkedArray], role: str, kept: Ints) -> pa.Array | None:
    """Return a column of the rows kept, missing where empty; None where there is no such column."""
    if role not in cells:
        return None
    texts = whole(cells[role])
    texts = texts if len(kept) == len(texts) else texts.take(pa.array(kept))
    empty = pc.equal(pc.binary_length(texts), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), texts) if pc.any(empty).as_py() else texts


def joined(each: Iterable[Admission]) -> Admission:
    """Put admissions of successive tables, one at least, together as one; texts stay in pieces."""
    columns: dict[str, list[Any]] = {one.name: [] for one in fields(Admission)}
    for one in each:
        for name, pieces in columns.items():
            pieces.append(getattr(one, name))
    own_names, sizes = columns.pop("names"), [len(row) for row in columns["row"]]
    names = tuple(sorted({name for own in own_names for name in own}))
    index = pd.Index(names, dtype=object)
    codes = [index.get_indexer(pd.Index(own, dtype=object)).astype(np.int32) for own in own_names]
    before = np.cumsum([0, *sizes], dtype=np.int32)
    columns["label"] = [code[own] for code, own in zip(codes, columns["label"], strict=True)]
    columns["firm"] = [own + start for own, start in zip(columns["firm"], before, strict=False)]
    return Admission(
        rows=sum(columns["rows"]),
        names=names,
        refused=merged(columns["refused"]),
        notes=dict(sum(map(Counter, columns["notes"]), Counter())),
        la_codes=columns["la_codes"][0],
        # Each column is let go of in pieces before the next one is made whole.
        **{name: _whole_texts(columns.pop(name)) for name in ("firm_id", "name")},
        size=traits_joined(columns.pop("size")),
        founded=traits_joined(columns.pop("founded")),
        **{name: _whole_numbers(columns.pop(name)) for name in NUMBERS},
    )


def _whole_texts(pieces: list[pa.Array | None]) -> Any:
    there = [piece for piece in pieces if piece is not None]
    return pa.chunked_array(there) if there else None


def _whole_numbers(pieces: list[NDArray[Any] | None]) -> Any:
    there = [piece for piece in pieces if piece is not None]
    return np.concatenate(there) if there else None
