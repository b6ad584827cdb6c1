"""Rows that stand for more than one company: how many of their label, and out of how many of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from data.refusals import Fault
from intake.numbers import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.refusals import Sieve

    Ints = NDArray[np.int64]

COUNT: Final = "count"
POPULATION: Final = "population"
WEIGHTS: Final = (COUNT, POPULATION)

MOST: Final = 2**31 - 1
"""Companies of all rows together, and so of one."""

EXPECTED: Final = f"expected a whole number such as 12, from 0 to {MOST:,}"
ROUNDED: Final = "round counts that are not whole, never scale them up: chance would pass for certainty"


def weights_of(sieve: Sieve) -> dict[str, Ints]:
    """Read count and population of each row, as far as there are such columns; refuse rows without them.

    Returns
    -------
    dict
        By role, 0 where the row does not stand.
    """
    found = {role: _weights(sieve, role) for role in WEIGHTS if role in sieve.cells}
    if len(found) == len(WEIGHTS):
        above = found[COUNT] > found[POPULATION]
        sieve.refuse(Fault(WEIGHTS, above, "the count is above the population that it is out of"))
    return found


def _weights(sieve: Sieve, role: str) -> Ints:
    values, missing, bad = numbers(sieve.cells[role])
    with np.errstate(invalid="ignore"):
        whole = values == np.floor(values)
        fits = (values >= 0) & (values <= MOST)
    sieve.refuse(
        Fault((role,), missing, f"no {role} given: {EXPECTED}"),
        Fault((role,), bad, f"not a number: {EXPECTED}"),
        Fault((role,), ~fits, f"no {role} of companies: {EXPECTED}"),
        Fault((role,), ~whole, f"not a whole number: {EXPECTED}; {ROUNDED}"),
    )
    return np.where(sieve.fine, values, 0).astype(np.int64)
