import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.counts import (
    LabelMap,
    assemble,
    bin_points,
    cell_centres,
    cell_keys,
    cell_positions,
    numbers_of,
    tabulate,
)
from data.errors import InputError, TableError

CELL = st.integers(-(2**31) + 1, 2**31 - 1)


@given(CELL, CELL)
def test_a_key_gives_its_cell_back(column, row):
    column_back, row_back = cell_positions(cell_keys(np.array([column]), np.array([row])))
    assert (column_back[0], row_back[0]) == (column, row)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_point_lies_in_its_cell(easting, northing):
    keys = bin_points(pd.Series([easting]), pd.Series([northing]), 500.0)
    x, y = cell_centres(keys.to_numpy(), 500.0)
    assert abs(x[0] - easting) <= 250
    assert abs(y[0] - northing) <= 250


@pytest.mark.parametrize("metres", [1e15, -1e15, 1.07374e12, 1e300, np.inf, np.nan])
def test_coordinates_without_a_cell_are_refused_in_words(metres):
    given, fine = pd.Series([0.0, metres], name="easting"), pd.Series([0.0, 1.0], name="northing")
    with pytest.raises(InputError, match=f"easting is {metres:g}: expected metres".replace("+", r"\+")):
        bin_points(given, fine, 250.0)


@given(st.sets(st.integers(-20, 20)), st.lists(st.integers(-25, 25)))
def test_numbers_are_places_among_the_sorted(keys, wanted):
    order = sorted(keys)
    found = numbers_of(np.array(order, dtype=np.int64), np.array(wanted, dtype=np.int64))
    assert found.tolist() == [order.index(key) if key in keys else -1 for key in wanted]


def test_a_label_says_what_it_has_where():
    label = LabelMap(np.array([2, 5]), np.array([7, 1]))
    assert label.size == 8
    assert label.at(np.array([5, 0, 2, 9])).tolist() == [1, 0, 7, 0]
    nothing = LabelMap(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert nothing.size == 0
    assert nothing.at(np.array([0, 3])).tolist() == [0, 0]


def test_sites_of_one_company_in_one_cell_count_once():
    firms = pd.DataFrame({"firm_id": list("abcd"), "company": ["g", "g", "c", "g"], "cell": [1, 1, 1, 2]})
    labels = pd.DataFrame({"firm_id": list("abd"), "label": "x"})
    total, by_label = tabulate(firms, labels)
    assert total["total"].tolist() == [2, 1]
    assert by_label["total"].tolist() == [1, 1]


def test_labels_without_firms_are_still_there():
    counts = assemble(
        pd.DataFrame({"cell": [5], "total": [2]}),
        pd.DataFrame({"cell": [5], "label": ["b"], "total": [1]}),
        ("a",),
    )
    assert counts.labels == ("a", "b")
    assert counts.of("a").size == 0
    assert counts.of("b").at(np.array([0])).tolist() == [1]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_counts_are_found_again_whatever_the_order_of_the_rows(seed):
    draws = np.random.default_rng(seed)
    cells = draws.choice(np.arange(-50, 50), draws.integers(1, 12), replace=False)
    total = pd.DataFrame({"cell": cells, "total": draws.integers(1, 9, len(cells))})
    pairs = total.merge(pd.DataFrame({"label": ["b", "a", "c"]}), how="cross").sample(
        frac=0.6, random_state=int(seed)
    )
    pairs["total"] = draws.integers(1, pairs["total"].to_numpy() + 1)
    counts = assemble(total, pairs)
    assert counts.keys.tolist() == sorted(cells)
    assert dict(zip(counts.keys, counts.total, strict=True)) == dict(total.itertuples(index=False))
    assert counts.labels == tuple(sorted(set(pairs["label"])))
    for label in counts.labels:
        found = counts.of(label)
        assert (np.diff(found.cells) > 0).all()
        wanted = pairs.loc[pairs["label"] == label].set_index("cell")["total"].to_dict()
        assert dict(zip(counts.keys[found.cells], found.counts, strict=True)) == wanted


def test_counts_from_two_different_sets_of_firms_are_refused():
    total = pd.DataFrame({"cell": [5], "total": [2]})
    for cell, number in ((5, 3), (6, 1)):
        wrong = pd.DataFrame({"cell": [cell], "label": ["b"], "total": [number]})
        with pytest.raises(TableError, match="more than it holds"):
            assemble(total, wrong)


def test_counts_in_parts_are_refused_until_they_are_summed():
    total = pd.DataFrame({"cell": [5, 6], "total": [3, 4]})
    parts = pd.DataFrame({"cell": [5, 5], "label": ["b", "b"], "total": [2, 2]})
    with pytest.raises(TableError, match="label 'b' is given twice in cell 5"):
        assemble(total, parts)
    with pytest.raises(TableError, match="cell 5 is given twice"):
        assemble(pd.concat([total, total.iloc[:1]]), parts.iloc[:1])
