"""Tables taken away: no cell runs when a spreadsheet opens it."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace

import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.spreadsheet import FORMULA_STARTS, bare, harmless
from data.tables import table as shipped
from edition.about import About
from edition.view import View
from tables.files import Table, as_csv
from tests.own import TAXONOMY

# Line ends inside a cell come back as the reader makes them; they are no part of this law.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
HOSTILE = st.sampled_from(['=cmd|"/C calc"!A0', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", '"=1"', ",=1"])


def rows_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def written(frame: pd.DataFrame) -> bytes:
    table = Table("firms", "Firms", lambda _edition, _view: frame, "A sample.", ("register",))
    edition = SimpleNamespace(about=About(), labels=TAXONOMY)
    return as_csv(edition, table, View())


@given(st.lists(st.tuples(CELLS | HOSTILE, st.integers(-5, 5)), min_size=1, max_size=6))
@example([("=1+1", -1)])
@settings(deadline=None)
def test_no_text_cell_starts_a_formula(rows: list[tuple[str, int]]) -> None:
    frame = pd.DataFrame({"text": [text for text, _ in rows], "number": [number for _, number in rows]})
    header, *read = rows_of(written(frame))
    assert header == ["text", "number", "filters", "attribution_and_caveats"]
    assert len(read) == len(rows)
    for (text, number), cells in zip(rows, read, strict=True):
        assert not cells[0].startswith(FORMULA_STARTS)
        assert bare(cells[0]) == text
        assert int(cells[1]) == number
        assert cells[3].startswith("A sample. ")


@given(CELLS | HOSTILE)
def test_harmless_changes_only_what_could_run(text: str) -> None:
    safe = harmless(text)
    assert not safe.startswith(FORMULA_STARTS)
    assert bare(safe) == text
    assert safe.replace("'", "") == text.replace("'", "")


def test_what_is_no_text_stays() -> None:
    assert [harmless(value) for value in (-1, 2.5, None, True)] == [-1, 2.5, None, True]


def test_the_callers_rows_stay_and_shipped_text_survives() -> None:
    frame = shipped("projects")[["project_id", "note", "award_gbp"]].copy()
    before = frame.copy()
    read = rows_of(written(frame))
    pd.testing.assert_frame_equal(frame, before)
    assert [row[1] for row in read[1:]] == frame["note"].tolist()
