"""Units: how a number of each is written in words and in a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Unit:
    """A unit.

    Attributes
    ----------
    name
        As tables and legends have it.
    workbook
        How a spreadsheet shows its numbers; the cell holds all digits.
    written
        How words have them: as ``pounds`` (£21.3m), ``pounds a head``, ``percent``, or as a plain ``number``.
    digits
        Of a plain number, after the point.
    after
        What follows a plain number.
    """

    name: str
    workbook: str = "#,##0"
    written: Literal["pounds", "pounds a head", "percent", "number"] = "number"
    digits: int = 0
    after: str = ""

    @property
    def is_money(self) -> bool:
        """Whether it counts pounds."""
        return self.written in {"pounds", "pounds a head"}


_UNITS = (
    Unit("£", "£#,##0", "pounds"),
    Unit("£ per person", "£#,##0.00", "pounds a head"),
    Unit("share", "0.0%", "percent"),
    Unit("per 10,000 residents", "0.00", digits=2, after=" per 10,000"),
    Unit("residents per km²", "#,##0", after=" per km²"),
    Unit("LQ", "0.00", digits=1),
    Unit("year", "0"),
    Unit("degrees", "0.00000", digits=5),
    Unit("decimal", "0.00", digits=2),
    Unit("index", "0.000", digits=3),
)
UNITS: Mapping[str, Unit] = MappingProxyType({unit.name: unit for unit in _UNITS})


def unit_of(name: str) -> Unit:
    """Return a unit by name; one that is not listed is a noun that is counted.

    Examples
    --------
    >>> unit_of("share").workbook, unit_of("firms").workbook
    ('0.0%', '#,##0')
    """
    return UNITS.get(name) or Unit(name)
