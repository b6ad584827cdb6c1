"""Answers of the API: bodies with an entity tag, so that nothing is sent twice, and files with a name."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Response
from fastapi.responses import StreamingResponse

from data.formats import media_of
from data.settings import settings
from tables.geojson import DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd
    from fastapi import Request

    from api.limits import Limits
    from edition.edition import Edition

JSON, GEOJSON, HTML = media_of("json"), media_of("geojson"), media_of("html")
ROOT = Path(__file__).parent.parent
# What the bytes of a file depend on beside the edition, the view and the settings.
CODE = (
    *("api", "snapshots", "charts", "tables", "layers", "profiles", "words"),
    *("regions", "edition", "clusters", "intake", "geo", "data"),
)
CODE_ENDINGS = (".py", ".toml", ".js", ".css", ".md")
PACKAGES = ("matplotlib", "pandas", "geopandas", "shapely", "vl-convert-python", "xlsxwriter", "pyogrio")
HARMLESS = re.compile(r"[^A-Za-z0-9.-]+")
LONGEST_NAME = 180


def send(request: Request, body: bytes, media: str = JSON, age: int = 0) -> Response:
    """Return a body with an entity tag; nothing but 304 where the caller has it already."""
    return tagged(request, hashed(body), lambda: Response(body, media_type=media), age)


def as_json(request: Request, value: Any, age: int = 0, media: str = JSON) -> Response:
    """Return a value as JSON."""
    return send(request, orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY), media, age)


def records(rows: pd.DataFrame) -> orjson.Fragment:
    """Return rows as JSON: numbers with as many digits as in files, null for what is not known."""
    return orjson.Fragment(_written(rows))


def one_record(rows: pd.DataFrame) -> orjson.Fragment:
    """Return the first row as JSON."""
    return orjson.Fragment(_written(rows.head(1))[1:-1])


def _written(rows: pd.DataFrame) -> str:
    text: str = rows.to_json(orient="records", double_precision=DIGITS)
    return text


def tagged(request: Request, tag: str, answer: Callable[[], Response], age: int = 0) -> Response:
    """Return an answer whose tag is known before it is made; nothing but 304 where the caller has it."""
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={age}" if age else "no-cache"}
    if _has_it(request, tag):
        return Response(status_code=304, headers=headers)
    made = answer()
    made.headers.update(headers)
    return made


def _has_it(request: Request, tag: str) -> bool:
    """Say whether the caller has a body: a proxy or gzip may have marked its tag as weak."""
    # A header may come in several lines, which mean the same as one with commas between.
    told = ",".join(request.headers.getlist("if-none-match"))
    known = [part.strip() for part in told.split(",")]
    return "*" in known or any(part.removeprefix("W/") == tag for part in known)


def hashed(*parts: bytes) -> str:
    """Return the entity tag of bytes."""
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return f'"{digest.hexdigest()}"'


def tag_of(edition: Edition, *asked: object) -> str:
    """Return the entity tag of a file before it is made.

    The same edition, code, settings and question give the same bytes, so that is what the tag is made of.
    """
    given = settings().model_dump(mode="json", exclude={"cache_dir"})
    parts = (str(edition.store.path), edition.about.name, code(), orjson.dumps(given).decode(), *asked)
    return hashed(*(str(part).encode() for part in parts))


@cache
def code() -> str:
    """Return what stands for the code that files are made with."""
    digest = hashlib.blake2b(digest_size=12)
    for package in PACKAGES:
        digest.update(f"{package} {version(package)}\n".encode())
    for path in sorted(path for room in CODE for path in (ROOT / room).rglob("*")):
        if path.suffix in CODE_ENDINGS and path.is_file():
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def disposition(name: str, *, download: bool) -> dict[str, str]:
    """Return the header that names a file, and says whether it is shown or kept.

    Whatever the name holds, the header is one line of plain letters.
    """
    plain = HARMLESS.sub("-", name)[-LONGEST_NAME:].lstrip(".-") or "file"
    return {"Content-Disposition": f'{"attachment" if download else "inline"}; filename="{plain}"'}


def heavy(
    request: Request, tag: str, media: str, headers: Mapping[str, str], make: Callable[[], bytes]
) -> Response:
    """Return a file that takes a while to make: within the limits, and from the shelf where it was just made.

    Raises
    ------
    TooOftenError, BusyError
        If this client, or all together, ask for too many.
    """
    return tagged(
        request, tag, lambda: Response(_made(request, tag, make), headers=headers, media_type=media)
    )


def _made(request: Request, tag: str, make: Callable[[], bytes]) -> bytes:
    bounds: Limits = request.app.state.limits
    body = bounds.shelf.get(tag)
    if body is not None:
        return body
    bounds.buckets.take(bounds.client(request))
    with bounds.gate.entered():
        # Whoever went before may have made the same.
        body = bounds.shelf.get(tag)
        if body is None:
            body = make()
            bounds.shelf.put(tag, body)
    return body


def stream(
    request: Request, tag: str, media: str, headers: Mapping[str, str], parts: Callable[[], Iterator[bytes]]
) -> Response:
    """Return a file piece by piece, so that its size does not matter.

    The first piece is made before the answer begins: what cannot be made is still refused in words.
    """

    def answer() -> Response:
        rest = parts()
        first = next(rest, b"")
        return StreamingResponse(chain([first], rest), headers=headers, media_type=media)

    return tagged(request, tag, answer)
