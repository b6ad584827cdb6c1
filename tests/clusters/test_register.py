"""Registers on disk: every row keeps its number, whatever the file's format, size and faults."""

from __future__ import annotations

import csv
import gzip
import io
import os
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters import register as module
from clusters.register import FAULT, LINE, Columns, batches, open_register, parts
from data.errors import InputError

HEADER = "firm_id,sector,easting,northing\n"


@pytest.fixture
def few(monkeypatch):
    """Tables of three rows at most, so that a few rows fill many."""
    monkeypatch.setattr(module, "ROWS", 3)


def text(tmp_path, content, name="firms.csv"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def parquet(path, rows_per_group=100, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, row_group_size=rows_per_group)
    return path


def plain(path, size=5, start=0, rows_per_group=100, **columns):
    numbers = list(range(start, start + size))
    own = {"sector": [f"s{n}" for n in numbers], "easting": numbers, "northing": numbers}
    return parquet(path, rows_per_group, **(own | columns))


def read(register):
    """All rows as (number, dictionary), and the sizes of the tables."""
    rows, sizes = [], []
    for part in parts(register):
        at = part.first_row
        for first, table in batches(register, part):
            assert first == at
            at += table.num_rows
            rows += list(enumerate(table.to_pylist(), start=first))
            sizes.append(table.num_rows)
        assert part.rows in (None, at - part.first_row)
    assert [number for number, _ in rows] == list(range(len(rows)))
    assert register.rows in (None, len(rows))
    return [row for _, row in rows], sizes


def refusal(source, **options):
    with pytest.raises(InputError) as fault:
        read(open_register(source, **options))
    return str(fault.value)


# --- CSV


def test_csv_is_read_as_text(tmp_path):
    register = open_register(text(tmp_path, HEADER + '007,"a\nb;c",4e5, 7\n,"say ""x""",,\n'))
    rows, _ = read(register)
    assert rows == [
        {"sector": "a\nb;c", "firm_id": "007", "easting": "4e5", "northing": " 7"},
        {"sector": 'say "x"', "firm_id": "", "easting": "", "northing": ""},
    ]
    assert (register.place, register.has_postcode, register.rows) == ("grid", False, None)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_line_ends(tmp_path, end):
    lines = (HEADER + "1,a,2,3\n2,b,3,4").replace("\n", end or "\n") + end
    rows, _ = read(open_register(text(tmp_path, lines)))
    assert [row["firm_id"] for row in rows] == ["1", "2"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiters(tmp_path, sign):
    lines = HEADER.replace(",", sign) + sign.join(["1", '"a;b"', "2", "3"])
    rows, _ = read(open_register(text(tmp_path, lines)))
    assert rows[0]["sector"] == "a;b"


def test_tsv_with_commas_in_its_header(tmp_path):
    rows, _ = read(open_register(text(tmp_path, "name, full\tsector\tpostcode\nx\ta\tOX11\n", "f.tsv")))
    assert rows == [{"sector": "a", "postcode": "OX11"}]


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), "\n\n" + HEADER])
def test_a_header_alone_is_a_register_of_no_firms(tmp_path, content):
    assert read(open_register(text(tmp_path, content))) == ([], [])


@pytest.mark.parametrize("content", ["", "\n\n", "  \n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path, content):
    assert "is empty" in refusal(text(tmp_path, content))


def test_packed_and_marked(tmp_path):
    content = gzip.compress(("\ufeff" + HEADER + "1,é,2,3\n").encode())
    rows, _ = read(open_register(text(tmp_path, content, "firms.csv.gz")))
    assert rows[0]["sector"] == "é"
    assert rows[0]["firm_id"] == "1"


def test_a_packed_file_cut_short(tmp_path):
    content = gzip.compress((HEADER + "1,é,2,3\n" * 100_000).encode())[:-30]
    assert "cannot be read" in refusal(text(tmp_path, content, "firms.csv.gz"))
    assert "cannot be read" in refusal(text(tmp_path, b"sector", "other.csv.gz"))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16", "utf-8-sig", "utf-16-be", "UTF8"])
def test_encodings(tmp_path, encoding):
    path = text(tmp_path, (HEADER + "1,é,2,3\n2,ü,3,4\n").encode(encoding))
    rows, _ = read(open_register(path, encoding=encoding))
    assert [row["sector"] for row in rows] == ["é", "ü"]


@pytest.mark.parametrize("lines_before", [0, 1, 200_000])
def test_what_is_not_utf8_is_told_with_line_and_byte(tmp_path, lines_before):
    content = HEADER.encode() + b"1,a,2,3\n" * lines_before + b"1,caf\xe9,2,3\n"
    said = refusal(text(tmp_path, content))
    assert f"byte 0xe9 in line {lines_before + 2}" in said
    assert "--encoding cp1252" in said
    assert "firms.csv" in said


def test_not_utf8_in_a_broken_line_or_cut_at_the_end(tmp_path):
    assert "byte 0xff in line 2" in refusal(text(tmp_path, HEADER.encode() + b"\xff,1\n"))
    assert "byte 0xc3 in line 2" in refusal(text(tmp_path, HEADER.encode() + b"1,caf\xc3"))


def test_utf16_is_recognised(tmp_path):
    assert "--encoding utf-16" in refusal(text(tmp_path, (HEADER + "1,é,2,3\n").encode("utf-16")))


@pytest.mark.parametrize("encoding", ["klingon", "hex", "undefined", ""])
def test_unknown_encodings(tmp_path, encoding):
    assert f"encoding {encoding!r} is unknown" in refusal(text(tmp_path, HEADER), encoding=encoding)


def test_broken_lines_stay_in_their_place(tmp_path):
    content = HEADER + "x\n0,a,1,2\ny,y\n\n1,b,3,4\n2,c,5,6\nz,z,z,z,z\nw\n"
    rows, _ = read(open_register(text(tmp_path, content)))
    assert [row["firm_id"] for row in rows] == [None, "0", None, "1", "2", None, None]
    assert [row[LINE] for row in rows] == ["x", None, "y,y", None, None, "z,z,z,z,z", "w"]
    assert rows[0][FAULT] == "1 value where the header names 4 columns"
    assert rows[5][FAULT] == "5 values where the header names 4 columns"


def test_nothing_but_broken_lines(tmp_path):
    rows, _ = read(open_register(text(tmp_path, HEADER + "x\n" * 5)))
    assert [row[LINE] for row in rows] == ["x"] * 5


def test_a_quotation_mark_that_is_never_closed(tmp_path, monkeypatch):
    content = HEADER + '1,a,1,2\n2,"b,1,2\n' + "3,c,1,2\n" * 100
    rows, _ = read(open_register(text(tmp_path, content)))
    assert len(rows) == 2
    assert "is a quotation mark not closed?" in rows[1][FAULT]
    assert len(rows[1][LINE]) == module.KEPT_CHARACTERS
    monkeypatch.setattr(module, "BLOCK", 200)
    assert "is a quotation mark not closed?" in refusal(text(tmp_path, content))


words = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00\ufeff"), max_size=8)


@given(
    rows=st.lists(st.lists(words, min_size=1, max_size=6), max_size=25),
    block=st.sampled_from([300, 1000, 1 << 20]),
    most=st.sampled_from([2, 7, 1000]),
)
def test_every_line_is_accounted_for(tmp_path_factory, rows, block, most):
    """Whatever stands in the lines: those of the right length come back as they are, the others as broken."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["sector", "postcode", "x", "y"])
    writer.writerows(rows)
    path = text(tmp_path_factory.mktemp("lines"), out.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        patch.setattr(module, "ROWS", most)
        found, sizes = read(open_register(path))
    assert len(found) == len(rows)
    assert max(sizes, default=0) <= most
    for given_row, row in zip(rows, found, strict=True):
        if len(given_row) == 4:
            assert [row["sector"], row["postcode"], row.get(LINE)] == [*given_row[:2], None]
        else:
            assert row[LINE] is not None
            assert f"names {4} columns" in row[FAULT]


def test_long_csv_comes_in_small_tables(tmp_path, few, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 64)
    content = HEADER + "".join(f"{n},a,1,2\n" if n % 4 else "broken\n" for n in range(40))
    rows, sizes = read(open_register(text(tmp_path, content)))
    assert [row["firm_id"] for row in rows] == [str(n) if n % 4 else None for n in range(40)]
    assert max(sizes) <= 3


# --- Columns


def test_the_place_is_the_first_complete_one(tmp_path):
    both = text(tmp_path, "sector,easting,northing,lon,lat,postcode\n")
    register = open_register(both)
    assert (register.place, register.has_postcode) == ("grid", True)
    assert dict(register.columns).keys() == {"sector", "easting", "northing", "postcode"}
    assert open_register(text(tmp_path, "sector,easting,lon,lat\n")).place == "lonlat"
    alone = open_register(text(tmp_path, "sector,easting,postcode\n"))
    assert (alone.place, alone.has_postcode) == ("postcode", False)


def test_named_columns_go_before_those_found(tmp_path):
    path = text(tmp_path, "sector,easting,northing,x,y\na,1,2,3,4\n")
    register = open_register(path, Columns(lon="x", lat="y"))
    assert register.place == "lonlat"
    assert register.column("lon") == "x"
    other = open_register(path, Columns(lon="easting", lat="northing"))
    assert read(other)[0] == [{"sector": "a", "lon": "1", "lat": "2"}]
    swapped = open_register(path, Columns(easting="northing", northing="easting"))
    assert read(swapped)[0] == [{"sector": "a", "easting": "2", "northing": "1"}]


def test_missing_columns_are_told_with_what_is_like_them(tmp_path):
    said = refusal(text(tmp_path, "Sectors,east,Postcode\n"))
    assert "no column 'sector' (did you mean 'Sectors'? --sector-column names it)" in said
    assert "--postcode-column" in said
    assert "'Postcode'" in said
    assert "its columns are 'Sectors', 'east', 'Postcode'" in said
    said = refusal(text(tmp_path, "sector,easting,north\n"))
    assert "no column 'northing' (did you mean 'north'? --northing-column names it)" in said
    said = refusal(text(tmp_path, "sector,postcode\n"), columns=Columns(firm_id="crn"))
    assert "no column 'crn' (--firm-id-column names it)" in said


def test_a_pair_that_was_named_in_part(tmp_path):
    path = text(tmp_path, "sector,easting,northing,x\n")
    assert "no column 'lat' (--lat-column names it)" in refusal(path, columns=Columns(lon="x"))


def test_one_column_of_two_roles(tmp_path):
    twice = Columns(sector="x", firm_id="x")
    rows, _ = read(open_register(text(tmp_path, "x,postcode\n1,2\nbroken\n"), twice))
    assert [(row["sector"], row["firm_id"]) for row in rows] == [("1", "1"), (None, None)]
    rows, _ = read(open_register(parquet(tmp_path / "f.parquet", x=["1"], postcode=["2"]), twice))
    assert rows == [{"sector": "1", "firm_id": "1", "postcode": "2"}]


def test_doubled_columns(tmp_path):
    said = refusal(text(tmp_path, "sector,sector,postcode\n"))
    assert "column 'sector' stands there 2 times" in said
    rows, _ = read(open_register(text(tmp_path, "sector,,,postcode\na,b,c,OX11\n")))
    assert rows == [{"sector": "a", "postcode": "OX11"}]


def test_a_header_of_many_columns_is_not_quoted_whole(tmp_path):
    said = refusal(text(tmp_path, ",".join(f"c{n}" for n in range(5000)) + "\n"))
    assert "and 4970 more" in said
    assert len(said) < 1000


# --- Parquet


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


def test_folders_and_globs_are_numbered_by_path(tmp_path):
    plain(tmp_path / "firms" / "b.parquet", 4, start=3)
    plain(tmp_path / "firms" / "a.parquet", 3)
    plain(tmp_path / "firms" / "c" / "d.PARQUET", 2, start=7)
    for hidden in ("_metadata.parquet", ".hidden.parquet", "_temporary/x.parquet", "c/.x/y.parquet"):
        plain(tmp_path / "firms" / hidden, 9)
    (tmp_path / "firms" / "_SUCCESS").touch()
    (tmp_path / "firms" / "notes.md").touch()
    for source in (tmp_path / "firms", str(tmp_path / "firms" / "**" / "*.*")):
        register = open_register(source)
        assert register.rows == 9
        assert [row["sector"] for row in read(register)[0]] == [f"s{n}" for n in range(9)]


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


def test_parts_are_read_apart(tmp_path, few):
    register = pickle.loads(pickle.dumps(open_register(plain(tmp_path / "a.parquet", 9, rows_per_group=2))))
    ((first, table),) = batches(register, parts(register)[2])
    assert (first, table["sector"].to_pylist()) == (4, ["s4", "s5"])


def test_a_register_of_no_firms(tmp_path):
    register = open_register(plain(tmp_path / "a.parquet", 0))
    assert (register.rows, read(register)) == (0, ([], []))


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


# --- What is no register


def test_sources_that_are_none(tmp_path):
    assert "did you mean 'firms.csv'?" in refusal(text(tmp_path, HEADER).with_name("firm.csv"))
    assert "neither does the folder" in refusal(tmp_path / "nowhere" / "firms.csv")
    assert "matches no file" in refusal(tmp_path / "*.parquet")
    assert "a glob is for Parquet" in refusal(tmp_path / "*.csv")
    assert "holds no Parquet file" in refusal(tmp_path)
    assert "neither CSV nor Parquet" in refusal(text(tmp_path, "x", "firms.xlsx"))
    assert "cannot be read as Parquet" in refusal(text(tmp_path, "PAR1 no", "firms.parquet"))
    assert "cannot be read as Parquet" in refusal(text(tmp_path, "", "firms.pq"))
    assert "cannot be looked for" in refusal("x" * 5000)
    assert "cannot be looked for" in refusal(str(tmp_path / "a**b"))


def test_a_damaged_page(tmp_path):
    path = plain(tmp_path / "a.parquet", 5000)
    content = bytearray(path.read_bytes())
    content[10:4000] = bytes(3990)
    path.write_bytes(content)
    assert "cannot be read" in refusal(path)


@pytest.mark.parametrize("content", [bytes(100), bytes(range(256)) * 20, b'"' * 1000, b"\x1f\x8b\x08"])
def test_files_that_are_no_csv(tmp_path, content):
    assert "firms.csv" in refusal(text(tmp_path, content))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = text(tmp_path, HEADER)
    Path(path).chmod(0)
    assert "cannot be" in refusal(path)


def test_numbers_of_rows_are_whole(tmp_path):
    part = parts(open_register(plain(tmp_path / "a.parquet", 3)))[0]
    assert type(part.first_row) is int
    assert not isinstance(part.rows, np.integer)
