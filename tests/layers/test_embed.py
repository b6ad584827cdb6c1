"""The page of a map for a frame, and the code that puts it there."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import NotFoundError
from edition.view import View
from layers.embed import block, configured, embed_page, framed, heading
from layers.embed_code import EMBED_FIELDS, embed_code
from tests.browser.hostile import NAMES
from tests.choosing import solid_cluster
from tests.pages import of
from words.sentence import sentence

TEXT = st.text() | st.sampled_from([*NAMES, "\u2028</script>\u2029", "<!--<script>", "]]>", "\x00"])


def config_of(page):
    [found] = of(page, "script", id="icm-view")
    return json.loads(found.text)


@given(st.dictionaries(TEXT, TEXT | st.integers(-(2**53), 2**53) | st.none(), max_size=4))
def test_no_text_ends_a_block_or_is_changed_by_it(value):
    text = block(value, id="x")
    assert text.startswith('<script type="application/json" id="x">')
    inside = text.removeprefix('<script type="application/json" id="x">').removesuffix("</script>")
    assert not set("<>&\u2028\u2029") & set(inside)
    assert json.loads(inside) == value


def test_a_block_takes_json_as_it_is():
    assert block(b'{"a":"<"}', data_file="a/b") == (
        '<script type="application/json" data-file="a/b">{"a":"\\u003c"}</script>'
    )


def test_the_page_says_what_the_map_shows_and_leads_to_it(edition):
    view = View(sector=("life-sciences",), level="la", at=(52.2, 0.12, 10))
    page = embed_page(edition, view, "dark")
    assert [one.text for one in of(page, "h1")] == [sentence(edition, view)]
    [link] = of(page, "a")
    assert link.attributes["href"] == f"/?{view.url()}"
    assert (link.attributes["target"], link.attributes["rel"]) == ("_blank", "noopener")
    [foot] = of(page, "footer")
    for words in (
        "curated sample, not a census",
        "approximate",
        edition.about.name,
        "GeoNames",
        "Royal Mail",
    ):
        assert words in foot.text
    assert of(page, "html")[0].attributes["data-theme"] == "dark"


def test_the_page_is_made_of_this_hosts_files_alone_and_no_script_stands_in_it(edition):
    page = embed_page(edition, View(), "light")
    asked = [one.attributes["src"] for one in of(page, "script") if "src" in one.attributes]
    asked += [one.attributes["href"] for one in of(page, "link")]
    assert len(asked) == 5
    assert all(one.startswith(("/assets/", "/leaflet/")) for one in asked)
    inline = [one for one in of(page, "script") if "src" not in one.attributes]
    assert [one.attributes["type"] for one in inline] == ["application/json"]
    assert " style=" not in page
    assert " on" not in "".join(name for one in of(page, "a") for name in one.attributes)


def test_it_holds_the_layers_of_the_view_and_no_data(edition):
    view = View(show=("clusters", "labels"), sector=("life-sciences",))
    found = config_of(embed_page(edition, view, "light"))
    assert [slot["kind"] for slot in found["slots"]] == ["land", "clusters", "labels", "scene"]
    assert found["slots"][1]["url"] == "/api/v1/clusters?sector=life-sciences"
    assert found["settings"]["embed"] == {"kinds": ["land", "clusters", "labels"]}
    assert len(embed_page(edition, view, "light")) < 6_000


def test_the_frame_is_what_the_view_says(edition):
    row = solid_cluster(edition)
    assert framed(View(), None) == {}
    assert framed(View(at=(52.2, 0.12, 10), cluster=row.cluster_id), row) == {"at": [52.2, 0.12, 10.0]}
    (south, west), (north, east) = framed(View(cluster=row.cluster_id), row)["bounds"]
    assert (row.south - south) * 111.2 == pytest.approx(5, abs=0.01)
    assert (north - row.north) * 111.2 == pytest.approx(5, abs=0.01)
    # A degree of longitude at the cluster's middle; the margin is reckoned at one latitude for both sides.
    degree = 111.32 * math.cos(math.radians(row.lat))
    assert (row.west - west) * degree == pytest.approx(5, abs=0.1)
    assert (east - row.east) * degree == pytest.approx(5, abs=0.1)


def test_a_cluster_that_is_looked_at_is_the_heading_and_is_outlined(edition):
    row = solid_cluster(edition)
    view = View(cluster=row.cluster_id, show=("none",))
    assert heading(edition, view).startswith(f"{row.name}: {row.firms} firms")
    outline = configured(edition, view)["slots"][-2]
    assert outline["kind"] == "outline"
    assert outline["plain"] is True
    assert outline["shape"]["type"] == "Polygon"


def test_a_cluster_that_is_none_is_refused_in_words(edition):
    with pytest.raises(NotFoundError, match=r"'atlantis' is no cluster of edition sample.* known are"):
        embed_page(edition, View(cluster="atlantis"), "light")


def test_what_of_the_address_was_left_out_is_said_as_text(edition):
    assert of(embed_page(edition, View(), "light"), "p", role="status") == []
    [said] = of(embed_page(edition, View(), "light", ["sector: '<b>' is none", "x"]), "p", role="status")
    assert said.text == "Left out of this map: sector: '<b>' is none; x."
    [said] = of(embed_page(edition, View(), "light", [str(n) for n in range(40)]), "p", role="status")
    assert said.text == "Left out of this map: 0; 1; 2; and 37 more."


def test_labels_of_a_register_are_text(own_edition):
    page = embed_page(own_edition, View(), "light")
    assert of(page, "img") == []
    assert "register <b>.csv" in of(page, "footer")[0].text
    assert of(page, "b") == []


def test_the_code_names_the_view_and_nothing_that_the_map_does_not_show():
    view = View(
        sector=("life-sciences",),
        place=("UK",),
        tab="firms",
        here=(52.0, 0.1, 9.0),
        cluster="life-sciences--here",
    )
    code = embed_code("https://map.example.org/atlas/", view, "Nine clusters")
    [frame] = of(code, "iframe")
    assert frame.attributes == {
        "src": "https://map.example.org/atlas/embed?sector=life-sciences&cluster=life-sciences--here",
        "title": "Nine clusters",
        "width": "100%",
        "height": "600",
        "style": "border:0",
        "loading": "lazy",
    }
    assert not {"place", "tab", "here", "against"} & set(EMBED_FIELDS)


@given(TEXT, TEXT)
def test_nothing_breaks_out_of_the_code(address, title):
    code = embed_code(address, View(), title)
    inside = code.removeprefix("<iframe ").removesuffix("></iframe>")
    assert not set("<>\n") & set(inside)
    # Six attributes, each between two quotes.
    assert inside.count('"') == 12
