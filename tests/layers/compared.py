"""Comparisons that tests of tables, charts and pictures share."""

from __future__ import annotations

from dataclasses import replace

from edition.filters import Filters
from regions.comparison import compare
from regions.places import find_places

HOSTILE = ("=cmd|'/C calc'!A0", "{{ 7*7 }}", '<img src=x onerror="window.hacked=1">', "datum['x'] + 1")
TWO = ("greater-manchester", "glasgow-city-region")
FIVE = ("E08000003", "glasgow-city-region", "cardiff-capital-region", "E06000045", "N92000002")
TEN = (*FIVE, "E08000035", "E08000025", "E06000023", "E07000008", "S12000036")
# The city region and the programme area of the same eight councils, and the country around them.
MIXED = ("glasgow-city-region", "programme_area:glasgow-city-region", "E07000008", "UK")
AGAINST = ("uk", "nation", "parent")


def compared(edition, *refs, against=AGAINST, **filters):
    return compare(edition, Filters(**filters), find_places(edition, refs), against)


def named(edition, names, refs=TEN, **filters):
    """Compare places under names of somebody's choice."""
    found = find_places(edition, refs[: len(names)])
    chosen = [replace(place, name=name) for place, name in zip(found, names, strict=True)]
    return compare(edition, Filters(**filters), chosen, AGAINST)
