"""Intervals for location quotients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def lq_interval(
    k: ArrayLike, n: ArrayLike, baseline: ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Return location quotients with the ends of their intervals.

    LQ = (k / n) / baseline. The ends are those of the exact interval for a binomial share (Clopper and
    Pearson, 1934, Biometrika 26, 404-413), divided by the baseline::

        low  = B(a / 2;     k,     n - k + 1) / baseline      (0 when k = 0)
        high = B(1 - a / 2; k + 1, n - k    ) / baseline      (1 / baseline when k = n)

    with B(q; a, b) the q-quantile of the beta distribution. The baseline is taken as known: it rests on many
    more firms than n. Coverage is at least `confidence` for a place chosen beforehand; a cluster was chosen
    for being dense, so its interval leans high, and the test is the threshold, not whether the interval holds
    1.

    Parameters
    ----------
    k, n
        Companies of the label and in all, 0 <= k <= n, of one shape.
    baseline
        Share expected, above 0 and at most 1.

    Returns
    -------
    tuple of arrays
        lq, low, high; not a number where n is 0.
    """
    k, n, share = np.broadcast_arrays(np.asarray(k, float), np.asarray(n, float), np.asarray(baseline, float))
    tail = (1 - confidence) / 2
    empty, full = k == 0, k == n
    low = np.where(empty, 0.0, special.betaincinv(np.where(empty, 1.0, k), n - k + 1, tail))
    high = np.where(full, 1.0, special.betaincinv(k + 1, np.where(full, 1.0, n - k), 1 - tail))
    known = n > 0
    lq = np.divide(k, n * share, out=np.full(k.shape, np.nan), where=known)
    return lq, np.where(known, low / share, np.nan), np.where(known, high / share, np.nan)
