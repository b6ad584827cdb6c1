"""Chart of likeness: how far the places most like one are from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from charts.canvas import dressed
from layers.style import style

if TYPE_CHECKING:
    from layers.style import Style, Theme

ROW_HEIGHT = 24
# Pixels of the axis below: a page fits chart and axis into the height together, a print only the chart.
AROUND = 50
AXIS = "standard deviations apart, on an average axis"


def distances(rows: pd.DataFrame, theme: Theme) -> alt.LayerChart:
    """Return a line and a point for each place, the nearest first.

    Parameters
    ----------
    rows : DataFrame
        As `regions.similar.Likeness.nearest` returns.
    theme : {"light", "dark"}
        Of the page around it.
    """
    look = style(theme)
    finished: alt.LayerChart = dressed(distances_drawn(rows, look), look)
    return finished


def distances_drawn(rows: pd.DataFrame, look: Style, width: int = 0) -> alt.LayerChart:
    """Return the same without the letters and colours of the house, to be put together with others.

    Parameters
    ----------
    width : int
        Pixels; 0 for as wide as what holds it.
    """
    table = pd.DataFrame(
        {"place": rows["name"], "code": rows["ref"], "distance": rows["distance"].astype(float)}
    )
    said = table.assign(words=table["distance"].map("{:.2f}".format))
    order = list(dict.fromkeys(said["place"]))
    names = alt.Y(
        "place:N", sort=order, scale=alt.Scale(domain=order), title=None, axis=alt.Axis(labelLimit=260)
    )
    far = alt.X("distance:Q", title=AXIS, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5))
    base = alt.Chart(said).encode(x=far, y=names, tooltip=["place:N", "code:N", "words:N"])
    ink = look.colours
    layers = [
        base.mark_rule(color=ink["outline"]).encode(x2=alt.datum(0)),
        base.mark_point(filled=True, size=80, opacity=1, color=ink["award"]),
        base.mark_text(align="left", dx=9, fontSize=11, color=ink["ink"]).encode(text="words:N"),
    ]
    told = "; ".join(f"{row.place} {row.words}" for row in said.itertuples(index=False))
    size = {"width": width} if width else {}
    chart: alt.LayerChart = alt.LayerChart(layer=layers).properties(
        height=ROW_HEIGHT * len(order) + 10 + (0 if width else AROUND),
        description=f"Distance: {told}.",
        **size,
    )
    return chart
