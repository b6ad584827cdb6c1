from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from clusters.scan.kernels import (
    _baseline,
    _most,
    _rank,
    best_of_map,
    bit_map,
    log10_tail,
    score_cells,
    spread,
    sums_around,
    take,
)
from tests.clusters.grounds import SMALL, by_distance, exact_tail, ground, label_map, scattered, spelled_out

SEEDS = st.integers(0, 2**32 - 1)
WORLDS = settings(deadline=None, max_examples=40)


def scored(label, on, above=0.0):
    cells = np.arange(len(on.keys))
    running = on.running(label)
    return score_cells(on.grid, cells, on.discs, on.ring, running, on.everyone, on.rule, above)


def best(label, on):
    return best_of_map(on.grid, on.in_discs(label), on.n, on.running(label), on.everyone, on.ring, on.rule)


# --- Bit map and sums


@settings(deadline=None, max_examples=40)
@given(st.sets(st.integers(0, 64 * 6 - 1), max_size=120))
def test_a_bit_map_counts_what_comes_before_each_word(places):
    bits, before = bit_map(np.array(sorted(places), dtype=np.int64), 6)
    marked = [64 * word + bit for word in range(6) for bit in range(64) if int(bits[word]) >> bit & 1]
    assert marked == sorted(places)
    assert before.tolist() == [sum(place < 64 * word for place in places) for word in range(7)]


@WORLDS
@given(SEEDS)
def test_the_rank_of_a_place_is_the_number_of_cells_before_it(seed):
    on, _ = scattered(seed)
    grid, reach = on.grid, len(on.ring) // 2 + 1
    # Cells themselves, their neighbours, and the places that the widest disc asks for.
    step = np.random.default_rng(seed).integers(-reach, reach + 1, (2, len(on.keys)))
    rows = np.concatenate([grid.rows, grid.rows, grid.rows + step[0]])
    columns = np.concatenate([grid.columns, grid.columns + 1, grid.columns + step[1]])
    width = grid.words * 64
    wanted = np.searchsorted(grid.rows * width + grid.columns, rows * width + columns)
    assert [_rank(grid, row, column) for row, column in zip(rows, columns, strict=True)] == wanted.tolist()


@WORLDS
@given(SEEDS)
def test_sums_over_discs_are_those_by_distance(seed):
    on, label = scattered(seed)
    counts, every = label.at(np.arange(len(on.keys))), np.arange(len(on.keys))
    for widths, radius in zip((*on.discs, on.ring), (*SMALL.radii_m, SMALL.ring_m), strict=True):
        wanted = by_distance(on.keys, counts, radius).tolist()
        assert spread(on.grid, label.cells, label.counts, widths).tolist() == wanted
        assert sums_around(on.grid, on.running(label), every, widths).tolist() == wanted
    some = every[::-3]
    np.testing.assert_array_equal(
        sums_around(on.grid, on.everyone, some, on.ring),
        by_distance(on.keys, np.diff(on.everyone), SMALL.ring_m)[some],
    )


def test_sums_beyond_what_32_bits_count_up_to_on_the_way_are_right():
    # 40 cells side by side with 10**8 each: 11 of them in a disc, but 4 * 10**9 in all.
    on = ground(np.arange(40) * 2, np.zeros(40), np.full(40, 10**8))
    assert on.size == 4 * 10**9
    assert on.n[3].tolist() == by_distance(on.keys, np.full(40, 10**8), 7.0).tolist()


# --- Tails


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
    assert -log10_tail(k, n, baseline) <= _most(k, n, share) + 1e-7


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.floats(1e-9, 0.9))
def test_the_bound_holds_to_the_last_digits_for_small_counts(k, more, share):
    n = k + more
    assume(share * n < k)
    assert -log10_tail(k, n, share) <= _most(k, n, share) * (1 + 1e-12)


# --- Baseline


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.01, 1), st.floats(0, 20))
def test_baseline_is_never_below_the_national_share_nor_above_one(k, more, share, prior):
    assert share <= _baseline(k, k + more, share, prior) <= 1 + 1e-12


def test_an_empty_ring_leaves_the_national_share_and_a_full_one_rules():
    assert _baseline(0, 0, 0.1, 0.0) == 0.1
    assert _baseline(0, 0, 0.1, 10.0) == pytest.approx(0.1)
    assert _baseline(5_000, 10_000, 0.1, 10.0) == pytest.approx(0.5, abs=1e-3)
    assert _baseline(2, 2, 0.1, 10.0) == pytest.approx(0.25)


# --- Statistics


@WORLDS
@given(SEEDS, st.sampled_from([(1.5, 10.0), (1.0, 0.0), (1.2, 0.0), (3.0, 2.0)]))
def test_scores_are_those_of_the_definition(seed, rule):
    p = type(SMALL)(**{**vars(SMALL), "min_lq": rule[0], "ring_prior": rule[1]})
    on, label = scattered(seed, p)
    wanted, baselines = spelled_out(label, on, p)
    disc, k, n, baseline, statistic = scored(label, on)
    every = np.arange(len(on.keys))
    # A label of all companies of its surroundings has tails that are 1 and minus nothing.
    np.testing.assert_allclose(statistic, wanted.max(axis=0), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(wanted[disc, every], wanted.max(axis=0), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(baseline, baselines[disc, every], rtol=1e-12)
    np.testing.assert_array_equal(k, on.in_discs(label)[disc, every])
    np.testing.assert_array_equal(n, on.n[disc, every])
    assert best(label, on) == statistic.max()


@WORLDS
@given(SEEDS, st.floats(0, 1))
def test_what_is_not_computed_was_not_above(seed, part):
    on, label = scattered(seed)
    whole = scored(label, on)
    above = float(np.quantile(whole[-1], part))
    fewer = scored(label, on, above)
    striking = whole[-1] > above
    for one, other in zip(whole, fewer, strict=True):
        np.testing.assert_array_equal(one[striking], other[striking])
    assert (fewer[-1][~striking] <= above).all()


def test_cells_below_the_minimum_count_or_quotient_score_nothing():
    # Four places far apart, 100 companies in 1,000 carry the label; then an empty country.
    p = type(SMALL)(**{**vars(SMALL), "min_firms": 10, "ring_prior": 0.0})
    counts, total = np.array([9, 10, 14, 15, 52]), np.array([20, 20, 100, 100, 760])
    on = ground(np.arange(5) * 100, np.zeros(5), total, p)
    disc, k, n, baseline, statistic = scored(label_map(counts), on)
    assert (statistic > 0).tolist() == [False, True, False, True, False]
    assert disc.tolist() == [0] * 5
    np.testing.assert_array_equal([k, n], [counts, total])
    np.testing.assert_allclose(baseline, 0.1)


def test_where_nothing_counts_the_disc_is_the_one_with_the_largest_quotient():
    # One company of two; with the neighbour three cells on, three of four; too few either way.
    p = type(SMALL)(**{**vars(SMALL), "min_firms": 4})
    on = ground([0, 3, 500], [0, 0, 0], [2, 2, 96], p)
    disc, k, n, _, statistic = scored(label_map([1, 2, 1]), on)
    assert statistic.tolist() == [0, 0, 0]
    assert disc.tolist() == [2, 0, 0]
    assert k.tolist() == [3, 2, 1]
    assert n.tolist() == [4, 2, 96]


def test_a_map_without_a_striking_place_has_a_best_of_nothing():
    on = ground(np.arange(5) * 100, np.zeros(5), np.full(5, 100))
    assert best(label_map(np.full(5, 10)), on) == 0
    assert best(label_map([50, 0, 0, 0, 0]), on) > 20


# --- Draws


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=30),
    st.lists(st.integers(0, 10**6), max_size=300),
    st.integers(0, 200),
)
def test_a_draw_takes_each_company_once_and_no_more_than_asked(total, picks, size):
    everyone = np.concatenate([[0], np.cumsum(total)])
    numbers = np.array(picks, dtype=np.int64) % everyone[-1]
    cells, counts, drawn = take(everyone, numbers, size)
    chosen = list(dict.fromkeys(numbers.tolist()))[:size]
    assert drawn == len(chosen)
    inside = [sum(first <= one < last for one in chosen) for first, last in pairwise(everyone)]
    assert cells.tolist() == np.flatnonzero(inside).tolist()
    assert counts.tolist() == [count for count in inside if count]
