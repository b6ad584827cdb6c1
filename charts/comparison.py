"""Charts of a comparison: money by programme and sector, private money, specialisation, years, rates.

Each is one view whose rows are set by us, pixel by pixel, so that it is readable on a phone and on a page:
names stand at the left inside the view, figures at the end of each mark, and places are told apart by their
names, never by colour alone. Data are values of the specification; no name ever becomes an expression.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from charts.canvas import (
    BAR,
    MILLION,
    THIN_BAR,
    Canvas,
    Kind,
    bar_ends,
    dressed,
    finished,
    money_axis,
    place_headings,
    places_in_words,
    row_names,
    rows_in_words,
    stacked,
    tooltips,
    y_axis,
)
from charts.measures import measured
from charts.specialisation import specialised
from charts.years import by_year
from edition.shares import ESTIMATED
from layers.style import edition_style
from regions.allocation import PENCE
from regions.comparison import BREAKDOWNS
from regions.figures import money_rows
from regions.measures import MEASURES
from tables.comparison_cells import names
from words.filters import split_words
from words.numbers import pounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.style import Theme
    from regions.comparison import Comparison

# Programmes or sectors that have rows of their own, by the number of places.
MOST_KEYS_FEW, MOST_KEYS_MANY, MANY_PLACES = 7, 5, 5
GIVEN, SHARED = "at places that a source names", "shared out by estimate"
PUBLIC, PRIVATE = "public money", "private money named beside it"


# Rows


# Money by programme and sector


def _public_by(comparison: Comparison, key: str) -> pd.DataFrame:
    """Return the public money of the places by a key: ref, key, public, estimated (pounds)."""
    rows = money_rows(comparison.edition, comparison.filters, comparison.places)
    column = comparison.edition.tables["projects"].set_index("project_id")[BREAKDOWNS[key]]
    keys = rows["project_id"].map(column)
    if key == "sector":
        keys = keys.map(comparison.edition.labels.title)
    pounds_each = rows["public"] / PENCE
    table = rows.assign(
        key=keys, public=pounds_each, estimated=pounds_each.where(rows["basis"].isin(ESTIMATED), 0.0)
    )
    sums = table.groupby(["ref", "key"])[["public", "estimated"]].sum().reset_index()
    return sums[sums["public"] > 0]


def _top(rows: pd.DataFrame, most: int, rest: str) -> pd.DataFrame:
    """Keep the keys that are most to any place, and put the others together, so that no money is dropped."""
    # The largest share rather than the sum: places may overlap, and are never added.
    whole = rows.groupby("ref")["public"].transform("sum")
    order = (rows["public"] / whole).groupby(rows["key"]).max().sort_values(ascending=False, kind="stable")
    if len(order) > most + 1:
        other = f"{rest} ({len(order) - most})"
        kept = [*order.index[:most], other]
        rows = rows.assign(key=rows["key"].where(rows["key"].isin(kept), other))
        rows = rows.groupby(["ref", "key"])[["public", "estimated"]].sum().reset_index()
    else:
        kept = [*order.index]
    return rows.assign(rank=rows["key"].map({name: rank for rank, name in enumerate(kept)}))


def _funding(canvas: Canvas, key: str, rest: str) -> alt.LayerChart | None:
    comparison = canvas.comparison
    found = _public_by(comparison, key)
    if found.empty:
        return None
    most = MOST_KEYS_MANY if len(comparison.places) > MANY_PLACES else MOST_KEYS_FEW
    called, order = names(comparison), {place.ref: at for at, place in enumerate(comparison.places)}
    rows = _top(found, most, rest).assign(at=lambda table: table["ref"].map(order))
    rows = rows.sort_values(["rank", "at"], ignore_index=True)
    rows = rows.assign(group=rows["key"], place=rows["ref"].map(called), words=rows["public"].map(pounds))
    rows, heads, height = stacked(rows)
    top = float(rows["public"].max()) / MILLION
    layers = [
        *place_headings(canvas, heads, height),
        row_names(canvas, rows, height),
        _parts(canvas, rows, height, top),
        bar_ends(canvas, rows, height, top),
    ]
    title = f"Public money by {key}: {places_in_words(comparison)}"
    notes = f"Awards placed in each place. Paler: {split_words(comparison.filters)}, which no source states."
    return finished(canvas, layers, height, title, notes=notes, words=rows_in_words(rows))


def _parts(canvas: Canvas, rows: pd.DataFrame, height: float, top: float) -> Any:
    """Draw bars in two parts: what sources place, and paler what is shared out by estimate."""
    given = rows["public"] - rows["estimated"]
    solid = rows.assign(part=GIVEN, start=0.0, end=given / MILLION, amount=given)
    pale = rows.assign(
        part=SHARED, start=given / MILLION, end=rows["public"] / MILLION, amount=rows["estimated"]
    )
    parts = pd.concat([solid[solid["amount"] > 0], pale[pale["amount"] > 0]], ignore_index=True)
    parts = parts.assign(said=parts["amount"].map(pounds))[
        ["group", "place", "part", "start", "end", "said", "words", "y"]
    ]
    ink, domain = canvas.ink, [GIVEN, SHARED]
    legend = alt.Legend(title=None, direction="vertical")
    fill = alt.Fill(
        "part:N", legend=legend, scale=alt.Scale(domain=domain, range=[ink["award"], ink["land"]])
    )
    edge = alt.Stroke(
        "part:N", legend=legend, scale=alt.Scale(domain=domain, range=[ink["award"], ink["award"]])
    )
    hint = {"group": "for", "place": "place", "part": "of it", "said": "amount", "words": "in all"}
    return (
        alt.Chart(parts)
        .mark_bar(height=BAR, strokeWidth=1)
        .encode(
            x=money_axis(canvas, "start", top),
            x2="end:Q",
            y=y_axis("y", height),
            fill=fill,
            stroke=edge,
            tooltip=tooltips(hint),
        )
    )


def _by_programme(canvas: Canvas) -> alt.LayerChart | None:
    return _funding(canvas, "programme", "Other programmes")


def _by_sector(canvas: Canvas) -> alt.LayerChart | None:
    return _funding(canvas, "sector", "Other sectors")


# Public beside private money


def _beside(canvas: Canvas) -> alt.LayerChart | None:
    comparison = canvas.comparison
    called: dict[str, str] = names(comparison)
    figures: Mapping[str, Mapping[Any, float]] = {
        column: comparison.figures[column].to_dict() for column in ("public_gbp", "private_gbp")
    }
    rows = [
        {
            "group": "",
            "place": called[place.ref],
            "kind": kind,
            "million": figures[column][place.ref] / MILLION,
            "words": pounds(figures[column][place.ref]) if figures[column][place.ref] else "none found",
        }
        for place in comparison.places
        for kind, column in ((PUBLIC, "public_gbp"), (PRIVATE, "private_gbp"))
    ]
    table = pd.DataFrame(rows)
    if not table["million"].any():
        return None
    step = 2 * THIN_BAR + 14
    middles = [step * place + step / 2 for place in range(len(comparison.places)) for _ in range(2)]
    table = table.assign(
        y=[y + side * (THIN_BAR / 2 + 1) for y, side in zip(middles, [-1, 1] * len(table), strict=False)]
    )
    height, top = step * len(comparison.places), float(table["million"].max())
    name_rows = table.iloc[::2].assign(y=middles[::2])
    layers = [
        row_names(canvas, name_rows[["place", "y"]], height),
        _pairs(canvas, table, height, top),
        bar_ends(canvas, table.assign(public=table["million"] * MILLION), height, top),
    ]
    notes = "Private money is what sources name beside the awards: forecasts and commitments, known for few."
    told = rows_in_words(table.assign(group=table["place"], place=table["kind"]))
    return finished(
        canvas,
        layers,
        height,
        f"Public and private money: {places_in_words(comparison)}",
        notes=notes,
        words=told,
    )


def _pairs(canvas: Canvas, table: pd.DataFrame, height: float, top: float) -> Any:
    """Draw filled bars for public and hollow ones for private money."""
    ink, domain = canvas.ink, [PUBLIC, PRIVATE]
    legend = alt.Legend(title=None, direction="vertical")
    fills = alt.Scale(domain=domain, range=[ink["award"], ink["panel"]])
    edges = alt.Scale(domain=domain, range=[ink["award"], ink["private"]])
    hint = {"place": "place", "kind": "kind", "words": "amount"}
    return (
        alt.Chart(
            table[table["million"] > 0].assign(zero=0.0)[["place", "kind", "zero", "million", "words", "y"]]
        )
        .mark_bar(height=THIN_BAR - 1, strokeWidth=1.5)
        .encode(
            x=money_axis(canvas, "zero", top),
            x2="million:Q",
            y=y_axis("y", height),
            fill=alt.Fill("kind:N", scale=fills, legend=legend),
            stroke=alt.Stroke("kind:N", scale=edges, legend=legend),
            tooltip=tooltips(hint),
        )
    )


# Specialisation


# Awards by year


# One measure


def _heads(canvas: Canvas) -> alt.LayerChart | None:
    return measured(canvas, MEASURES["per-head"])


_KINDS = (
    Kind("per-head", "Public money per head", _heads),
    Kind("funding-by-programme", "Public money by programme", _by_programme),
    Kind("funding-by-sector", "Public money by sector", _by_sector),
    Kind("public-private", "Public and private money", _beside),
    Kind("timeline", "Awards by year", by_year),
    Kind("specialisation", "Specialisation by sector", specialised),
)
CHARTS: Mapping[str, Kind] = MappingProxyType({kind.id: kind for kind in _KINDS})


def drawn(
    name: str, comparison: Comparison, theme: Theme = "light", width: int = 0, *, signed: bool = True
) -> alt.LayerChart | None:
    """Return a chart without the letters and colours of the house, to be put together with others.

    Parameters
    ----------
    name
        A key of `CHARTS`, or the id of one of the measures of the comparison.
    width
        Pixels; 0 for as wide as what holds it.
    signed
        Whether it says itself whose the data are.

    Returns
    -------
    LayerChart
        None where there is nothing to draw.
    """
    canvas = Canvas(comparison, edition_style(comparison.edition, theme), width, signed)
    if name in CHARTS:
        return CHARTS[name].draw(canvas)
    return measured(canvas, MEASURES[name])


def chart(name: str, comparison: Comparison, theme: Theme = "light", width: int = 0) -> alt.LayerChart | None:
    """Return a chart of a comparison (see `drawn`) ready to be shown; None where there is nothing to draw."""
    found = drawn(name, comparison, theme, width)
    if found is None:
        return None
    finished: alt.LayerChart = dressed(found, edition_style(comparison.edition, theme))
    return finished
