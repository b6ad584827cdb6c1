"""The page for a frame over HTTP: what cannot be used is left out and said, the rest is shown."""

from __future__ import annotations

import json

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from api.embed import embed
from edition.view import View
from layers.embed import embed_page
from tests.api.client import Client
from tests.pages import of


@pytest.fixture(scope="module")
def frames(edition):
    assert edition
    return Client(Starlette(routes=[Route("/embed", embed)]))


def said_in(page):
    return [part.text for part in of(page, "p", role="status")]


def test_an_address_without_faults_says_nothing(frames, edition):
    view = View(technology=("drug-discovery",))
    answer = frames.get(f"/embed?{view.url()}&theme=dark")
    assert answer.text == embed_page(edition, view, "dark")
    assert said_in(answer.text) == []


@pytest.mark.parametrize(
    ("query", "view", "theme", "words"),
    [
        ("technology=drug-discovery&technology=ai", {"technology": ["drug-discovery"]}, "light", "'ai'"),
        ("sector=atlantis&level=la", {"level": "la"}, "light", "'atlantis' is no sector"),
        ("theme=pink&level=la", {"level": "la"}, "light", "theme: 'pink' is none; it is light or dark"),
        ("theme=dark&theme=pink", {}, "dark", "theme: 'pink' is none"),
        ("colour=red&level=la", {"level": "la"}, "light", "colour: no such field"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_left_out_and_said(frames, edition, query, view, theme, words):
    answer = frames.get(f"/embed?{query}")
    assert answer.status_code == 200
    [said] = said_in(answer.text)
    assert words in said
    plain = embed_page(edition, View.model_validate(view), theme)
    [ours], [theirs] = (of(page, "script", id="icm-view") for page in (answer.text, plain))
    assert json.loads(ours.text) == json.loads(theirs.text)
    assert [one.text for one in of(answer.text, "h1")] == [one.text for one in of(plain, "h1")]


def test_a_map_that_cannot_be_drawn_at_all_is_said_with_its_status(frames):
    answer = frames.get("/embed?cluster=atlantis")
    assert answer.status_code == 404
    assert "is no cluster" in answer.text
    assert answer.headers["cache-control"] == "no-store"
