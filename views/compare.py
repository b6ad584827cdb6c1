"""Compare: places side by side, in words, on maps, as a table, as charts; what the level decides of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from edition.keeper import KEEPER
from layers.registry import credit
from regions.comparison import compare
from regions.measures import MEASURES, on_map
from tables.comparison_files import names, summary
from views import (
    comparison_charts,
    comparison_rows,
    comparison_table,
    filters,
    levels,
    likeness,
    panels,
    places,
    state,
    take_away,
)
from views.chrome import furnish, heading
from views.markdown import plain
from words.filters import PLACED
from words.numbers import listed, pounds
from words.provenance import firms_words

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View
    from regions.comparison import Comparison
    from regions.place import Place

PAGE = "compare"
AGAINST = {"uk": "United Kingdom", "nation": "Nations", "parent": "Next larger region"}
# Worth a first look: the places of a policymaker's usual questions.
STARTS: dict[str, tuple[str, ...]] = {
    "Manchester, West Midlands, Glasgow (£50m)": (
        "greater-manchester",
        "west-midlands",
        "glasgow-city-region",
    ),
    "The four nations": ("E92000001", "S92000003", "W92000004", "N92000002"),
    "Cambridge, Oxford and Edinburgh": ("E07000008", "E07000178", "S12000036"),
    "Ten core cities": (
        *("E08000025", "E06000023", "W06000015", "S12000049", "E08000035"),
        *("E08000012", "E08000003", "E08000021", "E06000018", "E08000039"),
    ),
}
# Characters of the names in the heading, before these are counted instead.
LONGEST = 90


def page() -> None:
    """Draw the page."""
    state.begin(PAGE)
    furnish()
    edition = KEEPER.edition()
    here = places.chosen(edition)
    view: View = st.session_state.view
    with st.sidebar:
        _sidebar(edition, here)
    state.write_address(view)
    filters.faults(edition)
    if not here:
        _start(edition, view)
        return
    found = compare(edition, view.plain(), here, view.against)
    _heading(found, view)
    # A phone shows the maps first (the style of `views/chrome.py`).
    with st.container(key="compare-top"):
        with st.container(key="compare-findings"):
            places.more_ways(edition, view)
            _summary(found)
            take_away.show(found, view)
        with st.container(key="compare-maps"):
            panels.show(found, view)
    comparison_table.show(found)
    comparison_rows.show(found, view)
    comparison_charts.show(found, view)
    levels.show(edition, view, here)
    likeness.show(edition, view, here)
    _sources(edition, view)


def _sidebar(edition: Edition, here: list[Place]) -> None:
    places.sidebar(edition, here)
    st.pills(
        "Held against",
        list(AGAINST),
        key="against",
        format_func=AGAINST.__getitem__,
        selection_mode="multi",
        help="What the places are compared with: the country, the nations that they lie in, and the smallest "
        "ITL region or nation that holds each.",
        on_change=state.from_widgets,
    )
    st.selectbox(
        "Measure on maps and in ranks",
        list(on_map()),
        key="measure",
        format_func=lambda name: MEASURES[name].label,
        help="What colours the regions on the maps, and what places are ranked by further down.",
        on_change=state.from_widgets,
    )
    filters.placed()
    filters.labels(edition)
    filters.programmes(edition)
    filters.more()
    filters.buttons()


def _start(edition: Edition, view: View) -> None:
    heading(
        "Compare",
        "Put places side by side: funding, firms, clusters and research.",
        "Choose two to ten places of any level, from a council to a nation, or an area of your own. Every "
        "pound is accounted for: placed here, placed elsewhere, or not placed.",
    )
    st.caption("Type a place in the side bar (» on a phone), or start with one of these:")
    row = st.container(horizontal=True)
    for label, refs in STARTS.items():
        row.button(label, on_click=places.start_with, args=(refs,))
    places.more_ways(edition, view)


def _heading(found: Comparison, view: View) -> None:
    called = [names(found)[place.ref] for place in found.places]
    held = [place.name for place in found.against]
    if len(called) == 1:
        words = f"{called[0]} beside {listed(held)}" if held else called[0]
    else:
        together = listed(called)
        words = f"{together if len(together) <= LONGEST else f'{len(called)} places'} side by side"
    heading("Compare", words, _adding_up(found, view))


def _adding_up(found: Comparison, view: View) -> str:
    """Return the line that reconciles the places' money with all awards, or why it is not added."""
    rule = PLACED[view.placed]
    if found.sums is None:
        return f"{'; '.join(found.overlaps)}: these share money and are not added up. Awards {rule}."
    sums = found.sums
    what = "in this place" if len(found.places) == 1 else "in these places"
    return (
        f"{pounds(sums.places)} of public money {what} + {pounds(sums.elsewhere)} elsewhere + "
        f"{pounds(sums.not_placed)} not placed = {pounds(sums.awards)} awarded · {rule}"
    )


def _summary(found: Comparison) -> None:
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in summary(found)))
    for place in found.places:
        if place.note:
            st.caption(plain(f"{place.name}: {place.note}"))


def _sources(edition: Edition, view: View) -> None:
    st.caption(
        f"{plain(firms_words(edition))} Boundaries: {edition.boundaries}.  \n"
        f"{credit(view, own=edition.about.own)}"
    )
