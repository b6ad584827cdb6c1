"""Filters in words: what a view leaves out and what it counts, for pictures and tables taken away."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from edition.filters import AwardKind
from words.numbers import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edition.edition import Edition
    from edition.filters import Filters, Placed
    from edition.view import View

# Names in a list, before "and so many more".
MOST_NAMES = 4
# What the kinds of figures are called, many at once.
KINDS: dict[AwardKind, str] = {
    "at least": "'at least' figures",
    "up to": "'up to' figures",
    "envelope": "envelopes",
    "project value": "project values",
}
# The rules by which awards are placed, and how each shares an award whose split no source gives.
PLACED: Mapping[Placed, str] = MappingProxyType(
    {"delivery": "by place of delivery", "lead": "by lead's address"}
)
SPLIT: Mapping[Placed, str] = MappingProxyType(
    {"delivery": "split by population", "lead": "split equally between leads"}
)
# Why an award is not placed.
UNPLACED: Mapping[Placed, str] = MappingProxyType(
    {"delivery": "no place is named", "lead": "the lead or its address is not known"}
)


def filter_words(edition: Edition, view: View) -> list[str]:
    """Return a phrase for each filter that takes something away."""
    title = edition.labels.title
    phrases = [
        _phrase("sector", "sectors", [title(one) for one in view.sector]),
        _phrase("technology", "technologies", [title(one) for one in view.technology]),
        _phrase("programme", "programmes", _programmes(edition, view)),
        _phrase("cluster type", "cluster types", list(view.type)),
        "" if view.every_year else f"awards from {view.year_from} to {view.year_to}",
    ]
    return [phrase for phrase in phrases if phrase]


def _programmes(edition: Edition, view: View) -> list[str]:
    if not view.programme:
        return []
    names = edition.tables["programmes"].set_index("programme_id")["name"]
    return [str(names[one]) for one in view.programme]


def _phrase(one: str, many: str, names: list[str]) -> str:
    if not names:
        return ""
    rest = len(names) - MOST_NAMES
    shown = [*names[:MOST_NAMES], f"{rest} more"] if rest > 0 else names
    return f"{one if len(names) == 1 else many}: {listed(shown)}"


def counted_words(view: View) -> str:
    """Say which kinds of figures are added up, and by which rule they are placed; both change the sums."""
    kinds = get_args(AwardKind)
    counted = listed(["plain awards", *(KINDS[kind] for kind in kinds if kind in view.kinds)])
    left = [KINDS[kind] for kind in kinds if kind not in view.kinds]
    growth = [] if view.growth or view.programme else ["regional-growth programmes"]
    without = f"; not counted: {listed([*left, *growth])}" if left or growth else ""
    return f"counted: {counted}{without}; placed {placed_words(view)}"


def placed_words(filters: Filters) -> str:
    """Say by which rule awards are placed."""
    return PLACED[filters.placed]


def split_words(filters: Filters) -> str:
    """Say how awards are shared whose split no source gives."""
    return SPLIT[filters.placed]
