"""Explore: the map, what it shows in a sentence, and the same content as tables."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st
from streamlit_folium import st_folium

from data.filters import CLUSTER_TYPES, YEARS
from layers import clusters as cluster_layer
from layers.base import FILTERS, address
from layers.provenance import firms_words, flag, own_firms
from layers.registry import LAYERS, base_map, credit, token
from layers.summary import figures, sentence_of
from layers.tables import TABLES
from layers.view import LEVELS, Tab, View
from layers.words import count, pounds
from regions.edition import KEEPER
from regions.measures import MEASURES
from views import here, state
from views.chrome import STYLE
from views.markdown import plain

if TYPE_CHECKING:
    import pandas as pd

    from layers.summary import Figures
    from regions.edition import Edition
    from regions.labels import Labels

FAMILIES = {"sector": "Sectors", "technology": "Technologies", "both": "Both"}
LAYER_LABELS = {kind: layer.label for kind, layer in LAYERS.items() if kind != "land"}
KIND_LABELS = {
    "at least": "“At least” figures",
    "up to": "“Up to” figures",
    "envelope": "Envelopes (with tax relief)",
    "project value": "Project values (not all public)",
}
TABS = {"here": "Here", **{name: table.label for name, table in TABLES.items() if name in get_args(Tab)}}
MONEY_COLUMNS = {
    "public_gbp": "public money",
    "private_gbp": "private money named",
    "award_gbp": "award",
    "counted_gbp": "counted",
    "private_cofunding_gbp": "private beside it",
}
# Rows that are sent to the page; the download has them all.
SHOWN_ROWS = 200
# Labels in the list of sectors; of more, those with most clusters, and any other by typing it.
MOST_LABELS = 300
MOST_FAULTS = 5


def page() -> None:
    """Draw the page."""
    state.begin()
    st.html(STYLE)
    edition = KEEPER.edition()
    view: View = st.session_state.view
    with st.sidebar:
        _filters(edition)
    state.write_address(view)
    _faults(edition)
    shown = figures(edition, view)
    words = sentence_of(shown, view)
    _heading(edition, words, shown)
    _map(edition, view, words)
    _tables(edition, view)
    _sources(edition, view)


def _faults(edition: Edition) -> None:
    if edition.notice:
        st.warning(plain(edition.notice), icon=":material/history:")
    faults = [f"- {plain(fault)}" for fault in st.session_state.faults]
    if faults:
        lead = "A part of what was asked for could not be used and was left out:"
        st.warning("\n".join([lead, *faults[:MOST_FAULTS]]), icon=":material/link_off:")


def _filters(edition: Edition) -> None:
    _labels(edition)
    changed = state.from_widgets
    st.selectbox(
        "Money",
        list(MEASURES),
        key="measure",
        format_func=lambda name: MEASURES[name].label,
        help=_measure_help(),
        on_change=changed,
    )
    st.selectbox(
        "By",
        list(LEVELS),
        key="level",
        format_func=LEVELS.__getitem__,
        help="ITL: international territorial levels, the UK's statistical regions. "
        "Every level covers the whole UK.",
        on_change=changed,
    )
    programmes = _programmes(edition)
    st.multiselect(
        "From programmes",
        list(programmes),
        key="programme",
        format_func=programmes.__getitem__,
        placeholder="All of research and innovation",
        help="Money and projects of these funding programmes only.",
        on_change=changed,
    )
    st.pills(
        "Show",
        list(LAYER_LABELS),
        key="show",
        format_func=LAYER_LABELS.__getitem__,
        selection_mode="multi",
        on_change=changed,
    )
    # Sent only when open: its long lists would cost bytes at every run.
    more = st.expander("More filters", expanded=_narrowed(), key="more", on_change="rerun")
    if more.open:
        with more:
            _more_filters()
    buttons = st.container(horizontal=True)
    buttons.button("Undo", icon=":material/undo:", on_click=state.undo, disabled=not st.session_state.past)
    buttons.button("Reset", icon=":material/restart_alt:", on_click=state.reset)


def _labels(edition: Edition) -> None:
    """Ask which sectors and technologies are meant."""
    names = edition.labels
    changed = state.from_widgets
    st.multiselect(
        "Sector",
        names.first(MOST_LABELS, st.session_state.view.sector),
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
        key="technology",
        format_func=names.title,
        placeholder="Any",
        help="Clusters are then those of the technology. Firms and projects may belong to several.",
        on_change=changed,
    )
    st.segmented_control(
        "Clusters of",
        list(FAMILIES),
        key="family",
        format_func=FAMILIES.__getitem__,
        required=True,
        wrap=False,
        help="Each firm has one sector and may have several technologies. "
        "Choosing a sector or technology above shows the clusters of that.",
        on_change=changed,
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


def _measure_help() -> str:
    return "  \n".join(f"**{row.label}**: {row.definition}" for row in MEASURES.values() if row.definition)


def _narrowed() -> bool:
    view: View = st.session_state.view
    return bool(view.type or view.growth or not view.every_year)


def _more_filters() -> None:
    changed = state.from_widgets
    st.multiselect(
        "Cluster type",
        CLUSTER_TYPES,
        key="type",
        placeholder="All types",
        help="Diverse: co-located. Specialised: also related. "
        "R&D Collaborating: with evidence of publicly funded collaboration.",
        on_change=changed,
    )
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


def _programmes(edition: Edition) -> dict[str, str]:
    """Return the programmes that projects have, by name."""
    rows = edition.tables["programmes"]
    funded = rows[rows["programme_id"].isin(edition.tables["projects"]["programme_id"])]
    named = zip(funded["programme_id"], funded["name"], strict=True)
    return dict(sorted(named, key=lambda pair: pair[1]))


def _heading(edition: Edition, words: str, shown: Figures) -> None:
    placed = f"{pounds(shown.placed)} placed, {pounds(shown.not_placed)} not placed"
    parts = [count(shown.projects, "project"), f"{pounds(shown.awards)} awarded: {placed}"]
    if shown.estimated:
        parts.append(f"{pounds(shown.estimated)} of it split by population (estimated)")
    if shown.without_figure:
        parts.append(f"{shown.without_figure} without a public figure")
    if shown.switched_off:
        parts.append(f"{shown.switched_off} with figures switched off")
    about = edition.about
    which = (
        f"Edition {about.name}. {own_firms(about)}; {about.method_name}" if about.own else "United Kingdom"
    )
    st.html(
        f'<p class="brand">Innovation Clusters Map <span>{escape(which)}</span></p>'
        f'<h1 class="sentence">{escape(words)}</h1><p class="figures">{escape(" · ".join(parts))}</p>'
    )


def _map(edition: Edition, view: View, words: str) -> None:
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st_folium(
        base_map(), key="map", height=560, use_container_width=True, returned_objects=[],
        feature_group_to_add=token(view, words, theme, cluster_layer.starts(edition, view), flag(edition)),
        on_change=_heard,
    )  # fmt: skip


def _heard() -> None:
    """Do what the map asks: a point, a layer switched, a sector chosen in the legend; each message once."""
    message = (st.session_state.get("map") or {}).get("message") or {}
    if not message or message.get("stamp") == st.session_state.get("stamp"):
        return
    st.session_state.stamp = message.get("stamp")
    view: View = st.session_state.view
    kind, name = message.get("kind"), str(message.get("id", ""))
    if kind == "here":
        point = (message.get("lat"), message.get("lon"), message.get("zoom"))
        state.change(**({"here": None} if None in point else {"here": point, "tab": "here"}))
    elif kind == "layer" and name in LAYER_LABELS:
        on = [layer for layer in view.show if layer != name]
        state.change(show=tuple(on) if name in view.show else (*on, name))
    elif kind == "sector" and name in KEEPER.edition().labels.vocabulary.order:
        state.change(sector=() if view.sector == (name,) else (name,))
    elif kind == "sector":
        state.change(technology=() if view.technology == (name,) else (name,))


def _tables(edition: Edition, view: View) -> None:
    st.segmented_control(
        "Tables",
        list(TABS),
        key="tab",
        format_func=TABS.__getitem__,
        label_visibility="collapsed",
        required=True,
        on_change=state.from_widgets,
    )
    if view.tab == "here":
        here.show(edition, view)
        return
    table = TABLES[view.tab]
    rows, total = table.page(edition, view, 0, SHOWN_ROWS)
    if rows.empty:
        st.info("Nothing passes the filters. Take a filter away, or press Undo.")
        return
    more = f" The first {SHOWN_ROWS} are shown; the download has them all." if total > SHOWN_ROWS else ""
    note, link = st.columns([4, 1], vertical_alignment="center")
    caveat = plain(table.caveat_of(edition)) if edition.about.own else table.caveat
    note.caption(f"{count(total, 'row')}. {caveat}{more}")
    whole = address(f"tables/{table.id}.csv", view, *FILTERS, "level")
    link.link_button("Download CSV", whole, icon=":material/download:", width="stretch")
    st.dataframe(
        rows,
        hide_index=True,
        column_config=_columns(),
        column_order=_names_first(rows),
        width="stretch",
    )


def _names_first(rows: pd.DataFrame) -> list[str]:
    """Put the id, which people need least, last."""
    first, *others = rows.columns
    return [*others, first]


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "sector_or_technology": "sector or technology",
        "region_id": "code",
        "population_year": "year of residents",
        "award_kind": "kind of figure",
        "nested_in": "inside of",
        "region_label": "place as announced",
        "placed_by": "placed by",
        "la_name": "authority",
        "la_code": "GSS code",
        "founded_year": number("founded", format="%d"),
        "size_band": "size",
        "location_precision": "place known to",
        "lq": number("LQ", format="%.2f", help="Location quotient: observed over expected."),
        "lq_low": number("LQ low", format="%.2f", help="Lower end of the 95% interval."),
        "lq_high": number("LQ high", format="%.2f", help="Upper end of the 95% interval."),
        "expected": number("expected", format="%.1f"),
        "stability": number(
            "comes back", format="percent", help="Share of resamples in which the cluster is found again."
        ),
        "core_share": number("core", format="percent", help="Share of its firms in core cells."),
        "estimated_share": number(
            "estimated", format="percent", help="Share of the money that was split by population."
        ),
        "public_gbp_per_head": number("public £ per head", format="£%.2f"),
        **{name: number(label, format="£%,.0f") for name, label in MONEY_COLUMNS.items()},
        "population": number("residents", format="localized"),
    }


def _sources(edition: Edition, view: View) -> None:
    words = plain(firms_words(edition)) if edition.about.own else firms_words(edition)
    st.caption(f"{words} Boundaries: {edition.boundaries}.  \n{credit(view, own=edition.about.own)}")
