"""Firms counted by authority and label, and those of them in clusters; in areas, point by point."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from regions.edition import Edition
    from regions.place import Place

# The label of all firms, whatever theirs.
ALL = ""
# A firm with each of its labels: those of a register stand in sets, those of the sample in its own columns.
_OWN_LABELS = "SELECT la_code, label FROM chosen JOIN label_sets ON set_id = label_set"
_SHIPPED_LABELS = "SELECT la_code, unnest(list_distinct(list_append(technologies, is8))) AS label FROM chosen"
_COUNTS = """
    WITH chosen AS (SELECT * FROM firms {where}), labelled AS ({labelled})
    SELECT la_code, label, count(*) AS firms FROM labelled GROUP BY ALL
    UNION ALL SELECT la_code, '', count(*) FROM chosen GROUP BY ALL
"""
_OWN_OF = "label_set IN (SELECT set_id FROM label_sets WHERE list_contains(?::VARCHAR[], label))"
_SHIPPED_OF = "list_has_any(list_append(technologies, is8), ?::VARCHAR[])"
_OF_LABELS = "SELECT la_code, count(*) AS firms FROM firms {where} {joint} {condition} GROUP BY la_code"
_POINTS = """
    SELECT DISTINCT easting, northing FROM firms WHERE point AND la_code IN (SELECT la_code FROM cut)
    AND easting BETWEEN ? AND ? AND northing BETWEEN ? AND ?
"""
_AT_POINTS = "SEMI JOIN kept USING (easting, northing) WHERE point AND la_code IN (SELECT la_code FROM cut)"
_MEMBERS = """
    SELECT cluster_id, firm_id, la_code, easting, northing, point
    FROM members JOIN firms USING (firm_id)
"""


@lru_cache(maxsize=4)
def by_label(edition: Edition) -> pd.DataFrame:
    """Return the firms of every authority by label; shared, not to be changed.

    Returns
    -------
    DataFrame
        la_code, label (empty for all firms), firms. Firms whose authority is not known stand under an empty
        code. A firm counts under each of its labels, so labels are never added up.
    """
    return edition.store.query(_counts(edition, ""))


@lru_cache(maxsize=64)
def by_authority(edition: Edition, labels: frozenset[str]) -> pd.DataFrame:
    """Return the firms of every authority that have any of the labels, each once: la_code, firms."""
    if len(labels) <= 1:
        counts = by_label(edition)
        return counts.loc[counts["label"] == next(iter(labels), ALL), ["la_code", "firms"]]
    return _of_labels(edition, labels, "")


@lru_cache(maxsize=4)
def member_rows(edition: Edition) -> pd.DataFrame:
    """Return where the members of clusters are: cluster_id, firm_id, la_code, easting, northing, point."""
    return edition.store.query(_MEMBERS)


@lru_cache(maxsize=128)
def area_by_label(edition: Edition, place: Place) -> pd.DataFrame:
    """Return the firms of a place by label: label, firms.

    In authorities that it cuts through, firms are counted by their points; those known only to their town
    are left out there, since their point is a placeholder.
    """
    counts = by_label(edition)
    parts = [counts[counts["la_code"].isin(place.whole)]]
    if place.cut:
        parts.append(edition.store.query(_counts(edition, _AT_POINTS), beside=_ground(edition, place)))
    return pd.concat(parts).groupby("label", sort=True)["firms"].sum().reset_index()


def area_firms(edition: Edition, place: Place, labels: frozenset[str]) -> int:
    """Return the firms of a place that have any of the labels, each once."""
    if len(labels) <= 1:
        rows = area_by_label(edition, place)
        return int(rows.loc[rows["label"] == next(iter(labels), ALL), "firms"].sum())
    counts = by_authority(edition, labels)
    whole = int(counts.loc[counts["la_code"].isin(place.whole), "firms"].sum())
    cut = _of_labels(edition, labels, _AT_POINTS, _ground(edition, place)) if place.cut else None
    return whole + (int(cut["firms"].sum()) if cut is not None else 0)


def inside(place: Place, points: pd.DataFrame) -> Any:
    """Say which points (easting, northing) lie in a place."""
    shapely.prepare(place.geometry)
    east, north = points["easting"].to_numpy(float), points["northing"].to_numpy(float)
    return shapely.intersects_xy(place.geometry, east, north)


@lru_cache(maxsize=32)
def _ground(edition: Edition, place: Place) -> Mapping[str, pd.DataFrame]:
    """Return the authorities that the place cuts through, and the points of firms there that lie in it."""
    cut = pd.DataFrame({"la_code": sorted(place.cut)})
    west, south, east, north = place.geometry.bounds
    points = edition.store.query(_POINTS, [west, east, south, north], {"cut": cut})
    return {"cut": cut, "kept": points[inside(place, points)]}


def _counts(edition: Edition, where: str) -> str:
    return _COUNTS.format(where=where, labelled=_OWN_LABELS if edition.about.own else _SHIPPED_LABELS)


def _of_labels(
    edition: Edition,
    labels: Collection[str],
    where: str,
    beside: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    condition = _OWN_OF if edition.about.own else _SHIPPED_OF
    sql = _OF_LABELS.format(where=where, joint="AND" if where else "WHERE", condition=condition)
    return edition.store.query(sql, [sorted(labels)], beside)
