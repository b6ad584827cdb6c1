import numpy as np
import pandas as pd
import pytest

from data.errors import TableError
from intake.shipped import admit
from tests.clusters.towns import firm_table


def test_rows_in_are_rows_kept_and_rows_refused():
    firms = firm_table([[0, 0], [1, 1], [np.nan, 1], [1, np.inf], [2, 2], [5, 5]])
    firms.loc[4, "location_precision"] = "town"
    firms.loc[5, "firm_id"] = "f00000"
    labels = pd.DataFrame(
        {"firm_id": ["f00000", "f00000", "f00004", "nobody", "f00001"], "label": ["a", "a", "a", "a", None]}
    )
    intake = admit(firms, labels)
    refused = intake.refused.groupby("table").size()
    assert len(intake.firms) + refused["firms"] == len(firms)
    assert len(intake.labels) + refused["labels"] == len(labels)
    reasons = intake.refused.set_index(["table", "firm_id"])["reason"]
    assert "place of work" in reasons["firms", "f00004"]
    assert "easting" in reasons["firms", "f00002"]
    assert "northing" in reasons["firms", "f00003"]
    assert "before" in reasons["firms", "f00000"]
    assert "takes no part" in reasons["labels", "nobody"]


def test_a_refused_firm_keeps_its_value_for_the_reader():
    firms = firm_table([[0, 0]], location_precision="region")
    refused = admit(firms, pd.DataFrame({"firm_id": [], "label": []})).refused
    assert refused[["column", "value"]].to_numpy().tolist() == [["location_precision", "region"]]


def test_a_refused_row_is_numbered_as_the_caller_gave_it():
    firms = firm_table([[0, 0], [1, 1], [2, 2]]).iloc[::-1]
    firms["location_precision"] = ["postcode", "town", "postcode"]
    labels = pd.DataFrame({"firm_id": ["f00002", "f00001"], "label": ["b", "a"]}, index=[7, 7])
    refused = admit(firms, labels).refused
    assert refused[["table", "row", "firm_id"]].to_numpy().tolist() == [
        ["firms", 1, "f00001"],
        ["labels", 1, "f00001"],
    ]


def test_inputs_stay_as_they_were():
    firms, labels = firm_table([[0, 0]]), pd.DataFrame({"firm_id": ["f00000"], "label": ["a"]})
    before = firms.copy(), labels.copy()
    admit(firms, labels)
    pd.testing.assert_frame_equal(firms, before[0])
    pd.testing.assert_frame_equal(labels, before[1])


def test_missing_columns_and_contradicting_kinds_are_errors():
    firms = firm_table([[0, 0]])
    with pytest.raises(TableError, match="easting"):
        admit(firms.drop(columns="easting"), pd.DataFrame({"firm_id": [], "label": []}))
    twice = pd.DataFrame({"firm_id": ["f00000"] * 2, "label": ["a", "a"], "kind": ["sector", "technology"]})
    with pytest.raises(TableError, match="'a' is both"):
        admit(firms, twice)
    with pytest.raises(TableError, match="'colour'"):
        admit(firms, twice.assign(kind="colour"))
