"""One machine: the same answers however a register is cut, ordered and shared among threads."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from clusters.description.traits import Span
from clusters.many_machines.engine import OneMachine
from clusters.many_machines.tally import Setting
from clusters.many_machines.trait_tally import Asked
from data.errors import InputError
from intake import reading
from intake.reading import open_register
from intake.repeated_ids import refuse_repeated
from tests.clusters.sized import sized
from tests.clusters.small_registers import firms, shuffled, write_csv, write_parquet

CELL = 250.0


def untidy(count: int = 300) -> pd.DataFrame:
    """Firms of whom some are given twice, some are at sea, and many are at one point."""
    table = sized(count)
    again = table.head(12).assign(easting=table["easting"].head(12) + 700)
    sea = table.tail(8).assign(easting=640_000.0, northing=500_000.0, firm_id="")
    crowd = pd.concat([table.head(1)] * 60, ignore_index=True).assign(firm_id=[f"C{n}" for n in range(60)])
    return pd.concat([table, again, sea, crowd], ignore_index=True)


def answers(engine, table: pd.DataFrame) -> dict[str, object]:
    """Return all that an engine says, rows told by what stands in them instead of by their number."""
    told = []
    seen = engine.survey(CELL, told.append)
    double = refuse_repeated(engine.repeated())
    heavy = seen.cells.loc[seen.cells["total"] >= 50, "cell"].to_numpy()
    setting = Setting(CELL, np.sort(double["row"].to_numpy(np.int64)), np.sort(heavy))
    tallied = engine.count(setting, told.append)
    pairs = tallied.labels[["cell", "label"]].astype({"label": object})
    ground = pairs.assign(group=pairs["cell"] % 3, core=pairs["cell"] % 2 == 0)
    members = engine.members(setting, ground, told.append)
    table = table.reset_index(drop=True).round(6)
    stays = table.drop(index=[*seen.refused["row"], *double["row"]]).sort_values([*table.columns])
    assert all(0 <= share <= 1 for share in told)
    asked = Asked(ground["cell"].unique()[::2], Span(2013, 2020))
    traits = engine.traits(setting, asked, told.append)
    # Row numbers, and what is sorted by them only where all else is equal, follow the file.
    plain = members.drop(columns="row").astype({"la_code": object})
    return {
        "rows": seen.rows,
        "notes": dict(seen.notes),
        "refused": sorted(seen.refused["reason"]),
        "stays": stays.reset_index(drop=True),
        "heavy": heavy.tolist(),
        "cells": seen.cells,
        "counts": [
            getattr(tallied, one).astype({"label": str} if "label" in one else {})
            for one in ("cells", "labels", "points", "point_labels")
        ],
        "members": plain,
        "heard": {name: tuple(one) for name, one in engine.heard().items()},
        "traits": [traits.labels, traits.ground, traits.nation],
    }


def assert_same(one, other) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        for mine, its in zip(
            *((x if isinstance(x, list) else [x]) for x in (value, other[name])), strict=True
        ):
            if isinstance(mine, pd.DataFrame):
                assert_frame_equal(mine, its, check_dtype=False)
            else:
                assert mine == its


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    table = untidy()
    source = write_parquet(tmp_path_factory.mktemp("whole") / "firms", table)
    return table, answers(OneMachine(open_register(source)), table)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 99), st.integers(1, 4), st.integers(20, 500), st.integers(20, 500))
def test_files_row_groups_tables_and_order_have_no_say(
    tmp_path_factory, monkeypatch, whole, seed, files, group, rows
):
    table, wanted = whole
    mixed = shuffled(table, seed)
    source = write_parquet(tmp_path_factory.mktemp("cut") / "firms", mixed, files, group)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "ROWS", rows)
        assert_same(answers(OneMachine(open_register(source)), mixed), wanted)


@pytest.mark.parametrize("threads", [1, 7])
def test_threads_have_no_say(tmp_path, monkeypatch, whole, threads):
    table, wanted = whole
    monkeypatch.setattr(reading, "ROWS", 40)
    monkeypatch.setattr(os, "cpu_count", lambda: threads)
    source = write_parquet(tmp_path / "firms", table, files=3, rows=25)
    assert_same(answers(OneMachine(open_register(source)), table), wanted)


def test_csv_gives_what_parquet_gives(tmp_path, whole):
    table, wanted = whole
    assert_same(answers(OneMachine(open_register(write_csv(tmp_path / "firms.csv", table))), table), wanted)


def test_the_table_of_firms_has_each_row_once(tmp_path):
    table = untidy()
    engine = OneMachine(open_register(write_csv(tmp_path / "firms.csv", table)))
    seen = engine.survey(CELL, lambda _: None)
    double = refuse_repeated(engine.repeated())
    kept = engine.firms(Setting(CELL, np.sort(double["row"].to_numpy(np.int64))))
    assert sorted([*kept["row"].to_pylist(), *double["row"], *seen.refused["row"]]) == list(range(len(table)))
    own = table.loc[kept["row"].to_numpy()]
    assert kept["firm_id"].to_pylist() == own["firm_id"].tolist()
    assert [sorted(one.split(";")) for one in kept["sector"].to_pylist()] == [
        sorted(one.split(";")) for one in own["sector"]
    ]


def test_what_goes_wrong_in_a_thread_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "ROWS", 10)
    source = write_parquet(tmp_path / "firms", firms(100), files=3, rows=10)
    register = open_register(source)
    (source / "part-002.parquet").write_bytes(b"PAR1 no more PAR1")
    with pytest.raises(InputError, match="part-002"):
        OneMachine(register).survey(CELL, lambda _: None)
