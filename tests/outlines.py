"""Outlines that tests upload."""

from __future__ import annotations

from math import cos, pi, sin

import shapely


def too_long(corners=4_000, lon=-1.31, lat=51.57):
    """Return a jagged area (EPSG:4326) whose outline does not fit into an address."""
    turns = [2 * pi * number / corners for number in range(corners)]
    wide = [0.12 + 0.01 * (number % 2) for number in range(corners)]
    return shapely.Polygon(
        [(lon + far * cos(turn), lat + 0.6 * far * sin(turn)) for far, turn in zip(wide, turns, strict=True)]
    )
