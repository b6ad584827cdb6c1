"""Rows that could not be used, one line each, and the promise that no row is lost.

Whatever reads rows (a shipped table, a register, a file of areas) parts them here: `Fault` says what may be
wrong with some, `Sieve` lets those fall that have one, the weightiest told first, and `Account` holds that
**rows in = rows kept + rows refused**.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.arrow import as_text, quoted, text_series, whole
from data.errors import TableError
from data.plural import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Column: TypeAlias = pa.Array | pa.ChunkedArray
    Rows = NDArray[np.int64]

REFUSED: Final = ("row", "column", "value", "reason")
"""Columns of a table of refusals; what else tells a reader which row it is stands before the column."""


@dataclass(frozen=True)
class Account:
    """What became of all rows of a table or file.

    Attributes
    ----------
    rows
        How many came in.
    kept, refused
        How many of them can be used, and how many cannot.

    Raises
    ------
    TableError
        When a row was lost, or counted twice.
    """

    rows: int
    kept: int
    refused: int

    def __post_init__(self) -> None:
        if self.rows != self.kept + self.refused:
            raise TableError(
                f"of {self.rows:,} rows {self.kept:,} were kept and {self.refused:,} refused, which makes "
                f"{self.kept + self.refused:,}: every row must be one or the other"
            )

    @property
    def figures(self) -> dict[str, int]:
        """The account as a report has it."""
        return {"in": self.rows, "kept": self.kept, "refused": self.refused}

    def __str__(self) -> str:
        return f"{count(self.rows, 'row')}: {self.kept:,} kept, {self.refused:,} refused"


class Fault(NamedTuple):
    """What may be wrong with rows of a table.

    Attributes
    ----------
    columns
        Those at fault; none where it is the row as a whole.
    mask
        Which rows have the fault.
    reason
        Why they are refused: one text for all, or one for each row of the mask.
    """

    columns: tuple[str, ...]
    mask: ArrayLike
    reason: str | pa.Array


@dataclass(eq=False)
class Sieve:
    """Rows of a table, which of them still stand, and a line for each of those that do not.

    Attributes
    ----------
    size
        Rows of the table.
    cells
        Its columns, as far as they are judged or quoted.
    names
        What the user calls a column, where that is another name; "" where it is none of theirs.
    told
        Columns that tell a reader which row it is, such as its id: their values stand in its line.
    fine
        Which rows stand, shape (size,).
    """

    size: int
    cells: Mapping[str, Column]
    names: Mapping[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    fine: NDArray[np.bool_] = field(init=False)
    _fallen: list[tuple[Rows, pa.Array, pa.Array, pa.Array]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.fine = np.ones(self.size, dtype=bool)

    @property
    def kept(self) -> Rows:
        """Rows that stand, ascending."""
        return np.flatnonzero(self.fine)

    def refuse(self, *faults: Fault, among: Rows | None = None) -> None:
        """Let those rows fall that still stand and have a fault; the first of several is the one told.

        Parameters
        ----------
        faults : Fault
            The weightiest first.
        among : array of int, optional
            Rows that the masks are over; all rows unless given.
        """
        for columns, mask, reason in faults:
            faulty = np.flatnonzero(mask) if among is None else among[np.asarray(mask, dtype=bool)]
            stands = self.fine[faulty]
            if not stands.any():
                continue
            faulty = faulty[stands]
            self.fine[faulty] = False
            names = ", ".join(filter(None, (self.names.get(column, column) for column in columns)))
            texts = [quoted(self._texts(column, faulty)) for column in columns]
            texts = texts or [pa.repeat("", len(faulty))]
            reasons = pa.repeat(reason, len(stands)) if isinstance(reason, str) else reason
            self._fallen.append(
                (
                    faulty,
                    pa.repeat(names, len(faulty)),
                    pc.binary_join_element_wise(*texts, ", "),
                    reasons.filter(pa.array(stands)),
                )
            )

    def _texts(self, column: str, rows: Rows) -> pa.Array:
        """Return the values of some rows as text, empty where missing."""
        return pc.fill_null(as_text(whole(self.cells[column].take(pa.array(rows)))), "")

    def refused(self, first_row: int = 0) -> pd.DataFrame:
        """Return a line for each row that fell, ordered by row.

        Parameters
        ----------
        first_row : int
            Number of the table's first row in its source.

        Returns
        -------
        DataFrame
            Columns of `REFUSED`, and between row and column those of `told`.
        """
        if not self._fallen:
            return refusals([], **dict.fromkeys([*self.told, *REFUSED[1:]], ""))
        rows, *texts = (list(parts) for parts in zip(*self._fallen, strict=True))
        row = np.concatenate(rows)
        Account(self.size, int(self.fine.sum()), len(row))
        order = np.argsort(row)
        about = {name: text_series(self._texts(name, row[order])) for name in self.told}
        lines = (text_series(pa.concat_arrays(parts).take(pa.array(order))) for parts in texts)
        return refusals(row[order] + first_row, **about, **dict(zip(REFUSED[1:], lines, strict=True)))


def split(
    table: pd.DataFrame,
    faults: Iterable[Fault],
    names: Mapping[str, str] | None = None,
    told: Sequence[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part a table into the rows without a fault and a line for each of the others.

    Parameters
    ----------
    table : DataFrame
        Its index numbers the rows in their source.
    faults : iterable of Fault
        The weightiest first.
    names, told
        See `Sieve`.

    Returns
    -------
    tuple of DataFrame
        The rows kept, on the table's index; and the refusals (see `Sieve.refused`) in the table's order.
    """
    listed = list(faults)
    used = {*told, *(column for fault in listed for column in fault.columns)}
    cells = {column: pa.array(table[column], from_pandas=True) for column in used}
    sieve = Sieve(len(table), cells, names or {}, tuple(told))
    sieve.refuse(*listed)
    refused = sieve.refused()
    return table[sieve.fine], refused.assign(row=table.index.to_numpy(np.int64)[refused["row"]])


def refusals(row: ArrayLike, **texts: Any) -> pd.DataFrame:
    """Make a table of refusals of row numbers and texts, or one text for all rows."""
    table = pd.DataFrame({"row": np.asarray(row, dtype=np.int64), **texts})
    return table.astype(dict.fromkeys(texts, "str"))


def no_refusals() -> pd.DataFrame:
    """Return the table of refusals with no row."""
    return refusals([], **dict.fromkeys(REFUSED[1:], ""))


def merged(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put refusals of parts of one source together, ordered by row."""
    both = pd.concat(tables, ignore_index=True)
    return both if both["row"].is_monotonic_increasing else both.sort_values("row", ignore_index=True)
