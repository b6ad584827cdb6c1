import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from clusters.scan.interval import lq_interval


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.001, 1))
def test_the_interval_holds_the_quotient_and_stays_possible(k, more, baseline):
    assume(k + more > 0)
    lq, low, high = (float(value) for value in lq_interval(k, k + more, baseline))
    assert 0 <= low <= lq * (1 + 1e-12)
    assert lq <= high * (1 + 1e-12)
    assert high <= (1 / baseline) * (1 + 1e-12)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(2, 20), st.floats(0.01, 1))
def test_the_interval_narrows_with_the_number_of_firms(k, more, times, baseline):
    _, low, high = lq_interval(k, k + more, baseline)
    _, low_of_many, high_of_many = lq_interval(times * k, times * (k + more), baseline)
    assert high_of_many - low_of_many < high - low


@given(st.integers(0, 80), st.integers(1, 80))
def test_a_wider_confidence_gives_a_wider_interval(k, more):
    _, low, high = lq_interval(k, k + more, 0.2, 0.9)
    _, lower, higher = lq_interval(k, k + more, 0.2, 0.99)
    assert lower <= low
    assert high <= higher


def test_a_published_interval_is_reproduced():
    # Clopper-Pearson for 10 of 100: 0.0490 to 0.1762.
    _, low, high = lq_interval(10, 100, 0.1)
    assert low == pytest.approx(0.4900, abs=1e-3)
    assert high == pytest.approx(1.7622, abs=1e-3)


def test_coverage_is_at_least_what_is_claimed():
    n, share, baseline = 30, 0.3, 0.2
    k = np.arange(n + 1)
    _, low, high = lq_interval(k, np.full(n + 1, n), baseline)
    covered = (low <= share / baseline) & (share / baseline <= high)
    assert stats.binom.pmf(k, n, share)[covered].sum() >= 0.95


def test_no_firms_no_quotient():
    assert np.isnan(lq_interval(0, 0, 0.1)).all()
