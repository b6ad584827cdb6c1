"""Names on the map: the heaviest first, each where there is room for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import compress, islice
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from snapshots.picture.label_placement import Room, Wish
from snapshots.picture.lettering import POINTS_PER_MM, Letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from layers.mark import Name
    from layers.sheet import Sheet
    from layers.style import Style
    from snapshots.picture.label_placement import Edges, Spot
    from snapshots.picture.layout import Box

# Place names are for finding one's way: at most so many, and so far apart (points).
MOST_TOWNS = 34
TOWN_AIR = 4.0
# Of names tried; later ones are too small to matter on a page. Of results, more than a page can hold.
TRIED = 150
MOST_STRONG = 80
HALO = 2.0
HALO_ALPHA = 0.92
LINE = 0.5
DOT = 1.6
# From the map's edge to a name, points.
EDGE = 3.0
# From line to line of a name, in sizes of its letters, and from the top of a line to its baseline, in lines.
PITCH = 1.1
BASELINE = 0.78
# How far a name may stand off that has a short form, in widths of the map.
FAR = 0.19
# Letters set on pixels come out a hair wider than their outlines.
SLACK = 1.01


def write_names(
    sheet: Sheet,
    box: Box,
    style: Style,
    flag: str,
    *,
    taken: Iterable[Box] = (),
    most: int = MOST_TOWNS,
) -> None:
    """Write the names that the layers asked for where they find room, the heaviest first.

    Parameters
    ----------
    sheet : Sheet
        With all layers drawn.
    box : Box
        Of the map on the page, millimetres.
    style : Style
        Colours and sizes.
    flag : str
        What stands in the map's lower left corner, whatever it shows; empty for nothing.
    taken : iterable of Box
        What else stands on the map, millimetres of the page: no name goes there.
    most : int
        Place names at most.
    """
    page = _Page(sheet, box, style)
    flags = [page.flag(flag)] if flag else []
    solid = [*page.edges(sheet.solid), *flags, *map(page.on_map, taken)]
    room = Room(solid, page.edges(sheet.open), page.whole)
    names = page.visible(sheet.names)
    strong = [name for name in names if name.strong]
    for name in strong[:MOST_STRONG]:
        page.settle(room, name)
    said = {line for name in strong for line in name.lines}
    towns = (name for name in names if not name.strong and said.isdisjoint(name.lines))
    settled = (page.settle(room, name) for name in islice(towns, max(TRIED, 3 * most)))
    # Takes towns until there are enough: a sum would try them all.
    list(islice(filter(None, settled), most))
    page.draw_halos()


@dataclass(frozen=True)
class _Page:
    """The map as a page of points, from its lower left corner."""

    sheet: Sheet
    box: Box
    style: Style
    halos: list[Path] = field(default_factory=list)

    @property
    def whole(self) -> Edges:
        """Edges of the map, a little inside."""
        return EDGE, EDGE, self.size[0] - EDGE, self.size[1] - EDGE

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return self.box.width * POINTS_PER_MM, self.box.height * POINTS_PER_MM

    def on_map(self, box: Box) -> Edges:
        """Return a box of the page (millimetres) in points of the map."""
        left, bottom = box.left - self.box.left, box.bottom - self.box.bottom
        edges = (left, bottom, left + box.width, bottom + box.height)
        return tuple(edge * POINTS_PER_MM for edge in edges)  # type: ignore[return-value]

    def spots(self, lon: Sequence[float], lat: Sequence[float]) -> NDArray[np.float64]:
        """Return the place of degrees on the page, a row each."""
        x, y = self.sheet.place(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        shares = self.sheet.axes.transLimits.transform(np.column_stack([x, y]))
        return np.asarray(shares * self.size)

    def edges(self, marks: Sequence[tuple[float, float, float]]) -> list[Edges]:
        """Return the squares that marks on the map fill."""
        if not marks:
            return []
        lon, lat, radii = zip(*marks, strict=True)
        spots = self.spots(lon, lat)
        x, y = spots.T
        seen = ((x > 0) & (y > 0) & (x < self.size[0]) & (y < self.size[1])).tolist()
        found = zip(spots.tolist(), radii, seen, strict=True)
        return [(x - r, y - r, x + r, y + r) for (x, y), r, shown in found if shown]

    def visible(self, names: Sequence[Name]) -> list[Name]:
        """Return the names of what lies on the map, the heaviest first."""
        if not names:
            return []
        x, y = self.spots([name.lon for name in names], [name.lat for name in names]).T
        inside = (x > 0) & (y > 0) & (x < self.size[0]) & (y < self.size[1])
        return sorted(compress(names, inside), key=lambda name: (-name.weight, name.lines))

    def flag(self, text: str) -> Edges:
        """Write in the lower left corner, and return the edges that this takes."""
        letters = Letters(self.style.points["town_name"], self.style.colours["muted"])
        self._text(text, letters, (EDGE * 2, EDGE * 2), "left")
        return 0.0, 0.0, letters.width(text) + 3 * EDGE, letters.size + 3 * EDGE

    def _text(self, text: str, letters: Letters, spot: tuple[float, float], side: str) -> None:
        text = letters.readable(text)
        x, y = np.array(spot) / self.size
        self.sheet.axes.text(
            x, y, text, transform=self.sheet.axes.transAxes, ha=side, va="baseline", parse_math=False,
            fontproperties=letters.font, color=letters.colour, zorder=9,
        )  # fmt: skip
        back = {"left": 0.0, "center": 0.5, "right": 1.0}[side] * letters.width(text)
        corners, codes = text_to_path.get_text_path(letters.font, text)
        if len(codes):
            scale = letters.size / text_to_path.FONT_SCALE
            self.halos.append(Path(np.asarray(corners) * scale + np.array([spot[0] - back, spot[1]]), codes))

    def draw_halos(self) -> None:
        """Draw what lifts the names off the map: all at once, below every name.

        Matplotlib's own halo would turn the letters into outlines, which nobody can search or copy.
        """
        if not self.halos:
            return
        wide, high = self.size
        patch = PathPatch(
            Path.make_compound_path(*self.halos), fill=False, edgecolor=self.style.colours["halo"],
            linewidth=HALO, alpha=HALO_ALPHA, joinstyle="round", capstyle="round", zorder=8.5, gid="halo",
            transform=Affine2D().scale(1 / wide, 1 / high) + self.sheet.axes.transAxes,
        )  # fmt: skip
        self.sheet.axes.add_artist(patch)

    def settle(self, room: Room, name: Name) -> bool:
        """Write a name if there is room, else its short form; say whether either was."""
        # On a small map a long line leads nobody: the short form near by is better.
        tried = [(name.lines, FAR * self.size[0]), *([((name.short,), inf)] if name.short else [])]
        for lines, far in (one for one in tried if one[0]):
            wish = replace(self._wish(name, lines), far=far if name.short else inf)
            spot = room.settle(wish)
            if spot:
                self._write(name, lines, wish, spot)
                return True
        return False

    def _letters(self, name: Name, line: int) -> Letters:
        size = self.style.points["cluster_name" if name.strong else "town_name"]
        first = line == 0 or not name.strong
        colour = name.colour if first else self.style.colours["ink"]
        return Letters(size, colour, bold=name.strong and first, italic=not name.strong)

    def _wish(self, name: Name, lines: Sequence[str]) -> Wish:
        (x, y), *_ = self.spots([name.lon], [name.lat]).tolist()
        letters = [self._letters(name, line) for line in range(len(lines))]
        long = max(one.width(text) for one, text in zip(letters, lines, strict=True)) * SLACK
        high = letters[0].size * PITCH * len(lines)
        air = 0.0 if name.strong else TOWN_AIR
        return Wish(x, y, name.reach, long, high, led=name.strong, air=air)

    def _write(self, name: Name, lines: Sequence[str], wish: Wish, spot: Spot) -> None:
        left, _, right, top = spot.edges
        side = "left" if left >= wish.x else "right" if right <= wish.x else "center"
        x = {"left": left, "right": right, "center": (left + right) / 2}[side]
        for row, text in enumerate(lines):
            letters = self._letters(name, row)
            self._text(text, letters, (x, top - letters.size * PITCH * (row + BASELINE)), side)
        if spot.line:
            self._lead(spot.line, name.colour)
        elif not name.strong:
            self._dot(wish)

    def _lead(self, line: tuple[tuple[float, float], tuple[float, float]], colour: str) -> None:
        ends = np.array(line) / self.size
        axes = self.sheet.axes
        axes.add_line(Line2D(*ends.T, color=colour, linewidth=LINE, transform=axes.transAxes, zorder=8))

    def _dot(self, wish: Wish) -> None:
        axes, ink = self.sheet.axes, self.style.colours["muted"]
        x, y = wish.x / self.size[0], wish.y / self.size[1]
        dot = Line2D([x], [y], color=ink, marker="o", markersize=DOT, markeredgewidth=0, linestyle="none")
        dot.set(transform=axes.transAxes, zorder=7)
        axes.add_line(dot)
