"""What a picture says beside the map: filters, what was counted, and the picture itself in words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import shapely

from data.product import PRODUCT
from edition.view import UK
from geo.boundaries import is_approximate
from geo.projections import to_bng
from layers import labels, regions
from layers.registry import LAYERS, credit
from profiles.cluster import looked_at, shortest
from profiles.clusters import summary, why_none
from profiles.region import table as region_figures
from regions.figures import clusters_in
from regions.measures import MEASURES
from words.filters import counted_words, filter_words, split_words
from words.links import breakable, view_link
from words.measures import amount
from words.numbers import count, listed, pounds
from words.provenance import dated, method_words, own_firms
from words.sentence import figures, sentence

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View

# Clusters and regions that the alternative text names.
MOST_TOLD = 5
# Letters of a link that a caption has room for; of a longer one it says where to find it.
LONGEST_LINK = 400
# A map shows a part of the country from this zoom on, and a town that it can be called after lies this near
# to its middle (metres at zoom 0).
NEAR_ZOOM = 7.0
NEAR_METRES = 92_000 * 250
# The side of a square as large as the ground of a picture, metres at zoom 0.
WINDOW_METRES = 92_000 * (1_000 * 700) ** 0.5
# A map is called after an authority that fills so much of its land, if so much of it is seen.
MOST_OF_IT = 0.5
PART = "A part of the UK"
# Layers that the title of a part names where no measure colours it.
TOLD = ("clusters", "projects", "firms", "assets")
FLAG = "Approximate boundaries"


def kicker(edition: Edition) -> str:
    """Return the line above the title: what made the picture, from which edition."""
    return f"{PRODUCT} · edition {edition.about.name}"


def title(edition: Edition, view: View) -> str:
    """Return what the picture shows: a cluster, a part of the country, or else the whole view."""
    row = looked_at(edition, view)
    if row is not None:
        return f"{row.name}: {summary(row)}."
    where = _where(edition, view)
    what = _measure(view) or listed([_small(LAYERS[name].label) for name in TOLD if name in view.show])
    if where:
        return f"{where}: {_small(what)}" if what else where
    return sentence(edition, view)


def subtitle(edition: Edition, view: View) -> str:
    """Return what colours the map or, of a part of the country, the sums of the whole; and every filter."""
    whole = _small(sentence(edition, view).removesuffix("."))
    first = f"in the whole UK: {whole}" if _where(edition, view) else _measure(view)
    around = "the map shows the cluster and some 5 km around it" if view.cluster and view.at == UK else ""
    parts = [around, first, *filter_words(edition, view), counted_words(view)]
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts if part)


def _small(text: str) -> str:
    """Return a text as it stands within a sentence: abbreviations keep their capitals."""
    return text if text[:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def _where(edition: Edition, view: View) -> str:
    """Name the part of the country that a picture is zoomed in to; nothing where it shows the whole.

    It is called after the authority in the middle, if that fills much of it, else after the largest town.
    """
    if view.cluster or view.at == UK or view.at[2] < NEAR_ZOOM:
        return ""
    return _called(edition, *view.at)


@lru_cache(maxsize=64)
def _called(edition: Edition, lat: float, lon: float, zoom: float) -> str:
    x, y = (float(value) for value in to_bng(lon, lat))
    authority = _authority(edition, x, y, WINDOW_METRES / 2**zoom)
    if authority:
        return f"{authority} and around"
    towns = labels.places(edition)
    near = (towns["easting"] - x) ** 2 + (towns["northing"] - y) ** 2 < (NEAR_METRES / 2**zoom) ** 2
    named = towns[near].nlargest(1, "weight")["name"]
    return f"{named.iloc[0]} and around" if len(named) else PART


def _authority(edition: Edition, x: float, y: float, side: float) -> str:
    """Name the authority at a point if it is most of the land about it and most of it lies there."""
    rows = edition.regions["la"].geometry
    square = shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    near = rows.iloc[rows.sindex.query(square)]
    holding = near[near.contains(shapely.Point(x, y))]
    if holding.empty:
        return ""
    seen = near.clip_by_rect(*square.bounds).area
    there = seen[holding.index[0]]
    if there < MOST_OF_IT * max(holding.iloc[0].area, seen.sum()):
        return ""
    return str(edition.regions["la"].loc[holding.index[0], "name"])


def _measure(view: View) -> str:
    measure = MEASURES[view.measure]
    if "regions" not in view.show or measure.kind == "none":
        return ""
    area = f"{view.level.upper()} {'region' if view.level == 'itl1' else 'area'}"
    return f"{measure.label}, by {regions.SHORT.get(view.level, area)}"


def caption(edition: Edition, view: View) -> list[str]:
    """Return the paragraphs below the map: what the data are, what is missing, whose they are, the link."""
    return [
        f"{_firms(edition)} Boundaries: {edition.boundaries}. {_money(edition, view)}",
        credit(view, own=edition.about.own),
        f"{_dated(edition)} {_link(edition, view)}",
    ]


def _dated(edition: Edition) -> str:
    """Say which edition of the map, and of when its data are."""
    return f"{PRODUCT}, edition {edition.about.name}; {dated(edition)}."


def _link(edition: Edition, view: View) -> str:
    address = view_link(shortest(edition, view))
    if address == "?":
        return "This view: the map as it opens."
    if len(address) > LONGEST_LINK:
        return "The link to this view is too long to print; this file carries it as its source."
    # A space before each part, so that a long address breaks between them.
    return f"This view: {breakable(address)}"


def _firms(edition: Edition) -> str:
    if edition.about.own:
        return f"{own_firms(edition.about)}. {method_words(edition.about)}"
    firms, towns = edition.firm_count
    sample = f"Clusters come from a curated sample of {count(firms, 'firm')}, not a census;"
    return f"{sample} {towns:,} known only by their town make none."


def _money(edition: Edition, view: View) -> str:
    sums = figures(edition, view)
    if not sums.awards:
        return "No award is counted."
    split = f" ({pounds(sums.estimated)} of it {split_words(view)})" if sums.estimated else ""
    placed = f"{pounds(sums.placed)} is placed{split} and {pounds(sums.not_placed)} is not"
    whole = f"All {pounds(sums.awards)} in awards is placed{split}."
    parts = [f"Of {pounds(sums.awards)} in awards, {placed}." if sums.not_placed else whole]
    if sums.without_figure:
        parts.append(f"{count(sums.without_figure, 'project')} without a public figure.")
    if sums.switched_off:
        parts.append(f"{count(sums.switched_off, 'figure')} not counted.")
    return " ".join(parts)


def alt_text(edition: Edition, view: View) -> str:
    """Return the picture in words: the sentence, the filters, the strongest clusters, the highest regions.

    Parameters
    ----------
    edition, view
        What is shown.

    Returns
    -------
    str
        Plain text on one line, for `alt` and for a picture's metadata.

    Raises
    ------
    NotFoundError
        If the edition has no such cluster as is looked at.
    """
    told = [
        _clusters(edition, view),
        _regions(edition, view),
        _money(edition, view),
        "Boundaries are approximate." if is_approximate() else "",
    ]
    return " ".join([title(edition, view), subtitle(edition, view), *filter(None, told)])


def _clusters(edition: Edition, view: View) -> str:
    if "clusters" not in view.show:
        return ""
    found = clusters_in(edition, view)
    if found.empty:
        return why_none(edition, view)
    first = found.head(MOST_TOLD).itertuples(index=False)
    rows = [f"{row.name} ({summary(row)})" for row in first]
    rest = f", and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return f"Strongest clusters: {'; '.join(rows)}{rest}."


def _regions(edition: Edition, view: View) -> str:
    measure = MEASURES[view.measure]
    if "regions" not in view.show or not measure.column:
        return ""
    found = region_figures(edition, view, whole=False).nlargest(MOST_TOLD, "value")
    rows = [
        f"{name} {amount(value, measure)}"
        for name, value in zip(found["name"], found["value"], strict=True)
        if value > 0
    ]
    return f"{measure.label}, highest: {listed(rows)}." if rows else ""


def metadata(edition: Edition, view: View) -> dict[str, str]:
    """Return what the file says of itself; nothing of it depends on the time or the machine."""
    return {
        "Title": title(edition, view),
        "Description": alt_text(edition, view),
        "Copyright": credit(view, own=edition.about.own),
        "Source": view_link(shortest(edition, view)),
        "Software": PRODUCT,
    }
