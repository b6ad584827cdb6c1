"""A page: title, legend, map and caption, put together from a view's layers."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from edition.view import UK
from geo.boundaries import is_approximate
from geo.projections import to_bng
from layers.mark import Look
from layers.outline import paths_of_shapes
from layers.registry import shown, told
from layers.sheet import Sheet
from layers.style import edition_style
from profiles.cluster import looked_at
from snapshots.picture.caption import FLAG, caption, kicker, subtitle, title
from snapshots.picture.chosen import bounds_of, called, framed, outlined
from snapshots.picture.furniture import draw_north, needs_north
from snapshots.picture.inset import LONDON as LONDON_GROUND
from snapshots.picture.inset import crowded, draw_inset, frame_on, home_of, insets, lies_in
from snapshots.picture.layout import Box, around, ground, laid_out, page_of, position
from snapshots.picture.legend import draw_legend, height_across
from snapshots.picture.lettering import Block, Letters, fitted, wrapped, write
from snapshots.picture.outlines import draw_outlines, explained, name_places
from snapshots.picture.place_names import write_names
from snapshots.picture.side_by_side import BELOW_NAME, Pane, name_letters, side_by_side
from snapshots.picture.small_map import FLAG_WIDTH
from words.links import closed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from edition.edition import Edition
    from edition.view import View
    from layers.base import Layer, Payload
    from layers.mark import Legend, Name
    from layers.style import Style
    from regions.place import Place
    from snapshots.picture.inset import Inset
    from snapshots.picture.layout import Layout, Page

KICKER_SIZE = 7.2
TITLE_SIZES = (17.0, 15.5, 14.0, 13.0)
SUBTITLE_SIZES = (8.8, 8.2, 7.6)
CAPTION_SIZES = (6.7, 6.3, 6.0)
# Lines of title and subtitle that are aimed at, across the page and in a panel beside the map.
TITLE_LINES, SUBTITLE_LINES = (2, 2), (3, 5)
# Times as many are written before they are cut; what is owed to sources never is.
ROOM_FOR_NAMES = 2
# Of the page, what a caption in larger letters may take.
CAPTION_SHARE = (0.085, 0.26)
# From this zoom on a map is one of a small part: villages are named too, since there may be no town.
CLOSE = 8.0
# On a map of a part, where an area fills the page, how much of its colour is left.
QUIET = 0.55
# A legend shorter than this share of its column stands below the map instead.
SHORT = 0.4
# Around the footprint of a cluster that is looked at, metres; and the outline of it, points.
AROUND = 5_000.0
OUTLINE, OUTLINE_HALO = 1.4, 3.2
# On a map of places clusters are named in these, and so far beside them: share of the map's longer side.
BESIDE = 0.02
# Metres that the outline of a place is simplified by before points are held against it.
FINE = 50.0
# Towns at least on each of several maps.
LEAST_TOWNS = 5
# The name that stays on the main map where London has an inset.
LONDON = ("London",)


def compose(edition: Edition, view: View, size: str = "a4", places: Sequence[Place] = ()) -> Figure:
    """Return the page of a view, whole.

    Parameters
    ----------
    edition, view, size
        What is shown, and on which page.
    places
        Those that the view has chosen (`snapshots.picture.chosen.chosen`).

    Raises
    ------
    InputError
        If there is no such size.
    NotFoundError
        If the edition has no such cluster as is looked at.
    """
    page = page_of(size)
    look = scaled(edition_style(edition), page.scale)
    head, foot = _head(edition, view, look, page, places), _foot(edition, view, look, page)
    drawing = _Drawing(edition, view, page, look, places)
    layout = drawing.set_out(head.height, foot.height)
    figure = Figure(figsize=layout.inches, facecolor=look.colours["panel"])
    FigureCanvasAgg(figure)
    head.write(figure, layout, (layout.title.left, layout.title.top))
    foot.write(figure, layout, (layout.caption.left, layout.caption.top))
    drawing.draw(figure)
    return figure


def scaled(look: Style, scale: float) -> Style:
    """Return a style whose marks and letters are so many times as large as on A4."""
    return replace(look, points={name: points * scale for name, points in look.points.items()})


def quiet(look: Style) -> Style:
    """Return a style whose areas are pale: near by they are ground, and marks and names stand on them."""
    land = np.array(to_rgb(look.colours["land"]))
    ramp = [to_hex(land + (np.array(to_rgb(colour)) - land) * QUIET) for colour in look.colours["ramp"]]
    return replace(look, colours={**look.colours, "ramp": ramp})


def _placed(edition: Edition, view: View, box: Box, places: Sequence[Place]) -> View:
    """Return the view where the map stands over its cluster or its places, unless it stands elsewhere."""
    row = looked_at(edition, view)
    if framed(view, places):
        west, south, east, north = bounds_of(places)
    elif row is None or view.at != UK:
        return view
    else:
        west, south, east, north = row.geometry.buffer(AROUND).bounds
    frame = Box(west, south, east - west, north - south)
    return view.model_copy(update={"at": position(frame, box)})


class _Drawing:
    """The map, or a map for each place, and the legend on a page."""

    def __init__(
        self, edition: Edition, view: View, page: Page, look: Style, places: Sequence[Place]
    ) -> None:
        self.edition, self.asked, self.page, self.style = edition, view, page, look
        self.chosen, self.framed = places, framed(view, places)
        self.places = outlined(view, places)
        # Beside the country nothing lies outside.
        self.veiled = self.framed and len(self.places) == len(places)
        self.names = called(edition, view, self.places) if self.places else {}

    def set_out(self, head: float, foot: float) -> Layout:
        """Settle what is shown, and where on the page."""
        self._place(laid_out(self.page, head, foot))
        self._read()
        whole = laid_out(self.page, head, foot, 0.0).legend
        legends, style, scale = self._legends(), self.style, self.page.scale
        alone = height_across(legends, self.layout.legend, style, scale)
        if self.page.upright and alone < SHORT * self.layout.legend.height:
            beside, strip = self.layout, height_across(legends, whole, style, scale)
            before, panes = self.metres_per_mm, len(self.panes)
            self._place(laid_out(self.page, head, foot, strip))
            # The country is higher than wide: a wider map of it shows more sea, and less of it.
            if self.metres_per_mm > before:
                self._place(beside)
            if len(self.panes) != panes:
                self._read()
        return self.layout

    @property
    def metres_per_mm(self) -> float:
        """The scale, which all maps of the page share."""
        return self.panes[0].frame.width / self.panes[0].box.width

    @property
    def frame(self) -> Box:
        """The ground of the only map, or of the first."""
        return self.panes[0].frame

    def _read(self) -> None:
        """Read what the layers show, for each map apart where that depends on where it stands."""
        self.layers = shown(self.view)
        shared = {layer.kind: self._payload(layer, self.view) for layer in self.layers}
        self.payloads = [shared]
        if len(self.panes) > 1:
            self.payloads = [shared | self._local(pane) for pane in self.panes]

    def _local(self, pane: Pane) -> dict[str, Payload]:
        zoom = self.view.at[2]
        view = self.view.model_copy(update={"at": (*position(pane.frame, pane.box)[:2], zoom)})
        return {layer.kind: self._payload(layer, view) for layer in self.layers if layer.local}

    def _payload(self, layer: Layer, view: View) -> Payload:
        if layer.close_up is not None and view.at[2] >= CLOSE:
            return layer.close_up(self.edition)
        return layer.payload(self.edition, view)

    def _place(self, layout: Layout) -> None:
        home = home_of(self.page)
        self.layout = layout
        self.view = _placed(self.edition, self.asked, layout.map, self.chosen)
        whole = Pane(layout.map, ground(self.view, layout.map, home), self.places)
        self.panes = self._beside() or (whole,)
        near = self.view.at[2] >= self.style.sizes["footprint_zoom"]
        self.look = quiet(self.style) if near else self.style
        self.whole = self.panes == (whole,) and whole.frame == ground(
            self.view.model_copy(update={"at": UK}), layout.map, home
        )

    def _beside(self) -> tuple[Pane, ...]:
        """Return a map for each place where these show them larger than one map does; the view as large."""
        if not self.veiled or len(self.places) < 2:
            return ()
        box = self.layout.map
        if self.page.bleeds:
            rim = self.page.margin
            box = Box(box.left, box.bottom + rim, box.width - rim, box.height - 2 * rim)
        panes = side_by_side(self.places, self.names, box, self.style, self.page.scale)
        if panes:
            scale = panes[0].frame.width / panes[0].box.width
            wide, high = self.layout.map.width * scale, self.layout.map.height * scale
            at = position(around(panes[0].frame.middle, wide, high), self.layout.map)
            self.view = self.view.model_copy(update={"at": at})
        return panes

    def draw(self, figure: Figure) -> None:
        """Draw everything."""
        layout, scale = self.layout, self.page.scale
        if len(self.panes) == 1:
            self._draw_whole(figure)
        else:
            for number, pane in enumerate(self.panes):
                self._draw_pane(figure, pane, self.payloads[number], FLAG if number == 0 else "")
        axes = figure.add_axes(layout.share(layout.legend), label="legend")
        draw_legend(axes, layout.legend, self._legends(), self.metres_per_mm, self.look, scale=scale)

    def _draw_pane(self, figure: Figure, pane: Pane, payloads: dict[str, Payload], flag: str) -> None:
        """Draw one of several maps, with the name of its place above."""
        sheet = self._sheet(figure, pane)
        self.paint(sheet, payloads, pane.places)
        sheet.axes.spines[:].set(visible=True, color=self.look.colours["outline"], linewidth=0.4)
        letters, scale = name_letters(self.look, self.page.scale), self.page.scale
        top = pane.box.top + BELOW_NAME * scale + len(pane.name) * letters.line
        write(figure, self.layout, pane.name, letters, (pane.box.left, top))
        most = max(LEAST_TOWNS, self.page.towns // len(self.panes))
        flag = flag if is_approximate() and pane.box.width > FLAG_WIDTH * scale else ""
        write_names(sheet, pane.box, self.look, flag, most=most)

    def _draw_whole(self, figure: Figure) -> None:
        """Draw the only map, with insets, and the names of the places that it outlines."""
        layout, look, scale = self.layout, self.look, self.page.scale
        flag = FLAG if is_approximate() else ""
        sheet = self._sheet(figure, self.panes[0])
        self.paint(sheet)
        if self.framed:
            self._drop_names(sheet)
        if len(self.chosen) > 1 or not self.framed:
            name_places(sheet, self.places, self.names, look)
        found = self._insets()
        taken = [inset.box for inset in found]
        if needs_north(self.frame):
            taken.append(draw_north(figure, layout, self.frame, look, scale))
        for inset in found:
            draw_inset(figure, layout, inset, look, scale=scale, paint=self.paint, zoom=self.view.at[2])
            if inset.enlarged:
                taken += frame_on(sheet, layout.map, inset, look, scale)
                # What the inset names is named there.
                sheet.names[:] = [name for name in sheet.names if not _named_in(name, inset)]
        write_names(sheet, layout.map, look, flag, taken=taken, most=self.page.towns)

    def _drop_names(self, sheet: Sheet) -> None:
        """Leave clusters far from the places unnamed: they are on the map of the whole."""
        strong = [name for name in sheet.names if name.strong]
        beside = BESIDE * max(self.frame.width, self.frame.height)
        near = self._in_places([{"lon": name.lon, "lat": name.lat} for name in strong], beside)
        far = {id(name) for name, kept in zip(strong, near, strict=True) if not kept}
        sheet.names[:] = [name for name in sheet.names if id(name) not in far]

    def paint(
        self, sheet: Sheet, payloads: dict[str, Payload] | None = None, places: Sequence[Place] | None = None
    ) -> None:
        """Draw every layer, and the outlines of places and of the cluster that is looked at."""
        for layer in self.layers:
            layer.draw(sheet, (payloads or self.payloads[0])[layer.kind], self.look)
        here = self.places if places is None else places
        if here:
            draw_outlines(sheet, here, self.look, self.page.scale, veiled=self.veiled)
        row = looked_at(self.edition, self.view)
        if row is not None:
            self._outline(sheet, row)

    def _outline(self, sheet: Sheet, row: Any) -> None:
        colour, scale = self.look.sectors[row.label]["colour"], self.page.scale
        for look, zorder in (
            (Look(edge=self.look.colours["halo"], width=OUTLINE_HALO * scale), 6.4),
            (Look(edge=colour, width=OUTLINE * scale), 6.5),
        ):
            sheet.outlines(paths_of_shapes([row.geometry]), look, zorder)

    def _sheet(self, figure: Figure, pane: Pane) -> Sheet:
        """Return a map's place on the page, empty."""
        axes = figure.add_axes(self.layout.share(pane.box), label="map", xticks=[], yticks=[])
        frame = pane.frame
        axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top), autoscale_on=False)
        axes.spines[:].set_visible(False)
        return Sheet(axes, zoom=self.view.at[2])

    def _insets(self) -> list[Inset]:
        if not self.whole:
            return []
        capital = shapely.box(
            LONDON_GROUND.left, LONDON_GROUND.bottom, LONDON_GROUND.right, LONDON_GROUND.top
        )
        wanted = not self.veiled or any(shapely.intersects(one, capital) for one in self._grounds)
        return insets(
            self.edition, self.layout, self.frame, self.look, self.page.scale,
            shetland=not self.page.upright, london=wanted and crowded(self.view, self.payloads[0]),
        )  # fmt: skip

    def _legends(self) -> list[Legend]:
        return [*self._outlined(), *map(self._legend, told(self.view))]

    def _legend(self, layer: Layer) -> Legend:
        """Return the key to a layer; what stands out on a map of places is what does in them."""
        seen = self._seen(layer)
        legend = layer.legend(seen, self.look)
        if not self.framed or not legend.ranking:
            return legend
        return replace(legend, ranking=layer.legend(self._within(seen), self.look).ranking)

    def _within(self, payload: Payload) -> Payload:
        """Return what of a payload lies in the places or just beside them."""
        beside = BESIDE * max(self.frame.width, self.frame.height)
        rows, parts = payload.get("rows", ()), payload.get("features", ())
        near = [*compress(rows, self._in_places(rows))]
        there = [*compress(parts, self._in_places([part["properties"] for part in parts], beside))]
        kept = {"rows": near, "features": there}
        return {**payload, **{name: found for name, found in kept.items() if name in payload}}

    def _outlined(self) -> list[Legend]:
        if not self.places:
            return []
        several = len(self.panes) > 1
        names = [*self.names.values()]
        return [explained(names, self.look, self.page.scale, veiled=self.veiled, several=several)]

    def _seen(self, layer: Layer) -> Payload:
        """Return what a layer shows on the maps, each thing once: a key lists nothing else."""
        payload = self.payloads[0][layer.kind]
        if self.whole:
            return payload
        near = self.view.at[2] >= self.look.sizes["footprint_zoom"]
        rows = [row for row in self._each(layer, "rows") if not isinstance(row, dict) or self._on(row)]
        features = [
            part
            for part in payload.get("features", ())
            if "lon" not in part["properties"] or self._on(part["properties"])
        ]
        seen = {name: kept for name, kept in (("rows", rows), ("features", features)) if name in payload}
        # What lies at a point may lie beside the map altogether; areas do not.
        none = layer.points and any(payload.get(name) and not seen[name] for name in seen)
        return {**payload, **seen, **({"note": "None on this map."} if none else {}), "near": near}

    def _each(self, layer: Layer, name: str) -> list[Any]:
        """Return the rows of a layer on all maps: of layers that depend on where a map stands, of each."""
        read = self.payloads if layer.local else self.payloads[:1]
        rows = [row for payloads in read for row in payloads[layer.kind].get(name, ())]
        return [*{str(row): row for row in rows}.values()] if len(read) > 1 else rows

    def _on(self, row: dict[str, Any]) -> bool:
        return any(lies_in(row, pane.frame) for pane in self.panes)

    def _in_places(self, rows: Sequence[dict[str, Any]], beyond: float = 0.0) -> NDArray[np.bool_]:
        """Say which rows (lon, lat) lie in a place that was chosen, or so many metres beside it."""
        x, y = to_bng([row["lon"] for row in rows], [row["lat"] for row in rows])
        spots = shapely.points(x, y)
        near = [shapely.dwithin(ground, spots, beyond) for ground in self._grounds]
        found: NDArray[np.bool_] = np.any([*near, np.zeros(len(rows), dtype=bool)], axis=0)
        return found

    @cached_property
    def _grounds(self) -> list[BaseGeometry]:
        """The places as fine as a point can tell; new shapes, since threads share those of the edition."""
        grounds = [shapely.simplify(place.geometry, FINE) for place in self.chosen]
        shapely.prepare(grounds)
        return grounds


def _named_in(name: Name, inset: Inset) -> bool:
    """Say whether an inset names this; London keeps its name on the main map."""
    return name.lines != LONDON and lies_in({"lon": name.lon, "lat": name.lat}, inset.ground)


def _head(edition: Edition, view: View, look: Style, page: Page, places: Sequence[Place]) -> Block:
    """Return what made the picture, the sentence, and the filters."""
    ink, muted, scale, room = look.colours["ink"], look.colours["muted"], page.scale, page.measure
    small = Letters(KICKER_SIZE * scale, muted)
    beside = int(not page.upright)
    sizes = [Letters(size * scale, ink, bold=True) for size in TITLE_SIZES]
    lines, letters = _short(title(edition, view, places), sizes, room, TITLE_LINES[beside])
    # On a slide, between large print and small.
    sizes = [Letters(size * (scale + page.fine) / 2, muted) for size in SUBTITLE_SIZES]
    told, fine = _short(subtitle(edition, view, places), sizes, room, SUBTITLE_LINES[beside])
    first = (wrapped(kicker(edition), small, room), small, 1.0 * scale)
    return Block([first, (lines, letters, 1.2 * scale), (told, fine, 0.0)])


def _foot(edition: Edition, view: View, look: Style, page: Page) -> Block:
    """Return what the data are and whose, in the largest letters in which it is short enough."""
    sizes = [Letters(size * page.fine, look.colours["muted"]) for size in CAPTION_SIZES]
    most = int(page.height * CAPTION_SHARE[not page.upright] / sizes[-1].line)
    lines, letters = _whole(caption(edition, view), sizes, page.measure, most)
    return Block([([closed(line) for line in lines], letters, 0.0)])


def _short(text: str, sizes: list[Letters], room: float, most: int) -> tuple[list[str], Letters]:
    """Return the lines of a text; cut where names from outside would take the page for themselves."""
    lines, letters = _whole([text], sizes, room, most)
    return fitted(text, [letters], room, most * ROOM_FOR_NAMES) if len(lines) > most else (lines, letters)


def _whole(texts: list[str], sizes: list[Letters], room: float, most: int) -> tuple[list[str], Letters]:
    """Return all lines, in the first letters in which there are so many at most, else in the last."""
    for letters in sizes:
        lines = [line for text in texts for line in wrapped(text, letters, room, whole=True)]
        if len(lines) <= most:
            break
    return lines, letters
