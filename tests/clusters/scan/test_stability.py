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

# Places of one kind, so that few of them are compared with the nation alone.
AGAIN = replace(SMALL, min_firms=10, follow=False, resamples=100, kinds=(1, 1))


def apart(counts, total, parameters=AGAIN, threshold=3.0, name="x"):
    """Places too far from one another for any disc or ring, each a cluster of its own."""
    on = ground(np.arange(len(total)) * 1_000, np.zeros(len(total)), total, parameters)
    every = np.arange(len(total))
    return Candidate(name, label_map(counts), every, every, np.full(len(total), threshold)), on


def test_strong_places_come_back_and_weak_ones_seldom():
    one, on = apart([60, 11, 29], [60, 40, 900])
    (found,) = stability([one], on)
    strong, weak, none = found.frequency
    assert strong == 1
    assert 0.1 < weak < 0.9
    assert none == 0
    assert found.returns.tolist() == found.frequency.tolist()


def test_counts_are_resampled_as_if_each_company_were():
    counts, total = np.array([8, 6, 30]), np.array([40, 20, 900])
    p = replace(AGAIN, min_firms=5, resamples=400)
    one, on = apart(counts, total, p)
    (found,) = stability([one], on)
    draws, times, alone = np.random.default_rng(5), 400, np.zeros(3)
    for _ in range(times):
        k = np.array([draws.poisson(1, number).sum() for number in counts])
        n = k + np.array([draws.poisson(1, number).sum() for number in total - counts])
        again = field(on.keys, n, p)
        carried = label_map(k)
        alone += (
            score(one.cells, again.own(carried), again, again.rule(carried.size)).statistic > one.threshold
        )
    share = (alone / times + found.frequency) / 2
    assert (share[:2] > 0.15).all()
    assert (share[:2] < 0.85).all()
    error = np.sqrt(share * (1 - share) * (1 / times + 1 / p.resamples))
    assert (np.abs(alone / times - found.frequency) <= 4 * error).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(1, 6))
def test_frequencies_are_shares_of_the_resamples(seed, threshold):
    on, label = scattered(seed, replace(SMALL, resamples=8))
    cells = scan(label, on.own(label), on, on.rule(label.size), threshold).cells
    group = np.arange(len(cells)) % 3
    limits = np.full(min(3, len(cells)), threshold)
    (found,) = stability([Candidate("x", label, cells, group, limits)], on)
    assert found.frequency.shape == cells.shape
    assert found.returns.shape == (min(3, len(cells)),)
    for shares in (found.frequency, found.returns):
        assert ((shares >= 0) & (shares <= 1)).all()
        np.testing.assert_allclose(shares * 8, np.round(shares * 8), atol=1e-9)


def test_draws_depend_on_label_and_seed_alone():
    one, on = apart([14, 12, 40], [40, 40, 900])
    other = replace(one, name="y")
    (first,) = stability([one], on)
    beside = stability([other, one], on)
    np.testing.assert_array_equal(first.frequency, beside[1].frequency)
    assert not np.array_equal(first.frequency, beside[0].frequency)
    (seeded,) = stability([one], replace(on, parameters=replace(AGAIN, seed=1)))
    assert not np.array_equal(first.frequency, seeded.frequency)


def test_labels_share_the_resamples_of_all_companies():
    # Whatever their names, two labels of all companies of their places are resampled alike.
    one, on = apart([40, 12, 0], [40, 12, 5_000], threshold=1.0)
    found = stability([one, replace(one, name="y")], on)
    np.testing.assert_array_equal(found[0].frequency, found[1].frequency)
    assert found[0].frequency[0] == 1
    # Poisson(12) is 10 or more in 76% of resamples.
    assert found[0].frequency[1] == pytest.approx(0.76, abs=0.13)


def test_a_pool_of_threads_finds_the_same():
    one, on = apart([14, 12, 40], [40, 40, 900])
    (alone,) = stability([one], on)
    with ThreadPoolExecutor(3) as pool:
        (pooled,) = stability([one], on, pool.map)
    np.testing.assert_array_equal(alone.frequency, pooled.frequency)
    np.testing.assert_array_equal(alone.returns, pooled.returns)


def test_a_cluster_is_back_when_half_of_its_firms_are_near_specialised_cells():
    on = ground([0, 2, 10, 500], [0, 0, 0, 0], [4, 2, 6, 5])
    one = Candidate("x", label_map([4, 2, 6, 5]), np.arange(4), np.array([0, 0, 0, 1]), np.ones(2))
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
    (found,) = stability([one], replace(on, parameters=replace(AGAIN, resamples=0)))
    assert np.isnan(found.frequency).all()
    assert np.isnan(found.returns).all()
    assert found.frequency.shape == found.returns.shape == (2,)


def test_without_clusters_there_is_nothing_to_resample():
    _, on = apart([60, 11], [60, 400])
    assert stability([], on) == []


def test_a_label_that_vanishes_from_a_resample_is_not_back():
    # One company: its weight is 0 in 37% of resamples.
    p = replace(AGAIN, min_firms=1)
    one, on = apart([1, 0], [1, 900], p, threshold=1.0)
    (found,) = stability([one], on)
    assert found.frequency[0] == pytest.approx(0.63, abs=0.15)
    assert found.frequency[1] == 0


def test_inputs_are_left_as_they_are():
    one, on = apart([14, 12, 40], [40, 40, 900])
    kept = on.everyone.copy(), one.label.counts.copy()
    stability([one], on)
    np.testing.assert_array_equal(on.everyone, kept[0])
    np.testing.assert_array_equal(one.label.counts, kept[1])


def test_each_cluster_is_looked_for_at_its_own_limit():
    one, on = apart([30, 30, 40], [60, 60, 900])
    strict = replace(one, threshold=np.array([3.0, 1e3, 3.0]))
    (found,), (harder,) = stability([one], on), stability([strict], on)
    assert found.returns[0] == found.frequency[0] == harder.returns[0] > 0.9
    assert found.returns[1] > 0.9
    assert harder.returns[1] == harder.frequency[1] == 0


def test_with_kinds_of_places_the_same_seed_gives_the_same_answer():
    p = replace(SMALL, resamples=20, kinds=(4, 2))
    on, label = scattered(11, p)
    cells = scan(label, on.own(label), on, on.rule(label.size), 1.0).cells
    one = Candidate("x", label, cells, np.zeros(len(cells), np.int64), np.full(1, 1.5))
    assert len(np.unique(on.ground.kinds[0])) > 1
    (first,), (second,) = stability([one], on), stability([one], on)
    assert first.frequency.max() > 0
    np.testing.assert_array_equal(first.frequency, second.frequency)
    np.testing.assert_array_equal(first.returns, second.returns)


def test_a_resample_is_compared_with_the_kinds_of_the_register_as_it_is():
    # Thirteen villages, each a quarter of potters, as their kind is; in a register of towns without any.
    p = replace(AGAIN, kinds=(2, 2), kind_prior=0.0, min_firms=4, resamples=50)
    counts, total = np.array([5] * 13 + [0] * 17), np.array([20] * 13 + [60] * 17)
    one, on = apart(counts, total, p, threshold=2.0)
    (found,) = stability([one], on)
    assert found.frequency[:13].max() < 0.1
    # Against the nation alone, as where all places are of one kind, they come back far more often.
    plain, ground_of_one_kind = apart(counts, total, replace(p, kinds=(1, 1)), threshold=2.0)
    (alone,) = stability([plain], ground_of_one_kind)
    assert alone.frequency[:13].mean() > 0.2
