"""The shipped tables, read, tidied and checked.

Every table is read as text and given its types here; a fault in a shipped table is an error of ours.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from data.errors import TableError, reason
from data.participants import participants as split_participants
from data.plural import count
from data.schemas import COLUMNS, check, numbers
from data.taxonomy import sector_id, technologies_of

FOLDER = Path(__file__).parent / "tables"
RENAMED = {
    "firms": {"gss_code": "la_code"},
    "projects": {"gss_code": "la_code", "lead_organisation": "lead"},
    "places": {"gss_code": "la_code"},
    "assets": {"gss_code": "la_code"},
    "organisations": {"gss_code": "la_code"},
    "known_clusters": {"gss_code": "la_code"},
}


@cache
def table(name: str) -> pd.DataFrame:
    """Return a shipped table by its name in `data.schemas.COLUMNS`; shared, not to be changed.

    Raises
    ------
    TableError
        If there is no such table, or it breaks its schema; the message lists the first faults.
    """
    if name not in COLUMNS:
        raise TableError(f"{name!r} is no table; the tables are {', '.join(COLUMNS)}")
    raw = split_participants(table("projects")) if name == "participants" else read(name, FOLDER)
    checked = check(name, raw)
    if len(checked.refused):
        first = checked.refused.head(20).to_string()
        raise TableError(f"{name}: {count(checked.rows_refused, 'row')} refused\n{first}")
    return checked.kept


def read(name: str, folder: Path) -> pd.DataFrame:
    """Read a table of a folder and give its columns their types, without judging them (see `tidy`).

    Raises
    ------
    TableError
        If the file is missing, is not UTF-8 or has no rows of equal length.
    """
    path = folder / f"{name}.csv"
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
        raise TableError(f"{path.name} cannot be read: {reason(fault)}") from fault
    return tidy(name, text)


def tidy(name: str, text: pd.DataFrame) -> pd.DataFrame:
    """Give a table of text its types: numbers, sector ids, technology families.

    What cannot be read stays as it is, so that `check` can gather it row by row.

    Parameters
    ----------
    name : str
        Name of a table.
    text : DataFrame
        All columns as text, empty where nothing is known.

    Returns
    -------
    DataFrame
        On the same index, with the columns of the schema in their order, others after them.
    """
    frame: pd.DataFrame = text.apply(lambda column: column.str.strip()).rename(columns=RENAMED.get(name, {}))
    for column in frame.columns.intersection(numbers(name)):
        frame[column] = _numeric(frame[column])
    if "sector_is8" in frame:
        frame["is8"] = frame.pop("sector_is8").map(_sector)
    if name == "firms" and "technology" in frame:
        frame["technologies"] = technologies_of(frame["technology"])
    if name == "projects" and {"sector", "name"}.issubset(frame.columns):
        frame["technologies"] = technologies_of(frame["sector"] + "; " + frame["name"])
    wanted = [column for column in COLUMNS[name]() if column in frame]
    others = [column for column in frame if column not in wanted]
    return frame.reindex(columns=[*wanted, *others])


def _sector(text: str) -> str:
    try:
        return sector_id(text)
    except TableError:
        return text


def _numeric(column: pd.Series) -> pd.Series:
    try:
        return pd.to_numeric(column.where(column != "")).astype(float)
    except ValueError:
        return column
