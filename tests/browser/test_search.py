"""What the search says while the server still reads what the answer may be in, in Chromium."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
COMING = "Postcodes are still being read."
POSTCODE = {
    "kind": "postcode",
    "id": "OX11 0QR",
    "name": "OX11 0QR",
    "kind_label": "Postcode",
    "zoom": 14,
    "detail": "postcode, Vale of White Horse",
    "lon": -1.31,
    "lat": 51.58,
    "bounds": None,
}
TOWN = {**POSTCODE, "kind": "town", "id": "1", "name": "Oxford", "kind_label": "Town", "detail": "England"}
WAITING = {"hits": [], "note": COMING, "pending": True}


@pytest.fixture
def answers(atlas):
    """What the server answers to searches, one after the other, the last for good; and what it was asked."""
    given, asked = [], []

    def answer(route):
        asked.append(route.request.url)
        body = given.pop(0) if len(given) > 1 else given[0]
        route.fulfill(status=200, content_type="application/json", body=json.dumps({"query": "", **body}))

    atlas.page.route("**/api/v1/search?*", answer)
    return given, asked


def test_a_postcode_is_waited_for(atlas, answers):
    given, asked = answers
    given += [WAITING, WAITING, {"hits": [POSTCODE], "note": "", "pending": False}]
    box = atlas.frame.get_by_role("combobox")
    box.press_sequentially("ox11 0qr", delay=5)
    expect(atlas.frame.locator("#icm-results")).to_have_text(COMING)
    expect(atlas.frame.get_by_role("option")).to_contain_text("OX11 0QR")
    assert len(asked) == 3
    atlas.page.wait_for_timeout(1500)
    assert len(asked) == 3
    box.press("Enter")
    atlas.frame.locator(".icm-card").wait_for(state="visible")
    assert atlas.faults == []


def test_what_is_found_meanwhile_stays_where_it_was_pointed_at(atlas, answers):
    given, asked = answers
    given += [{"hits": [TOWN, {**TOWN, "id": "2", "name": "Oxted"}], "note": COMING, "pending": True}]
    box = atlas.frame.get_by_role("combobox")
    box.press_sequentially("ox1", delay=5)
    expect(atlas.frame.locator("#icm-results")).to_contain_text(COMING)
    box.press("ArrowDown")
    atlas.page.wait_for_timeout(3000)
    assert len(asked) >= 3
    expect(atlas.frame.get_by_role("option", selected=True)).to_contain_text("Oxted")


@pytest.mark.parametrize("leave", ["Escape", "Tab", "text"])
def test_who_leaves_the_search_waits_no_longer(atlas, answers, leave):
    given, asked = answers
    given += [WAITING]
    box = atlas.frame.get_by_role("combobox")
    box.press_sequentially("ox11", delay=5)
    results = atlas.frame.locator("#icm-results")
    expect(results).to_have_text(COMING)
    if leave == "text":
        box.fill("")
    else:
        box.press(leave)
    expect(results).to_be_hidden()
    before = len(asked)
    atlas.page.wait_for_timeout(1500)
    assert len(asked) == before
    expect(results).to_be_hidden()


def test_who_comes_back_to_the_search_is_told_what_came_meanwhile(atlas, answers):
    given, _ = answers
    given += [
        {"hits": [], "note": COMING, "pending": True},
        {"hits": [POSTCODE], "note": "", "pending": False},
    ]
    box = atlas.frame.get_by_role("combobox")
    box.press_sequentially("ox11 0qr", delay=5)
    expect(atlas.frame.locator("#icm-results")).to_have_text(COMING)
    box.press("Tab")
    box.focus()
    expect(atlas.frame.get_by_role("option")).to_contain_text("OX11 0QR")
