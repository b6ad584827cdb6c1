"""What was written is read back, and a folder that is damaged is refused in words."""

import shutil

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest

from clusters.description.growth import GROWTH
from clusters.detect import detect
from clusters.results import writing
from clusters.results.folder import FILES
from clusters.results.reading import read_results
from clusters.results.tables import CLUSTER_TYPES, CRITERIA
from clusters.results.writing import write_results
from clusters.scan.parameters import ScanParameters
from data.errors import InputError
from tests.clusters.results.small_results import (
    OPTIONAL,
    assert_same,
    full_results,
    no_results,
    some_clusters,
    some_results,
)
from tests.clusters.towns import planted


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


def test_row_groups_do_not_change_what_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "ROW_GROUP", 2)
    write_results(tmp_path / "out", some_results())
    assert pq.ParquetFile(tmp_path / "out" / "members.parquet").num_row_groups == 3
    assert_same(some_results(), read_results(tmp_path / "out"))


def test_a_run_that_found_nothing(tmp_path):
    write_results(tmp_path / "out", no_results())
    found = read_results(tmp_path / "out")
    assert len(found.clusters) == len(found.members) == len(found.refused) == len(found.lineage) == 0
    assert list(found.clusters.columns) == [*CLUSTER_TYPES, "core_geometry", "geometry"]
    assert found.members["row"].dtype == "int64"
    assert pyogrio.list_layers(tmp_path / "out" / "clusters.gpkg")[:, 0].tolist() == ["clusters", "cores"]
    assert gpd.read_parquet(tmp_path / "out" / "clusters.parquet").crs == "EPSG:27700"


def test_a_result_from_before_sizes_and_dates_is_read(tmp_path):
    older = some_results(clusters=some_clusters().drop(columns=[*GROWTH]))
    write_results(tmp_path / "out", older)
    assert not set(GROWTH) & set(pq.read_schema(tmp_path / "out" / "clusters.parquet").names)
    found = read_results(tmp_path / "out").clusters
    assert (found["employment_basis"] == "").all()
    assert found[[*GROWTH[1:]]].isna().all(axis=None)
    pd.testing.assert_series_equal(found["lq"], older.clusters["lq"])


def test_a_scan_can_be_written(tmp_path):
    firms, labels, _ = planted()
    found = detect(firms, labels, ScanParameters(relabellings=19, resamples=5))
    results = some_results(
        clusters=found.clusters,
        members=found.members.assign(row=range(len(found.members))),
        labels=found.labels,
        nearly=found.nearly,
        cells=found.cells,
        evidence=found.evidence,
    )
    write_results(tmp_path / "out", results)
    again = read_results(tmp_path / "out")
    assert len(again.clusters) == len(found.clusters) > 0
    assert again.clusters["la_codes"].tolist() == found.clusters["la_codes"].tolist()
    assert again.clusters.geometry.geom_equals_exact(found.clusters.geometry, tolerance=0).all()
    pd.testing.assert_frame_equal(again.clusters[[*CRITERIA]], found.clusters[[*CRITERIA]], check_dtype=False)
    assert len(found.nearly) > 0
    pd.testing.assert_frame_equal(again.nearly, found.nearly, check_dtype=False)
    pd.testing.assert_frame_equal(again.labels, found.labels, check_dtype=False)
    assert again.clusters["family"].tolist() == found.clusters["family"].tolist()
    assert again.members["company"].tolist() == found.members["company"].tolist()


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
        (
            lambda folder: (folder / "report.json").write_text(
                '{"format": "innovation-clusters-map result 1"}'
            ),
            r"has the format 'innovation-clusters-map result 1': it must be 'innovation-.* result 2'",
        ),
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
