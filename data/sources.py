"""Where everything that ships comes from, as `sources.toml` lists it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


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
    """Return the line that a source asks for; KeyError for an unknown id."""
    return {source.id: source.attribution for source in sources()}[source_id]
