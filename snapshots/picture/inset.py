"""Insets: Shetland in a frame where height is scarce, London enlarged where it is crowded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.patches import Rectangle

from geo.boundaries import context_land
from geo.projections import to_bng
from layers.sheet import Sheet
from snapshots.picture.furniture import round_length, scale_bar
from snapshots.picture.layout import MAINLAND_GROUND, UK_GROUND, Box, around
from snapshots.picture.lettering import POINTS_PER_MM, Letters, wrapped
from snapshots.picture.place_names import write_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from edition.edition import Edition
    from edition.view import View
    from layers.base import Payload
    from layers.style import Style
    from snapshots.picture.layout import Layout, Page

# Fair Isle to Muckle Flugga, Foula to the Out Skerries, with some sea (metres).
SHETLAND = Box(386_000, 1_063_000, 92_000, 161_000)
# Greater London with a rim.
LONDON = Box(501_500, 153_500, 62_500, 49_500)
# Where the frame of Shetland is looked for on the main map: off the north-east (metres).
NORTH_EAST = (560_000.0, 1_000_000.0)
# London is drawn as many times larger as there is sea for.
TIMES = (4.0, 3.5, 3.0, 2.5)
# Levels whose regions in London are too small to tell apart on a map of the country.
FINE = ("la", "itl3")
CROWDED = 2
TOWNS = 9
# Millimetres: between frames and the edge, from one place that is tried to the next, around a text.
APART = 2.5
STEP = 2.0
PAD = 0.9
# What a line keeps names off, millimetres.
LINE = 0.5
# Of the coast, before it is looked at where a frame lies at sea: metres.
COARSE = 1_500.0
OFF_SHORE = 7_000.0


@dataclass(frozen=True)
class Inset:
    """A part of the country in a frame of its own.

    Attributes
    ----------
    ground, box
        What is shown (metres), and where its frame stands on the page (millimetres), label included.
    strip : float
        Height of the label at its foot, millimetres.
    lines
        The label.
    times : float
        How many times larger than on the main map it is drawn.
    """

    ground: Box
    box: Box
    strip: float
    lines: tuple[str, ...]
    times: float = 1.0

    @property
    def map(self) -> Box:
        """Where its map stands, millimetres."""
        return Box(self.box.left, self.box.bottom + self.strip, self.box.width, self.box.height - self.strip)

    @property
    def enlarged(self) -> bool:
        """Whether it shows larger what the main map shows too."""
        return self.times > 1


def home_of(page: Page) -> Box:
    """Return what the whole country is on a page (metres).

    Section 17 of the Islands (Scotland) Act 2018 asks that Shetland is shown where and as large as it is,
    unless there are reasons not to. On an upright page there is none: the country without it would be no
    larger. Where height is scarce the mainland grows by a sixth, so there Shetland stands in a frame, at the
    same scale, and the frame says that it lies further north.
    """
    return UK_GROUND if page.upright else MAINLAND_GROUND


def insets(
    edition: Edition, layout: Layout, frame: Box, style: Style, scale: float, *, shetland: bool, london: bool
) -> list[Inset]:
    """Return the insets for which there is sea to put them in.

    Parameters
    ----------
    edition
        Whose land is kept free.
    layout, frame
        The page, and the ground that the main map shows (metres).
    style, scale
        Looks, and how large letters are against A4.
    shetland, london
        Which are wanted.
    """
    found: list[Inset] = []
    mm = layout.map.width / frame.width
    letters = label_letters(style, scale)
    sea = _Sea(edition, layout.map, frame)
    if shetland:
        label = tuple(wrapped("Shetland: same scale, lies further north than shown", letters, 27 * scale))
        wide = max(SHETLAND.width * mm, max(map(letters.width, label)) / POINTS_PER_MM + 2 * PAD)
        ground = around(SHETLAND.middle, wide / mm, SHETLAND.height)
        strip = len(label) * letters.line + 2 * PAD
        box = sea.place(wide, SHETLAND.height * mm + strip, NORTH_EAST, found)
        found += [Inset(ground, box, strip, label)] if box else []
    for times in TIMES if london else ():
        strip = letters.line + 2 * PAD
        wide, high = LONDON.width * mm * times, LONDON.height * mm * times + strip
        box = sea.place(wide, high, LONDON.middle, found)
        if box:
            label = (f"London, {times:g} times larger",)
            found.append(Inset(LONDON, box, strip, label, times))
            break
    return found


def crowded(view: View, payloads: Mapping[str, Payload]) -> bool:
    """Say whether London cannot be read at the scale of the country: small regions, or several clusters.

    Regions count only where they have something to show.
    """
    rows = payloads["regions"]["rows"] if "regions" in payloads and view.level in FINE else []
    measured = [row for row in rows if row["value"] and lies_in(row, LONDON)]
    features = payloads["clusters"]["features"] if "clusters" in payloads else []
    clusters = [one for one in features if lies_in(one["properties"], LONDON)]
    return max(len(measured), len(clusters)) >= CROWDED


def lies_in(row: Mapping[str, Any], ground: Box) -> bool:
    """Say whether what has a longitude and a latitude lies on a ground (metres)."""
    x, y = (float(value) for value in to_bng(row["lon"], row["lat"]))
    return ground.holds(x, y)


def label_letters(style: Style, scale: float) -> Letters:
    """Return how the label of an inset is written."""
    return Letters(6.4 * scale, style.colours["muted"])


class _Sea:
    """Where a map has no land: the United Kingdom is never covered, its neighbours only if need be."""

    def __init__(self, edition: Edition, box: Box, frame: Box) -> None:
        self.box, self.frame = box, frame
        self.home, self.all = _coasts(edition)

    def place(
        self, width: float, height: float, near: tuple[float, float], taken: Iterable[Inset]
    ) -> Box | None:
        """Return the free place (millimetres) nearest to a point of the ground (metres), or nothing."""
        boxes = self._tried(width, height)
        others = [inset.box for inset in taken]
        boxes = [box for box in boxes if not any(_grown(box).overlaps(other) for other in others)]
        if not boxes:
            return None
        scale = self.frame.width / self.box.width
        edges = np.array([(box.left, box.bottom, box.right, box.top) for box in boxes])
        edges = (edges - np.tile((self.box.left, self.box.bottom), 2)) * scale
        edges += np.tile((self.frame.left, self.frame.bottom), 2)
        shapes = shapely.box(*edges.T)
        middles = (edges[:, :2] + edges[:, 2:]) / 2
        far = np.hypot(*(middles - np.array(near)).T)
        for land in (self.all, self.home):
            free = np.flatnonzero(~shapely.intersects(land, shapes))
            if len(free):
                return boxes[int(free[np.argmin(far[free])])]
        return None

    def _tried(self, width: float, height: float) -> list[Box]:
        first_x, first_y = self.box.left + APART, self.box.bottom + APART
        last_x, last_y = self.box.right - APART - width, self.box.top - APART - height
        if last_x < first_x or last_y < first_y:
            return []
        across, up = _steps(first_x, last_x), _steps(first_y, last_y)
        return [Box(float(x), float(y), width, height) for y in up for x in across]


def _steps(first: float, last: float) -> NDArray[np.float64]:
    """Return places from edge to edge, the edges among them: a frame at the edge looks as if it belonged."""
    return np.linspace(first, last, max(2, int((last - first) / STEP)))


def _grown(box: Box) -> Box:
    return Box(box.left - APART, box.bottom - APART, box.width + 2 * APART, box.height + 2 * APART)


@lru_cache(maxsize=2)
def _coasts(edition: Edition) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Return the land of the United Kingdom, and with that of its neighbours, a little larger than it is."""
    home = _coarse(edition.regions["nation"].geometry.to_numpy())
    both = shapely.union_all([home, _coarse(context_land().geometry.to_numpy())])
    shapely.prepare([home, both])
    return home, both


def _coarse(shapes: NDArray[np.object_]) -> shapely.Geometry:
    return shapely.union_all(shapely.buffer(shapely.simplify(shapes, COARSE), OFF_SHORE, quad_segs=2))


def draw_inset(
    figure: Figure,
    layout: Layout,
    inset: Inset,
    look: Style,
    *,
    scale: float,
    paint: Callable[[Sheet], None],
    zoom: float,
) -> None:
    """Draw an inset: its map with names, its frame and its label.

    Parameters
    ----------
    figure, layout
        The page.
    inset
        What and where.
    look, scale
        Looks, and how large letters are against A4.
    paint : callable
        Draws every layer on a sheet.
    zoom : float
        As of the main map, so that the same marks are drawn.
    """
    axes = figure.add_axes(layout.share(inset.map), label="inset", xticks=[], yticks=[], zorder=2)
    ground = inset.ground
    axes.set(xlim=(ground.left, ground.right), ylim=(ground.bottom, ground.top), autoscale_on=False)
    axes.spines[:].set_visible(False)
    sheet = Sheet(axes, zoom=zoom)
    paint(sheet)
    write_names(sheet, inset.map, look, "", most=TOWNS)
    _label(figure, layout, inset, look, scale)


def _label(figure: Figure, layout: Layout, inset: Inset, look: Style, scale: float) -> None:
    """Write the label on a strip at the foot, a scale bar beside it where the scale is another."""
    box = Box(inset.box.left, inset.box.bottom, inset.box.width, inset.strip)
    axes = figure.add_axes(layout.share(box), label="inset label", xticks=[], yticks=[], zorder=2)
    axes.set(xlim=(0, box.width), ylim=(box.height, 0), autoscale_on=False, facecolor=look.colours["panel"])
    axes.spines[:].set_visible(False)
    letters = label_letters(look, scale)
    for row, line in enumerate(inset.lines):
        axes.text(
            PAD, PAD + letters.line * (row + 0.76), letters.readable(line), fontproperties=letters.font,
            color=letters.colour, va="baseline", parse_math=False,
        )  # fmt: skip
    if inset.enlarged:
        per_mm = inset.ground.width / inset.map.width
        words = max(map(letters.width, inset.lines)) / POINTS_PER_MM
        longest = min(box.width * 0.3, box.width - words - 12 * PAD)
        long = round_length(longest * per_mm) / per_mm
        said = letters.width("10 km") / POINTS_PER_MM + 1.5
        scale_bar(axes, (box.width - PAD - long - said, PAD + letters.line * 0.76), longest, per_mm, letters)
    left, bottom, wide, high = layout.share(inset.box)
    figure.add_artist(
        Rectangle(
            (left, bottom),
            wide,
            high,
            transform=figure.transFigure,
            fill=False,
            edgecolor=look.colours["outline"],
            linewidth=0.6 * scale,
            zorder=3,
        )
    )


def frame_on(sheet: Sheet, box: Box, inset: Inset, look: Style, scale: float) -> list[Box]:
    """Draw on the main map where an enlarged inset is, and return what the lines take (millimetres).

    Parameters
    ----------
    sheet, box
        The main map, and where it stands on the page.
    inset, look, scale
        As in `draw_inset`.
    """
    ground = inset.ground
    sheet.axes.add_artist(
        Rectangle(
            (ground.left, ground.bottom),
            ground.width,
            ground.height,
            fill=False,
            edgecolor=look.colours["ink"],
            linewidth=0.6 * scale,
            zorder=7.5,
        )
    )
    west, south, east, _ = sheet.frame
    mm = box.width / (east - west)
    left, low = box.left + (ground.left - west) * mm, box.bottom + (ground.bottom - south) * mm
    wide, high = ground.width * mm, ground.height * mm
    across = [Box(left, y - LINE / 2, wide, LINE) for y in (low, low + high)]
    return across + [Box(x - LINE / 2, low, LINE, high) for x in (left, left + wide)]
