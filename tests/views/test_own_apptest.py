"""The page of an edition of one's own, without a browser: its labels, whose firms, what was not tested."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from edition.keeper import keeping
from edition.labels import Labels
from layers.base import API
from tests.own import FILE, HOSTILE
from tests.views.page import MAIN, Page

TABS = ("here", "clusters", "regions", "projects", "firms")


@pytest.fixture(params=["own_edition", "density_edition"])
def own(request):
    found = request.getfixturevalue(request.param)
    with keeping(found):
        yield found


def html_of(page):
    return " ".join(part.proto.body for part in page.test.get("html"))


def test_the_page_says_whose_firms_and_how_they_were_tested(own):
    page = Page()
    heading = unescape(page.heading)
    assert "Edition Potteries 2026" in heading
    assert f"“{FILE}” (684 rows kept, 1 refused)" in heading
    assert own.about.method_name in heading
    assert "curated sample" not in page.texts
    # The name of a file is no HTML and no Markdown.
    assert "<b>" not in page.heading
    assert "\\<b\\>" in page.texts
    assert page.slots()["scene"]["firms"] == f"Firms: the analyst's own (“{FILE}”)."
    assert not page.test.warning


@pytest.mark.parametrize("tab", TABS)
def test_every_label_can_be_chosen_under_every_tab(own, tab):
    for label in own.labels.sectors:
        page = Page([("sector", label), ("tab", tab), ("show", "clusters"), ("show", "firms")])
        assert page.view.sector == (label,)
        assert page.address["sector"] == [label]
        assert own.labels.title(label).lower() in unescape(page.heading).lower()
        assert page.slots()["scene"]["sectors"] == [label]
        assert page.slots()["clusters"]["url"].startswith(f"{API}/clusters?sector=")
        for name in HOSTILE:
            assert not re.search(r"<img src=x", html_of(page)), name


def test_the_picker_has_the_labels_and_no_technologies(own):
    page = Page()
    picker = page.test.multiselect(key="sector")
    assert set(picker.options) == {own.labels.title(label) for label in own.labels.sectors}
    assert not [widget for widget in page.test.multiselect if widget.key == "technology"]
    page.choose("sector", HOSTILE[1])
    assert page.view.sector == (HOSTILE[1],)
    page.press("Undo")
    assert page.view.sector == ()


def test_a_cluster_is_told_in_full(own):
    row = next(own.clusters.itertuples())
    page = Page([("here", f"{row.lat},{row.lon},12")])
    told = html_of(page)
    assert ("not tested" in told) == (not own.about.tested)
    assert "Most striking disc" in told or not own.about.tested
    assert "nan" not in told.lower()


@pytest.mark.parametrize("label", ["SIC 24", *HOSTILE])
def test_the_legend_chooses_a_label(own, label):
    script = f"""
import sys
sys.path.insert(0, {str(MAIN.parents[1])!r})
import streamlit as st
from views import explore, state
state.begin()
st.session_state["map"] = {{"message": {{"kind": "sector", "id": {label!r}, "stamp": "1"}}}}
explore._heard()
"""
    test = AppTest.from_string(script, default_timeout=60).run()
    assert not test.exception
    assert test.session_state["view"].sector == (label,)


def test_of_ten_thousand_labels_the_first_are_listed_and_any_can_be_typed(own_edition):
    names = tuple(f"S{number:05}" for number in range(10_000))
    many = replace(own_edition)
    many.__dict__.update(labels=Labels(names, (), {name: name for name in names}, {"S00007": 3}, own=True))
    with keeping(many):
        page = Page([("sector", "S09999")])
        picker = page.test.multiselect(key="sector")
        assert {"S00007", "S09999"} <= set(picker.options)
        assert len(picker.options) <= 301
        assert picker.value == ["S09999"]
        assert "S09999" in unescape(page.heading)
        page.choose("sector", "S00500")
        assert page.view.sector == ("S00500",)
        page.choose("sector", "S00500", "no such label")
        assert page.view.sector == ("S00500",)
        assert "no such label" in page.test.warning[0].value


def test_a_label_that_is_none_is_said_and_left_out(own):
    page = Page([("sector", "SIC 25"), ("technology", "fintech")])
    assert page.view.sector == ()
    [warning] = page.test.warning
    assert "SIC 24" in warning.value


def test_a_notice_stands_on_the_page(edition):
    with keeping(replace(edition, notice="The *record* is <gone>.")):
        page = Page()
        [warning] = page.test.warning
        assert warning.value == "The \\*record\\* is \\<gone\\>\\."
        assert "curated sample" in page.texts


def test_about_says_whose_firms_and_which_method(own):
    script = f"""
import sys
sys.path.insert(0, {str(MAIN.parents[1])!r})
from views import about
about.page()
"""
    test = AppTest.from_string(script, default_timeout=60).run()
    assert not test.exception
    words = " ".join(part.value for part in test.markdown)
    assert "684 rows kept, 1 refused" in words
    assert "curated sample" not in words
    assert "others name" not in " ".join(part.value for part in test.caption)
    told = " ".join(part.proto.body for part in test.get("html"))
    assert ("300 metres, 600 metres, 1.2 km and 2.4 km" in told) == own.about.tested
    assert ("DBSCAN" in told) == (not own.about.tested)
    [tested] = [frame.value for frame in test.dataframe if "tested" in frame.value.columns]
    assert "SIC 24" in set(tested["label"])
