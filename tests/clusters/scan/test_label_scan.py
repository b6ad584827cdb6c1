from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.scan.counts import assemble, cell_keys, cell_positions
from clusters.scan.field import field
from clusters.scan.label_scan import scan_labels
from clusters.scan.parameters import ScanParameters
from clusters.scan.rates import PALE, SOLID
from clusters.scan.threshold import null_peaks, tails

QUICK = ScanParameters(min_firms=5, follow=False, relabellings=20, resamples=10)
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
        pd.testing.assert_frame_equal(one.nearly, other.nearly)
        pd.testing.assert_frame_equal(one.best, other.best)
        assert one.tail == other.tail


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
        assert (groups["p"] <= QUICK.pale).all()
        assert (groups["q"] <= QUICK.pale).all()
        assert groups["stability"].between(0, 1).all()


def test_chances_are_those_of_the_tail_at_the_most_striking_cell():
    # Levels at which middling clusters of random labels pass too.
    p, seen = replace(QUICK, level=0.5, pale=0.9, resamples=0), set()
    for seed in range(5):
        counts = assemble(*tally(country(seed, firms=800)))
        ground = field(counts.keys, counts.total, p)
        drawn = tails([null_peaks(size, ground) for size in sizes_of(counts)], p)
        every = scan_labels(counts, p)
        e = np.concatenate([one.groups["e"] for one in every])
        for one in every:
            best = -one.cells.groupby("group")["log10_p"].min()
            tail = drawn[one.companies]
            assert one.threshold == -tail.limits[p.level]
            assert one.groups["e"].tolist() == [tail.expected(each) for each in best]
            np.testing.assert_allclose(one.groups["p"], -np.expm1(-one.groups["e"]))
            assert one.groups["p_error"].tolist() == [tail.error(each) for each in best]
            assert one.groups["q"].between(0, 1).all()
            assert set(one.groups["standing"]) <= {SOLID, PALE}
            worse = one.groups[["p", "q"]].max(axis=1)
            assert (worse <= p.pale).all()
            assert ((worse <= p.level) == (one.groups["standing"] == SOLID)).all()
            seen |= set(one.groups["standing"])
        # The most striking of all is as sure as L E of it, or of a part of the map that holds it.
        if len(e):
            q = np.concatenate([one.groups["q"] for one in every])[np.argmin(e)]
            assert q <= min(1, len(every) * e.min()) + 1e-12
    assert seen == {SOLID, PALE}


def sizes_of(counts):
    return sorted({counts.of(name).size for name in counts.labels}, reverse=True)


def test_cells_are_specialised_beyond_the_threshold_and_core_when_they_return(found):
    limits = [one.groups["threshold"].loc[one.cells["group"]].to_numpy() for one in found]
    cells = pd.concat([one.cells.assign(threshold=own) for one, own in zip(found, limits, strict=True)])
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


@pytest.mark.parametrize("label", ["glazing", "pottery"])
def test_other_labels_have_a_say_in_how_sure_a_cluster_is_alone(found, label):
    total, by_label = tally(country())
    own = {one.label: one for one in found}[label]
    counts = assemble(total, by_label[by_label["label"] == label])
    # What shuffled maps show is pooled over labels; where it is known, the label's test is its own.
    (alone,) = scan_labels(counts, QUICK, known=lambda _name, _size: own.tail)
    pd.testing.assert_frame_equal(own.cells, alone.cells)
    pd.testing.assert_frame_equal(own.nearly, alone.nearly)
    pd.testing.assert_frame_equal(own.groups.drop(columns="q"), alone.groups.drop(columns="q"))
    assert (alone.groups["q"] <= own.groups["q"]).all()


def test_the_order_of_the_rows_and_how_they_are_split_have_no_say(found):
    table = country()
    halves = [tally(part) for _, part in table.groupby(np.random.default_rng(3).random(len(table)) < 0.3)]
    totals, by_label = (pd.concat(parts) for parts in zip(*halves, strict=True))
    totals = totals.groupby("cell")["total"].sum().reset_index()
    by_label = by_label.groupby(["cell", "label"])["total"].sum().reset_index()
    shuffled = assemble(totals.sample(frac=1, random_state=1), by_label.sample(frac=1, random_state=2))
    assert_same(found, scan_labels(shuffled, QUICK))


@pytest.mark.parametrize(("columns", "rows"), [(100, 0), (-900, 300), (12_300, -54_300)])
def test_moving_by_whole_squares_moves_the_cells_alone(found, columns, rows):
    table = country()
    table["cell"] = cell_keys(table["column"].to_numpy() + columns, table["row"].to_numpy() + rows)
    moved = scan_labels(assemble(*tally(table)), QUICK)
    for one in moved:
        column, row = cell_positions(one.cells["cell"].to_numpy())
        one.cells["cell"] = cell_keys(column - columns, row - rows)
        for places in (one.nearly, one.best):
            places["easting"] -= 250.0 * columns
            places["northing"] -= 250.0 * rows
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


def test_where_chances_are_known_none_are_drawn(counts, found):
    tail_of = {one.label: one.tail for one in found}
    p = replace(QUICK, relabellings=0, most_relabellings=0)
    told = []
    again = scan_labels(
        counts, p, lambda stage, _share: told.append(stage), known=lambda name, _size: tail_of[name]
    )
    assert_same(found, again)
    assert set(told) == {"Resampling the firms"}


def test_clusters_that_may_be_chance_share_no_cell_with_those_that_are_sure():
    p, both = replace(QUICK, level=0.3, pale=0.95, resamples=0), 0
    for seed in range(8):
        counts = assemble(*tally(country(seed, firms=1_500)))
        for one in scan_labels(counts, p):
            assert one.cells["cell"].is_unique
            assert one.cells["cell"].is_monotonic_increasing
            assert one.groups.index.tolist() == sorted(set(one.cells["group"]))
            limits = one.groups["threshold"]
            assert set(limits) <= {-one.tail.limits[p.level], -one.tail.limits[p.pale]}
            best = one.cells.groupby("group")["log10_p"].min()
            assert (best < limits).all()
            both += limits.nunique() == 2
    assert both


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
