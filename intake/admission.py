"""Which rows of a register may take part in the search for clusters, and why the others may not.

A row takes part when it says where it is, in the system that the register uses, and lies within reach of an
authority of the United Kingdom. Rows in = rows kept + rows refused, always: a row that is refused has one
line, with the first fault found. A row without a sector stays: all firms are the background of each sector.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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
from intake.weights import weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from intake.ground import Ground
    from intake.register import Register

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PLACED_BY = {GRID: by_grid, LONLAT: by_lonlat, POSTCODE: by_postcode, PLANE: by_plane}
"""What finds the rows of a register, by what places its firms (see `Register.place`)."""


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
    count
        Companies that each row stands for, of each of its labels; None where the register has no such column:
        one each.
    population
        Companies of all kinds at each row's point; None where the register has no such column: those counted.
    """

    rows: int
    row: NDArray[np.int64]
    firm_id: pa.Array | None
    easting: Floats
    northing: Floats
    la: NDArray[np.int16]
    firm: NDArray[np.int32]
    label: NDArray[np.int32]
    names: tuple[str, ...]
    refused: pd.DataFrame
    notes: dict[str, int]
    la_codes: tuple[str, ...] = ()
    name: pa.Array | None = None
    count: Ints | None = None
    population: Ints | None = None

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


def joined(each: list[Admission]) -> Admission:
    """Put admissions of successive tables together as one."""
    names = tuple(sorted({name for one in each for name in one.names}))
    index = pd.Index(names, dtype=object)
    before = np.cumsum([0, *(len(one.row) for one in each)], dtype=np.int32)
    codes = [index.get_indexer(pd.Index(one.names, dtype=object)) for one in each]
    first = each[0]
    return replace(
        first,
        rows=sum(one.rows for one in each),
        row=np.concatenate([one.row for one in each]),
        firm_id=_concatenated([one.firm_id for one in each]),
        name=_concatenated([one.name for one in each]),
        easting=np.concatenate([one.easting for one in each]),
        northing=np.concatenate([one.northing for one in each]),
        la=np.concatenate([one.la for one in each]),
        firm=np.concatenate([one.firm + start for one, start in zip(each, before, strict=False)]),
        label=np.concatenate([code[one.label] for one, code in zip(each, codes, strict=True)]).astype(
            np.int32
        ),
        names=names,
        refused=merged([one.refused for one in each]),
        notes=dict(sum((Counter(one.notes) for one in each), Counter())),
        count=_weights([one.count for one in each]),
        population=_weights([one.population for one in each]),
    )


def _weights(columns: list[Ints | None]) -> Ints | None:
    """Put a column of weights together, none where there is none."""
    there = [column for column in columns if column is not None]
    return np.concatenate(there) if there else None


def _concatenated(columns: list[pa.Array | None]) -> pa.Array | None:
    """Put a column together, none where there is none."""
    there = [column for column in columns if column is not None]
    return pa.concat_arrays(there) if there else None
