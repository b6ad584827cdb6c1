"""About: what the map is, what its words mean, where its numbers come from."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from data.sources import sources
from edition.keeper import KEEPER
from layers.base import API
from tables.sample import (
    KNOWN_NOTE,
    LISTS_NOTE,
    firm_lists,
    known_clusters,
    known_words,
    lists_words,
)
from views import grid, take_away
from views.chrome import furnish, heading
from views.markdown import plain
from words.numbers import count
from words.provenance import ROUGHLY_PLACED, method_words, own_firms
from words.terms import terms

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition

KNOWN_SHOWN = ("name", "answer", "reason", "distance_km", "technology", "place", "named_by", "year", "url")
SOURCE_COLUMNS = ("publisher", "edition", "renewed", "licence", "attribution")


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
        f"- The **{total:,} firms are a curated sample, not a census**, put together from "
        f"{count(len(edition.tables['firm_lists']), 'list')}, each with a bias of its own "
        "([below](#the-sample)): large and well-known firms are over-represented, professional services "
        "and rural places under-represented. It does not measure the economy.\n"
        f"- **{by_town:,} firms are known only by their town**: they are counted for their authority and "
        f"never make a cluster. {ROUGHLY_PLACED}\n"
    )


def page() -> None:
    """Draw the page."""
    furnish()
    edition = KEEPER.edition()
    left, _ = st.columns([3, 1])
    with left:
        heading(
            "About",
            "Where innovative firms gather, why a place is a cluster, and what public and private money did "
            "there",
            "An open map of the United Kingdom. Every number leads back to its source, and anyone can rerun "
            "it on firms of their own, offline.",
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
        said = terms(edition.about).items()
        rows = [f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in said]
        words = "".join(rows)
        st.html(f'<dl class="terms">{words}</dl>')
        st.subheader("What was tested", anchor=False)
        st.caption(
            "Each sector and technology, the firms it has with a precise place, and what "
            f"{edition.about.found_by} found, with the most likely place also where nothing passed."
        )
        grid.show(_tested(edition))
        if not edition.about.own:
            _sample(edition)
            _known(edition)
        st.subheader("Sources and licences", anchor=False)
        links = {"address": st.column_config.LinkColumn()}
        grid.show(_sources(), links)
        st.subheader("For programs", anchor=False)
        st.markdown(
            f"What the map fetches is what anyone may fetch: [the API and its documentation]({API}/docs)."
        )


def _sample(edition: Edition) -> None:
    """Show the lists that the firms come from."""
    st.subheader("The sample", anchor="the-sample")
    st.caption(
        f"{lists_words(edition)} {LISTS_NOTE} The later lists were taken whole in small regions and drawn "
        "by seed elsewhere, then read one by one; no list of a park's tenants was used, so that no cluster "
        "is made by choosing."
    )
    take_away.listing("firm-lists", "firm-lists")
    links = {"url": st.column_config.LinkColumn("address"), "with_precise_place": "with a precise place"}
    grid.show(firm_lists(edition).drop(columns="list_id"), links)


def _known(edition: Edition) -> None:
    """Show what the map says of clusters that others name."""
    st.subheader("Clusters that others name", anchor="known-clusters")
    st.caption(f"{known_words(edition)} {KNOWN_NOTE}")
    take_away.listing("known-clusters", "known-clusters")
    rows = known_clusters(edition)
    shown = {"distance_km": "km away", "named_by": "named by", "url": st.column_config.LinkColumn("address")}
    grid.show(rows[list(KNOWN_SHOWN)], shown)


def _tested(edition: Edition) -> pd.DataFrame:
    rows = edition.tables["labels"]
    named = rows.assign(label=rows["label"].map(edition.labels.title))
    told = (rows["best_place"] + ": " + rows["best"]).str.removeprefix(": ")
    # One column answers for every label: where it is most likely, or why it was not tested.
    best = told.where(rows["reason"] == "", rows["reason"]).where(rows["best"] != "", rows["reason"])
    shown = named.assign(**{"most likely place": best})
    return shown[["label", "firms", "tested", "clusters", "most likely place"]]


def _sources() -> list[dict[str, str]]:
    columns = {"what": "label", **dict.fromkeys(SOURCE_COLUMNS), "address": "url"}
    return [{column: getattr(row, name or column) for column, name in columns.items()} for row in sources()]
