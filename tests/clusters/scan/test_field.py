import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.counts import bin_points, cell_keys, cell_positions
from clusters.scan.field import cells_near, field, half_widths
from clusters.scan.parameters import ScanParameters
from data.errors import InputError
from tests.clusters.grounds import (
    SMALL,
    around_squares,
    by_distance,
    ground,
    kinds_of_places,
    label_map,
    scattered,
)

SEEDS = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(st.one_of(st.integers(1, 60).map(float), st.floats(1, 60)), st.sampled_from([1.0, 250.0, 500.0]))
def test_a_disc_holds_the_cells_whose_centres_lie_within_its_radius(radius, cell):
    widths = half_widths(radius * cell, cell)
    reach = len(widths) // 2
    assert len(widths) == 2 * reach + 1
    across, along = np.meshgrid(np.arange(-reach - 1, reach + 2), np.arange(-reach - 1, reach + 2))
    inside = across**2 + along**2 <= (radius * cell / cell) ** 2
    assert inside.sum(axis=1).tolist() == [0, *(2 * widths + 1), 0]


def test_the_discs_in_use():
    cells = [(2 * half_widths(radius, 250.0) + 1).sum() for radius in ScanParameters().radii_m]
    assert cells == [5, 21, 69, 293]


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_a_field_counts_all_companies_in_each_disc(seed):
    on, label = scattered(seed)
    total = np.diff(on.everyone)
    assert on.size == total.sum()
    for n, radius in zip(on.n, SMALL.radii_m, strict=True):
        assert n.tolist() == by_distance(on.keys, total, radius).tolist()
    running = on.running(label)
    assert running[0] == 0
    assert np.diff(running).tolist() == label.at(np.arange(len(on.keys))).tolist()


def test_nothing_is_changed_that_was_given():
    keys, total = cell_keys(np.array([-5, 0, 9]), np.array([-2, -2, 4])), np.array([3, 1, 2])
    kept = keys.copy(), total.copy()
    on = field(keys, total, SMALL)
    on.in_discs(label_map([1, 0, 2]))
    np.testing.assert_array_equal(keys, kept[0])
    np.testing.assert_array_equal(total, kept[1])


def test_a_field_without_cells_holds_nothing():
    on = field(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), ScanParameters())
    assert on.size == 0
    assert on.n.shape == (4, 0)


def test_the_edge_of_what_can_be_mapped_reaches_the_discs():
    # One cell: every disc and the ring lie over the edge of all that is occupied.
    on = field(cell_keys(np.array([-1]), np.array([-1])), np.array([4]), ScanParameters())
    assert on.n.tolist() == [[4]] * 4


@pytest.mark.parametrize("far", [2e7, 1e9, 1e11])
def test_firms_too_far_apart_are_refused_in_words(far):
    keys = bin_points(pd.Series([0.0, far]), pd.Series([0.0, far]), 250.0).to_numpy()
    with pytest.raises(InputError, match=r"rows and .* columns of cells; .*are the coordinates metres\?"):
        field(keys, np.array([1, 1]), ScanParameters())


def test_all_of_europe_is_not_too_far_apart():
    # EPSG:3035, from the Canaries to the Urals and North Cape.
    keys = bin_points(pd.Series([0.0, 7_500_000.0]), pd.Series([0.0, 5_500_000.0]), 250.0).to_numpy()
    assert field(keys, np.array([1, 1]), ScanParameters()).size == 2


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.sampled_from([1.0, 2.5, 5.0]))
def test_cells_near_are_all_whose_disc_holds_one(seed, radius):
    draws = np.random.default_rng(seed)
    column, row = draws.integers(-9, 9, (2, draws.integers(1, 12)))
    found = cells_near(np.unique(cell_keys(column, row)), radius * 250, 250.0)
    across, along = (axis.ravel() for axis in np.meshgrid(np.arange(-20, 21), np.arange(-20, 21)))
    apart = np.subtract.outer(across, column) ** 2 + np.subtract.outer(along, row) ** 2
    near = apart.min(axis=1) <= radius**2
    assert found.tolist() == np.sort(cell_keys(across[near], along[near])).tolist()


def test_no_cells_are_near_nothing():
    assert len(cells_near(np.zeros(0, dtype=np.int64), 300.0, 250.0)) == 0


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))
def test_a_field_moved_by_whole_cells_holds_the_same(seed, columns, rows):
    on, label = scattered(seed)
    column, row = cell_positions(on.keys)
    moved = field(cell_keys(column + columns, row + rows), np.diff(on.everyone), SMALL)
    np.testing.assert_array_equal(on.n, moved.n)
    np.testing.assert_array_equal(on.in_discs(label), moved.in_discs(label))


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_kinds_of_places_are_ranks_among_quantiles_of_all_companies(seed):
    on, _ = scattered(seed)
    wanted = kinds_of_places(on)
    assert [kind.tolist() for kind in on.ground.kinds] == [kind.tolist() for kind in wanted]
    total = np.diff(on.everyone)
    for kind, sizes in zip(on.ground.kinds, on.ground.kind_sizes, strict=True):
        assert sizes.sum() == on.size
        assert [total[kind == number].sum() for number in range(len(sizes))] == sizes.tolist()


def test_a_town_is_another_kind_of_place_than_a_village():
    on = ground(np.arange(30) * 100, np.zeros(30), [4] * 20 + [300] * 10)
    kinds = [set(on.ground.kinds[:, cells].ravel().tolist()) for cells in (slice(20), slice(20, 30))]
    assert not kinds[0] & kinds[1]


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_other_numbers_of_companies_leave_the_kinds_and_change_the_window(seed):
    on, _ = scattered(seed)
    kept = on.everyone.copy(), on.ground.window.copy()
    total = np.random.default_rng(seed).poisson(np.diff(on.everyone))
    again = on.resampled(total)
    assert again.size == total.sum()
    assert np.diff(again.everyone).tolist() == total.tolist()
    assert again.ground.window[on.ground.square].tolist() == around_squares(on, total).tolist()
    np.testing.assert_array_equal(again.ground.kinds, on.ground.kinds)
    np.testing.assert_array_equal(on.everyone, kept[0])
    np.testing.assert_array_equal(on.ground.window, kept[1])
