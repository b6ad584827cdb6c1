"""Charts of a comparison: money by programme and sector, private money, specialisation, years, rates.

Each is one view whose rows are set by us, pixel by pixel, so that it is readable on a phone and on a page:
names stand at the left inside the view, figures at the end of each mark, and places are told apart by their
names, never by colour alone. Data are values of the specification; no name ever becomes an expression.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

from charts.programmes import FONT
from data.product import PRODUCT
from edition.shares import ESTIMATED
from layers.style import edition_style
from regions.allocation import PENCE
from regions.comparison import BREAKDOWNS, UNDATED
from regions.figures import money_rows
from regions.measures import MEASURES
from tables.comparison_cells import cells, names
from words.filters import split_words
from words.numbers import count, listed, pounds, quotient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from layers.style import Style, Theme
    from regions.comparison import Comparison
    from regions.measures import Measure
    from regions.place import Place

# Pixels.
ROW, HEADING, GAP = 20, 22, 12
BAR, THIN_BAR = 13, 11
NAME_ROOM, FIGURE_ROOM, NARROW_NAMES = 190, 76, 0.37
PANEL, PANEL_HEAD, PANEL_FOOT = 86, 32, 14
LETTERS, SMALL_LETTERS, TITLE_LETTERS = 12, 11, 14
# Characters of a line of a title or a note that a phone has room for; a page takes more.
PHONE_LINE, PHONE_NOTE, PHONE_SOURCE = 38, 54, 34
PIXELS_A_CHARACTER = 6.2
# Programmes or sectors that have rows of their own, by the number of places.
MOST_KEYS_FEW, MOST_KEYS_MANY, MANY_PLACES = 7, 5, 5
MOST_SECTORS = 12
MILLION = 1e6
# A chart takes the width that it is given, and what height it needs.
CONTAINED = alt.AutoSizeParams(type="fit-x", contains="padding")
GIVEN, SHARED = "at places that a source names", "shared out by estimate"
PUBLIC, PRIVATE = "public money", "private money named beside it"
# The logarithmic axis of location quotients: what lies beyond is drawn at its end.
LQ_LEAST, LQ_MOST = 0.1, 12.0
LQ_TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10]
MOST_YEARS_NAMED = 6


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


# Rows


def _stacked(rows: pd.DataFrame, step: int = ROW) -> tuple[pd.DataFrame, pd.DataFrame, int]:
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


def _y(field: str, height: float, axis: Any = None) -> alt.Y:
    scale = alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=axis)


def _texts(canvas: Canvas, rows: pd.DataFrame, field: str, height: float, x: Any = 0, **look: Any) -> Any:
    """Write a column of texts at one place of each row."""
    style: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": LETTERS} | look
    style = {"color": canvas.ink["ink"]} | style
    return alt.Chart(rows).mark_text(**style).encode(x=alt.value(x), y=_y("y", height), text=f"{field}:N")


def _headings(canvas: Canvas, heads: pd.DataFrame, height: float) -> list[Any]:
    if heads.empty:
        return []
    limit = canvas.width or alt.ExprRef("width")
    return [_texts(canvas, heads, "group", height, fontWeight="bold", limit=limit)]


def _named(canvas: Canvas, rows: pd.DataFrame, height: float) -> Any:
    return _texts(canvas, rows, "place", height, limit=canvas.name_limit)


def _x(canvas: Canvas, field: str, scale: Mapping[str, Any], axis: Mapping[str, Any]) -> alt.X:
    ranged = alt.Scale(range=[canvas.left, canvas.right], nice=False, **scale)
    return alt.X(f"{field}:Q", scale=ranged, axis=alt.Axis(**axis))


def _money_x(canvas: Canvas, field: str, most: float) -> alt.X:
    note = _note(canvas, "£ million")
    axis = {"title": note, "format": "~r", "tickCount": 4, "grid": True}
    return _x(canvas, field, {"domain": [0, most or 1]}, axis)


def _note(canvas: Canvas, unit: str) -> list[str]:
    """Return the lines below an axis: its unit, then whose the data are."""
    source = f"Source: {PRODUCT}, edition {canvas.comparison.edition.about.name}."
    return [unit, *(textwrap.wrap(source, PHONE_SOURCE) if canvas.signed else [])]


def _finished(
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
    rows, heads, height = _stacked(rows)
    top = float(rows["public"].max()) / MILLION
    layers = [
        *_headings(canvas, heads, height),
        _named(canvas, rows, height),
        _parts(canvas, rows, height, top),
        _ends(canvas, rows, height, top),
    ]
    title = f"Public money by {key}: {_who(comparison)}"
    notes = f"Awards placed in each place. Paler: {split_words(comparison.filters)}, which no source states."
    return _finished(canvas, layers, height, title, notes=notes, words=_told(rows))


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
            x=_money_x(canvas, "start", top),
            x2="end:Q",
            y=_y("y", height),
            fill=fill,
            stroke=edge,
            tooltip=_hint(hint),
        )
    )


def _hint(fields: Mapping[str, str]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in fields.items()]


def _ends(canvas: Canvas, rows: pd.DataFrame, height: float, top: float) -> Any:
    """Write each amount at the end of its bar."""
    table = rows.assign(million=rows["public"] / MILLION)[["million", "words", "y"]]
    mark = alt.Chart(table).mark_text(
        align="left", baseline="middle", dx=6, fontSize=SMALL_LETTERS, color=canvas.ink["ink"]
    )
    return mark.encode(x=_money_x(canvas, "million", top), y=_y("y", height), text="words:N")


def _who(comparison: Comparison) -> str:
    called = names(comparison)
    shown = [called[place.ref] for place in comparison.places]
    return listed(shown) if len(shown) <= 3 else f"{len(shown)} places"


def _told(rows: pd.DataFrame, most: int = 12) -> str:
    """Return rows in words."""
    parts = [f"{row.group}, {row.place}: {row.words}" for row in rows.head(most).itertuples(index=False)]
    return "; ".join([*parts, *([f"and {len(rows) - most} more"] if len(rows) > most else [])])


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
        _named(canvas, name_rows[["place", "y"]], height),
        _pairs(canvas, table, height, top),
        _ends(canvas, table.assign(public=table["million"] * MILLION), height, top),
    ]
    notes = "Private money is what sources name beside the awards: forecasts and commitments, known for few."
    told = _told(table.assign(group=table["place"], place=table["kind"]))
    return _finished(
        canvas, layers, height, f"Public and private money: {_who(comparison)}", notes=notes, words=told
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
            x=_money_x(canvas, "zero", top),
            x2="million:Q",
            y=_y("y", height),
            fill=alt.Fill("kind:N", scale=fills, legend=legend),
            stroke=alt.Stroke("kind:N", scale=edges, legend=legend),
            tooltip=_hint(hint),
        )
    )


# Specialisation


def _specialised(canvas: Canvas) -> alt.LayerChart | None:
    comparison = canvas.comparison
    table = _lq_rows(canvas)
    if table.empty:
        return None
    table, heads, height = _stacked(table)
    share = comparison.edition.about.scan.confidence
    notes = (
        f"Location quotient with its {share:.0%} interval, logarithmic: 1 is the share of the United "
        f"Kingdom. Grey and hollow: fewer than {comparison.edition.about.scan.min_firms} firms, too few to "
        "say. At the right: firms of the sector, of all firms there."
    )
    layers = [
        _one_line(canvas, height),
        *_headings(canvas, heads, height),
        _named(canvas, table, height),
        _intervals(canvas, table, height),
        _dots(canvas, table, height),
        _texts(
            canvas, table, "beside", height, canvas.width or alt.ExprRef("width"), align="right",
            fontSize=SMALL_LETTERS, color=canvas.ink["muted"],
        ),
    ]  # fmt: skip
    title = f"Specialisation by sector: {_who(comparison)}"
    return _finished(canvas, layers, height, title, notes=notes, words=_told(table))


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
    axis = {"title": _note(canvas, "location quotient (logarithmic)"), "values": LQ_TICKS, "format": "~g"}
    return _x(canvas, field, scale, axis)


def _one_line(canvas: Canvas, height: float) -> Any:
    line = alt.Chart(pd.DataFrame({"one": [1.0]})).mark_rule(color=canvas.ink["ink"], strokeWidth=1)
    return line.encode(x=_lq_x(canvas, "one"), y=alt.value(0), y2=alt.value(height))


LQ_HINT = MappingProxyType(
    {"group": "sector", "place": "place", "words": "location quotient", "beside": "firms", "small": "count"}
)


def _intervals(canvas: Canvas, table: pd.DataFrame, height: float) -> Any:
    return (
        alt.Chart(table)
        .mark_rule()
        .encode(
            x=_lq_x(canvas, "low"),
            x2="high:Q",
            y=_y("y", height),
            color=alt.Color("hue:N", scale=None, legend=None),
            strokeWidth=alt.StrokeWidth("weight:Q", scale=None, legend=None),
            tooltip=_hint(LQ_HINT),
        )
    )


def _dots(canvas: Canvas, table: pd.DataFrame, height: float) -> Any:
    mark = alt.Chart(table[table["lq"].notna()]).mark_point(size=58, opacity=1, strokeWidth=1.5)
    return mark.encode(
        x=_lq_x(canvas, "lq"),
        y=_y("y", height),
        fill=alt.Fill("fill:N", scale=None, legend=None),
        stroke=alt.Stroke("hue:N", scale=None, legend=None),
        tooltip=_hint(LQ_HINT),
    )


# Awards by year


def _by_year(canvas: Canvas) -> alt.LayerChart | None:
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
        _texts(canvas, heads, "group", height, fontWeight="bold", limit=canvas.width or alt.ExprRef("width")),
        _peak(canvas, peaks, years, height),
    ]
    notes = (
        "Public money by year of award or start, to one scale in all rows; the amount stands on each highest "
        f"bar. {UNDATED.capitalize()}: no source gives a year."
    )
    told = _told(bars.assign(group=bars["place"], place=bars["year"]))
    return _finished(canvas, layers, height, f"Awards by year: {_who(comparison)}", notes=notes, words=told)


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
    axis = alt.Axis(title=_note(canvas, "year"), values=values, labelAngle=0, grid=False, labelOverlap=False)
    return alt.X("year:O", scale=alt.Scale(domain=[*years], paddingInner=0.18, paddingOuter=0), axis=axis)


def _columns(canvas: Canvas, bars: pd.DataFrame, years: Sequence[str], height: float) -> Any:
    hint = {"place": "place", "year": "year", "words": "public money", "projects": "awards"}
    mark = alt.Chart(bars).mark_bar(color=canvas.ink["award"])
    return mark.encode(x=_year_x(canvas, years), y=_y("y", height), y2="base:Q", tooltip=_hint(hint))


def _peak(canvas: Canvas, peaks: pd.DataFrame, years: Sequence[str], height: float) -> Any:
    mark = alt.Chart(peaks).mark_text(dy=-7, fontSize=SMALL_LETTERS, color=canvas.ink["muted"])
    return mark.encode(x=_year_x(canvas, years), y=_y("y", height), text="words:N")


def _ground(canvas: Canvas, height: float, tops: Mapping[str, float]) -> Any:
    """Draw the line that the bars of each place stand on."""
    lines = pd.DataFrame({"y": [top + PANEL - PANEL_FOOT for top in tops.values()]})
    mark = alt.Chart(lines).mark_rule(color=canvas.ink["outline"], strokeWidth=1)
    return mark.encode(y=_y("y", height), x=alt.value(0), x2=alt.value(canvas.width or "width"))


# One measure


def _measured(canvas: Canvas, measure: Measure) -> alt.LayerChart | None:
    comparison = canvas.comparison
    table = _measure_rows(canvas, measure)
    if not (table["value"] > 0).any():
        return None
    table, heads, height = _stacked(table)
    top = float(table["value"].max())
    notes = f"{measure.definition}{_hollow(table)}"
    held = table[(table["role"] == "held against") & table["value"].notna()]
    layers = [
        *([_levels(canvas, held, height, top, measure)] if len(held) else []),
        *_headings(canvas, heads, height),
        _named(canvas, table, height),
        _stems(canvas, table, height, top, measure),
        _values(canvas, table, height, top, measure),
    ]
    title = f"{measure.label}: {_who(comparison)}"
    return _finished(canvas, layers, height, title, notes=notes, words=_told(table))


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
    axis = {"title": _note(canvas, title), "format": "~%" if percent else "~s" if top >= 10_000 else "~r"}
    return _x(canvas, field, {"domain": [0, top or 1]}, {**axis, "tickCount": 4})


def _levels(canvas: Canvas, held: pd.DataFrame, height: float, top: float, measure: Measure) -> Any:
    """Draw a line from each comparator up through the places."""
    mark = alt.Chart(held).mark_rule(strokeDash=[3, 3], strokeWidth=1, color=canvas.ink["outline"])
    return mark.encode(x=_value_x(canvas, "value", top, measure), y=_y("y", height), y2=alt.value(0))


def _stems(canvas: Canvas, table: pd.DataFrame, height: float, top: float, measure: Measure) -> Any:
    known = table[table["value"].notna()]
    shapes = known.assign(form=known["role"].map({"place": "circle", "held against": "diamond"}))
    mark = alt.Chart(shapes).mark_point(size=80, opacity=1, strokeWidth=1.75)
    return mark.encode(
        x=_value_x(canvas, "value", top, measure),
        y=_y("y", height),
        shape=alt.Shape("form:N", scale=None, legend=None),
        fill=alt.Fill("fill:N", scale=None, legend=None),
        stroke=alt.Stroke("hue:N", scale=None, legend=None),
        tooltip=_hint({"place": "place", "said": measure.label.lower()}),
    )


def _values(canvas: Canvas, table: pd.DataFrame, height: float, top: float, measure: Measure) -> Any:
    """Write each figure beside its dot; where there is none, where the dot would begin."""
    shown = table.assign(at=table["value"].fillna(0.0))
    mark = alt.Chart(shown).mark_text(
        align="left", baseline="middle", dx=9, fontSize=SMALL_LETTERS, color=canvas.ink["ink"]
    )
    return mark.encode(x=_value_x(canvas, "at", top, measure), y=_y("y", height), text="words:N")


def _heads(canvas: Canvas) -> alt.LayerChart | None:
    return _measured(canvas, MEASURES["per-head"])


_KINDS = (
    Kind("per-head", "Public money per head", _heads),
    Kind("funding-by-programme", "Public money by programme", _by_programme),
    Kind("funding-by-sector", "Public money by sector", _by_sector),
    Kind("public-private", "Public and private money", _beside),
    Kind("timeline", "Awards by year", _by_year),
    Kind("specialisation", "Specialisation by sector", _specialised),
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
    return _measured(canvas, MEASURES[name])


def chart(name: str, comparison: Comparison, theme: Theme = "light", width: int = 0) -> alt.LayerChart | None:
    """Return a chart of a comparison (see `drawn`) ready to be shown; None where there is nothing to draw."""
    found = drawn(name, comparison, theme, width)
    if found is None:
        return None
    finished: alt.LayerChart = dressed(found, edition_style(comparison.edition, theme))
    return finished
