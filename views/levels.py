"""How much of a rank is the place, and how much the level: the same ground at every level of regions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from charts.ranks import strip
from geo.boundaries import LEVELS, OTHER_LEVELS
from regions.measures import MEASURES
from regions.ranks import by_rule, ranks, spread
from tables.page_table import Handout
from views import atlas, grid, take_away
from views.markdown import plain
from words.numbers import said
from words.ranks import words

if TYPE_CHECKING:
    from charts.files import Plate
    from edition.edition import Edition
    from edition.view import View
    from regions.measures import Measure
    from regions.place import Place

# What is ranked where the map shows nothing that could be.
FALLBACK = "per-head"
RULES = {"delivery": "place of delivery", "lead": "lead's address"}
KEY = "levels-place"


def show(edition: Edition, view: View, here: list[Place]) -> None:
    """Show where one of the places ranks at every level, in words, as a chart and as a table."""
    st.subheader("How much the level decides", anchor=False)
    measure = _measure(view)
    st.caption(
        f"Rank by {measure.label.lower()}. The same ground stands higher or lower as an authority, an ITL "
        "region or a city region; where the two rules of placing awards differ, both are shown."
    )
    place = _chosen(here)
    if place.level == "uk":
        st.info("The United Kingdom has no other place to rank against here. Choose another one.")
        return
    rows = ranks(edition, view, place, measure)
    found = spread(rows, place)
    st.write(plain(words(place, measure, found)))
    both = (
        by_rule(edition, view, place, measure)
        if measure.written.is_money
        else rows.assign(placed=view.placed)
    )
    chart = strip(both, place, atlas.theme())
    if chart is not None:
        st.altair_chart(chart, width="stretch", theme=None)
        stem = ("ranks", place.name, measure.id)
        take_away.chart(edition, partial(_plate, edition, view, place, measure, both), stem, "ranks")
    with st.expander("All ranks as a table", icon=":material/table_rows:"):
        table = _table(both, measure)
        title = f"Ranks of {place.name} by {measure.label.lower()}, at every level"
        here_only = view.model_copy(update={"place": (place.ref,)})
        handout = Handout(edition, here_only, title, path="/compare", sources=measure.sources)
        take_away.rows(table, handout, ("ranks", place.name, measure.id), "ranks-table")
        grid.show(table)


def _plate(edition: Edition, view: View, place: Place, measure: Measure, rows: pd.DataFrame) -> Plate:
    from charts.files import of_ranks  # noqa: PLC0415 - its library takes a second to load

    return of_ranks(edition, view, place, measure, rows)


def _measure(view: View) -> Measure:
    shown = MEASURES[view.measure]
    return shown if shown.kind in {"rate", "sum"} else MEASURES[FALLBACK]


def _chosen(here: list[Place]) -> Place:
    if len(here) == 1:
        return here[0]
    numbers = list(range(len(here)))
    if st.session_state.get(KEY) not in numbers:
        st.session_state[KEY] = 0
    number = st.selectbox(
        "Place", numbers, key=KEY, format_func=lambda number: here[number].name, label_visibility="collapsed"
    )
    return here[number]


def _table(rows: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    return pd.DataFrame([_row(row, measure) for row in rows.itertuples(index=False)])


def _row(row: Any, measure: Measure) -> dict[str, Any]:
    ranked = not pd.isna(row.rank)
    among = LEVELS[row.among].name
    return {
        "level": LEVELS[row.level].name if row.level in LEVELS else OTHER_LEVELS[row.level],
        "region": row.name,
        "code": row.ref,
        "is": row.relation,
        "placed by": RULES[row.placed],
        measure.label: said(row.value, measure.unit) if not row.why else row.why,
        "rank": f"{int(row.rank)} of {int(row.of)}" if ranked else "not ranked",
        "among": among,
        "above others": f"{row.percentile:.0%}" if ranked and not pd.isna(row.percentile) else "",
    }
