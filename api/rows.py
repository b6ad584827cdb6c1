"""Rows at hand: as JSON in pages; whole as CSV, as a workbook and, where they lie somewhere, as GeoJSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
from fastapi import Response

from api.negotiation import FORMS, PLACED, TABLE, Faces
from api.paging import page
from api.responses import disposition, heavy, records, tag_of, tagged
from data.spreadsheet import Sheet, as_csv, as_xlsx
from edition.keeper import KEEPER
from edition.view import View
from geo.projections import LONLAT
from tables.geojson import collection
from words.filters import counted_words, filter_words
from words.provenance import credited

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from fastapi import Request

    from api.limits import Limits
    from api.negotiation import FormName
    from edition.edition import Edition
    from edition.filters import Filters

INSTEAD = "take it as CSV, or as JSON in pages"
SHEET = "Rows"


@dataclass(frozen=True)
class Rows:
    """A table at hand, and what is to be said with it.

    Attributes
    ----------
    name
        Of the file.
    make
        Returns the table.
    note, sources
        What to beware of, and ids of the sources that attribution is owed to: the last column of a file has
        both.
    filters
        Those that hold; the column before has them. None where there are none.
    asked
        What the rows depend on beside the edition and the filters.
    about
        Returns what JSON says beside the rows.
    shapes
        Returns where each row of the table lies (degrees), missing where it does not; None where rows of
        this kind lie nowhere.
    ids
        Whether the first column is the id of one row alone.
    """

    name: str
    make: Callable[[], pd.DataFrame]
    note: str = ""
    sources: tuple[str, ...] = ()
    filters: Filters | None = None
    asked: tuple[object, ...] = ()
    about: Callable[[], Mapping[str, Any]] = dict
    shapes: Callable[[pd.DataFrame], pd.Series] | None = None
    ids: bool = False

    @property
    def view(self) -> View | None:
        """The filters as a view; None where there are none."""
        return None if self.filters is None else View.model_validate(self.filters.plain().model_dump())

    def said(self, edition: Edition) -> dict[str, str]:
        """Return what a file says of itself, as far as there is anything: filters, attribution, caveat."""
        view = self.view
        counts = "" if view is None else "; ".join([*filter_words(edition, view), counted_words(view)])
        owed = " ".join(credited(source, own=edition.about.own) for source in self.sources)
        return {"filters": counts, "attribution": owed, "caveat": self.note}

    def sheet(self, edition: Edition, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with what has to be said of them in the last columns."""
        said = self.said(edition)
        both = " ".join(filter(None, [said["caveat"], said["attribution"]]))
        columns = {"filters": said["filters"], "attribution_and_caveats": both}
        return rows.assign(**{name: text for name, text in columns.items() if text})

    def geojson(self, edition: Edition, rows: pd.DataFrame) -> bytes:
        """Return the rows with their places."""
        about = {"name": self.name, "edition": edition.about.name, "boundaries": edition.boundaries}
        said = {name: text for name, text in self.said(edition).items() if text}
        shapes = self.shapes(rows) if self.shapes else None
        found = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, rows.index, crs=LONLAT))
        return collection({**about, **said}, found, ids=self.ids)


def faces_of(request: Request, rows: Rows, query: Any) -> Faces:
    """Return the faces of rows; the query has offset, limit and download."""
    forms = PLACED if rows.shapes else TABLE
    return Faces(query, partial(_page, request, rows, query), partial(_file, request, rows, query), forms)


def _page(request: Request, rows: Rows, query: Any) -> Response:
    table = rows.make()
    part = table.iloc[query.offset : query.offset + query.limit]
    body = records(part)
    value = {"note": rows.note, **rows.about(), "rows": body}
    answer = page(request, (query.offset, query.limit), len(table), value)
    answer.headers.update(_named(rows, "json", query))
    return answer


def _named(rows: Rows, form: FormName, query: Any) -> dict[str, str]:
    name = f"innovation-{rows.name}-{KEEPER.edition().about.name}.{form}"
    return disposition(name, download=query.download)


def _file(request: Request, rows: Rows, query: Any, form: FormName) -> Response:
    edition, headers = KEEPER.edition(), _named(rows, form, query)
    counts = "" if rows.view is None else rows.view.url()
    tag = tag_of(edition, "rows", rows.name, form, counts, *rows.asked)
    media = FORMS[form].media
    bounds: Limits = request.app.state.limits

    def csv() -> Response:
        table = rows.make()
        bounds.check_csv(request, len(table))
        return Response(as_csv(rows.sheet(edition, table)), headers=headers, media_type=media)

    def document() -> bytes:
        table = rows.make()
        bounds.check_rows(len(table), INSTEAD)
        if form == "geojson":
            return rows.geojson(edition, table)
        return as_xlsx({SHEET: Sheet(rows.sheet(edition, table))})

    return tagged(request, tag, csv) if form == "csv" else heavy(request, tag, media, headers, document)
