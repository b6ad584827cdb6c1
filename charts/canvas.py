"""What the charts of a comparison are drawn on: rows below headings, axes, notes, the house's colours."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

from charts.programmes import FONT
from data.product import PRODUCT
from tables.comparison_cells import names
from words.numbers import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from layers.style import Style
    from regions.comparison import Comparison

# Pixels.
ROW, HEADING, GAP = 20, 22, 12
BAR, THIN_BAR = 13, 11
NAME_ROOM, FIGURE_ROOM, NARROW_NAMES = 190, 76, 0.37
LETTERS, SMALL_LETTERS, TITLE_LETTERS = 12, 11, 14
# Characters of a line of a title or a note that a phone has room for; a page takes more.
PHONE_LINE, PHONE_NOTE, PHONE_SOURCE = 38, 54, 34
PIXELS_A_CHARACTER = 6.2
MILLION = 1e6
# A chart takes the width that it is given, and what height it needs.
CONTAINED = alt.AutoSizeParams(type="fit-x", contains="padding")
MOST_SECTORS = 12


@dataclass(frozen=True, eq=False)
class Canvas:
    """What a chart is drawn for.

    Attributes
    ----------
    comparison
        The places.
    look
        Colours of the theme.
    width
        Pixels; 0 for as wide as what holds it.
    signed
        Whether it says itself whose the data are, for want of a caption that does.
    """

    comparison: Comparison
    look: Style
    width: int = 0
    signed: bool = True

    @property
    def ink(self) -> dict[str, Any]:
        """The colours by role."""
        return self.look.colours

    @property
    def left(self) -> Any:
        """Where marks begin, right of the names."""
        if self.width:
            return min(NAME_ROOM, self.width * NARROW_NAMES)
        return alt.ExprRef(f"min({NAME_ROOM}, width * {NARROW_NAMES})")

    @property
    def right(self) -> Any:
        """Where marks end, left of the figures."""
        return self.width - FIGURE_ROOM if self.width else alt.ExprRef(f"width - {FIGURE_ROOM}")

    @property
    def name_limit(self) -> Any:
        """Pixels that a name may take."""
        if self.width:
            return min(NAME_ROOM, self.width * NARROW_NAMES) - 8
        return alt.ExprRef(f"min({NAME_ROOM}, width * {NARROW_NAMES}) - 8")

    def lines(self, text: str, least: int) -> list[str]:
        """Break a text into lines that the chart has room for."""
        room = max(least, int(self.width / PIXELS_A_CHARACTER)) if self.width else least
        return textwrap.wrap(text, room)


@dataclass(frozen=True)
class Kind:
    """A kind of chart: its id, what it is called, and how it is drawn; None for nothing to draw."""

    id: str
    label: str
    draw: Callable[[Canvas], alt.LayerChart | None]


def stacked(rows: pd.DataFrame, step: int = ROW) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Give each row its height in the view, under a heading for each group.

    Returns
    -------
    tuple
        The rows with y (the middle of each), the headings (group, y), and the height of all.
    """
    y, middles, heads = 0, [], []
    for name, part in rows.groupby("group", sort=False):
        if name:
            heads.append({"group": name, "y": y + HEADING / 2 + 2})
            y += HEADING
        middles += [y + step * number + step / 2 for number in range(len(part))]
        y += step * len(part) + GAP
    ordered = rows.iloc[
        [place for part in rows.groupby("group", sort=False).indices.values() for place in part]
    ]
    return ordered.assign(y=middles), pd.DataFrame(heads, columns=["group", "y"]), y


def y_axis(field: str, height: float, axis: Any = None) -> alt.Y:
    """Return where the rows of a chart stand, in pixels from its top."""
    scale = alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=axis)


def texts_at(canvas: Canvas, rows: pd.DataFrame, field: str, height: float, x: Any = 0, **look: Any) -> Any:
    """Write a column of texts at one place of each row."""
    style: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": LETTERS} | look
    style = {"color": canvas.ink["ink"]} | style
    return alt.Chart(rows).mark_text(**style).encode(x=alt.value(x), y=y_axis("y", height), text=f"{field}:N")


def place_headings(canvas: Canvas, heads: pd.DataFrame, height: float) -> list[Any]:
    """Write the headings above groups of rows."""
    if heads.empty:
        return []
    limit = canvas.width or alt.ExprRef("width")
    return [texts_at(canvas, heads, "group", height, fontWeight="bold", limit=limit)]


def row_names(canvas: Canvas, rows: pd.DataFrame, height: float) -> Any:
    """Write the name of each row at its left."""
    return texts_at(canvas, rows, "place", height, limit=canvas.name_limit)


def x_axis(canvas: Canvas, field: str, scale: Mapping[str, Any], axis: Mapping[str, Any]) -> alt.X:
    """Return the axis of values."""
    ranged = alt.Scale(range=[canvas.left, canvas.right], nice=False, **scale)
    return alt.X(f"{field}:Q", scale=ranged, axis=alt.Axis(**axis))


def money_axis(canvas: Canvas, field: str, most: float) -> alt.X:
    """Return an axis of pounds, with few round ticks."""
    note = axis_note(canvas, "£ million")
    axis = {"title": note, "format": "~r", "tickCount": 4, "grid": True}
    return x_axis(canvas, field, {"domain": [0, most or 1]}, axis)


def axis_note(canvas: Canvas, unit: str) -> list[str]:
    """Return the lines below an axis: its unit, then whose the data are."""
    source = f"Source: {PRODUCT}, edition {canvas.comparison.edition.about.name}."
    return [unit, *(textwrap.wrap(source, PHONE_SOURCE) if canvas.signed else [])]


def finished(
    canvas: Canvas, layers: Sequence[Any], height: float, title: str, *, notes: str, words: str
) -> alt.LayerChart:
    """Put layers together under a title, with the chart in words for those who do not see it."""
    chart = alt.layer(*layers).properties(
        height=height,
        width=canvas.width or "container",
        **({} if canvas.width else {"autosize": CONTAINED}),
        title=alt.TitleParams(
            canvas.lines(title, PHONE_LINE),
            subtitle=canvas.lines(notes, PHONE_NOTE),
            anchor="start",
            frame="bounds",
            offset=10,
        ),
        description=f"{title}. {words}",
    )
    # Layers of which none is a facet make a layer chart; the stubs allow for others.
    return cast("alt.LayerChart", chart)


def dressed(chart: Any, look: Style, background: str = "transparent", font: str = FONT) -> Any:
    """Return a chart, or several put together, in the colours and letters of the house."""
    ink = look.colours
    words = {"labelColor": ink["muted"], "titleColor": ink["muted"], "labelFont": font, "titleFont": font}
    lines = {"gridColor": ink["panel_border"], "domainColor": ink["outline"], "tickColor": ink["outline"]}
    title = {"color": ink["ink"], "font": font, "fontSize": TITLE_LETTERS, "fontWeight": "bold"}
    below = {"subtitleColor": ink["muted"], "subtitleFont": font, "subtitleFontSize": SMALL_LETTERS}
    axis = {"titleFontWeight": "normal", "titleFontSize": SMALL_LETTERS, "labelFontSize": SMALL_LETTERS}
    start = {"titleAnchor": "start", "titleAlign": "left", "titleLineHeight": 15, "titlePadding": 8}
    legend = {"orient": "top", "symbolType": "square", "labelLimit": 300, "titleFont": font, "offset": 6}
    return (
        chart.configure(background=background, font=font)
        .configure_text(font=font)
        .configure_view(stroke=None)
        .configure_axis(**words, **lines, **axis)
        .configure_axisX(**start, domain=False, ticks=False, labelPadding=6)
        .configure_title(**title, **below, lineHeight=18, subtitleLineHeight=15, subtitlePadding=5)
        .configure_legend(labelColor=ink["ink"], labelFont=font, labelFontSize=SMALL_LETTERS, **legend)
    )


def tooltips(fields: Mapping[str, str]) -> list[alt.Tooltip]:
    """Return what is said of a mark when it is pointed at: columns and what they are called."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in fields.items()]


def bar_ends(canvas: Canvas, rows: pd.DataFrame, height: float, top: float) -> Any:
    """Write each amount at the end of its bar."""
    table = rows.assign(million=rows["public"] / MILLION)[["million", "words", "y"]]
    mark = alt.Chart(table).mark_text(
        align="left", baseline="middle", dx=6, fontSize=SMALL_LETTERS, color=canvas.ink["ink"]
    )
    return mark.encode(x=money_axis(canvas, "million", top), y=y_axis("y", height), text="words:N")


def places_in_words(comparison: Comparison) -> str:
    """Return which places the chart is of."""
    called = names(comparison)
    shown = [called[place.ref] for place in comparison.places]
    return listed(shown) if len(shown) <= 3 else f"{len(shown)} places"


def rows_in_words(rows: pd.DataFrame, most: int = 12) -> str:
    """Return rows in words."""
    parts = [f"{row.group}, {row.place}: {row.words}" for row in rows.head(most).itertuples(index=False)]
    return "; ".join([*parts, *([f"and {len(rows) - most} more"] if len(rows) > most else [])])
