import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.counts import cell_keys, cell_positions
from clusters.scan.field import half_widths
from clusters.scan.parameters import ScanParameters
from clusters.scan.scan import Scores, components, dense, near, scan, score
from tests.clusters.grounds import SMALL, by_distance, ground, label_map, scattered, spelled_out

SEEDS = st.integers(0, 2**32 - 1)
PLACES = st.sets(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=1, max_size=50)


def scored(cells, label, on):
    return score(cells, on.own(label), on, on.rule(label.size))


def flooded(places, link, bonds=()):
    """Number of the flood that reaches each place, by steps of `link` at most, or over a bond."""
    reached, floods = {}, 0
    for start in places:
        stack = [] if start in reached else [start]
        floods += bool(stack)
        while stack:
            here = stack.pop()
            if here in reached:
                continue
            reached[here] = floods
            stack += [
                place for place in places if max(abs(place[0] - here[0]), abs(place[1] - here[1])) <= link
            ]
            stack += [b if a == here else a for a, b in bonds if here in {a, b}]
    return reached, floods


def sorted_places(places):
    """Keys in order, and the place of each."""
    columns, rows = np.array(list(places)).T
    keys = np.sort(cell_keys(columns, rows))
    return keys, [(int(x), int(y)) for x, y in zip(*cell_positions(keys), strict=True)]


@settings(deadline=None, max_examples=40)
@given(PLACES, st.integers(1, 4))
def test_components_are_those_of_flooding(places, link):
    keys, order = sorted_places(places)
    group = components(keys, link)
    reached, floods = flooded(places, link)
    assert len({(reached[place], number) for place, number in zip(order, group, strict=True)}) == floods
    assert len(set(group.tolist())) == floods
    # Numbered from 0 by first cell.
    assert list(dict.fromkeys(group.tolist())) == list(range(floods))


@settings(deadline=None, max_examples=40)
@given(PLACES, st.integers(1, 2), st.data())
def test_bonds_join_what_is_far_apart(places, link, data):
    keys, order = sorted_places(places)
    number = st.integers(0, len(order) - 1)
    pairs = data.draw(st.lists(st.tuples(number, number), max_size=5))
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    group = components(keys, link, (ends[0], ends[1]))
    reached, floods = flooded(places, link, [(order[a], order[b]) for a, b in pairs])
    assert len({(reached[place], one) for place, one in zip(order, group, strict=True)}) == floods
    assert len(set(group.tolist())) == floods


def test_cells_at_the_ends_of_rows_are_not_neighbours():
    keys = cell_keys(np.array([2**31 - 1, -(2**31) + 1]), np.array([0, 1]))
    assert components(np.sort(keys), 1).tolist() == [0, 1]


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.floats(0.5, 6))
def test_a_scan_returns_all_cells_above_the_threshold_and_no_others(seed, above):
    on, label = scattered(seed)
    wanted = spelled_out(label, on)[0].max(axis=0)
    found = scan(label, on.own(label), on, on.rule(label.size), above)
    sure = np.flatnonzero(wanted > above + 1e-6)
    assert set(sure) <= set(found.cells) <= set(np.flatnonzero(wanted > above - 1e-6))
    assert (found.statistic > above).all()
    np.testing.assert_allclose(found.statistic, wanted[found.cells], rtol=1e-6)


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_scores_of_some_cells_are_those_among_all(seed):
    on, label = scattered(seed)
    every = score(np.arange(len(on.keys)), on.own(label), on, on.rule(label.size))
    chosen = np.random.default_rng(seed).random(len(on.keys)) < 0.4
    some = score(np.flatnonzero(chosen), on.own(label), on, on.rule(label.size))
    for column in vars(some):
        np.testing.assert_array_equal(getattr(some, column), getattr(every.of(chosen), column))


def test_quotients_compare_with_what_is_expected():
    cells = np.arange(3)
    scores = Scores(
        cells, cells, np.array([9, 0, 5]), np.array([20, 10, 0]), np.array([0.1, 0.1, 0.1]), np.ones(3)
    )
    np.testing.assert_allclose(scores.lq, [4.5, 0, 0])


def test_the_ring_tells_a_cluster_from_a_specialised_city():
    # The same disc, 20 of 40: in a countryside without the label, and in a city full of it.
    p = ScanParameters(**vars(SMALL) | {"ring_prior": 0.0, "kinds": (1, 1)})
    columns, rows = (axis.ravel() for axis in np.meshgrid(np.arange(-12, 13, 12), np.arange(-12, 13, 12)))
    far = np.concatenate([columns, [900]])
    on = ground(far, np.concatenate([rows, [0]]), np.full(10, 40), p)
    alone, among = np.full(10, 0), np.full(10, 20)
    alone[on.keys == 0], among[-1] = 20, 0
    middle = np.flatnonzero(on.keys == 0)
    assert scored(middle, label_map(alone), on).statistic[0] > 10
    found = scored(middle, label_map(among), on)
    assert found.statistic[0] == 0
    assert found.baseline[0] == pytest.approx(0.5)


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_a_cell_is_dense_where_a_small_disc_reaches_the_lowest_quotient(seed):
    on, label = scattered(seed)
    scores = score(np.arange(len(on.keys)), on.own(label), on, on.rule(label.size))
    counts, total = label.at(scores.cells), np.diff(on.everyone)
    lq = [
        by_distance(on.keys, counts, r) / by_distance(on.keys, total, r) / scores.baseline for r in (1.0, 2.5)
    ]
    found = dense(scores, on.own(label), on, tuple(half_widths(radius, 1.0) for radius in (1.0, 2.5)))
    assert found.tolist() == (np.max(lq, axis=0) >= SMALL.min_lq * (1 - 1e-9)).tolist()


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 5))
def test_cells_near_others_are_those_within_so_many_columns_and_rows(seed, link):
    on, _ = scattered(seed)
    draws = np.random.default_rng(seed)
    some, others = (np.flatnonzero(draws.random(len(on.keys)) < part) for part in (0.5, 0.1))
    column, row = cell_positions(on.keys)
    gap = np.maximum(*(np.abs(np.subtract.outer(axis[some], axis[others])) for axis in (column, row)))
    assert near(on.keys, some, others, link).tolist() == (gap <= link).any(axis=1).tolist()
