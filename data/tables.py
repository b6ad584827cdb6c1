"""The shipped tables, read, tidied and checked.

Every table is read as text and given its types here; a fault in a shipped table is an error of ours and raises.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from data.errors import TableError
from data.participants import participants as split_participants
from data.schemas import COLUMNS, Checked, check
from data.taxonomy import sector_id, technologies_of

FOLDER = Path(__file__).parent / "tables"
NUMBERS = frozenset(
    {
        "easting",
        "northing",
        "founded_year",
        "total_gbp",
        "award_gbp",
        "private_cofunding_gbp",
        "jobs",
        "population",
        "population_year",
        "member_count",
    }
)
RENAMED = {
    "firms": {"gss_code": "la_code"},
    "projects": {"gss_code": "la_code", "lead_organisation": "lead"},
    "places": {"gss_code": "la_code"},
    "assets": {"gss_code": "la_code"},
}


@cache
def table(name: str) -> pd.DataFrame:
    """Return a shipped table by its name in `data.schemas.COLUMNS`; shared, not to be changed.

    Raises
    ------
    TableError
        If the table breaks its schema; the message lists the first faults.
    """
    raw = split_participants(table("projects")) if name == "participants" else read(name, FOLDER)
    checked = check(name, raw)
    if len(checked.refused):
        raise TableError(f"{name}: {checked.rows_refused} rows refused\n{checked.refused.head(20).to_string()}")
    return checked.kept


def read(name: str, folder: Path) -> pd.DataFrame:
    """Read a table of a folder and give its columns their types, without judging them."""
    path = folder / f"{name}.csv"
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError) as fault:
        raise TableError(f"{path.name} cannot be read: {fault}") from fault
    return tidy(name, text)


def tidy(name: str, text: pd.DataFrame) -> pd.DataFrame:
    """Give a table of text its types: numbers, sector ids, technology families.

    Parameters
    ----------
    name : str
        Name of a table.
    text : DataFrame
        All columns as text, empty where nothing is known.

    Returns
    -------
    DataFrame
        On the same index, with the columns of the schema in their order.
    """
    frame = text.apply(lambda column: column.str.strip()).rename(columns=RENAMED.get(name, {}))
    for column in NUMBERS.intersection(frame.columns):
        frame[column] = _numeric(frame[column])
    if "sector_is8" in frame:
        frame["is8"] = frame.pop("sector_is8").map(sector_id)
    if name == "firms":
        frame["technologies"] = technologies_of(frame["technology"])
    if name == "projects":
        frame["technologies"] = technologies_of(frame["sector"] + "; " + frame["name"])
    wanted = [column for column in COLUMNS[name]() if column in frame]
    return frame[wanted + [column for column in frame if column not in wanted]]


def _numeric(column: pd.Series) -> pd.Series:
    try:
        return pd.to_numeric(column.where(column != "")).astype(float)
    except ValueError as fault:
        raise TableError(f"column {column.name}: {fault}; a plain number is expected") from fault


def contradictions() -> list[str]:
    """Return what the tables say against one another, in words; empty when they agree."""
    projects, programmes = table("projects"), table("programmes")
    authorities = set(table("local_authorities")["gss_code"])
    faults = _unknown(projects, "programme_id", set(programmes["programme_id"]))
    faults += _unknown(projects[projects["nested_in"] != ""], "nested_in", set(projects["project_id"]))
    for name in ("firms", "projects", "assets", "places"):
        faults += _unknown(table(name), "la_code", authorities)
    without_kind = projects["award_gbp"].notna() & (projects["award_kind"] == "")
    faults += [f"projects {row}: an award without a kind" for row in projects.loc[without_kind, "project_id"]]
    return faults


def _unknown(frame: pd.DataFrame, column: str, known: set[str]) -> list[str]:
    missing = sorted(set(frame[column]) - known)
    return [f"{column} {value!r} is unknown" for value in missing]


__all__ = ["Checked", "contradictions", "read", "table", "tidy"]
