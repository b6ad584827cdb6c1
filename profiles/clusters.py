"""Clusters of a view: each in a line, the places worth a first click, and why there is none."""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from clusters.scan.rates import PALE
from regions.figures import clusters_in
from words.growth import beside_words
from words.numbers import count, finite
from words.provenance import none_words

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.filters import Filters

START_COLUMNS = ("cluster_id", "name", "label", "lat", "lon")


def summary(row: Any) -> str:
    """Return a cluster in a line: firms, against how many expected, quotient, type."""
    against = f" where {row.expected:.1f} were expected" if finite(row.expected) else ""
    quotient = f"LQ {row.lq:.1f}" if finite(row.lq) else ""
    parts = [f"{count(row.firms, 'firm')}{against}", quotient, row.type, sureness(row)]
    return "; ".join(filter(None, parts))


def sureness(row: Any) -> str:
    """Say what a cluster is short of, if anything: it is uncertain, or one site."""
    said = ["one site"] if row.one_site else []
    return ", ".join([*said, *(["uncertain: may be chance"] if row.standing == PALE else [])])


def summary_beside(row: Any) -> str:
    """Return `summary` with employment, and births where they differ from the label's: for the map."""
    return "; ".join([summary(row), *beside_words(row)])


def why_none(edition: Edition, filters: Filters) -> str:
    """Say why no cluster is shown: which labels could not be tested, or what came nearest."""
    rows = edition.tables["labels"]
    given = dict(zip(rows["label"], rows["reason"], strict=True))
    name = edition.labels.title
    near = {
        str(label): f"nearest is {place}, {text}" if place else f"nearest is {text}"
        for label, place, text in zip(rows["label"], rows["best_place"], rows["best"], strict=True)
        if text and not filters.type
    }
    reasons = [
        f"{name(label)}: {given.get(label) or near.get(label)}"
        for label in sorted(filters.labels)
        if given.get(label) or near.get(label)
    ]
    if reasons:
        return "; ".join(reasons) + "."
    if filters.type:
        return "No cluster of this type here. Take the type away to see the others."
    if edition.labels.own and not filters.labels and filters.family == "technology":
        return "All labels of this register are its sectors. Choose clusters of sectors to see them."
    return none_words(edition.about)


def starts(edition: Edition, filters: Filters, most: int = 3) -> list[dict[str, Any]]:
    """Return the strongest clusters as places worth a first click, one of each label as far as there are."""
    found = clusters_in(edition, filters)
    turns: Counter[str] = Counter()
    ranked: list[tuple[int, int, dict[str, Any]]] = []
    for row in zip(*(found[column] for column in START_COLUMNS), strict=True):
        start = dict(zip(START_COLUMNS, row, strict=True))
        # They come strongest first: the first of each label, then the second of each.
        ranked.append((turns[start["label"]], len(ranked), start))
        turns[start["label"]] += 1
    return [start for *_, start in nsmallest(most, ranked, key=itemgetter(0, 1))]
