"""Routes for the lists behind the pages: each a row of a registry, as JSON in pages, CSV and workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import pandas as pd
from fastapi import FastAPI, Query, Request

from api.negotiation import Faces, add_faces
from api.parameters import ListQuery
from api.rows import Rows, faces_of
from data.corrections import corrections
from data.sources import require, sources
from edition.keeper import KEEPER
from edition.refused import refused
from edition.view import LEVELS as MAP_LEVELS
from geo.boundaries import LEVELS
from regions.measures import MEASURES
from regions.similar import AXES
from tables.sample import KNOWN_NOTE, LISTS_NOTE, firm_lists, known_clusters
from words.numbers import listed
from words.terms import terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from edition.edition import Edition

OF_REGISTER = ("register",)
# Why a label has no row among those that were looked at.
LEFT_OVER = "not looked for: it holds what fits no other label"


@dataclass(frozen=True)
class Listing:
    """One list.

    Attributes
    ----------
    id, summary
        Its path, and what it is.
    rows
        The whole list of an edition.
    note
        What to beware of; empty for nothing.
    sources
        Ids of the sources that a file of it owes attribution to.
    """

    id: str
    summary: str
    rows: Callable[[Edition], pd.DataFrame]
    note: str = ""
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a source that is not listed."""
        require(self.sources, f"the list {self.id!r}")


def _sources(_edition: Edition) -> pd.DataFrame:
    columns = ("id", "label", "publisher", "edition", "renewed", "licence", "attribution", "url", "caveat")
    rows = [{name: getattr(row, name) for name in columns} for row in sources()]
    return pd.DataFrame(rows).assign(tables=[listed([*row.tables]) for row in sources()])


def _labels(edition: Edition, kind: str, ids: tuple[str, ...]) -> pd.DataFrame:
    table = edition.tables["labels"]
    rows = table[table["kind"] == kind].set_index("label").reindex(list(ids))
    rest = rows["tested"].isna()
    columns = ["title", "firms", "tested", "threshold", "clusters", "reason"]
    named = rows.assign(
        title=[edition.labels.title(label) for label in ids],
        firms=rows["firms"].astype("Int64"),
        tested=~rest & rows["tested"].eq(other=True),
        clusters=rows["clusters"].fillna(0).astype("int64"),
        reason=rows["reason"].mask(rest, LEFT_OVER),
    )
    return named[columns].rename_axis("id").reset_index()


def _sectors(edition: Edition) -> pd.DataFrame:
    return _labels(edition, "sector", edition.labels.sectors)


def _technologies(edition: Edition) -> pd.DataFrame:
    return _labels(edition, "technology", edition.labels.technologies)


def _levels(edition: Edition) -> pd.DataFrame:
    counts = edition.tables["regions"]["level"].value_counts()
    rows = [
        {
            "id": level.level,
            "name": level.name,
            "plural": level.plural,
            "regions": int(counts.get(level.level, 0)),
            "covers_the_country_once": level.partition,
            "on_the_map": level.level in MAP_LEVELS,
        }
        for level in LEVELS.values()
    ]
    return pd.DataFrame(rows)


def _measures(_edition: Edition) -> pd.DataFrame:
    columns = ("id", "label", "unit", "definition")
    rows = [measure for measure in MEASURES.values() if measure.column]
    table = pd.DataFrame([{name: getattr(row, name) for name in columns} for row in rows])
    groups = [row.group.heading if row.listed else "" for row in rows]
    return table.assign(group=groups, sources=[listed([*row.sources]) for row in rows])


def _axes(_edition: Edition) -> pd.DataFrame:
    columns = ("id", "label", "unit", "definition")
    rows = [{name: getattr(axis, name) for name in columns} for axis in AXES.values()]
    return pd.DataFrame(rows).assign(sources=[listed([*axis.sources]) for axis in AXES.values()])


def _contested(edition: Edition) -> pd.DataFrame:
    return edition.tables["contested"].assign(used=edition.tables["contested"]["used"] == "yes")


def _gaps(edition: Edition) -> pd.DataFrame:
    return edition.tables["missing"]


def _terms(edition: Edition) -> pd.DataFrame:
    return pd.DataFrame(terms(edition.about).items(), columns=["term", "meaning"])


LISTS = (
    Listing(
        "sources", "Sources of everything that is shown: publisher, licence, date, attribution", _sources
    ),
    Listing(
        "sectors",
        "Sectors: firms, whether tested, threshold (log10 of chance), clusters found, why none",
        _sectors,
        "Too few firms with a precise place: not tested.",
        OF_REGISTER,
    ),
    Listing(
        "technologies",
        "Technology families: firms, whether tested, threshold (log10 of chance), clusters found, why none",
        _technologies,
        "Too few firms with a precise place: not tested.",
        OF_REGISTER,
    ),
    Listing("terms", "The words of the map and what they mean, with the settings of the method", _terms),
    Listing("levels", "Levels of regions, and how many regions each has", _levels),
    Listing("measures", "What is measured of places: units, definitions, sources", _measures),
    Listing("axes", "Axes on which places are likened: units, definitions, sources", _axes),
    Listing(
        "contested",
        "Figures of awards on which sources differ, each with its source",
        _contested,
        "used: the figure that the sums take.",
        OF_REGISTER,
    ),
    Listing(
        "gaps",
        "What is known to be missing from programmes: projects named, awards known",
        _gaps,
        "A programme without a row is not thereby complete.",
        OF_REGISTER,
    ),
    Listing(
        "firm-lists",
        "Lists that the firms of the sample come from: how chosen, what is biased, how many firms of each",
        firm_lists,
        LISTS_NOTE,
        OF_REGISTER,
    ),
    Listing(
        "known-clusters",
        "Clusters that government, agencies or studies name, and what the map says of each",
        known_clusters,
        KNOWN_NOTE,
        OF_REGISTER,
    ),
    Listing(
        "corrections",
        "What was changed in the shipped tables after they were compiled, and why",
        lambda _edition: corrections(),
    ),
    Listing(
        "refused",
        "Rows of the register that could not be used, each with the reason",
        refused,
        "Empty for the edition that ships: none of its rows is refused. Only rows of a register of one's own "
        "can be.",
    ),
)


def add_routes(api: FastAPI) -> None:
    """Add the lists."""
    for listing in LISTS:
        add_faces(api, f"/{listing.id}", listing.summary, _faces(listing), tag="about")


def _faces(listing: Listing) -> Callable[..., Faces]:
    """Return what answers for a list."""

    def faces(request: Request, query: Annotated[ListQuery, Query()]) -> Faces:
        rows = Rows(listing.id, lambda: listing.rows(KEEPER.edition()), listing.note, listing.sources)
        return faces_of(request, rows, query)

    return faces
