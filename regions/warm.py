"""Answers that are given before anybody asks: let them not be a visitor's to wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edition.filters import Filters
from regions.areas import prepare
from regions.figures import figures, level_figures, specialisation
from regions.funding import funding
from regions.places import places

if TYPE_CHECKING:
    from edition.edition import Edition


def warm(edition: Edition) -> None:
    """Give the answers of a first page, which are the slowest: let them not be a visitor's."""
    funding(edition, Filters())
    level_figures(edition, Filters(), "itl3", ("money", "projects"))


def warm_more(edition: Edition) -> None:
    """Give what the first search, drawn area and comparison would wait for: all firms counted, once."""
    _ = edition.search
    prepare()
    country = [places(edition).country]
    figures(edition, Filters(), country)
    specialisation(edition, country)
