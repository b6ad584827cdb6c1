"""What was read of sizes and dates of a register's firms: in figures for the report, and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clusters.description.growth import BANDS, EMPLOYEES, Beside
from clusters.many_machines.trait_tally import FOUNDED, SIZE
from data.plural import count
from intake.columns import SIZES
from intake.traits import SIZE_BAND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clusters.many_machines.trait_tally import Heard
    from intake.register import Register


@dataclass(frozen=True, eq=False)
class Told:
    """What was read of sizes and dates.

    Attributes
    ----------
    heard
        In the columns, by "size" and "founded"; empty where the register tells neither.
    beside
        The firms counted by them.
    asked
        Whether the span of births was asked for.
    """

    heard: Mapping[str, Heard] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)
    asked: bool = False

    def figures(self, register: Register) -> dict[str, Any]:
        """Return what the report says of them: how many of the firms kept are known, and how many unread."""
        figures: dict[str, Any] = {}
        for name, heard in self.heard.items():
            roles = SIZES if name == SIZE else (FOUNDED,)
            figures[name] = {
                "column": next(register.column(role) for role in roles if register.has(role)),
                "known": heard.known,
                "unread": heard.unread,
                "such_as": list(heard.such_as),
            }
        if SIZE in figures:
            figures[SIZE]["basis"] = self.beside.basis
        if FOUNDED in figures:
            figures[FOUNDED] |= {"span": list(self.beside.span or ()), "asked": self.asked}
        return figures


def basis_of(register: Register) -> str:
    """Return what the sizes of a register rest on; empty where it has none."""
    if not register.has(*SIZES):
        return ""
    return BANDS if register.has(SIZE_BAND) else EMPLOYEES


def traits_words(figures: Mapping[str, Any], kept: int) -> list[str]:
    """Say what was read of sizes and dates, in sentences.

    Parameters
    ----------
    figures
        As `Beside.figures` makes them; empty where a register tells neither.
    kept
        Firms that were kept.
    """
    lines = []
    for name, what in ((SIZE, "size"), (FOUNDED, "date of foundation")):
        told = figures.get(name)
        if not told:
            continue
        by = " (estimated from size bands)" if told.get("basis") == BANDS else ""
        lines.append(f"{what[:1].upper()}{what[1:]} known of {told['known']:,} of {count(kept, 'firm')}{by}.")
        if told["unread"]:
            such = " or ".join(repr(text) for text in told["such_as"])
            lost = f"{count(told['unread'], 'firm')} whose {told['column']} cannot be read, such as {such}"
            lines.append(f"{lost}: kept, {what} unknown.")
        if told.get("span"):
            first, last = told["span"]
            which = "" if told["asked"] else ", the last ten whole years of the register"
            lines.append(f"Births: firms founded {first} to {last}{which}.")
    return lines
