"""Chart of a comparison: location quotients with their intervals."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import altair as alt
import pandas as pd

from charts.canvas import (
    MOST_SECTORS,
    SMALL_LETTERS,
    Canvas,
    axis_note,
    finished,
    place_headings,
    places_in_words,
    row_names,
    rows_in_words,
    stacked,
    texts_at,
    tooltips,
    x_axis,
    y_axis,
)
from tables.comparison_cells import names
from words.numbers import quotient

# The logarithmic axis of location quotients: what lies beyond is drawn at its end.
LQ_LEAST, LQ_MOST = 0.1, 12.0
LQ_TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10]
LQ_HINT = MappingProxyType(
    {"group": "sector", "place": "place", "words": "location quotient", "beside": "firms", "small": "count"}
)


def specialised(canvas: Canvas) -> alt.LayerChart | None:
    """Draw the location quotients of the sectors of each place, with their intervals."""
    comparison = canvas.comparison
    table = _lq_rows(canvas)
    if table.empty:
        return None
    table, heads, height = stacked(table)
    share = comparison.edition.about.scan.confidence
    notes = (
        f"Location quotient with its {share:.0%} interval, logarithmic: 1 is the share of the United "
        f"Kingdom. Grey and hollow: fewer than {comparison.edition.about.scan.min_firms} firms, too few to "
        "say. At the right: firms of the sector, of all firms there."
    )
    layers = [
        _one_line(canvas, height),
        *place_headings(canvas, heads, height),
        row_names(canvas, table, height),
        _intervals(canvas, table, height),
        _dots(canvas, table, height),
        texts_at(
            canvas, table, "beside", height, canvas.width or alt.ExprRef("width"), align="right",
            fontSize=SMALL_LETTERS, color=canvas.ink["muted"],
        ),
    ]  # fmt: skip
    title = f"Specialisation by sector: {places_in_words(comparison)}"
    return finished(canvas, layers, height, title, notes=notes, words=rows_in_words(table))


def _lq_rows(canvas: Canvas) -> pd.DataFrame:
    comparison = canvas.comparison
    labels, filters = comparison.edition.labels, comparison.filters
    wanted = [*filters.labels] or labels.first(MOST_SECTORS)[:MOST_SECTORS]
    rows = comparison.specialisation
    rows = rows[rows["label"].isin(wanted[:MOST_SECTORS]) & (rows["of"] > 0)]
    rows = rows[rows.groupby("label")["firms"].transform("sum") > 0]
    order = {label: at for at, label in enumerate(wanted)}
    rows = rows.assign(at=rows["label"].map(order)).sort_values("at", kind="stable")
    grey, looks = canvas.ink["outline"], canvas.look.sectors
    hues = [
        grey if small else looks[label]["colour"]
        for label, small in zip(rows["label"], rows["small"], strict=True)
    ]
    return pd.DataFrame(
        {
            "group": rows["title"],
            "place": rows["ref"].map(names(comparison)),
            "lq": rows["lq"].clip(LQ_LEAST, LQ_MOST).where(rows["firms"] > 0),
            "low": rows["low"].clip(LQ_LEAST, LQ_MOST),
            "high": rows["high"].clip(LQ_LEAST, LQ_MOST),
            "words": [quotient(*row) for row in zip(rows["lq"], rows["low"], rows["high"], strict=True)],
            "beside": [f"{firms:,} of {of:,}" for firms, of in zip(rows["firms"], rows["of"], strict=True)],
            "hue": hues,
            "fill": pd.Series(hues, index=rows.index).mask(rows["small"], canvas.ink["panel"]),
            "weight": rows["small"].map({True: 0.9, False: 2.0}),
            "small": rows["small"].map({True: "too few firms to say", False: "enough firms"}),
        }
    ).reset_index(drop=True)  # fmt: skip


def _lq_x(canvas: Canvas, field: str) -> alt.X:
    scale = {"type": "log", "domain": [LQ_LEAST, LQ_MOST], "clamp": True}
    axis = {"title": axis_note(canvas, "location quotient (logarithmic)"), "values": LQ_TICKS, "format": "~g"}
    return x_axis(canvas, field, scale, axis)


def _one_line(canvas: Canvas, height: float) -> Any:
    line = alt.Chart(pd.DataFrame({"one": [1.0]})).mark_rule(color=canvas.ink["ink"], strokeWidth=1)
    return line.encode(x=_lq_x(canvas, "one"), y=alt.value(0), y2=alt.value(height))


def _intervals(canvas: Canvas, table: pd.DataFrame, height: float) -> Any:
    return (
        alt.Chart(table)
        .mark_rule()
        .encode(
            x=_lq_x(canvas, "low"),
            x2="high:Q",
            y=y_axis("y", height),
            color=alt.Color("hue:N", scale=None, legend=None),
            strokeWidth=alt.StrokeWidth("weight:Q", scale=None, legend=None),
            tooltip=tooltips(LQ_HINT),
        )
    )


def _dots(canvas: Canvas, table: pd.DataFrame, height: float) -> Any:
    mark = alt.Chart(table[table["lq"].notna()]).mark_point(size=58, opacity=1, strokeWidth=1.5)
    return mark.encode(
        x=_lq_x(canvas, "lq"),
        y=y_axis("y", height),
        fill=alt.Fill("fill:N", scale=None, legend=None),
        stroke=alt.Stroke("hue:N", scale=None, legend=None),
        tooltip=tooltips(LQ_HINT),
    )
