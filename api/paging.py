"""Pages of a list: some rows, how many there are in all, and where the next are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from api.responses import as_json
from layers.base import API

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request, Response

DEFAULT_LIMIT = 100
MOST_ROWS = 1_000
MOST_OFFSET = 100_000_000


def page(request: Request, window: tuple[int, int], total: int, value: Mapping[str, Any]) -> Response:
    """Return a page of a list as JSON, with links to its neighbours in the body and in the header.

    Parameters
    ----------
    window
        Rows skipped, and rows asked for.
    total
        Rows there are.
    value
        What else the answer holds; `rows` among it.
    """
    offset, limit = window
    starts = neighbours(offset, limit, total)
    links = {name: _address(request, start, limit) for name, start in starts.items()}
    around = {name: links.get(name) for name in ("next", "prev")}
    about = {"total": total, "offset": offset, "limit": limit}
    answer = as_json(request, {**about, **around, **value})
    answer.headers["Link"] = ", ".join(f'<{address}>; rel="{name}"' for name, address in links.items())
    return answer


def neighbours(offset: int, limit: int, total: int) -> dict[str, int]:
    """Return the first row of the pages around one: first, prev, next, last; those there are.

    Examples
    --------
    >>> neighbours(0, 10, 25), neighbours(10, 10, 25)
    ({'first': 0, 'next': 10, 'last': 20}, {'first': 0, 'prev': 0, 'next': 20, 'last': 20})
    """
    last = max(0, (total - 1) // limit * limit)
    found = {"first": 0}
    if offset > 0:
        found["prev"] = max(0, min(offset - limit, last))
    if offset + limit < total:
        found["next"] = offset + limit
    return {**found, "last": last}


def _address(request: Request, offset: int, limit: int) -> str:
    """Return the address that was asked for, with another page: below the API, wherever that is mounted."""
    path = quote(str(request.scope["path"]).removeprefix(str(request.scope.get("root_path", ""))))
    asked = [pair for pair in request.query_params.multi_items() if pair[0] not in ("offset", "limit")]
    return f"{API}{path}?{urlencode([*asked, ('offset', offset), ('limit', limit)])}"
