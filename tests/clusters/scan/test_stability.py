from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.field import field, half_widths
from clusters.scan.scan import scan, score
from clusters.scan.stability import Candidate, back, stability
from tests.clusters.grounds import SMALL, ground, label_map, scattered

AGAIN = replace(SMALL, min_firms=10, resamples=100)


def apart(counts, total, parameters=AGAIN, threshold=3.0, name="x"):
    """Places too far from one another for any disc or ring, each a cluster of its own."""
    on = ground(np.arange(len(total)) * 1_000, np.zeros(len(total)), total, parameters)
    every = np.arange(len(total))
    return Candidate(name, label_map(counts), every, every, threshold), on


def test_strong_places_come_back_and_weak_ones_seldom():
    one, on = apart([60, 11, 29], [60, 40, 900])
    (found,) = stability([one], on, AGAIN)
    strong, weak, none = found.frequency
    assert strong == 1
    assert 0.1 < weak < 0.9
    assert none == 0
    assert found.returns.tolist() == found.frequency.tolist()


def test_counts_are_resampled_as_if_each_company_were():
    counts, total = np.array([8, 6, 30]), np.array([40, 20, 900])
    p = replace(AGAIN, min_firms=5, resamples=400)
    one, on = apart(counts, total, p)
    (found,) = stability([one], on, p)
    draws, times, alone = np.random.default_rng(5), 400, np.zeros(3)
    for _ in range(times):
        k = np.array([draws.poisson(1, number).sum() for number in counts])
        n = k + np.array([draws.poisson(1, number).sum() for number in total - counts])
        again = field(on.keys, n, p)
        alone += score(one.cells, label_map(k), again).statistic > one.threshold
    share = (alone / times + found.frequency) / 2
    assert (share[:2] > 0.15).all()
    assert (share[:2] < 0.85).all()
    error = np.sqrt(share * (1 - share) * (1 / times + 1 / p.resamples))
    assert (np.abs(alone / times - found.frequency) <= 4 * error).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(1, 6))
def test_frequencies_are_shares_of_the_resamples(seed, threshold):
    on, label = scattered(seed)
    p = replace(SMALL, resamples=8)
    cells = scan(label, on, threshold).cells
    group = np.arange(len(cells)) % 3
    (found,) = stability([Candidate("x", label, cells, group, threshold)], on, p)
    assert found.frequency.shape == cells.shape
    assert found.returns.shape == (min(3, len(cells)),)
    for shares in (found.frequency, found.returns):
        assert ((shares >= 0) & (shares <= 1)).all()
        np.testing.assert_allclose(shares * 8, np.round(shares * 8), atol=1e-9)


def test_draws_depend_on_label_and_seed_alone():
    one, on = apart([14, 12, 40], [40, 40, 900])
    other = replace(one, name="y")
    (first,) = stability([one], on, AGAIN)
    beside = stability([other, one], on, AGAIN)
    np.testing.assert_array_equal(first.frequency, beside[1].frequency)
    assert not np.array_equal(first.frequency, beside[0].frequency)
    (seeded,) = stability([one], on, replace(AGAIN, seed=1))
    assert not np.array_equal(first.frequency, seeded.frequency)


def test_labels_share_the_resamples_of_all_companies():
    # Whatever their names, two labels of all companies of their places are resampled alike.
    one, on = apart([40, 12, 0], [40, 12, 5_000], threshold=1.0)
    found = stability([one, replace(one, name="y")], on, AGAIN)
    np.testing.assert_array_equal(found[0].frequency, found[1].frequency)
    assert found[0].frequency[0] == 1
    # Poisson(12) is 10 or more in 76% of resamples.
    assert found[0].frequency[1] == pytest.approx(0.76, abs=0.13)


def test_a_pool_of_threads_finds_the_same():
    one, on = apart([14, 12, 40], [40, 40, 900])
    (alone,) = stability([one], on, AGAIN)
    with ThreadPoolExecutor(3) as pool:
        (pooled,) = stability([one], on, AGAIN, pool.map)
    np.testing.assert_array_equal(alone.frequency, pooled.frequency)
    np.testing.assert_array_equal(alone.returns, pooled.returns)


def test_a_cluster_is_back_when_half_of_its_firms_are_near_specialised_cells():
    on = ground([0, 2, 10, 500], [0, 0, 0, 0], [4, 2, 6, 5])
    one = Candidate("x", label_map([4, 2, 6, 5]), np.arange(4), np.array([0, 0, 0, 1]), 1.0)
    reach = half_widths(2.5, 1.0)

    def returned(*again, overlap=0.5):
        return back(one, np.array(again, dtype=bool), on, reach, overlap).tolist()

    # The first two cells are near each other; either stands for 6 of 12.
    assert returned(1, 0, 0, 0) == returned(0, 1, 0, 0) == [True, False]
    assert returned(0, 0, 1, 1) == [True, True]
    assert returned(0, 0, 0, 0) == [False, False]
    assert returned(1, 1, 0, 1, overlap=0.6) == [False, True]
    assert returned(1, 0, 1, 0, overlap=1.0) == [True, False]


def test_without_resamples_nothing_is_claimed():
    one, on = apart([60, 11], [60, 400])
    (found,) = stability([one], on, replace(AGAIN, resamples=0))
    assert np.isnan(found.frequency).all()
    assert np.isnan(found.returns).all()
    assert found.frequency.shape == found.returns.shape == (2,)


def test_without_clusters_there_is_nothing_to_resample():
    _, on = apart([60, 11], [60, 400])
    assert stability([], on, AGAIN) == []


def test_a_label_that_vanishes_from_a_resample_is_not_back():
    # One company: its weight is 0 in 37% of resamples.
    p = replace(AGAIN, min_firms=1)
    one, on = apart([1, 0], [1, 900], p, threshold=1.0)
    (found,) = stability([one], on, p)
    assert found.frequency[0] == pytest.approx(0.63, abs=0.15)
    assert found.frequency[1] == 0


def test_inputs_are_left_as_they_are():
    one, on = apart([14, 12, 40], [40, 40, 900])
    kept = on.everyone.copy(), one.label.counts.copy()
    stability([one], on, AGAIN)
    np.testing.assert_array_equal(on.everyone, kept[0])
    np.testing.assert_array_equal(one.label.counts, kept[1])
