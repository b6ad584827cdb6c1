"""What a view shows, in one sentence: heading of the page, title of a picture and its alternative text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING

from clusters.scan.rates import PALE
from data.taxonomy import titles
from edition.filters import said_of_projects
from edition.shares import ESTIMATED
from edition.view import View
from regions.figures import clusters_in
from regions.funding import funding
from regions.places import in_a_sentence
from words.filters import placed_words
from words.numbers import count, listed, pounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from edition.edition import Edition
    from edition.filters import Filters


# Layers that show money, and what the other layers are called where a map has no more than these.
OF_MONEY = frozenset({"regions", "projects"})
OTHERS = {"assets": "research assets", "firms": "firms"}
NAMED = "The United Kingdom with names of places."
BARE = "The United Kingdom: its land alone, no layer is shown."


@dataclass(frozen=True)
class Figures:
    """The key figures of a view; pounds."""

    clusters: int
    uncertain: int
    sites: int
    by_chance: float
    sectors: int
    technologies: int
    largest: str
    projects: int
    awards: float
    placed: float
    not_placed: float
    estimated: float
    private: float
    without_figure: int
    switched_off: int
    titles: Callable[[str], str]


def figures(edition: Edition, filters: Filters) -> Figures:
    """Return the key figures of the clusters and the money that pass the filters."""
    return _figures(edition, filters.plain())


@lru_cache(maxsize=64)
def _figures(edition: Edition, filters: Filters) -> Figures:
    found = clusters_in(edition, filters)
    money = funding(edition, filters)
    rows = money.allocation.rows
    counted = found[~found["one_site"].astype(bool)]
    solid = counted[counted["standing"] != PALE]
    largest = solid.nlargest(1, "firms")
    return Figures(
        clusters=len(solid),
        uncertain=len(counted) - len(solid),
        sites=len(found) - len(counted),
        by_chance=float(len(solid) * solid["q"].max()) if len(solid) else 0.0,
        sectors=int(solid.loc[solid["kind"] == "sector", "label"].nunique()),
        technologies=int(solid.loc[solid["kind"] == "technology", "label"].nunique()),
        largest=str(largest["name"].iloc[0]) if len(largest) else "",
        projects=len(money.projects),
        awards=money.allocation.totals["public"] / 100,
        placed=money.allocation.placed["public"] / 100,
        not_placed=money.allocation.not_placed["public"] / 100,
        estimated=rows.loc[rows["basis"].isin(ESTIMATED), "public"].sum() / 100,
        private=money.allocation.totals["private"] / 100,
        without_figure=money.without_figure,
        switched_off=money.switched_off,
        titles=edition.labels.title,
    )


def sentence(edition: Edition, filters: Filters) -> str:
    """Return what the map shows now."""
    return sentence_of(figures(edition, filters), filters)


def sentence_of(shown: Figures, filters: Filters) -> str:
    """Return the sentence for figures at hand; of a view it claims nothing that is not drawn."""
    layers: set[str] = set(filters.show) if isinstance(filters, View) else {"clusters", *OF_MONEY}
    if "clusters" not in layers:
        text = _money_alone(shown, filters) if layers & OF_MONEY else _others(shown, filters, layers)
        return f"{text[:1].upper()}{text[1:]}"
    sure = _unsure(shown)
    money = f"; {_placed(shown, filters)}{_money_of(shown, filters)}" if layers & OF_MONEY else ""
    largest = f" Largest cluster: {shown.largest}." if shown.clusters > 1 else ""
    return f"{_clusters(shown, filters)}{sure}{money}.{largest}"


def shows_money(view: View) -> bool:
    """Say whether a view draws what its money is of: regions or projects."""
    return not OF_MONEY.isdisjoint(view.show)


def _others(shown: Figures, filters: Filters, layers: set[str]) -> str:
    """Return the sentence of a map that shows neither clusters nor money."""
    named = [words for layer, words in OTHERS.items() if layer in layers]
    if not named:
        return NAMED if "labels" in layers else BARE
    about = _about(shown, filters) if "firms" in layers else ""
    return f"{listed(named)}{about} in the United Kingdom."


def _clusters(shown: Figures, filters: Filters) -> str:
    about = _about(shown, filters) or _within(shown)
    of_type = f" of the type {' or '.join(filters.type)}" if filters.type else ""
    if shown.clusters:
        return f"{count(shown.clusters, 'cluster')}{of_type}{about}"
    if shown.uncertain or shown.sites:
        # A single site may have passed the test; it is only not counted.
        return f"No certain cluster{of_type}{about}"
    return f"No cluster{of_type}{about}{'' if of_type else ' passes the test'}"


def _unsure(shown: Figures) -> str:
    """Say how many of the clusters may be chance, and what is shown beside them."""
    told = shown.clusters > 1 and isfinite(shown.by_chance)
    said = f" (up to {max(1, round(shown.by_chance))} may be chance)" if told else ""
    beside = [
        *([count(shown.uncertain, "uncertain one")] if shown.uncertain else []),
        *([count(shown.sites, "single site")] if shown.sites else []),
    ]
    if not shown.clusters:
        return f", but {listed(beside)}" if beside else ""
    first, last = beside[:-1], beside[-1:]
    return said + "".join([*(f", {words}" for words in first), *(f" and {words}" for words in last)])


def _placed(shown: Figures, filters: Filters) -> str:
    money = f"{pounds(shown.placed)} of public money placed" if shown.placed else "no public money placed"
    # The usual rule goes without saying in a title; what it is stands below.
    return money + (f" {placed_words(filters)}" if filters.placed == "lead" else "")


def _money_alone(shown: Figures, filters: Filters) -> str:
    """Return the sentence of a map of money alone: it says itself what clusters would be of."""
    sector = _money_of(shown, filters)
    if not filters.technology:
        return f"{_placed(shown, filters)}{sector or _about(shown, filters)}."
    within = f", within{sector.removeprefix(' in')}" if sector else ""
    return f"{_placed(shown, filters)}{_about(shown, filters)}{within}."


def _within(shown: Figures) -> str:
    kinds = [(shown.sectors, "sector", "sectors"), (shown.technologies, "technology", "technologies")]
    return f" in {listed([count(*kind) for kind in kinds if kind[0]])}" if shown.clusters else ""


def _in_a_sentence(shown: Figures, label: str) -> str:
    # Labels of a register keep the letters that they came in.
    title = shown.titles(label)
    return in_a_sentence(title) if label in titles() else title


def _about(shown: Figures, filters: Filters) -> str:
    """Name what the clusters are of: the technologies where any is chosen, else the sectors."""
    return f" in {_names(shown, filters.technology or filters.sector)}" if filters.labels else ""


def _money_of(shown: Figures, filters: Filters) -> str:
    """Say what the money is of, where that is not what the clusters are of."""
    said = said_of_projects(filters.sector)
    if filters.sector and not said and not filters.technology:
        # Awards have none of the register's own.
        return " in all sectors"
    if filters.technology or said != filters.sector:
        return f" in {_names(shown, said)}" if said else ""
    return ""


def _names(shown: Figures, labels: tuple[str, ...]) -> str:
    names = [_in_a_sentence(shown, label) for label in labels]
    return " or ".join(names) if len(names) <= 2 else f"{len(names)} sectors or technologies"
