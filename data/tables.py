"""The shipped tables, read, tidied and checked.

Every table is read as text and given its types here; a fault in a shipped table is an error of ours.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from data.errors import TableError
from data.participants import participants as split_participants
from data.schemas import COLUMNS, check, numbers
from data.taxonomy import sector_id, technologies_of

FOLDER = Path(__file__).parent / "tables"
RENAMED = {
    "firms": {"gss_code": "la_code"},
    "projects": {"gss_code": "la_code", "lead_organisation": "lead"},
    "places": {"gss_code": "la_code"},
    "assets": {"gss_code": "la_code"},
    "organisations": {"gss_code": "la_code"},
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
        raise TableError(f"{name}: {checked.rows_refused} rows refused\n{first}")
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
        raise TableError(f"{path.name} cannot be read: {fault}") from fault
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


def contradictions() -> list[str]:
    """Return what the tables say against one another, in words; empty when they agree."""
    projects = set(table("projects")["project_id"])
    programmes = set(table("programmes")["programme_id"])
    authorities = set(table("local_authorities")["gss_code"])
    faults: list[str] = []
    for name in ("projects", "contested", "missing"):
        faults += _unknown(name, table(name)["programme_id"], programmes)
    faults += _unknown("places", _parted(table("places")["programme_ids"]), programmes)
    for name, column in (
        ("projects", "nested_in"),
        ("participants", "project_id"),
        ("contested", "project_id"),
    ):
        faults += _unknown(name, _parted(table(name)[column]), projects)
    for name in ("firms", "projects", "assets", "places", "organisations"):
        faults += _unknown(name, table(name)["la_code"], authorities)
    areas = set(table("local_authorities")["itl3_code"])
    faults += _unknown("moved_ids", _parted(table("moved_ids")["new_ids"]), authorities | areas)
    people = table("participants")
    leads = set(people.loc[people["role"] == "lead", "organisation"])
    faults += _unknown("organisations", table("organisations")["organisation"], leads)
    return (
        faults + _addresses_elsewhere() + _awards_without_kind() + _contested_unused() + _more_than_expected()
    )


def _addresses_elsewhere() -> list[str]:
    """Say where an organisation's address is said to be that of an asset or firm, and is not."""
    ids = {"research asset": ("assets", "asset_id"), "firm": ("firms", "firm_id")}
    known = {
        (basis, str(row), code)
        for basis, (name, column) in ids.items()
        for row, code in zip(table(name)[column], table(name)["la_code"], strict=True)
    }
    rows = table("organisations")
    taken = rows[rows["basis"].isin(ids)]
    return [
        f"organisations: {row.organisation} is not at the {row.basis} {row.source!r}"
        for row in taken.itertuples(index=False)
        if (row.basis, row.source, row.la_code) not in known
    ]


def _unknown(name: str, ids: pd.Series, known: set[str]) -> list[str]:
    return [f"{name}: {ids.name} {value!r} is unknown" for value in sorted(set(ids) - known)]


def _parted(cells: pd.Series) -> pd.Series:
    """Return every entry of cells whose entries are parted by semicolons; none of an empty cell."""
    entries = cells.str.split(";").explode().str.strip()
    return entries[entries != ""]


def _awards_without_kind() -> list[str]:
    projects = table("projects")
    bare = projects["award_gbp"].notna() & (projects["award_kind"] == "")
    return [f"projects: {row} has an award without a kind" for row in projects.loc[bare, "project_id"]]


def _contested_unused() -> list[str]:
    """Say where a contested figure is marked as used, and the project has another, or none of money is."""
    contested = table("contested")
    used = contested[(contested["used"] == "yes") & contested["figure_gbp"].notna()]
    awards = table("projects").set_index("project_id")[["award_gbp", "programme_id"]]
    rows = used[used["project_id"].isin(awards.index)].merge(awards, left_on="project_id", right_index=True)
    differ = rows[rows["figure_gbp"] != rows["award_gbp"]]
    strangers = rows[rows["programme_id_x"] != rows["programme_id_y"]]
    return [
        *(f"contested: {row} is said to use a figure that projects does not" for row in differ["project_id"]),
        *(f"contested: {row} stands under another programme in projects" for row in strangers["project_id"]),
    ]


def _more_than_expected() -> list[str]:
    missing = table("missing")
    over = missing[missing["known"] > missing["expected"]]
    return [f"missing: {row} knows more than it expects" for row in over["programme_id"] + " " + over["what"]]
