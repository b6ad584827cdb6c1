"""Rows at hand: as JSON in pages; whole as CSV, as a workbook and, where they lie somewhere, as GeoJSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
from fastapi import Response

from api.negotiation import Faces
from api.paging import page
from api.responses import disposition, heavy, records, tag_of, tagged
from data.spreadsheet import Sheet
from edition.keeper import KEEPER
from edition.view import View
from geo.projections import LONLAT
from tables.documents import written
from tables.geojson import collection
from words.filters import counted_words, filter_words
from words.provenance import credits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd
    from fastapi import Request

    from api.limits import Limits
    from data.formats import Format
    from edition.filters import Filters

INSTEAD = "take it as CSV, or as JSON in pages"
SHEET = "Rows"


@dataclass(frozen=True)
class Rows:
    """A table at hand, and what is to be said with it: a document of the edition that is shown.

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

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows themselves."""
        return self.make()

    @property
    def view(self) -> View | None:
        """The filters as a view; None where there are none."""
        return None if self.filters is None else View.model_validate(self.filters.plain().model_dump())

    @property
    def said(self) -> dict[str, str]:
        """What a file says of itself, as far as there is anything: filters, attribution, caveat."""
        edition, view = KEEPER.edition(), self.view
        counts = "" if view is None else "; ".join([*filter_words(edition, view), counted_words(view)])
        owed = " ".join(credits_of(edition, self.sources))
        return {"filters": counts, "attribution": owed, "caveat": self.note}

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the rows with what has to be said of them in the last columns."""
        said = self.said
        both = " ".join(filter(None, [said["caveat"], said["attribution"]]))
        columns = {"filters": said["filters"], "attribution_and_caveats": both}
        yield self.table.assign(**{name: text for name, text in columns.items() if text})

    def sheets(self) -> dict[str, Sheet]:
        """Return the same as a sheet."""
        return {SHEET: Sheet(next(self.pieces()))}

    def features(self) -> dict[str, Any]:
        """Return the rows with their places."""
        edition, rows = KEEPER.edition(), self.table
        about = {"name": self.name, "edition": edition.about.name, "boundaries": edition.boundaries}
        said = {name: text for name, text in self.said.items() if text}
        shapes = self.shapes(rows) if self.shapes else None
        found = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, rows.index, crs=LONLAT))
        return collection({**about, **said}, found, ids=self.ids)


def faces_of(request: Request, rows: Rows, query: Any) -> Faces:
    """Return the faces of rows; the query has offset, limit and download."""
    json, file = partial(_page, request, rows, query), partial(_file, request, rows, query)
    return Faces(query, json, file, placed=rows.shapes is not None)


def _page(request: Request, rows: Rows, query: Any) -> Response:
    part = rows.table.iloc[query.offset : query.offset + query.limit]
    body = records(part)
    value = {"note": rows.note, **rows.about(), "rows": body}
    answer = page(request, (query.offset, query.limit), len(rows.table), value)
    answer.headers.update(_named(rows, "json", query))
    return answer


def _named(rows: Rows, ending: str, query: Any) -> dict[str, str]:
    name = f"innovation-{rows.name}-{KEEPER.edition().about.name}.{ending}"
    return disposition(name, download=query.download)


def _file(request: Request, rows: Rows, query: Any, form: Format) -> Response:
    headers = _named(rows, form.ending, query)
    counts = "" if rows.view is None else rows.view.url()
    tag = tag_of(KEEPER.edition(), "rows", rows.name, form.id, counts, *rows.asked)
    bounds: Limits = request.app.state.limits

    def soon() -> Response:
        bounds.check_csv(request, len(rows.table))
        return Response(written(rows, form), headers=headers, media_type=form.media)

    def document() -> bytes:
        bounds.check_rows(len(rows.table), INSTEAD)
        return written(rows, form)

    return (
        tagged(request, tag, soon) if form.in_pieces else heavy(request, tag, form.media, headers, document)
    )
