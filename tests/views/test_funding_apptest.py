"""The funding page without a browser: its sentence, its two lists, a programme's page, and the way back."""

from __future__ import annotations

from html import unescape

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data.tables import table
from edition.filters import Filters
from edition.view import View
from layers.base import API
from profiles.programmes import dossier, headline, programme_rows, totals_words
from profiles.projects import project_rows
from tests.asked import CHOICES
from tests.views.page import MAIN, Page

IDS = tuple(table("programmes")["programme_id"])
# Of each kind of page one: with and without projects, gaps, figures that differ, envelopes, strands, dates.
PAGES = (
    "SIPF",
    "SIPF-SEED1",
    "LIPF-EAR",
    "LP",
    "NIHR-HRC",
    "CATAPULT",
    "IZ",
    "BRCD",
    "ERDF-INN",
    "GFREEPORT",
)


class FundingPage(Page):
    """A session that begins on the funding page."""

    def __init__(self, query=(), seconds=60):
        self.test = AppTest.from_file(str(MAIN), default_timeout=seconds)
        for name, value in query:
            self.test.query_params[name] = [*self.test.query_params.get(name, []), value]
        self.go("funding")

    def go(self, path):
        """Choose a page as its link does: the address is cleared."""
        self.test._page_hash = calc_hash("" if path == "explore" else path)
        return self.run()

    @property
    def words(self):
        """All that is said, in Markdown or not."""
        return " ".join(unescape(part.proto.body) for part in self.test.get("html")) + self.texts

    @property
    def frames(self):
        return [frame.value for frame in self.test.dataframe]

    def links(self):
        return [part.proto.url for part in self.test.get("link_button")]

    def search(self, text):
        self.test.text_input(key="funding_search").set_value(text)
        return self.run()

    def list(self, name):
        self.test.button_group(key="funding_list").set_value(name)
        return self.run()


@pytest.fixture(scope="module", autouse=True)
def first(edition):
    assert edition
    return FundingPage()


def test_the_page_says_the_totals_and_shows_every_programme(first, edition):
    assert totals_words(edition, View()) in first.words
    [frame] = first.frames
    rows = programme_rows(edition, Filters())
    assert frame["programme_id"].tolist() == rows["programme_id"].tolist()
    assert frame["public_gbp"].sum() == pytest.approx(rows["public_gbp"].sum())
    assert f"{API}/tables/programmes.csv?download=true" in first.links()
    assert first.address == {}
    assert len(first.test.get("vega_lite_chart") or first.test.get("arrow_vega_lite_chart")) == 1


def test_the_page_says_that_growth_is_left_out_and_zones_are_envelopes(edition):
    page = FundingPage()
    assert "17 programmes for regional growth" in page.words
    assert "Investment zones are envelopes with tax relief" in page.words
    page.press("Show them too")
    assert page.address == {"growth": ["true"]}
    assert len(page.frames[0]) == len(IDS)
    assert "left out" not in page.words
    assert totals_words(edition, View(growth=True)) in page.words


def test_the_map_follows_the_filters_and_shows_projects(first):
    page = FundingPage([("programme", "IA")])
    assert page.slots()["projects"]["url"] == f"{API}/projects/map?programme=IA"
    assert set(page.slots()) == {"land", "projects", "scene"}
    for name in ("script", "header", "html", "id", "key", "height"):
        assert page.arguments()[name] == first.arguments()[name]


QUERIES = [
    {"sector": "life-sciences"},
    {"kinds": "none", "growth": "true"},
    {"placed": "lead"},
    {"year_from": "2020", "year_to": "2022"},
    {"here": "51.5,-0.1,8", "tab": "firms", "show": "firms"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_every_view_runs_and_is_kept_in_the_address(query, edition):
    page = FundingPage(query.items())
    view = View.parse(query.items(), CHOICES)
    assert page.view == view
    assert page.address == {name: [value] for name, value in query.items()}
    assert totals_words(edition, view) in page.words


@pytest.mark.parametrize("one", PAGES)
def test_a_programme_has_a_page(one, edition):
    page = FundingPage([("programme", one)])
    found = dossier(edition, Filters(), one)
    assert found.facts["name"] in page.words
    assert headline(found) in page.words
    assert not page.test.warning


def test_accelerators_show_what_is_missing_and_what_is_contested():
    page = FundingPage([("programme", "IA")])
    assert "24 of 26 projects named" in page.words
    assert "7 of 26 project awards known" in page.words
    [differing] = [frame for frame in page.frames if "used" in frame]
    assert differing["figure"].tolist() == ["£5.6m", "£2.7m"]
    assert differing["used"].tolist() == ["used here", "not used"]
    assert differing["source"].tolist() == [
        "announcement by the minister, 2023",
        "Innovate UK Business Connect, 2025",
    ]


def test_investment_zones_offer_to_count_their_envelopes():
    page = FundingPage([("programme", "IZ")])
    assert "regional-growth programme, not research money" in page.words
    assert "12 figures" in page.words
    page.press("Count envelopes")
    assert page.view.kinds == ("at least", "up to", "envelope")
    assert "not counted unless asked" not in page.words


def test_the_way_back_and_on():
    page = FundingPage([("programme", "IA")])
    page.press("All programmes")
    assert page.address == {}
    assert "Programmes" in [button.label for button in page.test.button] or page.frames
    page = FundingPage([("programme", "IA")])
    page.press("Next")
    [following] = page.view.programme
    assert following != "IA"
    page.press("Previous")
    assert page.view.programme == ("IA",)


def test_a_strand_leads_to_the_programme_it_belongs_to():
    page = FundingPage([("programme", "SIPF-W1")])
    page.test.button(key="related-SIPF").click()
    page.run()
    assert page.view.programme == ("SIPF",)
    assert "No project of it is listed" in page.words
    assert "strands" in page.words
    page.press("Undo")
    assert page.view.programme == ("SIPF-W1",)


def test_a_search_narrows_the_list_and_says_what_matched(edition):
    page = FundingPage().search("newport wafer")
    assert "SIPF-W1" in page.frames[0]["programme_id"].tolist()
    assert len(page.frames[0]) < 5
    assert "match the search" in page.words
    page.search("no such thing <b>*anywhere*</b>")
    assert not page.frames
    assert "Nothing matches" in page.words
    assert "\\*anywhere\\*" in page.words
    page.search("")
    assert len(page.frames[0]) == len(programme_rows(edition, Filters()))


def test_projects_can_be_listed_and_searched(edition):
    page = FundingPage().list("projects")
    rows = project_rows(edition, Filters())
    assert page.frames[0]["project_id"].tolist() == rows["project_id"].tolist()
    assert any("tables/projects.csv" in link for link in page.links())
    page.search("metaverse")
    assert page.frames[0]["project_id"].tolist() == ["ia-gla-mim"]


def test_a_project_without_a_figure_is_blank_never_zero():
    page = FundingPage([("programme", "IA")])
    [projects] = [frame for frame in page.frames if "counted_gbp" in frame]
    none = projects[projects["award"] == "no public figure"]
    assert len(none) == 17
    assert none["counted_gbp"].isna().all()


def test_nothing_left_says_what_to_try():
    page = FundingPage([("sector", "defence"), ("year_from", "2030")])
    assert "No project passes the filters." in page.words
    assert "Take a filter away" in page.words
    assert not page.frames


def test_going_to_another_page_and_back_keeps_filters_list_and_search():
    page = FundingPage([("sector", "life-sciences"), ("year_from", "2015")]).list("projects").search("oxford")
    view = page.view
    page.go("explore")
    assert page.view == view
    assert page.address["sector"] == ["life-sciences"]
    assert page.test.multiselect(key="sector").value == ["life-sciences"]
    page.go("about").go("funding")
    assert page.view == view
    assert page.test.multiselect(key="sector").value == ["life-sciences"]
    assert page.test.slider(key="years").value == (2015, 2030)
    assert page.test.text_input(key="funding_search").value == "oxford"
    assert "project_id" in page.frames[0]
    # A widget of the page still does what it says.
    page.choose("sector")
    assert page.address == {"year_from": ["2015"]}


def test_a_programme_without_projects_can_be_asked_for_on_the_first_page():
    page = Page([("programme", "SIPF")])
    assert page.view.programme == ("SIPF",)
    assert page.test.multiselect(key="programme").value == ["SIPF"]


def test_choosing_a_row_opens_the_page_of_the_programme():
    def script():
        import streamlit as st

        from views import funding, state

        state.begin("funding")
        st.session_state["table"] = {"selection": {"rows": [1]}}
        funding._chosen("table", ["IA", "IZ"])
        state.write_address(st.session_state.view)

    test = AppTest.from_function(script, default_timeout=30).run()
    assert not test.exception
    assert test.session_state["view"].programme == ("IZ",)
    assert dict(test.query_params) == {"programme": "IZ"}
