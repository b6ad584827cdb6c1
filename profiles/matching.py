"""Which programmes and projects hold the words that are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def matching(texts: pd.Series, search: str) -> pd.Series:
    """Say which texts hold every word of a search, whatever the case; all, where nothing is searched for.

    Examples
    --------
    >>> matching(pd.Series(["Museums in the Metaverse", "Digital Dairy"]), "META museums").tolist()
    [True, False]
    """
    words = search.casefold().split()
    return (
        texts.map(lambda text: all(word in text for word in words), na_action=None).astype(bool)
        if not texts.empty
        else texts.astype(bool)
    )


def searchable(rows: pd.DataFrame) -> pd.Series:
    """Return the words of each project that a search looks through, on the same index."""
    columns = ["project_id", "name", "programme", "lead", "partners", "place", "authorities", "within"]
    return rows[columns].agg(" ".join, axis=1).str.casefold() if len(rows) else rows["name"]


def find_projects(rows: pd.DataFrame, search: str) -> pd.DataFrame:
    """Return the rows of `project_rows` whose names, leads, partners or places hold the words of a search."""
    return rows[matching(searchable(rows), search)].reset_index(drop=True)


def find_programmes(rows: pd.DataFrame, projects: pd.DataFrame, search: str) -> pd.DataFrame:
    """Return the rows of `programme_rows` that hold the words of a search, or have a project that does."""
    of_projects = set(find_projects(projects, search)["programme_id"])
    own = (
        rows[["programme_id", "name", "funders", "status"]].agg(" ".join, axis=1).str.casefold()
        if len(rows)
        else rows["name"]
    )
    return rows[matching(own, search) | rows["programme_id"].isin(of_projects)].reset_index(drop=True)
