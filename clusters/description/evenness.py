"""What the statistics of employment and of births share: when they speak, and how their tests are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

FEWEST: Final = 5
"""With fewer firms known nothing is said of a cluster."""

LEVEL: Final = 0.05
"""A cluster differs from its label where q is at most this."""


def two_sided(above: ArrayLike, below: ArrayLike) -> Floats:
    """Return the chance of a tail as thin as the thinner of two, whichever it is: twice it, at most 1."""
    return np.asarray(np.minimum(1.0, 2 * np.minimum(above, below)), dtype=float)


def drawn_without_return(hits: ArrayLike, drawn: ArrayLike, marked: ArrayLike, firms: ArrayLike) -> Floats:
    """Return how likely a count as far from the expected one is, either way, by the hypergeometric law.

    Parameters
    ----------
    hits
        Marked ones among the drawn.
    drawn
        How many are drawn of all, none twice.
    marked, firms
        Marked ones among all, and all.

    Examples
    --------
    >>> round(float(drawn_without_return(8, 8, 60, 150)), 6)
    0.000973
    """
    law = stats.hypergeom(firms, marked, drawn)
    return two_sided(law.sf(np.asarray(hits) - 1), law.cdf(hits))


def false_discovery(p: pd.Series) -> pd.Series:
    """Return q by Benjamini and Hochberg (1995) on the same index; missing where p is.

    Examples
    --------
    >>> false_discovery(pd.Series([0.01, 0.04, float("nan"), 0.03])).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    known = p.dropna()
    found = stats.false_discovery_control(known) if len(known) else known.to_numpy()
    return pd.Series(found, index=known.index, dtype=float).reindex(p.index)
