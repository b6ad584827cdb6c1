"""Cells that are safe: what is text stays text, what is a number stays one, in CSV and in workbooks."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.spreadsheet import (
    FORMULA_RUN,
    FORMULA_STARTS,
    LONGEST_CELL,
    NUMBER_FORMATS,
    Sheet,
    as_csv,
    as_xlsx,
    harmless,
    number_format,
)
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
    assert [row[0] for row in rows] == [
        f"'{text}" if text.startswith(FORMULA_STARTS) else text for text in texts
    ]
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


def test_numbers_are_shown_by_their_unit_and_hold_all_digits():
    frame = pd.DataFrame({"value": [1234.5678, 0.0834], "unit": ["£", "share"]})
    content = as_xlsx({"One": Sheet(frame, {"value": [number_format(unit) for unit in frame["unit"]]})})
    styles = parts(content)["xl/styles.xml"]
    assert 'formatCode="£#,##0"' in styles
    assert 'formatCode="0.0%"' in styles
    assert [row[0] for row in sheets(content)["One"][1:]] == [1234.5678, 0.0834]


def test_every_unit_of_a_measure_has_a_format():
    from regions.measures import ALL_MEASURES

    rates = {one.unit for one in ALL_MEASURES.values() if one.kind == "rate" or one.unit == "£"}
    assert rates <= set(NUMBER_FORMATS)
    assert number_format("firms") == "#,##0"


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, float("inf"), pd.NaT])
def test_what_is_missing_leaves_its_cell_empty(missing):
    frame = pd.DataFrame({"name": ["a", "b"], "value": pd.Series([missing, 1], dtype=object)})
    assert sheets(as_xlsx({"One": Sheet(frame)}))["One"][1:] == [["a"], ["b", 1.0]]


def test_text_too_long_for_a_cell_is_cut():
    content = as_xlsx({"One": Sheet(pd.DataFrame({"text": ["x" * (LONGEST_CELL + 9)]}))})
    assert len(str(sheets(content)["One"][1][0])) == LONGEST_CELL


@given(st.text(st.sampled_from([*"'=+-@a\t", "＝"]), max_size=5))
def test_the_pattern_and_the_list_of_starts_agree(text):
    found = pc.match_substring_regex(pa.array([text]), pattern=f"^{FORMULA_RUN}")[0].as_py()
    assert found == text.lstrip("'").startswith(FORMULA_STARTS)
    assert not str(harmless(text)).startswith(FORMULA_STARTS)
