"""Chart of a comparison: one measure, a dot a place, and what the places are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from charts.canvas import (
    SMALL_LETTERS,
    Canvas,
    axis_note,
    finished,
    place_headings,
    places_in_words,
    row_names,
    rows_in_words,
    stacked,
    tooltips,
    x_axis,
    y_axis,
)
from tables.comparison_cells import cells, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions.measures import Measure
    from regions.place import Place


def measured(canvas: Canvas, measure: Measure) -> alt.LayerChart | None:
    """Draw a measure: a dot a place, highest first, and what the places are held against."""
    comparison = canvas.comparison
    table = _measure_rows(canvas, measure)
    if not (table["value"] > 0).any():
        return None
    table, heads, height = stacked(table)
    top = float(table["value"].max())
    notes = f"{measure.definition}{_hollow(table)}"
    held = table[(table["role"] == "held against") & table["value"].notna()]
    layers = [
        *([_levels(canvas, held, height, top, measure)] if len(held) else []),
        *place_headings(canvas, heads, height),
        row_names(canvas, table, height),
        _stems(canvas, table, height, top, measure),
        _values(canvas, table, height, top, measure),
    ]
    title = f"{measure.label}: {places_in_words(comparison)}"
    return finished(canvas, layers, height, title, notes=notes, words=rows_in_words(table))


def _hollow(table: pd.DataFrame) -> str:
    return " Grey and hollow: rests on too few firms." if (table["shape"] == "few").any() else ""


def _measure_rows(canvas: Canvas, measure: Measure) -> pd.DataFrame:
    """Return a row a place, highest first, then what they are held against."""
    comparison, ink = canvas.comparison, canvas.ink
    called, figures = names(comparison), cells(comparison)

    def rows(chosen: Sequence[Place], role: str) -> list[dict[str, Any]]:
        ranked = sorted(chosen, key=lambda place: -(figures[measure.id, place.ref].value or -1.0))
        return [
            {"place": called[place.ref], "role": role, "cell": figures[measure.id, place.ref]}
            for place in ranked
        ]  # fmt: skip

    held = rows(comparison.against, "held against")
    table = pd.DataFrame([*rows(comparison.places, "place"), *held])
    few = table["cell"].map(lambda cell: cell.few)
    against = table["role"] == "held against"
    shape = pd.Series("place", index=table.index).mask(few, "few").mask(against, "held against")
    hue = shape.map({"place": ink["award"], "few": ink["outline"], "held against": ink["muted"]})
    return pd.DataFrame(
        {
            "group": ["Held against" if one else "" for one in against],
            "place": table["place"],
            "role": table["role"],
            "value": table["cell"].map(lambda cell: cell.value).astype("float64"),
            "words": table["cell"].map(lambda cell: _bare(cell.text) + (", few" if cell.few else "")),
            "said": table["cell"].map(lambda cell: cell.words),
            "shape": shape,
            "hue": hue,
            "fill": hue.where(shape == "place", ink["panel"]),
        }
    )


def _bare(text: str) -> str:
    """Leave out the unit, which the axis gives."""
    return text.partition(" a head")[0].partition(" per ")[0].partition(" (")[0]


def _value_x(canvas: Canvas, field: str, top: float, measure: Measure) -> alt.X:
    percent = measure.unit == "share"
    title = "per cent" if percent else measure.unit
    axis = {"title": axis_note(canvas, title), "format": "~%" if percent else "~s" if top >= 10_000 else "~r"}
    return x_axis(canvas, field, {"domain": [0, top or 1]}, {**axis, "tickCount": 4})


def _levels(canvas: Canvas, held: pd.DataFrame, height: float, top: float, measure: Measure) -> Any:
    """Draw a line from each comparator up through the places."""
    mark = alt.Chart(held).mark_rule(strokeDash=[3, 3], strokeWidth=1, color=canvas.ink["outline"])
    return mark.encode(x=_value_x(canvas, "value", top, measure), y=y_axis("y", height), y2=alt.value(0))


def _stems(canvas: Canvas, table: pd.DataFrame, height: float, top: float, measure: Measure) -> Any:
    known = table[table["value"].notna()]
    shapes = known.assign(form=known["role"].map({"place": "circle", "held against": "diamond"}))
    mark = alt.Chart(shapes).mark_point(size=80, opacity=1, strokeWidth=1.75)
    return mark.encode(
        x=_value_x(canvas, "value", top, measure),
        y=y_axis("y", height),
        shape=alt.Shape("form:N", scale=None, legend=None),
        fill=alt.Fill("fill:N", scale=None, legend=None),
        stroke=alt.Stroke("hue:N", scale=None, legend=None),
        tooltip=tooltips({"place": "place", "said": measure.label.lower()}),
    )


def _values(canvas: Canvas, table: pd.DataFrame, height: float, top: float, measure: Measure) -> Any:
    """Write each figure beside its dot; where there is none, where the dot would begin."""
    shown = table.assign(at=table["value"].fillna(0.0))
    mark = alt.Chart(shown).mark_text(
        align="left", baseline="middle", dx=9, fontSize=SMALL_LETTERS, color=canvas.ink["ink"]
    )
    return mark.encode(x=_value_x(canvas, "at", top, measure), y=y_axis("y", height), text="words:N")
