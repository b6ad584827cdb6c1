"""Cluster: all that is known of one, why it is one, and what to beware of; or a list to choose from."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
import streamlit as st

from data.errors import nearest
from data.units import unit_of
from edition.keeper import KEEPER
from edition.moved_ids import CLUSTER, current
from edition.view import MOST_PLACES, UK, View
from layers.embed import framed
from layers.looking import view_of
from layers.registry import credit, kinds
from profiles import cluster as dossier
from profiles.cluster_in_short import co_located
from profiles.cluster_why import NEAR, facts, why_it_is_one
from profiles.clusters import summary, why_none
from regions.figures import clusters_in
from tables.files import TABLES
from tables.geojson import features
from tables.page_table import Handout
from views import atlas, filters, grid, pages, projects, state, take_away
from views.chrome import furnish, heading
from views.markdown import plain
from words.filters import MOST_NAMES
from words.numbers import count, listed, pounds
from words.provenance import firms_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from edition.edition import Edition
    from profiles.cluster_why import Fact

PAGE = state.CLUSTER
HEIGHT = 460
# What the map of a cluster shows; its legend switches these, and leaves the other pages' layers alone.
SWITCHED = "cluster_layers"
SEARCH, LONGEST_SEARCH = "cluster_search", 100
# Rows that are sent to the page.
SHOWN_ROWS = 200
TABLE_HEIGHT = 320
SIGNS = {"met": "✓", "not met": "✗", "not known": "?"}
NOT_MET = "nothing in the tables of this edition shows it"
COLUMNS = ("name", "sector_or_technology", "type", "firms", "lq", "stability", "authorities", "cluster_id")


def open_page(cluster_id: str) -> None:
    """Open the page of a cluster (to be called in a callback)."""
    if cluster_id:
        state.look_at(cluster_id)
        st.query_params.pop("at", None)
        pages.go(PAGE)


def open_row(key: str, ids: list[str]) -> None:
    """Open the page of the cluster whose row was ticked in the table of a key."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        open_page(ids[rows[0]])


def page() -> None:
    """Draw the page: of the cluster that the view looks at, else of all to choose from."""
    state.begin(PAGE)
    furnish()
    edition = KEEPER.edition()
    view: View = st.session_state.view
    row = dossier.row_of(edition, view.cluster) if view.cluster else None
    with st.sidebar:
        _filters(edition, one=row is not None)
    state.write_address(view)
    filters.faults(edition)
    if row is None:
        _all(edition, view)
    else:
        _one(edition, view, row)
    st.caption(f"{plain(firms_words(edition))}  \n{credit(view, own=edition.about.own)}")


def _filters(edition: Edition, *, one: bool) -> None:
    if one:
        filters.years_and_kinds()
    else:
        filters.labels(edition)
        filters.types()
    filters.buttons()


# All clusters


def _all(edition: Edition, view: View) -> None:
    found = clusters_in(edition, view)
    heading("Clusters", f"{count(len(found), 'cluster')} to choose from")
    _missing(edition, view.cluster)
    left, right = st.columns([2, 2], vertical_alignment="center")
    search = left.text_input(
        "Search", key=SEARCH, max_chars=LONGEST_SEARCH, icon=":material/search:",
        label_visibility="collapsed", placeholder="Search names, sectors, authorities",
    )  # fmt: skip
    with right:
        take_away.table("clusters", view, "table-clusters")
    rows = TABLES["clusters"].rows(edition, view)
    if search.strip():
        rows = rows[_matching(rows, search)]
    _list(edition, view, rows, search)


def _matching(rows: pd.DataFrame, search: str) -> pd.Series:
    texts = rows["name"] + " " + rows["sector_or_technology"] + " " + rows["type"] + " " + rows["authorities"]
    return texts.map(lambda text: all(word in text.casefold() for word in search.casefold().split()))


def _list(edition: Edition, view: View, rows: pd.DataFrame, search: str) -> None:
    if rows.empty:
        none = f"Nothing matches “{search}”. Try fewer words." if search.strip() else why_none(edition, view)
        st.info(plain(none))
        return
    ids = [str(name) for name in rows["cluster_id"].head(SHOWN_ROWS)]
    key = projects.key_of("clusters", ids)
    number = st.column_config.NumberColumn
    grid.show(
        rows.head(SHOWN_ROWS),
        {
            "name": st.column_config.TextColumn("cluster", width=projects.NAME_WIDTH),
            "sector_or_technology": "sector or technology",
            "lq": number("LQ", format="%.1f", help="Location quotient: observed over expected."),
            "stability": number(
                "comes back", format="percent", help="Share of resamples that find it again."
            ),
            "cluster_id": "id",
        },
        key=key,
        height=projects.height_of(rows),
        column_order=COLUMNS,
        on_select=lambda: open_row(key, ids),
        selection_mode="single-row",
    )
    more = (
        f" The first {SHOWN_ROWS} of {len(rows):,} are shown: search for others."
        if len(rows) > SHOWN_ROWS
        else ""
    )
    st.caption(f"Tick a row to open the cluster's page. The downloads are not searched.{more}")


def _missing(edition: Edition, cluster_id: str) -> None:
    """Say of an id that the edition does not have what became of it, or which are like it."""
    if not cluster_id:
        return
    moved = current(edition, CLUSTER, cluster_id)
    if moved is not None:
        st.info(plain(f"{moved.words}."), icon=":material/move_item:")
        near = [name for name in moved.new_ids if dossier.row_of(edition, name) is not None]
    else:
        about = f"“{cluster_id}” is no cluster of edition {edition.about.name}"
        st.warning(
            plain(f"{about}; {nearest(cluster_id, dossier.names_of(edition))}"),
            icon=":material/link_off:",
        )
        near = []
    for name in near:
        st.button(f"Open {plain(_name(edition, name))}", key=f"new-{name}", on_click=open_page, args=(name,))


def _name(edition: Edition, cluster_id: str) -> str:
    row = dossier.row_of(edition, cluster_id)
    return str(row.name) if row is not None else cluster_id


# One cluster


def _one(edition: Edition, view: View, row: Any) -> None:
    shown = view_of(view, row, tuple(st.session_state.setdefault(SWITCHED, [*kinds()])))
    _ways(edition, view, row)
    about = [edition.labels.title(row.label), row.type or "type not known", f"edition {edition.about.name}"]
    heading(" · ".join(about), str(row.name), summary(row), name="Cluster")
    _taking(edition, shown, row)
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(key="cluster-picture"):
        _map(edition, shown, row)
    with right:
        _criteria(edition, row)
    st.html(f"<h3>{why_it_is_one(row)}</h3>")
    why(facts(row, edition))
    _firms(edition, shown, row)
    found = dossier.projects(edition, view, row.cluster_id)
    _projects(edition, view, row, found)
    _partners(edition, view, row, found)
    _assets(edition, view, row)
    _authorities(edition, view, row)
    _caveats(edition, row)


def _ways(edition: Edition, view: View, row: Any) -> None:
    """Offer the way back, and the clusters beside this one in the list, strongest first."""
    bar = st.container(horizontal=True, key="cluster-ways")
    bar.button("All clusters", icon=":material/arrow_back:", on_click=state.look_at, args=("",))
    ids = [str(name) for name in clusters_in(edition, view)["cluster_id"]]
    if row.cluster_id not in ids:
        return
    place = ids.index(row.cluster_id)
    for name, icon, step in (("Previous", "chevron_left", place - 1), ("Next", "chevron_right", place + 1)):
        there = 0 <= step < len(ids)
        bar.button(
            name,
            icon=f":material/{icon}:",
            on_click=open_page,
            args=(ids[step] if there else "",),
            disabled=not there,
            type="tertiary",
        )


def _taking(edition: Edition, shown: View, row: Any) -> None:
    with st.container(horizontal=True, key="take-away"):
        take_away.whole(shown, "cluster")
        codes = [str(code) for code in row.la_codes]
        several = len(codes) > 1
        st.button(
            "Compare its authorities" if several else "Compare its authority",
            icon=":material/compare_arrows:",
            on_click=_compare,
            args=(codes[:MOST_PLACES],),
            help=f"{listed([_authority(edition, code) for code in codes[:MOST_NAMES]])} side by side."
            if several
            else None,
        )


def _authority(edition: Edition, code: str) -> str:
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    return str(names.get(code, code))


def _compare(codes: list[str]) -> None:
    state.change(place=tuple(codes))
    pages.go("compare")


def _map(edition: Edition, shown: View, row: Any) -> None:
    # A frame of its own for each cluster: it begins there, wherever the one before was moved to.
    key = projects.key_of("cluster-map", [row.cluster_id])
    atlas.draw(
        edition,
        shown,
        f"{row.name}: {summary(row)}.",
        atlas.Frame(key, HEIGHT, partial(_heard, key)),
        told={
            "frame": framed(shown, row)["bounds"],
            "about": str(row.name),
            "own": row.cluster_id,
            "outline": orjson.loads(row.geojson),
        },
    )


def _heard(key: str) -> None:
    atlas.answer(key, _asked)


def _asked(message: dict[str, Any]) -> None:
    """Do what the map asks: a point, one of its layers switched, another cluster."""
    kind, name = message.get("kind"), message.get("id")
    if kind == "here":
        state.change(here=atlas.point(message))
    elif kind == "layer":
        on = st.session_state[SWITCHED]
        st.session_state[SWITCHED] = [one for one in kinds() if (one in on) != (one == name)]
    elif kind == "cluster":
        open_page(str(name or ""))


def _criteria(edition: Edition, row: Any) -> None:
    """Show each of the published criteria with what it rests on."""
    evidence = edition.tables["evidence"]
    own = evidence[evidence["cluster_id"] == row.cluster_id]
    with st.container(border=True, key="cluster-criteria"):
        st.html("<h3>The four criteria</h3>")
        for name, words, met in dossier.criteria(row):
            part = own[own["criterion"] == name].drop_duplicates(["reference", "text"])
            texts = [_rests_on(edition, one) for one in part.itertuples(index=False)]
            if name == "co_located" and met == "met":
                texts = [co_located(edition.about, row)]
            if met == "not met" and not texts:
                texts = [NOT_MET]
            st.html(_criterion(words, met, texts))


def _rests_on(edition: Edition, row: Any) -> str:
    """Return what a criterion rests on; of a technology that members share, with its name."""
    return f"{edition.labels.title(row.reference)}: {row.text}" if row.kind == "technology" else str(row.text)


def _criterion(words: str, met: str, texts: list[str]) -> str:
    shown, rest = texts[:MOST_NAMES], texts[MOST_NAMES:]
    items = "".join(f"<li>{escape(text)}</li>" for text in shown)
    folded = (
        f"<details><summary>and {len(rest):,} more</summary><ul>"
        f"{''.join(f'<li>{escape(text)}</li>' for text in rest)}</ul></details>"
        if rest
        else ""
    )
    head = f"{escape(words[:1].upper() + words[1:])} <small>{SIGNS[met]} {met}</small>"
    return f'<div class="criterion {met.replace(" ", "-")}"><b>{head}</b><ul>{items}</ul>{folded}</div>'


def why(rows: list[Fact]) -> None:
    """Show facts of a cluster: what, how much, and what it means."""
    body = "".join(
        f"<dt>{escape(what)}</dt><dd>{escape(value)}<small>{escape(meaning)}</small></dd>"
        for what, value, meaning in rows
    )
    st.html(f'<dl class="terms facts">{body}</dl>')


def _firms(edition: Edition, shown: View, row: Any) -> None:
    found = dossier.members(edition, row.cluster_id)
    core = int((found["part"] == "core").sum())
    handout = _handout(edition, shown, row, "Firms", "Fringe firms lie outside core cells.")
    placed = partial(_placed, edition, "members", shown, {"cluster_id": [row.cluster_id]})
    _head(f"{count(len(found), 'firm')}, {core:,} in its core", found, handout, "firms", placed)
    grid.show(found.drop(columns="firm_id"), height=projects.height_of(found, TABLE_HEIGHT))


def _handout(edition: Edition, view: View, row: Any, what: str, note: str = "") -> Handout:
    of_it = view.model_copy(update={"cluster": row.cluster_id, "at": UK})
    return Handout(edition, of_it, f"{what}: {row.name}", note, "/cluster")


def _head(
    title: str, rows: pd.DataFrame, handout: Handout, what: str, placed: Any = None, **more: Any
) -> None:
    """Write a heading with the ways to take its table away beside it."""
    head, ways = st.columns([3, 2], vertical_alignment="bottom")
    head.html(f"<h3>{escape(title)}</h3>")
    if len(rows):
        with ways:
            stem = (_name(handout.edition, handout.view.cluster), what)
            take_away.rows(rows, handout, stem, f"cluster-{what}", places=placed, **more)


def _placed(
    edition: Edition, table: str, view: View, wanted: Mapping[str, Iterable[str]]
) -> gpd.GeoDataFrame | None:
    """Return the rows of a table of the API that have these ids, with their places as these may be shown."""
    found = features(edition, table, view)
    if found is None:
        return None
    mine = pd.Series(data=True, index=found.index)
    for column, ids in wanted.items():
        mine &= found[column].isin(ids)
    return found[mine]


def _projects(edition: Edition, view: View, row: Any, found: pd.DataFrame) -> None:
    handout = _handout(edition, _money(view), row, "Projects", f"At sites {NEAR}, of all sectors.")
    placed = partial(_placed, edition, "projects", _money(view), {"project_id": found["project_id"]})
    money = float(found["counted_gbp"].sum())
    total = f"; {pounds(money)} of public money counts" if money else ""
    looks = dict.fromkeys(("award_gbp", "counted_gbp", "private_gbp"), unit_of("£").workbook)
    _head(f"{count(len(found), 'project')} near it{total}", found, handout, "projects", placed, formats=looks)
    if found.empty:
        st.write(
            f"No project that passes the filters has its site {NEAR}. "
            "What was awarded in its authorities stands below, under “Where it lies”."
        )
        return
    chosen = projects.table(found)
    if chosen:
        projects.details(edition, _money(view), chosen)
    else:
        st.caption(
            f"At sites {NEAR}, of all sectors; the map shows those of the cluster's own. "
            "Tick a row to see the project with its sources."
        )


def _money(view: View) -> View:
    """Return a view with the filters of money alone."""
    return View.model_validate(dossier.money_filters(view).model_dump())


def _partners(edition: Edition, view: View, row: Any, found: pd.DataFrame) -> None:
    rows = dossier.partners(edition, found["project_id"])
    if rows.empty:
        return
    handout = _handout(edition, _money(view), row, "Partners", f"Who takes part in projects at sites {NEAR}.")
    _head(count(len(rows), "organisation") + " in these projects", rows, handout, "partners")
    grid.show(
        rows,
        {"led": st.column_config.NumberColumn("of these led")},
        height=projects.height_of(rows, TABLE_HEIGHT),
    )


def _assets(edition: Edition, view: View, row: Any) -> None:
    rows = dossier.assets(edition, row.cluster_id)
    handout = _handout(edition, _money(view), row, "Research assets", f"In or {NEAR}.")
    placed = partial(_placed, edition, "assets", View(), {"asset_id": rows["asset_id"]})
    _head(count(len(rows), "research asset") + " beside it", rows, handout, "research-assets", placed)
    if rows.empty:
        st.write(f"No research asset is listed {NEAR}.")
        return
    grid.show(rows.drop(columns="asset_id"), height=projects.height_of(rows, TABLE_HEIGHT))


def _authorities(edition: Edition, view: View, row: Any) -> None:
    asked = _money(view)
    rows = dossier.authority_money(edition, row, asked)
    note = "By share of the cluster's firms; public money of the whole authority, of all sectors."
    handout = _handout(edition, asked, row, "Authorities", note)
    looks = {"share": unit_of("share").workbook, "public_gbp": unit_of("£").workbook}
    _head("Where it lies", rows, handout, "authorities", formats=looks)
    number = st.column_config.NumberColumn
    grid.show(
        rows,
        {
            "la_code": "GSS code",
            "share": number("share of its firms", format="percent"),
            "public_gbp": number("public money in all of it", format="£%,.0f", help=note),
        },
        placeholder=projects.UNKNOWN,
        column_order=("authority", "share", "public_gbp", "la_code"),
    )


def _caveats(edition: Edition, row: Any) -> None:
    st.html("<h3>What to beware of</h3>")
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in dossier.caveats(edition, row)))
    st.caption(plain(f"Its id, which lasts across editions as far as its firms do: {row.cluster_id}"))
