"""What is at the point asked about, in words and tables: the map's card for those who read, not look."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st
from shapely import Point

from geo.projections import to_bng
from profiles.cluster import members
from profiles.cluster_why import CRITERIA
from profiles.clusters import starts as starting_places
from profiles.clusters import why_none
from profiles.point import at_point, nearest_cluster, reach_of
from tables.file_names import slug
from tables.page_table import Handout
from views import cluster, grid, pages, places, state, take_away
from views.markdown import plain
from words.numbers import count, distance

if TYPE_CHECKING:
    from collections.abc import Callable

    from edition.edition import Edition
    from edition.view import View

PROJECT_COLUMNS = {"name": "project", "award": "award", "programme": "programme", "lead": "lead"}
REGION_COLUMNS = {
    "name": "region",
    "id": "code",
    "level": "level",
    "per_head": "public £ per head",
    "public_gbp": "public money",
    "estimated_share": "estimated",
    "projects": "projects",
    "population": "residents",
}
EXAMPLES = 3
MOST_PROJECTS = 200
# Zoom at which a cluster chosen by its button is looked at: a click may then miss by about 300 metres.
ZOOM = 12.0


def show(edition: Edition, view: View) -> None:
    """Show what is at the view's point, or how to choose one."""
    if view.here is None:
        _invite(edition, view)
        return
    lat, lon, zoom = view.here
    answer = at_point(edition, view, lat, lon, zoom, most=MOST_PROJECTS)
    within = distance(reach_of(zoom))
    st.markdown(f"#### {plain(answer['title'])}")
    st.caption(f"Within {within} of {lat:.4f}, {lon:.4f} (latitude, longitude). {answer['note']}")
    _clusters(edition, view, answer)
    told = partial(_told, edition, view, answer["title"])
    none = f"No project with a known site within {within}."
    _table("Projects at sites", answer["projects"], PROJECT_COLUMNS, none, told)
    authority = answer["regions"][0]["name"] if answer["regions"] else ""
    title = f"Public money in {authority} by programme"
    _table(
        title,
        answer["programmes"],
        {"programme": "programme", "public_gbp": "public money"},
        "No award found.",
        told,
    )
    outside = "The point lies outside the United Kingdom's land."
    _table("Regions that hold the point", answer["regions"], REGION_COLUMNS, outside, told)
    _compare(answer["regions"])


def _compare(regions: list[dict[str, Any]]) -> None:
    """Offer to put a region beside others on the page for that."""
    if not regions:
        return
    st.caption("Compare with other places:")
    row = st.container(horizontal=True)
    for region in regions:
        label = plain(f"{region['name']} · {region['level']}")
        row.button(
            label,
            key=f"compare-{region['id']}",
            icon=":material/compare_arrows:",
            type="tertiary",
            on_click=_to_compare,
            args=(str(region["id"]),),
        )


def _to_compare(ref: str) -> None:
    places.add_ref(ref)
    pages.go("compare")


def _invite(edition: Edition, view: View) -> None:
    st.write(
        "Click anywhere on the map to list the clusters, regions and projects at that point. "
        "Or start with a strong cluster:"
    )
    starts = starting_places(edition, view, EXAMPLES)
    if not starts:
        st.info(plain(why_none(edition, view)))
        return
    buttons = st.container(horizontal=True)
    for start in starts:
        here = (start["lat"], start["lon"], ZOOM)
        key = f"try-{start['cluster_id']}"
        buttons.button(plain(str(start["name"])), key=key, on_click=state.change, kwargs={"here": here})


def _nearest(edition: Edition, view: View, answer: dict[str, Any]) -> None:
    """Offer the cluster that lies nearest, where there is none at the point."""
    easting, northing = (float(value) for value in to_bng(answer["lon"], answer["lat"]))
    nearest = nearest_cluster(edition, view, Point(easting, northing))
    if nearest is None:
        return
    row, _ = nearest
    st.button(
        plain(f"Open {row.name}"),
        key=f"nearest-{row.cluster_id}",
        icon=":material/arrow_forward:",
        on_click=cluster.open_page,
        args=(str(row.cluster_id),),
    )


def _clusters(edition: Edition, view: View, answer: dict[str, Any]) -> None:
    st.markdown(f"**{count(len(answer['clusters']), 'cluster')} here**")
    if not answer["clusters"]:
        st.write(plain(answer["no_clusters"]))
        _nearest(edition, view, answer)
    for number, found in enumerate(answer["clusters"]):
        with st.expander(plain(f"{found['name']}: {found['text']}"), expanded=number == 0):
            cluster.why(found["facts"])
            _evidence(edition, found["cluster_id"])
            _members(edition, found["cluster_id"])
            st.button(
                "Open this cluster",
                key=f"open-{found['cluster_id']}",
                icon=":material/arrow_forward:",
                on_click=cluster.open_page,
                args=(found["cluster_id"],),
            )


def _evidence(edition: Edition, cluster_id: str) -> None:
    table = edition.tables["evidence"]
    rows = table[table["cluster_id"] == cluster_id]
    if len(rows):
        shown = rows[["criterion", "kind", "text"]].replace({"criterion": CRITERIA})
        st.caption("What the criteria rest on")
        grid.show(shown, height=min(220, 38 + 35 * len(rows)))
    st.caption("Its firms")


def _members(edition: Edition, cluster_id: str) -> None:
    rows = members(edition, cluster_id).drop(columns="firm_id")
    grid.show(rows, height=220)


def _told(edition: Edition, view: View, where: str, what: str) -> tuple[Handout, tuple[str, ...]]:
    """Return what a table of the point says of itself, and the parts of its name."""
    lat, lon, _ = view.here or (0.0, 0.0, 0.0)
    title = f"{what}: {where} ({lat:.4f}, {lon:.4f})"
    return Handout(edition, view, title, sources=("register", "population")), (what, where)


def _table(
    title: str,
    rows: list[dict[str, Any]],
    columns: dict[str, str],
    empty: str,
    told: Callable[[str], tuple[Handout, tuple[str, ...]]],
) -> None:
    head, ways = st.columns([3, 2], vertical_alignment="bottom")
    head.markdown(f"**{plain(title)}**")
    if not rows:
        st.write(empty)
        return
    table = [{label: row[name] for name, label in columns.items()} for row in rows]
    with ways:
        take_away.rows(pd.DataFrame(table), *told(title), f"here-{slug(title, 20)}")
    number = st.column_config.NumberColumn
    config = {
        "public £ per head": number(format="£%.2f"), "public money": number(format="£%,.0f"),
        "estimated": number(format="percent", help="Share of the money whose place is an estimate."),
        "residents": number(format="localized"),
    }  # fmt: skip
    grid.show(table, config)
