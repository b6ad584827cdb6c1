"""Ids that are given more than once: found without holding them all, and which of their rows stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from data.arrow import chunks
from data.refusals import Fault, split
from intake.hashing import text_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from intake.admission import Admission

    Hashes = NDArray[np.uint64]


def id_hashes(admission: Admission) -> Hashes:
    """Return the hashes of the firms' ids, 0 for a missing one; none where the register has no ids.

    Two ids of one hash need not be equal, so what `seen_again` finds is to be looked at by id.
    """
    if admission.firm_id is None:
        return np.zeros(0, np.uint64)
    return np.concatenate([np.zeros(0, np.uint64), *map(text_hashes, chunks(admission.firm_id))])


def seen_again(hashes: Iterable[Hashes]) -> Hashes:
    """Return, sorted, the hashes that occur more than once in all arrays together; 0 is passed over.

    It may be done apart for each remainder of the hashes, on different machines: equal hashes meet.
    """
    arrays = list(hashes)
    ordered = np.concatenate([np.empty(0, dtype=np.uint64), *arrays])
    ordered.sort()
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.unique(again[again != 0])


def no_repeated() -> pd.DataFrame:
    """Return the table of `rows_of` with no row."""
    texts, numbers = pd.Series(dtype=object), pd.Series(dtype="float64")
    columns = {"firm_id": texts, "easting": numbers, "northing": numbers, "sector": texts}
    return pd.DataFrame({"row": pd.Series(dtype="int64"), **columns})


def rows_of(admission: Admission, wanted: Hashes, hashes: Hashes | None = None) -> pd.DataFrame:
    """Return the firms whose id has one of some hashes: row, firm_id, easting, northing, sector (joined).

    Where the hashes of all ids are at hand, they need not be made again.
    """
    at = np.zeros(0, np.int64)
    if len(wanted):
        at = np.flatnonzero(pd.Series(id_hashes(admission) if hashes is None else hashes).isin(wanted))
    first = np.searchsorted(admission.firm, at, side="left")
    last = np.searchsorted(admission.firm, at, side="right")
    names = admission.names
    texts = [";".join(names[code] for code in admission.label[a:z]) for a, z in zip(first, last, strict=True)]
    ids = admission.firm_id.take(at).to_pylist() if admission.firm_id is not None else []
    return pd.DataFrame(
        {
            "row": admission.row[at],
            "firm_id": pd.Series(ids, dtype=object),
            "easting": admission.easting[at],
            "northing": admission.northing[at],
            "sector": pd.Series(texts, dtype=object),
        }
    )


def refuse_repeated(firms: pd.DataFrame, column: str = "firm_id") -> pd.DataFrame:
    """Choose which row of each id stays, and refuse the others.

    The first by easting, northing, sector and then row stays, so that the order of rows has no say in what is
    found.

    Parameters
    ----------
    firms : DataFrame
        row, firm_id, easting, northing, sector (text) of the rows whose id may be repeated; a missing id is
        never repeated.
    column : str
        What the user calls the column of ids.

    Returns
    -------
    DataFrame
        row, column, value, reason; ordered by row.
    """
    keys = ["firm_id", "easting", "northing", "sector", "row"]
    ordered = firms[firms["firm_id"].notna()].sort_values(keys, kind="stable").set_index("row")
    again = ordered["firm_id"].duplicated().to_numpy()
    stays = ordered.index.to_series().where(~again).ffill()[again]
    reasons = [f"given more than once: row {int(row)} is the one that stays" for row in stays]
    fault = Fault(("firm_id",), again, pa.array(reasons, pa.string()))
    _, refused = split(ordered, [fault], names={"firm_id": column})
    return refused.sort_values("row", ignore_index=True)
