"""Which format a caller wants: by the ending of the path, or by what its header accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, FastAPI, Path, Query, Request, Response

from api.errors import NotAcceptableError
from data.errors import QUOTED, InputError
from data.formats import for_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import BaseModel

    from data.formats import Format

# Characters of a header that are read.
LONGEST = 2_000

PAGES = frozenset({"offset", "limit"})
# Where the description of a path has the formats that it answers in: of its rows, and of its files.
OFFERED, DRAWN = "x-formats", "x-files"


@dataclass(frozen=True)
class Faces:
    """The faces of one answer.

    Attributes
    ----------
    query
        What the path was asked for: pages are of JSON alone.
    json, file
        Answer with JSON; or with a file of a format.
    placed
        Whether its rows lie somewhere, so that formats that need places are offered.
    """

    query: BaseModel
    json: Callable[[], Response]
    file: Callable[[Format], Response]
    placed: bool = False

    @property
    def offered(self) -> tuple[Format, ...]:
        """Formats that there are, the usual one first."""
        return for_tables("api", placed=self.placed)

    def by_ending(self, ending: str) -> Response:
        """Answer in the format that the path ends with.

        Raises
        ------
        InputError
            If a page of a file is asked for, or there is no such format of this.
        """
        found = {form.ending: form for form in self.offered}
        if ending not in found:
            known = ", ".join(found)
            raise InputError(f"form: {ending[:QUOTED]!r} is no format of this table; it has {known}")
        if found[ending].paged:
            return self.json()
        paged = sorted(PAGES & self.query.model_fields_set)
        if paged:
            raise InputError(f"{' and '.join(paged)}: pages are of JSON alone; a file has the whole table")
        return self.file(found[ending])

    def by_accept(self, request: Request) -> Response:
        """Answer in the format that the caller's header likes best."""
        answer = self.by_ending(wanted(request, self.offered).ending)
        answer.headers["Vary"] = "Accept"
        return answer


def add_faces(
    api: FastAPI,
    path: str,
    summary: str,
    faces: Callable[..., Faces],
    *,
    tag: str,
    placed: bool = False,
    more: str = "",
) -> None:
    """Add a path that answers by its ending, and without one by what `Accept` asks for.

    Parameters
    ----------
    faces
        Takes what the path is asked for (a dependency of FastAPI) and returns the faces of the answer.
    tag
        A key of `api.specification.TAGS`.
    placed
        Whether its rows may lie somewhere; whether those of an answer do, its faces say.
    more
        What the summary says further of files.
    """
    forms = for_tables("api", placed=placed)
    needed, told = Depends(faces), {OFFERED: [form.id for form in forms]}
    endings = [form.ending for form in forms]
    ending = Path(description="Format of the file", json_schema_extra={"enum": endings})

    @api.get(f"{path}.{{form}}", tags=[tag], summary=f"{summary}{more}", openapi_extra=told)
    def by_ending(form: str = ending, asked: Faces = needed) -> Response:
        return asked.by_ending(form)

    @api.get(path, tags=[tag], summary=summary, openapi_extra=told)
    def by_accept(request: Request, asked: Faces = needed) -> Response:
        return asked.by_accept(request)


def add_formats(
    api: FastAPI,
    path: str,
    forms: Sequence[Format],
    file: Callable[..., Response],
    query: type[BaseModel],
    *,
    tag: str,
    summary: str,
) -> None:
    """Add a path of files: by its ending, where it has several formats.

    Parameters
    ----------
    file
        Takes the request, the format and what the path is asked for, and answers.
    query
        What the path takes.
    tag
        A key of `api.specification.TAGS`.
    """
    endings = {form.ending: form for form in forms}
    asked = Annotated[query, Query()]  # type: ignore[valid-type]

    def get_only(request: Request, query: Any) -> Response:
        return file(request, forms[0], query)

    def get_one(request: Request, form: str, query: Any) -> Response:
        return file(request, endings[form], query)

    # What there is to choose is known now and not when this is read, so no annotation can say it.
    get_only.__annotations__["query"] = get_one.__annotations__["query"] = asked
    get_one.__annotations__["form"] = Annotated[
        Literal.__getitem__(tuple(endings)), Path(description="Format of the picture")
    ]
    work, ending = (get_only, forms[0].ending) if len(forms) == 1 else (get_one, "{form}")
    told = {DRAWN: [form.id for form in forms]}
    api.get(f"{path}.{ending}", tags=[tag], summary=summary, openapi_extra=told)(work)


def wanted(request: Request, offered: Sequence[Format]) -> Format:
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
    liked = {form.id: _quality(form.kind, ranges) for form in offered}
    best = max(offered, key=lambda form: liked[form.id])
    if liked[best.id] > 0:
        return best
    known = ", ".join(f"{form.kind} (.{form.ending})" for form in offered)
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
