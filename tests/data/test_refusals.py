"""Rows in = rows kept + rows refused, with the weightiest fault told, whatever rows are read from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import TableError
from data.refusals import REFUSED, Account, Fault, Sieve, merged, no_refusals, refusals, split

NAMES = ("a", "b", "c")


def test_an_account_says_what_became_of_the_rows_and_adds_up():
    assert str(Account(1_590, 1_500, 90)) == "1,590 rows: 1,500 kept, 90 refused"
    assert Account(3, 1, 2).figures == {"in": 3, "kept": 1, "refused": 2}
    for kept, refused in ((1, 1), (2, 2)):
        with pytest.raises(TableError, match=rf"of 3 rows {kept} were kept and {refused} refused"):
            Account(3, kept, refused)


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=12), st.integers(0, 5))
def test_each_row_is_kept_or_has_the_first_of_its_faults(rows, first):
    masks = np.array(rows, dtype=bool).reshape(-1, 3)
    table = pd.DataFrame({name: [f"{name}{n}" for n in range(len(rows))] for name in NAMES})
    table.index += first
    faults = [Fault((name,), masks[:, at], f"bad {name}") for at, name in enumerate(NAMES)]
    kept, refused = split(table, faults, told=("c",))
    assert sorted([*kept.index, *refused["row"]]) == table.index.tolist()
    assert kept.equals(table[~masks.any(axis=1)])
    assert list(refused.columns) == ["row", "c", *REFUSED[1:]]
    for line in refused.itertuples():
        name = NAMES[int(np.argmax(masks[line.row - first]))]
        wanted = (name, table.loc[line.row, name], f"bad {name}", table.loc[line.row, "c"])
        assert (line.column, line.value, line.reason, line.c) == wanted


def test_faults_of_some_rows_with_reasons_of_their_own():
    sieve = Sieve(
        4, {"x": pa.array([1.0, 2.5, None, 4.0]), "y": pa.array(["p", "q", "r", "s"])}, {"y": "Why"}
    )
    sieve.refuse(Fault(("x", "y"), [False, True, False, False], "half"))
    among = np.array([1, 2, 3])
    sieve.refuse(Fault(("x",), [True, True, False], pa.array(["of 1", "of 2"])), among=among)
    sieve.refuse(Fault((), [True, False, False, False], "as a whole"))
    assert sieve.kept.tolist() == [3]
    assert sieve.refused(first_row=10).to_numpy().tolist() == [
        [10, "", "", "as a whole"],
        [11, "x, Why", "2.5, q", "half"],
        [12, "x", "", "of 2"],
    ]


def test_values_are_quoted_short_and_what_tells_the_row_in_full():
    long = "x" * 100 + "\n"
    table = pd.DataFrame({"id": [long, None], "v": ["\x1b" + long, "y"]}, index=[5, 4])
    _, refused = split(table, [Fault(("v",), [True, True], "bad")], {"v": "Value"}, told=("id",))
    assert refused.to_numpy().tolist() == [
        [5, long, "Value", ("\\x1b" + "x" * 59)[:60], "bad"],
        [4, "", "Value", "y", "bad"],
    ]


def test_a_row_that_is_lost_is_noticed():
    sieve = Sieve(2, {"x": pa.array([1, 2])})
    sieve.refuse(Fault(("x",), [True, False], "bad"))
    sieve.fine[1] = False
    with pytest.raises(TableError, match="of 2 rows 0 were kept and 1 refused"):
        sieve.refused()


def test_tables_without_a_refusal_are_of_one_form():
    none = no_refusals()
    assert Sieve(3, {}).refused().equals(none)
    assert list(Sieve(3, {}, told=("id",)).refused().columns) == ["row", "id", *REFUSED[1:]]
    some = refusals([4], column="a", value="b", reason="c")
    assert some.dtypes.equals(none.dtypes)
    assert merged([some, none, some.assign(row=2)])["row"].tolist() == [2, 4]
    assert merged([none, none]).equals(none)
