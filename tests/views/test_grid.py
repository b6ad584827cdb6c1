"""Tables of pages: every number of every table can be read whole."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from tests.choosing import solid_cluster
from tests.views.page import Page
from views import grid

VIEWS = Path(grid.__file__).parent
# Pixels of the letters of a table, and of what stands between them and the edges of their cell.
LETTERS, EDGES = 13.2, 16
NUMBER = st.column_config.NumberColumn
# Stands for the id of a cluster that is there.
SOLID = "a solid cluster"
# Path and address of pages that show every kind of table.
PAGES = {
    "projects of a programme": ("funding", [("programme", "SIPF-W1")]),
    "programmes": ("funding", []),
    "projects of the map": ("", [("tab", "projects")]),
    "regions": ("", [("tab", "regions"), ("level", "nation")]),
    "clusters": ("", [("tab", "clusters")]),
    "firms": ("", [("tab", "firms")]),
    "a point": ("", [("here", "52.2,0.12,10")]),
    "a cluster": ("cluster", [("cluster", SOLID)]),
    "a comparison": ("compare", [("place", "E07000008"), ("place", "greater-manchester")]),
    "what was tested": ("about", []),
}


def pixels(text):
    """Return how wide a text is in a font wider than any that the page asks for."""
    return TextPath((0, 0), text, size=LETTERS, prop=FontProperties(family="DejaVu Sans")).get_extents().width


def test_only_one_function_shows_tables():
    """Any other would cut off what stands below the tenth row."""
    calls = {
        (ast.unparse(node), path.stem)
        for path in sorted(VIEWS.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and (node.attr in {"dataframe", "data_editor"} or ast.unparse(node) == "st.table")
    }
    assert calls == {("st.dataframe", "grid")}


@pytest.mark.parametrize(
    ("values", "form", "texts"),
    [
        ([93_000_000, 1_423_961_738.4, None], "£%,.0f", {"£93,000,000", "£1,423,961,738"}),
        ([-222_459_827.0], "%,.0f", {"-222,459,827"}),
        ([0.4283, 1], "percent", {"42.83%", "100.00%"}),
        ([57_690_323], "localized", {"57,690,323"}),
        ([2.456, 10], "%.1f", {"2.5", "10.0"}),
        ([2023], "%d", {"2023"}),
        ([640.669], "£%.2f", {"£640.67"}),
        ([12_345, 0.25], None, {"12345", "0.25"}),
        ([True, False], None, set()),
        (["£93m", "project value £100m", None], None, {"£93m", "project value £100m"}),
        (["Leeds", "York"], None, set()),
        (["a text of 40 letters with a digit, 1 of 2"], None, set()),
        ([["a", "b1"]], None, set()),
        ([float("nan"), float("inf")], "£%,.0f", set()),
        ([], "£%,.0f", set()),
    ],
)
def test_what_is_measured_is_what_is_shown(values, form, texts):
    assert grid.written(pd.Series(values), form) == texts


def test_a_column_holds_what_stands_far_below_the_first_rows():
    table = pd.DataFrame(
        {"money": [1.0] * 40 + [1_423_961_738.0], "award": ["£1m"] * 40 + ["at least £93.25m"]}
    )
    columns = grid.fitted(table, {"money": NUMBER("m", format="£%,.0f"), "award": "award"})
    assert columns["money"]["width"] > pixels("£1,423,961,738") + EDGES
    assert columns["award"]["width"] > pixels("at least £93.25m") + EDGES
    assert columns["award"]["label"] == "award"


def test_widths_that_are_set_and_columns_of_words_stay():
    table = pd.DataFrame({"name": ["A1"], "words": ["many words"], "year": [2024]})
    given = {
        "name": st.column_config.TextColumn("n", width=280),
        "year": NUMBER("year", format="%d", width=90),
    }
    columns = grid.fitted(table, {**given, "not there": None})
    # What has no setting has none, and is seen; None would hide it.
    assert columns == {**given, "not there": None}


def test_a_column_that_is_hidden_stays_hidden():
    assert grid.fitted(pd.DataFrame({"id": ["a1"]}), {"id": None}) == {"id": None}


@pytest.mark.parametrize(
    "text", ["£1,423,961,738", "-222,459,827", "project value £100m", "W06000015", "100.00%"]
)
def test_the_width_of_a_text_is_enough_in_a_wide_font(text):
    assert grid.width_of(text) > pixels(text) + EDGES


@pytest.mark.parametrize("name", PAGES)
def test_no_table_of_a_page_cuts_a_number_off(edition, monkeypatch, name):
    path, query = PAGES[name]
    known = {SOLID: solid_cluster(edition).cluster_id}
    query = [(field, known.get(value, value)) for field, value in query]
    shown, real = [], st.dataframe

    def watched(table, **more):
        shown.append((table, more["column_config"]))
        return real(table, **more)

    monkeypatch.setattr(st, "dataframe", watched)
    Page(query, path=path)
    assert shown
    for table, columns in shown:
        for column in table.columns:
            settings = columns.get(column, {})
            assert settings is not None, column
            texts = grid.written(table[column], (settings.get("type_config") or {}).get("format"))
            if texts and not isinstance(settings.get("width"), str):
                assert settings["width"] > max(map(pixels, texts)) + EDGES, (column, texts)
