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
from matplotlib.transforms import IdentityTransform

from geo.projections import to_bng
from layers.outline import paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from layers.mark import Look, Mark, Name, Shape
    from layers.outline import Place

HATCH = "/" * 5
HATCH_WIDTH = 0.35
# Marks of a layer that SVG and PDF hold as lines; more become a picture within the file, which stays small.
MOST_LINES = 1_500
# Marks so far beyond the edge, in shares of the map, cannot be seen.
BEYOND = 0.1
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
CLEAR = (0.0, 0.0, 0.0, 0.0)


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

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what is shown, in the coordinates of the axes."""
        (west, east), (south, north) = sorted(self.axes.get_xlim()), sorted(self.axes.get_ylim())
        return west, south, east, north

    def areas(self, geometries: Sequence[dict[str, Any]], *coats: tuple[Look, float]) -> None:
        """Paint GeoJSON polygons in one look or several, each at its height in the stack."""
        outlines = paths(geometries, self.place, self.frame)
        for look, zorder in coats if outlines else ():
            self.outlines(outlines, look, zorder)

    def outlines(self, outlines: Sequence[Path], look: Look, zorder: float) -> None:
        """Paint paths that are in the coordinates of the axes."""
        found = PathCollection(outlines, **_paint([look]), zorder=zorder)
        if look.hatch:
            found.set_hatch(HATCH)
            found.set_hatchcolor(look.hatch)
            found.set_hatch_linewidth(HATCH_WIDTH)
        self.axes.add_collection(found, autolim=False)

    def marks(self, lon: Sequence[float], lat: Sequence[float], marks: Sequence[Mark], zorder: float) -> None:
        """Draw a mark at each place, in their order; those of one shape that follow each other at once."""
        if not len(marks):
            return
        x, y = self.place(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        seen = np.flatnonzero(self._seen(x, y)).tolist()
        for shape, run in groupby(seen, key=lambda row: marks[row].shape):
            rows = list(run)
            self._symbols(np.column_stack([x[rows], y[rows]]), [marks[row] for row in rows], shape, zorder)

    def _seen(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        west, south, east, north = self.frame
        wide, high = (east - west) * BEYOND, (north - south) * BEYOND
        across = (x >= west - wide) & (x <= east + wide)
        return np.asarray(across & (y >= south - high) & (y <= north + high))

    def _symbols(
        self, spots: NDArray[np.float64], marks: Sequence[Mark], shape: Shape, zorder: float
    ) -> None:
        marker = MarkerStyle(MARKERS[shape])
        looks = [mark.look for mark in marks]
        radii = np.array([mark.radius for mark in marks])
        # Matplotlib gives the area of the square around a mark.
        found = PathCollection(
            [marker.get_path().transformed(marker.get_transform())], (2 * radii) ** 2,
            offsets=spots, offset_transform=self.axes.transData,
            **_paint(looks[:1] if len(set(looks)) == 1 else looks), zorder=zorder,
        )  # fmt: skip
        found.set_transform(IdentityTransform())
        found.set_rasterized(len(marks) > MOST_LINES)
        # In a legend, whose axes are off, a large mark may reach into the margin.
        found.set_clip_on(self.axes.axison)
        self.axes.add_collection(found, autolim=False)


def _paint(looks: Sequence[Look]) -> dict[str, Any]:
    """Return the paint of things as matplotlib wants it: each in its look, or all in the only one."""
    faces = [to_rgba(look.face, look.alpha) if look.face else CLEAR for look in looks]
    edges = [to_rgba(look.edge) if look.edge else CLEAR for look in looks]
    return {
        "facecolors": faces if any(look.face for look in looks) else "none",
        "edgecolors": edges if any(look.edge for look in looks) else "none",
        "linewidths": [look.width if look.edge else 0.0 for look in looks],
        "linestyles": [(0, look.dashes or None) for look in looks],
    }
