"""Chart of ranks at every level: how far the same ground stands above other regions, by the level chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from charts.canvas import dressed
from geo.boundaries import LEVELS, OTHER_LEVELS
from layers.style import style
from regions.ranks import OVERLAPS, PART

if TYPE_CHECKING:
    from layers.style import Style, Theme
    from regions.place import Place

RULES = {"delivery": "by place of delivery", "lead": "by lead's address"}
ROW_HEIGHT = 34


def strip(rows: pd.DataFrame, place: Place, theme: Theme) -> alt.LayerChart | None:
    """Return a line of points a level: the share of other regions below; None where nothing is ranked.

    The same ground, and what holds it, is a filled mark; parts of the place and what only overlaps it are
    small ticks. Rules of placing awards are told apart by shape.

    Parameters
    ----------
    rows : DataFrame
        As `regions.ranks.by_rule` returns them.
    place
        What they are of.
    theme : {"light", "dark"}
        Of the page around it.
    """
    look = style(theme)
    found = strip_drawn(rows, place, look)
    finished: alt.LayerChart | None = None if found is None else dressed(found, look)
    return finished


def strip_drawn(rows: pd.DataFrame, place: Place, look: Style, width: int = 0) -> alt.LayerChart | None:
    """Return the same without the letters and colours of the house, to be put together with others.

    Parameters
    ----------
    width : int
        Pixels; 0 for as wide as what holds it.
    """
    shown = rows[rows["percentile"].notna()]
    if shown.empty:
        return None
    table = pd.DataFrame(
        {
            "level": shown["level"].map(_level),
            "share": shown["percentile"].astype(float),
            "region": shown["name"],
            "rank": [
                f"{int(rank)} of {int(of)}" for rank, of in zip(shown["rank"], shown["of"], strict=True)
            ],
            "is": shown["relation"],
            "placed": shown["placed"].map(RULES),
            "part": shown["relation"].isin([PART, OVERLAPS]),
        }
    )
    order = list(dict.fromkeys(table["level"]))
    layers = [_parts(table[table["part"]], order, look), _whole(table[~table["part"]], order, look)]
    height = ROW_HEIGHT * len(order) + 20
    size = {"width": width} if width else {}
    drawn = alt.LayerChart(layer=layers)
    chart: alt.LayerChart = drawn.properties(height=height, description=_described(table, place), **size)
    return chart


def _level(level: str) -> str:
    return LEVELS[level].name if level in LEVELS else OTHER_LEVELS[level]


def _base(table: pd.DataFrame, order: list[str]) -> alt.Chart:
    share = alt.X(
        "share:Q",
        title="share of other regions of the level below it",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", tickCount=5),
    )
    hints = [alt.Tooltip(f"{name}:N") for name in ("level", "region", "is", "rank", "placed")]
    return alt.Chart(table).encode(
        x=share, y=alt.Y("level:N", sort=order, scale=alt.Scale(domain=order), title=None), tooltip=hints
    )


def _parts(table: pd.DataFrame, order: list[str], look: Style) -> alt.Chart:
    ticks: alt.Chart = _base(table, order).mark_tick(
        thickness=1.5, size=14, color=look.colours["outline"], opacity=0.7
    )
    return ticks


def _whole(table: pd.DataFrame, order: list[str], look: Style) -> alt.Chart:
    names = [rule for rule in RULES.values() if rule in set(table["placed"])]
    ink = look.colours
    legend = alt.Legend(title=None, orient="top", labelLimit=260) if len(names) > 1 else None
    shapes = alt.Scale(domain=list(RULES.values()), range=["circle", "diamond"])
    colours = alt.Scale(domain=list(RULES.values()), range=[ink["award"], ink["private"]])
    points: alt.Chart = (
        _base(table, order)
        .mark_point(filled=True, size=130, opacity=0.95)
        .encode(
            shape=alt.Shape("placed:N", scale=shapes, legend=legend),
            color=alt.Color("placed:N", scale=colours, legend=legend),
        )
    )
    return points


def _described(table: pd.DataFrame, place: Place) -> str:
    """Return the chart in words."""
    known = table[~table["part"]]
    parts = [f"{row.level} {row.rank} ({row.placed})" for row in known.itertuples(index=False)]
    return f"Ranks of {place.name}: {'; '.join(parts)}."
