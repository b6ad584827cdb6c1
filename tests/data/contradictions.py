"""What the shipped tables say against one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.tables import table

if TYPE_CHECKING:
    import pandas as pd


def faults() -> list[str]:
    """Return what the tables say against one another, in words; empty when they agree."""
    projects = set(table("projects")["project_id"])
    programmes = set(table("programmes")["programme_id"])
    authorities = set(table("local_authorities")["gss_code"])
    said: list[str] = []
    for name in ("projects", "contested", "missing"):
        said += _unknown(name, table(name)["programme_id"], programmes)
    said += _unknown("places", _parted(table("places")["programme_ids"]), programmes)
    for name, column in (
        ("projects", "nested_in"),
        ("participants", "project_id"),
        ("contested", "project_id"),
    ):
        said += _unknown(name, _parted(table(name)[column]), projects)
    said += _unknown("firms", table("firms")["list"], set(table("firm_lists")["list_id"]))
    for name in ("firms", "projects", "assets", "places", "organisations", "known_clusters"):
        said += _unknown(name, table(name)["la_code"], authorities)
    areas = set(table("local_authorities")["itl3_code"])
    said += _unknown("moved_ids", _parted(table("moved_ids")["new_ids"]), authorities | areas)
    people = table("participants")
    leads = set(people.loc[people["role"] == "lead", "organisation"])
    said += _unknown("organisations", table("organisations")["organisation"], leads)
    return (
        said + _addresses_elsewhere() + _awards_without_kind() + _contested_unused() + _more_than_expected()
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
