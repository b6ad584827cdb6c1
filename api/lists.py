"""Routes for the lists behind the pages: each a row of a registry, as JSON in pages, CSV and workbook."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import pandas as pd
from fastapi import FastAPI, Query, Request, Response

from api.answers import disposition, heavy, tag_of, tagged
from api.negotiation import FORMS, Faces
from api.paging import page
from api.queries import ListPath, ListQuery
from data.corrections import corrections
from data.sources import sources
from data.spreadsheet import Sheet, as_csv, as_xlsx
from geo.boundaries import LEVELS
from layers.provenance import credited
from layers.terms import terms
from layers.view import LEVELS as MAP_LEVELS
from layers.words import listed
from regions.edition import KEEPER
from regions.measures import ALL_MEASURES
from regions.refused import refused
from regions.similar import AXES

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.negotiation import FormName
    from regions.edition import Edition

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


def _sources(_edition: Edition) -> pd.DataFrame:
    columns = ("id", "label", "publisher", "edition", "licence", "attribution", "url", "caveat")
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
    columns = ("id", "label", "unit", "definition", "group")
    rows = [measure for measure in ALL_MEASURES.values() if measure.column]
    table = pd.DataFrame([{name: getattr(row, name) for name in columns} for row in rows])
    return table.assign(sources=[listed([*row.sources]) for row in rows])


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
        _add(api, listing)


def _add(api: FastAPI, listing: Listing) -> None:
    @api.get(f"/{listing.id}.{{form}}", tags=["about"], summary=listing.summary, name=f"{listing.id}_file")
    def get_file(request: Request, form: ListPath, query: Annotated[ListQuery, Query()]) -> Response:
        return _faces(request, listing, query).by_ending(form)

    @api.get(f"/{listing.id}", tags=["about"], summary=listing.summary, name=listing.id)
    def get_list(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
        return _faces(request, listing, query).by_accept(request)


def _faces(request: Request, listing: Listing, query: ListQuery) -> Faces:
    return Faces(query, lambda: rows(request, listing, query), partial(file, request, listing, query))


def rows(request: Request, listing: Listing, query: ListQuery) -> Response:
    """Answer with a page of a list."""
    table = listing.rows(KEEPER.edition())
    return page_of(request, f"/{listing.id}", table, query, {"note": listing.note})


def page_of(request: Request, path: str, table: pd.DataFrame, query: Any, about: dict[str, Any]) -> Response:
    """Answer with a page of a table at hand; the query has offset and limit."""
    part = table.iloc[query.offset : query.offset + query.limit]
    body = orjson.Fragment(part.to_json(orient="records"))
    return page(request, path, (query.offset, query.limit), len(table), {**about, "rows": body})


def file(request: Request, listing: Listing, query: ListQuery, form: FormName) -> Response:
    """Answer with a whole list as a file."""
    edition = KEEPER.edition()
    whole = Whole(listing.id, partial(listing.rows, edition), listing.note, listing.sources)
    return file_of(request, whole, query, form)


@dataclass(frozen=True)
class Whole:
    """A list to take away.

    Attributes
    ----------
    name
        Of the file.
    rows
        Returns the table.
    note, sources
        What to beware of, and ids of the sources that attribution is owed to: its last column has both.
    asked
        What its rows depend on beside the edition.
    """

    name: str
    rows: Callable[[], pd.DataFrame]
    note: str = ""
    sources: tuple[str, ...] = ()
    asked: tuple[object, ...] = ()

    def table(self, *, own: bool) -> pd.DataFrame:
        """Return the rows with what has to be said of them; `own` where the firms are an analyst's own."""
        said = " ".join(filter(None, [self.note, *(credited(source, own=own) for source in self.sources)]))
        return self.rows().assign(attribution_and_caveats=said) if said else self.rows()


def file_of(request: Request, whole: Whole, query: Any, form: FormName) -> Response:
    """Answer with a list as CSV or workbook; the query says whether it is to be kept."""
    edition = KEEPER.edition()
    headers = disposition(f"innovation-{whole.name}-{edition.about.name}.{form}", download=query.download)
    tag = tag_of(edition, "list", whole.name, form, *whole.asked)
    media = FORMS[form].media
    table = partial(whole.table, own=edition.about.own)
    if form == "csv":
        return tagged(request, tag, lambda: Response(as_csv(table()), headers=headers, media_type=media))
    return heavy(request, tag, media, headers, lambda: as_xlsx({whole.name: Sheet(table())}))
