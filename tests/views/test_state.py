"""The view of a session: address, widgets and history say the same."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from data.taxonomy import sectors, technologies
from edition.filters import CLUSTER_TYPES, YEARS
from edition.view import LEVELS, View
from regions.measures import on_map
from tests.asked import CHOICES
from tests.views.page import Page
from views.state import HISTORY


def some(values, most=3):
    return st.lists(st.sampled_from(list(values)), max_size=most, unique=True).map(tuple)


YEAR = st.integers(*YEARS)
PLACE = st.tuples(st.floats(50, 60), st.floats(-8, 2), st.floats(3, 18))


def in_order(view):
    """Read a view as the page reads it: what it names stands in the order of the edition's lists."""
    return View.model_validate(view.model_dump(), context=CHOICES)


VIEWS = st.builds(
    View,
    sector=some(row.id for row in sectors()),
    technology=some(row.id for row in technologies()),
    family=st.sampled_from(["sector", "technology", "both"]),
    type=some(CLUSTER_TYPES),
    year_from=st.just(YEARS[0]) | YEAR.map(lambda year: min(year, 2020)),
    year_to=st.just(YEARS[1]) | YEAR.map(lambda year: max(year, 2020)),
    kinds=some(["at least", "up to", "envelope", "project value"], 4),
    growth=st.booleans(),
    placed=st.sampled_from(["delivery", "lead"]),
    measure=st.sampled_from(list(on_map())),
    level=st.sampled_from(list(LEVELS)),
    show=some(["regions", "clusters", "projects", "firms", "assets", "labels"], 6),
    here=st.none() | PLACE,
    tab=st.sampled_from(["here", "clusters", "regions", "projects", "firms"]),
).map(in_order)


def script():
    """A page that has the address and the view, and no widgets."""
    import streamlit as st

    from views import state

    state.begin()
    if "fields" in st.session_state:
        state.change(**st.session_state.pop("fields"))
    if st.session_state.pop("back", False):
        state.undo()
    state.write_address(st.session_state.view)


def session(pairs=()):
    test = AppTest.from_function(script, default_timeout=30)
    for name, value in pairs:
        test.query_params[name] = [*test.query_params.get(name, []), value]
    return run(test)


def run(test, **state):
    for name, value in state.items():
        test.session_state[name] = value
    test.run()
    assert not test.exception, [fault.value for fault in test.exception]
    return test


def address(test):
    given = test.query_params.items()
    return [
        (name, value) for name, values in given for value in ([values] if isinstance(values, str) else values)
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VIEWS)
def test_a_link_shows_what_its_sender_saw(view):
    test = session(view.query())
    assert test.session_state["view"] == view
    assert test.session_state["faults"] == []
    assert sorted(address(test)) == sorted(view.query())


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VIEWS, VIEWS)
def test_a_change_is_written_and_undone(before, after):
    test = session(before.query())
    run(test, fields=after.model_dump(exclude={"at"}))
    assert test.session_state["view"] == after
    assert sorted(address(test)) == sorted(after.query())
    run(test, back=True)
    assert test.session_state["view"] == before
    assert sorted(address(test)) == sorted(before.query())


def test_the_maps_position_in_the_address_is_the_maps_own():
    test = session([("at", "52,-1,8")])
    assert test.session_state["view"].at == (52.0, -1.0, 8.0)
    run(test, fields={"sector": ("defence",)})
    assert sorted(address(test)) == [("at", "52,-1,8"), ("sector", "defence")]


def test_history_does_not_grow_without_end():
    test = session()
    for year in (*range(*YEARS), *range(*YEARS)):
        run(test, fields={"year_from": year})
    assert len(test.session_state["past"]) <= HISTORY + 1
    for _ in range(HISTORY + 5):
        run(test, back=True)
    assert test.session_state["past"] == []


def test_a_change_to_the_same_is_no_step_back():
    test = run(session(), fields={"sector": ()})
    assert test.session_state["past"] == []


# --- Through the widgets of the page


def test_widgets_show_the_view_of_the_address(edition):
    assert edition
    query = [
        *(("sector", "defence"), ("sector", "life-sciences"), ("measure", "total"), ("level", "itl1")),
        *(("family", "both"), ("show", "clusters"), ("show", "firms"), ("tab", "projects")),
        *(("year_from", "2015"), ("year_to", "2024"), ("kinds", "envelope"), ("growth", "true")),
    ]
    page = Page(query)
    test = page.test
    assert test.multiselect(key="sector").value == ["defence", "life-sciences"]
    assert test.selectbox(key="measure").value == "total"
    assert test.selectbox(key="level").value == "itl1"
    assert test.button_group(key="family").value in ("both", ["both"])
    assert test.button_group(key="show").value == ["clusters", "firms"]
    # Filters that a link narrows are shown, not hidden behind their heading.
    assert test.slider(key="years").value == (2015, 2024)
    assert test.toggle(key="growth").value is True
    assert test.button_group(key="kinds").value == ["envelope"]


def test_what_widgets_set_is_in_the_address_and_the_view(edition):
    assert edition
    page = Page([("growth", "true")])
    test = page.test
    test.selectbox(key="level").set_value("nation")
    page.run()
    test.slider(key="years").set_value((2018, 2022))
    page.run()
    test.button_group(key="kinds").set_value([])
    page.run()
    test.button_group(key="show").set_value(["labels", "clusters"])
    page.run()
    test.toggle(key="growth").set_value(False)
    page.run()
    assert page.view == View(
        level="nation", year_from=2018, year_to=2022, kinds=(), show=("clusters", "labels")
    )
    expected = {}
    for name, value in page.view.query():
        expected.setdefault(name, []).append(value)
    assert page.address == expected


def test_nothing_shown_is_land_alone(edition):
    assert edition
    page = Page()
    page.test.button_group(key="show").set_value([])
    page.run()
    assert page.address == {"show": ["none"]}
    assert set(page.slots()) == {"land", "scene"}
    assert Page([("show", "none")]).view == page.view


def test_filters_behind_a_closed_heading_stay_in_force(edition):
    assert edition
    page = Page([("year_from", "2015"), ("kinds", "none")])
    page.choose("sector", "defence")
    page.choose("sector")
    assert (page.view.year_from, page.view.kinds) == (2015, ())
    # A link may set what no open widget shows.
    hidden = Page([("kinds", "none")])
    assert not hidden.test.get("slider")
    hidden.choose("sector", "defence")
    assert hidden.view == View(sector=("defence",), kinds=())
