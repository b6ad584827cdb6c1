import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.field import half_widths
from clusters.scan.grid import bit_map, gathered, rank, spread, sums_around
from clusters.scan.maps import NARROW, WIDE
from tests.clusters.grounds import SMALL, by_distance, distances, ground, scattered

SEEDS = st.integers(0, 2**32 - 1)
DISCS = tuple(half_widths(radius, SMALL.cell_m) for radius in SMALL.radii_m)
WORLDS = settings(deadline=None, max_examples=40)


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
    grid, reach = on.grid, len(on.ground.ring) // 2 + 1
    # Cells themselves, their neighbours, and the places that the widest disc asks for.
    step = np.random.default_rng(seed).integers(-reach, reach + 1, (2, len(on.keys)))
    rows = np.concatenate([grid.rows, grid.rows, grid.rows + step[0]])
    columns = np.concatenate([grid.columns, grid.columns + 1, grid.columns + step[1]])
    width = grid.words * 64
    wanted = np.searchsorted(grid.rows * width + grid.columns, rows * width + columns)
    assert [rank(grid, row, column) for row, column in zip(rows, columns, strict=True)] == wanted.tolist()


@WORLDS
@given(SEEDS)
def test_sums_over_discs_are_those_by_distance(seed):
    on, label = scattered(seed)
    counts, every = label.at(np.arange(len(on.keys))), np.arange(len(on.keys))
    wanted = [by_distance(on.keys, counts, radius).tolist() for radius in SMALL.radii_m]
    stretches, running = on.ground.stretches, on.running(label)
    assert gathered(stretches, running).tolist() == wanted
    assert spread(stretches, label.cells, label.counts).tolist() == wanted
    for widths, radius in zip((*DISCS, on.ground.ring), (*SMALL.radii_m, SMALL.ring_m), strict=True):
        around = by_distance(on.keys, counts, radius).tolist()
        assert sums_around(on.grid, running, every, widths).tolist() == around
    some = every[::-3]
    np.testing.assert_array_equal(
        sums_around(on.grid, on.everyone, some, on.ground.ring),
        by_distance(on.keys, np.diff(on.everyone), SMALL.ring_m)[some],
    )


@WORLDS
@given(SEEDS)
def test_the_stretches_around_a_cell_are_the_cells_of_its_disc(seed):
    on, _ = scattered(seed)
    stretches, apart = on.ground.stretches, distances(on.keys)
    for j, radius in enumerate(SMALL.radii_m):
        for cell in range(len(on.keys)):
            own = slice(*stretches.offsets[j, cell : cell + 2])
            ends = zip(stretches.first[own], stretches.last[own], strict=True)
            held = [one for first, last in ends for one in range(first, last)]
            assert held == np.flatnonzero(apart[cell] <= radius).tolist()


@WORLDS
@given(SEEDS, st.sampled_from([NARROW, WIDE]))
def test_maps_that_share_words_have_the_sums_that_each_has_alone(seed, lanes):
    on, _ = scattered(seed)
    draws, every = np.random.default_rng(seed), np.diff(on.everyone)
    # Of all companies, none, and what lies between.
    part = draws.random((lanes.maps, 1)) * draws.choice([0, 1, 1.5], (lanes.maps, 1))
    counts = draws.binomial(every, np.minimum(part, 1), (lanes.maps, len(every)))
    words = np.zeros(len(every), np.uint64)
    for number, own in enumerate(counts):
        words += own.astype(np.uint64) << np.uint64(lanes.bits * number)
    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(words)])
    there = np.flatnonzero(words)
    for sums in (
        gathered(on.ground.stretches, running),
        spread(on.ground.stretches, there, words[there]),
    ):
        assert sums.dtype == np.uint64
        for number, own in enumerate(counts):
            lane = (sums >> np.uint64(lanes.bits * number)) & np.uint64(2**lanes.bits - 1)
            assert lane.tolist() == [by_distance(on.keys, own, r).tolist() for r in SMALL.radii_m]


def test_words_may_overflow_on_the_way_as_long_as_each_disc_fits():
    # 40 towns out of one another's reach, each as large as a lane allows: their running sums wrap.
    on = ground(np.arange(40) * 100, np.zeros(40), np.full(40, 2**16 - 1))
    words = np.zeros(40, np.uint64)
    for number in range(NARROW.maps):
        words += np.uint64(2**16 - 1) << np.uint64(NARROW.bits * number)
    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(words)])
    assert sum(map(int, words)) > 2**64
    for sums in (gathered(on.ground.stretches, running), spread(on.ground.stretches, np.arange(40), words)):
        assert (sums == np.uint64(2**64 - 1)).all()


def test_sums_beyond_what_32_bits_count_up_to_on_the_way_are_right():
    # 40 cells side by side with 10**8 each: 11 of them in a disc, but 4 * 10**9 in all.
    on = ground(np.arange(40) * 2, np.zeros(40), np.full(40, 10**8))
    assert on.size == 4 * 10**9
    assert on.n[3].tolist() == by_distance(on.keys, np.full(40, 10**8), 7.0).tolist()
