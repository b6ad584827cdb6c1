"""The first page without a browser: every view runs, the map is never rebuilt, and data stay out of it."""

from __future__ import annotations

import base64
import csv
import io
import re
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from data.tables import table
from edition.keeper import KEEPER, Keeper, keeping
from edition.view import LEVELS, View
from layers.base import API
from layers.registry import LAYERS
from regions.measures import on_map
from tables.files import TABLES
from tests.asked import CHOICES
from tests.choosing import solid_cluster
from tests.views.page import ENCODED, Page
from words.sentence import sentence

TABS = ("here", "clusters", "nearly", "regions", "projects", "firms", "concentration")
FAMILIES = ("sector", "technology", "both")
# Base map and key: of these the component's identity is made, so that a change would rebuild the map.
CONSTANT = ("script", "header", "html", "id", "css_links", "js_links", "height", "key", "zoom", "center")
HOSTILE = [
    ("sector", "<script>alert(1)</script>"),
    ("sector", "![x](https://evil.example/x.png)"),
    ("technology", "{{ 7*7 }}"),
    ("measure", "${7*7}"),
    ("level", "ward"),
    ("tab", "../../etc/passwd"),
    ("here", "nan,nan,nan"),
    ("here", "51.5,-0.1"),
    ("at", "1e999,0,0"),
    ("year_from", "2030.5"),
    ("kinds", "gift"),
    ("growth", "perhaps"),
    ("show", "roads"),
    ("type", "Large\x00"),
]


@pytest.fixture(scope="module")
def first(edition):
    assert edition
    return Page()


def test_the_first_visit(first, edition):
    assert unescape(first.heading).count(sentence(edition, View())) == 1
    assert first.address == {}
    assert not first.test.warning
    assert set(first.slots()) == {"land", "scene", *View().show}
    assert first.slots()["scene"]["sentence"] == sentence(edition, View())
    assert "curated sample, not a census" in first.texts


def test_the_line_of_figures_says_how_the_awards_add_up(first):
    assert "£3.06bn awarded, all of it placed (by place of delivery)" in unescape(first.heading)
    by_lead = unescape(Page([("placed", "lead")]).heading)
    assert "not placed (the lead or its address is not known)" in by_lead
    none = unescape(Page([("year_from", "2030"), ("year_to", "2030")]).heading)
    assert "£0 awarded" in none
    assert "placed (" not in none


VIEWS = [
    *({"measure": name} for name in on_map()),
    *({"level": name} for name in LEVELS),
    *({"tab": name} for name in TABS),
    *({"tab": "regions", "level": name} for name in LEVELS),
    *({"family": name, "tab": "clusters"} for name in FAMILIES),
    *({"show": name} for name in (*LAYERS, "none") if name != "land"),
    {"sector": "life-sciences", "technology": "fintech", "growth": "true", "type": "Specialised"},
    {"year_from": "2020", "year_to": "2024", "kinds": "none"},
    {"here": "51.5754,-1.318,12"},
    {"here": "50,-20,5"},
]


@pytest.mark.parametrize("query", VIEWS, ids=str)
def test_every_view_runs_and_leaves_the_map_alone(first, edition, query):
    page = Page(query.items())
    view = View.parse(query.items(), CHOICES)
    assert page.view == view
    assert page.address == {name: [value] for name, value in view.query()}
    assert sentence(edition, view) in unescape(page.heading)
    there, here = page.arguments(), first.arguments()
    assert {name: there[name] for name in CONSTANT} == {name: here[name] for name in CONSTANT}
    assert set(page.slots()) == {"land", "scene", *view.show}
    urls = [slot["url"] for slot in page.slots().values() if "url" in slot]
    assert all(url.startswith(f"{API}/") for url in urls)


def test_places_that_are_chosen_are_outlined_and_told_to_the_menu(first):
    page = Page([("place", "Leeds"), ("place", "glasgow-city-region")])
    refs = ["E08000035", "glasgow-city-region"]
    assert page.slots()["outline"]["urls"] == [f"{API}/places/shape?place={ref}" for ref in refs]
    assert page.slots()["scene"]["places"] == refs
    assert "outline" not in first.slots()
    assert "places" not in first.slots()["scene"]


def test_a_place_that_is_none_is_said_and_left_out():
    page = Page([("place", "Leeds"), ("place", "nowhere at all")])
    assert page.slots()["scene"]["places"] == ["E08000035"]
    assert "nowhere at all" in page.texts


def test_a_filter_changes_the_token_and_only_that(first):
    page = Page()
    before = page.arguments()
    page.choose("sector", "life-sciences")
    after = page.arguments()
    assert {name for name in before if before[name] != after[name]} == {"feature_group"}
    assert page.slots()["clusters"]["url"] == f"{API}/clusters?sector=life-sciences"
    assert page.slots()["regions"]["url"] == f"{API}/regions?sector=life-sciences"
    # What does not depend on the filter is not fetched again.
    assert page.slots()["land"] == first.slots()["land"]
    assert page.slots()["labels"] == first.slots()["labels"]


def test_an_unchanged_view_sends_the_same_again(first):
    before = first.arguments()
    assert first.run().arguments() == before


@pytest.mark.parametrize("query", [{}, {"family": "both", "show": "firms"}, {"tab": "firms"}], ids=str)
def test_no_data_travel_inside_the_map(query):
    page = Page(query.items())
    arguments = page.arguments()
    whole = " ".join(map(str, arguments.values()))
    decoded = " ".join(
        base64.b64decode(text).decode() for text in ENCODED.findall(arguments["feature_group"])
    )
    assert len(whole) < 10_000
    for name in [*table("firms")["name"], *table("projects")["name"], *table("assets")["name"]]:
        # Short names occur in words.
        if len(name) > 8:
            assert name not in whole
            assert name not in decoded
    assert "{{" not in whole
    assert re.findall(r"https?://[\w.-]+", whole) == []


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab != "here"])
def test_a_table_says_its_caveat_and_offers_a_download_that_works(tab, edition):
    from api.service import service
    from tests.api.client import Client

    page = Page([("tab", tab), ("sector", "life-sciences"), ("level", "itl1"), ("show", "firms")])
    assert TABLES[tab].caveat in page.texts
    [frame] = page.test.dataframe
    rows = TABLES[tab].rows(edition, page.view)
    assert 0 < len(frame.value) == min(len(rows), 200)
    [link] = [part.proto.url for part in page.test.get("link_button") if ".csv" in part.proto.url]
    answer = Client(service()).get(link.removeprefix(API))
    assert answer.status_code == 200, answer.text
    taken = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert len(list(taken)) == len(rows) + 1


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab != "here"])
def test_an_empty_table_says_what_to_do(tab):
    query = [("sector", "agri-food"), ("technology", "fintech"), ("type", "Diverse"), ("year_from", "2030")]
    page = Page([*query, ("tab", tab)])
    # The regions and the labels are there, whatever passes; what is no cluster has neither type nor year.
    empty = tab not in {"regions", "concentration", "nearly"}
    assert empty == ("Nothing passes the filters" in page.texts)
    assert empty != bool(page.test.dataframe)


def test_without_a_cluster_the_page_says_why():
    page = Page([("sector", "other"), ("type", "R&D Collaborating"), ("year_from", "2030")])
    assert "No cluster" in page.heading
    assert "no public money placed" in page.heading
    assert len(page.test.info) == 1
    assert page.test.info[0].value


@pytest.mark.parametrize(("name", "value"), HOSTILE)
def test_what_cannot_be_used_is_named_and_left_out(name, value, first):
    page = Page([(name, value), ("sector", "defence")])
    assert page.test.warning
    said = " ".join(warning.value for warning in page.test.warning)
    # Nothing of it is read as Markdown, whose pictures come from other hosts.
    assert not re.search(r"(?<!\\)[\[\]`<>$]", said)
    said = said.replace("\\", "")
    assert name in said
    for part in value.split(","):
        assert repr(part)[1:-1].replace("\\", "") in said
    assert page.view == View(sector=("defence",))
    assert page.arguments()["script"] == first.arguments()["script"]


def test_foreign_parameters_are_left_alone():
    page = Page([("utm_source", "mail"), ("sector", "defence"), ("at", "52,-1,8")])
    assert not page.test.warning
    assert page.address == {"utm_source": ["mail"], "sector": ["defence"], "at": ["52,-1,8"]}
    page.choose("sector")
    assert page.address == {"utm_source": ["mail"], "at": ["52,-1,8"]}


def test_undo_and_reset():
    page = Page()
    undo = next(button for button in page.test.button if button.label == "Undo")
    assert undo.disabled
    page.choose("sector", "defence")
    page.choose("sector", "defence", "life-sciences")
    assert page.address == {"sector": ["defence", "life-sciences"]}
    page.press("Undo")
    assert page.address == {"sector": ["defence"]}
    assert page.test.multiselect(key="sector").value == ["defence"]
    page.press("Reset")
    assert page.address == {}
    page.press("Undo")
    assert page.view == View(sector=("defence",))
    page.press("Undo")
    assert page.view == View()
    assert next(button for button in page.test.button if button.label == "Undo").disabled


def test_where_there_is_no_cluster_the_nearest_can_be_opened(edition):
    row = solid_cluster(edition)
    # East of all its firms by a quarter of a degree.
    page = Page([("sector", row.label), ("here", f"{row.lat},{row.east + 0.25},12")])
    assert f"The nearest is {row.name}" in page.texts.replace("\\", "")
    page.press(f"Open {row.name}")
    assert page.view.cluster == row.cluster_id


def test_a_suggested_cluster_is_asked_about(edition):
    page = Page()
    button = next(button for button in page.test.button if str(button.key).startswith("try-"))
    cluster_id = button.key.removeprefix("try-")
    button.click()
    page.run()
    lat, lon, zoom = page.view.here
    row = edition.clusters.set_index("cluster_id").loc[cluster_id]
    assert (lat, lon) == pytest.approx((row["lat"], row["lon"]), abs=1e-5)
    assert page.address == {"here": [f"{lat},{lon},{zoom:g}"]}
    assert page.slots()["scene"]["here"] == [lat, lon, zoom]
    assert any(part.label.startswith(row["name"].split(",")[0]) for part in page.test.expander)


# --- Before the edition is there, and beside the first page


@pytest.mark.parametrize("bad", ["ai", "<b>", "", "x" * 5_000])
def test_a_bad_value_does_not_take_the_good_one_beside_it_away(edition, bad):
    wanted = View(technology=("drug-discovery",), level="la")
    page = Page([("technology", "drug-discovery"), ("technology", bad), ("level", "la"), ("level", "county")])
    assert page.view == wanted
    assert page.address == {"technology": ["drug-discovery"], "level": ["la"]}
    assert sentence(edition, wanted) in unescape(page.heading)
    [warning] = page.test.warning
    said = warning.value.replace("\\", "")
    assert f"technology: {bad[:100]!r} is no technology; known are Artificial intelligence" in said
    assert "(artificial-intelligence)" in said
    assert "level: 'county' cannot be used: known are Local authorities (la)" in said


def test_while_the_tables_are_built_the_page_says_how_far():
    with keeping(None):
        page = Page()
    assert [title.value for title in page.test.title] == ["Preparing the map"]
    assert not page.test.get("component_instance")


def test_a_build_that_failed_is_said(monkeypatch, edition):
    monkeypatch.setattr(KEEPER, "fault", "StoreError: the disc is full")
    with keeping(None):
        page = Page()
    assert "the disc is full" in page.test.error[0].value
    assert [title.value for title in page.test.title] == ["The map cannot be shown now"]


def test_a_page_that_waits_after_a_fault_has_it_tried_again(monkeypatch, edition):
    tried = []
    monkeypatch.setattr(Keeper, "start", lambda _keeper: tried.append("again"))
    monkeypatch.setattr(KEEPER, "fault", "StoreError: the disc is full")
    with keeping(None):
        Page()
    # By the page, and by the part of it that looks again and again.
    assert len(tried) >= 2


def test_about_explains_and_names_every_source(edition):
    def script():
        from views import about

        about.page()

    test = AppTest.from_function(script, default_timeout=60).run()
    assert not test.exception
    words = " ".join(str(part.value) for kind in ("markdown", "caption") for part in test.get(kind))
    assert f"{edition.firm_count[0]:,} firms are a curated sample" in words
    assert edition.boundaries in words
    tested, lists, known, sources = (frame.value for frame in test.dataframe)
    assert len(tested) == len(edition.tables["labels"])
    # How many, how chosen, what is biased: of each list.
    assert lists["firms"].sum() == edition.firm_count[0]
    assert lists[["chosen", "bias", "licence"]].map(len).to_numpy().min() > 2
    for row in edition.tables["firm_lists"].itertuples():
        assert f"{row.firms:,} from “{row.title}”" in words
    # What the map says of each cluster that others name, and why.
    assert len(known) == len(edition.tables["known_clusters"])
    tally = known["answer"].value_counts()
    assert f"{tally['not found']} not found" in words
    assert (known["reason"] != "").all()
    assert {"publisher", "licence", "attribution"} <= set(sources.columns)


def test_the_tab_nearly_shows_what_all_but_made_a_cluster(edition):
    page = Page([("tab", "nearly"), ("family", "both")])
    [frame] = page.test.dataframe
    rows = TABLES["nearly"].rows(edition, page.view)
    assert 0 < len(rows) == len(edition.tables["nearly"])
    assert list(frame.value["place"]) == list(rows["place"])[:200]
    assert {"firms", "expected", "more", "reason"} <= set(frame.value)
    assert "Places that are no clusters" in page.texts
    # None of them is shown as a cluster as well.
    places = set(zip(rows["label_id"], rows["place"], strict=True))
    assert places.isdisjoint(zip(edition.clusters["label"], edition.clusters["place"], strict=True))
