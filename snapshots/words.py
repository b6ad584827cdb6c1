"""What a picture says beside the map: filters, what was counted, and the picture itself in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers import clusters, regions
from layers.filter_words import counted_words, filter_words, split_words
from layers.provenance import method_words, own_firms
from layers.registry import credit
from layers.summary import figures, sentence
from layers.view import LEVELS
from layers.words import count, listed, pounds
from regions.figures import clusters_in
from regions.measures import MEASURES

if TYPE_CHECKING:
    from layers.view import View
    from regions.edition import Edition

# Clusters and regions that the alternative text names.
MOST_TOLD = 5
PRODUCT = "Innovation Clusters Map"


def kicker(edition: Edition) -> str:
    """Return the line above the title: what made the picture, from which edition."""
    return f"{PRODUCT} · edition {edition.about.name}"


def subtitle(edition: Edition, view: View) -> str:
    """Return what colours the map, and every filter in words."""
    parts = [_measure(view), *filter_words(edition, view), counted_words(view)]
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts if part)


def _measure(view: View) -> str:
    measure = MEASURES[view.measure]
    if "regions" not in view.show or measure.kind == "none":
        return ""
    return f"{measure.label}, by {LEVELS[view.level].split(' (')[0]}"


def caption(edition: Edition, view: View) -> list[str]:
    """Return the paragraphs below the map: what the data are, what is missing, whose they are."""
    address = view.url()
    # A space before each part, so that a long address breaks between them.
    same = f"This view: ?{address.replace('&', ' &')}" if address else "This view: the map as it opens."
    return [
        f"{_firms(edition)} Boundaries: {edition.boundaries}. {_money(edition, view)}",
        credit(view, own=edition.about.own),
        same,
    ]


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
    parts = [f"Of {pounds(sums.awards)} in awards, {placed}."]
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
    """
    told = [
        _clusters(edition, view),
        _regions(edition, view),
        _money(edition, view),
        "Boundaries are approximate.",
    ]
    return " ".join([sentence(edition, view), subtitle(edition, view), *filter(None, told)])


def _clusters(edition: Edition, view: View) -> str:
    if "clusters" not in view.show:
        return ""
    found = clusters_in(edition, view)
    if found.empty:
        return clusters.why_none(edition, view)
    first = found.head(MOST_TOLD).itertuples(index=False)
    rows = [f"{row.name} ({clusters.summary(row)})" for row in first]
    rest = f", and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return f"Strongest clusters: {'; '.join(rows)}{rest}."


def _regions(edition: Edition, view: View) -> str:
    measure = MEASURES[view.measure]
    if "regions" not in view.show or not measure.column:
        return ""
    found = regions.table(edition, view, whole=False).nlargest(MOST_TOLD, "value")
    rows = [
        f"{name} {regions.amount(value, measure.unit)}"
        for name, value in zip(found["name"], found["value"], strict=True)
        if value > 0
    ]
    return f"{measure.label}, highest: {listed(rows)}." if rows else ""


def metadata(edition: Edition, view: View) -> dict[str, str]:
    """Return what the file says of itself; nothing of it depends on the time or the machine."""
    return {
        "Title": sentence(edition, view),
        "Description": alt_text(edition, view),
        "Copyright": credit(view, own=edition.about.own),
        "Source": f"?{view.url()}",
        "Software": PRODUCT,
    }
