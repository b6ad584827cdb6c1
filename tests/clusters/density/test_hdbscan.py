import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import HDBSCAN

from clusters.density.hdbscan import HdbscanParameters, estimate, hdbscan_by_label
from data.errors import InputError


@pytest.fixture(scope="module")
def country():
    """Easting, northing, and the entries of three labels in no order; most firms live in six towns."""
    rng = np.random.default_rng(8)
    towns = rng.uniform(0, 300_000, (6, 2))
    x, y = (towns[rng.integers(0, 6, 900)] + rng.normal(0, 1_500, (900, 2))).T
    entries = np.column_stack((rng.integers(0, 900, 1_200), rng.integers(0, 3, 1_200)))
    return x, y, *rng.permutation(np.unique(entries, axis=0)).T


def test_partition_is_that_of_scikit_learn_and_numbers_follow_the_rows(country):
    x, y, firm, label = country
    found = hdbscan_by_label(*country)
    assert list(found.columns) == ["label", "firm", "cluster"]
    assert len(found) == len(firm)
    for code, rows in found.groupby("label"):
        at = rows["firm"].to_numpy()
        assert at.tolist() == sorted(firm[label == code])
        theirs = HDBSCAN(min_cluster_size=10, copy=True).fit(np.column_stack((x[at], y[at]))).labels_
        pairs = pd.DataFrame({"ours": rows["cluster"].to_numpy(), "theirs": theirs}).drop_duplicates()
        assert pairs["ours"].is_unique
        assert pairs["theirs"].is_unique
        assert ((pairs["ours"] < 0) == (pairs["theirs"] < 0)).all()
        assert pairs.loc[pairs["ours"] >= 0, "ours"].tolist() == [*range(theirs.max() + 1)]
        assert theirs.max() >= 4


def test_order_of_entries_has_no_say(country):
    x, y, firm, label = country
    pd.testing.assert_frame_equal(hdbscan_by_label(*country), hdbscan_by_label(x, y, firm[::-1], label[::-1]))


@pytest.mark.parametrize("rows", [1, 2, 9, 10, 60])
def test_few_firms_and_firms_at_one_place_are_noise(rows):
    found = hdbscan_by_label(np.full(rows, 4e5), np.full(rows, 3e5), np.arange(rows), np.zeros(rows, int))
    assert found["cluster"].tolist() == [-1] * rows


def test_no_entries():
    found = hdbscan_by_label([1.0], [2.0], [], [])
    assert found.empty
    assert found.columns.tolist() == ["label", "firm", "cluster"]


def test_time_grows_with_the_square_and_memory_with_the_largest():
    one, two, twins = estimate([100_000]), estimate([200_000]), estimate([100_000, 100_000])
    assert one.firms == 100_000
    assert two.minutes / one.minutes == pytest.approx(4, rel=0.05)
    assert twins.minutes == pytest.approx(2 * one.minutes)
    assert two.gb == pytest.approx(2 * one.gb)
    assert twins.gb == one.gb
    assert estimate([100_000], min_samples=100).gb > 4 * one.gb
    assert estimate([]).minutes == 0


def test_what_takes_too_long_is_refused_before_it_starts():
    rows = 1_000_000
    places = np.arange(rows, dtype=float)
    words = (
        r"HDBSCAN of 1,000,000 firms in 2 labels \(the largest has 500,000\) would take about 27 minutes and "
        r"0\.27 GB; it may take 10 minutes and 4 GB\. Give it fewer firms .*--method scan or --method dbscan"
    )
    with pytest.raises(InputError, match=words):
        hdbscan_by_label(places, places, np.arange(rows), np.arange(rows) % 2)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (
            {"max_minutes": 1e-6},
            r"about 0\.000\d+ minutes and 0\.000\d+ GB; it may take 1e-06 minutes and 4 GB",
        ),
        ({"max_gb": 1e-6}, r"it may take 10 minutes and 1e-06 GB"),
    ],
)
def test_bounds_are_the_callers(country, bounds, words):
    with pytest.raises(InputError, match=words):
        hdbscan_by_label(*country, HdbscanParameters(**bounds))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([np.nan], [1], [0], [0]), r"easting\[0\] is nan"),
        (([1], [np.inf], [0], [0]), r"northing\[0\] is inf"),
        (([1, 2], [1], [0], [0]), "easting has 2 rows and northing 1"),
        (([1], [1], [1], [0]), "firm 1 has no row"),
        (([1], [1], [0, 0], [0, 0]), "firm 0 carries label 0 twice"),
    ],
)
def test_refused_in_words(arguments, words):
    with pytest.raises(InputError, match=words):
        hdbscan_by_label(*arguments)


def test_parameters_out_of_range_are_named_at_once():
    with pytest.raises(InputError, match=r"min_samples is 1: .*; max_minutes is 0: .*; max_gb is -1: "):
        HdbscanParameters(1, 0, -1)
