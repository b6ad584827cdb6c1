"""Populations of points that contradict one another, or the counts at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from data.refusals import Fault, no_refusals, split
from intake.hashing import unique_points
from intake.weights import POPULATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intake.admission import Admission

    Ints = NDArray[np.int64]


def refuse_contradicted(admission: Admission, aside: Ints, column: str = POPULATION) -> pd.DataFrame:
    """Refuse rows whose point has several populations, or counts more of a label than its population.

    The population of a point counts once, whatever the number of its rows and labels, so they have to agree.
    Where they do not, none of them can be trusted: all rows of the point are refused, or all with the label
    that counts too many. So the order of rows has no say.

    Parameters
    ----------
    admission : Admission
        A whole register.
    aside : array of int
        Rows that take no part, sorted.
    column : str
        What the user calls the column of populations.

    Returns
    -------
    DataFrame
        row, column, value, reason; ordered by row; none where the register has no populations.
    """
    if admission.population is None:
        return no_refusals()
    rows = pd.DataFrame({POPULATION: admission.population}, index=pd.Index(admission.row))
    _, point = unique_points(admission.easting, admission.northing)
    stands = ~np.isin(admission.row, aside)
    here = rows[stands].groupby(point[stands])[POPULATION]
    low, high = (here.agg(how).reindex(point).fillna(0).to_numpy(np.int64) for how in ("min", "max"))
    several = stands & (low < high)
    most = _most_of_a_label(admission, point, stands & ~several)
    crowded = most > admission.population
    faults = [
        Fault((POPULATION,), several, _words("has populations from {:,} to {:,}", low, high, several)),
        Fault(
            (POPULATION,),
            crowded,
            _words("counts {:,} of a label out of {:,} of all", most, admission.population, crowded),
        ),
    ]
    return split(rows, faults, names={POPULATION: column})[1]


def _most_of_a_label(admission: Admission, point: Ints, stands: NDArray[np.bool_]) -> Ints:
    """Return the most that the point of each of some rows counts of a label of its; 0 for the others."""
    chosen = stands[admission.firm]
    firm, label = admission.firm[chosen], admission.label[chosen]
    summed = pd.Series(admission.counts[firm]).groupby([point[firm], label]).transform("sum")
    most = np.zeros(len(admission.row), dtype=np.int64)
    np.maximum.at(most, firm, summed.to_numpy(np.int64))
    return most


def _words(words: str, one: Ints, other: Ints, rows: NDArray[np.bool_]) -> pa.Array:
    """Write a reason for each of some rows."""
    pairs = zip(one[rows].tolist(), other[rows].tolist(), strict=True)
    texts = [words.format(*pair) for pair in pairs]
    reasons = [f"its point {text}: the rows of a point have to agree" for text in texts]
    return pa.array(reasons, pa.string())
