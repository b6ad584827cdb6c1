"""Files of any encoding and packing; what is no text is told with its place."""

from __future__ import annotations

import gzip

import pytest

from intake.reading import open_register
from tests.intake.small_files import HEADER, read, refusal, text


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
