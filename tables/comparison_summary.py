"""A comparison in plain words: what stands out, how the money adds up, and what to beware of."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from geo.boundaries import UK
from tables.comparison_cells import cells, names
from words.filters import split_words
from words.numbers import count, listed, percent, pounds, quotient
from words.provenance import flag

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from regions.comparison import Comparison
    from regions.place import Place

# Places, sectors of a place and overlaps that a sentence names before "and so many more".
MOST_PLACES, MOST_SECTORS, MOST_OVERLAPS = 4, 2, 3
# Figures that differ by less are about the same.
ABOUT = 0.05


def summary(comparison: Comparison) -> list[str]:
    """Return the comparison in four to seven short passages for people.

    Who has most public money a head and how that stands beside the comparators; how the pounds add up, or
    that the places overlap; private money; specialisation, where the interval lies above 1 and the count is
    not small; clusters; research assets; what is estimated, and what kind of firms these are.
    """
    told = [_per_head, _sums, _private, _specialised, _clusters, _assets, _beware]
    texts = [tell(comparison) for tell in told]
    return [f"{text[0].upper()}{text[1:]}" for text in texts if text]


def _called(comparison: Comparison) -> dict[str, str]:
    """Return what the places are called within a sentence, by ref."""
    return {ref: "the United Kingdom" if ref == UK else name for ref, name in names(comparison).items()}


def _held(comparison: Comparison) -> list[Place]:
    """Return what the places are held against, the country first."""
    return sorted(comparison.against, key=lambda place: place.level != "uk")[: MOST_PLACES + 1]


def _said(comparison: Comparison, measure: str, place: Place) -> str:
    return cells(comparison)[measure, place.ref].text


def _with(comparison: Comparison, measure: str) -> list[Place]:
    """Return the places that a measure is known of and above nothing, highest first."""
    figures = cells(comparison)
    known = [place for place in comparison.places if figures[measure, place.ref].value]
    return sorted(known, key=lambda place: -(figures[measure, place.ref].value or 0))


def _enough(parts: Sequence[str], most: int = MOST_PLACES) -> str:
    """Join parts, the last of many as a number."""
    rest = len(parts) - most
    return listed([*parts[:most], *([f"{rest} more"] if rest > 0 else [])])


def _per_head(comparison: Comparison) -> str:
    called = _called(comparison)
    ranked = _with(comparison, "per-head")
    if not ranked:
        where = called[comparison.places[0].ref] if _one(comparison) else "any of the places"
        return f"No public money was found in {where} under these filters; some may have been given."
    first = ranked[0]
    amount = _said(comparison, "per-head", first)
    beside = _beside(comparison, first)
    if _one(comparison):
        return f"{called[first.ref]} has {amount} of public money{beside}."
    text = f"{called[first.ref]} has the most public money a head, {amount.removesuffix(' a head')}{beside}."
    if len(ranked) > 1:
        last = _said(comparison, "per-head", ranked[-1])
        among = "" if len(ranked) == len(comparison.places) else " of those where any was found"
        text += f" {called[ranked[-1].ref]} has the least{among}, {last.removesuffix(' a head')}."
    missing = [called[place.ref] for place in comparison.places if place not in ranked]
    return text + (f" None was found in {_enough(missing)}." if missing else "")


def _beside(comparison: Comparison, place: Place) -> str:
    """Say how a place's money a head stands beside that of the comparators."""
    called, figures = _called(comparison), cells(comparison)
    own = figures["per-head", place.ref].value or 0.0
    parts = []
    for other in _held(comparison):
        value = figures["per-head", other.ref].value
        if value and _relevant(place, other):
            amount = _said(comparison, "per-head", other).removesuffix(" a head")
            parts.append(f"{_stands(own, value)} {called[other.ref]} ({amount})")
    return f": {listed(parts)}" if parts else ""


def _relevant(place: Place, other: Place) -> bool:
    """Say whether a comparator holds a part of the place: another's nation says nothing of it."""
    return place.ref != UK and bool(place.weights.keys() & other.weights.keys())


def _stands(own: float, other: float) -> str:
    ratio = own / other
    if abs(ratio - 1) < ABOUT:
        return "about as much as"
    if ratio >= 1.5:
        return f"{ratio:.1f} times".replace(".0 ", " ") + " that of"
    return "more than" if ratio > 1 else "less than"


def _one(comparison: Comparison) -> bool:
    return len(comparison.places) == 1


def _sums(comparison: Comparison) -> str:
    sums = comparison.sums
    if sums is None:
        said = comparison.overlaps
        # A passage is no list: what is left over is counted.
        parts = "; ".join(said[:MOST_OVERLAPS])
        rest = len(said) - MOST_OVERLAPS
        more = f"; and {count(rest, 'more overlap')}" if rest > 0 else ""
        return f"Some of the places share ground, so their money is not added up: {parts}{more}."
    if not sums.awards:
        return ""
    where = _called(comparison)[comparison.places[0].ref] if _one(comparison) else "The places together"
    hold = "has" if _one(comparison) else "have"
    elsewhere = f"{pounds(sums.elsewhere)} lies" if sums.elsewhere else "none lies"
    unplaced = f"{pounds(sums.not_placed)} is not placed" if sums.not_placed else "none is left unplaced"
    return (
        f"{where} {hold} {pounds(sums.places)} of the {pounds(sums.awards)} in awards counted; "
        f"{elsewhere} elsewhere and {unplaced}."
    )


def _private(comparison: Comparison) -> str:
    called = _called(comparison)
    ranked = _with(comparison, "private")
    if not ranked:
        return "Beside it no source names private money." if _with(comparison, "total") else ""
    parts = [f"{_said(comparison, 'private', place)} in {called[place.ref]}" for place in ranked]
    rest = len(comparison.places) - len(ranked)
    others = "the other" if rest == 1 else f"the other {rest}"
    none = f"; none for {others}" if rest else ""
    return f"Beside the public money, sources name private money of {_enough(parts)}{none}."


def _specialised(comparison: Comparison) -> str:
    rows = comparison.specialisation
    rows = rows[(rows["kind"] == "sector") | rows["label"].isin(comparison.filters.labels)]
    if not rows["firms"].any():
        return "No firm of this edition is in " + ("it." if _one(comparison) else "any of the places.")
    called = _called(comparison)
    found = rows[(rows["low"] > 1) & ~rows["small"]].sort_values("low", ascending=False)
    parts = [
        f"{called[place.ref]} in {_sectors(found[found['ref'] == place.ref])}"
        for place in comparison.places
        if (found["ref"] == place.ref).any()
    ]
    if not parts:
        least = comparison.edition.about.scan.min_firms
        where = "here" if _one(comparison) else "in any of the places"
        return (
            f"No sector stands out from its share of the country's firms {where}: each interval takes in 1, "
            f"or lies below it, or there are fewer than {least} firms."
        )
    shown = "; ".join(parts[:MOST_PLACES])
    rest = len(parts) - MOST_PLACES
    more = f"; and {count(rest, 'more place')}" if rest > 0 else ""
    what = f"location quotient with its {percent(comparison.edition.about.scan.confidence)} interval"
    return f"More firms than the country's share explains ({what}): {shown}{more}."


def _sectors(rows: pd.DataFrame) -> str:
    first: list[dict[Any, Any]] = rows.head(MOST_SECTORS).to_dict("records")
    said = [
        f"{row['title']}, {quotient(row['lq'], row['low'], row['high'])}, "
        f"{row['firms']:,} of {count(row['of'], 'firm')}"
        for row in first
    ]
    rest = len(rows) - MOST_SECTORS
    return listed([*said, *([f"{rest} more"] if rest > 0 else [])])


def _clusters(comparison: Comparison) -> str:
    called, rows = _called(comparison), comparison.clusters
    if rows.empty:
        where = called[comparison.places[0].ref] if _one(comparison) else "any of the places"
        return f"No cluster on the map reaches into {where}."
    grouped = {str(ref): part for ref, part in rows.groupby("ref", sort=False)}
    ranked = sorted(
        (place for place in comparison.places if place.ref in grouped),
        key=lambda place: -len(grouped[place.ref]),
    )
    parts = [
        f"{called[place.ref]} has {count(len(grouped[place.ref]), 'cluster')} "
        f"({_strongest(grouped[place.ref])})"
        for place in ranked
    ]
    rest = len(comparison.places) - len(ranked)
    none = f"; {'the other has' if rest == 1 else f'the other {rest} have'} none" if rest else ""
    return f"{_enough(parts)}{none}."


def _strongest(rows: pd.DataFrame) -> str:
    name = rows["name"].iloc[0]
    return f"the strongest: {name}" if len(rows) > 1 else str(name)


def _assets(comparison: Comparison) -> str:
    called, figures = _called(comparison), cells(comparison)
    ranked = _with(comparison, "assets")
    if not ranked:
        return ""
    if _one(comparison):
        number = int(figures["assets", ranked[0].ref].value or 0)
        return f"It has {count(number, 'research asset')}."
    # Places with as many are named together.
    groups = groupby(ranked, key=lambda place: _said(comparison, "assets", place))
    parts = [f"{listed([called[place.ref] for place in some])} {number}" for number, some in groups]
    none = len(ranked) < len(comparison.places)
    rest = "fewer in the rest" if parts[MOST_PLACES:] else "none in the rest" if none else ""
    return f"Research assets: {'; '.join(filter(None, [*parts[:MOST_PLACES], rest]))}."


def _beware(comparison: Comparison) -> str:
    called, figures = _called(comparison), cells(comparison)
    ranked = _with(comparison, "estimated-share")
    shares = [percent(figures["estimated-share", place.ref].value or 0) for place in ranked]
    how = split_words(comparison.filters)
    if not ranked:
        return flag(comparison.edition)
    if _one(comparison):
        told = f"The place of {shares[0]} of the public money is an estimate ({how})."
    else:
        parts = [f"{share} in {called[place.ref]}" for share, place in zip(shares, ranked, strict=True)]
        told = f"The place of some of the public money is an estimate ({how}): {_enough(parts)}."
    return f"{told} {flag(comparison.edition)}"
