"""Rows of Parquet files: values of any type, files that must agree, row groups of any size."""

from __future__ import annotations

import pyarrow as pa
import pytest

from intake.reading import batches, open_register, parts
from tests.intake.small_files import parquet, plain, read, refusal


def test_numbers_and_texts_of_many_types(tmp_path):
    path = parquet(
        tmp_path / "f.parquet",
        sector=pa.array([62, 7, None], pa.int16()),
        firm_id=pa.array([1.0, 2.5, float("nan")]),
        easting=pa.array([1, 2, None], pa.uint32()),
        northing=pa.array([1, 2, 3], pa.decimal128(8, 2)),
    )
    rows, _ = read(open_register(path))
    assert rows == [
        {"sector": "62", "firm_id": "1", "easting": 1.0, "northing": 1.0},
        {"sector": "7", "firm_id": "2.5", "easting": 2.0, "northing": 2.0},
        {"sector": None, "firm_id": None, "easting": None, "northing": 3.0},
    ]


@pytest.mark.parametrize(
    "sector",
    [
        pa.array(["007", None, "b"]),
        pa.array(["007", None, "b"], pa.large_string()),
        pa.array(["007", None, "b"], pa.string_view()),
        pa.array([b"007", None, b"b"], pa.binary()),
        pa.array(["007", None, "b"]).dictionary_encode(),
        pa.array(["007", None, "b"]).cast(pa.dictionary(pa.int8(), pa.large_string())),
    ],
)
def test_texts_of_many_types(tmp_path, sector):
    path = parquet(tmp_path / "f.parquet", sector=sector, firm_id=sector, postcode=sector)
    rows, _ = read(open_register(path))
    assert [row["sector"] for row in rows] == ["007", None, "b"]
    assert [row["firm_id"] for row in rows] == ["007", None, "b"]
    ((_, table),) = batches(open_register(path), parts(open_register(path))[0])
    assert table.schema.field("sector").type == pa.dictionary(pa.int32(), pa.string())
    assert table.schema.field("postcode").type == pa.string()


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.string()),
        pa.large_list(pa.large_string()),
        pa.list_(pa.dictionary(pa.int32(), pa.string())),
    ],
)
def test_lists_of_sectors(tmp_path, kind):
    sector = pa.array([["a", "b"], None, [], ["c", None]]).cast(kind)
    register = open_register(parquet(tmp_path / "f.parquet", sector=sector, postcode=["x"] * 4))
    assert [row["sector"] for row in read(register)[0]] == [["a", "b"], [], [], ["c", None]]


def test_lists_beside_a_file_without_sectors(tmp_path):
    parquet(tmp_path / "a.parquet", sector=pa.nulls(2), postcode=["x"] * 2)
    parquet(tmp_path / "b.parquet", sector=[["a"]], postcode=["x"])
    assert [row["sector"] for row in read(open_register(tmp_path))[0]] == [[], [], ["a"]]


@pytest.mark.parametrize(
    ("column", "values", "wanted"),
    [
        ("easting", [["1"]], "expected numbers"),
        ("sector", [{"a": 1}], "expected text"),
        ("firm_id", [["a"]], "expected text"),
        ("northing", pa.array([0], pa.timestamp("s")), "expected numbers"),
    ],
)
def test_types_that_cannot_be_used(tmp_path, column, values, wanted):
    said = refusal(plain(tmp_path / "f.parquet", 1, **{column: values}))
    assert f"column {column!r} holds" in said
    assert wanted in said


def test_bytes_that_are_no_text(tmp_path):
    assert "cannot be read" in refusal(plain(tmp_path / "f.parquet", 1, firm_id=[b"\xff"]))


def test_small_row_groups_are_joined_and_large_ones_cut(tmp_path, few):
    plain(tmp_path / "a.parquet", 4, rows_per_group=1)
    plain(tmp_path / "b.parquet", 8, start=4, rows_per_group=8)
    plain(tmp_path / "c.parquet", 0)
    plain(tmp_path / "d.parquet", 1, start=12)
    register = open_register(tmp_path)
    assert [(part.first_row, part.rows) for part in parts(register)] == [(0, 3), (3, 1), (4, 8), (12, 1)]
    rows, sizes = read(register)
    assert [row["sector"] for row in rows] == [f"s{n}" for n in range(13)]
    assert max(sizes) == 3


def test_number_types_may_differ_between_files(tmp_path):
    plain(tmp_path / "a.parquet", 2, easting=pa.array([1, 2], pa.int32()))
    plain(tmp_path / "b.parquet", 2, easting=pa.array([1.5, None]))
    plain(tmp_path / "c.parquet", 2, easting=pa.nulls(2))
    rows, _ = read(open_register(tmp_path))
    assert [row["easting"] for row in rows] == [1, 2, 1.5, None, None, None]


def test_files_that_differ_are_refused(tmp_path):
    plain(tmp_path / "a.parquet", 2, easting=pa.nulls(2))
    plain(tmp_path / "b.parquet", 2)
    plain(tmp_path / "c.parquet", 2, easting=["1", "2"])
    said = refusal(tmp_path)
    assert "c.parquet': column 'easting' holds text, but in " in said
    assert "number" in said
    plain(tmp_path / "c.parquet", 2, firm_id=["1", "2"])
    assert "a.parquet' has no column 'firm_id', but " in refusal(tmp_path)
    parquet(tmp_path / "c.parquet", easting=[1], northing=[1])
    assert "no column 'sector'" in refusal(tmp_path)


def test_a_damaged_page(tmp_path):
    path = plain(tmp_path / "a.parquet", 5000)
    content = bytearray(path.read_bytes())
    content[10:4000] = bytes(3990)
    path.write_bytes(content)
    assert "cannot be read" in refusal(path)
