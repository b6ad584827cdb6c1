"""Rows of CSV files: each keeps its number, whatever the file's form and faults."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import csv_rows as module
from intake import reading
from intake.reading import open_register
from intake.register import FAULT, LINE
from tests.intake.small_files import HEADER, read, refusal, text


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
        patch.setattr(reading, "ROWS", most)
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


@pytest.mark.parametrize("content", [bytes(100), bytes(range(256)) * 20, b'"' * 1000, b"\x1f\x8b\x08"])
def test_files_that_are_no_csv(tmp_path, content):
    assert "firms.csv" in refusal(text(tmp_path, content))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = text(tmp_path, HEADER)
    Path(path).chmod(0)
    assert "cannot be" in refusal(path)
