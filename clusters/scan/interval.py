"""Intervals for location quotients: of places chosen beforehand, and of clusters, which were chosen.

A cluster was found for being dense, and its cells were taken for the firms in them, so chance is on its side
twice over. Two things are allowed for:

- *The shape.* Were each firm in turn left out, the cluster would lose the cells that it has for that firm
  alone; the firms that stand in such cells are, on average, what the choice of cells adds (Robbins, 1968,
  "Estimating the total probability of the unobserved outcomes of an experiment", Annals of Mathematical
  Statistics 39, 256-257; for Poisson counts, E[mean; chosen] = E[count; chosen even with one fewer]). They
  are firms alone in their cell, and `ALONE` of these, as measured by benchmarks/bench_interval.py.
- *The limit.* Where the cluster may be no more than chance, the low end conditions on the disc having passed
  its limit: it inverts P(X >= k) / P(X >= c), c being the count at which it would just have been found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ALONE = 0.25
"""Share of the firms alone in their cell that the choice of cells accounts for."""

SLACK = 1 - 1e-9
"""Rounding allowed when a count is compared with the least quotient, as in the scan."""

HALVINGS = 60
"""Steps of a bisection: the ends are exact to all digits that are kept."""


def lq_interval(
    k: ArrayLike, n: ArrayLike, baseline: ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Return location quotients with the ends of their intervals.

    LQ = (k / n) / baseline. The ends are those of the exact interval for a binomial share (Clopper and
    Pearson, 1934, Biometrika 26, 404-413), divided by the baseline::

        low  = B(a / 2;     k,     n - k + 1) / baseline      (0 when k = 0)
        high = B(1 - a / 2; k + 1, n - k    ) / baseline      (1 / baseline when k = n)

    with B(q; a, b) the q-quantile of the beta distribution. The baseline is taken as known: it rests on many
    more firms than n. Coverage is at least `confidence` for a place chosen beforehand; for a cluster, which
    was chosen for being dense, see `chosen_interval`.

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


def chosen_interval(
    k: ArrayLike,
    n: ArrayLike,
    baseline: ArrayLike,
    alone: ArrayLike = 0.0,
    spare: ArrayLike = np.inf,
    *,
    confidence: float = 0.95,
) -> tuple[Floats, Floats, Floats]:
    """Return location quotients of clusters that allow for their choice, with the ends of their intervals.

    With nothing alone and nothing to spare from, these are those of `lq_interval`.

    Parameters
    ----------
    k, n
        Companies of the label and in all, in the cluster's cells.
    baseline
        Share expected, above 0 and at most 1.
    alone
        Companies of the label that are alone in their cell, at most k.
    spare
        Companies that a cluster which may be chance had beyond the fewest that would have been found; without
        end where the limit is not allowed for.

    Returns
    -------
    tuple of arrays
        fair, low, high: `fair` lies between the ends, and so does the quotient as it was observed.
    """
    columns = (np.asarray(column, float) for column in (k, n, baseline, alone, spare))
    k, n, share, alone, spare = np.broadcast_arrays(*columns)
    kept = k - ALONE * alone
    fair, low, high = lq_interval(kept, n, share, confidence)
    low = np.where(
        np.isfinite(spare), _beyond(kept, n, kept - spare, (1 - confidence) / 2, low * share) / share, low
    )
    observed, _, _ = lq_interval(k, n, share, confidence)
    return fair, low, np.fmax(high, observed)


def _beyond(k: Floats, n: Floats, least: Floats, tail: float, most: Floats) -> Floats:
    """Return the share p at which P(X >= k) / P(X >= least) is the tail; 0 where k is no more than the least.

    Parameters
    ----------
    most
        Share that p cannot exceed: the one at which P(X >= k) alone is the tail.
    """
    low, high = np.zeros(k.shape), np.nan_to_num(most)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        over = _at_least(k, n, middle) > tail * _at_least(least, n, middle)
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return np.where(k > least, np.where(np.isnan(most), np.nan, low), 0.0)


def _at_least(k: Floats, n: Floats, share: Floats) -> Floats:
    """Return P(X >= k) of a binomial X, for counts that need not be whole."""
    within = np.clip(k, 1e-12, n)
    return np.where(k <= 0, 1.0, special.betainc(within, n - within + 1, share))


def least_found(
    n: ArrayLike, baseline: ArrayLike, threshold: ArrayLike, min_firms: ArrayLike, min_lq: float
) -> Floats:
    """Return the fewest companies of a label that make a disc pass.

    Parameters
    ----------
    n, baseline
        Companies in the disc, and share expected.
    threshold
        Log10 of the tail that it must be below.
    min_firms, min_lq
        Fewest companies, and lowest quotient.

    Returns
    -------
    array
        n + 1 where no count passes; not a number where nothing was tested.
    """
    columns = (np.asarray(column, float) for column in (n, baseline, threshold, min_firms))
    n, share, threshold, least = np.broadcast_arrays(*columns)
    low = np.fmax(least, np.ceil(min_lq * SLACK * n * share)) - 1
    high = np.fmax(low + 1, n + 1)
    limit = 10.0**threshold
    while ((high - low) > 1).any():
        middle = np.floor((low + high) / 2)
        passed = (special.betainc(np.fmax(middle, 1e-12), np.fmax(n - middle + 1, 1e-12), share) < limit) | (
            middle > n
        )
        wide = high - low > 1
        low, high = np.where(wide & ~passed, middle, low), np.where(wide & passed, middle, high)
    return np.where(np.isnan(threshold), np.nan, high)
