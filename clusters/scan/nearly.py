"""What came nearest to being a cluster, and how far below the bar it stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from clusters.scan.counts import cell_centres
from clusters.scan.kernels import short_by
from clusters.scan.scan import scan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.scan.counts import LabelMap
    from clusters.scan.field import Field
    from clusters.scan.kernels import Own
    from clusters.scan.scan import Scores
    from clusters.scan.threshold import Tail

    Ints = NDArray[np.int64]

APART = 5
"""Places that came near are more than so many times `link_m` from one another, and from a cluster, which does
not lie in their disc either."""

MOST = 50
"""Places listed for a label."""

NEARLY = {
    "easting": "float64",
    "northing": "float64",
    "radius_m": "float64",
    "observed": "int64",
    "companies": "int64",
    "expected": "float64",
    "lq": "float64",
    "log10_p": "float64",
    "e": "float64",
    "p": "float64",
    "minimum": "int64",
    "more": "int64",
}
"""Columns of places that came near, and their types."""


def nearly(passed: Scores, clusters: Ints, ground: Field, tail: Tail) -> pd.DataFrame:
    """Return the places of a label that came nearest, the most striking first.

    Parameters
    ----------
    passed
        Scores of cells that stand out at all.
    clusters
        Numbers of the cells of the label's clusters, near which nothing is listed.

    Returns
    -------
    DataFrame
        easting, northing of the cell's centre; radius_m of its most striking disc; observed, companies,
        expected, lq and log10_p in it; e and p, the chance of anything as striking on a shuffled map, missing
        below the minimum; minimum, the fewest firms that would do; more, the firms of the label that it lacks
        to be specialised (-1: no number would do).
    """
    p = ground.parameters
    x, y = cell_centres(ground.keys, p.cell_m)
    points = np.column_stack([x, y])
    apart = APART * p.link_m
    order = np.lexsort((passed.cells, -passed.k, -passed.statistic))
    if len(clusters) and len(order):
        away, _ = cKDTree(points[clusters]).query(points[passed.cells[order]])
        order = order[away > np.maximum(apart, np.array(p.radii_m)[passed.disc[order]])]
    return _rows(passed, _spaced(points[passed.cells], order, apart), ground, tail)


def best_place(label: LabelMap, own: Own, ground: Field, tail: Tail) -> pd.DataFrame:
    """Return the most likely place of a label of which nothing stands out: one row, as of `nearly`, or none.

    Where no place has the minimum, it is looked for without; `minimum` is still the one asked for.
    """
    rule = ground.rule(label.size)
    for easier in (rule, rule._replace(min_firms=2), rule._replace(min_firms=1, min_lq=1.0)):
        found = scan(label, own, ground, easier, 0.0)
        if len(found.cells):
            best = np.lexsort((found.cells, -found.k, -found.statistic))[:1]
            return _rows(found, best, ground, tail)
    return _rows(found, np.zeros(0, np.int64), ground, tail)


def _spaced(points: NDArray[np.float64], order: Ints, apart: float) -> Ints:
    """Return the first of some places, in their order, that are no nearer than that to one before."""
    kept: list[int] = []
    for place in order:
        near = points[kept] - points[place]
        if not kept or (np.hypot(near[:, 0], near[:, 1]) > apart).all():
            kept.append(int(place))
        if len(kept) == MOST:
            break
    return np.array(kept, np.int64)


def _rows(passed: Scores, chosen: Ints, ground: Field, tail: Tail) -> pd.DataFrame:
    p = ground.parameters
    rows = passed.of(chosen)
    x, y = cell_centres(ground.keys[rows.cells], p.cell_m)
    rule = ground.rule(tail.size)
    limit = tail.limits[p.level]
    # Shuffled maps are not asked about fewer than the minimum.
    asked = rows.k >= rule.min_firms
    e = np.where(asked, [tail.expected(value) for value in rows.statistic], np.nan)
    frame = {
        "easting": x,
        "northing": y,
        "radius_m": np.array(p.radii_m)[rows.disc],
        "observed": rows.k,
        "companies": rows.n,
        "expected": rows.n * rows.baseline,
        "lq": rows.lq,
        "log10_p": 0.0 - rows.statistic,
        "e": e,
        "p": -np.expm1(-e),
        "minimum": rule.min_firms,
        "more": [
            short_by(k, n, baseline, rule, limit)
            for k, n, baseline in zip(rows.k, rows.n, rows.baseline, strict=True)
        ],
    }
    return pd.DataFrame(frame, index=range(len(rows.cells))).astype(NEARLY)
