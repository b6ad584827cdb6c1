from dataclasses import replace
from math import exp, floor, log, log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from clusters.scan import threshold as module
from clusters.scan.parameters import ScanParameters
from clusters.scan.scan import components, scan
from clusters.scan.threshold import LOWEST, Peaks, barnard, null_peaks, random_map, tails, untestable
from tests.clusters.grounds import SMALL, ground, label_map, scattered

SIZE = 60
# As large registers have it: twenty maps, more where they bring few peaks.
LARGE = replace(SMALL, relabellings=20, peaks=80, most_relabellings=199)


def towns(seed=0, parameters=SMALL):
    """Three towns and a countryside: 900 companies in some 100 cells."""
    draws = np.random.default_rng(seed)
    homes = np.concatenate([draws.normal(at, 4, (250, 2)) for at in ((0, 0), (60, 10), (30, 70))])
    points = np.floor(np.concatenate([homes, draws.uniform(-20, 90, (150, 2))])).astype(np.int64)
    cells, total = np.unique(points, axis=0, return_counts=True)
    return ground(cells[:, 0], cells[:, 1], total, parameters)


def county(seed, firms=6_000):
    """Twenty-five towns in some 3,500 cells of 250 m."""
    draws = np.random.default_rng(seed)
    home = draws.choice(25, firms, p=draws.dirichlet(np.ones(25)))
    points = draws.uniform(-400, 400, (25, 2))[home] + draws.normal(0, 5, (firms, 2))
    cells, total = np.unique(np.floor(points).astype(np.int64), axis=0, return_counts=True)
    p = ScanParameters(min_firms=5, relabellings=20, resamples=0, seed=seed)
    return ground(cells[:, 0], cells[:, 1], total, p)


def best_statistic(label, on):
    """The most striking statistic of a map, 0 where nothing is."""
    return scan(label, on.own(label), on, on.rule(label.size), 0.0).statistic.max(initial=0.0)


def drawn(size=120, *, maps=20, rate=9.0, excess=0.45, above=LOWEST, seed=0, rare=False) -> Peaks:
    """Peaks as the law has them: a Poisson number a map, their excess exponential."""
    draws = np.random.default_rng([seed, size])
    each = [above + draws.exponential(excess, draws.poisson(rate)) for _ in range(maps)]
    maxima = np.array([one.max(initial=0.0) for one in each])
    return Peaks(size, maps, above, np.sort(np.concatenate(each))[::-1], maxima, rare)


# --- The exact rule of rare labels


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([19, 20, 39, 99, 199, 200, 217]))
def test_a_statistic_passes_when_its_chance_is_at_most_the_level(seed, relabellings):
    # Many ties, some of them at the limit itself.
    maxima = 2 + np.random.default_rng(seed).integers(0, 8, relabellings) / 4
    limit = barnard(maxima, 0.05)
    for statistic in np.append(np.unique(maxima), [maxima.max() + 1]):
        chance = (1 + (maxima >= statistic).sum()) / (relabellings + 1)
        assert (statistic > limit) == (chance <= 0.05 + 1e-12)


def test_199_relabellings_take_the_190th_smallest():
    assert barnard(np.arange(2.0, 201.0), 0.05) == 2 + 189


@pytest.mark.parametrize("above", [LOWEST, 1.9])
def test_silent_relabellings_still_ask_for_a_tail_below_the_level(above):
    # What maxima there are below the level that peaks are kept above is not known: it is no lower then.
    silent = Peaks(60, 199, above, np.zeros(0), np.zeros(199), rare=True)
    tail = tails([silent], LARGE)[60]
    assert tail.limits == {0.05: above, 0.2: above}
    assert tail.limits[0.05] >= -log10(0.05)
    assert tail.expected(above) == pytest.approx(1 / 200)


def test_a_rare_label_keeps_the_exact_limit():
    rare = drawn(maps=199, rate=0.3, rare=True)
    assert (rare.maxima > 0).sum() > 10
    found = tails([rare], LARGE)[rare.size]
    for level in (0.05, 0.2):
        passing = (1 + (rare.maxima >= found.limits[level] + 1e-9).sum()) / 200
        assert passing <= level < passing + 1 / 200 + 1e-9


def test_labels_that_cannot_be_tested_say_why():
    p = ScanParameters(follow=False)
    assert "9 companies" in untestable(9, 1_000, p)
    assert "at least 10" in untestable(9, 1_000, p)
    assert "1.00" in untestable(500, 500, p)
    assert not untestable(10, 1_000, p)


def test_the_minimum_of_a_rare_label_follows_it():
    p = ScanParameters(min_firms=10)
    assert [p.least(size) for size in (1, 58, 100, 101, 225, 226, 10_000)] == [4, 4, 4, 5, 9, 10, 10]
    assert [replace(p, min_firms=3).least(size) for size in (1, 58, 10_000)] == [3, 3, 3]
    assert not untestable(4, 1_000, p)
    assert "at least 4" in untestable(3, 1_000, p)


@pytest.mark.parametrize(("relabellings", "rate"), [(19, 1 / 20), (20, 1 / 21), (39, 2 / 40)])
def test_random_labels_pass_the_exact_rule_as_often_as_promised(relabellings, rate):
    trials = 250
    p = replace(SMALL, relabellings=trials * relabellings, most_relabellings=trials * relabellings)
    on = towns(parameters=p)
    drawn_maps = null_peaks(SIZE, on)
    every = drawn_maps.maxima
    # Hardly a map is without a peak that is kept, so that nearly every maximum is known.
    assert (every > 0).mean() > 0.95
    home = np.repeat(np.arange(len(on.keys)), np.diff(on.everyone))
    draws = np.random.default_rng(7)
    passed = 0
    for maxima in every.reshape(trials, relabellings):
        # Shuffled in another way than the maps that the limit is learnt from.
        carriers = draws.permutation(home)[:SIZE]
        observed = best_statistic(label_map(np.bincount(carriers, minlength=len(on.keys))), on)
        passed += observed > max(drawn_maps.above, barnard(maxima, 0.05))
    # Both ends lie beyond three standard deviations, so that neither a lax nor a deaf rule gets through.
    assert stats.binom.cdf(passed, trials, rate) > 0.001
    assert stats.binom.sf(passed - 1, trials, rate) > 0.001


# --- The line


@settings(deadline=None)
@given(
    st.integers(0, 10**6),
    st.floats(0.01, 12),
    st.floats(0.2, 1),
    st.sampled_from([(20, False), (199, True), (40, False)]),
)
def test_what_is_expected_falls_and_chance_follows(seed, rate, excess, maps):
    one = drawn(seed=seed, rate=rate, excess=excess, maps=maps[0], rare=maps[1])
    tail = tails([one], LARGE)[one.size]
    at = np.concatenate([np.linspace(LOWEST, 12, 60), one.values[::9]])
    at.sort()
    expected = np.array([tail.expected(value) for value in at])
    assert (np.diff(expected) <= 1e-12).all()
    assert (expected[at >= tail.level] <= tail.rate + 1e-12).all()
    for value, e in zip(at, expected, strict=True):
        assert tail.chance(value) == pytest.approx(1 - exp(-e), abs=1e-12)
        assert 0 <= tail.chance(value) <= 1
        assert tail.error(value) >= 0
    # Below the line it is the plain count.
    below = [value for value in at if value < tail.level]
    for value in below:
        assert tail.expected(value) == pytest.approx((one.values >= value).sum() / one.maps, abs=1e-9)
    assert module.LEAST_EXCESS <= tail.excess <= module.MOST_EXCESS
    assert tail.limits[0.05] >= tail.limits[0.2] >= LOWEST
    # What stands out at all: as chance does once a map at most.
    assert tail.expected(tail.once + 1e-9) <= 1 + 1e-9
    assert tail.once >= one.above


@pytest.mark.parametrize("excess", [0.35, 0.45, 0.6])
def test_the_line_is_that_of_the_peaks(excess):
    sizes, rate = (60, 90, 120, 180, 240, 400), 9.0
    limits, found = [], []
    for seed in range(40):
        tail = tails([drawn(size, excess=excess, rate=rate, seed=seed) for size in sizes], LARGE)[120]
        limits.append([tail.limits[level] for level in (0.05, 0.2)])
        found.append(tail.excess)
    wanted = [LOWEST + excess * log(rate / -log(1 - level)) for level in (0.05, 0.2)]
    np.testing.assert_allclose(np.mean(limits, axis=0), wanted, atol=0.1)
    assert np.mean(found) == pytest.approx(excess, abs=0.03)
    # A third of what a maximum of twenty maps varies by, whose standard deviation is 1.28 excesses.
    assert np.std(limits, axis=0).max() < 0.4 * 1.28 * excess


def test_what_is_said_of_its_error_covers_it():
    truth = 9.0 * exp(-(4.0 - LOWEST) / 0.45)
    within = 0
    for seed in range(120):
        sizes = (80, 120, 180)
        tail = tails([drawn(size, seed=seed) for size in sizes], LARGE)[120]
        within += abs(tail.chance(4.0) - (1 - exp(-truth))) <= 2 * tail.error(4.0)
    assert within >= 100


def test_sizes_share_their_slope_with_their_like_alone():
    steep, flat = drawn(100, excess=0.33), drawn(100_000, excess=0.7)
    both = tails([steep, flat], LARGE)
    alone = tails([steep], LARGE)[100], tails([flat], LARGE)[100_000]
    assert both[100].excess == pytest.approx(alone[0].excess, rel=1e-6)
    assert both[100_000].excess == pytest.approx(alone[1].excess, rel=1e-6)
    beside = tails([steep, replace(flat, size=120)], LARGE)
    assert beside[100].excess > alone[0].excess + 0.05


def test_the_chance_at_a_limit_is_its_level():
    tail = tails([drawn(size) for size in (80, 120, 180)], LARGE)[120]
    for level, limit in tail.limits.items():
        assert tail.chance(limit) == pytest.approx(level)


def test_random_labels_pass_as_often_as_the_level_on_the_whole():
    """The true error of limits, from maps that they have not seen."""
    sizes, trials, fresh = (100, 200, 400, 800), 9, 55
    passed = np.zeros(2)
    for trial in range(trials):
        on = county(trial)
        found = tails([null_peaks(size, on) for size in sizes], on.parameters)
        draws = np.random.default_rng([99, trial])
        for size in sizes:
            best = np.array([best_statistic(random_map(size, on, draws), on) for _ in range(fresh)])
            passed += [(best > found[size].limits[level]).sum() for level in (0.05, 0.2)]
    rate = passed / (trials * fresh * len(sizes))
    # Maps make a standard error of 0.005 and 0.009; that a limit of its own errs, about as much again.
    assert 0.03 < rate[0] < 0.07
    assert 0.15 < rate[1] < 0.25


# --- Peaks of shuffled maps


@pytest.mark.parametrize("size", [4, SIZE, 300, 700])
def test_peaks_are_the_tops_of_the_groups_of_each_map(size):
    on = towns()
    found = null_peaks(size, on)
    draws = np.random.default_rng([SMALL.seed, size])
    values, maxima = [], []
    for _ in range(found.maps):
        one = random_map(size, on, draws)
        passed = scan(one, on.own(one), on, on.rule(size), found.above)
        group = components(on.keys[passed.cells], SMALL.link) if len(passed.cells) else passed.cells
        tops = [passed.statistic[group == number].max() for number in set(group.tolist())]
        values += tops
        maxima.append(max(tops, default=0.0))
    assert found.values.tolist() == sorted(values, reverse=True)
    assert found.maxima.tolist() == maxima
    assert found.above >= LOWEST


def test_where_a_disc_holds_more_than_sixteen_bits_the_lanes_are_wider():
    # Six towns of 12,000 side by side, all in one disc, and sixty small ones.
    columns = np.concatenate([np.arange(6), 1_000 + 40 * np.arange(60)])
    on = ground(columns, np.zeros(66), [12_000] * 6 + [500] * 60, replace(SMALL, min_lq=1.0))
    assert on.n[-1].max() == 72_000
    size = 67_000
    found = null_peaks(size, on)
    draws = np.random.default_rng([SMALL.seed, size])
    for maximum in found.maxima:
        one = random_map(size, on, draws)
        best = best_statistic(one, on)
        assert maximum == (best if best > found.above else 0)
    assert (found.maxima > 0).any()


def test_maps_are_drawn_until_enough_peaks_are_seen():
    on = towns()
    common, rare = null_peaks(200, on), null_peaks(4, on)
    assert not common.rare
    assert SMALL.relabellings <= common.maps < SMALL.relabellings + 4
    assert len(common.values) >= SMALL.peaks
    assert rare.rare
    assert rare.maps == SMALL.most_relabellings
    assert len(rare.values) < SMALL.peaks
    assert common.maxima.shape == (common.maps,)
    level, above, excess = common.line
    assert (common.values > level).sum() <= above == floor(4 * common.maps)
    assert excess == pytest.approx((common.values[:above] - level).sum())


def test_peaks_follow_the_seed_and_the_size_alone():
    on = towns()
    one, again = (null_peaks(SIZE, on) for _ in range(2))
    np.testing.assert_array_equal(one.values, again.values)
    np.testing.assert_array_equal(one.maxima, again.maxima)
    assert one.maxima.max() > 0
    other = replace(on, parameters=replace(SMALL, seed=1))
    assert not np.array_equal(one.values, null_peaks(SIZE, other).values)
    assert not np.array_equal(one.values, null_peaks(SIZE + 1, on).values)


def test_labels_of_different_sizes_draw_from_different_numbers(monkeypatch):
    on, first = towns(), {}

    def watched(size, where, draws):
        first.setdefault(size, draws.bit_generator.state["state"]["state"])
        return random_map(size, where, draws)

    monkeypatch.setattr("clusters.scan.threshold.random_map", watched)
    for size in (60, 61, 600):
        null_peaks(size, on)
    assert len(set(first.values())) == 3


def test_more_relabellings_begin_as_fewer_do():
    on = towns()
    more = replace(on, parameters=replace(SMALL, relabellings=39))
    few, many = null_peaks(SIZE, on).maxima, null_peaks(SIZE, more).maxima
    assert len(few) < len(many)
    np.testing.assert_array_equal(many[: len(few)], few)


def test_a_concentrated_map_beats_every_random_one():
    on = towns()
    counts = np.zeros(len(on.keys), dtype=np.int64)
    order = np.argsort(-np.diff(on.everyone))[:10]
    counts[order] = np.diff(on.everyone)[order]
    observed = best_statistic(label_map(counts), on)
    assert observed > null_peaks(counts.sum(), on).maxima.max()


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
