"""Charts of a comparison, one at a time, each with its own file to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers.charts import CHARTS, chart
from layers.comparison import file_name
from views import atlas, comparison_table

if TYPE_CHECKING:
    from layers.view import View
    from regions.comparison import Comparison

KEY = "chart"
FAMILY = {"sector": "Sectors", "technology": "Technologies"}


def show(found: Comparison, view: View) -> None:
    """Show the chart that is asked for."""
    st.subheader("Charts", anchor=False)
    if st.session_state.get(KEY) not in CHARTS:
        st.session_state[KEY] = next(iter(CHARTS))
    st.segmented_control(
        "Chart", list(CHARTS), key=KEY, format_func=lambda name: CHARTS[name].label, required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    name = st.session_state[KEY]
    drawn = chart(name, found, atlas.theme())
    if drawn is None:
        st.info("There is nothing to draw for these places under the filters. Take a filter away, or press Undo.")
    else:
        st.altair_chart(drawn, width="stretch", theme=None)
        _files(found, view, name)
    if name == "specialisation":
        _quotients(found, view)


def _files(found: Comparison, view: View, name: str) -> None:
    row = st.container(horizontal=True)
    for form, media in (("png", "image/png"), ("svg", "image/svg+xml")):
        row.download_button(
            f"This chart as {form.upper()}", lambda form=form: _figure(found, view, name, form),
            file_name(found, form, name), media, icon=":material/download:", type="tertiary", on_click="ignore",
            key=f"chart-{form}",
        )  # fmt: skip


def _figure(found: Comparison, view: View, name: str, form: str) -> bytes:
    # Its library takes a second to load, which no page should wait for.
    from snapshots.figure import figure  # noqa: PLC0415

    return figure(found, view, name, form)


def _quotients(found: Comparison, view: View) -> None:
    with st.expander("Location quotients as a table, with the counts behind them", icon=":material/table_rows:"):
        families = list(FAMILY) if not found.edition.about.own else ["sector"]
        start = view.family if view.family in families else "sector"
        family = st.segmented_control(
            "Of", families, default=start, format_func=FAMILY.__getitem__, required=True, key="lq-family",
            label_visibility="collapsed",
        )  # fmt: skip
        comparison_table.specialisation(found, str(family))
