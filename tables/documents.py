"""Documents of rows, whoever put them together, and what writes them in each format of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import orjson

from data.formats import made, offered
from data.spreadsheet import as_xlsx, csv_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from data.formats import Format
    from data.spreadsheet import Sheet


class Document(Protocol):
    """Rows with all that has to be said of them."""

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the rows, at least one piece; their last columns say what has to be said."""

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the rows as sheets of a workbook."""

    def features(self) -> Mapping[str, Any]:
        """Return the rows with their places as a feature collection (GeoJSON, EPSG:4326)."""


def _xlsx(document: Document) -> Iterator[bytes]:
    yield as_xlsx(document.sheets())


def _geojson(document: Document) -> Iterator[bytes]:
    yield orjson.dumps(document.features())


# JSON, which comes in pages, is written by whoever has the pages.
WRITERS: Mapping[str, Callable[[Document], Iterator[bytes]]] = made(
    {"csv": lambda document: csv_parts(document.pieces()), "xlsx": _xlsx, "geojson": _geojson},
    [form.id for form in offered("tables") if not form.paged],
    "WRITERS of tables/documents.py",
)


def parts(document: Document, form: Format) -> Iterator[bytes]:
    """Yield a document in a format, piece by piece."""
    return WRITERS[form.id](document)


def written(document: Document, form: Format) -> bytes:
    """Return a document in a format; the same document gives the same bytes."""
    return b"".join(parts(document, form))
