"""Pages: they join up, and each says where its neighbours are."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from api.paging import neighbours
from layers.base import API
from tests.api.client import Client

# A programme is found by its name too, which has blanks.
NAMED = "/programmes/Innovation%20Accelerators%20pilot/gaps"
LINK = re.compile(r'<([^>]*)>; rel="([a-z]+)"')


@given(st.integers(0, 500), st.integers(1, 50), st.integers(0, 300))
def test_neighbours_lie_within_the_list(offset, limit, total):
    found = neighbours(offset, limit, total)
    assert found["first"] == 0
    assert found["last"] % limit == 0
    assert found["last"] == 0 or found["last"] < total <= found["last"] + limit
    assert ("next" in found) == (offset + limit < total)
    assert ("prev" in found) == (offset > 0)
    assert found.get("prev", 0) < max(total, 1)


@pytest.mark.parametrize(
    "path", ["/tables/projects", "/technologies", "/places?level=itl3", "/projects?programme=IA"]
)
def test_following_the_links_reads_the_whole_list(api, path):
    mark = "&" if "?" in path else "?"
    whole = api.json(f"{path}{mark}limit=1000")
    rows, following, steps = [], f"{path}{mark}limit=37", 0
    while following:
        page = api.json(following)
        assert page["total"] == whole["total"]
        rows += page["rows"]
        following = (page["next"] or "").removeprefix(API)
        steps += 1
    assert rows == whole["rows"]
    assert steps == -(-whole["total"] // 37)


def test_the_header_and_the_body_say_the_same(api):
    answer = api.get("/tables/projects?sector=life-sciences&sector=defence&limit=5&offset=5")
    links = {name: address for address, name in LINK.findall(answer.headers["link"])}
    value = answer.json()
    assert links["next"] == value["next"]
    assert links["prev"] == value["prev"]
    assert "sector=life-sciences&sector=defence" in links["next"]
    assert links["next"].startswith(f"{API}/tables/projects")
    assert set(links) == {"first", "prev", "next", "last"}


def test_what_is_asked_cannot_break_out_of_the_header(api):
    answer = api.get("/places?q=%3E%3B%20rel%3D%22next%22%0D%0AX-Evil%3A%201%22%3C&limit=1")
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers
    assert {name for _, name in LINK.findall(answer.headers["link"])} == {"first", "last"}


@pytest.mark.parametrize("path", ["/levels", "/levels.json", NAMED])
def test_links_are_the_same_wherever_the_api_is_mounted(api, path):
    mounted = Client(Starlette(routes=[Mount(API, api.app)]))
    alone, there = api.get(f"{path}?limit=1&offset=1"), mounted.get(f"{API}{path}?limit=1&offset=1")
    assert alone.headers.get("link") == there.headers.get("link")
    assert alone.json()["prev"] == f"{API}{path}?offset=0&limit=1"
    assert mounted.json(there.json()["prev"])["offset"] == 0
