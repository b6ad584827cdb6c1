import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.counts import cell_keys, cell_positions
from clusters.neighbourhood import cells_near, cumulate, disc_matrix, disc_runs, neighbourhood
from clusters.parameters import ScanParameters


def brute(centres, keys, counts, radius):
    (cx, cy), (x, y) = cell_positions(centres), cell_positions(keys)
    near = np.hypot(cx[:, None] - x, cy[:, None] - y) * 500 <= radius
    return near @ counts


def test_disc_of_the_default_radius_has_37_cells():
    assert sum(2 * width + 1 for _, width in disc_runs(1_600, 500)) == 37


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([500.0, 1_600.0, 4_000.0]))
def test_disc_sums_equal_sums_by_distance(seed, radius):
    draws = np.random.default_rng(seed)
    keys = np.unique(cell_keys(draws.integers(-15, 15, 60), draws.integers(-15, 15, 60)))
    centres = np.unique(cell_keys(draws.integers(-18, 18, 30), draws.integers(-18, 18, 30)))
    counts = draws.integers(0, 9, (len(keys), 3))
    sums = disc_matrix(centres, keys, radius, 500.0) @ cumulate(counts)
    np.testing.assert_array_equal(sums, brute(centres, keys, counts, radius))


def test_cells_near_are_those_whose_disc_holds_one():
    keys = np.array([cell_keys(np.array([3]), np.array([-2]))[0]])
    near = cells_near(keys, 1_600, 500)
    assert len(near) == 37
    assert (brute(near, keys, np.ones(1), 1_600) == 1).all()


def test_only_cells_with_enough_firms_are_tested():
    keys = cell_keys(np.array([0, 100]), np.array([0, 0]))
    around = neighbourhood(np.sort(keys), np.array([9, 10]), ScanParameters())
    columns, _ = cell_positions(around.keys)
    assert len(around.keys) == 37
    assert columns.min() >= 97
