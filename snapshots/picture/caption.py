"""What a picture says beside the map: filters, what was counted, and the picture itself in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.product import PRODUCT
from edition.view import UK
from geo.boundaries import is_approximate
from layers import regions
from layers.looking import shortest
from layers.registry import credit, told
from profiles.cluster import looked_at
from profiles.clusters import summary, why_none
from profiles.region import table as region_figures
from regions.figures import cluster_rows, clusters_in
from regions.measures import MEASURES
from snapshots.picture.chosen import comparison, framed, outlined, together
from snapshots.picture.whereabouts import whereabouts
from tables.comparison_files import reconciling_line
from words.filters import counted_words, filter_words, split_words
from words.links import AS_IT_OPENS, breakable, view_link
from words.measures import amount
from words.numbers import count, listed, pounds
from words.provenance import dated, method_words, own_firms
from words.sentence import figures, sentence, shows_money

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from regions.place import Place

# Clusters and regions that the alternative text names.
MOST_TOLD = 5
# Letters of a link that a caption has room for; of a longer one it says where to find it.
LONGEST_LINK = 400
FLAG = "Approximate boundaries"


def kicker(edition: Edition) -> str:
    """Return the line above the title: what made the picture, from which edition."""
    return f"{PRODUCT} · edition {edition.about.name}"


def title(edition: Edition, view: View, places: Sequence[Place] = ()) -> str:
    """Return what the picture shows: a cluster, its places, a part of the country, or else the whole view.

    Parameters
    ----------
    edition, view
        What is shown.
    places
        Those that the view has chosen (`snapshots.picture.chosen.chosen`).
    """
    row = looked_at(edition, view)
    if row is not None:
        return f"{row.name}: {summary(row)}."
    where = _where(edition, view, places)
    # Of a part, the layers are named where no measure colours it.
    what = _measure(view) or listed([_small(layer.label) for layer in told(view) if layer.titled])
    if where:
        return f"{where}: {_small(what)}" if what else where
    return sentence(edition, view)


def subtitle(edition: Edition, view: View, places: Sequence[Place] = ()) -> str:
    """Return what colours the map or, of a part of the country, the sums of the whole; and every filter.

    Of places that the map is framed on it says how their money adds up. Parameters as of `title`.
    """
    around = "the map shows the cluster and some 5 km around it" if view.cluster and view.at == UK else ""
    counted = [counted_words(view)] if shows_money(view) else []
    parts = [around, _first(edition, view, places), *filter_words(edition, view), *counted]
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts if part)


def _first(edition: Edition, view: View, places: Sequence[Place]) -> str:
    """Return what stands below the title before the filters."""
    if framed(view, places):
        line = reconciling_line(comparison(edition, view, places)) if shows_money(view) else ""
        where = "in this place" if len(places) == 1 else "in these places"
        return line.replace("These places", where).rstrip(".")
    if _where(edition, view, places):
        return f"in the whole UK: {_small(sentence(edition, view).removesuffix('.'))}"
    return _measure(view)


def _where(edition: Edition, view: View, places: Sequence[Place]) -> str:
    """Name what the map is of: its places, or the part of the country; nothing for the whole."""
    where, here = whereabouts(edition, view), outlined(view, places)
    if framed(view, places):
        named = together(edition, view, places)
        return f"{named} compared" if len(places) > 1 else named
    if not here:
        return where
    named = together(edition, view, here)
    return f"{where or 'The United Kingdom'}, with {named} outlined"


def _small(text: str) -> str:
    """Return a text as it stands within a sentence: abbreviations keep their capitals."""
    return text if text[:2].isupper() else f"{text[:1].lower()}{text[1:]}"


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
        return f"This view: {AS_IT_OPENS}."
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


def alt_text(edition: Edition, view: View, places: Sequence[Place] = ()) -> str:
    """Return the picture in words: the sentence, the filters, the strongest clusters, the highest regions.

    Parameters
    ----------
    edition, view
        What is shown.
    places
        Those that the view has chosen; where the map is framed on them, what lies in them is told.

    Returns
    -------
    str
        Plain text on one line, for `alt` and for a picture's metadata.

    Raises
    ------
    NotFoundError
        If the edition has no such cluster as is looked at.
    """
    on = places if framed(view, places) else ()
    told = [
        _clusters(edition, view, on),
        _regions(edition, view, on),
        _money(edition, view) if shows_money(view) else "",
        "Boundaries are approximate." if is_approximate() else "",
    ]
    head = title(edition, view, places)
    first = head if head.endswith(".") else f"{head}."
    return " ".join([first, subtitle(edition, view, places), *filter(None, told)])


def _clusters(edition: Edition, view: View, places: Sequence[Place]) -> str:
    if "clusters" not in view.show:
        return ""
    found = clusters_in(edition, view)
    if found.empty:
        return why_none(edition, view)
    if places:
        found = found[found["cluster_id"].isin(cluster_rows(edition, view, places)["cluster_id"])]
    if found.empty:
        return f"No cluster reaches into {'it' if len(places) == 1 else 'any of them'}."
    first = found.head(MOST_TOLD).itertuples(index=False)
    rows = [f"{row.name} ({summary(row)})" for row in first]
    rest = f", and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return f"Strongest clusters: {'; '.join(rows)}{rest}."


def _regions(edition: Edition, view: View, places: Sequence[Place]) -> str:
    measure = MEASURES[view.measure]
    if "regions" not in view.show or not measure.column:
        return ""
    found = region_figures(edition, view, whole=False)
    found = found[_reached(edition, view, found, places)] if places else found
    found = found.nlargest(MOST_TOLD, "value")
    rows = [
        f"{name} {amount(value, measure)}"
        for name, value in zip(found["name"], found["value"], strict=True)
        if value > 0
    ]
    return f"{measure.label}, highest: {listed(rows)}." if rows else ""


def _source(edition: Edition, view: View) -> str:
    """Return the address that restores the view; in words where that is but a question mark."""
    address = view_link(shortest(edition, view))
    return f"This view: {AS_IT_OPENS}." if address == "?" else address


def _reached(edition: Edition, view: View, rows: pd.DataFrame, places: Sequence[Place]) -> pd.Series:
    """Say which regions of the view's level share authorities with some of the places."""
    members = edition.tables["membership"]
    held = members["la_code"].isin({code for place in places for code in place.weights})
    return rows["region_id"].isin(members.loc[held & (members["level"] == view.level), "region_id"])


def metadata(edition: Edition, view: View, places: Sequence[Place] = ()) -> dict[str, str]:
    """Return what the file says of itself; nothing of it depends on the time or the machine."""
    return {
        "Title": title(edition, view, places),
        "Description": alt_text(edition, view, places),
        "Copyright": credit(view, own=edition.about.own),
        "Source": _source(edition, view),
        "Software": PRODUCT,
    }
