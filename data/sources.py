"""Where everything that ships comes from, as `sources.toml` lists it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.errors import NotFoundError


@dataclass(frozen=True)
class Source:
    """One source: publisher, licence, date, and the line that attribution takes."""

    id: str
    label: str
    publisher: str
    licence: str
    edition: str
    url: str
    attribution: str
    tables: tuple[str, ...]
    caveat: str


@cache
def sources() -> tuple[Source, ...]:
    """Return every source in the order of the file."""
    rows = tomllib.loads(Path(__file__).with_name("sources.toml").read_text(encoding="utf-8"))["source"]
    return tuple(Source(**{**row, "tables": tuple(row["tables"])}) for row in rows)


def attribution(source_id: str) -> str:
    """Return the line that a source asks for.

    Raises
    ------
    NotFoundError
        If no source has the id; the message lists those there are.
    """
    lines = {source.id: source.attribution for source in sources()}
    if source_id not in lines:
        raise NotFoundError(f"no source has the id {source_id[:100]!r}; the ids are {', '.join(lines)}")
    return lines[source_id]
