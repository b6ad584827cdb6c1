"""One schema a table: columns, types, allowed values, and what each column means.

`check` gathers every fault before it speaks and loses nothing: rows in = rows kept + rows refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from data.taxonomy import sectors, technologies

if TYPE_CHECKING:
    from collections.abc import Callable

GSS = r"^[EWSNK]\d{8}$"
SLUG = r"^[a-z0-9][a-z0-9-]*$"
POSTCODE = r"^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$"
DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"
# Metres of the British National Grid that hold the whole UK, Northern Ireland and Shetland included.
EASTING = (-120_000, 680_000)
NORTHING = (-10_000, 1_240_000)

PRECISIONS = ("postcode", "site", "campus", "town", "region")
# Precise enough to be drawn as a point, and, for firms, to take part in the scan.
POINT_PRECISIONS = ("postcode", "site", "campus")
AWARD_KINDS = ("award", "at least", "up to", "envelope", "project value")
PURPOSES = ("research and innovation", "regional growth")
CONFIDENCES = ("high", "medium", "low")
SIZE_BANDS = ("micro", "small", "medium", "large")
STATUSES = ("active", "acquired", "in administration", "unknown")
ASSET_TYPES = {
    "university": "University",
    "catapult": "Catapult",
    "science_park": "Science park",
    "innovation_district": "Innovation district",
    "research_institute": "Research institute",
    "psre": "Public research establishment",
}


@dataclass(frozen=True)
class Checked:
    """A table after its schema: the rows that keep it, and a line for each fault of the others."""

    kept: pd.DataFrame
    refused: pd.DataFrame

    @property
    def rows_refused(self) -> int:
        """Number of rows with at least one fault."""
        return int(self.refused["row"].nunique())


def _text(description: str, pattern: str = "", **kwargs: object) -> pa.Column:
    checks = [pa.Check.str_matches(pattern, error=f"does not match {pattern}")] if pattern else []
    return pa.Column(str, checks, description=description, **kwargs)


def _filled(description: str, pattern: str = r"\S") -> pa.Column:
    return _text(description, pattern)


def _optional(description: str, pattern: str = "") -> pa.Column:
    """Text that may be empty, but keeps its pattern when it is not."""
    return _text(description, rf"^$|{pattern}" if pattern else "")


def _one_of(values: tuple[str, ...], description: str, *, empty: bool = False) -> pa.Column:
    allowed = [*values, ""] if empty else list(values)
    return pa.Column(str, pa.Check.isin(allowed, error=f"is none of {', '.join(values)}"), description=description)


def _number(description: str, low: float, high: float, *, nullable: bool = True) -> pa.Column:
    bounds = pa.Check.in_range(low, high, error=f"is not between {low:,} and {high:,}")
    return pa.Column(float, bounds, nullable=nullable, description=description)


def _list(allowed: Callable[[], tuple[str, ...]], description: str) -> pa.Column:
    known = frozenset(allowed())
    check = pa.Check(lambda ids: known.issuperset(ids), element_wise=True, error="holds an unknown id")
    return pa.Column(object, check, description=description)


def _position() -> dict[str, pa.Column]:
    return {
        "easting": _number("British National Grid, metres (EPSG:27700)", *EASTING, nullable=False),
        "northing": _number("British National Grid, metres (EPSG:27700)", *NORTHING, nullable=False),
        "location_precision": _one_of(
            PRECISIONS, "what the position stands for; town and region rows are placeholders, not points"
        ),
        "la_code": _filled("local authority, GSS code of 2025", GSS),
    }


def _sector_ids() -> tuple[str, ...]:
    return tuple(sector.id for sector in sectors())


def _technology_ids() -> tuple[str, ...]:
    return tuple(technology.id for technology in technologies())


def _firms() -> dict[str, pa.Column]:
    return {
        "firm_id": _text("stable id", SLUG, unique=True),
        "name": _filled("firm, or named site of a large group"),
        "company_group": _optional("group that the site belongs to; count groups when counting companies"),
        "is8": _one_of(_sector_ids(), "sector of the Industrial Strategy, agri-food or other"),
        "technology": _filled("what the firm does, free text"),
        "technologies": _list(_technology_ids, "technology families, found in the free text by the terms of sectors.toml"),
        "site": _optional("campus, park or street"),
        "town": _filled("town"),
        "postcode": _optional("unit postcode", POSTCODE),
        "postcode_evidence": _optional("where the postcode was seen"),
        **_position(),
        "founded_year": _number("year, not checked", 1600, 2026),
        "size_band": _one_of(SIZE_BANDS, "by employees, not checked", empty=True),
        "status": _one_of(STATUSES, "not checked since compiled"),
        "source": _filled("where the firm was seen"),
        "confidence": _one_of(CONFIDENCES, "that the firm is real, innovative and in that town"),
        "note": _optional("anything else a reader should know"),
    }


def _programmes() -> dict[str, pa.Column]:
    return {
        "programme_id": _text("stable id", r"^[A-Z0-9-]+$", unique=True),
        "name": _filled("programme or strand"),
        "funders": _filled("who pays; several parted by ;"),
        "purpose": _one_of(PURPOSES, "regional growth is left out of innovation funding unless asked for"),
        "status": _filled("as last read"),
        "start": _optional("announcement or start: year, month or day", DATE),
        "end": _optional("end: year, month or day", DATE),
        "total_gbp": _number("announced total, pounds; empty where none was found", 0, 1e11),
        "amount_note": _filled("what the total is, and what it is not"),
        "source_url": _filled("pages; several parted by ;"),
    }


def _projects() -> dict[str, pa.Column]:
    return {
        "project_id": _text("stable id", SLUG, unique=True),
        "programme_id": _filled("programme"),
        "name": _filled("project or allocation"),
        "description": _filled("one sentence"),
        "lead": _optional("lead organisation"),
        "partners": _optional("partners as named in the source, parted by ;"),
        "sector": _filled("field, free text"),
        "is8": _one_of(_sector_ids(), "sector of the Industrial Strategy, agri-food or other"),
        "technologies": _list(_technology_ids, "technology families, found in sector and name"),
        "award_gbp": _number("public money, pounds; empty where no figure is public", 0, 1e11),
        "award_kind": _one_of(AWARD_KINDS, "what kind of figure it is", empty=True),
        "award_note": _filled("how the figure was stated"),
        "nested_in": _optional("project whose money contains this row's", SLUG),
        "private_cofunding_gbp": _number("private money named beside it, pounds", 0, 1e11),
        "jobs": _number("jobs named in the source", 0, 1e6),
        "start": _optional("award or start: year, month or day", DATE),
        "end": _optional("end: year, month or day", DATE),
        "region_label": _filled("place as the source names it"),
        "site": _optional("site"),
        "address": _optional("address or postcode as far as known"),
        **_position(),
        "benefiting_places": _optional("places that the award is for: place id, nation:NAME or la:GSS, parted by ;"),
        "source_urls": _filled("pages; several parted by ;"),
        "confidence": _one_of(CONFIDENCES, "in the figure and the place"),
        "note": _optional("contradictions and readings"),
    }


def _participants() -> dict[str, pa.Column]:
    return {
        "project_id": _filled("project"),
        "organisation": _filled("name, spelled one way"),
        "role": _one_of(("lead", "partner"), "lead or partner"),
    }


def _places() -> dict[str, pa.Column]:
    return {
        "row_id": _text("place and authority", unique=True),
        "place_id": _filled("stable id", SLUG),
        "place_name": _filled("name"),
        "place_type": _filled("combined authority, city region, deal, launchpad or zone area"),
        "nation": _filled("nation or nations"),
        "place_gss_code": _optional("GSS code where one exists", GSS),
        "local_authority_name": _filled("member authority"),
        "la_code": _filled("member authority, GSS code of 2025", GSS),
        "member_count": _number("members of the place", 1, 400, nullable=False),
        "programme_ids": _optional("programmes that fund the place, parted by ;"),
        "source": _filled("where the membership comes from"),
    }


def _assets() -> dict[str, pa.Column]:
    return {
        "asset_id": _text("stable id", SLUG, unique=True),
        "name": _filled("name"),
        "type": _one_of(tuple(ASSET_TYPES), "kind of research asset"),
        "russell_group": _one_of(("yes", "no"), "universities only", empty=True),
        "town": _filled("town"),
        **_position(),
        "source": _filled("source"),
        "confidence": _one_of(CONFIDENCES, "in the position"),
        "note": _optional("note"),
    }


def _local_authorities() -> dict[str, pa.Column]:
    levels = {
        f"itl{level}_{part}": _filled(f"international territorial level {level} (2025), {part}")
        for level in (3, 2, 1)
        for part in ("code", "name")
    }
    return {
        "gss_code": _text("GSS code of 2025", GSS, unique=True),
        "name": _filled("name"),
        "nation": _one_of(("England", "Scotland", "Wales", "Northern Ireland"), "nation"),
        **levels,
        "population": _number("residents", 1, 2_000_000, nullable=False),
        "population_year": _number("year of the figure", 2000, 2100, nullable=False),
        "population_source": _filled("source of the figure"),
    }


COLUMNS: dict[str, Callable[[], dict[str, pa.Column]]] = {
    "firms": _firms,
    "programmes": _programmes,
    "projects": _projects,
    "participants": _participants,
    "places": _places,
    "assets": _assets,
    "local_authorities": _local_authorities,
}


def schema(table: str) -> pa.DataFrameSchema:
    """Return the schema of a table, by its name in `COLUMNS`."""
    return pa.DataFrameSchema(COLUMNS[table](), strict=True, name=table)


def check(table: str, frame: pd.DataFrame) -> Checked:
    """Hold a table against its schema.

    Parameters
    ----------
    table : str
        Name of a schema in `COLUMNS`.
    frame : DataFrame
        Any columns; those that are missing or unknown are faults of the table, not of a row.

    Returns
    -------
    Checked
        ``kept`` on the caller's index; ``refused`` with columns row, column, value, reason.

    Raises
    ------
    SchemaErrors
        If a column is missing, unknown or of the wrong type: no row can be judged then.
    """
    numbered = frame.reset_index(drop=True)
    try:
        schema(table).validate(numbered, lazy=True)
    except SchemaErrors as found:
        cases = found.failure_cases
        if cases["index"].isna().any():
            raise
        refused = _faults(cases)
        bad = numbered.index.isin(refused["row"])
        return Checked(frame[~bad], refused)
    return Checked(frame, pd.DataFrame(columns=["row", "column", "value", "reason"]))


def _faults(cases: pd.DataFrame) -> pd.DataFrame:
    reasons = cases["check"].astype(str).map(_reason)
    faults = pd.DataFrame(
        {
            "row": cases["index"].astype(int),
            "column": cases["column"].astype(str),
            "value": cases["failure_case"].astype(str),
            "reason": reasons,
        }
    )
    return faults.sort_values(["row", "column"], ignore_index=True)


def _reason(check_name: str) -> str:
    """Put pandera's own checks into words; ours are worded already."""
    if check_name == "field_uniqueness":
        return "is not unique"
    if check_name == "not_nullable":
        return "is missing"
    return re.sub(r"^str_matches\(.*\)$", "has the wrong form", check_name)
