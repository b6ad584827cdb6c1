import csv
import hashlib
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
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters import results as module
from clusters.description.findings import CLUSTERS, LABELS
from clusters.description.lineage import lineage
from clusters.description.typology import EVIDENCE
from clusters.detect import detect
from clusters.results import CRITERIA, FILES, FORMAT, Results, check_target, read_results, write_results
from clusters.scan.parameters import ScanParameters
from data.errors import InputError, TableError
from data.spreadsheet import bare
from tests.clusters.towns import planted

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
OPTIONAL = {"lineage.csv", "firms.parquet"}
HOSTILE = st.sampled_from(
    ["=1+1", "'=1", "''-1", "+1", "-1", "@A1", "\t=1", "\r=1", '"', ",", "\r\n", "'", "＝1"]
)
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8) | HOSTILE


def square(x, side=100.0):
    return shapely.box(x, 0, x + side, side)


def some_clusters(number=2):
    """Clusters beside one another; the last one without a core."""
    values = {column: [0.5 + i for i in range(number)] for column in CLUSTERS}
    for column, kind in module.CLUSTER_TYPES.items():
        if kind == pa.int64():
            values[column] = [10 + i for i in range(number)]
        if kind == pa.string():
            values[column] = [f"{column} {i}" for i in range(number)]
        if kind == pa.bool_():
            values[column] = pd.array([None, True, False][:number], dtype="boolean")
    values["la_codes"] = [["E06000021", "E07000001"], []][:number]
    values["la_shares"] = [[0.75, 0.25], []][:number]
    cores = [square(1_000.0 * i, 50) if i < number - 1 else shapely.Polygon() for i in range(number)]
    shapes = [square(1_000.0 * i) for i in range(number)]
    table = pd.DataFrame(values).assign(core_geometry=gpd.GeoSeries(cores, crs=27700))
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=27700), crs=27700)


def some_results(**changes) -> Results:
    members = pd.DataFrame(
        {
            "cluster_id": ["cluster_id 0"] * 3 + ["cluster_id 1"] * 2,
            "row": range(5),
            "firm_id": [f"0000{i}" for i in range(5)],
            "easting": np.arange(5) + 0.25,
            "northing": np.arange(5) + 0.5,
            "core": [True, True, False, False, False],
        }
    )
    label = dict.fromkeys(LABELS, "x") | {"firms": 5, "companies": 5, "clusters": 2, "tested": False}
    tables = {
        "clusters": some_clusters(),
        "members": members,
        "labels": pd.DataFrame([label | {"threshold": -5.5}, label | {"label": "y", "threshold": np.nan}]),
        "cells": pd.DataFrame(
            {"cluster_id": ["cluster_id 0"], "label": "label 0", "cell": [2**40], "k": [3]}
        ),
        "evidence": pd.DataFrame(
            [["cluster_id 0", "related", "technology", "glazing", "=it"]], columns=[*EVIDENCE]
        ),
        "refused": pd.DataFrame(
            {
                "row": [7, 8],
                "column": ["postcode", ""],
                "value": ["=A1", 'a\r\n"b"'],
                "reason": ["-", "no place"],
            }
        ),
        "report": {"rows": 7, "threshold": {"x": -5.5}},
    }
    return Results(**(tables | changes))


def a_lineage():
    clusters = some_clusters()[["cluster_id", "label", "name"]]
    members = some_results().members
    return lineage(clusters, members, clusters.iloc[:1], members.iloc[:3]).table


def full_results() -> Results:
    firms = pa.table(
        {
            "firm_id": ["00001", "00002"],
            "easting": [1.0, 2.0],
            "label": pa.array(["a", "b"]).dictionary_encode(),
        }
    )
    return some_results(lineage=a_lineage(), firms=firms)


def no_results() -> Results:
    """A run that found nothing, in columns without types."""
    empty = {
        name: pd.DataFrame(columns=[*types], dtype=object)
        for name, types in module.TYPES.items()
        if name != "clusters"
    }
    nothing = gpd.GeoSeries([], crs=27700)
    table = pd.DataFrame(columns=[*module.CLUSTER_TYPES], dtype=object).assign(core_geometry=nothing)
    found = gpd.GeoDataFrame(table, geometry=nothing, crs=27700)
    return Results(**(empty | {"firms": None, "clusters": found, "report": {}}))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def cells_of(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True)))


def assert_same(one: Results, other: Results):
    for name in ("members", "labels", "cells", "evidence", "refused"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_dtype=False)
    facts = [
        pd.DataFrame(result.clusters).drop(columns=["geometry", "core_geometry"]) for result in (one, other)
    ]
    pd.testing.assert_frame_equal(*facts)
    for name in ("geometry", "core_geometry"):
        shapes = [gpd.GeoSeries(result.clusters[name].to_numpy()) for result in (one, other)]
        assert shapes[0].geom_equals_exact(shapes[1], tolerance=0).all()
    assert dict(one.report) == dict(other.report)


@pytest.mark.parametrize("make", [some_results, full_results])
def test_what_is_written_is_read_back(tmp_path, make):
    results = make()
    write_results(tmp_path / "out", results)
    found = read_results(tmp_path / "out")
    assert_same(results, found)
    assert found.clusters.crs == found.clusters["core_geometry"].crs == "EPSG:27700"
    assert found.clusters["rd_active"].isna().tolist() == [True, False]
    if results.lineage is None:
        assert found.lineage is found.firms is None
    else:
        pd.testing.assert_frame_equal(found.lineage, results.lineage)
        assert found.firms.column("label").to_pylist() == ["a", "b"]
        assert read_results(tmp_path / "out", with_firms=False).firms is None


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
        "import sys; from pathlib import Path; from tests.clusters import test_results as own; "
        "own.write_results(Path(sys.argv[1]), own.full_results())"
    )
    root = Path(__file__).parents[2]
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


def test_row_groups_do_not_change_what_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ROW_GROUP", 2)
    write_results(tmp_path / "out", some_results())
    assert pq.ParquetFile(tmp_path / "out" / "members.parquet").num_row_groups == 3
    assert_same(some_results(), read_results(tmp_path / "out"))


def test_a_run_that_found_nothing(tmp_path):
    write_results(tmp_path / "out", no_results())
    found = read_results(tmp_path / "out")
    assert len(found.clusters) == len(found.members) == len(found.refused) == len(found.lineage) == 0
    assert list(found.clusters.columns) == [*module.CLUSTER_TYPES, "core_geometry", "geometry"]
    assert found.members["row"].dtype == "int64"
    assert pyogrio.list_layers(tmp_path / "out" / "clusters.gpkg")[:, 0].tolist() == ["clusters", "cores"]
    assert gpd.read_parquet(tmp_path / "out" / "clusters.parquet").crs == "EPSG:27700"


def test_a_scan_can_be_written(tmp_path):
    firms, labels, _ = planted()
    found = detect(firms, labels, ScanParameters(relabellings=19, resamples=5))
    results = some_results(
        clusters=found.clusters,
        members=found.members.assign(row=range(len(found.members))),
        labels=found.labels,
        cells=found.cells,
        evidence=found.evidence,
    )
    write_results(tmp_path / "out", results)
    again = read_results(tmp_path / "out")
    assert len(again.clusters) == len(found.clusters) > 0
    assert again.clusters["la_codes"].tolist() == found.clusters["la_codes"].tolist()
    assert again.clusters.geometry.geom_equals_exact(found.clusters.geometry, tolerance=0).all()
    pd.testing.assert_frame_equal(again.clusters[[*CRITERIA]], found.clusters[[*CRITERIA]], check_dtype=False)
    assert again.members["company"].tolist() == found.members["company"].tolist()


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
    module._write_csv(tmp_path / "refused.csv", module._arrow(table, "refused"))
    pd.testing.assert_frame_equal(module._csv(tmp_path, "refused"), table, check_dtype=False)
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


def test_a_former_result_is_replaced_whole(tmp_path):
    folder = tmp_path / "deep" / "out"
    write_results(folder, full_results())
    (folder / ".DS_Store").touch()
    write_results(folder, no_results())
    assert len(read_results(folder).clusters) == 0
    assert {path.name for path in folder.iterdir()} == FILES - {"firms.parquet"}
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_an_empty_folder_and_a_link_will_do(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_results(tmp_path / "link", some_results())
    assert (tmp_path / "link").is_symlink()
    assert_same(some_results(), read_results(tmp_path / "real"))


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (
            lambda folder: (folder / "notes.txt").touch(),
            r"out holds 'notes.txt', not part of a former result",
        ),
        (lambda folder: (folder / "report.json").write_text('{"rows": 1}'), r"holds 'report.json'"),
        (lambda folder: (folder / "report.json").write_text("["), r"holds 'report.json'"),
        (lambda folder: (folder / "report.json").write_text('{"format": 5}'), r"holds 'report.json'"),
        (
            lambda folder: [(folder / f"{i}.txt").touch() for i in range(5)],
            r"holds '0.txt', '1.txt', '2.txt' and 2 more",
        ),
        (
            lambda folder: [write_results(folder, some_results()), (folder / "mine").mkdir()],
            r"holds 'mine', not part of a former result: empty it or name another folder",
        ),
    ],
)
def test_what_is_not_ours_is_never_touched(tmp_path, fill, words):
    folder = tmp_path / "out"
    folder.mkdir()
    fill(folder)
    before = sorted(folder.rglob("*")), sorted(path.stat().st_mtime_ns for path in folder.rglob("*"))
    with pytest.raises(InputError, match=words):
        write_results(folder, some_results())
    assert before == (
        sorted(folder.rglob("*")),
        sorted(path.stat().st_mtime_ns for path in folder.rglob("*")),
    )
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_or_the_working_folder_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file is a file: name a folder"):
        check_target(tmp_path / "file")
    with pytest.raises(InputError, match=r"out cannot be made: .*file is a file"):
        check_target(tmp_path / "file" / "out")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for folder in (Path(), tmp_path, Path("/")):
        with pytest.raises(InputError, match="is the working folder or holds it"):
            write_results(folder, some_results())
    assert check_target(Path("new")) == tmp_path / "work" / "new"


PLACES = ("_write_parquet", "_write_csv", "write_geopackage", "_put_in_place", "check_target")
FULL_DISK = OSError(28, "No space left on device")


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A result that is only copied."""
    folder = tmp_path_factory.mktemp("ready") / "out"
    write_results(folder, full_results())
    return folder


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
        if len(calls) == (1 if place in ("_put_in_place", "write_geopackage") else 2):
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


def test_the_old_result_returns_when_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    write_results(folder, full_results())
    before = digests(folder)
    own = Path.rename

    def fail(path, target):
        if ".part-" in path.name:
            raise KeyboardInterrupt
        return own(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(KeyboardInterrupt):
        write_results(folder, no_results())
    assert digests(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def spoil(column):
    def change(folder):
        path = folder / "members.parquet"
        pq.write_table(pq.read_table(path).drop_columns([column]), path)

    return change


def rewrite(name, change):
    def spoiled(folder):
        path = folder / f"{name}.parquet"
        pq.write_table(change(pq.read_table(path)), path)

    return spoiled


@pytest.mark.parametrize(
    ("change", "words"),
    [
        *[
            (
                lambda folder, name=name: (folder / name).unlink(),
                rf"{name} is missing: .*out is (no|not a whole) result",
            )
            for name in sorted(FILES - OPTIONAL - {"clusters.gpkg", "labels.csv"})
        ],
        (lambda folder: (folder / "report.json").write_text("{"), r"report.json cannot be read as JSON"),
        (lambda folder: (folder / "report.json").write_text("[]"), r"has the format None: it must be 'innov"),
        (
            lambda folder: (folder / "members.parquet").write_bytes(b"PAR1"),
            r"members.parquet cannot be read as Parq",
        ),
        (
            lambda folder: (folder / "refused.csv").write_text("row,column\n1,2,3\n"),
            r"refused.csv cannot be read as CSV",
        ),
        (lambda folder: (folder / "refused.csv").write_text(""), r"refused.csv cannot be read as CSV"),
        (
            lambda folder: (folder / "refused.csv").write_text("row,column\n1,2\n"),
            r"refused.csv lacks the columns",
        ),
        (spoil("firm_id"), r"members.parquet lacks the columns \['firm_id'\]: it has \['cluster_id', 'row'"),
        (
            rewrite("members", lambda t: t.set_column(1, "row", t["row"].cast(pa.string()))),
            r"members.parquet has columns of the wrong type: row is string; wanted are row int64",
        ),
        (
            rewrite("clusters", lambda t: t.replace_schema_metadata(None)),
            r"clusters.parquet has no geometry that can",
        ),
        (
            rewrite("clusters", lambda t: t.drop_columns(["core_geometry"])),
            r"lacks the columns \['core_geometry'\]",
        ),
        (
            rewrite("clusters", lambda t: t.slice(0, 1)),
            r"do not fit together: members name the cluster 'cluster_id 1'",
        ),
    ],
)
def test_a_damaged_folder_is_refused_in_words(tmp_path, ready, change, words):
    shutil.copytree(ready, tmp_path / "out")
    change(tmp_path / "out")
    with pytest.raises(InputError, match=words):
        read_results(tmp_path / "out")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="none is not there, or no folder"):
        read_results(tmp_path / "none")


def test_tables_are_checked_together():
    whole = some_results()
    with pytest.raises(TableError) as caught:
        replace(
            whole,
            clusters=pd.concat([whole.clusters.to_crs(4326)] * 2),
            members=whole.members.assign(cluster_id="nowhere").drop(columns="core"),
            labels=whole.labels.drop(columns="reason"),
            report={"format": "mine"},
        )
    for words in (
        "the table of members lacks ['core']",
        "the table of labels lacks ['reason']",
        "the clusters are in EPSG:4326: they must be in EPSG:27700",
        "cluster_id 'cluster_id 0' is given twice",
        "members name the cluster 'nowhere', which is not there",
        "the report's format is 'mine'",
    ):
        assert words in str(caught.value)


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
