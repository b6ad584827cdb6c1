"""A result is written whole or not at all, and equal ones give equal bytes."""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters.results import reading
from clusters.results import writing as module
from clusters.results.folder import FILES, FORMAT
from clusters.results.reading import read_results
from clusters.results.tables import to_arrow
from clusters.results.writing import write_results
from data.errors import InputError, TableError
from data.spreadsheet import bare
from tests.clusters.results.small_results import (
    OPTIONAL,
    assert_same,
    cells_of,
    digests,
    full_results,
    no_results,
    some_results,
)

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

HOSTILE = st.sampled_from(
    ["=1+1", "'=1", "''-1", "+1", "-1", "@A1", "\t=1", "\r=1", '"', ",", "\r\n", "'", "＝1"]
)

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8) | HOSTILE


@pytest.mark.parametrize("make", [some_results, full_results, no_results])
def test_equal_results_give_equal_bytes(tmp_path, make):
    for name in ("one", "two"):
        write_results(tmp_path / name, make())
    first = digests(tmp_path / "one")
    assert first == digests(tmp_path / "two")
    assert set(first) >= FILES - OPTIONAL
    write_results(tmp_path / "three", read_results(tmp_path / "one"))
    assert first == digests(tmp_path / "three")


def test_another_process_and_day_give_the_same_bytes(tmp_path):
    write_results(tmp_path / "here", full_results())
    code = (
        "import sys; from pathlib import Path; from tests.clusters.results import test_writing as own; "
        "own.write_results(Path(sys.argv[1]), own.full_results())"
    )
    root = Path(__file__).parents[3]
    settings_of = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", code, tmp_path / "there"], check=True, env=settings_of, cwd=root)
    assert digests(tmp_path / "here") == digests(tmp_path / "there")


def test_how_pandas_holds_a_table_does_not_show(tmp_path):
    plain = full_results()
    members = plain.members.astype({"cluster_id": object, "firm_id": "category"})
    members.index = members.index + 10
    # Text in two chunks, and a slice of a longer table.
    text = pd.array(
        pa.chunked_array([["cluster_id 0"] * 2, ["cluster_id 0"] + ["cluster_id 1"] * 2]),
        dtype="string[pyarrow]",
    )
    again = replace(plain, members=members, firms=pa.concat_tables([plain.firms] * 2).slice(2))
    chunked = replace(
        plain,
        members=plain.members.assign(cluster_id=text),
        clusters=plain.clusters.set_index(pd.Index([4, 2])),
    )
    for name, results in {"plain": plain, "again": again, "chunked": chunked}.items():
        write_results(tmp_path / name, results)
    assert digests(tmp_path / "plain") == digests(tmp_path / "again") == digests(tmp_path / "chunked")


def test_how_a_long_column_is_cut_does_not_show(tmp_path):
    # Long enough for Parquet to give up its dictionary, where cuts used to show.
    text = [f"{number:08}" for number in np.random.default_rng(0).integers(0, 10**7, 150_000)]
    for name, step in {"whole": len(text), "cut": 777}.items():
        pieces = [text[start : start + step] for start in range(0, len(text), step)]
        module._write_parquet(tmp_path / name, pa.table({"firm_id": pa.chunked_array(pieces)}))
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "cut").read_bytes()


def test_other_programs_can_read_the_geography(tmp_path):
    write_results(tmp_path / "out", some_results())
    parquet = gpd.read_parquet(tmp_path / "out" / "clusters.parquet")
    assert parquet.crs == "EPSG:27700"
    assert parquet.active_geometry_name == "geometry"
    assert parquet["core_geometry"].area.tolist() == [2_500, 0]
    path = tmp_path / "out" / "clusters.gpkg"
    shown = gpd.read_file(path, layer="clusters")
    assert shown["la_codes"].tolist() == ["E06000021;E07000001", ""]
    assert shown["la_shares"].tolist() == ["0.7500;0.2500", ""]
    assert shown.area.tolist() == [10_000, 10_000]
    cores = gpd.read_file(path, layer="cores")
    assert cores[["cluster_id", "label", "name"]].to_numpy().tolist() == [
        ["cluster_id 0", "label 0", "name 0"]
    ]
    assert shown.crs == cores.crs == "EPSG:27700"
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT rd_active, core_share FROM clusters").fetchall() == [
        (None, 0.5),
        (1, 1.5),
    ]
    connection.close()


def test_the_date_of_gdal_is_given_back(tmp_path):
    option = "OGR_CURRENT_DATE"
    pyogrio.set_gdal_config_options({option: "2001-02-03T00:00:00.000Z"})
    try:
        write_results(tmp_path / "out", some_results())
        assert pyogrio.get_gdal_config_option(option) == "2001-02-03T00:00:00.000Z"
    finally:
        pyogrio.set_gdal_config_options({option: None})
    write_results(tmp_path / "out", some_results())
    assert pyogrio.get_gdal_config_option(option) is None


@given(st.lists(st.tuples(st.integers(-5, 10**12), CELLS, CELLS), max_size=5))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_refused_rows_are_safe_and_come_back(tmp_path, rows):
    refused = pd.DataFrame(rows, columns=["row", "value", "reason"]).assign(column="name")
    table = refused[["row", "column", "value", "reason"]].astype(
        {"row": "int64", "value": str, "reason": str}
    )
    module._write_csv(tmp_path / "refused.csv", to_arrow(table, "refused"))
    pd.testing.assert_frame_equal(reading._csv(tmp_path, "refused"), table, check_dtype=False)
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        _, *cells = csv.reader(file)
    assert len(cells) == len(rows)
    for (row, value, reason), read in zip(rows, cells, strict=True):
        assert int(read[0]) == row
        for text, cell in ((value, read[2]), (reason, read[3])):
            assert not cell.startswith(STARTS)
            assert bare(cell) == text


def test_numbers_below_zero_stay_numbers(tmp_path):
    write_results(tmp_path / "out", some_results())
    header, first, second = cells_of(tmp_path / "out" / "labels.csv")
    assert (first[header.index("threshold")], second[header.index("threshold")]) == ("-5.5", "")
    assert cells_of(tmp_path / "out" / "refused.csv")[1] == ["7", "postcode", "'=A1", "'-"]


def test_the_report_is_plain_sorted_json(tmp_path):
    report = {
        "z": np.int64(3),
        "a": {2: np.float64("nan"), "one": [np.True_, -np.inf, None]},
        "path": Path("x"),
        "labels": {"b", "a"},
        "place": "Ynys Môn",
        "shares": np.array([0.5, np.nan]),
        "none": pd.NA,
    }
    write_results(tmp_path / "out", some_results(report=report))
    text = (tmp_path / "out" / "report.json").read_text(encoding="utf-8")
    plain = {
        "z": 3,
        "a": {"2": None, "one": [True, None, None]},
        "path": "x",
        "labels": ["a", "b"],
        "place": "Ynys Môn",
        "shares": [0.5, None],
        "none": None,
    }
    assert text == json.dumps(plain | {"format": FORMAT}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert read_results(tmp_path / "out").report == plain


PLACES = ("_write_parquet", "_write_csv", "write_geopackage", "put_in_place", "check_target")

FULL_DISK = OSError(28, "No space left on device")


@pytest.mark.parametrize("former", [True, False])
@pytest.mark.parametrize(
    ("place", "fault"),
    [
        *((place, KeyboardInterrupt) for place in PLACES),
        (PLACES[0], FULL_DISK),
        (PLACES[2], RuntimeError("?")),
    ],
)
def test_a_failure_leaves_things_as_they_were(tmp_path, monkeypatch, ready, *, fault, place, former):
    folder = tmp_path / "out"
    if former:
        shutil.copytree(ready, folder)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    own, calls = getattr(module, place), []

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) == (1 if place in ("put_in_place", "write_geopackage") else 2):
            raise fault
        return own(*arguments)

    monkeypatch.setattr(module, place, fail)
    with pytest.raises(
        InputError if isinstance(fault, OSError) else (KeyboardInterrupt, RuntimeError)
    ) as caught:
        write_results(folder, no_results())
    if isinstance(fault, OSError):
        assert "the result cannot be written to" in str(caught.value)
        assert "No space left" in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == (["out"] if former else [])


def test_a_column_of_another_kind_is_named(tmp_path):
    wrong = some_results(refused=some_results().refused.assign(value=[1.5, "x"]))
    with pytest.raises(TableError, match="refused: column 'value' does not hold string throughout"):
        write_results(tmp_path / "out", wrong)
    assert not any(tmp_path.iterdir())


def test_inputs_stay_as_they_are(tmp_path):
    results, again = full_results(), full_results()
    write_results(tmp_path / "out", results)
    assert_same(results, again)
    assert results.clusters.columns.tolist() == again.clusters.columns.tolist()
    assert "format" not in results.report
