"""Charts of a comparison, one at a time, each with its own file to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from charts.comparison import CHARTS, chart
from views import atlas, comparison_table, take_away

if TYPE_CHECKING:
    from edition.view import View
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
        st.info("Nothing to draw for these places under the filters. Take a filter away, or press Undo.")
    else:
        st.altair_chart(drawn, width="stretch", theme=None)
        take_away.of_comparison(found, view, name)
    if name == "specialisation":
        _quotients(found, view)


def _quotients(found: Comparison, view: View) -> None:
    with st.expander(
        "Location quotients as a table, with the counts behind them", icon=":material/table_rows:"
    ):
        families = list(FAMILY) if not found.edition.about.own else ["sector"]
        start = view.family if view.family in families else "sector"
        family = st.segmented_control(
            "Of", families, default=start, format_func=FAMILY.__getitem__, required=True, key="lq-family",
            label_visibility="collapsed",
        )  # fmt: skip
        comparison_table.specialisation(found, str(family))
