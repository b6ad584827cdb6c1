"""The search: what it finds, how much of it, and what it says while postcodes are still being read."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from edition.keeper import KEEPER, keeping


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("OX11 0QR", "postcode", "OX11 0QR"),
        ("ox110qr", "postcode", "OX11 0QR"),
        ("Glasow", "town", "Glasgow"),
        ("fusion antibodies", "firm", "Fusion Antibodies"),
        ("data-driven innovation programme", "project", "Data-Driven Innovation programme"),
        ("university of leeds", "asset", "University of Leeds"),
        ("vale of white horse", "la", "Vale of White Horse"),
    ],
)
def test_the_search_finds(api, edition, text, kind, name):
    assert edition.search
    first = api.json(f"/search?q={quote(text)}")["hits"][0]
    assert (first["kind"], first["name"]) == (kind, name)
    assert first["kind_label"]
    assert 49 < first["lat"] < 61
    assert -9 < first["lon"] < 2


@pytest.mark.parametrize("kind", ["sector", "technology"])
def test_the_search_finds_a_cluster_by_the_words_of_its_name(api, leading, kind):
    row = leading[kind]
    words = re.sub(r"[^a-z0-9]+", " ", row.name.lower())
    first = api.json(f"/search?q={quote(words)}")["hits"][0]
    assert (first["kind"], first["name"], first["id"]) == ("cluster", row.name, row.cluster_id)


def test_the_search_keeps_to_its_limit_and_says_when_it_finds_nothing(api):
    assert len(api.json("/search?q=a&limit=3")["hits"]) == 3
    nothing = api.json("/search?q=xqzvxqzv")
    assert nothing["hits"] == []
    assert "Try a town" in nothing["note"]


@pytest.fixture
def beginning(edition):
    """The edition as it is just after a start: its postcodes are still being read."""
    begun = type(edition)(edition.store)
    with keeping(begun):
        yield begun


@pytest.mark.parametrize("text", ["OX11 0QR", "ox11", "NPT 1AA"])
def test_a_postcode_that_cannot_be_looked_up_yet_is_not_called_unknown(api, beginning, text):
    early = api.json(f"/search?q={quote(text)}")
    assert early["pending"] is True
    assert "still being read" in early["note"]
    assert not any(hit["kind"] == "postcode" for hit in early["hits"])
    assert beginning.search
    later = api.json(f"/search?q={quote(text)}")
    assert (later["pending"], later["note"]) == (False, "")
    assert later["hits"][0]["kind"] == "postcode"


def test_names_are_found_before_the_postcodes_are_read(api, beginning):
    assert "search" not in vars(beginning)
    found = api.json("/search?q=glasgow")
    assert found["hits"]
    assert (found["pending"], found["note"]) == (False, "")
    none = api.json("/search?q=xqzvxqzv")
    assert (none["pending"], none["hits"]) == (False, [])
    assert "Try a town" in none["note"]


def test_postcodes_that_could_not_be_read_are_not_waited_for(api, beginning, monkeypatch):
    monkeypatch.setattr(KEEPER, "fault", "StoreError: postcodes are damaged")
    found = api.json("/search?q=OX11%200QR")
    assert found["pending"] is False
    assert "cannot be looked up" in found["note"]
