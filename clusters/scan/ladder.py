"""How far discs reach on a register of a size: as far as it takes to hold firms enough to tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from clusters.scan.parameters import ScanParameters
from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHORTEST = 300.0
"""Radius of the smallest disc in metres; each is twice the one before it."""

A_CELL_HOLDS = 4
"""Companies of a cell that count where a register's size is told: many people at few points are few."""


class Rung(NamedTuple):
    """What suits registers up to a size; distances in metres."""

    size: float
    longest: float
    ring: float
    cell: float
    relabellings: int
    peaks: int
    most_relabellings: int
    kinds: tuple[int, int]
    min_firms: int


RUNGS = (
    Rung(1_000, 19_200.0, 80_000.0, 50.0, 199, 200, 999, (8, 4), 4),
    Rung(10_000, 9_600.0, 40_000.0, 100.0, 199, 200, 999, (8, 4), 4),
    Rung(100_000, 4_800.0, 20_000.0, 250.0, 20, 80, 199, (16, 8), 10),
    Rung(float("inf"), 2_400.0, 20_000.0, 250.0, 20, 80, 199, (16, 8), 10),
)


def size_of(companies: int, cells: int) -> int:
    """Return the size of a register by which its rung is chosen: companies, or places where these are few."""
    return min(companies, A_CELL_HOLDS * cells)


def scan_settings(given: Mapping[str, Any], radii: str = "") -> dict[str, Any]:
    """Return the settings of `fitted` that were asked for, as a command line has them: None is not asked.

    A minimum that is asked for holds for every label.

    Parameters
    ----------
    radii
        Radii in metres, joined by commas; empty where they are not asked for.

    Raises
    ------
    InputError
        When a radius is no number.
    """
    asked = {name: value for name, value in given.items() if value is not None}
    if "min_firms" in asked:
        asked["follow"] = False
    if "relabellings" in asked:
        asked["most_relabellings"] = max(int(asked["relabellings"]), ScanParameters().most_relabellings)
    try:
        return asked | ({"radii_m": tuple(float(one) for one in radii.split(","))} if radii else {})
    except ValueError:
        raise InputError(
            f"radii is {radii[:80]!r}: expected metres joined by commas, such as 300,600,1200"
        ) from None


def fitted(size: float, **asked: Any) -> ScanParameters:
    """Return the settings that suit a register of a size; those that are asked for go before.

    Where radii or the ring are asked for, what goes with them follows in proportion.

    Parameters
    ----------
    size
        As `size_of` tells it.
    asked
        Settings of `ScanParameters` by name.

    Raises
    ------
    InputError
        When the settings do not go together.
    """
    rung = next(rung for rung in RUNGS if size <= rung.size)
    cell = float(asked.get("cell_m", rung.cell))
    radii = tuple(asked.get("radii_m", _radii(max(SHORTEST, cell), rung.longest)))
    return replace(
        _in_proportion(rung, cell, radii, float(asked.get("ring_m", _ring(rung, radii)))),
        **{name: value for name, value in asked.items() if name not in {"cell_m", "radii_m", "ring_m"}},
    )


def _radii(shortest: float, longest: float) -> tuple[float, ...]:
    radii = [shortest]
    while radii[-1] * 2 <= longest:
        radii.append(radii[-1] * 2)
    return tuple(radii)


def _ring(rung: Rung, radii: Sequence[float]) -> float:
    """Return how far the ring reaches: as far beyond the largest disc as the rung has it."""
    return rung.ring * max(radii, default=rung.longest) / rung.longest


def _in_proportion(rung: Rung, cell: float, radii: tuple[float, ...], ring: float) -> ScanParameters:
    longest = max(radii, default=rung.longest)
    least = min(radii, default=SHORTEST)
    usual = ScanParameters()
    return ScanParameters(
        cell_m=cell,
        radii_m=radii,
        ring_m=ring,
        kind_m=tuple(least / SHORTEST * metres for metres in usual.kind_m),
        kinds=rung.kinds,
        square_m=1.25 * ring,
        min_firms=rung.min_firms,
        local_m=max(cell, min(ring, longest / 4)),
        link_m=max(cell, longest / 2.4),
        buffer_m=longest / 9.6,
        relabellings=rung.relabellings,
        peaks=rung.peaks,
        most_relabellings=rung.most_relabellings,
    )
