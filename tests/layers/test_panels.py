"""Maps side by side: what the page holds, and how outlines are made."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import parse_qsl

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from edition.view import View
from geo.projections import to_lonlat
from layers.panels import MOST_CARRIED_BYTES, Panel, carried, outline_of, panel_of, panels_page, panels_url
from regions.place import Place
from tests.asked import CHOICES
from tests.browser.hostile import NAMES

LEICESTER = (-1.2, 52.6, -1.05, 52.7)
WORDS = st.text() | st.sampled_from(NAMES)


def panel(name="Leicester", ref="E06000016", shape=None):
    return Panel(ref, name, "Local authority, E06000016", LEICESTER, shape)


def place(geometry, ref="E06000016", name="Here"):
    return Place(ref, "la", name, {"E06000016": 1.0}, geometry, 1_000, "2023")


def configs(page):
    """Return what the scripts of a page are given, by what is called."""
    found = re.findall(r'ICM\.(\w+)\((?:map_\d+, )?JSON\.parse\(atob\("([A-Za-z0-9+/=]*)"\)\)\)', page)
    return [(call, json.loads(b64decode(text))) for call, text in found]


class Parts(HTMLParser):
    """The elements of a page by name, and the addresses that it loads."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in {"src", "href"}]


def parts(page):
    reader = Parts()
    reader.feed(page)
    return reader


def test_a_map_for_each_place_and_script_and_style_once():
    page = panels_page([panel(), panel("Derby", "E06000015")], View(), "light")
    read = parts(page)
    assert read.tags.count("h2") == read.tags.count("section") == 2
    assert len(re.findall(r"= L\.map\(", page)) == 2
    assert page.count("ICM.link(") == 1
    assert len(read.addresses) == len(set(read.addresses)) == 4
    assert not any("//" in address for address in read.addresses)


@settings(max_examples=30, deadline=None)
@given(WORDS, WORDS, WORDS)
def test_names_reach_the_browser_in_base_64_only(name, level, ref):
    odd = replace(panel(name, ref), level=level)
    page = panels_page([odd], View(), "light")
    plain = panels_page([panel("N", "R")], View(), "light")
    stage = next(config for call, config in configs(page) if call == "start")
    assert (stage["panel"]["name"], stage["panel"]["level"], stage["panel"]["ref"]) == (name, level, ref)
    encoded = re.compile(r'atob\("[A-Za-z0-9+/=]*"\)')
    assert encoded.sub("", page) == encoded.sub("", plain)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stand_nowhere_in_the_page(name):
    page = panels_page([panel(name, f"set:E06000016~{name}")], View(), "light")
    assert name not in page
    assert "hacked" not in page


def test_every_map_shows_the_layers_of_the_view_and_an_outline():
    view = View(show=("clusters", "firms"), sector=("life-sciences",), measure="total")
    page = panels_page([panel(), panel("Derby", "E06000015")], view, "dark")
    slots = [config for call, config in configs(page) if call == "slot"]
    kinds = ["land", "clusters", "firms", "outline", "scene"]
    assert [slot["kind"] for slot in slots] == [*kinds, *kinds]
    assert slots[1]["url"] == "/api/v1/clusters?sector=life-sciences"
    outlines = [slot["url"] for slot in slots if slot["kind"] == "outline"]
    assert outlines == [f"/api/v1/places/shape?place={ref}" for ref in ("E06000016", "E06000015")]
    assert {slot["theme"] for slot in slots if slot["kind"] == "scene"} == {"dark"}


def test_the_outline_of_a_set_of_authorities_is_asked_for_by_its_whole_name():
    ref = "set:E08000003+E08000006"
    slots = [config for call, config in configs(panels_page([panel(ref=ref)], View(), "light"))]
    url = next(slot["url"] for slot in slots if slot.get("kind") == "outline")
    assert parse_qsl(url.partition("?")[2]) == [("place", ref)]


def test_no_data_is_in_the_page(edition):
    found = [panel_of(given) for given in some_places(edition)]
    page = panels_page(found, View(), "light")
    assert len(page) < 60_000
    assert "coordinates" not in json.dumps(configs(page))


def some_places(edition):
    from regions.places import find_places

    return find_places(edition, ["E08000003", "TLD3", "S92000003", "glasgow-city-region", "UK"])


def test_the_address_holds_what_the_maps_show_and_nothing_else():
    view = View(place=("E08000003", "UK"), sector=("life-sciences",), level="la", show=("clusters",))
    address = panels_url(view.model_copy(update={"tab": "firms", "at": (55.0, -3.0, 7.0)}))
    assert address == panels_url(view)
    path, _, query = address.partition("?")
    assert path == "/panels"
    assert View.parse(parse_qsl(query), CHOICES) == view


def test_the_same_places_make_the_same_page():
    places = [panel(), panel("Derby", "E06000015")]
    assert panels_page(places, View(), "light") == panels_page(places, View(), "light")


def test_a_place_of_this_session_brings_its_outline_along():
    shape = {"type": "Polygon", "coordinates": [[[-1.2, 52.6], [-1.1, 52.6], [-1.1, 52.7], [-1.2, 52.6]]]}
    page = panels_page([panel(ref="mine:1", shape=shape)], View(), "light")
    outline = next(config for _, config in configs(page) if config.get("kind") == "outline")
    assert outline == {"kind": "outline", "shape": shape}


@pytest.mark.parametrize("count", [0, 11])
def test_too_few_and_too_many_are_refused(count):
    with pytest.raises(InputError, match=f"{count} places"):
        panels_page([panel()] * count, View(), "light")


def test_whoever_is_owed_credit_is_named():
    _, config = configs(panels_page([panel()], View(), "light"))[-1]
    assert "GeoNames" in config["credit"]
    assert "sample" in config["firms"]
    _, other = configs(panels_page([panel()], View(show=("clusters",)), "light", "My firms.", own=True))[-1]
    assert "GeoNames" not in other["credit"]
    assert other["firms"] == "My firms."


def test_an_outline_lies_where_the_place_does():
    square = shapely.box(400_000, 300_000, 420_000, 310_000)
    outline = outline_of(place(square))
    corners = to_lonlat([400_000, 420_000], [300_000, 310_000])
    west, south, east, north = shapely.bounds(outline)
    assert west == pytest.approx(min(corners[0]), abs=2e-3)
    assert north == pytest.approx(max(corners[1]), abs=2e-3)
    assert west < east
    assert south < north
    assert panel_of(place(square)).bounds == (west, south, east, north)


def test_islands_that_would_be_dots_are_left_out_and_the_last_piece_never():
    island = shapely.box(600_000, 300_000, 600_020, 300_020)
    both = shapely.multipolygons([shapely.box(100_000, 300_000, 400_000, 600_000), island])
    assert len(shapely.get_parts(outline_of(place(both)))) == 1
    assert not shapely.is_empty(outline_of(place(island)))


def test_what_is_carried_is_small_whatever_the_area():
    rough = shapely.Point(400_000, 300_000).buffer(50_000, quad_segs=9_000)
    teeth = rough.difference(
        shapely.union_all([shapely.box(x, 240_000, x + 150, 300_000) for x in range(352_000, 448_000, 300)])
    )
    text = json.dumps(carried(place(teeth)), separators=(",", ":"))
    assert len(text) <= MOST_CARRIED_BYTES * 1.1
    assert panel_of(place(teeth, ref="mine:1")).shape is not None
    assert panel_of(place(teeth)).shape is None
