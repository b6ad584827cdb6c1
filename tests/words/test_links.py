"""Links: they restore the view, with and without an address of the map's own."""

from __future__ import annotations

import doctest
import string
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.settings import Settings, settings
from edition.view import View
from tests.asked import CHOICES
from words import links
from words.links import breakable, closed, restorable, view_link

VIEW = View(sector=("life-sciences",), level="la", place=("area:x&y=1~<b> & c", "set:E08000003+E08000006"))


@pytest.fixture
def public(monkeypatch):
    """Give the map an address."""

    def set_to(address):
        monkeypatch.setenv("ICM_PUBLIC_URL", address)
        settings.cache_clear()

    yield set_to
    monkeypatch.undo()
    settings.cache_clear()


def read(link):
    return View.parse(parse_qsl(urlsplit(link).query, keep_blank_values=True), CHOICES)


def test_the_examples_hold():
    ran = doctest.testmod(links)
    assert ran.attempted >= 2
    assert ran.failed == 0


def test_without_an_address_the_link_begins_at_the_root():
    assert view_link(View()) == "?"
    assert view_link(View(), "/compare") == "/compare"
    assert view_link(View(level="la")) == "?level=la"
    assert view_link(VIEW, "/compare").startswith("/compare?sector=life-sciences&level=la&place=")
    assert read(view_link(VIEW)) == VIEW


def test_what_one_session_alone_knows_is_in_no_link():
    assert view_link(View(place=("mine:1",)), "/compare") == "/compare"
    assert read(view_link(View(place=("UK", "mine:1", "E08000035")))).place == ("UK", "E08000035")
    assert restorable(VIEW) is VIEW


@pytest.mark.parametrize("address", ["https://map.example.org", "https://map.example.org/"])
def test_with_an_address_the_link_is_whole(public, address):
    public(address)
    assert view_link(View()) == "https://map.example.org/"
    assert view_link(View(level="la")) == "https://map.example.org/?level=la"
    assert view_link(VIEW, "/embed").startswith("https://map.example.org/embed?sector=")
    assert read(view_link(VIEW, "/compare")) == VIEW


def test_an_address_may_have_a_path_and_a_port(public):
    public("http://host.example:8501/maps/clusters/")
    assert (
        view_link(View(level="la"), "/compare") == "http://host.example:8501/maps/clusters/compare?level=la"
    )


@pytest.mark.parametrize(
    "address",
    [
        "map.example.org",
        "ftp://map.example.org",
        "javascript:alert(1)",
        "https://",
        "https://map.example.org/?a=b",
        "https://map.example.org/#top",
        "https://map.example.org:99999",
        "https://map.example.org:0",
        "https://map example.org",
        'https://map.example.org/"><script>',
        "https://map.example.org/\n",
        "https://" + "x" * 300 + ".org",
    ],
)
def test_what_no_link_can_begin_with_is_refused_in_words(public, address):
    public(address)
    with pytest.raises(InputError) as told:
        settings()
    assert "ICM_PUBLIC_URL" in str(told.value)
    assert repr(address[:150])[:-1] in str(told.value)
    assert "https://map.example.org" in str(told.value)


def test_a_password_is_refused_and_not_told_again(public):
    public("https://me:secret@map.example.org")
    with pytest.raises(InputError) as told:
        settings()
    assert "secret" not in str(told.value)


@given(st.text(max_size=60))
def test_any_other_setting_is_an_address_or_refused(text):
    try:
        kept = Settings(public_url=text).public_url
    except ValueError:
        return
    assert kept == "" or urlsplit(kept).hostname
    assert not set(kept) - set(string.ascii_letters + string.digits + "._~:/[]%-")


@given(st.lists(st.sampled_from("ab?&= "), max_size=30).map("".join))
def test_what_was_made_breakable_is_closed_again(query):
    link = view_link(View(place=(f"x{query}",)))
    assert closed(f"Here: {breakable(link)}") == f"Here: {link}"
