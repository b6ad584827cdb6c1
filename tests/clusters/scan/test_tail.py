import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from clusters.scan.tail import log10_tail, most
from tests.clusters.grounds import exact_tail


@settings(deadline=None)
@given(st.integers(1, 2_000), st.floats(1e-6, 0.999), st.floats(1e-6, 1))
def test_tail_is_the_binomial_one(n, share, part):
    k = min(n, int(n * share) + 1 + int(part * n * (1 - share)))
    assert log10_tail(k, n, share) == pytest.approx(exact_tail(k, n, share), abs=1e-7, rel=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "share"),
    [
        (900, 1_000, 0.05),
        (40_000, 100_000, 0.2),
        (1_000, 1_000, 0.01),
        (60_000, 5_000_000, 0.01),
        (10, 10, 1e-40),
    ],
)
def test_tail_beyond_the_smallest_float_keeps_its_logarithm(k, n, share):
    found = log10_tail(k, n, share)
    assert np.isfinite(found)
    assert found < -300
    assert found == pytest.approx(exact_tail(k, n, share), abs=1e-6)


def test_tail_where_k_is_all_and_where_all_carry_the_label():
    assert log10_tail(7, 7, 0.1) == pytest.approx(-7)
    assert log10_tail(7, 7, 1.0) == 0


def test_tail_just_above_what_is_expected_in_a_large_disc():
    k, n, share = 100_001, 1_000_000, 0.1
    assert log10_tail(k, n, share) == pytest.approx(stats.binom.logsf(k - 1, n, share) / np.log(10), abs=1e-6)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 10**7), st.floats(0, 1, exclude_min=True), st.floats(1e-9, 0.999), st.floats(0, 1))
def test_no_tail_exceeds_its_bound_at_the_national_share_or_above(n, part, share, more):
    k = max(1, int(n * (share + (1 - share) * part)))
    baseline = share + (k / n - share) * more
    assume(share * n < k)
    assume(baseline * n < k)
    # Logarithms of factorials of ten million carry nine digits behind the point at most.
    assert -log10_tail(k, n, baseline) <= most(k, n, share) + 1e-7


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.floats(1e-9, 0.9))
def test_the_bound_holds_to_the_last_digits_for_small_counts(k, more, share):
    n = k + more
    assume(share * n < k)
    assert -log10_tail(k, n, share) <= most(k, n, share) * (1 + 1e-12)
