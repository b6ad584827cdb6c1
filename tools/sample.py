"""The tables of the sample, made from the parts that it was compiled in.

`data/parts` keeps what shipped first, and each part that came after, as it was compiled. Here they are
put together, one step a part, and each step gives its account: rows in = rows kept + rows refused, each of
these with its reason. What comes out is written to `data/tables`, where nobody edits it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from data.errors import TableError
from data.refusals import Account
from data.schemas import check
from data.store import ROOT, whole_file
from data.tables import FOLDER, tidy
from geo.postcodes import Postcodes, postcodes
from geo.projections import to_bng
from tools import sample_steps as steps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tools.sample_steps import Taken

PARTS: Final = ROOT / "data" / "parts"
FIRST: Final = "first-sample"
"""The list that the firms of the first sample are of; `firm_lists.csv` tells of it."""
ACCOUNT: Final = ("part", "rows", "kept", "refused")
REFUSED: Final = ("part", "row", "firm_id", "column", "value", "reason")
KNOWN: Final = {"cluster_id": "known_id", "sector": "sector_is8"}


@dataclass(frozen=True)
class Made:
    """Tables as text, and what became of the rows of each part.

    Attributes
    ----------
    firms, known_clusters
        The tables as their files have them.
    account
        A row a part: `ACCOUNT`.
    refused
        A row each that could not be used: `REFUSED`; rows are numbered from 0.
    """

    firms: pd.DataFrame
    known_clusters: pd.DataFrame
    account: pd.DataFrame
    refused: pd.DataFrame


def read_part(name: str, folder: Path = PARTS) -> pd.DataFrame:
    """Return a part as text, numbered from 0."""
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8")


def make(
    parts: Mapping[str, pd.DataFrame], lists: Mapping[str, str], directory: Postcodes | None = None
) -> Made:
    """Put the parts together.

    Parameters
    ----------
    parts
        By name, as text: firms, firms_located, firms_located2, firms_checked, firms_corrections,
        firms_groups, firms_new, known_clusters.
    lists
        The id of each list of firms, by its title.
    directory
        Where postcodes lie; the shipped directory unless given.

    Raises
    ------
    TableError
        When what comes out breaks the schema of its table: a fault of the steps, or of the first part.
    """
    places = directory or postcodes()
    firms = parts["firms"].assign(list=FIRST).set_index("firm_id", drop=False)
    groups = parts["firms_groups"].drop_duplicates("firm_id").set_index("firm_id")["company_group"]
    taken: dict[str, Taken] = {}
    work: dict[str, Callable[[pd.DataFrame, pd.DataFrame], Taken]] = {
        "firms_located": lambda firms, part: steps.located(firms, part, places),
        "firms_located2": lambda firms, part: steps.located(firms, part, places),
        "firms_checked": lambda firms, part: steps.checked(firms, part, places),
        "firms_corrections": lambda firms, part: steps.corrected(firms, part, places),
        "firms_new": lambda firms, part: steps.added(firms, part, places, lists, groups),
        "firms_groups": steps.grouped,
    }
    for name, step in work.items():
        taken[name] = step(firms, parts[name])
        firms = taken[name].firms
    placed = steps.said_of_places(steps.as_postcodes(firms, places), parts)
    known = _known(parts["known_clusters"])
    for name, table in (("firms", placed), ("known_clusters", known)):
        _in_order(name, table)
    return Made(placed.sort_index().reset_index(drop=True), known, *_accounts(parts, taken))


def _accounts(
    parts: Mapping[str, pd.DataFrame], taken: Mapping[str, Taken]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, refused = [("firms", len(parts["firms"]), len(parts["firms"]), 0)], []
    for name, step in taken.items():
        Account(len(parts[name]), step.kept, len(step.refused))
        rows.append((name, len(parts[name]), step.kept, len(step.refused)))
        refused.append(step.refused.assign(part=name))
    whole = len(parts["known_clusters"])
    rows.append(("known_clusters", whole, whole, 0))
    return pd.DataFrame(rows, columns=list(ACCOUNT)), pd.concat(refused, ignore_index=True)[list(REFUSED)]


def _known(part: pd.DataFrame) -> pd.DataFrame:
    """Return the clusters that others name, at metres of the British National Grid."""
    east, north = to_bng(part["lon"].astype(float).to_numpy(), part["lat"].astype(float).to_numpy())
    metres = {
        "easting": east.round().astype(int).astype(str),
        "northing": north.round().astype(int).astype(str),
    }
    named = part.drop(columns=["lon", "lat", "local_authority_name"]).assign(**metres)
    return named.rename(columns=KNOWN)


def _in_order(name: str, table: pd.DataFrame) -> None:
    found = check(name, tidy(name, table.reset_index(drop=True)))
    if len(found.refused):
        raise TableError(f"{name}: {found.rows_refused} rows of the parts break the schema\n{found.refused}")


def read_parts(folder: Path = PARTS) -> dict[str, pd.DataFrame]:
    """Return every part of a folder by name; what this module writes there is none."""
    return {
        path.stem: read_part(path.stem, folder)
        for path in sorted(folder.glob("*.csv"))
        if path.stem not in ("account", "refused")
    }


def list_ids() -> dict[str, str]:
    """Return the id of each list of firms, by its title."""
    table = pd.read_csv(FOLDER / "firm_lists.csv", dtype=str, keep_default_na=False)
    return dict(zip(table["title"], table["list_id"], strict=True))


def write(made: Made, tables: Path = FOLDER, parts: Path = PARTS) -> list[Path]:
    """Write the tables, the account and the refused rows, each whole or not at all; return their paths."""
    files = {
        tables / "firms.csv": made.firms,
        tables / "known_clusters.csv": made.known_clusters,
        parts / "account.csv": made.account,
        parts / "refused.csv": made.refused,
    }
    for path, table in files.items():
        with whole_file(path) as part:
            table.to_csv(part, index=False, lineterminator="\n")
    return list(files)


if __name__ == "__main__":
    sample = make(read_parts(), list_ids())
    write(sample)
    print(sample.account.to_string(index=False))  # noqa: T201 - the report of a tool
