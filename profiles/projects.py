"""Projects: each with what counts of its award, where it lies and why, and all that is known of one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from data.errors import QUOTED, NotFoundError
from data.taxonomy import titles
from regions.funding import funding
from words.filters import KINDS
from words.numbers import pounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from edition.edition import Edition
    from edition.filters import Filters
    from regions.funding import Funding

PROJECT_COLUMNS = (
    *("project_id", "name", "programme_id", "programme", "award", "award_gbp", "award_kind", "counted_gbp"),
    *("reason", "private_gbp", "lead", "partners", "place", "authorities", "within", "placed_by", "year"),
    *("sector", "nested_in", "inside_of", "depth", "contested"),
)


def project_rows(edition: Edition, filters: Filters) -> pd.DataFrame:
    """Return the projects that take part, largest award first, each nested one below what it lies in.

    Returns
    -------
    DataFrame
        Columns `PROJECT_COLUMNS`: counted_gbp is what the sums take of each, and `reason` why that is not
        its whole award; within names the larger regions of its authorities, up to the nation; contested is
        the number of figures that sources give.
    """
    money = funding(edition, filters)
    rows = money.projects
    outer = dict(zip(rows["project_id"], rows["nested_in"], strict=True))
    names = edition.tables["projects"].set_index("project_id")["name"]
    paths = _paths(rows)
    figures = edition.tables["contested"].groupby("project_id").size()
    table = rows.assign(
        award=[award_words(row) for row in rows.itertuples(index=False)],
        counted_gbp=rows["net_gbp"],
        reason=[_reason(row, outer) for row in rows.itertuples(index=False)],
        private_gbp=rows["private_net_gbp"].where(rows["private_net_gbp"] > 0),
        place=rows["region_label"],
        authorities=rows["project_id"].map(_authorities(edition, money)).fillna(""),
        within=rows["project_id"].map(_within(edition, money)).fillna(""),
        placed_by=rows["project_id"].map(_bases(money)).fillna("not placed"),
        year=rows["year"].astype("Int64"),
        sector=rows["is8"].map(titles()),
        inside_of=rows["nested_in"].map(names).fillna(""),
        depth=rows["project_id"].map(lambda one: len(paths[one]) - 1).astype("int64"),
        contested=rows["project_id"].map(figures).fillna(0).astype("int64"),
    )
    ordered = table.iloc[table["project_id"].map(paths).argsort().to_numpy()] if len(table) else table
    return ordered[list(PROJECT_COLUMNS)].reset_index(drop=True)


def _paths(rows: pd.DataFrame) -> dict[str, tuple[tuple[float, str], ...]]:
    """Return where each project stands in the list: the way to it from the outermost, largest first."""
    outer = dict(zip(rows["project_id"], rows["nested_in"], strict=True))
    size = dict(zip(rows["project_id"], -rows["award_gbp"].fillna(-1.0), strict=True))
    paths = {}
    for project_id in outer:
        way, one = [], project_id
        while one in outer:
            way.append((float(size[one]), str(one)))
            one = outer[one]
        paths[project_id] = tuple(reversed(way))
    return paths


def _reason(row: Any, taking_part: dict[str, str]) -> str:
    """Say why a project's award counts in part or not at all; empty where all of it counts and is its own."""
    if math.isnan(row.award_gbp):
        return "no public figure"
    if not row.counts:
        return f"{KINDS.get(row.award_kind, row.award_kind)} are not counted"
    inside = row.award_gbp - row.net_gbp
    if inside > 0:
        return f"{pounds(inside)} of it counts in the projects inside it"
    if row.nested_in in taking_part:
        return "counts here, not again in what it lies in"
    return ""


def _bases(money: Funding) -> dict[str, str]:
    rows = money.allocation.rows.drop_duplicates("project_id")
    return dict(zip(rows["project_id"], rows["basis"], strict=True))


def _authorities(edition: Edition, money: Funding) -> dict[str, str]:
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    rows = money.allocation.rows
    named = rows["la_code"].map(names).fillna(rows["la_code"])
    return {str(key): "; ".join(part) for key, part in named.groupby(rows["project_id"])}


def _within(edition: Edition, money: Funding) -> dict[str, str]:
    """Return the names of the regions of all levels that each project's authorities lie in."""
    members, regions = edition.tables["membership"], edition.tables["regions"]
    levels = members[["la_code", "level", "region_id"]].merge(regions[["level", "region_id", "name"]])
    larger = levels[levels["level"] != "la"].groupby("la_code")["name"].agg(set)
    rows = money.allocation.rows
    parts = rows["la_code"].map(larger).dropna().groupby(rows["project_id"])
    return {str(key): "; ".join(sorted(set().union(*part))) for key, part in parts}


def links(text: str) -> tuple[str, ...]:
    """Return the addresses of a cell whose entries are parted by semicolons: http and https alone.

    Examples
    --------
    >>> links("https://a.uk/x; javascript:alert(1); http://b.uk")
    ('https://a.uk/x', 'http://b.uk')
    """
    return tuple(dict.fromkeys(entry for entry in _entries(text) if is_link(entry)))


def unlinked(text: str) -> tuple[str, ...]:
    """Return the entries of such a cell that are no address, to be shown as text."""
    return tuple(dict.fromkeys(entry for entry in _entries(text) if not is_link(entry)))


def _entries(text: str) -> Iterable[str]:
    return filter(None, (entry.strip() for entry in text.split(";")))


def is_link(text: str) -> bool:
    """Say whether a text may be made a link: an address on the web, without blanks or signs that end it."""
    if any(sign.isspace() or not sign.isprintable() or sign in "<>\"'`" for sign in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def project_facts(edition: Edition, filters: Filters, project_id: str) -> list[tuple[str, str]]:
    """Return what is known of a project, in words, in the order in which a reader asks; unknown left out.

    Raises
    ------
    NotFoundError
        If no project that takes part has the id.
    """
    listed_rows = project_rows(edition, filters)
    found = listed_rows[listed_rows["project_id"] == project_id]
    if found.empty:
        raise NotFoundError(f"no project {project_id[:QUOTED]!r} passes the filters")
    row = found.iloc[0]
    every = edition.tables["projects"]
    [cells] = every[every["project_id"] == project_id].to_dict("records")
    raw = {str(name): cell for name, cell in cells.items()}
    counted = f"{exact_pounds(row['counted_gbp'])}{': ' if row['reason'] else ''}{row['reason']}"
    known = [
        ("What it does", raw["description"]),
        ("Award", row["award"] if math.isnan(row["award_gbp"]) else _exact_award(raw)),
        ("Counts in the sums", counted),
        ("About the award", raw["award_note"]),
        ("Private money beside it", _pounds_of(raw["private_cofunding_gbp"])),
        ("Programme", row["programme"]),
        ("Inside of", row["inside_of"]),
        ("Lead", row["lead"]),
        ("Partners", row["partners"]),
        ("Place as announced", row["place"]),
        ("Site", raw["site"]),
        (
            "Authorities",
            f"{row['authorities']} (by {row['placed_by']})" if row["authorities"] else "not placed",
        ),
        ("Sector", row["sector"]),
        ("Years", " to ".join(filter(None, [raw["start"], raw["end"]]))),
        ("Jobs as forecast", "" if math.isnan(raw["jobs"]) else f"{raw['jobs']:,.0f}"),
        ("Confidence", raw["confidence"]),
        ("Note", raw["note"]),
    ]
    return [(what, str(value)) for what, value in known if isinstance(value, str) and value]


def _pounds_of(value: float) -> str:
    return "" if math.isnan(value) else exact_pounds(value)


def _exact_award(raw: dict[str, Any]) -> str:
    kind = raw["award_kind"]
    return exact_pounds(raw["award_gbp"]) if kind == "award" else f"{kind} {exact_pounds(raw['award_gbp'])}"


def exact_pounds(value: float) -> str:
    """Return an amount without rounding it away: two figures that differ have to look different.

    Examples
    --------
    >>> exact_pounds(18_270_000), exact_pounds(5_600_000), exact_pounds(950)
    ('£18.27m', '£5.6m', '£950')
    """
    for scale, unit in ((1e9, "bn"), (1e6, "m")):
        if value >= scale:
            return f"£{value / scale:.9f}".rstrip("0").rstrip(".") + unit
    return f"£{value:,.0f}"


def taking_part(edition: Edition, filters: Filters) -> pd.DataFrame:
    """Return the projects that pass the filters, largest award first, those without a figure last."""
    projects = funding(edition, filters).projects
    return projects.sort_values(["award_gbp", "project_id"], ascending=[False, True], na_position="last")


def award_words(row: Any) -> str:
    """Return an award with its kind: "£25m", "up to £3m", "envelope of £160m", "no public figure"."""
    if np.isnan(row.award_gbp):
        return "no public figure"
    prefix = {
        "award": "",
        "at least": "at least ",
        "up to": "up to ",
        "envelope": "envelope of ",
        "project value": "project value ",
    }
    return f"{prefix[row.award_kind]}{pounds(row.award_gbp)}"
