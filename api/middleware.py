"""The doors of the API: which methods come in, how large a question may be, and who may read the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from api.errors import fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = "GET, HEAD, OPTIONS"
# Open data: any page may read it; no answer depends on who asks, so no credential is let in.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Location, Content-Disposition, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
ASKED_FIRST = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


class Doors:
    """Stands before the API (ASGI).

    Parameters
    ----------
    app
        What answers `GET`.
    longest
        Bytes of an address, path and query together.
    """

    def __init__(self, app: ASGIApp, longest: int) -> None:
        self.app = app
        self.longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what needs no route; pass on the rest, `HEAD` as a `GET` whose body is left out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        leave = _opened(_headless(send) if scope["method"] == "HEAD" else send)
        own = self._own(scope)
        if own is None:
            await self.app({**scope, "method": "GET"}, receive, leave)
        else:
            await own(scope, receive, leave)

    def _own(self, scope: Scope) -> Response | None:
        """Return the answer to what no route has to see."""
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers=ASKED_FIRST)
        if scope["method"] not in ("GET", "HEAD"):
            words = f"{scope['method'][:20]} is not answered; use GET or HEAD"
            return fault(405, words, {"Allow": METHODS})
        asked = len(scope.get("raw_path") or scope["path"].encode()) + len(scope.get("query_string", b""))
        if asked > self.longest:
            words = (
                f"The address has {asked:,} bytes; at most {self.longest:,} are read. Ask for fewer things"
            )
            return fault(413, f"{words} at once, or take the whole table and filter it.")
        if _has_body(Headers(scope=scope)):
            return fault(413, "A question with a body is not read: put what you ask into the address.")
        return None


def _has_body(headers: Headers) -> bool:
    length = headers.get("content-length", "0").strip()
    return "transfer-encoding" in headers or (length.strip("0") != "")


def _headless(send: Send) -> Send:
    """Return a way out that lets the head of an answer through, and of its body nothing."""
    done = False

    async def leave(message: Message) -> None:
        nonlocal done
        if message["type"] != "http.response.body":
            await send(message)
        elif not done:
            done = True
            await send({"type": "http.response.body", "body": b""})

    return leave


def _opened(send: Send) -> Send:
    """Return a way out that says who may read the answer."""

    async def leave(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in OPEN.items():
                headers[name] = value
        await send(message)

    return leave
