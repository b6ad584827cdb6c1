"""A page: title, legend, map and caption, put together from a view's layers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo.boundaries import is_approximate
from layers.registry import shown
from layers.sheet import Sheet
from layers.style import edition_style
from layers.summary import sentence
from snapshots.layout import ground, layout_of
from snapshots.legend import draw_legend
from snapshots.lettering import Letters, fitted, wrapped, write, write_names
from snapshots.words import caption, kicker, subtitle

if TYPE_CHECKING:
    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition
    from snapshots.layout import Box, Layout

TITLE_SIZES = (15.0, 13.5, 12.0, 10.5)
SUBTITLE_SIZES = (8.0, 7.0, 6.5)
CAPTION_SIZES = (6.0, 5.6, 5.2)
# The legend reads from what matters most; the map is drawn from the ground up.
READING_ORDER = ("clusters", "projects", "regions", "firms", "assets")
FLAG = "Approximate boundaries"
# Letters as their outlines are, so that lines break alike at any resolution.
LETTERS: dict[Any, Any] = {"text.hinting": "none"}


def compose(edition: Edition, view: View, size: str) -> Figure:
    """Return the page of a view, whole.

    Raises
    ------
    InputError
        If there is no such size.
    """
    layout, look = layout_of(size), edition_style(edition)
    figure = Figure(figsize=layout.inches, facecolor=look.colours["panel"])
    FigureCanvasAgg(figure)
    frame = ground(view, layout.map)
    sheet = _sheet(figure, layout, frame, view.at[2])
    legends = {}
    for layer in shown(view):
        payload = layer.payload(edition, view)
        layer.draw(sheet, payload, look)
        legends[layer.kind] = layer.legend(payload, look)
    write_names(sheet, layout.map, look, FLAG if is_approximate() else "")
    axes = figure.add_axes(layout.share(layout.legend), label="legend")
    ordered = [legends[kind] for kind in READING_ORDER if kind in legends]
    draw_legend(axes, layout.legend, ordered, frame.width / layout.map.width, look)
    _head(figure, layout, edition, view, look)
    _foot(figure, layout, edition, view, look)
    return figure


def _sheet(figure: Figure, layout: Layout, frame: Box, zoom: float) -> Sheet:
    """Return the map's place on the page, empty."""
    axes = figure.add_axes(layout.share(layout.map), label="map", xticks=[], yticks=[])
    axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top), autoscale_on=False)
    axes.spines[:].set_visible(False)
    return Sheet(axes, zoom=zoom)


def _head(figure: Figure, layout: Layout, edition: Edition, view: View, look: Style) -> None:
    """Write what made the picture, the sentence, and the filters."""
    box, ink, muted = layout.title, look.colours["ink"], look.colours["muted"]
    small = Letters(6.5, muted)
    top = write(figure, layout, [kicker(edition)], small, (box.left, box.top)) - 1.0
    sizes = [Letters(size, ink, bold=True) for size in TITLE_SIZES]
    lines, letters = fitted(sentence(edition, view), sizes, box.width, 2)
    top = write(figure, layout, lines, letters, (box.left, top)) - 1.0
    sizes = [Letters(size, muted) for size in SUBTITLE_SIZES]
    lines, letters = fitted(subtitle(edition, view), sizes, box.width, 2)
    write(figure, layout, lines, letters, (box.left, top))


def _foot(figure: Figure, layout: Layout, edition: Edition, view: View, look: Style) -> None:
    """Write what the data are and whose, in the largest letters that fit."""
    box, muted = layout.caption, look.colours["muted"]
    for size in CAPTION_SIZES:
        letters = Letters(size, muted)
        lines = [line for text in caption(edition, view) for line in wrapped(text, letters, box.width)]
        if len(lines) * letters.line <= box.height:
            break
    write(figure, layout, lines, letters, (box.left, box.top))


def png(figure: Figure, dpi: int, metadata: dict[str, str]) -> bytes:
    """Return the page as PNG; nothing in it depends on the time or the machine."""
    out = io.BytesIO()
    with mpl.rc_context(LETTERS):
        figure.savefig(out, format="png", dpi=dpi, metadata=metadata, facecolor="auto")
    return out.getvalue()
