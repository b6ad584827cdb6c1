import numpy as np

from clusters.counts import cell_keys
from clusters.neighbourhood import around
from clusters.parameters import ScanParameters
from clusters.stability import resample, returns


def in_a_row(*columns):
    return cell_keys(np.array(columns), np.zeros(len(columns), dtype=np.int64))


def test_strong_places_come_back_and_weak_ones_seldom():
    keys, p = in_a_row(0, 100, 200), ScanParameters(min_firms=10)
    label, total = np.array([60, 11, 29]), np.array([60, 40, 900])
    again = resample("x", (label, total), around(keys, keys, p), 3.0, p)
    assert again.shape == (3, 100)
    strong, weak, none = again.mean(axis=1)
    assert strong == 1
    assert 0.2 < weak < 0.95
    assert none == 0


def test_draws_depend_on_label_and_seed():
    keys, p = in_a_row(0, 100), ScanParameters(min_firms=5)
    counts, near = (np.array([8, 2]), np.array([20, 80])), around(keys, keys, p)
    one = resample("x", counts, near, 3.0, p)
    np.testing.assert_array_equal(one, resample("x", counts, near, 3.0, p))
    assert not np.array_equal(one, resample("y", counts, near, 3.0, p))


def test_a_cluster_is_back_when_discs_hold_half_of_its_firms():
    cells, firms = in_a_row(0, 3, 10), np.array([4, 2, 6])
    first, last, none, middle = ([1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 0])
    again = np.array([first, last, none, middle], dtype=bool).T
    # The discs of the first two cells reach each other; either holds 6 of 12.
    assert returns(again, cells, firms, ScanParameters()) == 0.75
    assert returns(again, cells, firms, ScanParameters(overlap=0.6)) == 0


def test_without_resamples_nothing_is_claimed():
    assert np.isnan(
        returns(np.zeros((3, 0), dtype=bool), in_a_row(0, 1, 2), np.ones(3), ScanParameters(resamples=0))
    )


def test_draws_do_not_depend_on_how_much_is_held_at_a_time(monkeypatch):
    keys, p = in_a_row(0, 100), ScanParameters(min_firms=5)
    counts, near = (np.array([8, 2]), np.array([20, 80])), around(keys, keys, p)
    whole = resample("x", counts, near, 3.0, p)
    monkeypatch.setattr("clusters.stability.BLOCK", 14)
    np.testing.assert_array_equal(whole, resample("x", counts, near, 3.0, p))
