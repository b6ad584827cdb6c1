"""Which format a caller wants: by the ending of the path, or by what its header accepts."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from api.faults import NotAcceptableError
from data.errors import InputError
from data.filters import QUOTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import Request, Response
    from pydantic import BaseModel

FormName = Literal["json", "csv", "geojson", "xlsx"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GEOJSON = "application/geo+json"
# Characters of a header that are read.
LONGEST = 2_000


@dataclass(frozen=True)
class Form:
    """A format of tables.

    Attributes
    ----------
    media
        Its media type, as an answer has it.
    what
        What it is good for.
    """

    media: str
    what: str

    @property
    def kind(self) -> str:
        """Its media type without parameters, as a header asks for it."""
        return self.media.partition(";")[0]


FORMS: Mapping[FormName, Form] = MappingProxyType(
    {
        "json": Form("application/json", "a page of rows, with the number of all and links to the next"),
        "csv": Form("text/csv; charset=utf-8", "the whole table; opens in a spreadsheet"),
        "geojson": Form(GEOJSON, "the whole table with geometry, longitude and latitude"),
        "xlsx": Form(XLSX, "the whole table as a workbook, codes as text"),
    }
)
PAGES = frozenset({"offset", "limit"})


@dataclass(frozen=True)
class Faces:
    """The faces of one answer.

    Attributes
    ----------
    query
        What the path was asked for: pages are of JSON alone.
    json, file
        Answer with JSON; or with a file of the format named.
    offered
        Formats that there are, the usual one first.
    """

    query: BaseModel
    json: Callable[[], Response]
    file: Callable[[FormName], Response]
    offered: Sequence[FormName] = ("json", "csv", "xlsx")

    def by_ending(self, form: FormName) -> Response:
        """Answer in the format that the path ends with.

        Raises
        ------
        InputError
            If a page of a file is asked for, or there is no such format of this.
        """
        if form == "json":
            return self.json()
        paged = sorted(PAGES & self.query.model_fields_set)
        if paged:
            raise InputError(f"{' and '.join(paged)}: pages are of JSON alone; a file has the whole table")
        if form not in self.offered:
            raise InputError(f"{form} is no format of this table; it has {', '.join(self.offered)}")
        return self.file(form)

    def by_accept(self, request: Request) -> Response:
        """Answer in the format that the caller's header likes best."""
        answer = self.by_ending(wanted(request, self.offered))
        answer.headers["Vary"] = "Accept"
        return answer


def wanted(request: Request, offered: Sequence[FormName]) -> FormName:
    """Return the format that a caller's `Accept` likes best; of equals, the first that is offered.

    Raises
    ------
    NotAcceptableError
        If it takes none of them; the message lists them.
    """
    header = request.headers.get("accept", "")[:LONGEST]
    ranges = _ranges(header)
    if not ranges:
        return offered[0]
    liked = {name: _quality(FORMS[name].kind, ranges) for name in offered}
    best = max(offered, key=lambda name: liked[name])
    if liked[best] > 0:
        return best
    known = ", ".join(f"{FORMS[name].kind} (.{name})" for name in offered)
    raise NotAcceptableError(
        f"Accept: {header[:QUOTED]!r} asks for nothing that this path answers in: it has {known}"
    )


def _ranges(header: str) -> dict[str, float]:
    """Return the media ranges of a header with their weights; what cannot be read is passed over."""
    found: dict[str, float] = {}
    for part in header.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        main, slash, sub = kind.partition("/")
        weight = _weight(parameters)
        if main and slash and sub and weight is not None:
            found[kind] = max(weight, found.get(kind, 0.0))
    return found


def _weight(parameters: list[str]) -> float | None:
    """Return the weight among parameters, 1 where none is given, None where it is no weight."""
    given = next((value for value in parameters if value.startswith("q=")), "q=1")[2:].strip()
    if not given.isascii() or not given.replace(".", "", 1).isdigit():
        return None
    weight = float(given)
    return weight if weight <= 1 else None


def _quality(kind: str, ranges: Mapping[str, float]) -> float:
    """Return how much a type is liked: what names it most closely counts."""
    main = kind.partition("/")[0]
    return next((ranges[name] for name in (kind, f"{main}/*", "*/*") if name in ranges), 0.0)
