"""Charts of funding programmes: public beside private money by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from layers.style import style
from words.numbers import count, pounds

if TYPE_CHECKING:
    from layers.style import Style, Theme

MILLION = 1e6
UNDATED = "no date"
MONEY = {"public_gbp": "public money", "private_gbp": "private money named beside it"}
# Years up to which every bar has room for its amount above it.
LABELLED_YEARS = 9
# Years that a timeline has at least: one lone bar shows no time.
LEAST_YEARS = 7
# Programmes that the hint of a year names.
NAMED = 3
FONT = "Source Sans, Source Sans Pro, sans-serif"


def year_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what the chart of years draws: a row for each year and kind of money.

    Parameters
    ----------
    rows : DataFrame
        As `profiles.programmes.timeline` returns, by programme or by year.

    Returns
    -------
    DataFrame
        year (text; every year from the first to the last, at least `LEAST_YEARS` of them; then `UNDATED` if
        any project has none), money, million (pounds), words, projects, largest (programmes of most of it).
    """
    if rows.empty:
        return pd.DataFrame(columns=["year", "money", "million", "words", "projects", "largest"])
    labelled = rows.assign(label=rows["year"].map(_label, na_action=None))
    parts = [_part(labelled, column, name) for column, name in MONEY.items()]
    table = pd.concat(parts, ignore_index=True)
    return table[["year", "money", "million", "words", "projects", "largest"]]


def _label(year: Any) -> str:
    return UNDATED if pd.isna(year) else str(int(year))


def _part(rows: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    sums = rows.groupby("label")[[column, "projects"]].sum().reindex(_labels(rows), fill_value=0)
    return pd.DataFrame(
        {
            "year": sums.index,
            "money": name,
            "million": sums[column].to_numpy() / MILLION,
            "words": [pounds(value) for value in sums[column]],
            "projects": [count(int(number), "project") for number in sums["projects"]],
            "largest": [_largest(rows[rows["label"] == label], column) for label in sums.index],
        }
    )


def _labels(rows: pd.DataFrame) -> list[str]:
    dated = rows["year"].dropna()
    years = _span(int(dated.min()), int(dated.max())) if len(dated) else range(0)
    return [*map(str, years), *([UNDATED] if rows["year"].isna().any() else [])]


def _span(first: int, last: int) -> range:
    """Return the years from the first to the last, and as many around them as make a timeline."""
    lacking = max(0, LEAST_YEARS - (last - first + 1))
    return range(first - lacking // 2, last + lacking - lacking // 2 + 1)


def _largest(rows: pd.DataFrame, column: str) -> str:
    """Name the programmes that most of a year's money is of."""
    if "programme" not in rows:
        return ""
    first = rows[rows[column] > 0].nlargest(NAMED, column)
    named = zip(first["programme"], first[column], strict=True)
    return "; ".join(f"{name} {pounds(value)}" for name, value in named)


def timeline_chart(rows: pd.DataFrame, theme: Theme = "light", height: int = 300) -> alt.LayerChart | None:
    """Return bars of public and private money side by side, by year; None where there is no money to draw.

    Public bars are filled, private ones hollow: the two are told apart without colour.

    Parameters
    ----------
    rows : DataFrame
        As for `year_rows`.
    theme : {"light", "dark"}
        Of the page around it.
    height : int
        Pixels.
    """
    look = style(theme)
    found = years_drawn(rows, look, height)
    return None if found is None else _dressed(found, look)


def years_drawn(rows: pd.DataFrame, look: Style, height: int = 300, width: int = 0) -> alt.LayerChart | None:
    """Return the same without the letters and colours of the house, to be put together with others.

    Parameters
    ----------
    width : int
        Pixels; 0 for as wide as what holds it.
    """
    table = year_rows(rows)
    if not len(table) or not (table["million"] > 0).any():
        return None
    order = list(dict.fromkeys(table["year"]))
    layers = [_bars(table, order, look)]
    if len(order) <= LABELLED_YEARS:
        layers.append(_amounts(table, order, look))
    size = {"width": width} if width else {}
    drawn: alt.LayerChart = alt.LayerChart(layer=layers).properties(
        height=height, description=described(table), **size
    )
    return drawn


def described(table: pd.DataFrame) -> str:
    """Return the chart in words, for those who do not see it."""
    public = table[table["money"] == MONEY["public_gbp"]]
    private = table[table["money"] == MONEY["private_gbp"]]
    most = public.nlargest(1, "million")["year"].iloc[0]
    span = [year for year in public["year"] if year != UNDATED]
    years = f" from {span[0]} to {span[-1]}" if span else ""
    sums = [pounds(part["million"].sum() * MILLION) for part in (public, private)]
    return f"Public money {sums[0]} and private money {sums[1]} by year{years}; most public in {most}."


def _base(table: pd.DataFrame, order: list[str]) -> alt.Chart:
    return alt.Chart(table).encode(
        x=alt.X(
            "year:N",
            scale=alt.Scale(domain=order),
            title="year of award or start",
            axis=alt.Axis(labelAngle=0, labelOverlap=True),
        ),
        xOffset=alt.XOffset("money:N", scale=alt.Scale(domain=list(MONEY.values()))),
        y=alt.Y("million:Q", title="£ million", axis=alt.Axis(format=",.6~g", tickCount=5)),
    )


def _bars(table: pd.DataFrame, order: list[str], look: Style) -> alt.Chart:
    names, ink = list(MONEY.values()), look.colours
    fills = alt.Scale(domain=names, range=[ink["award"], ink["land"]])
    edges = alt.Scale(domain=names, range=[ink["award"], ink["private"]])
    legend = alt.Legend(title=None, orient="top", symbolType="square", labelLimit=260)
    hint = {"words": "money", "projects": "projects of the year", "largest": "largest"}
    named = [alt.Tooltip(f"{column}:N", title=title) for column, title in hint.items()]
    bars: alt.Chart = (
        _base(table[table["million"] > 0], order)
        .mark_bar(strokeWidth=1.5)
        .encode(
            fill=alt.Fill("money:N", scale=fills, legend=legend),
            stroke=alt.Stroke("money:N", scale=edges, legend=legend),
            tooltip=[alt.Tooltip("year:N"), alt.Tooltip("money:N", title="kind"), *named],
        )
    )
    return bars


def _amounts(table: pd.DataFrame, order: list[str], look: Style) -> alt.Chart:
    some = table[table["million"] > 0]
    mark = _base(some, order).mark_text(dy=-7, fontSize=11, color=look.colours["ink"], font=FONT)
    amounts: alt.Chart = mark.encode(text="words:N")
    return amounts


def _dressed(chart: alt.LayerChart, look: Style) -> alt.LayerChart:
    ink = look.colours
    words = {"labelColor": ink["muted"], "titleColor": ink["muted"], "labelFont": FONT, "titleFont": FONT}
    lines = {"gridColor": ink["panel_border"], "domainColor": ink["outline"], "tickColor": ink["outline"]}
    dressed: alt.LayerChart = (
        chart.configure(background="transparent", font=FONT)
        .configure_view(stroke=None)
        .configure_axis(**words, **lines, titleFontWeight="normal")
        .configure_axisX(grid=False)
        .configure_legend(labelColor=ink["ink"], labelFont=FONT, labelFontSize=12)
    )
    return dressed
