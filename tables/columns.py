"""What the columns of the tables hold, as `columns.toml` says it: for whoever takes a table away."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import NotFoundError
from data.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable

# Units that say how many digits a number is shown with, not what it counts.
BARE = ("decimal",)


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name
        As its heading has it.
    definition
        In a sentence.
    unit
        As `data.spreadsheet.number_format` takes it; empty for text.
    """

    name: str
    definition: str
    unit: str = ""

    @property
    def words(self) -> str:
        """The definition with the unit."""
        return (
            f"{self.definition} Unit: {self.unit}."
            if self.unit and self.unit not in BARE
            else self.definition
        )


@cache
def _file() -> dict[str, dict[str, dict[str, str]]]:
    read = tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))
    return {"": read["columns"], **read["of"]}


def column(table: str, name: str) -> Column:
    """Return what a column of a table holds.

    Raises
    ------
    NotFoundError
        If nobody has said it.
    """
    rows = _file()
    found = rows.get(table, {}).get(name) or rows[""].get(name)
    if found is None:
        raise NotFoundError(f"the column {name!r} of the table {table!r} has no definition in columns.toml")
    return Column(name, **found)


def columns(table: str, names: Iterable[str]) -> list[Column]:
    """Return what the columns of a table hold, in their order."""
    return [column(table, name) for name in names]


def formats(table: str, names: Iterable[str]) -> dict[str, str]:
    """Return how a spreadsheet shows the numbers of each column that has any."""
    return {one.name: unit_of(one.unit).workbook for one in columns(table, names) if one.unit}
