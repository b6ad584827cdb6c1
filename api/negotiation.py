"""Which format a caller wants: by the ending of the path, or by what its header accepts."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from fastapi import Depends, FastAPI, Path, Request, Response

from api.errors import NotAcceptableError
from data.errors import QUOTED, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
TABLE: Sequence[FormName] = ("json", "csv", "xlsx")
PLACED: Sequence[FormName] = tuple(FORMS)
# Where the description of a path has the formats that it answers in.
OFFERED = "x-formats"


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
    offered: Sequence[FormName] = TABLE

    def by_ending(self, ending: str) -> Response:
        """Answer in the format that the path ends with.

        Raises
        ------
        InputError
            If a page of a file is asked for, or there is no such format of this.
        """
        form = next((one for one in self.offered if one == ending), None)
        if form is None:
            known = ", ".join(self.offered)
            raise InputError(f"form: {ending[:QUOTED]!r} is no format of this table; it has {known}")
        if form == "json":
            return self.json()
        paged = sorted(PAGES & self.query.model_fields_set)
        if paged:
            raise InputError(f"{' and '.join(paged)}: pages are of JSON alone; a file has the whole table")
        return self.file(form)

    def by_accept(self, request: Request) -> Response:
        """Answer in the format that the caller's header likes best."""
        answer = self.by_ending(wanted(request, self.offered))
        answer.headers["Vary"] = "Accept"
        return answer


def add_faces(
    api: FastAPI,
    path: str,
    summary: str,
    faces: Callable[..., Faces],
    forms: Sequence[FormName] = TABLE,
    *,
    tag: str,
    more: str = "",
) -> None:
    """Add a path that answers by its ending, and without one by what `Accept` asks for.

    Parameters
    ----------
    faces
        Takes what the path is asked for (a dependency of FastAPI) and returns the faces of the answer.
    forms
        Formats that it may have; which of them an answer has, its faces say.
    tag
        A key of `api.specification.TAGS`.
    more
        What the summary says further of files.
    """
    needed, told = Depends(faces), {OFFERED: [*forms]}
    ending = Path(description="Format of the file", json_schema_extra={"enum": [*forms]})

    @api.get(f"{path}.{{form}}", tags=[tag], summary=f"{summary}{more}", openapi_extra=told)
    def by_ending(form: str = ending, asked: Faces = needed) -> Response:
        return asked.by_ending(form)

    @api.get(path, tags=[tag], summary=summary, openapi_extra=told)
    def by_accept(request: Request, asked: Faces = needed) -> Response:
        return asked.by_accept(request)


def wanted(request: Request, offered: Sequence[FormName]) -> FormName:
    """Return the format that a caller's `Accept` likes best; of equals, the first that is offered.

    Raises
    ------
    NotAcceptableError
        If it takes none of them; the message lists them.
    """
    header = ",".join(request.headers.getlist("accept"))[:LONGEST]
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
