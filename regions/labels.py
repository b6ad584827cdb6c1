"""The labels of an edition: which sectors and technologies it has, and what they are called."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from data.filters import Vocabulary, taxonomy
from data.taxonomy import titles

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


@dataclass(frozen=True, eq=False)
class Labels:
    """What may be chosen and drawn: told apart by identity, since each edition makes one.

    Attributes
    ----------
    sectors, technologies
        Ids in the order in which they are listed.
    titles
        What each is called.
    clusters
        Clusters found of each; of a label that is not there, none.
    own
        Whether they are those of a register of one's own: then all are sectors.
    """

    sectors: tuple[str, ...]
    technologies: tuple[str, ...]
    titles: dict[str, str]
    clusters: dict[str, int]
    own: bool = False

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What filters may ask for."""
        return Vocabulary(self.sectors, self.technologies, self.titles)

    def title(self, label: str) -> str:
        """Return what a label is called; projects have sectors that a register may not know."""
        return self.titles.get(label) or titles().get(label, label)

    @cached_property
    def foreign(self) -> tuple[str, ...]:
        """Labels that the taxonomy does not know: those with clusters first, so that these look unlike."""
        strange = [label for label in self.sectors if label not in titles()]
        return tuple(sorted(strange, key=lambda label: not self.clusters.get(label)))

    def first(self, most: int, chosen: Iterable[str] = ()) -> list[str]:
        """Return sectors to choose from: all if few, else those with most clusters and the chosen."""
        if len(self.sectors) <= most:
            return list(self.sectors)
        ranked = sorted(self.sectors, key=lambda label: -self.clusters.get(label, 0))
        wanted = {*ranked[:most], *chosen}
        return [label for label in self.sectors if label in wanted]


def edition_labels(table: pd.DataFrame, *, own: bool) -> Labels:
    """Return the labels of an edition from its table of labels (label, title, clusters)."""
    clusters = {str(label): int(n) for label, n in zip(table["label"], table["clusters"], strict=True)}
    if not own:
        words = taxonomy()
        return Labels(words.sectors, words.technologies, titles(), clusters)
    named = {str(label): str(title) for label, title in zip(table["label"], table["title"], strict=True)}
    counts = Counter(named.values())
    # A list to choose from tells its rows apart by what they are called.
    named = {label: name if counts[name] == 1 else f"{name} ({label})" for label, name in named.items()}
    ordered = sorted(named, key=lambda label: (natural(named[label]), label))
    return Labels(tuple(ordered), (), named, clusters, own=True)


def natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts SIC 9 before SIC 10, whatever the case.

    Examples
    --------
    >>> sorted(["SIC 10", "SIC 9", "sic 2"], key=natural)
    ['sic 2', 'SIC 9', 'SIC 10']
    """
    parts = re.split(r"([0-9]+)", text.casefold())
    # A number is as large as it is long, then as its digits say: it may be too long to be counted with.
    digits = [part.lstrip("0") if number % 2 else part for number, part in enumerate(parts)]
    return [(len(part) if number % 2 else 0, part) for number, part in enumerate(digits)]


def ids_of(given: Iterable[str]) -> dict[str, str]:
    """Return the id of each label of a register: that of the taxonomy where it says the same, else itself.

    A label says the same that equals the id or the title of a sector or technology, whatever the case; of two
    that do, the one that is the id, or else the first, takes it, and the other stays as it is.

    Examples
    --------
    >>> ids_of(["SIC 24", "Life sciences", "Drug discovery"])["Life sciences"]
    'life-sciences'
    """
    # Sectors come last, so that of a sector and a technology of one title it is the sector.
    known = {name.casefold(): label for label, name in reversed(titles().items())}
    known |= {label: label for label in titles()}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for label in sorted(set(given), key=lambda label: (label not in titles(), label)):
        wanted = known.get(label.casefold(), label)
        found[label] = label if wanted in taken else wanted
        taken.add(found[label])
    return found
