import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.kernels import Rule, floor_share, score_cells, short_by, statistic, surroundings
from tests.clusters.grounds import (
    SMALL,
    around_squares,
    by_distance,
    ground,
    kind_shares,
    label_map,
    scattered,
    shrunk,
    spelled_out,
)

SEEDS = st.integers(0, 2**32 - 1)
WORLDS = settings(deadline=None, max_examples=40)


def scored(label, on, above=0.0, rule=None):
    every = np.arange(len(on.keys))
    return score_cells(on.ground, on.own(label), every, rule or on.rule(label.size), above)


# --- Baseline


@WORLDS
@given(SEEDS, st.sampled_from([0.0, 5.0, 300.0]))
def test_no_cell_is_compared_with_less_than_the_nation_or_places_of_its_kinds(seed, prior):
    p = type(SMALL)(**vars(SMALL) | {"kind_prior": prior})
    on, label = scattered(seed, p)
    own, every = on.own(label), np.arange(len(on.keys))
    assert own.share == label.size / on.size
    counts, total = label.at(every), np.diff(on.everyone)
    k, n = (by_distance(on.keys, each, 2.5) for each in (counts, total))
    rule = on.rule(label.size)
    kinds, _, _ = surroundings(on.ground, own, every, k, n, rule)
    np.testing.assert_allclose(kinds, kind_shares(label, on, k, n, p), rtol=1e-12)
    floor = [floor_share(on.ground, own, cell, k[cell], n[cell], rule) for cell in every]
    np.testing.assert_allclose(floor, np.minimum(0.999, np.maximum(own.share, kinds)), rtol=1e-12)


@WORLDS
@given(SEEDS)
def test_the_window_is_the_squares_around_and_the_ring_is_drawn_towards_it(seed):
    on, label = scattered(seed)
    own, every, rule = on.own(label), np.arange(len(on.keys)), on.rule(label.size)
    counts, total = label.at(every), np.diff(on.everyone)
    assert own.window[on.ground.square].tolist() == around_squares(on, counts).tolist()
    assert on.ground.window[on.ground.square].tolist() == around_squares(on, total).tolist()
    k, n = (by_distance(on.keys, each, 2.5) for each in (counts, total))
    rest = [np.maximum(0, around_squares(on, each) - here) for each, here in ((counts, k), (total, n))]
    window = shrunk(*rest, SMALL.window_prior, own.share)
    beside = [by_distance(on.keys, each, SMALL.ring_m) - here for each, here in ((counts, k), (total, n))]
    ring = shrunk(*beside, SMALL.ring_prior, window)
    _, *found = surroundings(on.ground, own, every, k, n, rule)
    np.testing.assert_allclose(found, [window, ring], rtol=1e-12)


def test_an_empty_ring_leaves_the_share_of_the_window_and_a_full_one_rules():
    # A place of 100; then 50 or 20,000 companies of whom half carry the label, at ten cells from it.
    for many, wanted in ((0, 0.0), (50, 0.5), (20_000, 0.5)):
        p = type(SMALL)(**vars(SMALL) | {"ring_prior": 10.0, "window_prior": 0.0, "kinds": (1, 1)})
        on = ground([0, 10, 1_000], [0, 0, 0], [100, max(many, 1), 10**6], p)
        label = label_map([50, many // 2, 0])
        _, window, ring = surroundings(
            on.ground, on.own(label), np.array([0]), np.array([50]), np.array([100]), on.rule(label.size)
        )
        assert window[0] == pytest.approx(wanted)
        assert ring[0] == pytest.approx(wanted)
    # Nothing around at all: what is left is the nation.
    on = ground([0, 1_000], [0, 0], [100, 900], p)
    label = label_map([50, 0])
    _, *found = surroundings(
        on.ground, on.own(label), np.array([0]), np.array([50]), np.array([100]), on.rule(label.size)
    )
    assert np.ravel(found).tolist() == [0.05, 0.05]


def test_what_is_commoner_in_towns_of_a_size_is_no_more_than_usual_in_one():
    # Twelve villages of 20 companies, of whom 6 carry the label, and a city of 1,000 without.
    p = type(SMALL)(**vars(SMALL) | {"kind_prior": 0.0, "kinds": (2, 2), "ring_prior": 10.0})
    total = np.array([20] * 12 + [60] * 17)
    on = ground(np.arange(29) * 100, np.zeros(29), total, p)
    label = label_map([6] * 12 + [0] * 17)
    prior = 0.01 * on.size
    *_, baseline, reached = scored(label, on, rule=Rule(3, 1.5, 2.0, 10.0, prior))
    # Each is compared with the eleven others.
    usual = (66 + prior * label.size / on.size) / (220 + prior)
    np.testing.assert_allclose(baseline[:12], usual)
    assert (reached == 0).all()
    # Against the nation alone each would be striking.
    assert statistic(6, 20, label.size / on.size, Rule(3, 1.5, 2.0, 10.0)) > 2


# --- Statistics


@WORLDS
@given(
    SEEDS,
    st.sampled_from(
        [(1.5, 10.0, 2.0, 5.0), (1.0, 0.0, 0.0, 0.0), (1.2, 0.0, 3.0, 90.0), (3.0, 2.0, 0.0, 1.0)]
    ),
)
def test_scores_are_those_of_the_definition(seed, rule):
    names = ("min_lq", "ring_prior", "window_prior", "kind_prior")
    p = type(SMALL)(**vars(SMALL) | dict(zip(names, rule, strict=True)))
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
    p = type(SMALL)(**{**vars(SMALL), "min_firms": 10, "ring_prior": 0.0, "kinds": (1, 1), "follow": False})
    counts, total = np.array([9, 10, 14, 15, 52]), np.array([20, 20, 100, 100, 760])
    on = ground(np.arange(5) * 100, np.zeros(5), total, p)
    disc, k, n, baseline, statistic = scored(label_map(counts), on)
    assert (statistic > 0).tolist() == [False, True, False, True, False]
    assert disc.tolist() == [0] * 5
    np.testing.assert_array_equal([k, n], [counts, total])
    np.testing.assert_allclose(baseline[:4], 0.1)
    # The last is compared with the others of its kind, ten companies at the national share among them.
    assert baseline[4] == pytest.approx((48 + 1) / (240 + 10))


def test_where_nothing_counts_the_disc_is_the_one_with_the_largest_quotient():
    # One company of two; with the neighbour three cells on, three of four; too few either way.
    p = type(SMALL)(**{**vars(SMALL), "min_firms": 4, "kinds": (1, 1)})
    on = ground([0, 3, 500], [0, 0, 0], [2, 2, 96], p)
    disc, k, n, _, statistic = scored(label_map([1, 2, 1]), on)
    assert statistic.tolist() == [0, 0, 0]
    assert disc.tolist() == [2, 0, 0]
    assert k.tolist() == [3, 2, 1]
    assert n.tolist() == [4, 2, 96]


# --- How many more it would take


@settings(deadline=None)
@given(
    st.integers(1, 60),
    st.integers(0, 200),
    st.floats(0.001, 0.9),
    st.sampled_from([Rule(3, 1.0, 0, 0), Rule(10, 1.5, 0, 0), Rule(4, 2.0, 0, 0)]),
    st.floats(1.3, 8),
)
def test_a_place_lacks_the_fewest_companies_that_lift_it_above_the_limit(k, others, baseline, rule, limit):
    n = k + others
    more = short_by(k, n, baseline, rule, limit)
    if rule.min_lq * baseline >= 1:
        assert more == -1
        return
    assert statistic(k + more, n + more, baseline, rule) > limit
    if more:
        assert statistic(k + more - 1, n + more - 1, baseline, rule) <= limit


def test_a_label_of_two_thirds_of_all_is_told_at_once_how_many_it_lacks():
    more = short_by(66_000, 100_000, 0.666666, Rule(10, 1.5, 0, 0), 3.0)
    # So many that the quotient of 1.5 is reached where all but one in a million carry the label.
    assert more == pytest.approx((0.999999 * 100_000 - 66_000) / 1e-6, rel=0.01)
