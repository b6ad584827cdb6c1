"""The brief of a cluster: where and how strong it is, why it is one, and who and what is in and beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from clusters.description.evidence import REACH_M
from layers.registry import kinds
from profiles.cluster import (
    assets,
    authorities,
    caveats,
    find_cluster,
    members,
    money_filters,
    partners,
    projects,
)
from profiles.cluster_in_short import criteria_rows, headline, key_figures, which_are_firms
from profiles.cluster_why import MEANINGS, facts, why_it_is_one
from profiles.clusters import sureness
from snapshots.brief.blocks import Passages, Picture
from snapshots.brief.figures import Key, Number, Numbers
from snapshots.brief.page import GUTTER, MEASURE, Band, Heading, Section
from snapshots.brief.phrases import each, heading, sources_section, year_of
from snapshots.brief.table import Column, Faint, Strong, Table
from snapshots.picture.layout import Box
from snapshots.picture.small_map import Ground, key, padded, painter
from words.filters import counted_words, filter_words
from words.numbers import count, finite, percent

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from snapshots.brief.blocks import Block

    Page = tuple[Heading, list[Band]]

MAP, MAP_WIDE = (70, 138), 102
BESIDE = frozenset({"Public money", "Private money", "Research beside it"})
BESIDE_MEANS = f"{MEANINGS['Public money']} Of all years and programmes."
WHOLE = "The test takes all firms of the edition with a known place, whatever the filters."
AROUND, LEAST_AROUND = 0.35, 2_200.0
MET = {"met": "✓ met", "not met": "✗ not met", "not known": "? not known"}
ON_ITS_PAGE = "on the page of this cluster"
# Firms of a cluster that a page could hold; it may have any number.
MOST_ROWS = 120


def pages(edition: Edition, view: View) -> list[Page]:
    """Return the two pages of the cluster that a view looks at.

    Raises
    ------
    NotFoundError
        If there is no such cluster.
    """
    row = find_cluster(edition, view.cluster)
    rows = projects(edition, view, row.cluster_id)
    return [_first(edition, view, row), _second(edition, view, row, rows)]


def _title(edition: Edition, row: Any, lead: str = "") -> Heading:
    kind = "Sector" if row.kind == "sector" else "Technology"
    type_ = f"Type: {row.type}" if row.type else "Type: not known"
    short_of = sureness(row)
    about = [
        f"{kind}: {edition.labels.title(row.label)}",
        *([f"{short_of[0].upper()}{short_of[1:]}"] if short_of else []),
        type_,
        f"Id: {row.cluster_id}",
    ]
    return heading(edition, "Cluster", str(row.name), " · ".join(about), lead)


def _first(edition: Edition, view: View, row: Any) -> Page:
    ground = _ground(edition, view, row)
    signs = Key(
        key([ground], Box(0, 0, MAP_WIDE, MAP[1])),
        f"Projects and assets lie at sites; {_firms_words(edition)}.",
    )
    figures = Numbers(tuple(Number(one.value, one.label, one.note) for one in key_figures(edition, row)))
    told = facts(row, edition)
    beside = [fact for fact in told if fact[0] in BESIDE]
    return _title(edition, row, headline(edition, row)), [
        Band(
            (
                (Section("", Picture(*MAP, painter(ground))), Section("", signs)),
                (
                    Section("Key figures", figures),
                    Section("The four published criteria", _criteria(edition, row)),
                    Section(
                        "Beside it",
                        _beside(beside),
                        BESIDE_MEANS,
                    ),
                ),
            ),
            (MAP_WIDE, MEASURE - GUTTER - MAP_WIDE),
        ),
        Band(((Section(f"{why_it_is_one(row)}: the figures and what they mean", _facts(told), WHOLE),),)),
    ]


def _ground(edition: Edition, view: View, row: Any) -> Ground:
    [shape] = edition.clusters.loc[edition.clusters["cluster_id"] == row.cluster_id].geometry
    plain = money_filters(view).model_dump()
    plain |= {"sector": (row.label,)} if row.kind == "sector" else {"technology": (row.label,)}
    # Labels of a register are none that a view would take from outside.
    asked = view.model_copy(update={**plain, "type": (), "show": kinds(), "measure": "none", "level": "la"})
    bounds = padded(shapely.bounds(shape), AROUND, LEAST_AROUND)
    return Ground(edition, asked, bounds, (), str(row.cluster_id))


def _firms_words(edition: Edition) -> str:
    if edition.about.own:
        return "firms are those of this sector in the register"
    return "firms are those of this sector or technology in the sample"


def _beside(told: list[tuple[str, str, str]]) -> Block:
    columns = (Column("", 24, faint=True), Column("", 76, lines=6))
    return Table(columns, tuple((what, value) for what, value, _ in told), headed=False, least_of=9)


def _criteria(edition: Edition, row: Any) -> Block:
    rows = []
    for words, met, rests_on in criteria_rows(edition, row):
        verdict = MET[met]
        called = words[:1].upper() + words[1:]
        rows.append((called, Strong(verdict) if met == "met" else Faint(verdict), rests_on))
    columns = (
        Column("criterion", 19, bold=True, lines=2),
        Column("", 13, lines=2),
        Column("rests on", 40, lines=12, size=6.2),
    )
    return Table(columns, tuple(rows), least_of=4, headed=False)


def _facts(told: list[tuple[str, str, str]]) -> Block:
    rows = [fact for fact in told if fact[0] not in {*BESIDE, "Criteria met"}]
    columns = (
        Column("figure", 26, bold=True),
        Column("value", 56, lines=5),
        Column("what it means", 100, faint=True, size=6.3),
    )
    return Table(columns, tuple(rows), least_of=len(rows))


def _second(edition: Edition, view: View, row: Any, rows: pd.DataFrame) -> Page:
    return _title(edition, row), [
        Band(((_projects(edition, view, rows),),)),
        Band(
            (
                (_partners(edition, row, rows), _assets(edition, row), _authorities(edition, row)),
                (_members(edition, row),),
            ),
            (1, 1),
        ),
        Band(
            (
                (
                    Section(
                        "What to beware of", Passages(tuple(caveats(edition, row)), size=6.6, bullets=True)
                    ),
                ),
                sources_section(edition, view),
            ),
            (1, 1),
            at_foot=True,
        ),
    ]


def _projects(edition: Edition, view: View, rows: pd.DataFrame) -> Section:
    filters = type(view).model_validate(money_filters(view).model_dump())
    said = "; ".join([*filter_words(edition, filters), counted_words(filters)])
    without = int(rows["award_gbp"].isna().sum())
    unknown = f" {count(without, 'project')} without a public figure." if without else ""
    table = Table(
        (
            Column("project", 54, bold=True, lines=2),
            Column("programme", 48, lines=2),
            Column("award", 24, lines=2),
            Column("lead", 42, lines=2),
            Column("year", 10, right=True),
        ),
        tuple(
            (
                one.name,
                one.programme,
                one.award if finite(one.award_gbp) else Faint(one.award),
                one.lead,
                year_of(one.year),
            )
            for one in each(rows)
        ),
        rest=lambda number: f"and {count(number, 'more project')}: {ON_ITS_PAGE}.",
        empty=f"No project with a known site lies within {REACH_M:.0f} metres of the footprint under these "
        "filters. Many awards are known only to their region or their lead's address.",
    )
    note = f"Projects of all sectors and programmes; {said}.{unknown}"
    return Section(f"Projects within {REACH_M:.0f} metres ({len(rows)})", table, note)


def _partners(edition: Edition, row: Any, rows: pd.DataFrame) -> Section:
    found = partners(edition, rows["project_id"])
    of_it = which_are_firms(edition, row.cluster_id, found["organisation"])
    none = (
        "No organisation is named, since no project with a known site lies near it."
        if rows.empty
        else "The sources of these projects name no organisation."
    )
    table = Table(
        (
            Column("organisation", 50, bold=True, lines=2),
            Column("projects", 14, right=True),
            Column("role", 36),
        ),
        tuple(
            (one.organisation, f"{one.projects}", _role(one.led, firm=firm))
            for one, firm in zip(each(found), of_it, strict=True)
        ),
        rest=lambda number: f"and {count(number, 'more organisation')}: {ON_ITS_PAGE}.",
        empty=none,
    )
    return Section(f"Partners in these projects ({len(found)})", table)


def _role(led: int, *, firm: bool) -> str:
    role = f"lead of {led}" if led else "partner"
    return f"{role}; firm of the cluster" if firm else role


def _members(edition: Edition, row: Any) -> Section:
    found = members(edition, row.cluster_id)
    what = str(found.columns[2])
    shown = found.head(MOST_ROWS)
    table = Table(
        (Column("firm", 42, bold=True, lines=2), Column(what, 38, lines=2), Column("part", 12)),
        tuple(
            (str(firm), str(does or ""), Strong(part) if part == "core" else Faint(part))
            for firm, does, part in zip(shown["firm"], shown[what], shown["part"], strict=True)
        ),
        rest=lambda number: f"and {count(number, 'more firm')}: {ON_ITS_PAGE}, and in its table of firms.",
        empty="The firms of this cluster are not in the register's table.",
        more=len(found) - len(shown),
    )
    return Section(f"Firms, core first ({len(found):,})", table)


def _assets(edition: Edition, row: Any) -> Section:
    found = assets(edition, row.cluster_id)
    table = Table(
        (Column("research asset", 62, bold=True, lines=2), Column("type", 38)),
        tuple((one.name, one.type) for one in each(found)),
        rest=lambda number: f"and {count(number, 'more asset')}: {ON_ITS_PAGE}.",
        empty="No university, Catapult, science park or research institute is listed within "
        f"{REACH_M:.0f} metres.",
        least_of=2,
    )
    return Section(f"Research beside it ({len(found)})", table)


def _authorities(edition: Edition, row: Any) -> Section:
    found = authorities(edition, row)
    table = Table(
        (
            Column("local authority", 58, bold=True),
            Column("GSS code", 22),
            Column("share of firms", 20, right=True),
        ),
        tuple((one.authority, one.la_code, percent(one.share)) for one in each(found)),
        rest=lambda number: f"and {count(number, 'more authority', 'more authorities')}: {ON_ITS_PAGE}.",
        empty="The authorities of its firms are not known.",
        least_of=2,
    )
    return Section("Authorities", table)
