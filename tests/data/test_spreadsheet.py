"""Cells that are safe: what is text stays text, what is a number stays one, in CSV and in workbooks."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.spreadsheet import (
    FORMULA_STARTS,
    LONGEST_CELL,
    MOST_ROWS,
    Sheet,
    as_csv,
    as_xlsx,
    bare,
    bare_texts,
    csv_parts,
    fitting,
    harmless,
    harmless_texts,
)
from data.units import UNITS, unit_of
from tests.data.workbooks import parts, sheets

HOSTILE = [
    "=cmd|'/C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    "{{ 7*7 }}",
    "<img onerror=x>",
    "0012",
]
LINK = "http://example.invalid/x"
# What starts a formula for those who skip blanks, or see cells begin where we do not.
SLY = [
    " =1",
    "\xa0=1",
    "\u200b@x",
    "\x01+1",
    "'=1",
    " '=1",
    '"=1"',
    "a;=1",
    'a; "=1',
    "a;'-1",
    "a\n=1",
    "a\r\n =1",
    "a\t@1",
    ";\t=",
    "﹦1",
]
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DENSE = st.text(st.sampled_from([*"'=+-@a;\"\t\n\r \x00,", "＝", "\xa0", "\u2066"]), max_size=9)
# What XML can hold; line ends come back as its readers make them.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=12)


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_is_marked_ends_lines_as_asked_and_keeps_zeros():
    content = as_csv(pd.DataFrame({"code": ["0012", "E08000003"], "value": [1.5, np.nan]}))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == "code,value\r\n0012,1.5\r\nE08000003,\r\n"


@given(st.lists(TEXT | st.sampled_from(HOSTILE), min_size=1, max_size=5))
@example(HOSTILE)
@settings(deadline=None)
def test_no_cell_of_csv_starts_a_formula_and_none_is_lost(texts):
    frame = pd.DataFrame({"=head": texts, "number": range(len(texts))})
    head, *rows = read_csv(as_csv(frame))
    assert head == ["'=head", "number"]
    assert not any(cell.startswith(FORMULA_STARTS) for row in rows for cell in row)
    assert [bare(row[0]) for row in rows] == texts
    assert [int(row[1]) for row in rows] == [*range(len(texts))]


def test_a_table_without_rows_has_its_heading():
    empty = pd.DataFrame({"a": pd.Series(dtype=str), "b": pd.Series(dtype=float)})
    assert read_csv(as_csv(empty)) == [["a", "b"]]
    assert sheets(as_xlsx({"Empty": Sheet(empty)})) == {"Empty": [["a", "b"]]}


@given(st.lists(TEXT, max_size=5))
@settings(deadline=None, max_examples=30)
def test_a_workbook_gives_back_what_was_put_in(texts):
    texts = [*texts, *HOSTILE, LINK]
    numbers = [float(number) - 2.5 for number in range(len(texts))]
    frame = pd.DataFrame({"text": texts, "number": numbers, "flag": [True] * len(texts)})
    ((name, (head, *rows)),) = sheets(as_xlsx({"Sheet": Sheet(frame)})).items()
    assert (name, head) == ("Sheet", ["text", "number", "flag"])
    assert [(row[0] or "", *row[1:]) for row in rows] == [
        *zip(texts, numbers, [True] * len(texts), strict=True)
    ]


def test_a_workbook_holds_no_formula_and_no_link():
    files = parts(as_xlsx({"Sheet": Sheet(pd.DataFrame({"text": [*HOSTILE, LINK]}))}))
    sheet = files["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert 'quotePrefix="1"' in files["xl/styles.xml"]


def test_the_same_tables_give_the_same_bytes():
    frame = pd.DataFrame({"name": ["a", "b"], "gbp": [1.0, 2.0]})
    assert as_xlsx({"One": Sheet(frame)}) == as_xlsx({"One": Sheet(frame.copy())})
    assert as_xlsx({"One": Sheet(frame)}) != as_xlsx({"Other": Sheet(frame)})
    created = re.findall(
        r"<dcterms:created[^>]*>([^<]*)<", parts(as_xlsx({"One": Sheet(frame)}))["docProps/core.xml"]
    )
    assert created == ["2000-01-01T00:00:00Z"]


def test_headings_are_bold_and_stay_in_sight():
    files = parts(as_xlsx({"One": Sheet(pd.DataFrame({"name": ["a"]}))}))
    assert re.search(r'<pane ySplit="1"[^>]*state="frozen"', files["xl/worksheets/sheet1.xml"])
    assert "<b/>" in files["xl/styles.xml"]


def test_rows_are_as_high_as_their_text_and_headings_stand_whole():
    """LibreOffice leaves a row as low as it comes, and its lines lie over the next."""
    long = "words that go on and on " * 12
    frame = pd.DataFrame({"research_awards_gbp_within_500_m": [1], "note": [long], "short": ["a\nb\nc"]})
    frame = pd.concat([frame, frame.assign(note="brief", short="d")])
    page = parts(as_xlsx({"One": Sheet(frame)}))["xl/worksheets/sheet1.xml"]
    heights = {
        int(number): float(high)
        for number, high in re.findall(r'<row r="(\d+)"[^>]*? ht="([\d.]+)" customHeight="1"', page)
    }
    widths = [float(width) for width in re.findall(r'<col [^>]*?width="([\d.]+)"', page)]
    assert widths[0] > len("research_awards_gbp_within_500_m")
    # Five lines of sixty letters.
    assert 5 * 15 <= heights[2] <= 8 * 15
    assert set(heights) == {2}


def test_no_row_is_higher_than_a_row_can_be():
    page = parts(as_xlsx({"One": Sheet(pd.DataFrame({"a": ["long " * 4_000]}))}))["xl/worksheets/sheet1.xml"]
    assert re.findall(r'ht="([\d.]+)" customHeight', page) == ["408.75"]


@pytest.mark.parametrize(("columns", "fitted"), [(4, True), (60, False)])
def test_a_sheet_prints_lying_with_its_heading_on_each_page(columns, fitted):
    frame = pd.DataFrame({f"column {number}": ["a value"] for number in range(columns)})
    files = parts(as_xlsx({"One": Sheet(frame)}))
    page = files["xl/worksheets/sheet1.xml"]
    assert re.search(r'<pageSetup [^>]*paperSize="9"[^>]*orientation="landscape"', page)
    assert ('fitToHeight="0"' in page) is fitted
    assert "One!$1:$1" in files["xl/workbook.xml"]


def test_numbers_are_shown_by_their_unit_and_hold_all_digits():
    frame = pd.DataFrame({"value": [1234.5678, 0.0834], "unit": ["£", "share"]})
    content = as_xlsx({"One": Sheet(frame, {"value": [unit_of(unit).workbook for unit in frame["unit"]]})})
    styles = parts(content)["xl/styles.xml"]
    assert 'formatCode="£#,##0"' in styles
    assert 'formatCode="0.0%"' in styles
    assert [row[0] for row in sheets(content)["One"][1:]] == [1234.5678, 0.0834]


def test_every_unit_of_a_measure_has_a_format():
    from regions.measures import MEASURES

    rates = {one.unit for one in MEASURES.values() if one.kind == "rate" or one.unit == "£"}
    assert rates <= set(UNITS)
    assert unit_of("firms").workbook == "#,##0"


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, float("inf"), pd.NaT])
def test_what_is_missing_leaves_its_cell_empty(missing):
    frame = pd.DataFrame({"name": ["a", "b"], "value": pd.Series([missing, 1], dtype=object)})
    assert sheets(as_xlsx({"One": Sheet(frame)}))["One"][1:] == [["a"], ["b", 1.0]]


@pytest.mark.parametrize("letter", ["x", "😀"])
def test_text_too_long_for_a_cell_is_cut_and_says_so(letter):
    for length in (LONGEST_CELL // 2, LONGEST_CELL + 9):
        text = letter * length
        cell = str(sheets(as_xlsx({"One": Sheet(pd.DataFrame({"text": [text]}))}))["One"][1][0])
        units = len(cell.encode("utf-16-le")) // 2
        if units_of(text) <= LONGEST_CELL:
            assert cell == text
        else:
            assert units <= LONGEST_CELL
            assert cell.endswith(f" … [cut here: {length:,} characters]")
            assert set(cell.split(" … ", maxsplit=1)[0]) == {letter}


def units_of(text):
    return len(text.encode("utf-16-le")) // 2


def test_a_table_that_a_sheet_cannot_hold_is_refused():
    rows = pd.DataFrame({"n": np.zeros(MOST_ROWS, dtype="int8")})
    with pytest.raises(InputError, match=r"Firms has 1,048,576 rows: .* holds 1,048,575 below its heading"):
        as_xlsx({"Firms": Sheet(rows)})
    wide = pd.DataFrame(np.zeros((1, 16_385), dtype="int8"))
    with pytest.raises(InputError, match="16,385 columns"):
        as_xlsx({"Wide": Sheet(wide)})


@given(DENSE | ANY | st.sampled_from(SLY))
@settings(max_examples=400)
def test_no_reader_sees_a_formula_and_nothing_is_lost(text):
    """Whatever a spreadsheet takes to part cells, skips before them, or calls a quotation mark."""
    safe = harmless(text)
    for cell in [safe, *re.split(r"[;\t\r\n]", safe)[1:]]:
        skipped = re.sub(r"^[\s\x00-\x20\x7f-\xa0\u200b\u2066\"]*", "", cell)
        assert not skipped.startswith(tuple(FORMULA_STARTS))
    assert bare(safe) == text
    assert safe == text or len(safe) > len(text)


@pytest.mark.parametrize("text", SLY)
def test_sly_starts_get_an_apostrophe(text):
    assert harmless(text) != text


@pytest.mark.parametrize(
    "text", ["E08000003", "0012", "a-b; c", "a;b", "St John's; x=1", "'tis", "2018-12", "a\nb", ""]
)
def test_plain_text_stays(text):
    assert harmless(text) == text


@given(st.lists(DENSE | ANY, max_size=6))
@settings(max_examples=200)
def test_columns_and_cells_agree(texts):
    column = pa.array(texts, pa.string())
    safe = harmless_texts(column)
    assert safe.to_pylist() == [harmless(text) for text in texts]
    assert bare_texts(safe).to_pylist() == texts


@given(st.lists(DENSE | ANY, min_size=1, max_size=5), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_csv_in_pieces_is_the_same_csv(texts, cut):
    frame = pd.DataFrame({"text": pd.Series(texts, dtype="str"), "n": range(len(texts))})
    whole = as_csv(frame)
    assert b"".join(csv_parts([frame.iloc[:cut], frame.iloc[cut:]])) == whole
    assert [bare(row[0]) for row in read_csv(whole)[1:]] == texts
    assert as_csv(frame.astype(object)) == whole


@given(st.lists(ANY, min_size=1, max_size=5))
@example(["\x00\x01\x0b", "_x0001_", "\ufffe\uffff", "<r><t>x</t></r>", "<r></r>", "&amp;", "a\r\nb", " x "])
@settings(max_examples=60, deadline=None)
def test_no_character_breaks_a_workbook(texts):
    read = sheets(as_xlsx({"Sheet": Sheet(pd.DataFrame({"text": texts, "n": 1}))}))["Sheet"][1:]
    for text, (cell, _) in zip(texts, read, strict=True):
        decoded = re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), str(cell or ""))
        assert decoded.removeprefix("'" if text.startswith("<r>") else "") == text


def test_half_characters_are_shown_as_lost():
    frame = pd.DataFrame({"text": pd.Series(["a\ud800b"], dtype=object)})
    assert fitting("a\ud800b") == "a\ufffdb"
    assert sheets(as_xlsx({"One": Sheet(frame)}))["One"][1] == ["a\ufffdb"]
    assert read_csv(as_csv(frame))[1] == ["a?b"]
