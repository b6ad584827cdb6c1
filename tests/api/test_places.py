"""Places: the outline of one, and the page of maps side by side."""

from __future__ import annotations

import re
from urllib.parse import quote

import numpy as np
import orjson
import pytest
import shapely
from starlette.applications import Starlette
from starlette.routing import Route

from api.places import panels
from data.settings import settings
from geo.projections import to_lonlat
from regions.places import find_place
from tests.api.client import Client

REFS = ("E08000003", "TLD3", "S92000003", "glasgow-city-region", "UK", "set:E08000003+E08000006")


@pytest.fixture(scope="module")
def pages(edition):
    assert edition
    return Client(Starlette(routes=[Route("/panels", panels)]))


def shape_of(ref):
    return f"/places/shape?place={quote(ref)}"


@pytest.mark.parametrize("ref", REFS)
def test_an_outline_covers_the_place_and_little_else(api, edition, ref):
    feature = api.json(shape_of(ref))
    place = find_place(edition, ref)
    assert feature["properties"] == {"ref": place.ref, "name": place.name, "level": place.level}
    drawn = shapely.make_valid(shapely.from_geojson(orjson.dumps(feature["geometry"])))
    true = shapely.make_valid(
        shapely.transform(place.geometry, lambda xy: np.column_stack(to_lonlat(xy[:, 0], xy[:, 1])))
    )
    shared = shapely.area(shapely.intersection(drawn, true))
    assert shared > 0.97 * max(shapely.area(drawn), shapely.area(true))


@pytest.mark.parametrize("ref", REFS)
def test_an_outline_is_small_and_has_few_decimals(api, ref):
    text = api.get(shape_of(ref)).text
    assert len(text) < 250_000
    assert max(len(digits) for digits in re.findall(r"\.(\d+)", text)) <= 5


def test_an_outline_is_sent_once(api):
    answer = api.get(shape_of("E08000003"))
    assert answer.headers["content-type"] == "application/geo+json"
    again = api.get(shape_of("E08000003"), headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("place=Manchestre", "Manchester"),
        ("place=mine%3A1", "mine:1"),
        ("", "place"),
        ("place=E08000003&x=1", "'x' is no parameter"),
        (f"place={'x' * 5000}", "place"),
    ],
)
def test_what_is_no_place_is_refused_in_words(api, query, words):
    assert words in api.fault(f"/places/shape?{query}")


def test_the_page_of_maps_asks_nothing_of_another_host(pages):
    answer = pages.get(
        "/panels?place=E08000003&place=E06000045&theme=dark&show=clusters&sector=life-sciences"
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "//" not in re.sub(r'atob\("[^"]*"\)', "", answer.text).replace("http-equiv", "")


def test_tiles_of_another_host_are_let_in_only_where_they_are_set(pages, monkeypatch):
    monkeypatch.setenv("ICM_TILES_URL", "https://tiles.example/{z}/{x}/{y}.png")
    settings.cache_clear()
    try:
        policy = pages.get("/panels?place=E08000003").headers["content-security-policy"]
    finally:
        monkeypatch.delenv("ICM_TILES_URL")
        settings.cache_clear()
    images = next(rule for rule in policy.split("; ") if rule.startswith("img-src"))
    assert "https:" in images
    assert policy.count("https:") == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "no place is named"),
        ("place=Atlantis", "Atlantis"),
        ("place=E08000003&sector=nonsense", "nonsense"),
        ("place=E08000003&theme=pink", "light or dark"),
        ("place=E08000003&colour=red", "no such field"),
        ("place=mine%3A1", "mine:1"),
        ("&".join(f"place=E0800000{number}" for number in range(1, 10)) + "&place=UK&place=TLD3", "10"),
    ],
)
def test_a_page_that_cannot_be_made_says_why(pages, query, words):
    answer = pages.get(f"/panels?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert words in answer.text
    assert "<script" not in answer.text


def test_what_was_asked_for_comes_back_as_text(pages):
    answer = pages.get(f"/panels?place={quote('<script>alert(1)</script>')}&theme=dark")
    assert answer.status_code == 422
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text


def test_a_set_with_a_hostile_name_is_shown_and_not_run(pages):
    name = '</script><img src=x onerror="alert(1)">{{7*7}}'
    answer = pages.get(f"/panels?place={quote(f'set:E08000003+E08000006~{name}')}")
    assert answer.status_code in (200, 422)
    assert "<img" not in answer.text
    assert 'onerror="' not in answer.text


def test_a_place_named_twice_has_one_map(pages):
    page = pages.get("/panels?place=E08000003&place=Manchester").text
    assert page.count("<section") == 1
