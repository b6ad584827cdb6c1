"""Clusters that government, agencies and studies name, and what the map says when it is asked for each.

They are a test of the map and no input of it: nothing in `clusters/` knows them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from data.plural import count
from data.taxonomy import technologies, titles

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

FOUND, PALE, NEARLY, NOT_FOUND = "found", "pale", "nearly", "not found"
ANSWERS = (FOUND, PALE, NEARLY, NOT_FOUND)
COLUMNS = ("known_id", "answer", "cluster_id", "cluster", "distance_km", "reason")
KM = 1_000.0


def answers(
    known: pd.DataFrame,
    clusters: gpd.GeoDataFrame,
    nearly: pd.DataFrame | None = None,
    *,
    firms: pd.DataFrame | None = None,
    least: int = 0,
) -> pd.DataFrame:
    """Ask the map for each cluster that others name.

    One is found where a cluster of its technology has its footprint within its radius of its centre. Where
    none has, or it names no technology, a cluster of its sector or of another technology of that sector
    answers, and the reason says so.

    Parameters
    ----------
    known : DataFrame
        Columns known_id, is8, technology (may be empty), easting, northing (metres, EPSG:27700), radius_km.
    clusters : GeoDataFrame
        Columns cluster_id, label, name, geometry (EPSG:27700); standing ("solid" or "pale") where known, else
        all are solid.
    nearly : DataFrame, optional
        What came nearest to a cluster: label, place, easting, northing, radius_m, observed, expected, p (the
        share of chance maps that do as well), e (places as striking that chance gives on a map), more (firms
        short), reason.
    firms : DataFrame, optional
        For the reasons: is8, technologies (lists), easting, northing, point (whether it may be one).
    least : int, optional
        Firms that a cluster needs at least; 0 where that is not said.

    Returns
    -------
    DataFrame
        `COLUMNS`, a row for each row of `known` in its order: answer is one of `ANSWERS`; cluster_id and
        cluster (its name) are empty where there is none; distance_km is that from the centre to the footprint
        or to the disc that came near, missing where there is neither; reason is in plain words.
    """
    ground = _Ground(_standing(clusters), nearly, firms, least)
    rows = [ground.answer(row) for row in known.itertuples(index=False)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"distance_km": float})


def asked(known: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """Return the clusters that others name with what the map says of each beside them."""
    return known.merge(said, on="known_id", how="left", validate="1:1")


@dataclass(frozen=True, eq=False)
class _Ground:
    """What the map has, to be asked for one cluster after another."""

    clusters: gpd.GeoDataFrame
    nearly: pd.DataFrame | None
    firms: pd.DataFrame | None
    least: int

    def answer(self, row: Any) -> tuple[Any, ...]:
        """Return what the map says of one: `COLUMNS`."""
        labels = _labels(row)
        there = self._there(row, labels)
        other = len(there) == 0 and bool(row.technology)
        if other:
            there = self._there(row, _of_sector(row.is8))
        if len(there):
            best = there.iloc[0]
            pale = best["standing"] == PALE
            reason = f"{best['name']}, a pale one: chance may do as well" if pale else best["name"]
            reason += f"; of the same sector, not of {titles()[row.technology]}" if other else ""
            metres = float(best["metres"])
            answer = PALE if pale else FOUND
            return row.known_id, answer, best["cluster_id"], best["name"], _km(metres), reason
        near = self._nearest(row, labels)
        if near is not None:
            return row.known_id, NEARLY, "", "", _km(float(near["metres"])), _near_words(near)
        return row.known_id, NOT_FOUND, "", "", math.nan, self._why_none(row)

    def _there(self, row: Any, labels: Iterable[str]) -> pd.DataFrame:
        """Return the clusters of labels that reach into the circle: solid ones first, then by distance."""
        ours = self.clusters[self.clusters["label"].isin([*labels])]
        metres = shapely.distance(ours.geometry.to_numpy(), shapely.Point(row.easting, row.northing))
        rows = pd.DataFrame(ours.drop(columns=ours.geometry.name))
        rows = rows.assign(metres=metres, faint=rows["standing"] == PALE)
        inside: pd.DataFrame = rows[rows["metres"] <= row.radius_km * KM]
        return inside.sort_values(["faint", "metres", "cluster_id"])

    def _nearest(self, row: Any, labels: Iterable[str]) -> pd.Series | None:
        """Return what came nearest to a cluster in the circle: what chance does least often."""
        if self.nearly is None or self.nearly.empty:
            return None
        ours = self.nearly[self.nearly["label"].isin([*labels])]
        away = np.hypot(ours["easting"] - row.easting, ours["northing"] - row.northing)
        rows = ours.assign(metres=(away - ours["radius_m"]).clip(lower=0.0))
        rows = rows[rows["metres"] <= row.radius_km * KM].sort_values(["e", "metres"])
        return rows.iloc[0] if len(rows) else None

    def _why_none(self, row: Any) -> str:
        named = titles().get(row.technology or row.is8, row.technology or row.is8)
        what = named[:1].lower() + named[1:]
        if self.firms is None:
            return f"no cluster of {what} reaches within {row.radius_km:g} km"
        points, by_town = self._firms_there(row)
        within = f"of {what} with a precise place within {row.radius_km:g} km"
        told = f"the sample has {count(points, 'firm') if points else 'no firm'} {within}"
        if by_town:
            told += f" and {by_town:,} known only to a town there, which can make none"
        if points < self.least:
            return f"{told}; a cluster needs {self.least}"
        return f"{told}, and nowhere among them do they stand out from the firms around"

    def _firms_there(self, row: Any) -> tuple[int, int]:
        """Return how many firms of what is named lie in the circle: at a point, and by their town alone."""
        firms = pd.DataFrame() if self.firms is None else self.firms
        away = np.hypot(firms["easting"] - row.easting, firms["northing"] - row.northing)
        inside = firms[away <= row.radius_km * KM]
        ours = inside["is8"] == row.is8
        if row.technology:
            ours = pd.Series([row.technology in all_of for all_of in inside["technologies"]], inside.index)
        points = inside["point"][ours.astype(bool)]
        return int(points.sum()), int((~points).sum())


def _standing(clusters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return clusters with their standing: solid where nobody says."""
    return clusters if "standing" in clusters else clusters.assign(standing="solid")


def _labels(row: Any) -> tuple[str, ...]:
    """Return the labels whose clusters answer for what is named."""
    return (row.technology,) if row.technology else _of_sector(row.is8)


def _of_sector(sector: str) -> tuple[str, ...]:
    return (sector, *(family.id for family in technologies() if family.sector == sector))


def _km(metres: float) -> float:
    return round(metres / KM, 1)


def _near_words(near: pd.Series) -> str:
    """Say what came near, against what was expected, and how often chance does as well."""
    if pd.isna(near["observed"]) or pd.isna(near["expected"]):
        return str(near["reason"])
    what = titles().get(near["label"], near["label"])
    firms = (
        f"{what}, {near['place']}: {count(int(near['observed']), 'firm')} where {_number(near['expected'])}"
    )
    verb = "is" if _number(near["expected"]) == "1" else "are"
    more = near["more"]
    short = f"; {count(int(more), 'more firm')} would do" if pd.notna(more) and more > 0 else ""
    return f"{firms} {verb} expected; {_chance(near['p'], near['e'])}{short}"


def _number(value: float) -> str:
    """Return a number of firms that are expected, with a digit after the point where it is small."""
    text = f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    return text.removesuffix(".0")


def _chance(share: float, places: float) -> str:
    """Say how often chance does as well.

    Parameters
    ----------
    share
        Of maps with shuffled labels, those that have anything as striking; missing where not known.
    places
        As striking as this, by chance, on a map.
    """
    if pd.isna(share):
        return f"chance gives {places:.1f} as striking on a map"
    if share <= 0:
        return "chance did as well on none of the maps drawn"
    if share >= 0.5:
        return f"chance does as well in {share:.0%} of maps"
    return f"chance does as well in 1 of {1 / share:.0f} maps"
