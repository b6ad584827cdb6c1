"""Maps of a brief: a cluster, a place, the country or several places at one scale, with the key to each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import compress
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.path import Path

from geo.boundaries import is_approximate
from geo.projections import to_bng, to_lonlat
from layers.mark import Entry, Look, Mark
from layers.registry import shown
from layers.sheet import Sheet
from layers.style import edition_style
from snapshots.picture.furniture import round_length
from snapshots.picture.layout import Box
from snapshots.picture.lettering import Letters
from snapshots.picture.place_names import write_names
from words.numbers import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from edition.edition import Edition
    from edition.view import View
    from layers.base import Layer, Payload
    from layers.style import Style
    from snapshots.picture.canvas import Canvas, Setting

FLAG = "Approximate boundaries"
METRES_AT_ZOOM_0 = 92_000
# Pixels of the screen whose map shows as much as one of these does: decides between discs and footprints.
WINDOW = 650
# Steps across a map that print can tell apart.
FINENESS = 2_500
# Beyond the frame, so that outlines do not end within it; share of its size.
BEYOND = 0.04
# Maps narrower than this are of a small part, where villages are named as well, metres.
CLOSE = 40_000.0
# Where payloads hold what is drawn, beside what their layers name.
THINGS = ("rows", "points", "features")
# Frames narrower than this are found more easily on a small map of the country, metres.
LOCATED_BELOW = 400_000.0
LOCATOR = (15.0, 24.0)
COUNTRY = Box(60_000, 0, 600_000, 1_225_000)
VEIL = 0.55
OUTLINE = 1.0
LEAST_EXTENT = 3_000.0
# Points: radius of the dot of one firm.
FIRM = 1.25
# Firms that the key shows dots for.
FIRMS = (1, 5, 25, 125)
# Millimetres: what the scale bar may take; from what width on there is room for a flag; and, square, the room
# that a map has for each name of a town.
BAR_ROOM, FLAG_WIDTH, TOWN_MM2 = 36.0, 60.0, 600.0


@dataclass(frozen=True, eq=False)
class Ground:
    """What a map shows.

    Attributes
    ----------
    edition, view
        Layers are those of the view, whatever its position.
    bounds
        Left, bottom, right, top of what has to be on it, metres of the National Grid.
    outlines
        Places that are outlined (EPSG:27700): what lies outside all of them is paler.
    cluster
        Id of the only cluster to be drawn; all of the view's when empty.
    locator
        Whether a map of a small part of the country shows where it lies.
    """

    edition: Edition
    view: View
    bounds: tuple[float, float, float, float]
    outlines: tuple[BaseGeometry, ...] = ()
    cluster: str = ""
    locator: bool = True


def cut(shapes: Sequence[BaseGeometry], frame: Box) -> list[BaseGeometry]:
    """Return what of polygons (EPSG:27700) lies in a frame or just beyond it, as fine as print shows it."""
    by = max(frame.width, frame.height)
    edges = (
        frame.left - by * BEYOND,
        frame.bottom - by * BEYOND,
        frame.right + by * BEYOND,
        frame.top + by * BEYOND,
    )
    finer = [shapely.simplify(shape, by / FINENESS) for shape in shapes]
    kept = [shapely.make_valid(shapely.clip_by_rect(shape, *edges)) for shape in finer]
    return [shape for shape in kept if not shapely.is_empty(shape)]


def outline(shape: BaseGeometry) -> Path:
    """Return polygons (metres) as a path, holes wound the other way."""
    parts = shapely.get_parts(shapely.orient_polygons(shape))
    rings = shapely.get_rings(parts[shapely.get_dimensions(parts) == 2])
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    codes[np.flatnonzero(np.diff(ring, prepend=-1))] = Path.MOVETO
    codes[np.flatnonzero(np.diff(ring, append=-1))] = Path.CLOSEPOLY
    return Path(points, codes)


def degrees(frame: Box) -> tuple[float, float, float, float]:
    """Return west, south, east, north that surely hold a frame of metres."""
    x = np.linspace(frame.left, frame.right, 9)
    y = np.linspace(frame.bottom, frame.top, 9)
    lon, lat = to_lonlat(np.tile(x, 9), np.repeat(y, 9))
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def padded(bounds: Iterable[float], share: float, least: float) -> tuple[float, float, float, float]:
    """Return bounds with air around: a share of their larger side, and at least so many metres."""
    left, bottom, right, top = (float(edge) for edge in bounds)
    by = max(least, share * max(right - left, top - bottom))
    return left - by, bottom - by, right + by, top + by


def frame_of(bounds: tuple[float, ...], box: Box, metres_per_mm: float = 0.0) -> Box:
    """Return the ground around the middle of bounds that a box of the page shows.

    Parameters
    ----------
    bounds
        That have to be on it, metres.
    box
        Of the page, millimetres.
    metres_per_mm
        Scale; as large as the bounds allow when 0.
    """
    left, bottom, right, top = bounds
    scale = metres_per_mm or scale_of(bounds, box)
    wide, high = box.width * scale, box.height * scale
    return Box((left + right - wide) / 2, (bottom + top - high) / 2, wide, high)


def scale_of(bounds: tuple[float, ...], box: Box) -> float:
    """Return the metres a millimetre at which bounds just fit into a box of the page."""
    left, bottom, right, top = bounds
    return max((right - left) / box.width, (top - bottom) / box.height, LEAST_EXTENT / box.width)


def zoom_of(frame: Box) -> float:
    """Return the zoom at which a window of the screen shows about as much."""
    return float(np.clip(log2(METRES_AT_ZOOM_0 * WINDOW / max(frame.width, frame.height)), 3.0, 17.9))


def at(view: View, frame: Box) -> View:
    """Return the view at the position of a frame."""
    lon, lat = (float(value) for value in to_lonlat(*frame.middle))
    return view.model_copy(update={"at": (round(lat, 5), round(lon, 5), round(zoom_of(frame), 2))})


def payloads(ground: Ground, frame: Box) -> dict[str, Payload]:
    """Return what each layer shows of the frame, in the order of drawing."""
    found = {layer.kind: _seen(layer, ground, frame) for layer in shown(ground.view)}
    if "clusters" in found and ground.cluster:
        rows = [row for row in found["clusters"]["features"] if row["id"] == ground.cluster]
        found["clusters"] = {**found["clusters"], "features": rows}
    if "projects" in found:
        found["projects"] = {**found["projects"], "areas": _outlined(found["projects"]["areas"], frame)}
    return found


def _seen(layer: Layer, ground: Ground, frame: Box) -> Payload:
    """Return what a layer shows of a frame: of what lies at points, those inside."""
    if layer.close_up is not None and frame.width < CLOSE:
        return layer.close_up(ground.edition)
    if layer.local:
        found = layer.payload(ground.edition, at(ground.view, frame))
    else:
        found = _payload(layer, ground.edition, ground.view)
    if not layer.points:
        return found
    rows = [row for row in found[layer.points] if _inside(row.get("properties", row), frame)]
    return {**found, layer.points: rows}


# Maps beside each other, and the key to each, show the same layers: few are held, since each is large.
@lru_cache(maxsize=12)
def _payload(layer: Layer, edition: Edition, view: View) -> Payload:
    return layer.payload(edition, view)


def _outlined(areas: Payload, frame: Box) -> Payload:
    """Leave out the areas of awards whose outline does not run through the frame."""
    features = areas["features"]
    shapes = shapely.from_geojson([orjson.dumps(one["geometry"]) for one in features])
    seen = shapely.intersects(shapely.boundary(shapes), shapely.box(*degrees(frame)))
    return {**areas, "features": [*compress(features, seen)]}


def _inside(row: dict[str, Any], frame: Box) -> bool:
    x, y = (float(value) for value in to_bng(row["lon"], row["lat"]))
    return frame.left <= x <= frame.right and frame.bottom <= y <= frame.top


def painter(ground: Ground) -> Callable[[Canvas, Box, Setting], None]:
    """Return what draws a map into a box of the page."""
    return lambda canvas, box, _setting: paint(ground, canvas, box)


def paint(ground: Ground, canvas: Canvas, box: Box, metres_per_mm: float = 0.0) -> None:
    """Draw a map into a box of the page (millimetres from the lower left corner)."""
    look = edition_style(ground.edition)
    figure = canvas.axes.figure
    frame = frame_of(ground.bounds, box, metres_per_mm)
    axes = figure.add_axes(_share(box, canvas), label="map", xticks=[], yticks=[])
    axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top), autoscale_on=False)
    axes.spines[:].set(color=look.colours["outline"], linewidth=0.4)
    scale = frame.width / box.width
    window = Sheet(axes, zoom=zoom_of(frame))
    found = payloads(ground, frame)
    for layer in shown(ground.view):
        draw = _firms if layer.kind == "firms" else layer.draw
        draw(window, found[layer.kind], look)
    _outlines(window, ground, frame, look)
    # The only cluster of a map is what its page is called.
    window.names[:] = [name for name in window.names if not (ground.cluster and name.strong)]
    located = ground.locator and frame.width < LOCATED_BELOW
    taken = [Box(box.right - BAR_ROOM, box.bottom, BAR_ROOM, 6.2), *([_inner(box)] if located else [])]
    flag = FLAG if is_approximate() and box.width > FLAG_WIDTH else ""
    write_names(window, box, look, flag, taken=taken, most=int(box.width * box.height / TOWN_MM2))
    _scale_bar(window, box, scale, look)
    if located:
        _locator(canvas, _inner(box), frame, ground.edition, look)


def _firms(sheet: Sheet, payload: Payload, look: Style) -> None:
    """Draw firms so that they can be seen on a footprint: ringed, and their area growing with the count."""
    rows = payload["rows"]
    marks = [_firm(row["count"], look) for row in rows]
    sheet.marks([row["lon"] for row in rows], [row["lat"] for row in rows], marks, zorder=5.5)


def _firm(number: int, look: Style) -> Mark:
    paint_ = Look(look.colours["ink"], look.colours["halo"], 0.45)
    return Mark("circle", FIRM * float(np.sqrt(number)), paint_)


def _share(box: Box, canvas: Canvas) -> tuple[float, float, float, float]:
    wide, high = canvas.width, canvas.height
    return box.left / wide, box.bottom / high, box.width / wide, box.height / high


def _outlines(window: Sheet, ground: Ground, frame: Box, look: Style) -> None:
    """Outline the places, and make paler what lies outside of them."""
    if not ground.outlines:
        return
    parts = cut(ground.outlines, frame)
    ink = look.colours["ink"]
    whole = shapely.box(
        frame.left - frame.width,
        frame.bottom - frame.height,
        frame.right + frame.width,
        frame.top + frame.height,
    )
    rest = shapely.difference(whole, shapely.union_all(parts)) if parts else whole
    veil = PathCollection(
        [outline(rest)], facecolors=to_rgba(look.colours["panel"], VEIL), edgecolors="none", zorder=3.4
    )
    edge = PathCollection(
        [*map(outline, parts)], facecolors="none", edgecolors=ink, linewidths=OUTLINE, zorder=3.6
    )
    for found in (veil, edge):
        window.axes.add_collection(found, autolim=False)


def _scale_bar(window: Sheet, box: Box, scale: float, look: Style) -> None:
    """Draw a bar of a round length in the lower right corner."""
    metres = round_length(min(BAR_ROOM - 6.0, box.width * 0.32) * scale)
    axes, ink = window.axes, look.colours["ink"]
    right, base = 1 - 2.2 / box.width, 2.4 / box.height
    left = right - metres / scale / box.width
    rise = 0.9 / box.height
    # A plate below, so that it can be read on any ground.
    axes.fill(
        [left - 1.4 / box.width, 1, 1, left - 1.4 / box.width],
        [0, 0, 6.2 / box.height, 6.2 / box.height],
        transform=axes.transAxes, facecolor=look.colours["panel"], alpha=0.8, edgecolor="none", zorder=9.1,
    )  # fmt: skip
    axes.plot(
        [left, left, right, right], [base + rise, base, base, base + rise],
        transform=axes.transAxes, color=ink, linewidth=0.8, solid_capstyle="butt", zorder=9.2,
    )  # fmt: skip
    words = f"{metres / 1000:,.0f} km" if metres >= 1000 else f"{metres:,.0f} m"
    letters = Letters(5.6, ink)
    axes.text(
        (left + right) / 2, base + 1.2 / box.height, words, transform=axes.transAxes, ha="center",
        va="baseline", fontproperties=letters.font, color=ink, parse_math=False, zorder=9.3,
    )  # fmt: skip


def _inner(box: Box) -> Box:
    wide, high = LOCATOR
    return Box(box.right - wide - 1.2, box.top - high - 1.2, wide, high)


def _locator(canvas: Canvas, inner: Box, frame: Box, edition: Edition, look: Style) -> None:
    """Draw a small map of the country in the upper right corner, with the frame on it."""
    axes = canvas.axes.figure.add_axes(_share(inner, canvas), label="locator", xticks=[], yticks=[])
    axes.set_facecolor(look.colours["panel"])
    axes.spines[:].set(color=look.colours["outline"], linewidth=0.4)
    around = frame_of((COUNTRY.left, COUNTRY.bottom, COUNTRY.right, COUNTRY.top), inner)
    axes.set(xlim=(around.left, around.right), ylim=(around.bottom, around.top), autoscale_on=False)
    land = PathCollection([_country(edition)], facecolors=look.colours["ramp"][1], edgecolors="none")
    axes.add_collection(land, autolim=False)
    x, y = frame.middle
    axes.plot(
        [x],
        [y],
        marker="o",
        markersize=9,
        markerfacecolor="none",
        markeredgecolor="#B3400E",
        markeredgewidth=0.9,
    )
    axes.plot([x], [y], marker="o", markersize=2.2, color="#B3400E", markeredgewidth=0)


@lru_cache(maxsize=4)
def _country(edition: Edition) -> Path:
    """Return the land of the country as coarse as a thumbnail shows it."""
    whole = shapely.union_all([*edition.regions["nation"].geometry])
    parts = shapely.get_parts(shapely.simplify(whole, 2_500))
    return outline(shapely.MultiPolygon([part for part in parts if part.area > 2e7]))


def key(grounds: Sequence[Ground], box: Box, metres_per_mm: float = 0.0) -> tuple[Entry, ...]:
    """Return what the signs on maps mean, in reading order, each thing on several of them counted once.

    Parameters
    ----------
    grounds
        Of one view.
    box, metres_per_mm
        As of `frame_of`, for each of them.
    """
    look, view = edition_style(grounds[0].edition), grounds[0].view
    frames = [frame_of(ground.bounds, box, metres_per_mm) for ground in grounds]
    each = [payloads(ground, frame) for ground, frame in zip(grounds, frames, strict=True)]
    near = zoom_of(frames[0]) >= look.sizes["footprint_zoom"]
    # What is drawn otherwise than in a picture.
    own = {"firms": _firm_entries, **({"clusters": _footprints} if near else {})}
    entries: list[Entry] = []
    for layer in shown(view):
        found = _together([one[layer.kind] for one in each], layer.points)
        entries += own[layer.kind](found, look) if layer.kind in own else layer.legend(found, look).entries
    return tuple(replace(one, detail="") for one in entries)


def _together(found: Sequence[Payload], *named: str) -> Payload:
    """Return what several maps show of one layer: the things on all of them, each once."""
    first = found[0]
    # Maps of one view share them.
    lists: dict[str, Any] = {
        name: [*{id(thing): thing for one in found for thing in one[name]}.values()]
        for name in (*THINGS, *named)
        if isinstance(first.get(name), list)
    }
    if "areas" in first:
        lists["areas"] = _together([one["areas"] for one in found])
    return {**first, **lists}


def _firm_entries(payload: Payload, look: Style) -> list[Entry]:
    most = max((row["count"] for row in payload["rows"]), default=0)
    return [Entry(count(size, "firm"), (_firm(size, look),)) for size in FIRMS if size <= most]


def _footprints(payload: Payload, look: Style) -> list[Entry]:
    """Explain footprints: the solid core and the light fringe of each label on the map."""
    rows = [feature["properties"] for feature in payload["features"]]
    entries = []
    for label in dict.fromkeys(row["label"] for row in rows):
        sign = look.sectors[label]
        same = [row for row in rows if row["label"] == label]
        light = Look(sign["colour"], sign["colour"], look.points["cluster_line"], alpha=0.3)
        if any(row["core"] for row in same):
            entries.append(Entry(f"{sign['label']}: core", swatch=Look(sign["colour"], alpha=0.9)))
            if any(row["core_share"] < 1 for row in same):
                entries.append(Entry("fringe", swatch=light))
        else:
            entries.append(Entry(f"{sign['label']}: footprint (no core)", swatch=light))
    return entries
