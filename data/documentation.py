"""The pages that tables, sources and settings write themselves: docs/data.md and docs/settings.md.

The words of docs/data.md are in `documentation.md` beside this file; every number and every column in it is
read from the tables and their schemas, so that the page cannot say what the tables do not.
"""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import pandas as pd

from data.participants import unnamed_participants
from data.schemas import COLUMNS, schema
from data.settings import Settings
from data.sources import sources
from data.store import whole_file
from data.tables import table
from data.taxonomy import sectors, technologies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandera.pandas as pa
    from pydantic.fields import FieldInfo

ACCOUNT = Path(__file__).parent / "parts" / "account.csv"
TEMPLATE = Path(__file__).with_name("documentation.md")
# Up to so many allowed values are listed with the number of rows that have each.
LISTED = 8
# Defaults that depend on the machine, in words.
MACHINE_DEFAULTS = {"cache_dir": "`innovation-clusters-map` in the user's cache folder"}
SETTINGS_HEAD = """# Settings

Settings are environment variables, read when the map starts. Without any, the map works offline and keeps
what it derives in the user's cache folder.
"""


def generated(text: str) -> str:
    """Return a page with the remark that it is written by the code."""
    return f"<!-- Written by `python cli.py docs`: change the code, not this page. -->\n\n{text.strip()}\n"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; a bar in a cell is escaped and a line break becomes a space."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(value) for value in line)} |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def write_pages(folder: Path, pages: Mapping[str, str]) -> list[Path]:
    """Write pages by file name, each whole or not at all; the paths come back in the same order."""
    for name, text in pages.items():
        with whole_file(folder / name) as part:
            part.write_text(text, encoding="utf-8")
    return [folder / name for name in pages]


def write_documentation(folder: Path) -> list[Path]:
    """Write docs/data.md and docs/settings.md into a folder and return their paths."""
    return write_pages(folder, {"data.md": data_page(), "settings.md": settings_page()})


def data_page() -> str:
    """Return docs/data.md.

    Raises
    ------
    KeyError
        If the words name something that is not there.
    """
    columns = {f"columns_{name}": _columns(name) for name in COLUMNS}
    lists = {
        "sectors": _sectors(),
        "lists_of_firms": _lists_of_firms(),
        "account": _account(),
        "technologies": _technologies(),
        "sources": _sources(),
        "attributions": "\n".join(f"- {source.attribution}" for source in sources()),
    }
    words = Template(TEMPLATE.read_text(encoding="utf-8"))
    return generated(words.substitute({**_figures(), **columns, **lists}))


def settings_page() -> str:
    """Return docs/settings.md."""
    prefix = str(Settings.model_config["env_prefix"])
    rows = [
        (f"`{prefix}{name.upper()}`", _default(name, field), field.description)
        for name, field in Settings.model_fields.items()
    ]
    return generated(f"{SETTINGS_HEAD}\n{markdown_table(('setting', 'default', 'what it does'), rows)}")


def _default(name: str, field: FieldInfo) -> str:
    if name in MACHINE_DEFAULTS:
        return MACHINE_DEFAULTS[name]
    return "empty" if field.default == "" else f"`{field.default}`"


def _columns(name: str) -> str:
    """Return the size of a table and a line for each column."""
    frame = table(name)
    rows = [
        (f"`{column}`", _kind(rule), _allowed(rule, frame[column]), rule.description)
        for column, rule in schema(name).columns.items()
    ]
    return f"{len(frame):,} rows.\n\n{markdown_table(('column', 'type', 'holds', 'meaning'), rows)}"


def _kind(rule: pa.Column) -> str:
    return {"float64": "number", "object": "list"}.get(str(rule.dtype), "text")


def _allowed(rule: pa.Column, values: pd.Series) -> str:
    """Say what a column may hold: its values with the rows that have each, its range or its form."""
    found = [_words(check, values) for check in rule.checks]
    if rule.unique:
        found.append("unique")
    if _may_be_empty(rule):
        found.append("may be empty")
    return "; ".join(filter(None, found))


def _words(check: pa.Check, values: pd.Series) -> str:
    limits = check.statistics or {}
    if "allowed_values" in limits:
        return _listed([value for value in limits["allowed_values"] if value], values)
    if "min_value" in limits:
        return f"{bound(limits['min_value'])} to {bound(limits['max_value'])}"
    # Errors are worded "is not a unit postcode such as CF10 3AT".
    fault = str(check.error)
    return fault.removeprefix("is not ") if fault.startswith("is not ") else "filled"


def bound(value: float) -> str:
    """Write a limit for reading; four digits stay together, since most of them are years."""
    return f"{value:.0f}" if abs(value) < 10_000 else f"{value:,.0f}"


def _listed(allowed: list[str], values: pd.Series) -> str:
    if len(allowed) > LISTED:
        return f"one of {len(allowed)} ids"
    rows = values.value_counts()
    return ", ".join(f"{value} ({int(rows.get(value, 0)):,})" for value in allowed)


def _may_be_empty(rule: pa.Column) -> bool:
    """Ask the column's own checks, since an optional text is one whose form an empty one keeps."""
    if _kind(rule) != "text":
        return bool(rule.nullable)
    empty = pd.Series([""], dtype=str)
    return all(bool(check(empty).check_passed) for check in rule.checks)


def _sectors() -> str:
    firms, projects = (table(name)["is8"].value_counts() for name in ("firms", "projects"))
    rows = [
        (f"`{one.id}`", one.label, one.symbol, firms.get(one.id, 0), projects.get(one.id, 0))
        for one in sectors()
    ]
    return markdown_table(("sector", "label", "symbol", "firms", "projects"), rows)


def _lists_of_firms() -> str:
    firms = table("firms")
    tally = firms["list"].value_counts().to_dict()
    rows = [
        (
            f"`{one.list_id}`",
            one.title,
            f"{tally[str(one.list_id)]:,}",
            one.chosen,
            one.bias,
            one.as_of,
            one.licence,
        )
        for one in table("firm_lists").itertuples()
    ]
    return markdown_table(("list", "what it is", "firms", "chosen", "bias", "as of", "licence"), rows)


def _account() -> str:
    """Return what became of the rows of each part that the sample is made from."""
    rows = pd.read_csv(ACCOUNT)
    lines = [
        (f"`{one.part}.csv`", f"{one.rows:,}", f"{one.kept:,}", f"{one.refused:,}")
        for one in rows.itertuples(index=False)
    ]
    return markdown_table(("part", "rows", "used", "refused"), lines)


def _part(name: str) -> pd.DataFrame:
    return pd.read_csv(ACCOUNT.with_name(f"{name}.csv"), dtype=str, keep_default_na=False)


def _technologies() -> str:
    firms, projects = (table(name)["technologies"].explode().value_counts() for name in ("firms", "projects"))
    rows = [
        (
            f"`{one.id}`",
            one.label,
            f"`{one.sector}`",
            "yes" if one.frontier else "",
            firms.get(one.id, 0),
            projects.get(one.id, 0),
        )
        for one in technologies()
    ]
    return markdown_table(("technology", "label", "first of sector", "frontier", "firms", "projects"), rows)


def _sources() -> str:
    rows = [
        (
            f"[{one.label}]({one.url})" if one.url else one.label,
            one.publisher,
            one.edition,
            one.renewed,
            one.licence,
            ", ".join(one.tables),
            one.caveat,
        )
        for one in sources()
    ]
    head = ("source", "publisher", "edition", "renewed", "licence", "tables", "beware")
    return markdown_table(head, rows)


def _figures() -> dict[str, str]:
    """Return the numbers that the words of the page name."""
    return {name: _number(value) for name, value in {**_firm_figures(), **_project_figures()}.items()}


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _firm_figures() -> dict[str, float | str]:
    firms = table("firms")
    precision = firms["location_precision"].value_counts()
    in_groups = firms["company_group"] != ""
    by_town = firms[firms["location_precision"] == "town"]
    placed = pd.concat([_part("firms_located"), _part("firms_located2")])["firm_id"]
    of_placed = firms[firms["firm_id"].isin(placed)]
    checked = _part("firms_checked")["new_postcode"]
    return {
        "number_of_lists": len(table("firm_lists")),
        "firms_placed": len(of_placed),
        "firms_placed_roughly": int(of_placed["note"].str.contains("placed from general knowledge").sum()),
        "checked": len(checked),
        "confirmed": int((checked == "confirmed").sum()),
        "firms": len(firms),
        "firms_by_postcode": int(precision["postcode"]),
        "firms_by_campus": int(precision["campus"]),
        "firms_by_town": int(precision["town"]),
        "firms_at_one_point": int(by_town.groupby(["easting", "northing"]).size().max()),
        "groups": firms.loc[in_groups, "company_group"].nunique(),
        "firms_in_groups": int(in_groups.sum()),
        "companies": firms["company_group"].where(in_groups, firms["firm_id"]).nunique(),
        "firms_general_share": f"{firms['source'].str.contains('general knowledge').mean():.0%}",
        "families_per_firm": f"{firms['technologies'].map(len).mean():.1f}",
    }


def _project_figures() -> dict[str, float | str]:
    projects = table("projects")
    purpose = projects["programme_id"].map(table("programmes").set_index("programme_id")["purpose"])
    outer = projects.loc[projects["nested_in"] == "", "award_gbp"].groupby(purpose).sum() / 1e6
    assets = table("assets")
    universities = assets.loc[assets["type"] == "university", "name"]
    # Ulster University is the one with a row for each campus.
    people, addresses = table("participants"), table("organisations")
    leads = people.loc[people["role"] == "lead", "organisation"].nunique()
    bare = universities.str.replace(r" \(.* campus\)$", "", regex=True)
    return {
        "research_millions": f"{outer['research and innovation']:,.2f}",
        "growth_millions": f"{outer['regional growth']:,.2f}",
        "without_figure": int(projects["award_gbp"].isna().sum()),
        "nested": int((projects["nested_in"] != "").sum()),
        "without_family": int((projects["technologies"].map(len) == 0).sum()),
        "unnamed_participants": len(unnamed_participants(projects)),
        "leads": leads,
        "addresses": len(addresses),
        "addresses_from_tables": int(addresses["basis"].isin(["research asset", "firm"]).sum()),
        "leads_without_address": leads - len(addresses),
        "places": table("places")["place_id"].nunique(),
        "university_rows": len(universities),
        "universities": bare.nunique(),
    }
