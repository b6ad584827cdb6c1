"""The page of one programme: what is known of it, what is missing, its projects, places and sources."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.units import unit_of
from profiles.programmes import RESEARCH, count_words, dossier, headline, programme_rows
from profiles.projects import exact_pounds
from tables.page_table import Handout
from views import grid, picture, projects, state, take_away
from views.chrome import heading
from views.markdown import plain
from words.filters import KINDS
from words.numbers import count, finite, listed

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View
    from profiles.programmes import Dossier

# Programmes that were chosen before one was opened: the way back leads to them.
BEFORE = "funding_before"
NO_GAP = "No gap has been recorded. That is not to say that the list is whole."


def open_page(programme_id: str) -> None:
    """Open the page of a programme, remembering the choice before."""
    st.session_state[BEFORE] = st.session_state.view.programme
    state.change(programme=(programme_id,))


def show(edition: Edition, view: View) -> None:
    """Draw the page of the one programme that the view asks for."""
    found = dossier(edition, view, view.programme[0])
    words = headline(found)
    _ways(edition, view)
    _heading(edition, found, words)
    _switched_off(found, view)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _facts(found)
    with right:
        _gaps(found)
    with st.container(horizontal=True, key="take-away"):
        take_away.whole(picture.of_projects(view), "programme")
    picture.show(edition, view, f"{found.facts['name']}. {words}")
    _projects(edition, view, found)
    _differing(edition, view, found)
    _places(edition, view, found)
    _related(found)
    projects.sources(str(found.facts["source_url"]))


def _ways(edition: Edition, view: View) -> None:
    """Offer the way back, and the programmes beside this one in the list."""
    before = st.session_state.get(BEFORE, ())
    back = before if len(before) > 1 else ()
    row = st.container(horizontal=True, key="funding-ways")
    label = "Back to the programmes chosen" if back else "All programmes"
    row.button(label, icon=":material/arrow_back:", on_click=state.change, kwargs={"programme": back})
    ids = _in_order(edition, view)
    place = ids.index(view.programme[0])
    for name, icon, step in (("Previous", "chevron_left", place - 1), ("Next", "chevron_right", place + 1)):
        there = 0 <= step < len(ids)
        goal = {"programme": (ids[step],)} if there else {}
        row.button(
            name,
            icon=f":material/{icon}:",
            on_click=state.change,
            kwargs=goal,
            disabled=not there,
            type="tertiary",
        )


def _in_order(edition: Edition, view: View) -> list[str]:
    """Return the ids of the list that the page belongs to; with regional growth where it needs that."""
    for growth in (view.growth, True):
        # The sectors and years of the view may leave nothing of this one: the order is that of all.
        fields = {"programme": (), "sector": (), "technology": (), "kinds": view.kinds, "growth": growth}
        rows = programme_rows(edition, type(view).model_validate(fields))
        if view.programme[0] in set(rows["programme_id"]):
            break
    return [str(one) for one in rows["programme_id"]]


def _heading(edition: Edition, found: Dossier, words: str) -> None:
    facts = found.facts
    years = " to ".join(filter(None, [str(facts["start"]), str(facts["end"])]))
    small = [str(facts["funders"]), str(facts["status"]), years]
    said = count_words(edition, found.filters)
    where = " · ".join(filter(None, small))
    heading(where, str(facts["name"]), words, " · ".join(said), name="Funding")


def _switched_off(found: Dossier, view: View) -> None:
    """Say which figures are left out of the sums, and offer to count them."""
    rows = found.projects
    off = rows[
        rows["award_gbp"].notna() & rows["award_kind"].ne("award") & ~rows["award_kind"].isin(view.kinds)
    ]
    growth = found.facts["purpose"] != RESEARCH
    kinds = [kind for kind in KINDS if kind in set(off["award_kind"])]
    words = []
    if growth:
        words.append(
            "This is a regional-growth programme, not research money: totals leave it out unless asked."
        )
    if kinds:
        names = listed([KINDS[kind] for kind in kinds])
        words.append(
            f"{count(len(off), 'figure')} here are {names}, which are not counted unless asked.".replace(
                "1 figure here are", "1 figure here is of"
            )
        )
    if not words:
        return
    with st.container(border=True, key="funding-off"):
        st.write(" ".join(words))
        if kinds:
            st.button(
                f"Count {listed([KINDS[kind] for kind in kinds])}",
                icon=":material/add:",
                on_click=state.change,
                kwargs={"kinds": (*view.kinds, *kinds)},
            )


def _facts(found: Dossier) -> None:
    facts = found.facts
    announced = facts["announced_gbp"]
    total = exact_pounds(announced) if finite(announced) else "no total was announced"
    rows = [
        ("Announced", total),
        ("About the total", str(facts["announced_note"])),
        ("Purpose", str(facts["purpose"])),
        ("Reaches", count(int(facts["authorities"]), "local authority", "local authorities")),
        (
            "Private money",
            f"{exact_pounds(facts['private_gbp'])} named beside the public money"
            if facts["private_gbp"]
            else "none named",
        ),
        ("Split by estimate", exact_pounds(facts["estimated_gbp"]) if facts["estimated_gbp"] else ""),
    ]
    projects.facts([(what, value) for what, value in rows if value])


def _gaps(found: Dossier) -> None:
    with st.container(border=True, key="funding-gaps"):
        st.html("<h3>Known and missing</h3>")
        for row in found.gaps.itertuples(index=False):
            st.html(f"<p><b>{escape(str(row.words))}</b><br><small>{escape(str(row.note))}</small></p>")
            if finite(row.share):
                st.html(f'<div class="share" aria-hidden="true"><i style="width:{row.share:.0%}"></i></div>')
        if found.gaps.empty:
            st.write(NO_GAP)
        without = int(found.facts["without_figure"])
        if without:
            st.write(f"{count(without, 'listed project')} without a public figure.")


def _projects(edition: Edition, view: View, found: Dossier) -> None:
    rows = found.projects
    head, ways = st.columns([3, 2], vertical_alignment="bottom")
    head.html(f"<h3>{escape(count(len(rows), 'project'))}</h3>")
    if rows.empty:
        strands = " Its strands, below, have projects." if len(found.related) else ""
        projects.nothing(
            f"No project of this programme passes the filters.{strands} Reset the filters to see all."
        )
        return
    with ways:
        take_away.table("projects", view, "table-projects")
    chosen = projects.table(rows, of_one=True)
    if chosen:
        projects.details(edition, view, chosen)
    else:
        st.caption("Tick a row to see the project with its sources. Rows marked ↳ lie inside the one above.")


def _differing(edition: Edition, view: View, found: Dossier) -> None:
    if found.contested.empty:
        return
    head, ways = st.columns([3, 2], vertical_alignment="bottom")
    head.html("<h3>Figures on which sources differ</h3>")
    with ways:
        handout = _handout(edition, view, found, "Figures on which sources differ")
        stem = (str(found.facts["name"]), "figures-that-differ")
        take_away.rows(found.contested, handout, stem, "differing")
    projects.differing(found.contested)


def _handout(edition: Edition, view: View, found: Dossier, what: str) -> Handout:
    return Handout(edition, view, f"{what}: {found.facts['name']}", path="/funding")


def _places(edition: Edition, view: View, found: Dossier) -> None:
    rows = found.places
    if rows.empty:
        return
    head, ways = st.columns([3, 2], vertical_alignment="bottom")
    head.html("<h3>Places</h3>")
    with ways:
        handout, stem = _handout(edition, view, found, "Places"), (str(found.facts["name"]), "places")
        shares = {"public_gbp": unit_of("£").workbook, "private_gbp": unit_of("£").workbook}
        shares["estimated_share"] = unit_of("share").workbook
        take_away.rows(rows, handout, stem, "places", formats=shares)
    blank = rows.assign(
        public_gbp=rows["public_gbp"].where(rows["public_gbp"] > 0),
        private_gbp=rows["private_gbp"].where(rows["private_gbp"] > 0),
    )
    number = st.column_config.NumberColumn
    grid.show(
        blank,
        {
            "city_region": "city region or the rest",
            "la_code": "GSS code",
            "public_gbp": number("public money", format="£%,.0f"),
            "private_gbp": number("private money named", format="£%,.0f"),
            "estimated_share": number(
                "estimated", format="percent", help="Share of the money split by estimate."
            ),
        },
        placeholder=projects.UNKNOWN,
        height=projects.height_of(rows, 320),
        column_order=[
            "city_region",
            "authority",
            "public_gbp",
            "private_gbp",
            "estimated_share",
            "projects",
            "la_code",
        ],
    )
    st.caption(
        "With what is not placed, public money adds up to what counts. "
        f"{projects.UNKNOWN}: no figure was found."
    )


def _related(found: Dossier) -> None:
    if found.related.empty:
        return
    st.html("<h3>Strands and programmes beside it</h3>")
    row = st.container(horizontal=True)
    for one in found.related.itertuples(index=False):
        announced: Any = one.announced_gbp
        total = f", {exact_pounds(announced)} announced" if finite(announced) else ""
        row.button(
            plain(f"{one.name} ({one.relation}{total})"),
            key=f"related-{one.programme_id}",
            on_click=open_page,
            args=(str(one.programme_id),),
        )
