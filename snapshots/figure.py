"""Charts of a comparison as pictures: drawn without a browser or a network, with their caption inside."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Literal, get_args

import altair as alt
import pandas as pd

from data.errors import InputError
from data.filters import nearest
from layers.charts import CHARTS, drawn, dressed
from layers.comparison import link, reconciling_line
from layers.comparison_tables import filters_in_words
from layers.provenance import caveat, credited
from layers.style import edition_style
from regions.measures import ALL_MEASURES

if TYPE_CHECKING:
    from layers.style import Style, Theme
    from layers.view import View
    from regions.comparison import Comparison

Format = Literal["png", "svg"]
ALL = "all"
PRODUCT = "Innovation Clusters Map"
# The Vega-Lite that draws, so that another version of the library does not change pictures.
VEGA_LITE = "6.4"
# It comes with the library that draws: no machine lacks it.
FONT = "Liberation Sans"
# Pixels of the charts and around them; a PNG has `SCALE` dots for each.
WIDTH, MARGIN, SCALE = 720, 24, 2.0
CAPTION_LETTERS, CAPTION_LINE, CAPTION_CHARACTERS = 10, 14, 150
SPACING = 34
NOTHING = "Nothing to draw: no figure was found for these places under these filters."


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
        A key of `layers.charts.CHARTS`, the id of a measure of the comparison, or ``all`` for every chart.
    file_format : {"png", "svg"}
        PNG has 144 dots per inch.
    theme : {"light", "dark"}
        Of the picture.

    Raises
    ------
    InputError
        If there is no such chart or format.
    """
    # The library starts an engine of its own: whoever makes no picture need not wait for it.
    import vl_convert  # noqa: PLC0415

    if file_format not in get_args(Format):
        raise InputError(f"{str(file_format)[:20]!r} is no format of a figure; it may be png or svg")
    spec = specification(comparison, view, name, theme)
    # No address may be fetched: all data are in the specification.
    options: dict[str, Any] = {"vl_version": VEGA_LITE, "allowed_base_urls": []}
    if file_format == "svg":
        text: str = vl_convert.vegalite_to_svg(spec, **options)
        return text.encode()
    return bytes(vl_convert.vegalite_to_png(spec, scale=SCALE, **options))


def specification(
    comparison: Comparison, view: View | None = None, name: str = ALL, theme: Theme = "light"
) -> dict[str, Any]:
    """Return the Vega-Lite specification of a figure: charts one below the other, then the caption."""
    look = edition_style(comparison.edition, theme)
    charts = [drawn(one, comparison, theme, WIDTH, signed=False) for one in _names(comparison, name)]
    shown: list[alt.Chart | alt.LayerChart] = [chart for chart in charts if chart is not None]
    shown = shown or [_empty(look)]
    page = alt.vconcat(*shown, _caption(comparison, view, look), spacing=SPACING)
    page = page.properties(
        padding=MARGIN,
        title=alt.TitleParams(
            f"{PRODUCT} · edition {comparison.edition.about.name}",
            anchor="start",
            fontSize=11,
            fontWeight="normal",
            color=look.colours["muted"],
            offset=14,
        ),
        usermeta={"source": link(comparison, view)},
    ).resolve_scale(fill="independent", stroke="independent", color="independent", shape="independent")
    spec: dict[str, Any] = dressed(page, look, look.colours["panel"], FONT).to_dict()
    return spec


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


def _caption(comparison: Comparison, view: View | None, look: Style) -> alt.Chart:
    return _lines([line for text in caption(comparison, view) for line in _wrapped(text)], look)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, CAPTION_CHARACTERS, break_on_hyphens=False)


def caption(comparison: Comparison, view: View | None = None) -> list[str]:
    """Return what stands below a figure: filters, how sums add up, whose data under which terms, the link."""
    told = filters_in_words(comparison, view)
    used = {source for measure in comparison.measures for source in ALL_MEASURES[measure.id].sources}
    own = comparison.edition.about.own
    # A space before each part, so that a long address breaks between them.
    address = link(comparison, view).replace("&", " &")
    filters = told["filters"]
    return [
        f"{filters[:1].upper()}{filters[1:]}.",
        f"{reconciling_line(comparison).rstrip('.')}. {caveat(comparison.edition)}",
        *(credited(source, own=own) for source in ("register", "population", "onspd") if source in used),
        f"Boundaries: {told['boundaries']}. This comparison: {address}",
    ]
