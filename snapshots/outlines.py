"""Places outlined on a map in print, with what lies outside of them made paler, and their part of the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import shapely
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba

from geo.projections import to_lonlat
from layers.mark import Entry, Legend, Look, Name
from snapshots.brief_map import VEIL, cut, outline
from snapshots.layout import MM_PER_INCH, Box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from layers.sheet import Sheet
    from layers.style import Style
    from regions.place import Place

# Points on A4: the line, and the halo that lifts it off what colours the regions.
LINE, HALO = 1.1, 2.6
# Millimetres: bends that a line leaves out, and the side of a square below which an island gets no line:
# around a thousand islets the lines would be all that is seen.
BEND, LEAST_ISLAND = 0.2, 1.2
# Above regions and coast, below marks; the veil below the line.
HEIGHTS: Final = (3.4, 3.5, 3.6)
# Names of places come before those of clusters.
WEIGHT = 1e12
ONE_SCALE = "All maps are at one scale."
PALER = "What lies outside is paler."


def draw_outlines(sheet: Sheet, places: Sequence[Place], look: Style, scale: float, *, veiled: bool) -> None:
    """Outline places on a map, and make paler what lies outside of them where that is asked for.

    Parameters
    ----------
    sheet
        With its frame set.
    places
        Those to be outlined; what lies far outside of the frame is left out.
    look, scale
        Looks, and how large lines are against A4.
    veiled
        Whether the map is of these places alone.
    """
    west, south, east, north = sheet.frame
    frame = Box(west, south, east - west, north - south)
    axes = sheet.axes
    mm = frame.width / (axes.bbox.width / axes.figure.dpi * MM_PER_INCH)
    parts = cut([place.geometry for place in places], frame)
    veil, below, above = HEIGHTS
    if veiled:
        by = max(frame.width, frame.height)
        whole = shapely.box(west - by, south - by, east + by, north + by)
        rest = shapely.difference(whole, shapely.union_all(parts)) if parts else whole
        paint = to_rgba(look.colours["panel"], VEIL)
        axes.add_collection(
            PathCollection([outline(rest)], facecolors=paint, edgecolors="none", zorder=veil), autolim=False
        )
    lines = [outline(part) for whole in parts for part in _drawn(whole, mm)]
    for colour, width, zorder in (("halo", HALO, below), ("ink", LINE, above)):
        sheet.outlines(lines, Look(edge=look.colours[colour], width=width * scale), zorder)


def _drawn(shape: BaseGeometry, metres_per_mm: float) -> list[BaseGeometry]:
    """Return the parts of a place that get a line, as fine as print shows it; the largest always does."""
    parts = shapely.get_parts(shapely.simplify(shape, BEND * metres_per_mm))
    areas = shapely.area(parts)
    return [*parts[areas >= min((LEAST_ISLAND * metres_per_mm) ** 2, areas.max(initial=0.0))]]


def name_places(sheet: Sheet, places: Sequence[Place], names: Mapping[str, str], look: Style) -> None:
    """Ask for the names of places on a map, each within what is seen of it and of no smaller one."""
    frame = shapely.box(*sheet.frame)
    shapes = [shapely.intersection(shapely.make_valid(place.geometry), frame) for place in places]
    for number, (place, shape) in enumerate(zip(places, shapes, strict=True)):
        if shapely.is_empty(shape):
            continue
        inner = [other for other in shapes if shapely.area(other) < shapely.area(shape)]
        own = shapely.difference(shape, shapely.union_all(inner))
        spot = shapely.point_on_surface(shape if shapely.is_empty(own) else own)
        lon, lat = (float(value) for value in to_lonlat(spot.x, spot.y))
        sheet.names.append(
            Name((names[place.ref],), lon, lat, 0.0, WEIGHT - number, look.colours["ink"], strong=True)
        )


def explained(names: Sequence[str], look: Style, scale: float, *, veiled: bool, several: bool) -> Legend:
    """Return the part of the key that says what the outline is.

    Parameters
    ----------
    names
        What the places are called.
    several
        Whether each place has a map of its own.
    """
    sign = Look(edge=look.colours["ink"], width=LINE * scale)
    several_of = "place compared" if veiled else "place chosen"
    entry = Entry(several_of if len(names) > 1 else names[0], swatch=sign)
    notes = [PALER if veiled else "", ONE_SCALE if several else ""]
    return Legend("Places" if len(names) > 1 else "Place", (entry,), " ".join(filter(None, notes)))
