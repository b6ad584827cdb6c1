"""Funding: programmes and projects as tables to browse and search, with their map, years and totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from edition.keeper import KEEPER
from layers.registry import credit
from profiles.matching import find_programmes, find_projects
from profiles.programmes import count_words, left_out, programme_rows, totals_words
from profiles.projects import project_rows
from tables.files import TABLES
from views import filters, grid, picture, programme, projects, state, take_away
from views.chrome import furnish, heading
from words.numbers import count, pounds

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition
    from edition.view import View

PAGE = "funding"
LISTS = {"programmes": "Programmes", "projects": "Projects"}
# What the page remembers while others are shown; the widgets' own keys go with them.
KEPT = {"funding_list": "programmes", "funding_search": ""}
LONGEST_SEARCH = 100
EMPTY = "Nothing passes the filters. Take a filter away, or press Undo."
GROWTH = (
    "for regional growth (freeports, investment zones, growth deals, town funds) left out, as that is not "
    "research money. Investment zones are envelopes with tax relief: these stay uncounted until asked for."
)


def page() -> None:
    """Draw the page: of one programme where the view asks for exactly one, else of all that pass."""
    state.begin(PAGE)
    furnish()
    edition = KEEPER.edition()
    view: View = st.session_state.view
    with st.sidebar:
        _filters(edition)
    state.write_address(view)
    filters.faults(edition)
    if len(view.programme) == 1:
        programme.show(edition, view)
    else:
        _all(edition, view)
    owed = credit(picture.of_projects(view), own=edition.about.own)
    st.caption(f"Awards found in public, not all there are.  \n{owed}")


def _filters(edition: Edition) -> None:
    filters.programmes(edition)
    filters.labels(edition, clusters=False)
    filters.placed()
    filters.years_and_kinds()
    filters.buttons()


def _all(edition: Edition, view: View) -> None:
    words = totals_words(edition, view)
    said = " · ".join(count_words(edition, view))
    heading("Funding", words, said)
    with st.container(horizontal=True, key="take-away"):
        take_away.whole(picture.of_projects(view), "funding")
    _growth(edition, view)
    picture.show(edition, view, words)
    _lists(edition, view)


def _growth(edition: Edition, view: View) -> None:
    without = left_out(edition, view)
    if not without:
        return
    note, button = st.columns([5, 1], vertical_alignment="center")
    note.caption(f"{count(without, 'programme')} {GROWTH}")
    button.button(
        "Show them too",
        icon=":material/add:",
        width="stretch",
        on_click=state.change,
        kwargs={"growth": True},
    )


def _lists(edition: Edition, view: View) -> None:
    for name, value in KEPT.items():
        st.session_state.setdefault(f"kept_{name}", value)
        st.session_state.setdefault(name, st.session_state[f"kept_{name}"])
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    left.segmented_control(
        "List", list(LISTS), key="funding_list", format_func=LISTS.__getitem__, required=True,
        label_visibility="collapsed", on_change=_keep,
    )  # fmt: skip
    right.text_input(
        "Search", key="funding_search", max_chars=LONGEST_SEARCH, on_change=_keep, icon=":material/search:",
        label_visibility="collapsed", placeholder="Search names, leads, partners, places",
    )  # fmt: skip
    which, search = st.session_state.funding_list, st.session_state.funding_search
    if which == "projects":
        _projects(edition, view, search)
    else:
        _programmes(edition, view, search)


def _keep() -> None:
    for name in KEPT:
        st.session_state[f"kept_{name}"] = st.session_state[name]


def _programmes(edition: Edition, view: View, search: str) -> None:
    rows = programme_rows(edition, view)
    found = find_programmes(rows, project_rows(edition, view), search)
    _above("programmes", view, _found(found, rows, "programme", "public_gbp"))
    if found.empty:
        projects.nothing(_none(search))
        return
    ids = found["programme_id"].tolist()
    key = projects.key_of("programmes", ids)
    grid.show(
        _shown(found)[list(_columns())],
        _columns(),
        key=key,
        height=projects.height_of(found),
        on_select=lambda: _chosen(key, ids),
        selection_mode="single-row",
        placeholder=projects.UNKNOWN,
    )
    st.caption("Tick a row to open the programme's page: its projects, places, gaps and sources.")


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Blank what nobody published: no figure found is not nothing given."""
    known = {"public_gbp": rows["with_figure"] > rows["not_counted"], "private_gbp": rows["private_gbp"] > 0}
    return rows.assign(**{name: rows[name].where(there) for name, there in known.items()})


def _chosen(key: str, ids: list[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        programme.open_page(ids[rows[0]])


def _projects(edition: Edition, view: View, search: str) -> None:
    rows = project_rows(edition, view)
    found = find_projects(rows, search)
    _above("projects", view, _found(found, rows, "project", "counted_gbp"))
    if found.empty:
        projects.nothing(_none(search))
        return
    chosen = projects.table(found)
    if chosen:
        projects.details(edition, view, chosen)
    else:
        st.caption("Tick a row to see the project with its sources. Rows marked ↳ lie inside another.")


def _found(found: pd.DataFrame, rows: pd.DataFrame, one: str, column: str) -> str:
    money = f"{pounds(float(found[column].sum()))} of public money counts"
    if len(found) == len(rows):
        bare = int((rows["projects"] == 0).sum()) if "projects" in rows else 0
        without = f", {bare} of them without a listed project" if bare else ""
        return f"{count(len(rows), one)}{without}; {money}."
    whole = "whole awards, not the part of a place searched for: Compare has that"
    return f"{len(found):,} of {count(len(rows), one)} match the search; {money} in them ({whole})."


def _none(search: str) -> str:
    return f"Nothing matches “{search}”. Try fewer words, or take a filter away." if search.strip() else EMPTY


def _above(name: str, view: View, words: str) -> None:
    """Say what the table has, and offer it whole."""
    note, ways = st.columns([3, 2], vertical_alignment="center")
    note.caption(f"{words} The downloads are not searched: they have every row.")
    with ways:
        take_away.table(TABLES[name].id, view, f"table-{name}")


def _columns() -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    money = "£%,.0f"
    return {
        "name": text("programme", width=projects.NAME_WIDTH),
        "public_gbp": number(
            "public, counted", format=money, help="Awards of the listed projects, nested ones once."
        ),
        "private_gbp": number(
            "private, named", format=money, help="Private money that sources name beside it."
        ),
        "announced_gbp": number(
            "announced",
            format=money,
            help="Total as announced. Never added up: strands lie inside programmes.",
        ),
        "share_of_announced": number(
            "of announced", format="percent", help="Public money counted over the total announced."
        ),
        "projects": "projects",
        "without_figure": number("no figure", help="Projects without a public figure."),
        "not_counted": number("not counted", help="Projects whose kind of figure is switched off."),
        "not_placed_gbp": number("not placed", format=money),
        "authorities": number("authorities", help="Local authorities that it reaches."),
        "missing": text("known gaps", width="medium"),
        "status": "status",
        "start": "start",
        "end": "end",
        "funders": text("funders", width="medium"),
        "purpose": "purpose",
        "programme_id": "id",
    }
