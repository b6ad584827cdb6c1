"""What is answered when a question cannot be: a status, and one field, `detail`, that says why in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from data.errors import QUOTED, InputError, MapError, NotFoundError, StoreError
from data.formats import media_of
from data.plural import count
from layers.base import API

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from fastapi import FastAPI
    from starlette.datastructures import QueryParams

# Seconds after which to ask again while the tables are being prepared.
SOON = 2


class Fault(BaseModel):
    """What every error answers with."""

    detail: str = Field(description="What is wrong, in words, and what would be right")


class RefusalError(MapError):
    """A question that is understood and not answered.

    Parameters
    ----------
    words
        What is wrong, and what would be right.
    after
        Seconds after which the same question may be answered; 0 where asking again is of no use.
    """

    def __init__(self, words: str, after: int = 0) -> None:
        super().__init__(words)
        self.after = after


class NotAcceptableError(RefusalError):
    """None of the formats that are asked for is one that the path answers in."""


class TooLargeError(RefusalError):
    """What is asked, or what would be answered, is too large; there is a smaller way to ask."""


class TooOftenError(RefusalError):
    """A client has asked for files too often; it may go on after a while."""


class BusyError(RefusalError):
    """Too many files are being made at once; the same question may be answered in a while."""


class MovedError(MapError):
    """An id that was replaced: its words say by what, its target is where the same is found now."""

    def __init__(self, words: str, target: str) -> None:
        super().__init__(words)
        self.target = target


# Statuses for our errors; anything else is a fault of ours and answers 500 without its inside.
STATUS: tuple[tuple[type[MapError], int], ...] = (
    (InputError, 422),
    (NotFoundError, 404),
    (NotAcceptableError, 406),
    (TooLargeError, 413),
    (TooOftenError, 429),
    (BusyError, 503),
    (StoreError, 503),
)
# Where no path is named at all.
NOWHERE = f"{API} is no path by itself; {API}/docs lists those there are"
# Faults of a question that are told; a question may have thousands.
MOST_TOLD = 20
OURS = "Something went wrong on our side, not in what was asked; nothing more is known to say."


def status_of(error: MapError) -> int:
    """Return the status that one of our own errors answers with."""
    return next((code for kind, code in STATUS if isinstance(error, kind)), 500)


def fault(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as it is answered."""
    held = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps({"detail": detail}), status, held, media_of("json"))


def answer_of(error: MapError) -> Response:
    """Return what one of our own errors answers."""
    if isinstance(error, MovedError):
        return fault(308, str(error), {"Location": error.target})
    status = status_of(error)
    after = error.after if isinstance(error, RefusalError) else SOON if status == 503 else 0
    headers = {"Retry-After": str(after)} if after else {}
    if status == 406:
        headers["Vary"] = "Accept"
    return fault(status, str(error), headers)


def answer_errors(
    api: FastAPI, unknown: Callable[[QueryParams, Collection[str]], list[dict[str, Any]]]
) -> None:
    """Answer every error as JSON with one field, `detail`, in words.

    Parameters
    ----------
    api
        The service.
    unknown
        Finds what else is wrong with a query, beside parameters that are known to be faulty already.
    """

    @api.exception_handler(MapError)
    async def own(_request: Request, error: MapError) -> Response:
        return answer_of(error)

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faulty = {str(one["loc"][1]) for one in error.errors() if len(one["loc"]) > 1}
        found = [*error.errors(), *unknown(request.query_params, faulty)]
        more = len(found) - MOST_TOLD
        told = [*map(words, found[:MOST_TOLD]), *([f"and {count(more, 'fault')} more"] if more > 0 else [])]
        return fault(422, "; ".join(told))

    @api.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        detail = NOWHERE if error.status_code == 404 else str(error.detail)
        return fault(error.status_code, detail, dict(error.headers or {}))

    @api.exception_handler(Exception)
    async def other(_request: Request, _error: Exception) -> Response:
        # It is answered outside of the doors, which say this of every other answer.
        return fault(500, OURS, {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"})


def words(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a parameter; a fault of several together names them in its message."""
    name = ".".join(str(part) for part in error["loc"][1:])
    if error["type"] == "extra_forbidden":
        return f"{name[:QUOTED]!r} is no parameter of this path; {API}/docs lists those there are"
    message = str(error["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    given = str(error.get("input"))[:QUOTED]
    known = error["type"] == "missing" or given in message
    return f"{name}: {message}" if known else f"{name}: {message} (given: {given!r})"
