"""What is at the point asked about, in words and tables: the map's card for those who read, not look."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from layers import clusters as cluster_layer
from layers.firms import details
from layers.point import at_point, reach_of
from layers.why import CRITERIA
from layers.words import count, distance
from views import pages, places, state
from views.markdown import plain

if TYPE_CHECKING:
    from layers.view import View
    from regions.edition import Edition

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
    _clusters(edition, answer)
    none = f"No project with a known site within {within}."
    _table("Projects at sites", answer["projects"], PROJECT_COLUMNS, none)
    authority = answer["regions"][0]["name"] if answer["regions"] else ""
    title = f"Public money in {plain(str(authority))} by programme"
    _table(
        title,
        answer["programmes"],
        {"programme": "programme", "public_gbp": "public money"},
        "No award found.",
    )
    outside = "The point lies outside the United Kingdom's land."
    _table("Regions that hold the point", answer["regions"], REGION_COLUMNS, outside)
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
    starts = cluster_layer.starts(edition, view, EXAMPLES)
    if not starts:
        st.info(cluster_layer.why_none(edition, view))
        return
    buttons = st.container(horizontal=True)
    for start in starts:
        here = (start["lat"], start["lon"], ZOOM)
        key = f"try-{start['cluster_id']}"
        buttons.button(plain(str(start["name"])), key=key, on_click=state.change, kwargs={"here": here})


def _clusters(edition: Edition, answer: dict[str, Any]) -> None:
    st.markdown(f"**{count(len(answer['clusters']), 'cluster')} here**")
    if not answer["clusters"]:
        st.write(answer["no_clusters"])
    for number, found in enumerate(answer["clusters"]):
        with st.expander(plain(f"{found['name']}: {found['text']}"), expanded=number == 0):
            _why(found)
            _evidence(edition, found["cluster_id"])
            _members(edition, found["cluster_id"])


def _why(found: dict[str, Any]) -> None:
    rows = "".join(
        f"<dt>{escape(what)}</dt><dd>{escape(value)}<small>{escape(meaning)}</small></dd>"
        for what, value, meaning in found["facts"]
    )
    st.html(f'<dl class="terms facts">{rows}</dl>')


def _evidence(edition: Edition, cluster_id: str) -> None:
    table = edition.tables["evidence"]
    rows = table[table["cluster_id"] == cluster_id]
    if len(rows):
        shown = rows[["criterion", "kind", "text"]].replace({"criterion": CRITERIA})
        st.caption("What the criteria rest on")
        st.dataframe(shown, hide_index=True, width="stretch", height=min(220, 38 + 35 * len(rows)))
    st.caption("Its firms")


def _members(edition: Edition, cluster_id: str) -> None:
    sql = f"""
        SELECT name AS firm, {details(edition)}, CASE WHEN core THEN 'core' ELSE 'fringe' END AS part
        FROM members JOIN firms USING (firm_id) WHERE cluster_id = ? ORDER BY part, firm
    """
    st.dataframe(edition.store.query(sql, [cluster_id]), hide_index=True, width="stretch", height=220)


def _table(title: str, rows: list[dict[str, Any]], columns: dict[str, str], empty: str) -> None:
    st.markdown(f"**{title}**")
    if not rows:
        st.write(empty)
        return
    table = [{label: row[name] for name, label in columns.items()} for row in rows]
    number = st.column_config.NumberColumn
    config = {
        "public £ per head": number(format="£%.2f"), "public money": number(format="£%,.0f"),
        "estimated": number(format="percent", help="Share of the money whose place is an estimate."),
        "residents": number(format="localized"),
    }  # fmt: skip
    st.dataframe(table, hide_index=True, width="stretch", column_config=config)
