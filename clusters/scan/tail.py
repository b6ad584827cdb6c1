"""Binomial tails, as their logarithms, and a bound on them that is cheap; compiled by numba."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from clusters.scan.compiled import compiled, inlined

if TYPE_CHECKING:
    import numpy as np

    Whole = int | np.integer[Any]

LOG10 = math.log(10.0)
LAST_TERM = 1e-16
"""Terms of a tail below this share of its sum change no digit that is kept."""


@compiled
def log10_tail(k: Whole, n: Whole, share: float) -> float:
    """Return log10 of P(X >= k) for X binomial(n, share) with n share < k <= n, by summing the tail.

    The terms fall at least geometrically from k on, so few are needed, and nothing underflows.
    """
    if share >= 1:
        return 0.0
    first = math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)
    first += k * math.log(share) + (n - k) * math.log1p(-share)
    odds = share / (1 - share)
    part, whole, i = 1.0, 1.0, k
    while i < n and part > LAST_TERM * whole:
        part *= (n - i) / (i + 1.0) * odds
        whole += part
        i += 1
    return min(0.0, (first + math.log(whole)) / LOG10)


@inlined
def most(k: Whole, n: Whole, share: float) -> float:
    """Return a bound that -log10 of the tail cannot exceed: the tail is at least its first term.

    C(n, k) is at least exp(n H(k / n)) / sqrt(8 n (k / n) (1 - k / n)) (Ash, 1965, Information Theory, lemma
    4.7.1), with H the entropy in nats.
    """
    if k == n:
        return -n * math.log(share) / LOG10
    part = k / n
    distance = part * math.log(part / share) + (1 - part) * math.log((1 - part) / (1 - share))
    return (n * distance + 0.5 * math.log(8 * n * part * (1 - part))) / LOG10
