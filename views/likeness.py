"""Places like this one: the nearest on named axes, with how far they are apart and why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from charts.likeness import distances
from data.errors import InputError
from data.units import unit_of
from geo.boundaries import LEVELS
from regions import similar
from tables.page_table import Handout
from views import atlas, grid, places, take_away
from views.markdown import plain

if TYPE_CHECKING:
    from charts.files import Plate
    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place
    from regions.similar import Axis, Likeness

PLACE, AXES, LEVEL = "like-place", "like-axes", "like-level"
MOST = 8
OWN_LEVEL = "its own level"
# Of the units of axes, by the format that Streamlit knows; of any other a whole number.
FORMATS = {
    "£ per person": "£%,.2f",
    "per 10,000 residents": "%.2f",
    "per 100,000 residents": "%.2f",
}


def show(edition: Edition, view: View, here: list[Place]) -> None:
    """Show the places like one of those chosen, and offer to compare them."""
    st.subheader("Places like this one", anchor=False)
    left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
    numbers = list(range(len(here)))
    if st.session_state.get(PLACE) not in numbers:
        st.session_state[PLACE] = 0
    number = left.selectbox("Like", numbers, key=PLACE, format_func=lambda number: here[number].name)
    levels = {"": OWN_LEVEL, **{name: level.name for name, level in LEVELS.items() if level.partition}}
    level = middle.selectbox("Among regions of", list(levels), key=LEVEL, format_func=levels.__getitem__)
    axes = right.multiselect(
        "By",
        list(similar.AXES),
        select_all=False,
        key=AXES,
        default=list(similar.DEFAULT),
        format_func=lambda name: similar.AXES[name].label,
        help="  \n".join(f"**{axis.label}**: {axis.definition}" for axis in similar.AXES.values()),
    )
    try:
        found = similar.likeness(edition, view, here[number], axes, level)
    except InputError as fault:
        st.info(plain(str(fault)))
        return
    _nearest(edition, view, found, here[number])


def _nearest(edition: Edition, view: View, found: Likeness, place: Place) -> None:
    rows = found.nearest(MOST)
    st.caption(plain(similar.words(found)))
    table = pd.DataFrame({"place": rows["name"], "code": rows["ref"], "distance": rows["distance"].round(2)})
    for axis in found.axes:
        table[axis.label] = rows[axis.id]
    here = {"place": f"{place.name} (this one)", "code": place.code, "distance": 0.0}
    here |= {axis.label: found.values[axis.id].to_dict()[place.ref] for axis in found.axes}
    whole = pd.concat([pd.DataFrame([here]), table], ignore_index=True)
    _ways(edition, view, found, place, whole)
    grid.show(
        whole,
        {
            "distance": st.column_config.NumberColumn(
                format="%.2f", help="Standard deviations apart, on an average axis: 0 is alike on all."
            ),
            **{axis.label: _column(axis) for axis in found.axes},
        },
        placeholder="not known",
    )
    names = dict(zip(rows["ref"], rows["name"], strict=True))
    st.caption("Compare with:")
    buttons = st.container(horizontal=True)
    for ref, name in names.items():
        buttons.button(
            plain(str(name)), key=f"like-{ref}", icon=":material/add:", on_click=places.add_ref, args=(ref,)
        )


def _ways(edition: Edition, view: View, found: Likeness, place: Place, whole: pd.DataFrame) -> None:
    """Show the distances, and offer them and the table."""
    st.altair_chart(distances(found.nearest(MOST), atlas.theme()), width="stretch", theme=None)
    stem = ("places-like", place.name)
    take_away.chart(edition, partial(_plate, edition, view, found, place), stem, "likeness")
    sources = tuple(dict.fromkeys(source for axis in found.axes for source in axis.sources))
    here_only = view.model_copy(update={"place": (place.ref,)})
    title = f"Places like {place.name}"
    handout = Handout(edition, here_only, title, similar.words(found), "/compare", sources)
    looks = {axis.label: unit_of(_look(axis)).workbook for axis in found.axes}
    looks["distance"] = unit_of("decimal").workbook
    take_away.rows(whole, handout, stem, "likeness-table", formats=looks)


def _plate(edition: Edition, view: View, found: Likeness, place: Place) -> Plate:
    from charts.files import of_likeness  # noqa: PLC0415 - its library takes a second to load

    return of_likeness(edition, view, found, place, MOST)


def _look(axis: Axis) -> str:
    """Return the unit by which a workbook shows an axis."""
    if axis.sector:
        return "share"
    return "decimal" if axis.unit.startswith("per ") else axis.unit


def _column(axis: Axis) -> Any:
    """Return how the page shows the numbers of an axis; files have them as they are."""
    shown = "percent" if axis.sector else FORMATS.get(axis.unit, "%,.0f")
    return st.column_config.NumberColumn(format=shown, help=axis.definition)
