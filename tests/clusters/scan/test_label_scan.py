from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.counts import assemble, cell_keys, cell_positions
from clusters.scan.field import field
from clusters.scan.label_scan import grouped, scan_labels
from clusters.scan.parameters import ScanParameters
from clusters.scan.scan import dense, scan, score
from clusters.scan.threshold import null_maxima
from tests.clusters.grounds import SMALL, label_map, scattered

QUICK = ScanParameters(min_firms=5, relabellings=19, resamples=10)
SHARES = {"brewing": 0.1, "glazing": 0.3, "pottery": 0.05}


def country(seed=0, firms=3_000):
    """Firms round towns, three labels carried at random, and a park for two of them; cells of 250 m."""
    draws = np.random.default_rng(seed)
    homes = draws.uniform(-400, 400, (12, 2))[draws.choice(12, firms, p=draws.dirichlet(np.ones(12)))]
    points = np.concatenate([homes + draws.normal(0, 5, (firms, 2)), draws.normal((500, 500), 2, (60, 2))])
    table = pd.DataFrame(np.floor(points).astype(np.int64), columns=["column", "row"])
    table["cell"] = cell_keys(table["column"].to_numpy(), table["row"].to_numpy())
    park = np.arange(len(table)) >= firms
    for label, share in SHARES.items():
        table[label] = draws.random(len(table)) < np.where(park & (label != "brewing"), 0.8, share)
    return table


def tally(table):
    """What an engine counts: companies per cell, and per cell and label."""
    long = [table.loc[table[label], ["cell"]].assign(label=label) for label in SHARES]
    return (
        table.groupby("cell").size().rename("total").reset_index(),
        pd.concat(long).groupby(["cell", "label"]).size().rename("total").reset_index(),
    )


def assert_same(first, second):
    assert [one.label for one in first] == [one.label for one in second]
    for one, other in zip(first, second, strict=True):
        assert (one.companies, one.reason) == (other.companies, other.reason)
        np.testing.assert_equal(one.threshold, other.threshold)
        pd.testing.assert_frame_equal(one.cells, other.cells)
        pd.testing.assert_frame_equal(one.groups, other.groups)


@pytest.fixture(scope="module")
def counts():
    return assemble(*tally(country()))


@pytest.fixture(scope="module")
def found(counts):
    return scan_labels(counts, QUICK)


# --- What holds of every cluster


def test_a_park_of_two_labels_is_found_for_both_and_for_no_third(found):
    corner = cell_keys(np.array([480]), np.array([480]))[0]
    parks = {one.label: (one.cells["cell"] > corner).any() for one in found}
    assert parks == {"brewing": False, "glazing": True, "pottery": True}


def test_a_cluster_is_what_its_cells_say(counts, found):
    for one in (one for one in found if len(one.groups)):
        cells, groups = one.cells, one.groups
        assert cells["cell"].is_unique
        assert cells["cell"].is_monotonic_increasing
        places = np.searchsorted(counts.keys, cells["cell"])
        assert (counts.keys[places] == cells["cell"]).all()
        label = counts.of(one.label)
        held = cells.assign(own=label.at(places), every=counts.total[places]).groupby("group")
        assert groups.index.tolist() == sorted(set(cells["group"])) == list(range(len(groups)))
        assert groups["observed"].tolist() == held["own"].sum().tolist()
        assert groups["all_companies"].tolist() == held["every"].sum().tolist()
        assert (groups["national_share"] == label.size / counts.total.sum()).all()
        assert (groups["observed"] >= QUICK.min_firms).all()
        assert (held["log10_p"].min() < groups["threshold"]).all()
        assert (groups["chance"] <= QUICK.level).all()
        assert groups["stability"].between(0, 1).all()


def test_chances_are_shares_of_the_random_maps():
    # A level at which middling clusters of random labels pass too.
    p, seen = replace(QUICK, level=0.5, resamples=0), set()
    for seed in range(5):
        counts = assemble(*tally(country(seed, firms=800)))
        ground = field(counts.keys, counts.total, p)
        for one in scan_labels(counts, p):
            maxima = null_maxima(one.companies, ground, p)
            best = -one.cells.groupby("group")["log10_p"].min()
            assert one.groups["chance"].tolist() == [(1 + (maxima >= each).sum()) / 20 for each in best]
            assert (one.groups["chance"] <= p.level).all()
            seen |= set(one.groups["chance"])
    assert len(seen) > 2


def test_cells_are_specialised_beyond_the_threshold_and_core_when_they_return(found):
    cells = pd.concat([one.cells.assign(threshold=one.threshold) for one in found if len(one.cells)])
    assert (cells["specialised"] == (cells["log10_p"] < cells["threshold"])).all()
    special = cells[cells["specialised"]]
    assert (special["k"] >= QUICK.min_firms).all()
    assert (special["lq"] >= QUICK.min_lq * (1 - 1e-9)).all()
    np.testing.assert_allclose(special["lq"], special["k"] / special["n"] / special["baseline"])
    assert (cells["core"] == (cells["specialised"] & (cells["frequency"] >= 0.8))).all()
    assert cells["core"].any()
    assert cells["radius_m"].isin(QUICK.radii_m).all()


# --- What has no say


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_have_no_say(counts, found, threads):
    assert_same(found, scan_labels(counts, QUICK, threads=threads))


@pytest.mark.parametrize("label", SHARES)
def test_other_labels_have_no_say(found, label):
    total, by_label = tally(country())
    alone = scan_labels(assemble(total, by_label[by_label["label"] == label]), QUICK)
    assert_same([one for one in found if one.label == label], alone)


def test_the_order_of_the_rows_and_how_they_are_split_have_no_say(found):
    table = country()
    halves = [tally(part) for _, part in table.groupby(np.random.default_rng(3).random(len(table)) < 0.3)]
    totals, by_label = (pd.concat(parts) for parts in zip(*halves, strict=True))
    totals = totals.groupby("cell")["total"].sum().reset_index()
    by_label = by_label.groupby(["cell", "label"])["total"].sum().reset_index()
    shuffled = assemble(totals.sample(frac=1, random_state=1), by_label.sample(frac=1, random_state=2))
    assert_same(found, scan_labels(shuffled, QUICK))


@pytest.mark.parametrize(("columns", "rows"), [(1, 0), (-977, 31), (12_345, -54_321)])
def test_moving_by_whole_cells_moves_the_cells_alone(found, columns, rows):
    table = country()
    table["cell"] = cell_keys(table["column"].to_numpy() + columns, table["row"].to_numpy() + rows)
    moved = scan_labels(assemble(*tally(table)), QUICK)
    for one in moved:
        column, row = cell_positions(one.cells["cell"].to_numpy())
        one.cells["cell"] = cell_keys(column - columns, row - rows)
    assert_same(found, moved)


def test_without_resamples_only_the_stability_is_missing(counts, found):
    fewer = scan_labels(counts, replace(QUICK, resamples=0))
    assert any(len(one.groups) for one in fewer)
    for one, other in zip(found, fewer, strict=True):
        assert other.groups["stability"].isna().all()
        assert other.cells["frequency"].isna().all()
        assert not other.cells["core"].any()
        rest = ["frequency", "core"]
        pd.testing.assert_frame_equal(one.cells.drop(columns=rest), other.cells.drop(columns=rest))
        pd.testing.assert_frame_equal(
            one.groups.drop(columns="stability"), other.groups.drop(columns="stability")
        )


def test_one_disc_is_enough(counts):
    p = replace(QUICK, radii_m=(1_600.0,), resamples=2)
    found = {one.label: one for one in scan_labels(counts, p)}
    assert len(found["pottery"].groups)
    assert (found["pottery"].cells["radius_m"] == 1_600).all()


def test_progress_goes_up_to_the_whole(counts):
    told = {}
    scan_labels(counts, QUICK, lambda stage, share: told.setdefault(stage, []).append(share))
    assert [len(shares) for shares in told.values()] == [3, QUICK.resamples]
    for shares in told.values():
        assert shares == sorted(shares)
        assert shares[-1] == 1


# --- Labels that cannot be tested


def test_labels_too_small_or_too_common_say_why_and_the_rest_is_tested():
    total = pd.DataFrame({"cell": np.arange(50) * 100, "total": 10})
    sizes = {"rare": 4, "common": 450, "tested": 100}
    by_label = pd.concat(
        pd.DataFrame({"cell": total["cell"], "label": label, "total": size // 50})
        for label, size in sizes.items()
    )
    by_label = by_label[by_label["total"] > 0]
    few = pd.DataFrame({"cell": [0], "label": ["rare"], "total": [4]})
    found = {
        one.label: one for one in scan_labels(assemble(total, pd.concat([by_label, few]), ("none",)), QUICK)
    }
    assert list(found) == ["common", "none", "rare", "tested"]
    assert "location quotient" in found["common"].reason
    assert found["none"].reason.startswith("0 companies")
    assert found["rare"].reason.startswith("4 companies")
    assert found["tested"].reason == ""
    for one in found.values():
        assert one.cells.empty
        assert one.groups.empty
        assert np.isnan(one.threshold) == bool(one.reason)


def test_without_any_firm_every_label_is_untested():
    nothing = pd.DataFrame({"cell": pd.Series(dtype="int64"), "total": pd.Series(dtype="int64")})
    none = nothing.assign(label=pd.Series(dtype=object))
    (one,) = scan_labels(assemble(nothing, none, ("a",)), QUICK)
    assert (one.label, one.companies) == ("a", 0)
    assert one.reason.startswith("0 companies")
    assert scan_labels(assemble(nothing, none), QUICK) == []


@pytest.mark.parametrize("min_lq", [1.0, 1.5])
def test_all_firms_in_one_cell_cannot_stand_out(min_lq):
    total = pd.DataFrame({"cell": [7], "total": [60]})
    by_label = pd.DataFrame({"cell": [7, 7], "label": ["a", "b"], "total": [20, 60]})
    for one in scan_labels(assemble(total, by_label), replace(QUICK, min_lq=min_lq)):
        assert one.cells.empty


# --- Which cells make a cluster


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32 - 1), st.floats(1.3, 5))
def test_grouped_cells_keep_what_is_promised(seed, above):
    on, label = scattered(seed)
    passed = scan(label, on, above)
    cells, group = grouped(passed, label, on, SMALL)
    assert (np.diff(cells) > 0).all()
    assert sorted(set(group.tolist())) == list(range(len(set(group.tolist()))))
    column, row = cell_positions(on.keys)
    gap = np.maximum(np.abs(np.subtract.outer(column, column)), np.abs(np.subtract.outer(row, row)))
    link = int(SMALL.link_m)
    # Clusters lie further apart than what is linked.
    assert (gap[np.ix_(cells, cells)][group[:, None] != group] > link).all()
    # Specialised cells with dense surroundings give their firms.
    giving = passed.cells[dense(passed, label, on, on.discs[:2])]
    assert set(giving) <= set(cells)
    # What links to one another is one cluster, and holds enough of what is most striking in it.
    own = label.at(cells)
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
        assert own[group == number].sum() >= max(SMALL.min_firms, passed.k[peak] / 2)
    # Nothing else is in a cluster but the discs of what is most striking.
    assert set(cells) <= allowed
    if len(cells):
        scores = score(cells, label, on)
        for number in range(group.max() + 1):
            assert scores.statistic[group == number].max() > above


def test_without_specialised_cells_there_are_no_clusters():
    on, label = scattered(1)
    cells, group = grouped(scan(label, on, 1e9), label, on, SMALL)
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
    p = ScanParameters(relabellings=19, resamples=0)
    keys, column, row, total, background = town()
    apart = np.hypot(column - 30, row - 30)
    planted = np.where(apart <= 1.5, 40, 0)
    on = field(keys, total + planted, p)
    label = label_map(background + planted)
    passed = scan(label, on, 5.0)
    # Cells over 2 km away are specialised, by what the largest disc finds in the middle ...
    assert (apart[passed.cells] * 250 > 2_000).sum() > 30
    cells, group = grouped(passed, label, on, p)
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
    passed = scan(label, on, 5.0)
    cells, group = grouped(passed, label, on, p)
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
    cells, group = grouped(scan(label, on, 5.0), label, on, p)
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
    passed = scan(label, on, 3.0)
    # Only the disc around the middle one holds them all.
    assert column[order][passed.cells].tolist() == [5]
    cells, group = grouped(passed, label, on, p)
    assert label.at(cells).sum() == 18
    assert group.tolist() == [0] * 9
