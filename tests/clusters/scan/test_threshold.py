from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from clusters.scan.parameters import ScanParameters
from clusters.scan.threshold import best_statistic, chance, null_maxima, random_map, threshold, untestable
from tests.clusters.grounds import SMALL, ground, label_map, scattered

SIZE = 60


def towns(seed=0, parameters=SMALL):
    """Three towns and a countryside: 900 companies in some 100 cells."""
    draws = np.random.default_rng(seed)
    homes = np.concatenate([draws.normal(at, 4, (250, 2)) for at in ((0, 0), (60, 10), (30, 70))])
    points = np.floor(np.concatenate([homes, draws.uniform(-20, 90, (150, 2))])).astype(np.int64)
    cells, total = np.unique(points, axis=0, return_counts=True)
    return ground(cells[:, 0], cells[:, 1], total, parameters)


# --- The rule


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([19, 20, 39, 99, 199, 200, 217]))
def test_a_statistic_passes_when_its_chance_is_at_most_the_level(seed, relabellings):
    # Many ties, some of them at the threshold itself.
    maxima = 2 + np.random.default_rng(seed).integers(0, 8, relabellings) / 4
    limit = threshold(maxima, 0.05)
    for statistic in np.append(np.unique(maxima), [maxima.max() + 1]):
        assert (statistic > limit) == (chance(statistic, maxima) <= 0.05 + 1e-12)


def test_199_relabellings_take_the_190th_smallest():
    assert threshold(np.arange(2.0, 201.0), 0.05) == 2 + 189


def test_silent_relabellings_still_ask_for_a_tail_below_the_level():
    assert threshold(np.zeros(199), 0.05) == pytest.approx(-log10(0.05))


def test_labels_that_cannot_be_tested_say_why():
    p = ScanParameters()
    assert "9 companies" in untestable(9, 1_000, p)
    assert "1.00" in untestable(500, 500, p)
    assert not untestable(10, 1_000, p)


@pytest.mark.parametrize(("relabellings", "rate"), [(19, 1 / 20), (20, 1 / 21), (39, 2 / 40)])
def test_random_labels_pass_as_often_as_promised(relabellings, rate):
    on, trials = towns(), 250
    every = null_maxima(SIZE, on, ScanParameters(**vars(SMALL) | {"relabellings": trials * relabellings}))
    home = np.repeat(np.arange(len(on.keys)), np.diff(on.everyone))
    draws = np.random.default_rng(7)
    passed = 0
    for maxima in every.reshape(trials, relabellings):
        # Shuffled in another way than the maps that the threshold is learnt from.
        carriers = draws.permutation(home)[:SIZE]
        observed = best_statistic(label_map(np.bincount(carriers, minlength=len(on.keys))), on)
        passed += observed > threshold(maxima, 0.05)
    # Both ends lie beyond three standard deviations, so that neither a lax nor a deaf rule gets through.
    assert stats.binom.cdf(passed, trials, rate) > 0.001
    assert stats.binom.sf(passed - 1, trials, rate) > 0.001


# --- Maxima


def test_maxima_follow_the_seed_and_the_size_alone():
    on = towns()
    one, again = (null_maxima(SIZE, on, SMALL) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert one.shape == (19,)
    assert (one >= 0).all()
    assert one.max() > 0
    other = ScanParameters(**vars(SMALL) | {"seed": 1})
    assert not np.array_equal(one, null_maxima(SIZE, on, other))
    assert not np.array_equal(one, null_maxima(SIZE + 1, on, SMALL))


def test_labels_of_different_sizes_draw_from_different_numbers(monkeypatch):
    on, first = towns(), {}

    def watched(size, where, draws):
        first.setdefault(size, draws.bit_generator.state["state"]["state"])
        return random_map(size, where, draws)

    monkeypatch.setattr("clusters.scan.threshold.random_map", watched)
    for size in (60, 61, 600):
        null_maxima(size, on, SMALL)
    assert len(set(first.values())) == 3


def test_more_relabellings_begin_as_fewer_do():
    on, more = towns(), ScanParameters(**vars(SMALL) | {"relabellings": 39})
    np.testing.assert_array_equal(null_maxima(SIZE, on, more)[:19], null_maxima(SIZE, on, SMALL))


def test_a_concentrated_map_beats_every_random_one():
    on = towns()
    counts = np.zeros(len(on.keys), dtype=np.int64)
    order = np.argsort(-np.diff(on.everyone))[:10]
    counts[order] = np.diff(on.everyone)[order]
    observed = best_statistic(label_map(counts), on)
    assert observed > null_maxima(counts.sum(), on, SMALL).max()


# --- Random maps


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_no_company_is_drawn_twice(seed, part):
    on, _ = scattered(seed)
    draws = np.random.default_rng(seed)
    for size in {1, max(1, round(part * on.size)), on.size // 2, on.size - 1, on.size}:
        label = random_map(size, on, draws)
        assert label.size == size
        assert (np.diff(label.cells) > 0).all()
        assert (label.counts > 0).all()
        assert (label.counts <= np.diff(on.everyone)[label.cells]).all()


def test_a_draw_that_comes_short_is_made_again():
    on = towns()

    class Unlucky:
        """Hits too few different companies at first."""

        left = 2

        def integers(self, low, high, number):
            self.left -= 1
            picks = np.arange(low, number) % high
            return np.minimum(picks, SIZE - 2 + (self.left < 0) * high)

    unlucky = Unlucky()
    assert random_map(SIZE, on, unlucky).size == SIZE
    assert unlucky.left == -1


def test_draws_repeat_with_their_seed():
    on = towns()
    one, again = (random_map(SIZE, on, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one.cells, again.cells)
    np.testing.assert_array_equal(one.counts, again.counts)


@pytest.mark.parametrize("size", [1, 7, 20, 33, 39])
def test_every_company_is_as_likely_and_every_pair_too(size):
    total = np.array([1, 2, 3, 5, 9, 20])
    on = ground(np.arange(6) * 3, np.zeros(6), total)
    draws, maps = np.random.default_rng(size), 2_500
    found = np.array([random_map(size, on, draws).at(np.arange(6)) for _ in range(maps)])
    law = stats.multivariate_hypergeom(total, size)
    error = np.sqrt(np.diag(law.cov()) / maps)
    assert (np.abs(found.mean(axis=0) - law.mean()) < 4.5 * error).all()
    # Variances and covariances: with replacement they would be 39 / (40 - size) times as large.
    np.testing.assert_allclose(np.cov(found.T), law.cov(), atol=0.12 * np.diag(law.cov()).max())


def test_counts_of_a_cell_follow_the_hypergeometric_law():
    on = ground([0, 50], [0, 0], [12, 18])
    draws, maps = np.random.default_rng(1), 4_000
    for size in (10, 22):
        found = np.array([random_map(size, on, draws).at(np.array([0]))[0] for _ in range(maps)])
        expected = maps * stats.hypergeom(30, 12, size).pmf(np.arange(13))
        many = expected > 5
        observed = np.bincount(found, minlength=13)
        pooled = [np.append(each[many], each[~many].sum() + 1e-9) for each in (observed, expected)]
        assert stats.chisquare(*pooled, sum_check=False).pvalue > 0.001
