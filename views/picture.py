"""A map of projects beside money by year: the picture at the head of the funding pages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from charts.programmes import UNDATED, timeline_chart
from layers.registry import kinds
from profiles.programmes import timeline
from views import atlas, cluster, state, take_away
from words.numbers import count, pounds

if TYPE_CHECKING:
    import pandas as pd

    from charts.files import Plate
    from edition.edition import Edition
    from edition.view import View

MAP = "funding-map"
HEIGHT = 420
# Names hide small rings at the zoom of the whole country, borders the outlines of areas: both on request.
AT_FIRST = ["projects"]
# Its legend switches layers of this map, and leaves the other pages' alone.
SWITCHED = "funding_layers"


def show(edition: Edition, view: View, words: str) -> None:
    """Draw both, side by side where there is room."""
    left, right = st.columns([2, 3], gap="small")
    with left, st.container(key="funding-picture"):
        atlas.draw(edition, of_projects(view), words, atlas.Frame(MAP, HEIGHT, heard))
    with right:
        _timeline(edition, view)


def of_projects(view: View) -> View:
    """Return the view with the layers of this map; regions are outlined, without a measure."""
    layers = tuple(st.session_state.setdefault(SWITCHED, [*AT_FIRST]))
    return view.model_copy(update={"show": layers, "measure": "none", "level": "itl1"})


def heard() -> None:
    """Answer the map."""
    atlas.answer(MAP, _asked)


def _asked(message: dict[str, Any]) -> None:
    """Do what the map asks: a point, one of its layers switched, or a cluster."""
    if message.get("kind") == "here":
        state.change(here=atlas.point(message))
    elif message.get("kind") == "layer":
        on = st.session_state[SWITCHED]
        name = message.get("id")
        st.session_state[SWITCHED] = [kind for kind in kinds() if (kind in on) != (kind == name)]
    elif message.get("kind") == "cluster":
        cluster.open_page(str(message.get("id", "")))


def _timeline(edition: Edition, view: View) -> None:
    rows = timeline(edition, view)
    chart = timeline_chart(rows, atlas.theme(), HEIGHT - 40)
    if chart is None:
        st.info("No project that passes the filters has a public figure to draw by year.")
        return
    st.altair_chart(chart, width="stretch", theme=None, key="funding-years")
    of_one = view.programme if len(view.programme) == 1 else ()
    take_away.chart(edition, partial(_plate, edition, view), ("money-by-year", *of_one), "years")
    undated = rows[rows["year"].isna()]
    if len(undated):
        st.caption(_undated(undated))


def _plate(edition: Edition, view: View) -> Plate:
    from charts.files import of_years  # noqa: PLC0415 - its library takes a second to load

    return of_years(edition, view)


def _undated(undated: pd.DataFrame) -> str:
    projects = count(int(undated["projects"].sum()), "project")
    money = pounds(float(undated["public_gbp"].sum()))
    return f"{money} of public money is of {projects} without a date; it stands at “{UNDATED}”."
