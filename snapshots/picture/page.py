"""A page: title, legend, map and caption, put together from a view's layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from edition.view import UK
from geo.boundaries import is_approximate
from layers.mark import Look
from layers.outline import paths_of_shapes
from layers.registry import shown, told
from layers.sheet import Sheet
from layers.style import edition_style
from profiles.cluster import looked_at
from snapshots.picture.caption import FLAG, caption, kicker, subtitle, title
from snapshots.picture.furniture import draw_north, needs_north
from snapshots.picture.inset import crowded, draw_inset, frame_on, home_of, insets, lies_in
from snapshots.picture.layout import Box, ground, laid_out, page_of, position
from snapshots.picture.legend import draw_legend, height_across
from snapshots.picture.lettering import Block, Letters, fitted, wrapped
from snapshots.picture.place_names import write_names
from words.links import closed

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View
    from layers.base import Layer, Payload
    from layers.mark import Legend, Name
    from layers.style import Style
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
# The name that stays on the main map where London has an inset.
LONDON = ("London",)


def compose(edition: Edition, view: View, size: str = "a4") -> Figure:
    """Return the page of a view, whole.

    Raises
    ------
    InputError
        If there is no such size.
    NotFoundError
        If the edition has no such cluster as is looked at.
    """
    page = page_of(size)
    look = scaled(edition_style(edition), page.scale)
    head, foot = _head(edition, view, look, page), _foot(edition, view, look, page)
    drawing = _Drawing(edition, view, page, look)
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


def _placed(edition: Edition, view: View, box: Box) -> View:
    """Return the view where the map stands over the cluster that is looked at, unless it stands elsewhere."""
    row = looked_at(edition, view)
    if row is None or view.at != UK:
        return view
    west, south, east, north = row.geometry.buffer(AROUND).bounds
    frame = Box(west, south, east - west, north - south)
    return view.model_copy(update={"at": position(frame, box)})


class _Drawing:
    """The map and its legend on a page."""

    def __init__(self, edition: Edition, view: View, page: Page, look: Style) -> None:
        self.edition, self.asked, self.page, self.style = edition, view, page, look

    def set_out(self, head: float, foot: float) -> Layout:
        """Settle what is shown, and where on the page."""
        self._place(laid_out(self.page, head, foot))
        self.layers = [(layer, self._payload(layer)) for layer in shown(self.view)]
        whole = laid_out(self.page, head, foot, 0.0).legend
        legends, style, scale = self._legends(), self.style, self.page.scale
        alone = height_across(legends, self.layout.legend, style, scale)
        if self.page.upright and alone < SHORT * self.layout.legend.height:
            beside, strip = self.layout, height_across(legends, whole, style, scale)
            before = self.frame.width / self.layout.map.width
            self._place(laid_out(self.page, head, foot, strip))
            # The country is higher than wide: a wider map of it shows more sea, and less of it.
            if self.frame.width / self.layout.map.width > before:
                self._place(beside)
        return self.layout

    def _payload(self, layer: Layer) -> Payload:
        if layer.close_up is not None and self.view.at[2] >= CLOSE:
            return layer.close_up(self.edition)
        return layer.payload(self.edition, self.view)

    def _place(self, layout: Layout) -> None:
        home = home_of(self.page)
        self.layout = layout
        self.view = _placed(self.edition, self.asked, layout.map)
        self.frame = ground(self.view, layout.map, home)
        near = self.view.at[2] >= self.style.sizes["footprint_zoom"]
        self.look = quiet(self.style) if near else self.style
        self.whole = self.frame == ground(self.view.model_copy(update={"at": UK}), layout.map, home)

    def draw(self, figure: Figure) -> None:
        """Draw everything."""
        layout, look, scale = self.layout, self.look, self.page.scale
        flag = FLAG if is_approximate() else ""
        sheet = self._sheet(figure)
        self.paint(sheet)
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
        axes = figure.add_axes(layout.share(layout.legend), label="legend")
        per_mm = self.frame.width / layout.map.width
        draw_legend(axes, layout.legend, self._legends(), per_mm, look, scale=scale)

    def paint(self, sheet: Sheet) -> None:
        """Draw every layer, and the outline of the cluster that is looked at."""
        for layer, payload in self.layers:
            layer.draw(sheet, payload, self.look)
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

    def _sheet(self, figure: Figure) -> Sheet:
        """Return the map's place on the page, empty."""
        axes = figure.add_axes(self.layout.share(self.layout.map), label="map", xticks=[], yticks=[])
        frame = self.frame
        axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top), autoscale_on=False)
        axes.spines[:].set_visible(False)
        return Sheet(axes, zoom=self.view.at[2])

    def _insets(self) -> list[Inset]:
        if not self.whole:
            return []
        payloads = {layer.kind: payload for layer, payload in self.layers}
        return insets(
            self.edition, self.layout, self.frame, self.look, self.page.scale,
            shetland=not self.page.upright, london=crowded(self.view, payloads),
        )  # fmt: skip

    def _legends(self) -> list[Legend]:
        payloads = {layer.kind: payload for layer, payload in self.layers}
        return [layer.legend(self._seen(layer, payloads[layer.kind]), self.look) for layer in told(self.view)]

    def _seen(self, layer: Layer, payload: Payload) -> Payload:
        """Return a payload with what lies on the map: a key lists nothing else."""
        if self.whole:
            return payload
        near = self.view.at[2] >= self.look.sizes["footprint_zoom"]
        rows = [
            row for row in payload.get("rows", ()) if not isinstance(row, dict) or lies_in(row, self.frame)
        ]
        features = [
            part
            for part in payload.get("features", ())
            if "lon" not in part["properties"] or lies_in(part["properties"], self.frame)
        ]
        seen = {name: kept for name, kept in (("rows", rows), ("features", features)) if name in payload}
        # What lies at a point may lie beside the map altogether; areas do not.
        none = layer.points and any(payload.get(name) and not seen[name] for name in seen)
        return {**payload, **seen, **({"note": "None on this map."} if none else {}), "near": near}


def _named_in(name: Name, inset: Inset) -> bool:
    """Say whether an inset names this; London keeps its name on the main map."""
    return name.lines != LONDON and lies_in({"lon": name.lon, "lat": name.lat}, inset.ground)


def _head(edition: Edition, view: View, look: Style, page: Page) -> Block:
    """Return what made the picture, the sentence, and the filters."""
    ink, muted, scale, room = look.colours["ink"], look.colours["muted"], page.scale, page.measure
    small = Letters(KICKER_SIZE * scale, muted)
    beside = int(not page.upright)
    sizes = [Letters(size * scale, ink, bold=True) for size in TITLE_SIZES]
    lines, letters = _short(title(edition, view), sizes, room, TITLE_LINES[beside])
    # On a slide, between large print and small.
    sizes = [Letters(size * (scale + page.fine) / 2, muted) for size in SUBTITLE_SIZES]
    told, fine = _short(subtitle(edition, view), sizes, room, SUBTITLE_LINES[beside])
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
