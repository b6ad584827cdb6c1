"""What is at the point asked about, in words and tables: the map's card for those who read instead of look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from layers import clusters as cluster_layer
from layers.point import at_point
from layers.words import count
from views import state

if TYPE_CHECKING:
    from layers.view import View
    from regions.edition import Edition

EXAMPLES = 4
# Zoom at which a point typed or chosen is looked at: a click may then miss by about 300 metres.
ZOOM = 12.0


def show(edition: Edition, view: View) -> None:
    """Show what is at the view's point, or how to choose one."""
    if view.here is None:
        _invite(edition, view)
        return
    lat, lon = view.here
    answer = at_point(edition, view, lat, lon, ZOOM)
    st.subheader(answer["title"], anchor=False)
    st.caption(f"{lat:.4f}, {lon:.4f} (latitude, longitude). {answer['note']}")
    _clusters(edition, view, answer)
    left, right = st.columns(2)
    with left:
        _rows("Regions", answer["regions"], "Outside the United Kingdom's land.")
    with right:
        _rows("Projects at sites within 300 metres", answer["projects"], "None with a known site here.")


def _invite(edition: Edition, view: View) -> None:
    st.write("Click anywhere on the map to list the clusters, regions and projects at that point. Or start with one of the strongest clusters:")
    found = cluster_layer.chosen(edition, view).head(EXAMPLES)
    if found.empty:
        st.info(cluster_layer.why_none(edition, view))
        return
    for column, row in zip(st.columns(EXAMPLES), found.itertuples(index=False), strict=False):
        column.button(row.name, key=f"try-{row.cluster_id}", on_click=state.change, kwargs={"here": (row.lat, row.lon)}, width="stretch", help=cluster_layer.summary(row))


def _clusters(edition: Edition, view: View, answer: dict[str, Any]) -> None:
    st.markdown(f"**{count(len(answer['clusters']), 'cluster')} here**")
    if not answer["clusters"]:
        st.write(answer["no_clusters"])
    rows = cluster_layer.chosen(edition, view).set_index("cluster_id")
    for number, found in enumerate(answer["clusters"]):
        with st.expander(f"{found['name']}: {found['text']}", expanded=number == 0):
            _why(found, rows.loc[found["cluster_id"]])
            _members(edition, found["cluster_id"])


def _why(found: dict[str, Any], _row: Any) -> None:
    table = [{"why it is a cluster": what, "value": value, "what that means": meaning} for what, value, meaning in found["facts"]]
    st.table(table)


def _members(edition: Edition, cluster_id: str) -> None:
    sql = """
        SELECT name AS firm, technology, town, CASE WHEN core THEN 'core' ELSE 'fringe' END AS part
        FROM members JOIN firms USING (firm_id) WHERE cluster_id = ? ORDER BY part, firm
    """
    st.dataframe(edition.store.query(sql, [cluster_id]), hide_index=True, width="stretch", height=220)


def _rows(title: str, rows: list[dict[str, Any]], empty: str) -> None:
    st.markdown(f"**{title}**")
    if not rows:
        st.write(empty)
        return
    st.dataframe([{"name": row["name"], "code": row["id"], "": row["text"]} for row in rows], hide_index=True, width="stretch")
