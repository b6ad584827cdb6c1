"""Ids given more than once are found by their hashes, and the row that stays does not depend on order."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from data.refusals import no_refusals
from intake.hashing import text_hashes
from intake.repeated_ids import id_hashes, no_repeated, refuse_repeated, rows_of, seen_again
from tests.clusters.many_machines.test_tally import admission


@given(
    ids=st.lists(st.none() | st.text(max_size=3) | st.text(max_size=90), max_size=60), cut=st.integers(0, 60)
)
def test_repeated_ids_are_found_by_their_hashes(ids, cut):
    whole = text_hashes(ids)
    assert np.array_equal(whole, np.concatenate([text_hashes(ids[:cut]), text_hashes(ids[cut:])]))
    assert np.array_equal(whole, text_hashes(pa.array(["", *ids], pa.string()).slice(1)))
    assert len({int(one) for one in whole} - {0}) == len(set(ids) - {None, ""})
    again = seen_again([whole[:cut], whole[cut:]])
    counts = Counter(one for one in ids if one)
    assert sorted(int(one) for one in again) == sorted(
        int(text_hashes([one])[0]) for one, count in counts.items() if count > 1
    )


def test_hashes_do_not_change_from_process_to_process():
    assert [f"{one:016x}" for one in text_hashes(["07463123", "SC123456", "x" * 65])] == [
        "a28fbbcc2f6476a8",
        "3fa217c746f24746",
        "c085721fdfc5c936",
    ]
    assert text_hashes([None, ""]).tolist() == [0, 0]
    assert len(seen_again([])) == 0


def test_hashes_are_spread(ground):
    hashes = text_hashes([f"{n:08d}" for n in range(100_000)])
    assert len(np.unique(hashes)) == 100_000
    assert np.bincount((hashes % np.uint64(16)).astype(int), minlength=16).std() < 200
    assert np.bincount((hashes >> np.uint64(60)).astype(int), minlength=16).std() < 200


def test_the_row_that_stays_does_not_depend_on_order():
    firms = pd.DataFrame(
        [
            (5, "x", 2.0, 1.0, "a"),
            (9, "x", 1.0, 2.0, "b"),
            (3, "x", 1.0, 2.0, "c"),
            (7, "x", 1.0, 2.0, "b"),
            (1, "y", 0.0, 0.0, None),
            (2, "y", 0.0, 0.0, None),
            (8, "z", 0.0, 0.0, "a"),
            (4, None, 0.0, 0.0, "a"),
            (6, None, 0.0, 0.0, "a"),
        ],
        columns=["row", "firm_id", "easting", "northing", "sector"],
    )
    out = refuse_repeated(firms, "crn")
    assert out.to_numpy().tolist() == [
        [2, "crn", "y", "given more than once: row 1 is the one that stays"],
        [3, "crn", "x", "given more than once: row 7 is the one that stays"],
        [5, "crn", "x", "given more than once: row 7 is the one that stays"],
        [9, "crn", "x", "given more than once: row 7 is the one that stays"],
    ]
    for seed in range(5):
        assert refuse_repeated(firms.sample(frac=1, random_state=seed), "crn").equals(out)
    assert refuse_repeated(firms.iloc[:0]).equals(no_refusals())
    assert refuse_repeated(firms.iloc[6:]).equals(no_refusals())
    assert refuse_repeated(firms).dtypes.equals(no_refusals().dtypes)


def test_rows_of_ids():
    one = admission([(1.0, 2.0, {"a", "b"}), (3.0, 4.0, set()), (5.0, 6.0, {"c"})], first=7)
    wanted = np.sort(text_hashes(["f7", "f8", "other"]))
    found = rows_of(one, wanted)
    assert found["row"].tolist() == [7, 8]
    assert found["firm_id"].tolist() == ["f7", "f8"]
    assert found["sector"].tolist() == ["a;b", ""]
    assert found["easting"].tolist() == [1.0, 3.0]
    assert rows_of(one, wanted[:0]).empty
    assert list(found.columns) == list(no_repeated().columns)
    assert len(id_hashes(admission([(1.0, 2.0, set())], ids=False))) == 0
