"""What the firms that ship come from, list by list, and what the map says of clusters that others name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data.plural import count
from data.taxonomy import titles
from edition.known_clusters import ANSWERS
from geo.projections import to_lonlat
from words.numbers import listed

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition

LISTS_NOTE = (
    "A curated sample, not a census: counts say how many firms were taken from a list, not how many "
    "exist. Empty where the firms are an analyst's own."
)
KNOWN_NOTE = (
    "Which clusters are named, their centres and radii are our reading of the pages; none of it goes into "
    "the detection. Not found may be missing firms: the firms are a curated sample, not a census."
)
LIST_COLUMNS = (
    *(
        "list_id",
        "title",
        "firms",
        "with_precise_place",
        "chosen",
        "bias",
        "as_of",
        "source",
        "url",
        "licence",
    ),
)
KNOWN_COLUMNS = (
    *("known_id", "name", "place", "answer", "reason", "cluster_id", "cluster", "distance_km", "sector"),
    *("technology", "named_by", "kind_of_source", "year", "url", "la_code", "lat", "lon", "radius_km"),
    *("precise", "note"),
)
SAID = {"found": "found", "pale": "found, but pale", "nearly": "nearly", "not found": "not found"}


def firm_lists(edition: Edition) -> pd.DataFrame:
    """Return the lists that the firms come from: how chosen, what is biased, how many firms of each.

    with_precise_place counts those that may make a cluster. There is none where firms are an analyst's own.
    """
    return edition.tables["firm_lists"][list(LIST_COLUMNS)]


def known_clusters(edition: Edition) -> pd.DataFrame:
    """Return the clusters that government, agencies or studies name, with what the map says of each.

    There is none where firms are an analyst's own.
    """
    rows = edition.tables["known_clusters"]
    lon, lat = to_lonlat(rows["easting"].to_numpy(), rows["northing"].to_numpy())
    named = titles()
    table = rows.assign(
        lat=np.round(lat, 4),
        lon=np.round(lon, 4),
        sector=rows["is8"].map(named),
        technology=rows["technology"].map(lambda one: named.get(one, "")),
        year=rows["year"].astype("Int64"),
    )
    return table[list(KNOWN_COLUMNS)]


def lists_words(edition: Edition) -> str:
    """Say how many firms come from which list, in a sentence."""
    rows = edition.tables["firm_lists"].sort_values("firms", ascending=False, kind="stable")
    parts = "; ".join(f"{row.firms:,} from “{row.title}”" for row in rows.itertuples())
    return f"{count(int(rows['firms'].sum()), 'firm')}: {parts}."


def known_words(edition: Edition) -> str:
    """Say how many of the clusters that others name get which answer, in a sentence."""
    rows = edition.tables["known_clusters"]
    tally = rows["answer"].value_counts()
    parts = [f"{tally[name]:,} {SAID[name]}" for name in ANSWERS if tally.get(name, 0)]
    return f"Of {count(len(rows), 'cluster')} that others name, the map has {listed(parts)}."
