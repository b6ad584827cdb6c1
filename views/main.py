"""The pages and the frame around them; each page is a file beside this one."""

from __future__ import annotations

from functools import partial
from importlib import import_module

import streamlit as st

from data.product import PRODUCT
from edition.keeper import KEEPER
from layers.scripts import FOLDER
from views import pages
from views.waiting import wait_until_ready

# Path, which is the module beside this one as well; title; icon. The first is where a visit begins; those
# that are reached from others alone are `HIDDEN`.
PAGES = (
    ("explore", "Explore", ":material/map:"),
    ("compare", "Compare", ":material/compare_arrows:"),
    ("funding", "Funding", ":material/payments:"),
    ("cluster", "Cluster", ":material/workspaces:"),
    ("about", "About", ":material/info:"),
)
HIDDEN = ("cluster",)


def run(path: str) -> None:
    """Draw a page: its module is read when it is first wanted, so that no page waits for another's charts."""
    import_module(f"views.{path}").page()


def main() -> None:
    """Show the page that the address names."""
    icon_of_all = str(FOLDER / "icon.png")
    # Set before there are pages: their own icons would be asked of another host.
    st.set_page_config(page_title=PRODUCT, page_icon=icon_of_all, layout="wide")
    known = {
        path: st.Page(
            partial(run, path),
            title=title,
            icon=icon,
            url_path=path,
            default=path == PAGES[0][0],
            visibility="hidden" if path in HIDDEN else "visible",
        )
        for path, title, icon in PAGES
    }
    chosen = st.navigation(list(known.values()), position="top")
    if chosen.title != PAGES[0][1]:
        # Tabs, bookmarks and screen readers tell pages by their titles.
        st.set_page_config(page_title=f"{chosen.title} · {PRODUCT}", page_icon=icon_of_all, layout="wide")
    pages.open_next(known)
    KEEPER.start()
    if not KEEPER.ready:
        wait_until_ready()
        st.stop()
    chosen.run()


main()
