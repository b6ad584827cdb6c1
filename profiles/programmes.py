"""Funding programmes: what each announced, what of it is listed, where it went, and what is not known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from data.errors import QUOTED, NotFoundError, nearest
from edition.filters import Filters
from edition.shares import ESTIMATED
from profiles.matching import matching
from profiles.projects import exact_pounds, links, project_rows
from regions.allocation import PENCE
from regions.funding import funding
from words.filters import KINDS, UNPLACED, placed_words, split_words
from words.numbers import count, listed, pounds

if TYPE_CHECKING:
    from edition.edition import Edition
    from regions.funding import Funding

RESEARCH = "research and innovation"
# What the projects of a programme are said to be when they are counted; all else is "known".
NAMED = {"projects": "named"}
# An id that goes on after this belongs to the programme before it, if their names begin alike as well.
STRAND = "-"
OPENING_WORDS = 2
NOT_PLACED = "Not placed"
# Programmes that a message names.
MOST_NEAR = 3
WHOLE_PROGRAMME = "the programme itself"
FACT_COLUMNS = ("programme_id", "name", "funders", "purpose", "status", "start", "end")
ROW_COLUMNS = (
    *FACT_COLUMNS,
    *("announced_gbp", "announced_note", "projects", "with_figure", "without_figure", "not_counted"),
    *("public_gbp", "placed_gbp", "not_placed_gbp", "estimated_gbp", "private_gbp", "share_of_announced"),
    *("authorities", "missing", "source_url"),
)
SUMS = ("public_gbp", "placed_gbp", "not_placed_gbp", "estimated_gbp", "private_gbp")
COUNTS = ("projects", "with_figure", "without_figure", "not_counted", "authorities")
By = Literal["programme", "year"]


@dataclass(frozen=True)
class Dossier:
    """All that is known of one programme under some filters, and what is known to be unknown.

    Attributes
    ----------
    facts : dict
        Its row of `programme_rows`.
    filters : Filters
        Those that hold, narrowed to the programme.
    projects : DataFrame
        As `project_rows`: each nested one below the one that it lies in.
    places : DataFrame
        city_region, authority, la_code, public_gbp, private_gbp, estimated_share, projects; its last row is
        what is not placed, if anything is.
    years : DataFrame
        As `timeline` by year.
    gaps : DataFrame
        what, known, expected and the share known (NaN where nobody says), words, note.
    contested : DataFrame
        project_id (empty for the whole programme), project, figure, figure_gbp, what, source, used.
    links : tuple of str
        Addresses of its sources, http and https alone.
    related : DataFrame
        programme_id, name, relation, announced_gbp: never added to it.
    """

    facts: dict[str, Any]
    filters: Filters
    projects: pd.DataFrame
    places: pd.DataFrame
    years: pd.DataFrame
    gaps: pd.DataFrame
    contested: pd.DataFrame
    links: tuple[str, ...]
    related: pd.DataFrame


def programme_rows(edition: Edition, filters: Filters) -> pd.DataFrame:
    """Return one row a programme, most public money first.

    A programme is listed when the filters leave it in: it is for research and innovation, or regional growth
    is asked for, or it is asked for by name. One without a listed project stays, with zeros, unless sector,
    technology or years were asked for, of which it can have none.

    Parameters
    ----------
    edition : Edition
        Whose tables.
    filters : Filters
        What takes part.

    Returns
    -------
    DataFrame
        Columns `ROW_COLUMNS`; pounds. The columns `SUMS` add up to the totals of `funding`, to the penny.
    """
    rows = _rows(edition, filters)
    return rows[rows["projects"] > 0].reset_index(drop=True) if _narrowed(filters) else rows


def _rows(edition: Edition, filters: Filters) -> pd.DataFrame:
    money = funding(edition, filters)
    rows = edition.tables["programmes"].rename(
        columns={"total_gbp": "announced_gbp", "amount_note": "announced_note"}
    )
    rows = rows[in_scope(rows, filters)].set_index("programme_id", drop=False)
    rows = rows.join(_counts(money)).join(_money(money))
    rows[list(COUNTS)] = rows[list(COUNTS)].fillna(0).astype("int64")
    rows[list(SUMS)] = rows[list(SUMS)].fillna(0) / PENCE
    rows["share_of_announced"] = rows["public_gbp"] / rows["announced_gbp"].where(rows["announced_gbp"] > 0)
    rows["missing"] = rows["programme_id"].map(_missing_words(edition)).fillna("")
    ordered = rows.sort_values(["public_gbp", "projects", "name"], ascending=[False, False, True])
    return ordered[list(ROW_COLUMNS)].reset_index(drop=True)


def in_scope(programmes: pd.DataFrame, filters: Filters) -> pd.Series:
    """Say which programmes the filters leave in, whatever projects they have."""
    if filters.programme:
        return programmes["programme_id"].isin(filters.programme)
    return programmes["purpose"].eq(RESEARCH) | filters.growth


def left_out(edition: Edition, filters: Filters) -> int:
    """Return how many programmes are left out because they are for regional growth."""
    programmes = edition.tables["programmes"]
    return 0 if filters.programme else int((~in_scope(programmes, filters)).sum())


def _narrowed(filters: Filters) -> bool:
    return bool(filters.sector or filters.technology) or not filters.every_year


def _counts(money: Funding) -> pd.DataFrame:
    projects = money.projects
    known = projects["award_gbp"].notna()
    marks = projects[["programme_id"]].assign(
        projects=1, with_figure=known, without_figure=~known, not_counted=known & ~projects["counts"]
    )
    return marks.groupby("programme_id").sum()


def _money(money: Funding) -> pd.DataFrame:
    """Return pence by programme, and the number of authorities that it reaches."""
    projects = money.projects
    net = projects[["net_gbp", "private_net_gbp"]].mul(PENCE).round().astype("int64")
    net.columns = pd.Index(["public_gbp", "private_gbp"])
    sums = net.groupby(projects["programme_id"]).sum()
    rows = _placed(money)
    groups = rows.groupby("programme_id")
    estimated = rows[rows["basis"].isin(ESTIMATED)].groupby("programme_id")["public"].sum()
    sums["placed_gbp"] = groups["public"].sum().reindex(sums.index).fillna(0)
    sums["not_placed_gbp"] = sums["public_gbp"] - sums["placed_gbp"]
    sums["estimated_gbp"] = estimated.reindex(sums.index).fillna(0)
    return sums.assign(authorities=groups["la_code"].nunique())


def _placed(money: Funding) -> pd.DataFrame:
    """Return the rows of the allocation that belong to projects taking part, with their programme."""
    owner = money.projects.set_index("project_id")["programme_id"]
    rows = money.allocation.rows
    rows = rows[rows["project_id"].isin(owner.index)]
    return rows.assign(programme_id=rows["project_id"].map(owner))


def _missing_words(edition: Edition) -> dict[str, str]:
    rows = edition.tables["missing"]
    words = rows.apply(lambda row: gap_words(row["what"], row["known"], row["expected"]), axis=1)
    return {str(key): "; ".join(part) for key, part in words.groupby(rows["programme_id"])}


def gap_words(what: str, known: float, expected: float) -> str:
    """Return what is known of what there is.

    Examples
    --------
    >>> gap_words("projects", 24, 26), gap_words("awards", 0, float("nan"))
    ('24 of 26 projects named', '0 awards known, their number not published')
    """
    if math.isnan(expected):
        return f"{known:.0f} {what} known, their number not published"
    return f"{known:.0f} of {expected:.0f} {what} {NAMED.get(what, 'known')}"


def timeline(edition: Edition, filters: Filters, by: By = "programme") -> pd.DataFrame:
    """Return public and private money by year of award or start.

    Parameters
    ----------
    edition, filters
        Whose tables, and what takes part.
    by : {"programme", "year"}
        One row for each programme and year, or for each year.

    Returns
    -------
    DataFrame
        year (Int64; missing for projects without a date, which are the last rows and never left out),
        programme_id and programme (by programme), public_gbp, private_gbp (pounds), projects,
        without_figure. The sums are the totals of `funding`.
    """
    projects = funding(edition, filters).projects
    names = ["programme_id", "programme"] if by == "programme" else []
    rows = projects[[*names]].assign(
        year=projects["year"].astype("Int64"),
        public_gbp=(projects["net_gbp"] * PENCE).round().astype("int64"),
        private_gbp=(projects["private_net_gbp"] * PENCE).round().astype("int64"),
        projects=1,
        without_figure=projects["award_gbp"].isna().astype("int64"),
    )
    found = rows.groupby(["year", *names], dropna=False, as_index=False).sum()
    found[["public_gbp", "private_gbp"]] /= PENCE
    ordered = found.sort_values(["year", "public_gbp"], ascending=[True, False], na_position="last")
    order = ["year", *names, "public_gbp", "private_gbp", "projects", "without_figure"]
    return ordered[order].reset_index(drop=True)


def find_programme(edition: Edition, text: str) -> str:
    """Return the id of the programme that an id or a name stands for, whatever its case.

    Raises
    ------
    NotFoundError
        If there is none; the message names the nearest.
    """
    rows = edition.tables["programmes"]
    ids = rows["programme_id"].tolist()
    known = {name.casefold(): one for name, one in zip(rows["name"], ids, strict=True)}
    known |= {one.casefold(): one for one in ids}
    found = known.get(text.casefold())
    if found is None:
        raise NotFoundError(f"{text[:QUOTED]!r} is no funding programme; {_near(rows, text)}")
    return str(found)


def _near(programmes: pd.DataFrame, text: str) -> str:
    """Say which programmes come near a text: those whose names hold it, else those spelt alike."""
    named = programmes["name"] + " (" + programmes["programme_id"] + ")"
    held = named[matching(named.str.casefold(), text)].head(MOST_NEAR) if text.strip() else named.head(0)
    if len(held):
        return f"did you mean {', '.join(held)}?"
    return nearest(text, dict(zip(programmes["programme_id"], programmes["name"], strict=True)))


def dossier(edition: Edition, filters: Filters, programme_id: str) -> Dossier:
    """Return all that is known of a programme.

    Parameters
    ----------
    edition, filters
        Whose tables, and what takes part; the filter of programmes is narrowed to this one.
    programme_id : str
        Its id or name.

    Raises
    ------
    NotFoundError
        If there is no such programme; the message names the nearest.
    """
    one = find_programme(edition, programme_id)
    plain = {name: getattr(filters, name) for name in Filters.model_fields}
    narrowed = Filters.model_validate({**plain, "programme": (one,)})
    facts = {str(name): value for name, value in _rows(edition, narrowed).iloc[0].items()}
    return Dossier(
        facts=facts,
        filters=narrowed,
        projects=project_rows(edition, narrowed),
        places=_places(edition, funding(edition, narrowed)),
        years=timeline(edition, narrowed, "year"),
        gaps=_gaps(edition, one),
        contested=contested(edition, one),
        links=links(str(facts["source_url"])),
        related=_related(edition.tables["programmes"], one),
    )


def _places(edition: Edition, money: Funding) -> pd.DataFrame:
    """Return the authorities that the projects reach, by city region, and what is placed in none."""
    rows = _placed(money).assign(reached=1)
    rows["estimated"] = rows["public"].where(rows["basis"].isin(ESTIMATED), 0)
    found = rows.groupby("la_code", as_index=False)[["public", "private", "estimated", "reached"]].sum()
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    table = pd.DataFrame(
        {
            "city_region": found["la_code"].map(_city_regions(edition)).fillna(""),
            "authority": found["la_code"].map(names).fillna(""),
            "la_code": found["la_code"],
            "public_gbp": found["public"] / PENCE,
            "private_gbp": found["private"] / PENCE,
            "estimated_share": found["estimated"] / found["public"].where(found["public"] > 0),
            "projects": found["reached"],
        }
    )
    table["size"] = table.groupby("city_region")["public_gbp"].transform("sum")
    order = ["size", "city_region", "public_gbp", "authority"]
    table = table.sort_values(order, ascending=[False, True, False, True]).drop(columns="size")
    rest = _rest(money)
    return pd.concat([table, rest], ignore_index=True) if len(rest) else table.reset_index(drop=True)


def _rest(money: Funding) -> pd.DataFrame:
    """Return the line that makes the places add up, where it is needed."""
    placed = set(_placed(money)["project_id"])
    left = int((~money.projects["project_id"].isin(placed)).sum())
    rest = money.allocation.not_placed / PENCE
    row = {
        "city_region": NOT_PLACED,
        "authority": "",
        "la_code": "",
        "public_gbp": float(rest["public"]),
        "private_gbp": float(rest["private"]),
        "estimated_share": math.nan,
        "projects": left,
    }
    return pd.DataFrame([row] if left or rest.any() else [])


def _city_regions(edition: Edition) -> dict[str, str]:
    members, regions = edition.tables["membership"], edition.tables["regions"]
    named = regions[regions["level"] == "city_region"].set_index("region_id")["name"]
    rows = members[members["level"] == "city_region"]
    return dict(zip(rows["la_code"], rows["region_id"].map(named), strict=True))


def _gaps(edition: Edition, programme_id: str) -> pd.DataFrame:
    rows = edition.tables["missing"]
    rows = rows[rows["programme_id"] == programme_id].drop(columns="programme_id")
    words = [
        gap_words(what, known, expected)
        for what, known, expected in zip(rows["what"], rows["known"], rows["expected"], strict=True)
    ]
    table = rows.assign(words=words, share=rows["known"] / rows["expected"].where(rows["expected"] > 0))
    return table[["what", "known", "expected", "share", "words", "note"]].reset_index(drop=True)


def contested(edition: Edition, programme_id: str) -> pd.DataFrame:
    """Return the figures on which sources differ, by project, the one that is used first.

    Returns
    -------
    DataFrame
        project_id, project, figure (in words), figure_gbp (pounds; NaN where it is none of money), what,
        source, used (bool).
    """
    rows = edition.tables["contested"]
    rows = rows[rows["programme_id"] == programme_id]
    names = edition.tables["projects"].set_index("project_id")["name"]
    figures = [
        other if math.isnan(figure) else exact_pounds(figure)
        for figure, other in zip(rows["figure_gbp"], rows["figure_other"], strict=True)
    ]
    table = rows.assign(
        project=rows["project_id"].map(names).fillna(WHOLE_PROGRAMME),
        figure=figures,
        used=rows["used"] == "yes",
    )
    # Figures of one thing stand together, in the order in which their projects first come.
    place = pd.Series(table["project_id"]).map({one: n for n, one in enumerate(table["project_id"].unique())})
    ordered = table.assign(place=place, other=table["figure_gbp"].isna())
    ordered = ordered.sort_values(["place", "other", "used"], ascending=[True, True, False], kind="stable")
    columns = ["project_id", "project", "figure", "figure_gbp", "what", "source", "used"]
    return ordered[columns].reset_index(drop=True)


def _related(programmes: pd.DataFrame, programme_id: str) -> pd.DataFrame:
    """Return the strands of a programme, or the programme that it is a strand of and the other strands."""
    names = dict(zip(programmes["programme_id"], programmes["name"], strict=True))
    above = parent_of(programme_id, names)
    family = [(one, parent_of(one, names)) for one in names if one != programme_id]
    found = {one: "strand or follow-on" for one, parent in family if parent == programme_id}
    if above:
        found |= {one: "beside it" for one, parent in family if parent == above} | {above: "it belongs to"}
    rows = programmes[programmes["programme_id"].isin(found)]
    table = rows.assign(relation=rows["programme_id"].map(found), announced_gbp=rows["total_gbp"])
    return table[["programme_id", "name", "relation", "announced_gbp"]].reset_index(drop=True)


def parent_of(programme_id: str, names: dict[str, str]) -> str:
    """Return the programme that one belongs to, or "": its id goes on from it, and their names begin alike.

    Examples
    --------
    >>> parent_of("A-1", {"A": "Big Fund", "A-1": "Big Fund, wave 1"})
    'A'
    """
    head, _, rest = programme_id.rpartition(STRAND)
    if not rest or head not in names:
        return ""
    alike = [
        names[one].replace(":", " ").replace(",", " ").split()[:OPENING_WORDS] for one in (head, programme_id)
    ]
    return head if alike[0] == alike[1] else ""


def headline(found: Dossier) -> str:
    """Return what a programme announced and what of it is listed, in one sentence."""
    facts = found.facts
    announced, public = float(facts["announced_gbp"]), float(facts["public_gbp"])
    if not facts["projects"]:
        told = "" if math.isnan(announced) else f" {exact_pounds(announced)} was announced."
        return f"No project of it is listed under these filters.{told}"
    known = f"{count(int(facts['projects']), 'project')} listed, {facts['with_figure']} with a public figure"
    share = facts["share_of_announced"]
    of = "; no total was announced"
    if not math.isnan(announced):
        of = f" of {exact_pounds(announced)} announced ({share:.1%})"
    split = (
        f"{exact_pounds(facts['placed_gbp'])} placed {placed_words(found.filters)}, "
        f"{exact_pounds(facts['not_placed_gbp'])} not placed"
    )
    private = float(facts["private_gbp"])
    beside = f"{exact_pounds(private)} of private money" if private else "No private money"
    return f"{known}: {exact_pounds(public)} counts{of}. {split}. {beside} is named beside it."


def totals_words(edition: Edition, filters: Filters) -> str:
    """Return the money in one sentence: what is awarded, and that what is placed and not placed make it."""
    money = funding(edition, filters)
    totals, placed, rest = money.allocation.totals, money.allocation.placed, money.allocation.not_placed
    if money.projects.empty:
        return "No project passes the filters."
    programmes = count(int(money.projects["programme_id"].nunique()), "programme")
    projects = count(len(money.projects), "project")
    public = f"{pounds(totals['public'] / PENCE)} of public money awarded to {projects} of {programmes}"
    split = f"all of it placed {placed_words(filters)}"
    if rest["public"]:
        here = f"{pounds(placed['public'] / PENCE)} placed {placed_words(filters)}"
        split = f"{here}, {pounds(rest['public'] / PENCE)} not placed ({UNPLACED[filters.placed]})"
    private = totals["private"] / PENCE
    beside = (
        f"; {pounds(private)} of private money named beside it"
        if private
        else "; no private money named beside it"
    )
    return f"{public}: {split}{beside}."


def count_words(edition: Edition, filters: Filters) -> list[str]:
    """Return what has to be said of the figures: which are estimated, unknown, or not counted."""
    money = funding(edition, filters)
    rows, parts = money.allocation.rows, []
    estimated = rows.loc[rows["basis"].isin(ESTIMATED), "public"].sum() / PENCE
    if estimated:
        parts.append(f"{pounds(estimated)} {split_words(filters)} (estimated: no source gives a split)")
    if money.without_figure:
        parts.append(f"{count(money.without_figure, 'project')} without a public figure")
    off = money.projects[money.projects["award_gbp"].notna() & ~money.projects["counts"]]
    if len(off):
        kinds = listed([KINDS.get(kind, kind) for kind in sorted(set(off["award_kind"]))])
        parts.append(f"{count(len(off), 'figure')} not counted: {kinds}")
    return parts
