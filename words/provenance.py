"""Whose firms an edition shows and how its clusters were found, in words for page, API and print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.sources import Source, attribution, sources
from words.numbers import count, distance, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clusters.scan.parameters import ScanParameters
    from edition.about import About
    from edition.edition import Edition

SHIPPED_FIRMS = "A curated sample of innovative firms from several lists, not a census."
ROUGHLY_PLACED = (
    "Firms whose note says that they were placed from general knowledge are, in big cities, right to the "
    "district and not to the building."
)
SHIPPED_FLAG = "Firms: a curated sample, not a census."
DENSITY_ALONE = "places where its firms stand densely, not tested against chance"
TREATED = {
    "set-aside": "took no part in the test",
    "cap": "were capped before the test",
    "keep": "count like all others",
}
NOT_TESTED = "not tested"


def flag(edition: Edition) -> str:
    """Return whose firms the map shows, in the few words that it has room for."""
    about = edition.about
    if not about.own:
        return SHIPPED_FLAG
    return f"Firms: the analyst's own{f' (“{about.file}”)' if about.file else ''}."


def credited(source: str, *, own: bool) -> str:
    """Return the attribution of a source: without its firms, where the firms are an analyst's own."""
    return attribution(source, own=own)


def credits_of(edition: Edition, ids: Iterable[str]) -> list[str]:
    """Return the attribution that an edition owes to sources, in their order."""
    return [credited(source, own=edition.about.own) for source in ids]


def licensed(edition: Edition, source: Source) -> str:
    """Return the attribution that an edition owes to a source, and its licence."""
    return f"{source.shown(own=edition.about.own).attribution} Licence: {source.licence}."


def dated(edition: Edition) -> str:
    """Say as of when the data are that an analyst may bring too, such as firms."""
    shown = [source.shown(own=edition.about.own) for source in sources()]
    return "; ".join(f"{one.holds} as of {one.edition}" for one in shown if one.holds)


def caveat(edition: Edition) -> str:
    """Return what to beware of with the firms, in a line."""
    return f"{own_firms(edition.about)}." if edition.about.own else SHIPPED_FIRMS


def own_firms(about: About) -> str:
    """Say that firms are the analyst's own: from which file, how many rows were kept and refused."""
    file = f" “{about.file}”" if about.file else ""
    rows = f"{count(about.kept, 'row')} kept, {about.refused:,} refused"
    return f"Firms are the analyst's own, from their register{file} ({rows})"


def firms_words(edition: Edition) -> str:
    """Say among which firms clusters are found, in a sentence or two."""
    about = edition.about
    total, by_town = edition.firm_count
    if about.own:
        return f"{own_firms(about)}: nobody but them has checked these. {method_words(about)}"
    return (
        f"Clusters are found among {total - by_town:,} firms; {by_town:,} more are known only by their town "
        "and take no part. The firms are a curated sample, not a census, from "
        f"{count(len(edition.tables['firm_lists']), 'list')} that About tells of: the map shows how the "
        "method works and where well-known firms are, and does not measure the economy."
    )


def method_words(about: About) -> str:
    """Say how clusters were found, in a sentence."""
    if about.tested:
        return _agent_words(about) + (
            f"Clusters were found by {about.found_by}: discs of {radii(about.scan)} around cells of "
            f"{distance(about.scan.cell_m)}, tested against maps with shuffled labels."
        )
    return f"Clusters were found by {about.found_by}: {DENSITY_ALONE}."


def _agent_words(about: About) -> str:
    """Say what became of firms at the addresses of registration agents."""
    if not about.agents:
        return ""
    there = f"{count(about.agents, 'firm')} at addresses of registration agents"
    return f"{there} {TREATED.get(about.treatment, about.treatment)}. "


def found_words(about: About) -> str:
    """Say what a cluster is, for the key of the map."""
    if about.tested:
        return "More firms of one kind than chance and the surroundings explain."
    return f"Firms of one kind that stand densely ({about.method_name}); not tested against chance."


def none_words(about: About) -> str:
    """Say why there is no cluster, where all labels were looked at."""
    if about.tested:
        among = "in this register" if about.own else "in this sample"
        return f"Tested, and no place stands out from chance {among}."
    return f"{about.method_name} found no place dense enough."


def radii(scan: ScanParameters) -> str:
    """Return the radii of the discs in words.

    Examples
    --------
    >>> from clusters.scan.parameters import ScanParameters
    >>> radii(ScanParameters(radii_m=(300, 1_200)))
    '300 metres and 1.2 km'
    """
    return listed([distance(radius) for radius in scan.radii_m])


def one_in(share: float) -> str:
    """Return a small share as people say it.

    Examples
    --------
    >>> one_in(0.05), one_in(1 / 200)
    ('1 in 20', '1 in 200')
    """
    return f"1 in {1 / share:,.0f}"
