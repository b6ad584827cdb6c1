"""What an edition is: its name, whose firms it shows, how its clusters were found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import PurePath
from typing import Any

import pandas as pd

from clusters.scan.parameters import ScanParameters
from clusters.shipped import SHIPPED
from data.errors import InputError

EDITION = "sample-2026-12"
SCAN = "scan"
METHODS = {SCAN: "scan", "dbscan": "DBSCAN", "hdbscan": "HDBSCAN"}
NAMELESS = "own register"
# Characters of a name that come from outside and are shown: it may be of any length.
LONGEST = 80


@dataclass(frozen=True)
class About:
    """What an edition is.

    Attributes
    ----------
    name
        As it is shown and written into tables.
    own
        Whether the firms are an analyst's own rather than the shipped sample.
    method
        How clusters were found: a key of `METHODS`, or another word from the result.
    file
        The register that the firms are from; empty for the shipped ones.
    kept, refused
        Rows of the register that take part, and that could not.
    scan
        The settings of the scan, for words about it.
    agents, treatment
        Firms at the points of registration agents, and what became of them in the test.
    """

    name: str = EDITION
    own: bool = False
    method: str = SCAN
    file: str = ""
    kept: int = 0
    refused: int = 0
    scan: ScanParameters = field(default=SHIPPED)
    agents: int = 0
    treatment: str = ""

    @property
    def tested(self) -> bool:
        """Whether clusters were tested against chance; density clustering asks for density alone."""
        return self.method == SCAN

    @property
    def method_name(self) -> str:
        """The method for people."""
        return METHODS.get(self.method, self.method)

    @property
    def found_by(self) -> str:
        """The method as the subject of a sentence."""
        return "the scan" if self.tested else self.method_name

    def table(self) -> pd.DataFrame:
        """Return the table of one row that the store keeps."""
        return pd.DataFrame({"about": [json.dumps(asdict(self))]})


def about_of(table: pd.DataFrame) -> About:
    """Read back what `About.table` wrote."""
    row = json.loads(str(table["about"].iloc[0]))
    return About(**{**row, "scan": _scan(row["scan"])})


def about_result(report: Mapping[str, Any], kept: int, refused: int) -> About:
    """Return what the report of a result says of it.

    Parameters
    ----------
    report
        edition (a name, or a mapping with name or label), method, register (path or name of the file), rows
        (kept, refused), agents, parameters; each may be missing.
    kept, refused
        Rows as the tables of the result have them, where the report has no figures of its own.

    Raises
    ------
    InputError
        When the parameters are no parameters.
    """
    rows, offices = _mapping(report.get("rows")), _mapping(report.get("agents"))
    return About(
        name=_name(report.get("edition")),
        own=True,
        method=_text(report.get("method")) or SCAN,
        file=_file(report),
        kept=_count(rows.get("kept"), report.get("kept"), kept),
        refused=_count(rows.get("refused"), report.get("refused"), refused),
        scan=_scan(_mapping(report.get("parameters"))),
        agents=_count(offices.get("firms_there"), 0),
        treatment=_text(offices.get("treatment")),
    )


def _name(given: Any) -> str:
    said = _mapping(given)
    text = _text(said.get("label")) or _text(said.get("name")) if said else _text(given)
    return text or NAMELESS


def _file(report: Mapping[str, Any]) -> str:
    """Return the name of the register, without the folders that it lies in."""
    found = next((report[key] for key in ("register", "source") if isinstance(report.get(key), str)), "")
    return _text(PurePath(found.replace("\\", "/")).name)


def _text(value: Any) -> str:
    return " ".join(value.split())[:LONGEST] if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(*candidates: Any) -> int:
    return next(value for value in candidates if isinstance(value, int) and not isinstance(value, bool))


def _scan(given: Mapping[str, Any]) -> ScanParameters:
    """Return the settings among those given that the scan has; the rest are its defaults."""
    names = {one.name for one in fields(ScanParameters)}
    nested = _mapping(given.get("scan"))
    known = {name: value for name, value in {**given, **nested}.items() if name in names}
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in known.items()
    }
    try:
        return ScanParameters(**plain)
    except (TypeError, InputError) as fault:
        raise InputError(f"the report's parameters cannot be used: {fault}") from fault
