"""What the map says to the page: each message once, and none that breaks the page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from edition.view import View
from views import atlas

# Anyone can write these in a browser: no message of the map's own is like them.
BROKEN = [
    "text",
    ["list"],
    7,
    {"message": None},
    {"message": "text"},
    {"message": ["list"]},
    {"message": {"stamp": "1"}},
    {"message": {"stamp": "1", "kind": ["here"], "id": {"a": 1}}},
    {"message": {"stamp": {"a": []}, "kind": "layer", "id": ["regions"]}},
    {"message": {"stamp": "1", "kind": "here", "lat": "north", "lon": [], "zoom": {}}},
    {"message": {"stamp": "1", "kind": "here", "lat": 1e999, "lon": 0, "zoom": 12}},
    {"message": {"stamp": "1", "kind": "here", "lat": 10**400, "lon": 0, "zoom": 12}},
    {"message": {"stamp": "1", "kind": "here", "lat": 0, "lon": 0, "zoom": 12}},
    {"message": {"stamp": "1", "kind": "cluster", "id": "x" * 500}},
    {"message": {"stamp": "1", "kind": "cluster", "id": "a\x00b"}},
    {"message": {"stamp": "1", "kind": "sector", "id": "no such label"}},
    {"message": {"stamp": "1", "kind": "sector", "id": {"$ne": 1}}},
    {"message": {"stamp": "1", "kind": "pick", "lat": None, "lon": "x"}},
    {"message": {"stamp": "1", "kind": "pick", "lat": 10**400, "lon": 0}},
    {"message": {"stamp": "1", "kind": "area", "ring": "<script>"}},
    {"message": {"stamp": "1", "kind": "area", "ring": [[0, {}], 1, None]}},
]
EARS = {"explore": "map", "funding": "funding-map", "compare": "place-map", "cluster": "cluster-map-1"}


def script(page):
    """Run the ear of a page's map, as Streamlit does before it draws the page."""
    import streamlit as st

    from views import cluster, explore, picture, places, state

    state.begin(page)
    st.session_state.setdefault(picture.SWITCHED, [*picture.AT_FIRST])
    st.session_state.setdefault(cluster.SWITCHED, [])
    ears = {
        "explore": explore._heard,
        "funding": picture.heard,
        "compare": places._heard,
        "cluster": lambda: cluster._heard("cluster-map-1"),
    }
    ears[page]()


def said(page, value):
    test = AppTest.from_function(script, default_timeout=60, args=(page,))
    test.session_state[EARS[page]] = value
    return test.run()


@pytest.mark.parametrize("page", EARS)
@pytest.mark.parametrize("value", BROKEN, ids=lambda value: str(value)[:60])
def test_a_broken_message_changes_nothing_and_breaks_nothing(edition, page, value):
    assert edition
    test = said(page, value)
    assert not test.exception
    view = test.session_state["view"]
    assert view == View()
    # The view can still be changed: nothing that it would refuse has got into it.
    assert View.model_validate({**view.model_dump(), "level": "la"}).level == "la"


def test_what_cannot_be_read_is_said(edition):
    assert edition
    test = said("explore", {"message": {"stamp": "1", "kind": "here", "lat": "x", "lon": 1, "zoom": 2}})
    assert test.session_state["faults"] == [atlas.UNREADABLE]
    test = said("compare", {"message": {"stamp": "1", "kind": "area", "ring": [[53, -2]]}})
    [words] = test.session_state["faults"]
    assert "three corners" in words


def test_a_point_is_asked_about_once(edition):
    assert edition
    message = {"stamp": "1", "kind": "here", "lat": 52.2, "lon": 0.12, "zoom": 12}
    test = said("explore", {"message": message})
    assert test.session_state["view"].here == (52.2, 0.12, 12)
    test.session_state["view"] = View()
    test.run()
    assert test.session_state["view"].here is None
