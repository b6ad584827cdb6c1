"""About: what the map is, what its words mean, where its numbers come from."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from data.sources import sources
from data.taxonomy import titles
from layers.base import API
from regions.edition import KEEPER
from views.chrome import STYLE

if TYPE_CHECKING:
    import pandas as pd

    from regions.edition import Edition

SOURCE_COLUMNS = ("publisher", "edition", "licence", "attribution")

TERMS = {
    "Cluster": "A place where one sector or technology has more firms than chance and the surroundings "
    "explain.",
    "Location quotient (LQ)": "Firms observed over firms expected: 2 means twice as many. "
    "Shown with its 95% interval; one alone ranks nothing.",
    "Expected": "All firms of the place times the larger of the national share and the share in the 20 km "
    "around.",
    "Threshold": "The evidence a place needs so that a map with shuffled labels shows any cluster in at most "
    "one label in twenty.",
    "Core and fringe": "Core: cells that come back in at least 80% of resamples of the firms. "
    "The rest of the cluster is fringe.",
    "Footprint": "The outline of a cluster: the concave hull of its firms with a margin of 250 metres.",
    "Placed, not placed": "Awards are allocated to local authorities by rule. "
    "What no rule can place is said, never spread.",
    "Split by population": "An award for several authorities whose split no source gives; "
    "shared by residents, an estimate.",
    "Envelope": "A sum announced over years that includes tax relief, as for investment zones. "
    "Off unless asked for.",
    "ITL": "International territorial levels: the UK's statistical regions, from 12 (ITL1) to 182 (ITL3).",
    "GSS code": "The nine-character code of an area, such as E08000003 for Manchester; those of 2025 are "
    "used.",
}


def page() -> None:
    """Draw the page."""
    st.html(STYLE)
    edition = KEEPER.edition()
    total, by_town = edition.firm_count
    left, _ = st.columns([3, 1])
    with left:
        st.title("About this map", anchor=False)
        st.markdown(
            "The open map of innovation clusters in the United Kingdom: where innovative firms gather, why a "
            "place is a cluster, and what public and private money did there. Every number leads back to its "
            "source, and anyone can rerun it offline."
        )
        st.subheader("What to beware of", anchor=False)
        st.markdown(
            f"- The **{total:,} firms are a curated sample, not a census**: large and well-known firms are "
            "over-represented, professional services and rural places under-represented. It does not measure "
            "the economy.\n"
            f"- **{by_town:,} firms are known only by their town**: they are counted for their authority and "
            "never make a cluster.\n"
            f"- **Boundaries**: {edition.boundaries}.\n"
            "- **Awards are those found in public.** Some have no figure, some figures are contested; each "
            "row says so and names its source.\n"
            "- Private money is what sources name beside an award; forecasts and commitments are mixed."
        )
        st.subheader("Words", anchor=False)
        rows = [f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in TERMS.items()]
        words = "".join(rows)
        st.html(f'<dl class="terms">{words}</dl>')
        st.subheader("What was tested", anchor=False)
        st.caption(
            "Each sector and technology, the firms it has with a precise place, and what the scan found. "
            "Too few firms: not tested."
        )
        st.dataframe(_tested(edition), hide_index=True, width="stretch")
        st.subheader("Sources and licences", anchor=False)
        links = {"address": st.column_config.LinkColumn()}
        st.dataframe(_sources(), hide_index=True, column_config=links)
        st.subheader("For programs", anchor=False)
        st.markdown(
            f"What the map fetches is what anyone may fetch: [the API and its documentation]({API}/docs)."
        )


def _tested(edition: Edition) -> pd.DataFrame:
    rows = edition.tables["labels"]
    named = rows.assign(label=rows["label"].map(titles()))
    return named[["label", "firms", "tested", "clusters", "reason"]]


def _sources() -> list[dict[str, str]]:
    columns = {"what": "label", **dict.fromkeys(SOURCE_COLUMNS), "address": "url"}
    return [{column: getattr(row, name or column) for column, name in columns.items()} for row in sources()]
