import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.counts import assemble, bin_points, cell_centres, cell_keys, cell_positions, tabulate
from data.errors import TableError

CELL = st.integers(-100_000, 100_000)


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
    assert counts.of("a").tolist() == [0]
    assert counts.of("b").tolist() == [1]


def test_counts_from_two_different_sets_of_firms_are_refused():
    total = pd.DataFrame({"cell": [5], "total": [2]})
    for cell, number in ((5, 3), (6, 1)):
        wrong = pd.DataFrame({"cell": [cell], "label": ["b"], "total": [number]})
        with pytest.raises(TableError, match="more than it holds"):
            assemble(total, wrong)
