"""What a visitor sees while the tables are built, once after an installation or an update."""

from __future__ import annotations

import streamlit as st

from edition.keeper import KEEPER
from views.markdown import plain


@st.fragment(run_every=0.5)
def wait_until_ready() -> None:
    """Show how far the preparation is; load the page when it is done."""
    if KEEPER.ready:
        st.rerun()
    if KEEPER.fault:
        st.title("The map cannot be shown now")
        st.error(plain(KEEPER.fault))
        st.caption("It is tried again in a while; this page then says how far it is.")
        # Once that while is over.
        KEEPER.start()
        return
    st.title("Preparing the map")
    st.progress(KEEPER.share, text=f"{KEEPER.stage} …")
    st.caption("This happens once after an installation or an update, and takes a few seconds.")
