from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.counts import cell_positions
from clusters.scan.field import field
from clusters.scan.maps import NARROW, WIDE, cells_with, groups_of, peaks, striking, take
from clusters.scan.scan import components, scan, score
from clusters.scan.threshold import _packed, random_map
from tests.clusters.grounds import SMALL, by_distance, label_map, scattered

SEEDS = st.integers(0, 2**32 - 1)
WORLDS = settings(deadline=None, max_examples=40)
LANES = st.sampled_from([NARROW, WIDE])


def shuffled(on, lanes, seed):
    """Maps that share words: of few companies, of many, or lumped, so that something is striking."""
    draws, every = np.random.default_rng(seed), np.diff(on.everyone)
    maps = []
    for _ in range(lanes.maps):
        if draws.random() < 0.5:
            maps.append(random_map(int(draws.integers(1, on.size + 1)), on, draws))
        else:
            lump = every * (draws.random(len(every)) < draws.uniform(0, 0.5))
            lump[draws.integers(len(every))] += lump.sum() == 0
            maps.append(label_map(np.minimum(lump, every)))
    return maps


# --- Maps that share words


@WORLDS
@given(SEEDS, LANES)
def test_maps_in_lanes_have_the_sums_that_each_has_alone(seed, lanes):
    on, _ = scattered(seed)
    maps = shuffled(on, lanes, seed)
    sums = _packed(maps, lanes, on)
    for number, one in enumerate(maps):
        lane = (sums >> np.uint64(lanes.bits * number)) & np.uint64(2**lanes.bits - 1)
        assert lane.tolist() == on.in_discs(one).tolist()


@WORLDS
@given(SEEDS, LANES, st.floats(0, 6))
def test_what_is_striking_in_a_lane_is_what_is_in_the_map_alone(seed, lanes, above):
    on, _ = scattered(seed)
    maps = shuffled(on, lanes, seed)
    sums = _packed(maps, lanes, on)
    every = np.arange(len(on.keys))
    for number, one in enumerate(maps):
        own, rule = on.own(one), on.rule(one.size)
        cells, values = striking(on.ground, sums, lanes, number, on.n, on.wide, own, rule, above)
        alone = scan(one, own, on, rule, above)
        np.testing.assert_array_equal(cells, alone.cells)
        np.testing.assert_array_equal(values, alone.statistic)
        whole = score(every, own, on, rule)
        assert cells.tolist() == np.flatnonzero(whole.statistic > above).tolist()
        np.testing.assert_array_equal(values, whole.statistic[cells])


@WORLDS
@given(SEEDS, LANES)
def test_the_wide_discs_that_were_asked_for_are_those_by_distance(seed, lanes):
    on, _ = scattered(seed)
    on = field(on.keys, np.diff(on.everyone), SMALL)
    assert (on.wide == -1).all()
    maps = shuffled(on, lanes, seed)
    sums = _packed(maps, lanes, on)
    for number, one in enumerate(maps):
        striking(on.ground, sums, lanes, number, on.n, on.wide, on.own(one), on.rule(one.size), 0.0)
    known = on.wide >= 0
    wanted = by_distance(on.keys, np.diff(on.everyone), SMALL.ring_m)
    np.testing.assert_array_equal(on.wide[known], wanted[known])


@WORLDS
@given(SEEDS, LANES, st.integers(1, 40))
def test_cells_whose_largest_disc_holds_enough_are_counted(seed, lanes, least):
    on, _ = scattered(seed)
    maps = shuffled(on, lanes, seed)
    sums = _packed(maps, lanes, on)
    for number, one in enumerate(maps):
        assert cells_with(sums, lanes, number, least) == (on.in_discs(one)[-1] >= least).sum()


# --- Peaks


@WORLDS
@given(st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40), st.integers(1, 4))
def test_groups_are_the_components(places, link):
    order = np.array(sorted(places), dtype=np.int64).reshape(-1, 2)
    found = groups_of(order[:, 0], order[:, 1], link)
    keys = order[:, 0] * 2**32 + order[:, 1]
    wanted = components(keys, link)
    pairs = {*zip(found.tolist(), wanted.tolist(), strict=True)}
    assert len(pairs) == len(set(found.tolist())) == len(set(wanted.tolist()))
    # Each is named after one of its own cells.
    assert (wanted[found] == wanted).all()


@WORLDS
@given(SEEDS, st.floats(0, 2))
def test_a_peak_is_the_largest_value_of_its_group(seed, above):
    on, label = scattered(seed)
    found = scan(label, on.own(label), on, on.rule(label.size), above)
    tops = peaks(on.grid, found.cells, found.statistic, SMALL.link)
    if len(found.cells) == 0:
        assert len(tops) == 0
        return
    group = components(on.keys[found.cells], SMALL.link)
    wanted = [found.statistic[group == number].max() for number in range(group.max() + 1)]
    assert sorted(tops) == sorted(wanted)


def test_cells_that_touch_only_through_others_are_one_group():
    # A hook whose ends come first in the order of rows.
    rows, columns = np.array([0, 0, 1, 1, 2, 2, 2]), np.array([0, 4, 0, 4, 1, 2, 3])
    assert len(set(groups_of(rows, columns, 1).tolist())) == 1
    assert len(set(groups_of(rows[:4], columns[:4], 1).tolist())) == 2


def test_cells_of_one_row_far_apart_are_no_group():
    on, _ = scattered(5)
    column, row = cell_positions(on.keys)
    far = np.maximum(np.abs(column - column[0]), np.abs(row - row[0])) > 2
    assert far.any()
    pair = np.array([0, int(np.flatnonzero(far)[0])])
    assert peaks(on.grid, pair, np.array([3.0, 2.0]), 2).tolist() == [3.0, 2.0]


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
