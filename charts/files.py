"""Charts as pictures, drawn without browser or network, with title, filters, sources and edition inside."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from charts.canonical_pdf import canonical
from charts.canvas import dressed
from charts.comparison import CHARTS, drawn
from charts.likeness import distances_drawn
from charts.programmes import years_drawn
from charts.ranks import strip_drawn
from data.errors import InputError, nearest
from data.formats import either, made, offered
from data.product import PRODUCT
from layers.style import edition_style
from profiles.programmes import timeline
from regions.similar import words as likeness_words
from tables.comparison_cells import filters_in_words
from tables.comparison_files import link, reconciling_line
from words.filters import counted_words, filter_words
from words.links import breakable, closed, view_link
from words.provenance import caveat, credits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edition.edition import Edition
    from edition.view import View
    from layers.style import Style, Theme
    from regions.comparison import Comparison
    from regions.measures import Measure
    from regions.place import Place
    from regions.similar import Likeness

Drawn = alt.Chart | alt.LayerChart
ALL = "all"
# The Vega-Lite that draws, so that another version of the library does not change pictures.
VEGA_LITE = "6.4"
# No address may be fetched: all data are in the specification.
OPTIONS: Mapping[str, Any] = MappingProxyType({"vl_version": VEGA_LITE, "allowed_base_urls": ()})
# It comes with the library that draws: no machine lacks it.
FONT = "Liberation Sans"
# Pixels of the charts and around them; a PNG has `SCALE` dots for each.
WIDTH, MARGIN, SCALE = 720, 24, 2.0
CAPTION_LETTERS, CAPTION_LINE, CAPTION_CHARACTERS = 10, 14, 150
SPACING = 34
# Of a chart that has no height of its own; and characters of a line of its title and of what stands below.
HEIGHT, TITLE_CHARACTERS, NOTE_CHARACTERS = 300, 88, 116
NOTHING = "Nothing to draw: no figure was found for this under these filters."
PARTS = "Filled: the same ground, and what holds it. Ticks: parts of the place, and what overlaps it."


@dataclass(frozen=True, eq=False)
class Plate:
    """Charts to be drawn one below the other, and what has to be said with them.

    Attributes
    ----------
    edition
        Whose colours they have, and whose name stands above them.
    charts
        Each `WIDTH` pixels wide, without letters and colours of the house; empty for nothing to draw.
    caption
        Texts that stand below, each from a line of its own on: filters, sources, the link.
    link
        The address that shows the same.
    theme
        Of the picture.
    """

    edition: Edition
    charts: Sequence[Drawn]
    caption: Sequence[str]
    link: str
    theme: Theme = "light"


def figure(
    comparison: Comparison,
    view: View | None = None,
    name: str = ALL,
    file_format: str = "png",
    theme: Theme = "light",
) -> bytes:
    """Return a chart of a comparison as a picture; the same comparison and view give the same bytes.

    Parameters
    ----------
    comparison, view
        What is shown, and what the caption says of filters.
    name
        A key of `charts.comparison.CHARTS`, the id of a measure of the comparison, or ``all`` for
        every chart.
    file_format
        The id of a format of charts. PNG has 144 dots per inch; the letters of a PDF are in it.
    theme : {"light", "dark"}
        Of the picture.

    Raises
    ------
    InputError
        If there is no such chart or format.
    """
    return printed(of_comparison(comparison, view, name, theme), file_format)


def printed(plate: Plate, file_format: str) -> bytes:
    """Return a plate as a picture; the same plate gives the same bytes.

    Raises
    ------
    InputError
        If there is no such format.
    """
    known = [form.id for form in offered("charts")]
    if file_format not in known:
        raise InputError(f"{str(file_format)[:20]!r} is no format of a figure; it may be {either(known)}")
    # The library starts an engine of its own: whoever makes no picture need not wait for it.
    import vl_convert  # noqa: PLC0415

    return WRITERS[file_format](vl_convert, specification(plate))


def _png(library: Any, spec: dict[str, Any]) -> bytes:
    return bytes(library.vegalite_to_png(spec, scale=SCALE, **OPTIONS))


def _svg(library: Any, spec: dict[str, Any]) -> bytes:
    text: str = library.vegalite_to_svg(spec, **OPTIONS)
    return text.encode()


def _pdf(library: Any, spec: dict[str, Any]) -> bytes:
    return canonical(bytes(library.vegalite_to_pdf(spec, **OPTIONS)))


WRITERS: Mapping[str, Callable[[Any, dict[str, Any]], bytes]] = made(
    {"png": _png, "svg": _svg, "pdf": _pdf},
    [form.id for form in offered("charts")],
    "WRITERS of charts/files.py",
)


def specification(plate: Plate) -> dict[str, Any]:
    """Return the Vega-Lite specification of a plate: its charts, then the caption."""
    look = edition_style(plate.edition, plate.theme)
    shown: list[Drawn] = [*plate.charts] or [_empty(look)]
    page = alt.vconcat(*shown, _caption(plate.caption, look), spacing=SPACING)
    page = page.properties(
        padding=MARGIN,
        title=alt.TitleParams(
            f"{PRODUCT} · edition {plate.edition.about.name}",
            anchor="start",
            fontSize=11,
            fontWeight="normal",
            color=look.colours["muted"],
            offset=14,
        ),
        usermeta={"source": plate.link},
    ).resolve_scale(fill="independent", stroke="independent", color="independent", shape="independent")
    spec: dict[str, Any] = dressed(page, look, look.colours["panel"], FONT).to_dict()
    return spec


# What is drawn


def of_comparison(
    comparison: Comparison, view: View | None = None, name: str = ALL, theme: Theme = "light"
) -> Plate:
    """Return a chart of a comparison, or all of them (see `figure`)."""
    charts = [drawn(one, comparison, theme, WIDTH, signed=False) for one in _names(comparison, name)]
    shown = [chart for chart in charts if chart is not None]
    return Plate(comparison.edition, shown, caption(comparison, view), link(comparison, view), theme)


def of_years(edition: Edition, view: View) -> Plate:
    """Return public beside private money by year: of all programmes, or of those that the view asks for."""
    chart = years_drawn(timeline(edition, view), edition_style(edition, "light"), HEIGHT, WIDTH)
    title = f"Public and private money by year{_whose(edition, view)}"
    charts = [] if chart is None else [_titled(chart, title)]
    return Plate(edition, charts, told(edition, view, "/funding"), view_link(view, "/funding"))


def _whose(edition: Edition, view: View) -> str:
    if len(view.programme) != 1:
        return ""
    rows = edition.tables["programmes"].set_index("programme_id")["name"]
    return f": {rows[view.programme[0]]}"


def of_ranks(edition: Edition, view: View, place: Place, measure: Measure, rows: pd.DataFrame) -> Plate:
    """Return the ranks of a place at every level.

    Parameters
    ----------
    rows : DataFrame
        As `regions.ranks.by_rule` returns them.
    """
    chart = strip_drawn(rows, place, edition_style(edition, "light"), WIDTH)
    title = f"How much the level decides: {place.name} by {measure.label.lower()}"
    charts = [] if chart is None else [_titled(chart, title, f"{PARTS} {measure.definition}")]
    here = view.model_copy(update={"place": (place.ref,)})
    said = told(edition, here, "/compare", measure.sources)
    return Plate(edition, charts, said, view_link(here, "/compare"))


def of_likeness(edition: Edition, view: View, found: Likeness, place: Place, most: int) -> Plate:
    """Return how far the places most like one are from it."""
    chart = distances_drawn(found.nearest(most), edition_style(edition, "light"), WIDTH)
    charts = [_titled(chart, f"Places like {place.name}", likeness_words(found))]
    here = view.model_copy(update={"place": (place.ref,)})
    sources = tuple(dict.fromkeys(source for axis in found.axes for source in axis.sources))
    return Plate(edition, charts, told(edition, here, "/compare", sources), view_link(here, "/compare"))


def _titled(chart: Drawn, title: str, notes: str = "") -> Drawn:
    title_lines = textwrap.wrap(title, TITLE_CHARACTERS)
    lines = textwrap.wrap(notes, NOTE_CHARACTERS)
    params = alt.TitleParams(title_lines, subtitle=lines, anchor="start", frame="bounds", offset=10)
    return chart.properties(title=params)


def told(edition: Edition, view: View, path: str, sources: Sequence[str] = ("register",)) -> list[str]:
    """Return what stands below a figure of a view: filters, whose data under which terms, the link."""
    words = "; ".join([*filter_words(edition, view), counted_words(view)])
    return [
        f"{words[:1].upper()}{words[1:]}. Awards found in public, not all there are.",
        caveat(edition),
        *credits_of(edition, sources),
        f"Boundaries: {edition.boundaries}. This figure: {breakable(view_link(view, path))}",
    ]


def _names(comparison: Comparison, name: str) -> list[str]:
    known = [*CHARTS, *(measure.id for measure in comparison.measures)]
    if name == ALL:
        return [*CHARTS]
    if name not in known:
        raise InputError(f"{name[:100]!r} is no chart of a comparison; {nearest(name, [ALL, *known])}")
    return [name]


def _lines(texts: list[str], look: Style, **style: Any) -> alt.Chart:
    """Write lines one below the other."""
    rows = pd.DataFrame({"line": texts, "y": [number * CAPTION_LINE for number in range(len(texts))]})
    size = {"height": len(texts) * CAPTION_LINE, "width": WIDTH}
    scale = alt.Scale(domain=[0, size["height"]], range=[0, size["height"]], nice=False, zero=False)
    mark = {"align": "left", "baseline": "top", "fontSize": CAPTION_LETTERS, "color": look.colours["muted"]}
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_text(**(mark | style))
        .encode(x=alt.value(0), y=alt.Y("y:Q", scale=scale, axis=None), text="line:N")
        .properties(**size)
    )
    return chart


def _empty(look: Style) -> alt.Chart:
    return _lines([NOTHING], look, fontSize=13, color=look.colours["ink"])


def _caption(texts: Sequence[str], look: Style) -> alt.Chart:
    return _lines([line for text in texts for line in _wrapped(text)], look)


def _wrapped(text: str) -> list[str]:
    return [closed(line) for line in textwrap.wrap(text, CAPTION_CHARACTERS, break_on_hyphens=False)]


def caption(comparison: Comparison, view: View | None = None) -> list[str]:
    """Return what stands below a figure: filters, how sums add up, whose data under which terms, the link."""
    told = filters_in_words(comparison, view)
    used = dict.fromkeys(source for measure in comparison.measures for source in measure.sources)
    # Where a line is full the address breaks between its parts; the spaces go when the lines are made.
    address = breakable(link(comparison, view))
    filters = told["filters"]
    return [
        f"{filters[:1].upper()}{filters[1:]}.",
        f"{reconciling_line(comparison).rstrip('.')}. {caveat(comparison.edition)}",
        *credits_of(comparison.edition, used),
        f"Boundaries: {told['boundaries']}. This comparison: {address}",
    ]
