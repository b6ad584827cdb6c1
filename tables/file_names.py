"""What names of files are made of: letters that every system takes, and the sectors that are asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geo.gazetteer import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edition.edition import Edition
    from edition.filters import Filters

PREFIX = "innovation-clusters"
MOST_LETTERS = 120
# Letters of a part: a name from outside may have any number.
MOST_OF_PLACE, MOST_OF_EDITION = 36, 24
MOST_SECTORS = 2
OTHER = re.compile(r"[^A-Za-z0-9]+")


def slug(text: str, most: int) -> str:
    """Return a text in small letters, digits and hyphens, cut between words where that is possible.

    Examples
    --------
    >>> slug("Ynys Môn", 20), slug("Brighton & Hove", 10), slug("<script>", 20), slug("東京", 20)
    ('ynys-mon', 'brighton', 'script', '')
    """
    words = OTHER.sub("-", fold(text)).strip("-")
    if len(words) <= most:
        return words
    whole = words[: most + 1].rpartition("-")[0]
    return whole or words[:most]


def sectors_named(edition: Edition, filters: Filters, room: int) -> str:
    """Name the first sectors and technologies that are asked for, or say how many, in so many letters."""
    chosen: Sequence[str] = [*filters.sector, *filters.technology]
    named = [edition.labels.title(label) for label in chosen[:MOST_SECTORS]]
    more = len(chosen) - len(named)
    names = slug(" ".join([*named, f"and {more} more"] if more else named), MOST_LETTERS)
    number = f"{len(chosen)}-sector{'' if len(chosen) == 1 else 's'}" if chosen else ""
    return next((words for words in (names, number) if len(words) <= room), "")
