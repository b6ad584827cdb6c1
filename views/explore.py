"""Explore: the map, what it shows in a sentence, and the same content as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from edition.keeper import KEEPER
from edition.view import LEVELS, Tab, View
from layers.registry import credit, drawn, kinds
from profiles.clusters import starts as starting_places
from regions.concentration import M_COLUMNS, RADII_KM
from regions.measures import MEASURES, on_map
from tables.columns import column
from tables.files import TABLES
from tables.rows import DATED, SIZED
from views import atlas, cluster, filters, grid, here, pages, places, projects, state, take_away
from views.chrome import furnish, heading
from views.markdown import plain
from words.filters import UNPLACED, placed_words, split_words
from words.links import restorable
from words.numbers import count, pounds
from words.provenance import firms_words, own_firms
from words.sentence import figures, sentence_of

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition
    from words.sentence import Figures

TABS = {"here": "Here", **{name: table.label for name, table in TABLES.items() if name in get_args(Tab)}}
# Of a table of one level every row says the same; files tell more of employment and births. Ids stand last.
BESIDE = ("employment", "size_ratio", "employment_q", "births", "births_expected", "births_q")
LEFT_OUT = {"level", *SIZED, *DATED}.difference(BESIDE)
MONEY_COLUMNS = {
    "public_gbp": "public money",
    "private_gbp": "private money named",
    "award_gbp": "award",
    "counted_gbp": "counted",
    "private_cofunding_gbp": "private beside it",
}
SIZES = "Above 1: larger than as many firms of its kind elsewhere, whatever one giant has."
FALSE_DISCOVERY = "Up to 0.05 it differs from its kind elsewhere, corrected for the number of clusters."
EVIDENCE = "log10 of the chance of so many firms by the baseline share: -6 is one in a million."
INDEXES = {
    "hhi": "HHI",
    "hhi_all_firms": "HHI of all firms",
    "krugman": "Krugman",
    "gini": "Gini",
    "gamma": "gamma",
    "region_krugman": "region's specialisation",
}
# The map's key: messages of the component come by it.
MAP = "map"
# Rows that are sent to the page; the download has them all.
SHOWN_ROWS = 200


def page() -> None:
    """Draw the page."""
    state.begin(state.FIRST)
    if st.session_state.view.cluster:
        # The address of a picture of a cluster leads to the cluster.
        pages.go(state.CLUSTER)
        st.rerun()
    furnish()
    edition = KEEPER.edition()
    # Places of the address that are none are said, and left out.
    places.chosen(edition)
    view: View = st.session_state.view
    # The map is sent before its filters: it has most to do before it is seen.
    side = st.sidebar.container()
    state.write_address(view)
    filters.faults(edition)
    shown = figures(edition, view)
    words = sentence_of(shown, view)
    _heading(edition, words, shown, view)
    _map(edition, view, words)
    with side:
        _filters(edition)
    _tables(edition, view)
    _sources(edition, view)


def _filters(edition: Edition) -> None:
    filters.labels(edition)
    changed = state.from_widgets
    st.selectbox(
        "Measure",
        list(on_map()),
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
    filters.placed()
    filters.programmes(edition)
    labels = layer_labels()
    st.pills(
        "Show",
        list(labels),
        key="show",
        format_func=labels.__getitem__,
        selection_mode="multi",
        on_change=changed,
    )
    filters.more()
    filters.buttons()


def layer_labels() -> dict[str, str]:
    """Return the layers that can be switched, by kind, with their names for people."""
    return {layer.kind: layer.label for layer in drawn() if layer.switched}


def _measure_help() -> str:
    return "  \n".join(f"**{row.label}**: {row.definition}" for row in on_map().values() if row.definition)


def _heading(edition: Edition, words: str, shown: Figures, view: View) -> None:
    parts = [count(shown.projects, "project"), f"{pounds(shown.awards)} awarded{_placed(shown, view)}"]
    if shown.estimated:
        parts.append(f"{pounds(shown.estimated)} of it {split_words(view)} (estimated)")
    if shown.without_figure:
        parts.append(f"{shown.without_figure} without a public figure")
    if shown.switched_off:
        parts.append(f"{shown.switched_off} with figures switched off")
    about = edition.about
    which = (
        f"Edition {about.name}. {own_firms(about)}; {about.method_name}" if about.own else "United Kingdom"
    )
    heading(which, words, " · ".join(parts))


def _placed(shown: Figures, view: View) -> str:
    """Say how what was awarded adds up: all of it placed, or how much is not and why."""
    if not shown.awards:
        return ""
    if not shown.not_placed:
        return f", all of it placed ({placed_words(view)})"
    why = UNPLACED[view.placed]
    return (
        f": {pounds(shown.placed)} placed {placed_words(view)}, {pounds(shown.not_placed)} not placed ({why})"
    )


def _map(edition: Edition, view: View, words: str) -> None:
    starts = starting_places(edition, view)
    told = {"chosen": restorable(view).place}
    atlas.draw(edition, view, words, atlas.Frame(key=MAP, height=560, heard=_heard), starts, told=told)


def _heard() -> None:
    atlas.answer(MAP, _asked)


def _asked(message: dict[str, Any]) -> None:
    """Do what the map asks: a point, a layer switched, a sector chosen in the legend."""
    view: View = st.session_state.view
    kind, name = message.get("kind"), str(message.get("id", ""))
    if kind == "here":
        point = atlas.point(message)
        state.change(**({"here": None} if point is None else {"here": point, "tab": "here"}))
    elif kind == "layer" and name in kinds():
        on = [layer for layer in view.show if layer != name]
        state.change(show=tuple(on) if name in view.show else (*on, name))
    elif kind == "cluster":
        cluster.open_page(name)
    elif kind == "sector" and name in KEEPER.edition().choices["sector"]:
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
    note, ways = st.columns([3, 2], vertical_alignment="center")
    caveat = plain(table.caveat_of(edition)) if edition.about.own else table.caveat
    note.caption(f"{count(total, 'row')}. {caveat}{more}")
    with ways:
        take_away.table(table.id, view, f"table-{table.id}")
    if view.tab == "clusters":
        _clusters(rows)
        return
    grid.show(rows, _columns(), column_order=_names_first(rows), placeholder=projects.UNKNOWN)


def _clusters(rows: pd.DataFrame) -> None:
    """Show clusters; a row that is ticked opens its page."""
    ids = [str(name) for name in rows["cluster_id"]]
    key = projects.key_of("clusters", ids)
    grid.show(
        rows,
        _columns(),
        key=key,
        column_order=_names_first(rows),
        placeholder=projects.UNKNOWN,
        on_select=lambda: cluster.open_row(key, ids),
        selection_mode="single-row",
    )
    st.caption(
        "Tick a row to open the cluster's page: why it is one, its firms, awards, partners and caveats."
    )


def _names_first(rows: pd.DataFrame) -> list[str]:
    """Put ids, which people need least, last; leave out what is the same in every row, or only for files."""
    ids = [str(name) for name in rows.columns if str(name).endswith("_id")]
    return [*(str(name) for name in rows.columns if name not in {*ids, *LEFT_OUT}), *ids[::-1]]


def _columns() -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "name": text("name", width=projects.NAME_WIDTH),
        "sector_or_technology": "sector or technology",
        "cluster_id": "id",
        "project_id": "id",
        "programme_id": "programme's id",
        "firm_id": "id",
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
        "log10_p": number("strength", format="%.2f", help=EVIDENCE),
        "threshold": number("had to pass", format="%.2f", help="Strength that the sector's clusters need."),
        "lq_national": number("LQ, national", format="%.2f", help="Against the national share alone."),
        "p": number("by chance", format="percent", help="Shuffled maps with anything as striking."),
        "q": number("may be chance", format="percent", help="Of all on this map that is as striking."),
        "one_site": "one site",
        "within_m": number("within, m", format="localized"),
        "more": number("short by", help="Firms that would make it a cluster."),
        "research_awards_gbp_within_500_m": number("awards within 500 m", format="£%,.0f"),
        "stability": number(
            "comes back", format="percent", help="Share of resamples in which the cluster is found again."
        ),
        "core_share": number("core", format="percent", help="Share of its firms in core cells."),
        "employment": number("employees", format="localized", help="Of its firms whose size is known."),
        "size_ratio": number("size of firms", format="%.2f", help=SIZES),
        "employment_q": number("q of size", format="%.3f", help=FALSE_DISCOVERY),
        "births": number("young firms", format="localized", help="Founded in the span of births."),
        "births_expected": number("young expected", format="%.1f", help="Of as many firms of its kind."),
        "births_q": number("q of young", format="%.3f", help=FALSE_DISCOVERY),
        "estimated_share": number(
            "estimated", format="percent", help="Share of the money whose place is an estimate."
        ),
        "public_gbp_per_head": number("public £ per head", format="£%.2f"),
        "moved_gbp": number("delivery less lead, £", format="%,.0f"),
        **{name: number(label, format="£%,.0f") for name, label in MONEY_COLUMNS.items()},
        "population": number("residents", format="localized"),
        **_indexes(),
    }


def _indexes() -> dict[str, Any]:
    """Return the headings of the table of concentration; each is explained as where it is taken away."""
    number = st.column_config.NumberColumn
    meaning = {name: column("concentration", name).definition for name in (*INDEXES, *M_COLUMNS)}
    indexes = {name: number(label, format="%.3f", help=meaning[name]) for name, label in INDEXES.items()}
    return {
        **indexes,
        **{
            name: number(f"M, {radius} km", format="%.2f", help=meaning[name])
            for name, radius in zip(M_COLUMNS, RADII_KM, strict=True)
        },
        "regions_with": number("in regions", help=column("concentration", "regions_with").definition),
        "regions": "of regions",
        "leading_region": "leading region",
        "leading_firms": "firms there",
        "placed_firms": "firms with a place",
        "leading_region_id": "leading region's code",
        "label_id": "id",
    }


def _sources(edition: Edition, view: View) -> None:
    words = plain(firms_words(edition)) if edition.about.own else firms_words(edition)
    st.caption(f"{words} Boundaries: {edition.boundaries}.  \n{credit(view, own=edition.about.own)}")
