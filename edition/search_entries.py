"""What the search of an edition knows: a row for each thing that has a name and a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.schemas import ASSET_TYPES
from geo.boundaries import kind_of
from geo.gazetteer import towns
from geo.publishable import TO_NEAREST

if TYPE_CHECKING:
    from collections.abc import Mapping


def search_entries(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the entries of the shipped edition, and the towns among them."""
    named = towns()
    rows = [
        entry("town", named, named["id"], named["name"], named["detail"], named["weight"]),
        *_region_entries(tables["regions"]),
        cluster_entries(tables["clusters"]),
        _project_entries(tables["projects"]),
        _firm_entries(tables["firms"]),
        _asset_entries(tables["assets"]),
    ]
    return {"entries": pd.concat(rows, ignore_index=True), "towns": pd.DataFrame(named)}


def entry(kind: str, frame: pd.DataFrame, *columns: pd.Series) -> pd.DataFrame:
    """Return rows for the search, from columns id, name, detail and weight, and the places of a frame."""
    names = ("id", "name", "detail", "weight")
    rows = pd.DataFrame(dict(zip(names, columns, strict=True)))
    rows = rows.assign(kind=kind, lon=frame["lon"], lat=frame["lat"])
    for edge in ("west", "south", "east", "north"):
        rows[edge] = frame.get(edge, np.nan)
    return rows


def _region_entries(rows: pd.DataFrame) -> list[pd.DataFrame]:
    parts = []
    for level, frame in rows.groupby("level", sort=False):
        detail = frame["region_id"].map(lambda ref, level=level: kind_of(str(level), ref))
        # A region outranks a town of its name: it is what the map can say most about.
        weight = frame["population"] + 1e6
        parts.append(entry(str(level), frame, frame["region_id"], frame["name"], detail, weight))
    return parts


def cluster_entries(rows: pd.DataFrame) -> pd.DataFrame:
    """Return clusters as the search has them."""
    detail = rows["firms"].astype(str) + " firms, " + rows["type"]
    return entry("cluster", rows, rows["cluster_id"], rows["name"], detail, rows["firms"] * 1e6)


def _project_entries(rows: pd.DataFrame) -> pd.DataFrame:
    weight = rows["award_gbp"].fillna(0) / 100
    return entry("project", rows, rows["project_id"], rows["name"], rows["programme"], weight)


def _firm_entries(rows: pd.DataFrame) -> pd.DataFrame:
    weight = rows["size_band"].map({"large": 4e4, "medium": 3e4, "small": 2e4}).fillna(1e4)
    near = np.where(rows["withheld"], f", {TO_NEAREST}", "")
    detail = rows["technology"] + ", " + rows["town"] + near
    return entry("firm", rows, rows["firm_id"], rows["name"], detail, weight)


def _asset_entries(rows: pd.DataFrame) -> pd.DataFrame:
    weight = pd.Series(5e4, index=rows.index)
    return entry("asset", rows, rows["asset_id"], rows["name"], rows["type"].map(ASSET_TYPES), weight)
