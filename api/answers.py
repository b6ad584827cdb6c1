"""Answers of the API: JSON with an entity tag, so that nothing is sent twice."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Response

if TYPE_CHECKING:
    from fastapi import Request


def send(request: Request, body: bytes, media: str = "application/json", age: int = 0) -> Response:
    """Return a body with an entity tag; nothing but 304 where the caller has it already."""
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={age}" if age else "no-cache"}
    # A proxy or gzip may have marked the tag as weak: the bytes are what is compared here.
    if any(
        part.strip().removeprefix("W/") == tag for part in request.headers.get("if-none-match", "").split(",")
    ):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)


def as_json(request: Request, value: Any, age: int = 0) -> Response:
    """Return a value as JSON."""
    return send(request, orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY), age=age)
