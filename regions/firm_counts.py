"""Firms counted by authority and combination of labels, once for an edition; in areas, point by point.

A firm has several labels, so counts by label do not add up. Counts by combination do, and any question about
labels is answered from them: a million firms carry a few hundred combinations.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from data.shared import kept

if TYPE_CHECKING:
    from edition.edition import Edition
    from regions.place import Place

# The label of all firms, whatever theirs.
ALL = ""
# The combination of a firm: of a register, the number of its set of labels; of the sample, the labels.
_OWN_KEY = "label_set"
_SHIPPED_KEY = "array_to_string(list_sort(list_distinct(list_append(technologies, is8))), ';')"
_COMBINATIONS = "SELECT la_code, {key} AS key, count(*) AS firms FROM firms GROUP BY ALL"
_NEAR = """
    SELECT easting, northing, {key} AS key, count(*) AS firms FROM firms
    WHERE point AND la_code IN (SELECT la_code FROM cut)
    AND easting BETWEEN ? AND ? AND northing BETWEEN ? AND ? GROUP BY ALL
"""
_POINTS = """
    SELECT easting, northing, {key} AS key, count(*) AS firms FROM firms WHERE point GROUP BY ALL
    ORDER BY easting, northing, key
"""
_MEMBERS = """
    SELECT cluster_id, firm_id, la_code, easting, northing, point
    FROM members JOIN firms USING (firm_id)
"""


@kept(maxsize=4)
def combinations(edition: Edition) -> pd.DataFrame:
    """Return the firms of every authority by combination of labels: la_code, key, firms.

    Firms whose authority is not known stand under an empty code.
    """
    return edition.store.query(_COMBINATIONS.format(key=_key(edition)))


@kept(maxsize=4)
def labels_of(edition: Edition) -> pd.DataFrame:
    """Return which labels each combination holds: key, label."""
    if edition.about.own:
        return edition.tables["label_sets"].rename(columns={"set_id": "key"})[["key", "label"]]
    keys = combinations(edition)["key"].drop_duplicates()
    return pd.DataFrame({"key": keys, "label": keys.str.split(";")}).explode("label", ignore_index=True)


@kept(maxsize=4)
def by_label(edition: Edition) -> pd.DataFrame:
    """Return the firms of every authority by label.

    Returns
    -------
    DataFrame
        la_code, label (empty for all firms), firms. A firm counts under each of its labels, so labels are
        never added up.
    """
    return _by_label(combinations(edition), edition, ["la_code"])


@kept(maxsize=64)
def by_authority(edition: Edition, labels: frozenset[str]) -> pd.DataFrame:
    """Return the firms of every authority that have any of the labels, each once: la_code, firms."""
    return _having(combinations(edition), edition, labels).groupby("la_code")["firms"].sum().reset_index()


@kept(maxsize=4)
def member_rows(edition: Edition) -> pd.DataFrame:
    """Return where the members of clusters are.

    Returns
    -------
    DataFrame
        cluster_id, la_code (categories), firm (a number for each), easting, northing (metres), point.
    """
    rows = edition.store.query(_MEMBERS)
    firm = pd.factorize(rows.pop("firm_id"))[0]
    return rows.assign(firm=firm).astype(dict.fromkeys(("cluster_id", "la_code"), "category"))


def firm_points(edition: Edition) -> pd.DataFrame:
    """Return the firms with a precise place by point and combination of labels, sorted by point.

    Returns
    -------
    DataFrame
        easting, northing (metres, as they may be shown), key, firms. Not kept: of a register it is large.
    """
    return edition.store.query(_POINTS.format(key=_key(edition)))


@kept(maxsize=128)
def area_by_label(edition: Edition, place: Place) -> pd.DataFrame:
    """Return the firms of a place by label: label (empty for all firms), firms."""
    return _by_label(_in(edition, place), edition, [])


@lru_cache(maxsize=256)
def area_firms(edition: Edition, place: Place, labels: frozenset[str]) -> int:
    """Return the firms of a place that have any of the labels, each once."""
    return int(_having(_in(edition, place), edition, labels)["firms"].sum())


def inside(place: Place, points: pd.DataFrame) -> Any:
    """Say which points (easting, northing) lie in a place."""
    # A copy, since threads share the shape, and a prepared one is written to while it is asked.
    shape = shapely.transform(place.geometry, lambda corners: corners)
    shapely.prepare(shape)
    east, north = points["easting"].to_numpy(float), points["northing"].to_numpy(float)
    return shapely.intersects_xy(shape, east, north)


@kept(maxsize=128)
def _in(edition: Edition, place: Place) -> pd.DataFrame:
    """Return the firms of a place by combination of labels: key, firms.

    In authorities that it cuts through, firms are counted by their points; those known only to their town
    are left out there, since their point is a placeholder.
    """
    known = combinations(edition)
    parts = [known[known["la_code"].isin(place.whole)]]
    if place.cut:
        west, south, east, north = place.geometry.bounds
        cut = pd.DataFrame({"la_code": sorted(place.cut)})
        sql = _NEAR.format(key=_key(edition))
        near = edition.store.query(sql, [west, east, south, north], {"cut": cut})
        parts.append(near[inside(place, near)])
    return pd.concat([part[["key", "firms"]] for part in parts]).groupby("key")["firms"].sum().reset_index()


def _key(edition: Edition) -> str:
    return _OWN_KEY if edition.about.own else _SHIPPED_KEY


def _having(counts: pd.DataFrame, edition: Edition, labels: frozenset[str]) -> pd.DataFrame:
    """Return the counts of combinations that hold any of the labels; all where none is named."""
    if not labels:
        return counts
    known = labels_of(edition)
    return counts[counts["key"].isin(known.loc[known["label"].isin(labels), "key"])]


def _by_label(counts: pd.DataFrame, edition: Edition, columns: list[str]) -> pd.DataFrame:
    every = counts.assign(label=ALL)
    rows = pd.concat([every, counts.merge(labels_of(edition), on="key")])
    return rows.groupby([*columns, "label"], sort=True)["firms"].sum().reset_index()
