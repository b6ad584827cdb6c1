"""From one page to another: a callback names the page, and the frame opens it when the script runs again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.navigation.page import StreamlitPage

KEY = "next_page"


def go(path: str) -> None:
    """Leave for another page; its widgets take the view of the session (to be called in a callback)."""
    st.session_state[KEY] = path


def open_next(pages: Mapping[str, StreamlitPage]) -> None:
    """Open the page that was named, if any was."""
    path = st.session_state.pop(KEY, "")
    if path in pages:
        st.switch_page(pages[path])
