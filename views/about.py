"""About: what the map is, what its words mean, where its numbers come from."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from data.sources import sources
from layers.base import API
from layers.provenance import found_words, method_words, one_in, own_firms, radii
from layers.words import distance
from regions.edition import KEEPER
from views.chrome import STYLE
from views.markdown import plain

if TYPE_CHECKING:
    import pandas as pd

    from regions.about import About
    from regions.edition import Edition

SOURCE_COLUMNS = ("publisher", "edition", "licence", "attribution")

PLACES = {
    "Placed, not placed": "Awards are allocated to local authorities by rule. "
    "What no rule can place is said, never spread.",
    "Split by population": "An award for several authorities whose split no source gives; "
    "shared by residents, an estimate.",
    "Place of delivery, lead's address": "Two rules for placing an award: where the work is done, or where "
    "the organisation that leads has its head office. Delivery less lead is the difference.",
    "Held against": "The United Kingdom, the nations and the next larger regions, beside which places stand.",
    "What the level decides": "A place ranks differently as an authority, an ITL region or a city region, "
    "though nothing on the ground differs (the modifiable areal unit problem). Compare shows the range.",
    "Places like this one": "The nearest on named axes (residents, density, research, firms, money, "
    "sector mix), each in standard deviations; the distance is shown.",
    "Envelope": "A sum announced over years that includes tax relief, as for investment zones. "
    "Off unless asked for.",
    "ITL": "International territorial levels: the UK's statistical regions, from 12 (ITL1) to 182 (ITL3).",
    "GSS code": "The nine-character code of an area, such as E08000003 for Manchester; those of 2025 are "
    "used.",
}


def method_terms(about: About) -> dict[str, str]:
    """Return the words of the method, with the settings that the clusters were found with."""
    scan = about.scan
    quotient = "Firms observed over firms expected: 2 means twice as many. "
    quotient += f"Shown with its {scan.confidence:.0%} interval; one alone ranks nothing."
    margin = distance(scan.buffer_m)
    footprint = f"The outline of a cluster: the concave hull of its firms with a margin of {margin}."
    if not about.tested:
        return {
            "Cluster": found_words(about),
            "Location quotient (LQ)": quotient,
            "Not tested": f"{about.method_name} asks how densely the firms of one sector stand, not whether "
            "all firms stand as densely there: what only the scan's test can tell is missing.",
            "Footprint": footprint,
        }
    ring = distance(scan.ring_m)
    return {
        "Cluster": "A place where one sector or technology has more firms than chance and the surroundings "
        "explain.",
        "Location quotient (LQ)": quotient,
        "Expected": "All firms of the place times the larger of the national share and the share in the ring "
        f"around, out to {ring}.",
        "Disc": f"Firms are counted in cells of {distance(scan.cell_m)} and added up over discs of "
        f"{radii(scan)} around each: small ones see a street, large ones a district. The most striking disc "
        "counts.",
        "Threshold": "The evidence a disc of any size needs so that a map with shuffled labels shows any "
        f"cluster in at most {one_in(scan.level)} labels.",
        "Core and fringe": f"Core: cells that come back in at least {scan.core_frequency:.0%} of resamples "
        "of the firms. The rest of the cluster is fringe.",
        "Footprint": footprint,
    }


def _firms(edition: Edition) -> str:
    """Return what to beware of with the firms."""
    about = edition.about
    if about.own:
        return (
            f"- **{plain(own_firms(about))}**: they are no part of this map's sources, and what is wrong or "
            "missing there is wrong or missing here.\n"
            f"- {plain(method_words(about))}\n"
            "- Awards, programmes and research assets are those that ship with the map; their sectors are "
            "not the register's.\n"
        )
    total, by_town = edition.firm_count
    return (
        f"- The **{total:,} firms are a curated sample, not a census**: large and well-known firms are "
        "over-represented, professional services and rural places under-represented. It does not measure "
        "the economy.\n"
        f"- **{by_town:,} firms are known only by their town**: they are counted for their authority and "
        "never make a cluster.\n"
    )


def page() -> None:
    """Draw the page."""
    st.html(STYLE)
    edition = KEEPER.edition()
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
            f"{_firms(edition)}"
            f"- **Boundaries**: {edition.boundaries}.\n"
            "- **Awards are those found in public.** Some have no figure, some figures are contested; each "
            "row says so and names its source.\n"
            "- Private money is what sources name beside an award; forecasts and commitments are mixed."
        )
        st.subheader("Words", anchor=False)
        terms = {**method_terms(edition.about), **PLACES}
        rows = [f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in terms.items()]
        words = "".join(rows)
        st.html(f'<dl class="terms">{words}</dl>')
        st.subheader("What was tested", anchor=False)
        st.caption(
            "Each sector and technology, the firms it has with a precise place, and what "
            f"{edition.about.found_by} found. Too few firms: not tested."
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
    named = rows.assign(label=rows["label"].map(edition.labels.title))
    return named[["label", "firms", "tested", "clusters", "reason"]]


def _sources() -> list[dict[str, str]]:
    columns = {"what": "label", **dict.fromkeys(SOURCE_COLUMNS), "address": "url"}
    return [{column: getattr(row, name or column) for column, name in columns.items()} for row in sources()]
