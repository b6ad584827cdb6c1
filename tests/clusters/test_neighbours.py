"""Firms around points: the same numbers as the nearest neighbours of scipy give, on any ground."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import KDTree

from clusters.neighbours import within

DRAWS = np.random.default_rng(11)
GROUNDS = {
    "a country": DRAWS.normal(0, 150_000, (3_000, 2)).round(),
    "a town": DRAWS.normal(0, 2_000, (3_000, 2)).round(),
    "a line": DRAWS.normal(0, 1, (500, 1)) * [90_000, 0],
    "a lattice": np.stack(np.meshgrid(*[np.arange(40) * 250.0] * 2), axis=-1).reshape(-1, 2),
    "a point": np.zeros((1, 2)),
}


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("radius", [1.0, 250.0, 1_000.0, 5_000.0, 50_000.0])
def test_the_firms_around_each_point_are_all_found(ground, radius):
    points = GROUNDS[ground]
    firms = np.random.default_rng(2).integers(1, 9, len(points))
    around = points[:: max(1, len(points) // 200)] + np.array([0.0, 30.0])
    near = KDTree(points).query_ball_point(around, radius)
    assert within(points, firms, around, radius).tolist() == [firms[found].sum() for found in near]


def test_where_nobody_is_nobody_is_found():
    assert within(np.empty((0, 2)), [], [[0, 0]], 1_000).tolist() == [0]
    assert within([[0, 0]], [3], np.empty((0, 2)), 1_000).tolist() == []
