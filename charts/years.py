"""Chart of a comparison: awards by year, a panel a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from charts.canvas import (
    SMALL_LETTERS,
    Canvas,
    axis_note,
    finished,
    places_in_words,
    rows_in_words,
    texts_at,
    tooltips,
    y_axis,
)
from regions.comparison import UNDATED
from tables.comparison_cells import names
from words.numbers import count, pounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions.comparison import Comparison

PANEL, PANEL_HEAD, PANEL_FOOT = 86, 32, 14
MOST_YEARS_NAMED = 6


def by_year(canvas: Canvas) -> alt.LayerChart | None:
    """Draw awards by year, a panel a place; none where nothing is."""
    comparison = canvas.comparison
    found = comparison.money_by("year")
    found = found[found["ref"].isin([place.ref for place in comparison.places]) & (found["public_gbp"] > 0)]
    if found.empty:
        return None
    years = _years(found["key"])
    height, most = PANEL * len(comparison.places) - PANEL_FOOT, float(found["public_gbp"].max())
    tops = {place.ref: PANEL * at for at, place in enumerate(comparison.places)}
    called = names(comparison)
    base = found["ref"].map(tops) + PANEL - PANEL_FOOT
    tall = (PANEL - PANEL_HEAD - PANEL_FOOT) * found["public_gbp"] / most
    bars = pd.DataFrame(
        {
            "place": found["ref"].map(called),
            "year": found["key"],
            "words": found["public_gbp"].map(pounds),
            "projects": found["projects"].map(lambda number: count(int(number), "project")),
            "base": base,
            "y": base - tall,
        }
    )
    peaks = bars.loc[found.groupby("ref")["public_gbp"].idxmax()]
    heads = _year_heads(comparison, tops, found)
    layers = [
        _ground(canvas, height, tops),
        _columns(canvas, bars, years, height),
        texts_at(
            canvas, heads, "group", height, fontWeight="bold", limit=canvas.width or alt.ExprRef("width")
        ),
        _peak(canvas, peaks, years, height),
    ]
    notes = (
        "Public money by year of award or start, to one scale in all rows; the amount stands on each highest "
        f"bar. {UNDATED.capitalize()}: no source gives a year."
    )
    told = rows_in_words(bars.assign(group=bars["place"], place=bars["year"]))
    return finished(
        canvas, layers, height, f"Awards by year: {places_in_words(comparison)}", notes=notes, words=told
    )


def _years(keys: pd.Series) -> list[str]:
    """Return every year from the first to the last, then a gap and `UNDATED` if any money has no year."""
    dated = sorted(int(key) for key in keys if key != UNDATED)
    span = [str(year) for year in range(dated[0], dated[-1] + 1)] if dated else []
    # A column without a bar parts what has no date from the years.
    return [*span, *([" ", UNDATED] if (keys == UNDATED).any() else [])]


def _year_heads(comparison: Comparison, tops: Mapping[str, float], found: pd.DataFrame) -> pd.DataFrame:
    sums, called = found.groupby("ref")["public_gbp"].sum(), names(comparison)
    said = {ref: pounds(sums[ref]) if ref in sums.index else "none found" for ref in tops}
    return pd.DataFrame(
        [{"group": f"{called[ref]} · {said[ref]}", "y": top + 9} for ref, top in tops.items()]
    )


def _year_x(canvas: Canvas, years: Sequence[str]) -> alt.X:
    dated = [year for year in years if year.isdigit()]
    step = -(-len(dated) // MOST_YEARS_NAMED) or 1
    values = [*dated[::step], *([UNDATED] if UNDATED in years else [])]
    axis = alt.Axis(
        title=axis_note(canvas, "year"), values=values, labelAngle=0, grid=False, labelOverlap=False
    )
    return alt.X("year:O", scale=alt.Scale(domain=[*years], paddingInner=0.18, paddingOuter=0), axis=axis)


def _columns(canvas: Canvas, bars: pd.DataFrame, years: Sequence[str], height: float) -> Any:
    hint = {"place": "place", "year": "year", "words": "public money", "projects": "awards"}
    mark = alt.Chart(bars).mark_bar(color=canvas.ink["award"])
    return mark.encode(x=_year_x(canvas, years), y=y_axis("y", height), y2="base:Q", tooltip=tooltips(hint))


def _peak(canvas: Canvas, peaks: pd.DataFrame, years: Sequence[str], height: float) -> Any:
    mark = alt.Chart(peaks).mark_text(dy=-7, fontSize=SMALL_LETTERS, color=canvas.ink["muted"])
    return mark.encode(x=_year_x(canvas, years), y=y_axis("y", height), text="words:N")


def _ground(canvas: Canvas, height: float, tops: Mapping[str, float]) -> Any:
    """Draw the line that the bars of each place stand on."""
    lines = pd.DataFrame({"y": [top + PANEL - PANEL_FOOT for top in tops.values()]})
    mark = alt.Chart(lines).mark_rule(color=canvas.ink["outline"], strokeWidth=1)
    return mark.encode(y=y_axis("y", height), x=alt.value(0), x2=alt.value(canvas.width or "width"))
