import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.counts import cell_keys, cell_positions
from clusters.scan.field import field, half_widths
from clusters.scan.grouping import grouped
from clusters.scan.parameters import ScanParameters
from clusters.scan.scan import dense, scan, score
from tests.clusters.grounds import SMALL, label_map, scattered


def both(label, on, above):
    """The scores of what is striking, the cells of its clusters, and the cluster of each."""
    own = on.own(label)
    passed = scan(label, own, on, on.rule(label.size), above)
    return passed, *grouped(passed, label, own, on)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32 - 1), st.floats(1.3, 5))
def test_grouped_cells_keep_what_is_promised(seed, above):
    on, label = scattered(seed)
    own, rule = on.own(label), on.rule(label.size)
    passed = scan(label, own, on, rule, above)
    cells, group = grouped(passed, label, own, on)
    assert (np.diff(cells) > 0).all()
    assert sorted(set(group.tolist())) == list(range(len(set(group.tolist()))))
    column, row = cell_positions(on.keys)
    gap = np.maximum(np.abs(np.subtract.outer(column, column)), np.abs(np.subtract.outer(row, row)))
    link = int(SMALL.link_m)
    # Clusters lie further apart than what is linked.
    assert (gap[np.ix_(cells, cells)][group[:, None] != group] > link).all()
    # Specialised cells with dense surroundings give their firms.
    giving = passed.cells[dense(passed, own, on, tuple(half_widths(r, 1.0) for r in (1.0, 2.5)))]
    assert set(giving) <= set(cells)
    # What links to one another is one cluster, and holds enough of what is most striking in it.
    held = label.at(cells)
    left, allowed = set(range(len(passed.cells))), set(giving)
    while left:
        flood, edge = set(), {left.pop()}
        while edge:
            flood |= edge
            near = gap[np.ix_(passed.cells[list(edge)], passed.cells)].min(axis=0) <= link
            edge = set(np.flatnonzero(near)) - flood
        left -= flood
        some = np.array(sorted(flood))
        peak = some[np.lexsort((passed.cells[some], -passed.k[some], -passed.statistic[some]))[0]]
        here = passed.cells[peak]
        apart = np.hypot(column - column[here], row - row[here])
        allowed |= set(np.flatnonzero(apart <= SMALL.radii_m[passed.disc[peak]]))
        (number,) = set(group[np.isin(cells, passed.cells[some])])
        assert held[group == number].sum() >= max(SMALL.min_firms, passed.k[peak] / 2)
    # Nothing else is in a cluster but the discs of what is most striking.
    assert set(cells) <= allowed
    if len(cells):
        scores = score(cells, own, on, rule)
        for number in range(group.max() + 1):
            assert scores.statistic[group == number].max() > above


def test_without_specialised_cells_there_are_no_clusters():
    on, label = scattered(1)
    cells, group = both(label, on, 1e9)[1:]
    assert len(cells) == len(group) == 0


def town(side=60, firms=20, share=0.03, seed=0):
    """A dense town of square cells: all firms, and those that carry the label at random."""
    draws = np.random.default_rng(seed)
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    keys = cell_keys(column, row)
    order = np.argsort(keys)
    total = np.full(side * side, firms)
    return keys[order], column[order], row[order], total, draws.binomial(total, share)


def test_the_halo_of_a_large_disc_is_not_in_the_cluster():
    # Places of one kind, or the plant would be what its own kind is compared with.
    p = ScanParameters(relabellings=20, resamples=0, kinds=(1, 1))
    keys, column, row, total, background = town()
    apart = np.hypot(column - 30, row - 30)
    planted = np.where(apart <= 1.5, 40, 0)
    on = field(keys, total + planted, p)
    label = label_map(background + planted)
    passed, cells, group = both(label, on, 5.0)
    # Cells over 2 km away are specialised, by what the largest disc finds in the middle ...
    assert (apart[passed.cells] * 250 > 2_000).sum() > 30
    # ... but the cluster is the plant and its edge.
    assert group.tolist() == [0] * len(cells)
    assert set(np.flatnonzero(planted)) <= set(cells)
    assert planted[cells].sum() / label.at(cells).sum() > 0.85
    # Of the halo stays what happens to be dense by itself.
    halo = np.flatnonzero(apart * 250 > 1_000)
    left, all_of_it = (label.at(np.intersect1d(chosen, halo)).sum() for chosen in (cells, passed.cells))
    assert left < all_of_it / 4


def test_a_hollow_ring_of_firms_is_one_cluster_of_half_of_them_at_least():
    # Firms round a park that is two kilometres wide and holds a single office.
    p = ScanParameters(min_firms=5, relabellings=19, resamples=0)
    keys, column, row, total, background = town(share=0.02)
    apart = np.hypot(column - 30, row - 30)
    hollow = np.where(apart < 4.5, 0, total)
    hollow[apart == 0] = 1
    planted = np.where((apart >= 4.5) & (apart < 5.5), 5, 0)
    kept = hollow + planted > 0
    on = field(keys[kept], (hollow + planted)[kept], p)
    label = label_map(np.minimum(background, hollow)[kept] + planted[kept])
    passed, cells, group = both(label, on, 5.0)
    assert group.tolist() == [0] * len(cells)
    peak = np.lexsort((-passed.k, -passed.statistic))[0]
    assert label.at(cells).sum() >= max(p.min_firms, passed.k[peak] / 2)
    assert planted[kept][cells].sum() >= planted.sum() / 2


def test_two_plants_that_large_discs_bridge_share_no_firm():
    p = ScanParameters(relabellings=19, resamples=0)
    keys, column, row, total, background = town()
    plants = [np.where(np.hypot(column - x, row - 30) <= 1.5, 40, 0) for x in (23, 37)]
    planted = plants[0] + plants[1]
    on = field(keys, total + planted, p)
    label = label_map(background + planted)
    _, cells, group = both(label, on, 5.0)
    assert len(np.unique(cells)) == len(cells)
    for plant in plants:
        assert len(set(group[np.isin(cells, np.flatnonzero(plant))])) == 1
    assert set(np.flatnonzero(planted)) <= set(cells)


def test_a_scan_that_finds_nothing_dense_takes_the_whole_disc():
    # Companies in cells 1.25 km apart: no cell's own surroundings hold more than two of them.
    p = ScanParameters(min_firms=10, relabellings=19, resamples=0)
    across, along = (axis.ravel() * 5 for axis in np.meshgrid(np.arange(3), np.arange(3)))
    far = np.arange(2_000, 2_400)
    column, row = np.concatenate([across, far]), np.concatenate([along, np.zeros(400, dtype=np.int64)])
    keys = cell_keys(column, row)
    order = np.argsort(keys)
    on = field(keys[order], np.full(409, 3)[order], p)
    label = label_map(np.where(column < 100, 2, 0)[order])
    passed, cells, group = both(label, on, 3.0)
    # Only the disc around the middle one holds them all.
    assert column[order][passed.cells].tolist() == [5]
    assert label.at(cells).sum() == 18
    assert group.tolist() == [0] * 9
