"""Where everything that ships comes from, as `sources.toml` lists it."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.errors import NotFoundError, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = Path(__file__).with_name("sources.toml")
QUOTED = 100


@dataclass(frozen=True)
class Source:
    """One source.

    Attributes
    ----------
    id, label
        Its name for programs and for people.
    publisher, licence
        Whose it is, under which terms.
    edition, renewed
        What was taken and of when, and how often there is a new one.
    attribution
        The line that whoever shows it owes.
    url
        Where it is published; empty for nowhere else.
    caveat
        What to beware of; empty for nothing.
    tables
        That it stands behind.
    holds
        What it has, as words within a sentence; empty where nobody else may bring the same.
    firms
        Whether the firms that ship are its.
    besides
        The same source where a map shows an analyst's own firms: what of it is left.
    program
        Whether it is a program that the map runs, and not data that it shows.
    """

    id: str
    label: str
    publisher: str
    licence: str
    edition: str
    renewed: str
    attribution: str
    url: str
    caveat: str
    tables: tuple[str, ...]
    holds: str = ""
    firms: bool = False
    besides: Source | None = None
    program: bool = False

    def shown(self, *, own: bool) -> Source:
        """Return the source as a map has it that shows the firms that ship, or an analyst's own."""
        return self.besides if own and self.besides is not None else self


def read(text: str) -> Mapping[str, Source]:
    """Read sources by id, in the order of the text.

    Raises
    ------
    TableError
        If an id comes twice, or a field is unknown or missing; every fault is told.
    """
    known = {field.name: field.default is MISSING for field in fields(Source)}
    faults, found = [], dict[str, Source]()
    for row in tomllib.loads(text)["source"]:
        name = str(row.get("id", ""))
        besides = row.get("besides", {})
        missing = [field for field, needed in known.items() if needed and field not in row]
        unknown = [field for field in (*row, *besides) if field not in known]
        faults += [f"source {name!r} has no {field}" for field in missing]
        faults += [f"source {name!r}: {field!r} is no field of a source" for field in unknown]
        if name in found:
            faults.append(f"source {name!r} comes twice")
        if not missing and not unknown:
            whole = Source(**{**row, "tables": tuple(row["tables"]), "besides": None})
            found[name] = replace(whole, besides=replace(whole, **besides) if besides else None)
    if faults:
        raise TableError(f"{FILE.name}: {'; '.join(faults)}; the fields are {', '.join(known)}")
    return MappingProxyType(found)


SOURCES: Mapping[str, Source] = read(FILE.read_text(encoding="utf-8"))


def sources() -> tuple[Source, ...]:
    """Return every source in the order of the file."""
    return tuple(SOURCES.values())


def named(ids: Iterable[str]) -> tuple[Source, ...]:
    """Return the sources of some ids, in their order.

    Raises
    ------
    NotFoundError
        If no source has one of them; the message lists those there are.
    """
    wanted = tuple(ids)
    require(wanted)
    return tuple(SOURCES[name] for name in wanted)


def in_order(ids: Iterable[str]) -> tuple[Source, ...]:
    """Return the sources of some ids, each once, in the order of the file."""
    wanted = set(ids)
    return tuple(source for source in sources() if source.id in wanted)


def attribution(source_id: str, *, own: bool = False) -> str:
    """Return the line that a source asks for, where a map shows the firms that ship or an analyst's own.

    Raises
    ------
    NotFoundError
        If no source has the id; the message lists those there are.
    """
    [source] = named((source_id,))
    return source.shown(own=own).attribution


def require(ids: Iterable[str], of: str = "") -> None:
    """Refuse ids that no source has.

    Parameters
    ----------
    of
        What names them, such as ``the layer 'land'``.

    Raises
    ------
    NotFoundError
        The message lists the ids that there are.
    """
    if unknown := [name for name in ids if name not in SOURCES]:
        said = ", ".join(repr(name[:QUOTED]) for name in unknown)
        whose = f"{of}: " if of else ""
        raise NotFoundError(
            f"{whose}no source has the id {said}; the ids are {', '.join(SOURCES)}, and data/sources.toml "
            "has room for more"
        )
