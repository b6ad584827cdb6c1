"""Maps of places side by side, in one frame: they move together without a run of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from layers.panels import panel_of, panels_page, panels_url
from views import atlas
from words.links import OF_SESSION
from words.provenance import flag

if TYPE_CHECKING:
    from edition.view import View
    from regions.comparison import Comparison

# Pixels: of a row of maps, and of what stands around them.
ROW, AROUND = 330, 120
# Maps in a row.
ACROSS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 3, 7: 4, 8: 4, 9: 5, 10: 5}


def show(found: Comparison, view: View) -> None:
    """Show a map for each place: by its address, or as a document where an area has none."""
    number = len(found.places)
    rows = -(-number // ACROSS[number])
    st.subheader("Side by side", anchor=False)
    of_session = [place for place in found.places if place.ref.startswith(OF_SESSION)]
    if of_session:
        page = panels_page(
            [panel_of(place) for place in found.places],
            view,
            atlas.theme(),
            flag(found.edition),
            own=found.edition.about.own,
        )
    else:
        page = panels_url(view)
    words = ", ".join(place.name for place in found.places)
    st.iframe(
        page, height=rows * ROW + AROUND, alt=f"Maps of {words} at one scale; the table below says the same."
    )
