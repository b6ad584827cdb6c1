from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.counts import assemble, cell_centres, cell_keys, numbers_of
from clusters.scan.field import field
from clusters.scan.label_scan import scan_labels
from clusters.scan.nearly import APART, MOST, NEARLY
from clusters.scan.parameters import ScanParameters
from clusters.scan.scan import score
from tests.clusters.grounds import SMALL, scattered
from tests.clusters.scan.test_label_scan import country, tally

QUICK = ScanParameters(min_firms=5, relabellings=20, resamples=0)


def counted(on, label):
    """Counts of a field and one label, as an engine hands them over."""
    total = pd.DataFrame({"cell": on.keys, "total": np.diff(on.everyone)})
    by_label = pd.DataFrame({"cell": on.keys[label.cells], "label": "x", "total": label.counts})
    return assemble(total, by_label)


def cell_of(place, cell_m=250.0):
    return cell_keys(
        np.array([place.easting // cell_m]).astype(np.int64),
        np.array([place.northing // cell_m]).astype(np.int64),
    )[0]


@pytest.fixture(scope="module")
def scans():
    """Labels at random, of which some have a place that came near, and two with a park."""
    found = []
    for seed in range(12):
        counts = assemble(*tally(country(seed, firms=1_500)))
        found += [(counts, one) for one in scan_labels(counts, QUICK)]
    return found


# --- The most likely place


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_every_label_that_is_tested_has_a_most_likely_place(seed):
    on, label = scattered(seed)
    counts = counted(on, label)
    (one,) = scan_labels(counts, SMALL)
    if one.reason:
        assert len(one.best) == len(one.nearly) == 0
        assert one.tail is None
        return
    # Where a label is spread so evenly that it is nowhere commoner than around, there is none.
    own, rule = on.own(label), on.rule(label.size)._replace(min_firms=1, min_lq=1.0)
    anywhere = score(np.arange(len(on.keys)), own, on, rule).statistic.max() > 0
    assert len(one.best) == anywhere
    assert [*one.best.columns] == [*one.nearly.columns] == [*NEARLY]
    for best in one.best.itertuples():
        assert 1 <= best.observed <= best.companies
        assert best.minimum == SMALL.least(label.size)
        if best.observed < best.minimum:
            # Shuffled maps were not asked about so few.
            assert np.isnan([best.e, best.p]).all()
        else:
            assert best.p == pytest.approx(-np.expm1(-best.e))
            assert best.e == one.tail.expected(-best.log10_p)
        if len(one.cells):
            assert best.log10_p == one.cells["log10_p"].min()
        elif len(one.nearly):
            pd.testing.assert_frame_equal(one.best, one.nearly.head(1))


def test_a_label_without_two_neighbours_still_has_a_place():
    total = pd.DataFrame({"cell": np.arange(60) * 1_000, "total": 10})
    by_label = pd.DataFrame({"cell": np.arange(0, 60, 6) * 1_000, "label": "x", "total": 1})
    (one,) = scan_labels(assemble(total, by_label), QUICK)
    assert one.reason == ""
    assert len(one.nearly) == len(one.groups) == 0
    [best] = one.best.itertuples()
    assert (best.observed, best.companies, best.minimum) == (1, 10, 4)


# --- What came near


def test_nothing_is_listed_near_a_cluster_nor_twice(scans):
    seen = 0
    for counts, one in scans:
        places = one.nearly
        seen += len(places)
        points = places[["easting", "northing"]].to_numpy()
        apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        assert (apart > APART * QUICK.link_m).all()
        assert len(places) <= MOST
        assert (places["log10_p"].diff().dropna() >= 0).all()
        cells = np.column_stack(cell_centres(one.cells["cell"].to_numpy(), 250.0))
        for place in places.itertuples():
            away = np.hypot(*(cells - [place.easting, place.northing]).T)
            assert (away > max(APART * QUICK.link_m, place.radius_m)).all()
            number = numbers_of(counts.keys, np.array([cell_of(place)]))
            assert number[0] >= 0
    assert seen > 10


def test_a_place_is_told_as_its_cell_is_scored(scans):
    for counts, one in scans:
        ground = field(counts.keys, counts.total, QUICK)
        label = counts.of(one.label)
        for place in one.nearly.itertuples():
            number = numbers_of(counts.keys, np.array([cell_of(place)]))
            scores = score(number, ground.own(label), ground, ground.rule(label.size))
            assert (place.observed, place.companies) == (scores.k[0], scores.n[0])
            assert place.radius_m == QUICK.radii_m[scores.disc[0]]
            assert -place.log10_p == scores.statistic[0]
            assert place.expected == pytest.approx(scores.n[0] * scores.baseline[0])
            assert place.lq == pytest.approx(place.observed / place.expected)
            # It stands out at all, and not enough for a cluster.
            assert one.tail.chance(scores.statistic[0]) > 0
            assert place.observed >= place.minimum == QUICK.least(label.size)


def with_more(counts, name, cell, more):
    """The counts with so many companies more of a label in a cell."""
    labels = [counts.of(each) for each in counts.labels]
    rows = [
        pd.DataFrame({"cell": counts.keys[own.cells], "label": each, "total": own.counts})
        for each, own in zip(counts.labels, labels, strict=True)
    ]
    total = pd.DataFrame({"cell": counts.keys, "total": counts.total})
    extra = pd.DataFrame({"cell": [cell], "label": [name], "total": [more]})
    every = pd.concat([total, extra[["cell", "total"]]]).groupby("cell")["total"].sum().reset_index()
    own = pd.concat([*rows, extra]).groupby(["cell", "label"])["total"].sum().reset_index()
    return assemble(every, own)


def specialised(counts, scan, cell):
    """Whether a cell is beyond the limit that the label had."""
    ground = field(counts.keys, counts.total, QUICK)
    label = counts.of(scan.label)
    number = numbers_of(counts.keys, np.array([cell]))
    scores = score(number, ground.own(label), ground, ground.rule(label.size))
    return scores.statistic[0] > scan.tail.limits[QUICK.level]


def test_so_many_firms_more_would_make_it_a_cluster(scans):
    tried, enough, one_less = 0, 0, 0
    for counts, one in scans:
        for place in one.nearly.head(4).itertuples():
            cell = cell_of(place)
            assert place.more > 0
            # All firms of the label in the middle: the nation and places of its kind have them too.
            assert specialised(with_more(counts, one.label, cell, place.more + 2), one, cell)
            tried += 1
            enough += specialised(with_more(counts, one.label, cell, place.more), one, cell)
            one_less += specialised(with_more(counts, one.label, cell, place.more - 1), one, cell)
    assert tried > 10
    # That is one too few or one too many now and then.
    assert enough > 0.7 * tried
    assert one_less < 0.2 * tried


# --- The minimum follows the label


def test_a_handful_of_a_rare_label_is_found():
    """A label of 58 companies with four of the five firms of a place, in a register of thousands."""
    table = country(3)[["column", "row", "cell"]].iloc[:3_000]
    draws = np.random.default_rng(6)
    carriers = draws.choice(len(table), 54, replace=False)
    place = cell_keys(np.array([2_000]), np.array([2_000]))[0]
    total = pd.concat([table["cell"], pd.Series([place] * 5)])
    own = pd.concat([table["cell"].iloc[carriers], pd.Series([place] * 4)])
    counts = assemble(
        total.value_counts().rename_axis("cell").rename("total").reset_index(),
        own.value_counts().rename_axis("cell").rename("total").reset_index().assign(label="rare"),
    )
    assert counts.of("rare").size == 58
    p = replace(QUICK, min_firms=10)
    (found,) = scan_labels(counts, p)
    there = found.groups.loc[found.cells.loc[found.cells["cell"] == place, "group"]]
    assert there["observed"].tolist() == [4]
    assert there["all_companies"].tolist() == [5]
    assert there["standing"].tolist() == ["solid"]
    # A minimum that does not follow passes it over; it says what it would take.
    (strict,) = scan_labels(counts, replace(p, follow=False))
    assert not (strict.cells["cell"] == place).any()


def test_labels_that_are_not_tested_have_no_place():
    total = pd.DataFrame({"cell": np.arange(50) * 100, "total": 10})
    few = pd.DataFrame({"cell": [0], "label": ["rare"], "total": [3]})
    (one,) = scan_labels(assemble(total, few), QUICK)
    assert one.reason.startswith("3 companies")
    assert len(one.best) == len(one.nearly) == 0


def test_what_is_no_cluster_after_all_is_a_place_that_came_near(scans):
    """What a laxer rule calls a cluster, this one lists with its chance."""
    lax = [
        other
        for counts in {id(counts): counts for counts, _ in scans}.values()
        for other in scan_labels(counts, replace(QUICK, pale=0.6))
    ]
    compared = 0
    for (_, one), other in zip(scans, lax, strict=True):
        assert one.label == other.label
        if len(other.groups) and not len(one.groups):
            compared += 1
            assert one.nearly["e"].min() <= other.groups["e"].min() + 1e-12
            assert other.groups["standing"].tolist() == ["pale"] * len(other.groups)
    assert compared
