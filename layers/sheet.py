"""The sheet that print faces draw on: areas, marks, names; degrees on a map, millimetres in a legend.

This module and `outline` alone import matplotlib here, and no other imports them, so that the app's
page never waits for it: whoever makes a picture hands a sheet to the layers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from geo.projections import to_bng
from layers.outline import paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from layers.mark import Look, Mark, Name, Shape
    from layers.outline import Place

HATCH = "/" * 5
HATCH_WIDTH = 0.35
MARKERS: Mapping[Shape, str | Path] = MappingProxyType(
    {
        "circle": "o",
        "left": Path.wedge(90, 270),
        "right": Path.wedge(270, 90),
        "square": "s",
        "star": "*",
        "triangle": "^",
        "diamond": "D",
        "cross": "P",
        "pentagon": "p",
    }
)
Spot = tuple[float, float, float]


@dataclass(frozen=True)
class Sheet:
    """Where layers draw.

    Attributes
    ----------
    axes : Axes
        With its limits set.
    zoom : float
        Zoom of the screen that would show about as much: decides between discs and footprints.
    place : callable
        From longitudes and latitudes to the coordinates of the axes.
    names : list of Name
        What the layers want written; whoever finishes the picture finds room for them.
    solid, open : list of tuple
        Longitude, latitude and radius (points) of marks that names must not cover, and better not.
    """

    axes: Axes
    zoom: float = 6.0
    place: Place = to_bng
    names: list[Name] = field(default_factory=list)
    solid: list[Spot] = field(default_factory=list)
    open: list[Spot] = field(default_factory=list)

    def areas(self, geometries: Sequence[dict[str, Any]], *coats: tuple[Look, float]) -> None:
        """Paint GeoJSON polygons in one look or several, each at its height in the stack."""
        if not len(geometries):
            return
        outlines = paths(geometries, self.place)
        for look, zorder in coats:
            self._coat(outlines, look, zorder)

    def _coat(self, outlines: Sequence[Path], look: Look, zorder: float) -> None:
        found = PathCollection(outlines, **_paint(look), zorder=zorder)
        if look.hatch:
            found.set_hatch(HATCH)
            found.set_hatchcolor(look.hatch)
            found.set_hatch_linewidth(HATCH_WIDTH)
        self.axes.add_collection(found, autolim=False)

    def marks(self, lon: Sequence[float], lat: Sequence[float], marks: Sequence[Mark], zorder: float) -> None:
        """Draw a mark at each place; marks that differ in size alone are drawn together, in their order."""
        if not len(marks):
            return
        x, y = self.place(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        start = 0
        for mark, run in groupby(marks, key=lambda mark: mark.sized(0.0)):
            size = len(radii := [each.radius for each in run])
            part = slice(start, start + size)
            self._scatter(x[part], y[part], np.array(radii), mark, zorder)
            start += size

    def _scatter(self, x: Any, y: Any, radii: Any, mark: Mark, zorder: float) -> None:
        marker = MarkerStyle(MARKERS[mark.shape])
        # Matplotlib gives the area of the square around a mark.
        self.axes.scatter(x, y, s=(2 * radii) ** 2, marker=marker, **_paint(mark.look), zorder=zorder)


def _paint(look: Look) -> dict[str, Any]:
    return {
        "facecolors": to_rgba(look.face, look.alpha) if look.face else "none",
        "edgecolors": look.edge or "none",
        "linewidths": look.width,
        "linestyles": [(0, look.dashes)] if look.dashes else "solid",
    }
