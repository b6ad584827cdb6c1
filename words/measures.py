"""Measures in words: what is said of one region, and beside the map and in its legend of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.units import UNITS
from regions.allocation import PENCE
from regions.funding import funding, moved
from regions.measures import ENDS, MEASURES, NAMED, NO_AWARD, NO_PRIVATE
from words.filters import placed_words, split_words
from words.numbers import count, listed, pounds, quotient, said
from words.provenance import own_firms

if TYPE_CHECKING:
    from re import Match

    import pandas as pd

    from edition.edition import Edition
    from edition.filters import Filters
    from edition.view import View
    from regions.funding import Moved
    from regions.measures import Clause, Measure

SAMPLE = "Curated sample of firms, not a census."
NO_LABELS = "Choose a sector or technology: specialisation is in those."


def amount(value: float, measure: Measure) -> str:
    """Return a round value of a measure, as a legend has it.

    Examples
    --------
    >>> amount(2.5e6, MEASURES["total"]), amount(0.125, MEASURES["clustered-share"])
    ('£2.5m', '12.5%')
    >>> amount(1200, MEASURES["firms"])
    '1,200'
    """
    if measure.written.is_money:
        return pounds(value)
    if measure.written.written == "percent":
        return f"{value:.1%}".replace(".0%", "%")
    return f"{value:,.1f}".removesuffix(".0")


def nothing(edition: Edition, measure: Measure) -> str:
    """Say what the legend calls a region that has none of a measure, or too little to say."""
    if measure.rests_on:
        few = f"fewer than {edition.about.scan.min_firms} firms"
        # Many firms, and none of them in a cluster, is no share either.
        return f"none, or {few}" if measure.unit == "share" else few
    return measure.nothing or measure.group.nothing


def of_region(row: Any, measure: Measure, filters: Filters) -> str:
    """Say what a measure is in one region.

    Parameters
    ----------
    row
        The columns of the measure (`Measure.columns`) as attributes, and few (it rests on too few).
    measure, filters
        What is said, and of what.
    """
    clauses = [_clause(row, clause, filters) for clause in measure.says] or [_plainly(row, measure)]
    return "; ".join([*filter(None, clauses), *(["too few to compare"] if row.few else [])])


def _plainly(row: Any, measure: Measure) -> str:
    noun = "" if measure.unit in UNITS or not measure.unit else f" {measure.unit}"
    return (
        f"{measure.label}: {said(getattr(row, measure.column), measure.unit)}{noun}" if measure.column else ""
    )


def _clause(row: Any, clause: Clause, filters: Filters) -> str:
    if clause.of:
        value = getattr(row, clause.of)
        if not (value > 0 and value >= clause.least):
            return clause.otherwise
    told = {"placed": placed_words, "split": split_words}

    def written(found: Match[str]) -> str:
        name, how = found.groups()
        return told[name](filters) if name in told else _value(row, name, how or "")

    return NAMED.sub(written, clause.text)


def _value(row: Any, name: str, how: str) -> str:
    """Write a column of a region: in a unit, as a noun that is counted, or as Python formats numbers."""
    value = getattr(row, name)
    if how == "interval":
        return quotient(value, *(getattr(row, f"{name}_{end}") for end in ENDS))
    if how == "moved":
        return _moved(value)
    if how == "per head":
        return said(value, "£ per person").removesuffix(" a head")
    if how in UNITS:
        return said(value, how)
    return format(value, how) if not how or how[0] in ".," else count(value, how)


def _moved(difference: float) -> str:
    if not difference:
        return "no difference between place of delivery and leads' addresses"
    return f"{pounds(abs(difference))} {'more' if difference > 0 else 'less'} than by leads' addresses"


def note(edition: Edition, view: View, values: pd.Series) -> str:
    """Say what to know of a measure beside the map, or why no region has any.

    Parameters
    ----------
    edition, view
        What is shown.
    values
        Of the regions of the view's level.
    """
    measure = MEASURES[view.measure]
    if measure.group.of_firms:
        return _of_firms(edition, view, measure, values)
    if measure.kind == "difference" and moved(edition, view).total:
        return _of_difference(values, moved(edition, view))
    if (values > 0).any():
        return measure.note
    none = measure.group.none_note if measure.none_note is None else measure.none_note
    # Where no project passes the filters at all, that is why.
    return NO_AWARD if none == NO_PRIVATE and not funding(edition, view).taking_part.any() else none


def _of_firms(edition: Edition, view: View, measure: Measure, values: pd.Series) -> str:
    if measure.of_labels and not view.labels:
        return NO_LABELS
    if not (values > 0).any():
        return measure.group.none_note
    few = f" Not coloured where fewer than {edition.about.scan.min_firms}." if measure.rests_on else ""
    about = edition.about
    return f"{f'{own_firms(about)}.' if about.own else SAMPLE}{few}"


def _of_difference(values: pd.Series, found: Moved) -> str:
    """Say how much of the money differs, and how much the difference leaves out."""
    other = values[values > 0].sum()
    apart = f"{pounds(other)} in different regions" if other else "nothing in different regions"
    told = f"Of {pounds(found.both / PENCE)} in awards that both rules place, they put {apart}."
    left = [
        (found.only_delivery, "without a known address of the lead"),
        (found.only_lead, "without a known place of delivery"),
        (found.neither, "without either"),
    ]
    parts = [f"{pounds(pence / PENCE)} {why}" for pence, why in left if pence]
    return f"{told} Left out: {listed(parts)}." if parts else told
