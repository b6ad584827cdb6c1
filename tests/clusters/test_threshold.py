from math import log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.counts import cell_keys
from clusters.neighbourhood import neighbourhood
from clusters.parameters import ScanParameters
from clusters.threshold import chance, null_maxima, threshold, untestable


@given(st.integers(0, 10**6), st.sampled_from([19, 99, 199, 200, 217]))
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


def test_maxima_follow_the_seed_and_the_size_alone():
    keys = np.sort(cell_keys(np.arange(12) * 3, np.zeros(12, dtype=np.int64)))
    total = np.full(12, 20)
    p = ScanParameters(relabellings=39, min_firms=5)
    around = neighbourhood(keys, total, p)
    one, again = (null_maxima(60, total, around, p) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert len(one) == 39
    assert (one >= 0).all()
    assert one.max() > 0
    other = null_maxima(60, total, around, ScanParameters(relabellings=39, min_firms=5, seed=1))
    assert not np.array_equal(one, other)


def test_maxima_do_not_depend_on_how_much_is_held_at_a_time(monkeypatch):
    keys = np.sort(cell_keys(np.arange(12) * 3, np.zeros(12, dtype=np.int64)))
    total, p = np.full(12, 20), ScanParameters(relabellings=39, min_firms=5)
    around = neighbourhood(keys, total, p)
    whole = null_maxima(60, total, around, p)
    monkeypatch.setattr("clusters.threshold.BLOCK", 7 * len(around.keys))
    np.testing.assert_array_equal(whole, null_maxima(60, total, around, p))
