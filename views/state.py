"""The view of a session: widgets, address and map all read and write the same one."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from edition.keeper import KEEPER
from edition.view import View, faults_of
from layers.choices import choices

HISTORY = 30
# The page of one cluster, and the page that leads there from an address with a cluster in it.
CLUSTER, FIRST = "cluster", "explore"
# Fields that are no widget: point and cluster are chosen on the map, the position is the map's own.
_PLAIN = ("here", "cluster")


def pairs() -> list[tuple[str, str]]:
    """Return the pairs of the address."""
    return [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]


def begin(page: str = "") -> None:
    """Take the view from the address when a session begins, and say what of it could not be used.

    Parameters
    ----------
    page : str
        Which page draws: the widgets of another took their keys with them, and get them back.
    """
    if "view" in st.session_state:
        if page != CLUSTER and page != st.session_state.get("page") and st.session_state.view.cluster:
            # What was looked at on its page is no part of what others show.
            look_at("")
        if page != st.session_state.get("page") or any(name not in st.session_state for name in _widgets()):
            put(st.session_state.view)
        st.session_state.page = page
        return
    st.session_state.page = page
    given = [(name, value) for name, value in pairs() if name in View.model_fields]
    view, faults = View.read(given, choices(KEEPER.edition()))
    st.session_state.faults = faults
    st.session_state.past = []
    put(view if page in {CLUSTER, FIRST} else view.model_copy(update={"cluster": ""}))


def look_at(cluster_id: str) -> None:
    """Look at a cluster, or at none; that is no change of the view to go back from.

    Raises
    ------
    ValidationError
        If that cannot be an id: a view that held it could not be changed again.
    """
    put(View.model_validate({**st.session_state.view.model_dump(), "cluster": cluster_id}))


def put(view: View) -> None:
    """Make a view the present one: every widget takes its part of it."""
    st.session_state.view = view
    for name in _widgets():
        st.session_state[name] = _for_widget(name, getattr(view, name))


def _widgets() -> list[str]:
    """Return the fields of a view that a widget may hold."""
    return [name for name in View.model_fields if name not in ("at", *_PLAIN)]


def _for_widget(name: str, value: Any) -> Any:
    if name in ("kinds", "show"):
        return [item for item in value if item != "none"]
    return list(value) if isinstance(value, tuple) else value


def change(**fields: Any) -> None:
    """Change some fields of the view, remembering the one before."""
    before: View = st.session_state.view
    after = View.model_validate({**before.model_dump(), **fields}, context=choices(KEEPER.edition()))
    st.session_state.faults = []
    if after != before:
        st.session_state.past = [*st.session_state.past[-HISTORY:], before]
        put(after)


def from_widgets() -> None:
    """Take the view that the widgets now show (a callback of each of them)."""
    fields = {name: st.session_state[name] for name in View.model_fields if name in st.session_state}
    first, last = st.session_state.get("years", (fields["year_from"], fields["year_to"]))
    before: View = st.session_state.view
    try:
        change(**{**fields, "year_from": first, "year_to": last})
    except ValidationError as fault:
        # A label that was typed in and is none: the view stays as it was.
        st.session_state.faults = faults_of(fault)
        put(before)


def undo() -> None:
    """Go back to the view before."""
    if st.session_state.past:
        view = st.session_state.past.pop()
        put(view.model_copy(update={"cluster": st.session_state.view.cluster}))


def reset() -> None:
    """Go back to the view of a first visit."""
    change(**View().model_dump(exclude={"at"}))


def write_address(view: View) -> None:
    """Write the view to the address; the map adds its position itself, since it moves without the script."""
    wanted: dict[str, Any] = {}
    for name, value in view.query():
        wanted.setdefault(name, []).append(value)
    present = {name: st.query_params.get_all(name) for name in st.query_params}
    others = {
        name: values for name, values in present.items() if name not in View.model_fields or name == "at"
    }
    wanted = {**others, **{name: values for name, values in wanted.items() if name != "at"}}
    if wanted != present:
        st.query_params.from_dict(wanted)
