"""Counts of parts add up to the counts of the whole, however it is cut."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from clusters.many_machines import tally
from clusters.many_machines.tally import Setting, Tally
from data.refusals import no_refusals
from intake.admission import Admission

NAMES = ("a", "b", "c")
CELL = 250.0
# Each example asks a database several times.
FEW = settings(max_examples=20, deadline=None)


def admission(rows, first=0, ids=True) -> Admission:
    """Firms given as (easting, northing, labels), in cells of 250 m."""
    firm = [number for number, (*_, labels) in enumerate(rows) for _ in labels]
    label = [NAMES.index(one) for *_, labels in rows for one in sorted(labels)]
    numbers = np.arange(first, first + len(rows))
    return Admission(
        rows=len(rows),
        row=numbers,
        firm_id=pa.array([f"f{n}" for n in numbers], pa.string()) if ids else None,
        easting=np.array([row[0] for row in rows], dtype=float),
        northing=np.array([row[1] for row in rows], dtype=float),
        la=np.array([n % 3 - 1 for n in numbers], dtype=np.int16),
        firm=np.array(firm, dtype=np.int32),
        label=np.array(label, dtype=np.int32),
        names=NAMES,
        refused=no_refusals(),
        notes={"odd": len(rows) % 2},
        la_codes=("E1", "W2"),
    )


ROWS = st.tuples(
    st.sampled_from([100.0, 110.0, 400.0, 900.5]),
    st.sampled_from([50.0, 60.0, 1_000.0]),
    st.sets(st.sampled_from(NAMES)),
)


def setting(rows, repeated=(), heavy_from=3) -> Setting:
    cells = Counter(tally.cells_of(admission(rows), CELL).tolist())
    heavy = sorted(cell for cell, count in cells.items() if count >= heavy_from)
    return Setting(CELL, np.array(sorted(repeated), np.int64), np.array(heavy, np.int64))


def assert_same(one: Tally, other: Tally) -> None:
    for name in ("cells", "labels", "points", "point_labels"):
        mine, its = (getattr(each, name).astype({"total": "int64"}) for each in (one, other))
        if "label" in mine:
            mine, its = (each.assign(label=each["label"].astype(str)) for each in (mine, its))
        assert_frame_equal(mine.reset_index(drop=True), its.reset_index(drop=True))


@FEW
@given(st.lists(ROWS, max_size=25), st.lists(st.integers(0, 25), max_size=3), st.sets(st.integers(0, 24)))
def test_parts_add_up(rows, cuts, repeated):
    agreed = setting(rows, repeated)
    whole = tally.merged_tallies([tally.count(admission(rows), agreed)])
    cuts = sorted({0, len(rows), *(cut for cut in cuts if cut <= len(rows))})
    pieces = [admission(rows[a:z], a) for a, z in pairwise(cuts)] or [admission([])]
    counted = [tally.count(piece, agreed) for piece in pieces]
    assert_same(tally.merged_tallies(counted[::-1]), whole)
    piles = zip(*(tally.dealt(one, 3) for one in counted), strict=True)
    assert_same(tally.merged_tallies([tally.merged_tallies(pile) for pile in piles]), whole)
    surveys = tally.merged_surveys([tally.survey(piece, CELL) for piece in pieces])
    assert surveys.rows == len(rows)
    assert surveys.cells["total"].sum() == len(rows)
    assert_frame_equal(surveys.cells, tally.merged_cells([tally.survey(admission(rows), CELL).cells]))


@FEW
@given(st.lists(ROWS, max_size=25), st.sets(st.integers(0, 24)), st.integers(1, 6))
def test_every_firm_that_is_not_repeated_is_counted_once(rows, repeated, heavy_from):
    agreed = setting(rows, repeated, heavy_from)
    found = tally.count(admission(rows), agreed)
    left = [row for number, row in enumerate(rows) if number not in repeated]
    assert found.cells["total"].sum() + found.points["total"].sum() == len(left)
    assert not set(found.cells["cell"]) & set(found.points["cell"])
    assert set(found.points["cell"]) <= set(agreed.heavy)
    carried = Counter(label for *_, labels in left for label in labels)
    assert found.firms_by_label.to_dict() == dict(carried)
    assert list(found.firms_by_label.index) == sorted(carried)
    points = Counter(
        row[:2]
        for row in left
        if (row[0], row[1]) in {*zip(found.points["easting"], found.points["northing"], strict=True)}
    )
    got = {(x, y): n for x, y, n in found.points[["easting", "northing", "total"]].itertuples(index=False)}
    assert got == dict(points)


@FEW
@given(st.lists(ROWS, max_size=25), st.integers(1, 5))
def test_dealing_keeps_every_row_and_brings_equal_keys_together(rows, piles):
    found = tally.merged_tallies([tally.count(admission(rows), setting(rows))])
    dealt = tally.dealt(found, piles)
    assert len(dealt) == piles
    assert_same(tally.merged_tallies(dealt), found)
    where = [set(pile.labels["cell"]) for pile in dealt]
    assert sum(map(len, where)) == len(set().union(*where))
    where = [set(pile.point_labels["easting"]) for pile in dealt]
    assert sum(map(len, where)) == len(set().union(*where))


@FEW
@given(st.lists(ROWS, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_members_are_the_firms_of_the_label_in_the_cells(rows, random):
    whole = admission(rows)
    agreed = setting(rows)
    cells = sorted({*tally.cells_of(whole, CELL).tolist()})
    ground = pd.DataFrame(
        [
            (name, cell, number, number % 2 == 0)
            for name in "ab"
            for number, cell in enumerate(cells)
            if random.random() < 0.6
        ],
        columns=["label", "cell", "group", "core"],
    ).astype({"cell": "int64", "group": "int64", "core": bool})  # fmt: skip
    found = tally.members(whole, agreed, ground)
    pairs = {*zip(ground["label"], ground["cell"], strict=True)}
    own = dict(enumerate(tally.cells_of(whole, CELL).tolist()))
    wanted = {
        (label, row)
        for row, (*_, labels) in enumerate(rows)
        for label in labels
        if (label, own[row]) in pairs
    }
    assert {*zip(found["label"], found["row"], strict=True)} == wanted
    assert len(found) == len(wanted)
    assert list(found.columns) == list(tally.MEMBERS)
    codes = [("", "E1", "W2")[row % 3] for row in found["row"]]
    assert list(found["la_code"]) == codes
    halves = [tally.members(admission(rows[a:z], a), agreed, ground) for a, z in ((0, 5), (5, len(rows)))]
    both = tally.in_order(pd.concat(halves[::-1], ignore_index=True))
    assert_frame_equal(both, found, check_dtype=False)


def test_who_is_set_aside_or_repeated_is_no_member():
    rows = [(100.0, 50.0, {"a"}), (100.0, 60.0, {"a"}), (110.0, 50.0, {"a"}), (100.0, 50.0, {"a"})]
    agents = pd.DataFrame({"easting": [100.0], "northing": [50.0]})
    agreed = Setting(CELL, np.array([2]), np.zeros(0, np.int64), agents)
    cell = tally.cells_of(admission(rows), CELL)[0]
    ground = pd.DataFrame({"label": ["a"], "cell": [cell], "group": [0], "core": [True]})
    assert tally.members(admission(rows), agreed, ground)["row"].tolist() == [1]
    assert tally.taking_part(admission(rows), np.arange(4), agreed).tolist() == [False, True, False, False]


@pytest.mark.parametrize("ids", [True, False])
def test_the_table_of_firms(ids):
    rows = [(1.0, 2.0, {"b", "a"}), (3.0, 4.0, set()), (5.0, 6.0, {"c"})]
    found = tally.firms(admission(rows, ids=ids), Setting(CELL, np.array([2]))).to_pydict()
    assert found["row"] == [0, 1]
    assert found["sector"] == ["a;b", ""]
    assert found["la_code"] == ["", "E1"]
    assert ("firm_id" in found) is ids
    assert "name" not in found


@FEW
@given(st.lists(ROWS, max_size=25), st.sets(st.integers(0, 24)), st.integers(1, 6))
def test_a_map_of_all_cells_and_sorting_count_alike(rows, repeated, heavy_from):
    """Cells too far apart for a map are sorted instead."""
    own, agreed = admission(rows), setting(rows, repeated, heavy_from)
    on_map = tally.numbered(own, CELL), tally.count(own, agreed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "MOST_MAPPED", 0)
        by_sorting = tally.numbered(own, CELL), tally.count(own, agreed)
    for one, other in zip(on_map[0], by_sorting[0], strict=True):
        assert one.tolist() == other.tolist()
        assert one.dtype == other.dtype
    assert_same(on_map[1], by_sorting[1])
    cells = on_map[0]
    assert cells.keys[cells.number].tolist() == tally.cells_of(own, CELL).tolist()
    assert (np.diff(cells.keys) > 0).all()


def test_firms_left_out_are_cut_from_the_table_wherever_they_stand():
    rows = [(float(number), 2.0, {"a"}) for number in range(6)]
    for out in ([], [0], [5], [2, 3], [0, 2, 5], list(range(6))):
        found = tally.firms(admission(rows, first=10), Setting(CELL, np.array(out, np.int64) + 10))
        assert found["row"].to_pylist() == [number + 10 for number in range(6) if number not in out]
        assert found["easting"].to_pylist() == [number for number in range(6) if number not in out]
