"""The filters in the side bar: what every page of the map asks alike, written once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from edition.filters import CLUSTER_TYPES, YEARS
from views import state
from views.markdown import plain

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.labels import Labels
    from edition.view import View

FAMILIES = {"sector": "Sectors", "technology": "Technologies", "both": "Both"}
PLACED_LABELS = {"delivery": "Place of delivery", "lead": "Lead's address"}
KIND_LABELS = {
    "at least": "“At least” figures",
    "up to": "“Up to” figures",
    "envelope": "Envelopes (with tax relief)",
    "project value": "Project values (not all public)",
}
TECHNOLOGY_HELP = "Clusters are then those of the technology. Firms and projects may belong to several."
# Labels in the list of sectors; of more, those with most clusters, and any other by typing it.
MOST_LABELS = 300
MOST_FAULTS = 5


def labels(edition: Edition, *, clusters: bool = True) -> None:
    """Ask which sectors and technologies are meant and, where clusters are shown, of which of them."""
    names = edition.labels
    changed = state.from_widgets
    st.multiselect(
        "Sector",
        names.first(MOST_LABELS, st.session_state.view.sector),
        select_all=False,
        key="sector",
        format_func=names.title,
        placeholder="All sectors",
        help=_sector_help(names),
        accept_new_options=len(names.sectors) > MOST_LABELS,
        on_change=changed,
    )
    if names.own:
        return
    st.multiselect(
        "Technology",
        _technology_ids(edition),
        select_all=False,
        key="technology",
        format_func=names.title,
        placeholder="Any",
        help=TECHNOLOGY_HELP if clusters else "Projects may belong to several.",
        on_change=changed,
    )
    if clusters:
        _family()


def _family() -> None:
    st.segmented_control(
        "Clusters of",
        list(FAMILIES),
        key="family",
        format_func=FAMILIES.__getitem__,
        required=True,
        wrap=False,
        help="Each firm has one sector and may have several technologies. "
        "Choosing a sector or technology above shows the clusters of that.",
        on_change=state.from_widgets,
    )


def _sector_help(labels: Labels) -> str | None:
    if not labels.own:
        return None
    many = f" The {MOST_LABELS} with most clusters are listed; type the name of another."
    money = " Awards have sectors of their own: a label that these do not know leaves the money as it is."
    return f"The labels of the register.{money}" + (many if len(labels.sectors) > MOST_LABELS else "")


def _technology_ids(edition: Edition) -> list[str]:
    """Those with clusters first, since they are what most look for."""
    tested = edition.labels.clusters
    return sorted(edition.labels.technologies, key=lambda name: (-int(tested.get(name, 0) > 0), name))


def placed() -> None:
    """Ask by which rule awards are placed."""
    st.segmented_control(
        "Placed by",
        list(PLACED_LABELS),
        key="placed",
        format_func=PLACED_LABELS.__getitem__,
        required=True,
        wrap=False,
        help="Place of delivery: the site or the places that an award is for; several share it by "
        "population. Lead's address: where the organisation that leads has its head office; several leads "
        "share it equally. Rings of single projects stay where the work is done.",
        on_change=state.from_widgets,
    )


def programmes(edition: Edition) -> None:
    """Ask for the money of some programmes only."""
    known = _programmes(edition, st.session_state.view.programme)
    st.multiselect(
        "From programmes",
        list(known),
        select_all=False,
        key="programme",
        format_func=known.__getitem__,
        placeholder="All of research and innovation",
        help="Money and projects of these funding programmes only.",
        on_change=state.from_widgets,
    )


def more() -> None:
    """Ask for the rest, folded away until it is wanted."""
    # Sent only when open: its long lists would cost bytes at every run.
    box = st.expander("More filters", expanded=_narrowed(), key="more", on_change="rerun")
    if box.open:
        with box:
            types()
            years_and_kinds()


def _narrowed() -> bool:
    view: View = st.session_state.view
    return bool(view.type or view.growth or not view.every_year)


def types() -> None:
    """Ask for types of clusters."""
    st.multiselect(
        "Cluster type",
        CLUSTER_TYPES,
        select_all=False,
        key="type",
        placeholder="All types",
        help="Diverse: co-located. Specialised: also related. "
        "R&D Collaborating: with evidence of publicly funded collaboration.",
        on_change=state.from_widgets,
    )


def years_and_kinds() -> None:
    """Ask for years, and for which figures count."""
    changed = state.from_widgets
    view: View = st.session_state.view
    st.session_state.years = (view.year_from, view.year_to)
    st.slider(
        "Year of award or start",
        *YEARS,
        key="years",
        help="Undated projects take part only when no year is filtered away.",
        on_change=changed,
    )
    st.pills(
        "Count also",
        list(KIND_LABELS),
        key="kinds",
        format_func=KIND_LABELS.__getitem__,
        selection_mode="multi",
        help="Plain awards always count. These figures are less certain, or not all public money.",
        on_change=changed,
    )
    st.toggle(
        "Regional-growth programmes",
        key="growth",
        help="Freeports, investment zones, growth deals and town funds are not research money; "
        "they are left out unless asked for.",
        on_change=changed,
    )


@lru_cache(maxsize=16)
def _programmes(edition: Edition, asked: tuple[str, ...]) -> dict[str, str]:
    """Return the programmes that projects have, by name, and any that is asked for; not to be changed."""
    rows = edition.tables["programmes"]
    wanted = {*edition.tables["projects"]["programme_id"], *asked}
    funded = rows[rows["programme_id"].isin(wanted)]
    # The widget knows an entry by its label: where names repeat, ids tell them apart.
    twice = funded["name"].duplicated(keep=False)
    labels_of = funded["name"].where(~twice, funded["name"] + " (" + funded["programme_id"] + ")")
    named = zip(funded["programme_id"], labels_of, strict=True)
    return dict(sorted(named, key=lambda pair: pair[1]))


def faults(edition: Edition) -> None:
    """Say what of the address could not be used, and what is odd about the edition."""
    if edition.notice:
        st.warning(plain(edition.notice), icon=":material/history:")
    said = [f"- {plain(fault)}" for fault in st.session_state.faults]
    if said:
        lead = "A part of what was asked for could not be used and was left out:"
        st.warning("\n".join([lead, *said[:MOST_FAULTS]]), icon=":material/link_off:")


def buttons() -> None:
    """Offer the way back."""
    row = st.container(horizontal=True)
    row.button("Undo", icon=":material/undo:", on_click=state.undo, disabled=not st.session_state.past)
    row.button("Reset", icon=":material/restart_alt:", on_click=state.reset)
