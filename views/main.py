"""The pages and the frame around them; each page is a file beside this one."""

from __future__ import annotations

import streamlit as st

from layers.bundle import FOLDER
from regions.edition import KEEPER
from views import about, compare, explore, funding, pages
from views.waiting import wait_until_ready

PAGES = (
    (explore.page, "Explore", ":material/map:", "explore"),
    (compare.page, "Compare", ":material/compare_arrows:", "compare"),
    (funding.page, "Funding", ":material/payments:", "funding"),
    (about.page, "About", ":material/info:", "about"),
)


def main() -> None:
    """Show the page that the address names."""
    icon = str(FOLDER / "icon.png")
    st.set_page_config(page_title="Innovation Clusters Map", page_icon=icon, layout="wide")
    known = {
        path: st.Page(work, title=title, icon=icon, url_path=path, default=path == "explore")
        for work, title, icon, path in PAGES
    }
    chosen = st.navigation(list(known.values()), position="top")
    pages.open_next(known)
    KEEPER.start()
    if not KEEPER.ready:
        wait_until_ready()
        st.stop()
    chosen.run()


main()
