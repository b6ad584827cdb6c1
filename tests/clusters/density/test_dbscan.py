import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from clusters.density.dbscan import DbscanParameters, dbscan, dbscan_by_label
from data.errors import InputError
from tests import reference

FIRMS = reference.FOLDER / "firms" / "companies_house_south_yorkshire.parquet"

LAW = settings(max_examples=150, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def theirs(x, y, eps, min_samples, weights=None):
    return (
        DBSCAN(eps=eps, min_samples=min_samples, algorithm="kd_tree")
        .fit(np.column_stack((x, y)), sample_weight=weights)
        .labels_
    )


def by_definition(x, y, eps, min_samples):
    """Number clusters in row order, each grown to its end before the next; every distance is looked at."""
    near = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 <= eps * eps
    core = near.sum(axis=1) >= min_samples
    labels = np.full(len(x), -1)
    for start in range(len(x)):
        if core[start] and labels[start] < 0:
            number, todo = labels.max() + 1, [start]
            while todo:
                row = todo.pop()
                if labels[row] < 0:
                    labels[row] = number
                    todo += [*np.flatnonzero(near[row])] if core[row] else []
    return labels


def same(x, y, eps, min_samples, weights=None):
    ours = dbscan(x, y, eps, min_samples, weights)
    assert ours.dtype == np.int64
    assert ours.tolist() == theirs(x, y, eps, min_samples, weights).tolist()


class TestLikeScikitLearn:
    @LAW
    @given(
        places=st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=1, max_size=120),
        eps=st.sampled_from([1, 2, 3, 5, 10]),
        min_samples=st.integers(1, 8),
        origin=st.sampled_from([(0, 0), (430_000, 387_000), (-7, -3)]),
    )
    def test_on_a_lattice_where_many_distances_are_eps(self, places, eps, min_samples, origin):
        x, y = (np.array(places) + origin).T.astype(float)
        same(x, y, eps, min_samples)

    @LAW
    @given(
        places=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60),
        weights=st.lists(st.integers(1, 6), min_size=60, max_size=60),
        eps=st.sampled_from([1, 2, 5]),
        min_samples=st.integers(1, 15),
    )
    def test_with_weights_and_as_many_rows(self, places, weights, eps, min_samples):
        x, y = np.array(places, dtype=float).T
        weights = np.array(weights[: len(x)])
        same(x, y, eps, min_samples, weights)
        weighted = dbscan(x, y, eps, min_samples, weights)
        single = dbscan(np.repeat(x, weights), np.repeat(y, weights), eps, min_samples)
        assert np.repeat(weighted, weights).tolist() == single.tolist()

    @LAW
    @given(SEEDS, st.integers(1, 400), st.floats(0.05, 3.0), st.integers(1, 12))
    def test_on_clouds_of_any_density(self, seed, rows, eps, min_samples):
        rng = np.random.default_rng(seed)
        towns = rng.uniform(0, 10, (5, 2))
        x, y = (towns[rng.integers(0, 5, rows)] + rng.normal(0, rng.uniform(0.1, 2), (rows, 2))).T
        again = rng.integers(0, rows, rows // 3)
        same(np.append(x, x[again]), np.append(y, y[again]), eps, min_samples)

    @LAW
    @given(st.lists(st.integers(-30, 30), min_size=1, max_size=80), st.integers(1, 4), st.integers(1, 6))
    def test_on_lines(self, steps, eps, min_samples):
        along = np.array(steps, dtype=float)
        level = np.full(len(along), 3.0)
        for x, y, reach in ((along, level, eps), (level, along, eps), (3 * along, 4 * along, 5 * eps)):
            same(x, y, reach, min_samples)

    @LAW
    @given(
        places=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=60),
        step=st.sampled_from([0.1, 1 / 3, 0.7, 123.4]),
        reach=st.integers(1, 6),
        min_samples=st.integers(1, 6),
    )
    def test_by_definition_where_the_last_digit_decides(self, places, step, reach, min_samples):
        # Here scikit-learn's answer hangs on how its tree is built: it compares some roots, and some squares.
        x, y = np.array(places).T * step
        found = dbscan(x, y, reach * step, min_samples)
        assert found.tolist() == by_definition(x, y, reach * step, min_samples).tolist()

    def test_on_crowded_cells_near_one_another(self):
        rng = np.random.default_rng(5)
        for gap in (995.0, 1000.0, 1003.0):
            angle = rng.uniform(0, np.pi, 3_000)
            x, y = 300 * np.cos(angle), 80 * np.sin(angle)
            y[1_500:] += gap
            same(x, y, 1_000, 10)
            same(x, y, 930, 10)

    def test_corner_cells_are_looked_at(self):
        # Ten rows in one cell; the other is eps away on the diagonal, two cells further along both axes.
        side = 1000.0
        x = np.append(np.zeros(10), side)
        assert dbscan(x, x, float(np.hypot(side, side)) * (1 + 1e-12), 10).tolist() == [0] * 11

    def test_a_border_row_goes_to_the_lowest_cluster(self):
        # The row at 2 is eps away from the only core row of either cluster.
        x = np.array([4.0, 5, 5, 5, 2, 0, -1, -1, -1])
        for row in (x, x[::-1]):
            same(row, np.zeros(9), 2, 5)
            assert dbscan(row, np.zeros(9), 2, 5).tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1]


class TestLaws:
    @settings(max_examples=60, deadline=None)
    @given(SEEDS, st.integers(2, 150))
    def test_order_of_rows_moves_numbers_and_border_rows_only(self, seed, rows):
        rng = np.random.default_rng(seed)
        x, y = rng.integers(0, 12, (2, rows)).astype(float)
        order = rng.permutation(rows)
        found, again = dbscan(x, y, 2, 5), np.empty(rows, dtype=np.int64)
        again[order] = dbscan(x[order], y[order], 2, 5)
        near = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 <= 4
        core = near.sum(axis=1) >= 5
        assert ((found < 0) == (again < 0)).all()
        pairs = pd.DataFrame({"found": found[core], "again": again[core]}).drop_duplicates()
        assert pairs["found"].is_unique
        assert pairs["again"].is_unique

    def test_input_is_left_alone_even_where_it_cannot_be_written(self):
        x = np.array([5.0, 1, 3, -0.0])
        x.setflags(write=False)
        dbscan(x, x, 1, 1)
        assert x.tolist() == [5, 1, 3, 0]

    def test_nought_of_either_sign_is_one_place(self):
        assert dbscan([0.0, -0.0], [-0.0, 0.0], 1, 2).tolist() == [0, 0]


class TestSizes:
    def test_all_firms_at_one_point(self):
        rows = 400_000
        assert (dbscan(np.full(rows, 530_000), np.full(rows, 180_000), 1_000, 10) == 0).all()
        assert (dbscan(np.full(rows, 530_000), np.full(rows, 180_000), 1_000, rows + 1) == -1).all()

    def test_crowds_just_out_of_reach_of_one_another(self):
        # Arcs about one centre: each firm of one has a firm of the other a millimetre out of reach.
        angle = np.linspace(-0.1, 0.1, 100_000)
        radius = np.repeat([2_000, 3_000.001], 100_000)
        x, y = radius * np.cos(np.tile(angle, 2)), radius * np.sin(np.tile(angle, 2))
        assert dbscan(x, y, 1_000, 10).tolist() == np.repeat([0, 1], 100_000).tolist()
        assert (dbscan(x, y, 1_000.01, 10) == 0).all()

    @pytest.mark.parametrize("place", [0, 700, 1_999, 2_600, 3_999])
    def test_one_firm_joins_crowds_that_are_out_of_reach(self, place):
        angle = np.linspace(-0.1, 0.1, 4_000)
        across, up = np.cos(angle), np.sin(angle)
        x = np.concatenate((2_000 * across, 3_000.001 * across, 2_999.9999 * across[[place]]))
        y = np.concatenate((2_000 * up, 3_000.001 * up, 2_999.9999 * up[[place]]))
        assert dbscan(x[:-1], y[:-1], 1_000, 10).max() == 1
        assert (dbscan(x, y, 1_000, 10) == 0).all()

    def test_no_rows(self):
        assert dbscan([], [], 1_000, 10).tolist() == []

    def test_one_row(self):
        assert dbscan([1.0], [2.0], 1_000, 1).tolist() == [0]
        assert dbscan([1.0], [2.0], 1_000, 2).tolist() == [-1]

    def test_rows_at_either_end_of_the_world(self):
        assert dbscan([-1e8, 1e8], [1e8, -1e8], 1, 1).tolist() == [0, 1]


class TestRefused:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (([np.nan, 1], [1, 2], 1, 1), r"easting\[0\] is nan: it must be a finite number"),
            (([1, 2], [1, np.inf], 1, 1), r"northing\[1\] is inf"),
            (([1, 2], [1], 1, 1), "easting has 2 rows and northing 1"),
            (([1], [1], 0, 1), "eps_m is 0: it must be a number of metres above 0"),
            (([1], [1], -5, 1), "eps_m is -5"),
            (([1], [1], np.nan, 1), "eps_m is nan"),
            (([1], [1], np.inf, 1), "eps_m is inf"),
            (([1], [1], 1, 0), "min_samples is 0: it must be at least 1"),
            (([1], [1], 1, 1, [0]), r"weights\[0\] is 0.0: it must be above 0"),
            (([1], [1], 1, 1, [np.nan]), r"weights\[0\] is nan"),
            (([1], [1], 1, 1, [1, 2]), "weights has 2 rows and easting 1"),
            ((["a"], [1], 1, 1), "easting holds what is not a number: .*'a'"),
            (([[1]], [1], 1, 1), "easting has 2 dimensions"),
            (
                ([0, 1e6], [0, 0], 1e-6, 1),
                "eps_m is 1e-06 for rows that are 1000000.0 metres apart: .* 0.00132",
            ),
            (([0], [0], 1e-200, 1), "eps_m is 1e-200"),
        ],
    )
    def test_in_words(self, arguments, words):
        with pytest.raises(InputError, match=words):
            dbscan(*arguments)

    def test_all_faults_at_once(self):
        with pytest.raises(
            InputError, match=r"easting\[1\].*; northing\[0\].*; easting has 2 rows and northing 1"
        ):
            dbscan([1, np.nan], [np.inf], 1, 1)
        with pytest.raises(InputError, match=r"eps_m.*; min_samples"):
            DbscanParameters(0, 0)

    @pytest.mark.parametrize(
        ("firm", "label", "words"),
        [
            ([0, 3], [0, 0], "firm 3 has no row: it must lie between 0 and 2"),
            ([0, -1], [0, 0], "firm -1 has no row"),
            ([0, 1], [0], "firm has 2 entries and label 1"),
            ([1, 0, 1], [7, 7, 7], "firm 1 carries label 7 twice"),
            ([0.5], [0], "firm holds float64 values: they must be whole numbers"),
        ],
    )
    def test_entries_in_words(self, firm, label, words):
        with pytest.raises(InputError, match=words):
            dbscan_by_label([1, 2, 3], [1, 2, 3], firm, label)


@pytest.fixture(scope="module")
def country():
    """Easting, northing, and the entries of nine labels in no order."""
    rng = np.random.default_rng(3)
    towns = rng.uniform(0, 60_000, (12, 2))
    x, y = (towns[rng.integers(0, 12, 4_000)] + rng.normal(0, 1_500, (4_000, 2))).round(-2).T
    entries = np.column_stack((rng.integers(0, 4_000, 6_000), rng.integers(0, 9, 6_000) ** 2))
    return x, y, *rng.permutation(np.unique(entries, axis=0)).T


class TestByLabel:
    def test_each_label_by_itself(self, country):
        x, y, firm, label = country
        found = dbscan_by_label(*country, DbscanParameters(800, 6))
        assert list(found.columns) == ["label", "firm", "cluster"]
        assert len(found) == len(firm)
        for code, rows in found.groupby("label"):
            assert rows["firm"].tolist() == sorted(firm[label == code])
            assert rows["cluster"].tolist() == theirs(x[rows["firm"]], y[rows["firm"]], 800, 6).tolist()
        assert found["cluster"].max() > 3

    def test_threads_and_order_of_entries_have_no_say(self, country):
        x, y, firm, label = country
        once = dbscan_by_label(*country, threads=1)
        order = np.argsort(firm, kind="stable")
        for threads in (2, 5, None):
            again = dbscan_by_label(x, y, firm[order], label[order], threads=threads)
            pd.testing.assert_frame_equal(once, again)

    def test_codes_may_be_any_whole_numbers(self, country):
        x, y, firm, label = country
        plain = dbscan_by_label(*country)
        odd = dbscan_by_label(x, y, firm, label * 100_000 - 300_000)
        assert (odd["label"] == plain["label"] * 100_000 - 300_000).all()
        assert odd["cluster"].tolist() == plain["cluster"].tolist()

    def test_weights_of_firms(self):
        found = dbscan_by_label([0, 9e5, 1], [0, 9e5, 1], [0, 1, 1, 2], [0, 0, 1, 1], weights=[1, 10, 9])
        assert found["cluster"].tolist() == [-1, 0, 0, -1]

    def test_no_entries(self):
        found = dbscan_by_label([1.0], [2.0], [], [])
        assert found.columns.tolist() == ["label", "firm", "cluster"]
        assert found.empty

    def test_many_labels_of_one_firm_each(self):
        rows = np.arange(10_000)
        found = dbscan_by_label(rows * 1.0, rows * 1.0, rows, rows[::-1])
        assert (found["cluster"] == -1).all()
        assert found["label"].tolist() == rows.tolist()


@pytest.mark.reference
@pytest.mark.parametrize(("eps_m", "min_samples"), [(1_000, 10), (250, 5), (2_500, 40)])
def test_south_yorkshire_by_division(eps_m, min_samples):
    if not FIRMS.exists():
        pytest.skip(f"no {FIRMS.name} in the folder of reference files (set REFERENCE_DATA)")
    columns = ["easting", "northing", "SICCode.SicText_1"]
    firms = pd.read_parquet(FIRMS, columns=columns).dropna(subset=columns[:2])
    division = pd.Categorical(firms["SICCode.SicText_1"].fillna("none").str[:2])
    x, y = firms["easting"].to_numpy(), firms["northing"].to_numpy()
    parameters = DbscanParameters(eps_m, min_samples)
    found = dbscan_by_label(x, y, np.arange(len(x)), division.codes, parameters)
    assert len(found) == len(firms)
    for _, rows in found.groupby("label"):
        at = rows["firm"].to_numpy()
        assert rows["cluster"].tolist() == theirs(x[at], y[at], eps_m, min_samples).tolist()
