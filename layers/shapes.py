"""Shapes of an edition as GeoJSON, read once: pictures draw the same outlines over and over."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from edition.edition import Edition

# Every level, the land and the areas of awards.
MOST = 9


class Kept(dict[str, Any]):
    """A GeoJSON geometry that remembers what was made of it; to others it is a mapping like any."""

    shape: Any = None


@lru_cache(maxsize=MOST)
def shapes(edition: Edition, name: str) -> dict[str, Any]:
    """Return shapes as a GeoJSON feature collection, in degrees; shared, so not to be changed.

    Parameters
    ----------
    edition
        Whose shapes.
    name
        As in `Edition.shapes`, such as ``la-fine``.
    """
    found: dict[str, Any] = orjson.loads(edition.shapes[name])
    for feature in found["features"]:
        feature["geometry"] = Kept(feature["geometry"])
    return found


@lru_cache(maxsize=2)
def areas(edition: Edition) -> dict[str, Kept]:
    """Return the outlines of areas that awards are for, by id; shared, so not to be changed."""
    rows = edition.tables["areas"]
    return {
        area: Kept(orjson.loads(text)) for area, text in zip(rows["area_id"], rows["geojson"], strict=True)
    }
