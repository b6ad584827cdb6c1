"""The map on a page: the same component everywhere, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit_folium import st_folium

from data.errors import MapError
from layers.base_map import base_map, token
from words.provenance import flag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edition.edition import Edition
    from edition.view import View
    from layers.style import Theme


UNREADABLE = "the map's answer could not be read; click or draw again"


@dataclass(frozen=True)
class Frame:
    """Where a map stands on its page.

    Attributes
    ----------
    key
        Of the component; each page has its own.
    height
        Pixels that it asks for; the style of the page may give it more.
    heard
        Called when the map says something (see `message`).
    """

    key: str
    height: int
    heard: Callable[[], None]


def theme() -> Theme:
    """Return the theme of the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def draw(
    edition: Edition,
    view: View,
    words: str,
    frame: Frame,
    starts: list[dict[str, Any]] | None = None,
    *,
    picking: bool = False,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Put the map on the page: the base map never changes, so it is never rebuilt; a token says what to draw.

    Parameters
    ----------
    edition, view
        What is shown.
    words
        The same in words.
    frame
        Where the map stands.
    starts
        Places worth a first click.
    picking
        Whether a click and a drawn area are told to the page instead of being answered on the map.
    told
        What else the map is told (see `layers.base_map.token`).
    """
    drawn = token(view, words, theme(), starts or [], flag(edition), keep_drawn=not picking, **(told or {}))
    st_folium(
        base_map(draw=picking, pick=picking), key=frame.key, height=frame.height, use_container_width=True,
        returned_objects=[],
        feature_group_to_add=drawn,
        on_change=frame.heard,
    )  # fmt: skip


def message(key: str) -> dict[str, Any]:
    """Return what a map says, each message once; empty for nothing new, and for what is no message."""
    value = st.session_state.get(key)
    said = value.get("message") if isinstance(value, dict) else None
    if not isinstance(said, dict) or said.get("stamp") == st.session_state.get("stamp"):
        return {}
    st.session_state.stamp = said.get("stamp")
    return said


def answer(key: str, do: Callable[[dict[str, Any]], None]) -> None:
    """Do what a map asks, once; what cannot be done is said and changes nothing.

    A message comes from the browser, where anyone can write one: it may hold anything.

    Parameters
    ----------
    key
        Of the map's component.
    do
        Takes the message.
    """
    said = message(key)
    if not said:
        return
    try:
        do(said)
    except MapError as fault:
        st.session_state.faults = [str(fault)]
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        st.session_state.faults = [UNREADABLE]


def point(said: Mapping[str, Any]) -> tuple[Any, Any, Any] | None:
    """Return the point that a message names, for a view to judge; None for none."""
    given = (said.get("lat"), said.get("lon"), said.get("zoom"))
    return None if None in given else given
