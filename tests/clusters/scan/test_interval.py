import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from clusters.scan.interval import ALONE, chosen_interval, least_found, lq_interval


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


COUNTS = st.integers(1, 300)
SPARE = st.floats(0, 50) | st.just(np.inf)
ENDS = 1 + 1e-9


@given(st.integers(0, 300), COUNTS, st.floats(0.001, 1), st.floats(0.5, 0.99))
def test_a_choice_that_needs_no_allowance_leaves_the_plain_interval(k, more, baseline, confidence):
    chosen = chosen_interval(k, k + more, baseline, confidence=confidence)
    np.testing.assert_array_equal(chosen, lq_interval(k, k + more, baseline, confidence))


@given(COUNTS, COUNTS, st.floats(0.001, 1), st.floats(0, 1), SPARE)
def test_the_interval_of_a_cluster_holds_the_estimate_and_what_was_observed(k, more, baseline, part, spare):
    fair, low, high = (float(v) for v in chosen_interval(k, k + more, baseline, part * k, spare))
    lq, plain_low, plain_high = (float(v) for v in lq_interval(k, k + more, baseline))
    assert 0 <= low <= fair * ENDS
    assert fair <= lq * ENDS
    assert lq <= high * ENDS
    assert low <= plain_low * ENDS
    assert high <= plain_high * ENDS


@given(COUNTS, COUNTS, st.floats(0, 20), st.floats(0, 20))
def test_more_to_spare_never_lowers_the_low_end(k, more, spare, further):
    _, low, _ = chosen_interval(k, k + more, 0.1, 0, spare)
    _, higher, _ = chosen_interval(k, k + more, 0.1, 0, spare + further)
    _, plain, _ = lq_interval(k, k + more, 0.1)
    assert low <= higher * ENDS
    assert higher <= plain * ENDS


@given(st.integers(2, 200), COUNTS, st.integers(0, 20), SPARE)
def test_more_firms_of_the_label_never_lower_estimate_or_ends(k, more, alone, spare):
    n = k + more
    fewer = chosen_interval(k, n, 0.1, min(alone, k), spare)
    greater = chosen_interval(k + 1, n, 0.1, min(alone, k), spare + 1)
    for one, other in zip(fewer, greater, strict=True):
        assert one <= other * ENDS


@given(COUNTS, COUNTS, st.floats(0, 1))
def test_firms_alone_lower_the_estimate_by_their_part(k, more, part):
    fair, _, _ = chosen_interval(k, k + more, 0.2, part * k)
    assert fair == pytest.approx((k - ALONE * part * k) / (k + more) / 0.2)


@pytest.mark.parametrize(("k", "least"), [(12, 10), (30, 11), (15, 14)])
def test_the_low_end_is_where_the_conditional_tail_is(k, least):
    n, baseline = 60, 0.1
    _, low, _ = chosen_interval(k, n, baseline, 0, k - least)
    share = float(low) * baseline
    conditional = stats.binom.sf(k - 1, n, share) / stats.binom.sf(least - 1, n, share)
    assert conditional == pytest.approx(0.025, rel=1e-6)


def test_what_was_only_just_found_may_be_nothing():
    assert float(chosen_interval(10, 60, 0.1, 0, 0)[1]) == 0.0


def test_coverage_holds_among_those_that_pass():
    """Of draws looked at only from 9 on, as chosen ones are, the plain low end is too high too often."""
    n, share, least = 40, 0.12, 9
    k = np.arange(least, n + 1)
    weight = stats.binom.pmf(k, n, share) / stats.binom.sf(least - 1, n, share)
    _, low, _ = chosen_interval(k, n, 1.0, 0, k - least)
    _, plain, _ = lq_interval(k, n, 1.0)
    assert weight[low > share].sum() <= 0.025
    assert weight[plain > share].sum() > 0.1


@given(st.integers(1, 3_000), st.floats(0.0005, 0.6), st.floats(-12, -1.3), st.integers(1, 20))
def test_the_fewest_that_pass_pass_and_one_fewer_do_not(n, baseline, threshold, min_firms):
    def passes(k):
        quotient = k >= 1.5 * (1 - 1e-9) * n * baseline
        return k >= min_firms and quotient and stats.binom.logsf(k - 1, n, baseline) / np.log(10) < threshold

    found = int(least_found(n, baseline, threshold, min_firms, 1.5))
    if found > n:
        assert not passes(n)
    else:
        assert passes(found)
        assert not passes(found - 1)


def test_nothing_passes_a_limit_that_is_not_known():
    assert np.isnan(least_found(50, 0.1, np.nan, 10, 1.5))


def test_intervals_of_many_clusters_are_worked_out_together():
    draws = np.random.default_rng(0)
    n, k = draws.integers(30, 3_000, 400), draws.integers(10, 30, 400)
    together = chosen_interval(k, n, 0.01, 3, 4)
    alone = [chosen_interval(k[i], n[i], 0.01, 3, 4) for i in range(0, 400, 97)]
    np.testing.assert_allclose([[each[i] for each in together] for i in range(0, 400, 97)], alone, rtol=1e-12)
