"""What shuffled maps show, kept in a report for registers like the one that it was learnt on."""

from __future__ import annotations

import json
from dataclasses import asdict
from math import exp, log
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clusters.scan.threshold import Tail
from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from clusters.scan.parameters import ScanParameters

FARTHEST = log(1.25)
"""Chances hold for labels and registers whose size differs by no more than this, as a logarithm."""

DECISIVE = (
    *("cell_m", "radii_m", "ring_m", "kind_m", "kinds", "kind_prior", "square_m", "ring_prior"),
    *("window_prior", "min_firms", "min_lq", "follow", "link_m", "level", "pale"),
)
"""Settings that chances depend on."""

MOST_BYTES = 64 * 2**20
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Record(BaseModel):
    """A tail as JSON has it; limits by level, as pairs."""

    model_config = ConfigDict(extra="forbid")

    size: Annotated[int, Field(ge=1)]
    maps: Annotated[int, Field(ge=1)]
    level: Number
    rate: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    excess: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    spread: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    limits: Annotated[list[tuple[Number, Number]], Field(min_length=1, max_length=9)]
    lowest: Number
    below: Annotated[list[Number], Field(max_length=100_000)]

    def tail(self) -> Tail:
        """Return it as the scan has it."""
        return Tail(**self.model_dump() | {"limits": dict(self.limits), "below": tuple(self.below)})


class _Chances(BaseModel):
    settings: dict[str, Any]
    companies: Annotated[int, Field(ge=1)]
    tails: Annotated[list[_Record], Field(min_length=1, max_length=100_000)]


class KnownChances:
    """Chances of labels by their size, as `chances_of` wrote them into a report."""

    def __init__(self, chances: _Chances, source: str) -> None:
        """Keep what a report says, and where it was read."""
        self._chances, self._source = chances, source
        self._tails = sorted((record.tail() for record in chances.tails), key=lambda tail: tail.size)

    def require(self, parameters: ScanParameters, companies: int) -> None:
        """Refuse settings, or a register, that the chances were not learnt for.

        Raises
        ------
        InputError
            The message names each setting that differs, with both values.
        """
        wanted, had = _settings(parameters), self._chances.settings
        faults = [
            f"{name} is {value} here and {had.get(name)} there"
            for name, value in wanted.items()
            if had.get(name) != value
        ]
        if abs(log(companies / self._chances.companies)) > FARTHEST:
            faults.append(f"{companies:,} firms are counted here and {self._chances.companies:,} there")
        if faults:
            raise InputError(
                f"the chances of {self._source} are for other settings or another register: "
                f"{'; '.join(faults)}; learn them anew (--relabellings 20, without --thresholds)"
            )

    def of(self, label: str, size: int) -> Tail:
        """Return the tail of the nearest size.

        Raises
        ------
        InputError
            When none is near enough.
        """
        nearest = min(self._tails, key=lambda tail: abs(log(tail.size / size)))
        if abs(log(nearest.size / size)) > FARTHEST:
            raise InputError(
                f"{label!r} has {size:,} firms, and {self._source} knows chances of labels of "
                f"{nearest.size:,} at nearest: up to {exp(FARTHEST):g} times more or fewer will do; "
                "learn them anew"
            )
        return nearest


def chances_of(tails: Iterable[Tail], parameters: ScanParameters, companies: int) -> dict[str, Any]:
    """Return tails as a report keeps them; see `read_chances`."""
    by_size = {tail.size: tail for tail in tails}
    return {
        "settings": _settings(parameters),
        "companies": companies,
        "tails": [_plain(by_size[size]) for size in sorted(by_size)],
    }


def _plain(tail: Tail) -> Mapping[str, Any]:
    return asdict(tail) | {"limits": [list(pair) for pair in tail.limits.items()], "below": list(tail.below)}


def _settings(parameters: ScanParameters) -> dict[str, Any]:
    settings = {name: getattr(parameters, name) for name in DECISIVE}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}


def read_chances(path: Path) -> KnownChances:
    """Return the chances that a report.json of a former result holds.

    Raises
    ------
    InputError
        When the file cannot be read, is no report, or holds none.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"{path} is larger than {MOST_BYTES // 2**20} MB: name the report.json of a result"
            )
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise InputError(f"{path} cannot be read as the report.json of a result: {fault}") from fault
    found = report.get("chances") if isinstance(report, dict) else None
    if not isinstance(found, dict):
        raise InputError(f"{path} holds no chances: name the report.json of a result of the scan")
    try:
        return KnownChances(_Chances.model_validate(found), str(path))
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"the chances of {path} are damaged: {where}: {first['msg']}") from fault
