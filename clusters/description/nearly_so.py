"""In words, what came near to being a cluster and how far below the bar it stayed."""

from __future__ import annotations

from math import expm1, isfinite
from typing import Any

import pandas as pd

from data.plural import count

RARE = 1e-6
"""Chances below this are not told any closer."""


def said(places: pd.DataFrame) -> pd.Series:
    """Return a sentence for each place, on its index.

    Parameters
    ----------
    places
        observed, companies, expected, e, p, minimum and more, as `clusters.scan.nearly` has them.
    """
    sentences = [_sentence(row) for row in places.itertuples(index=False)]
    return pd.Series(sentences, index=places.index, dtype=object)


def _sentence(row: Any) -> str:
    if row.observed < 2:
        return "no two of its firms stand near one another"
    firms = f"{count(row.observed, 'firm')} where {row.expected:.1f} are expected"
    if row.observed < row.minimum:
        return f"{firms}: a cluster of this label needs {row.minimum:,}"
    more = f"about {count(row.more, 'firm')} more would make it a cluster" if row.more > 0 else ""
    return "; ".join(filter(None, [firms, _chance(row.e), more]))


def _chance(expected: float) -> str:
    """Say how often shuffled maps show anything as striking."""
    if not isfinite(expected):
        return ""
    if expected < RARE:
        return "chance does as well in fewer than 1 of a million maps"
    if expected >= 1:
        return "most shuffled maps show a place as striking"
    return f"chance does as well in 1 of {max(2, round(-1 / expm1(-expected))):,} maps"
