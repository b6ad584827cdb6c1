"""The brief of a place: what it has beside its nation and the country, in what, and what is like it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import shapely

from geo.boundaries import LEVELS
from layers import clusters as cluster_layer
from layers.registry import kinds
from profiles import place as portrait
from profiles.clusters import why_none
from profiles.programmes import count_words, totals_words
from profiles.region import table as region_table
from regions.comparison import UNDATED, compare
from regions.measures import MEASURES
from snapshots.brief.blocks import Passages, Picture
from snapshots.brief.figures import Bar, Bars, Key
from snapshots.brief.page import GUTTER, MEASURE, Band, Section
from snapshots.brief.phrases import described_measure, each, filters_line, heading, sources_section, year_of
from snapshots.brief.table import Column, Faint, Strong, Table
from snapshots.picture.layout import UK_GROUND, Box
from snapshots.picture.small_map import Ground, key, padded, painter
from tables.comparison_cells import cells, names
from tables.comparison_files import summary, tables
from words.filters import UNPLACED, split_words
from words.numbers import count, finite, listed, percent, pounds, quotient
from words.provenance import firms_words
from words.sentence import sentence

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from regions.comparison import Comparison
    from regions.place import Place
    from snapshots.brief.blocks import Block
    from snapshots.brief.page import Heading

    Page = tuple[Heading, list[Band]]

MAP, COUNTRY_MAP = (62, 112), (90, 150)
MAP_WIDE = 92
AROUND, LEAST_AROUND = 0.06, 600.0
# Rows of the regions that a brief of the country names, and of places that are alike.
MOST_REGIONS, MOST_LIKE = 8, 6
MOST_BARS = 16
# Authorities of a set that its heading names.
MOST_NAMED = 5


def pages(edition: Edition, view: View, place: Place) -> list[Page]:
    """Return the two pages of a place."""
    found = compare(edition, view.plain(), [place], ("uk", "nation"))
    return [_first(view, found, place), _second(view, found, place)]


def _title(edition: Edition, view: View, place: Place, lead: str = "") -> Heading:
    about = [
        f"{place.kind}: {_members(edition, place)}" if place.level == "set" else place.kind,
        place.code,
        f"{place.population:,} residents ({place.population_year})",
        f"{place.area_km2:,.0f} km²",
    ]
    said = heading(edition, "Place", place.name, " · ".join(filter(None, about)), lead)
    return replace(said, filters=filters_line(edition, view)) if lead else said


def _members(edition: Edition, place: Place) -> str:
    """Name the authorities of a set, with their codes."""
    called = edition.tables["authorities"].set_index("gss_code")["name"]
    named = [f"{called.get(code, code)} ({code})" for code in sorted(place.weights)]
    rest = len(named) - MOST_NAMED
    return listed([*named[:MOST_NAMED], *([f"{rest} more"] if rest > 0 else [])])


def _first(view: View, found: Comparison, place: Place) -> Page:
    edition = found.edition
    ground = _ground(edition, view, place)
    country = place.level == "uk"
    high = COUNTRY_MAP if country else MAP
    # As much as the map shows at its highest: a sign without a key is worse than a key without its sign.
    signs = Section(
        "", Key(key([ground], Box(0, 0, MAP_WIDE, high[1])), _coloured(edition, view) if country else "")
    )
    drawing = Section("", Picture(*high, painter(ground)))
    first, *rest = _country_words(edition, view) if country else summary(found)
    beside = (
        Section("In short", Passages(tuple(rest))),
        Section("How the public money adds up", _sums(found)),
        _standing(edition, view, place),
    )
    return _title(edition, view, place, first), [
        Band(((drawing, signs), beside), (MAP_WIDE, MEASURE - GUTTER - MAP_WIDE)),
        Band(((Section("Key figures", measures_table(found), few_note(found)),),)),
    ]


def _country_words(edition: Edition, view: View) -> list[str]:
    """Return the country in words: what the map shows, its money, and whose firms these are."""
    told = [totals_words(edition, view), *count_words(edition, view)]
    return [
        sentence(edition, view.plain()),
        *(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in told),
        firms_words(edition),
    ]


def _coloured(edition: Edition, view: View) -> str:
    """Say what colours the regions and sizes the clusters of the country's map."""
    measure = MEASURES[view.measure]
    coloured = "regions" in view.show and measure.unit
    regions = f"{measure.label} ({measure.unit}), by {LEVELS[view.level].plural}." if coloured else ""
    discs = cluster_layer.explained(edition) if "clusters" in view.show else ""
    return " ".join(filter(None, [regions, discs]))


def _ground(edition: Edition, view: View, place: Place) -> Ground:
    if place.level == "uk":
        edges = (UK_GROUND.left, UK_GROUND.bottom, UK_GROUND.right, UK_GROUND.top)
        return Ground(edition, view, edges, locator=False)
    bounds = padded(shapely.bounds(place.geometry), AROUND, LEAST_AROUND)
    asked = view.model_copy(update={"show": kinds("firms"), "measure": "none", "level": "la"})
    return Ground(edition, asked, bounds, (place.geometry,))


def measures_table(found: Comparison, *, marked: bool = False) -> Block:
    """Return the key measures of a comparison: a row a measure, a column a place or comparator."""
    called, figures = names(found), cells(found)
    defined = len(found.all) <= 4
    columns = [Column("", 32, bold=True, lines=2)]
    columns += [Column(called[place.ref], 19, lines=3, right=len(found.all) <= 4) for place in found.all]
    columns += (
        [Column("what it is", 150 - 19 * len(found.all), faint=True, size=5.7, lines=4)] if defined else []
    )
    rows = []
    for measure in portrait.key_measures(found):
        row: list[str] = [measure.label]
        for place in found.all:
            cell = figures[measure.id, place.ref]
            text = described_measure(cell, marked=marked)
            plain = text if place in found.places else Faint(text)
            row.append(Strong(text) if place in found.places and (not marked or "▲" in text) else plain)
        rows.append((*row, measure.definition) if defined else tuple(row))
    return Table(tuple(columns), tuple(rows), least_of=len(rows))


def few_note(found: Comparison) -> str:
    """Return what the signs of a table of figures mean."""
    least = found.edition.about.scan.min_firms
    return (
        f"* rests on fewer than {least} firms. None found: no award was found, which is not to say that none "
        "was given."
    )


def _sums(found: Comparison) -> Block:
    """Return how the money of a place and of all others adds up, what is estimated of it apart."""
    sums = found.sums
    if sums is None or not sums.awards:
        return Passages(("No award passes these filters.",), role="muted")
    place = found.places[0]
    estimated = sums.places * found.figures["estimated_share"].to_dict()[place.ref]
    rows = [("here, as sources place it", pounds(sums.places - estimated))]
    if estimated:
        rows.append((f"here, {split_words(found.filters)} (estimate)", pounds(estimated)))
    if place.level != "uk":
        rows.append(("elsewhere", pounds(sums.elsewhere)))
    rows.append((f"not placed: {UNPLACED[found.filters.placed]}", pounds(sums.not_placed)))
    rows.append((Strong("all awards counted"), Strong(pounds(sums.awards))))
    return Table((Column("", 72, lines=3), Column("", 28, right=True)), tuple(rows), headed=False, least_of=5)


def _standing(edition: Edition, view: View, place: Place) -> Section:
    if place.level != "uk":
        told = portrait.rank_words(edition, view, place, view.measure)
        return Section("Where it ranks, and how much the level decides", Passages((told,)))
    rows = region_table(edition, view.model_copy(update={"measure": "per-head"}), whole=False)
    rows = rows[rows["public_gbp"] > 0].nlargest(MOST_REGIONS, "per_head")
    table = Table(
        (
            Column("region", 44, bold=True, lines=2),
            Column("code", 16),
            Column("in all", 16, right=True),
            Column("a head", 16, right=True),
        ),
        tuple((one.name, one.region_id, pounds(one.public_gbp), pounds(one.per_head)) for one in each(rows)),
        empty="No award passes these filters.",
    )
    return Section(
        f"Most public money a head, by {LEVELS[view.level].plural}",
        table,
        "All regions are in the table Regions.",
    )


def _second(view: View, found: Comparison, place: Place) -> Page:
    edition = found.edition
    rows = portrait.projects(edition, view, place)
    mine = {name: table[table["ref"] == place.ref] for name, table in tables(found).items()}
    money, gaps = _programmes(mine["programme"]), _gaps(edition, rows)
    years, there = _years(edition, view, place), _clusters(edition, view, mine["clusters"])
    piles: tuple[tuple[Section, ...], ...]
    if place.level == "uk":
        # The country is its own measure: it has no quotient, and nothing is like it.
        piles = (money, gaps), (years, there, _by_sector(mine["specialisation"]))
    else:
        piles = (
            (money, gaps, there, _like(edition, view, place)),
            (years, _specialised(mine["specialisation"], edition)),
        )
    beware = Passages(tuple(portrait.caveats(edition, view, (place,))), size=6.6, bullets=True)
    return _title(edition, view, place), [
        Band(((_projects(rows),),)),
        Band(piles, (1, 1)),
        Band(
            ((Section("What to beware of", beware),), sources_section(edition, view, (place,))),
            (1, 1),
            at_foot=True,
        ),
    ]


def _by_sector(rows: pd.DataFrame) -> Section:
    rows = rows[rows["firms"] > 0].sort_values("firms", ascending=False, kind="stable")
    table = Table(
        (
            Column("sector or technology", 56, bold=True),
            Column("firms", 16, right=True),
            Column("share", 14, right=True),
        ),
        tuple(
            (one.sector_or_technology, f"{one.firms:,}", percent(one.firms / one.of)) for one in each(rows)
        ),
        rest=lambda number: f"and {number} more: in the table Specialisation of Compare.",
        empty="No firm of this edition has a sector.",
    )
    return Section("Firms by sector or technology", table, "A firm may have several.")


def _projects(rows: Any) -> Section:
    table = Table(
        (
            Column("project", 52, bold=True, lines=2),
            Column("programme", 46, lines=2),
            Column("award", 21, lines=2),
            Column("placed here", 16, right=True),
            Column("lead", 38, lines=2),
            Column("year", 9, right=True),
        ),
        tuple(
            (
                one.name,
                one.programme,
                one.award if finite(one.award_gbp) else Faint(one.award),
                pounds(one.here_gbp) if one.here_gbp else Faint("none"),
                one.lead,
                year_of(one.year),
            )
            for one in each(rows)
        ),
        rest=lambda number: f"and {count(number, 'more project')}: in the table Projects of the map.",
        empty="No project that has a part here passes these filters. Widen the years, sectors or programmes.",
    )
    return Section(f"Projects, most money here first ({len(rows):,})", table)


def _programmes(rows: Any) -> Section:
    rows = rows[rows["public_gbp"] > 0]
    table = Table(
        (
            Column("programme", 60, bold=True, lines=2),
            Column("public money", 22, right=True),
            Column("projects", 14, right=True),
        ),
        tuple((one.programme, pounds(one.public_gbp), f"{one.projects:,}") for one in each(rows)),
        rest=lambda number: f"and {count(number, 'more programme')}: under Funding of the map.",
        empty="No programme has money here under these filters.",
    )
    return Section(f"Programmes with money here ({len(rows)})", table)


def _gaps(edition: Edition, rows: Any) -> Section:
    told = portrait.gaps(edition, rows)
    table = Table(
        (Column("", 36, bold=True, lines=3), Column("", 60, lines=4)),
        tuple(told),
        rest=lambda number: f"and {number} more: under Funding of the map.",
        empty="None is recorded for these projects. That is not to say that the list is whole.",
        least_of=2,
        headed=False,
    )
    return Section("Contested or missing figures", table)


def _years(edition: Edition, view: View, place: Place) -> Section:
    rows = portrait.years(edition, view, place)
    bars = [
        Bar(
            one.year if one.year != UNDATED else "no date",
            one.public_gbp,
            pounds(one.public_gbp).removeprefix("£"),
            one.estimated_gbp,
        )
        for one in each(rows)
    ]
    if len(bars) > MOST_BARS:
        early = bars[: len(bars) - MOST_BARS + 1]
        total = sum(bar.value for bar in early)
        whole = Bar(
            f"to {early[-1].name}", total, pounds(total).removeprefix("£"), sum(bar.paler for bar in early)
        )
        bars = [whole, *bars[len(early) :]]
    note = (
        f"£, by year of award or start. Paler: {split_words(view)}, which no source states." if bars else ""
    )
    return Section(
        "Public money by year", Bars(tuple(bars), "No award is placed here under these filters."), note
    )


def _specialised(rows: Any, edition: Edition) -> Section:
    rows = rows[rows["firms"] > 0].assign(weak=rows["small"].astype(bool))
    rows = rows.sort_values(["weak", "lq_low"], ascending=[True, False])
    scan = edition.about.scan
    note = (
        f"Share of the place's firms over the same share of the UK, {scan.confidence:.0%} interval; 1 is the "
        f"country's own. * fewer than {scan.min_firms} firms: not ranked."
    )
    return Section(
        "Specialisation",
        Table(
            (
                Column("sector or technology", 50, bold=True),
                Column("LQ", 30, right=True),
                Column("firms", 16, right=True),
            ),
            tuple(
                (
                    one.sector_or_technology,
                    Faint(f"{quotient(one.lq, one.lq_low, one.lq_high)} *")
                    if one.small
                    else quotient(one.lq, one.lq_low, one.lq_high),
                    f"{one.firms:,} of {one.of:,}",
                )
                for one in each(rows)
            ),
            rest=lambda number: f"and {number} more: in the table Specialisation of Compare.",
            empty="No firm of this edition is in it.",
        ),
        note if len(rows) else "",
    )


def _clusters(edition: Edition, view: View, rows: Any) -> Section:
    table = Table(
        (
            Column("cluster", 52, bold=True, lines=2),
            Column("type", 22),
            Column("firms", 10, right=True),
            Column("LQ", 22, right=True),
        ),
        tuple(
            (one.name, one.type, f"{one.firms:,}", quotient(one.lq, one.lq_low, one.lq_high))
            for one in each(rows)
        ),
        rest=lambda number: f"and {count(number, 'more cluster')}: in the table Clusters of the map.",
        empty="No cluster of these filters has a firm here."
        if len(edition.clusters)
        else why_none(edition, view),
    )
    return Section(f"Clusters that reach into it ({len(rows)})", table)


def _like(edition: Edition, view: View, place: Place) -> Section:
    found = portrait.like(edition, view, place, MOST_LIKE)
    table = Table(
        (
            Column("place", 40, bold=True, lines=2),
            Column("distance", 14, right=True),
            Column("nearest on", 52, faint=True, size=6.0, lines=2),
        ),
        tuple((name, f"{apart:.2f}", alike) for name, apart, alike in found.rows),
        rest=lambda number: f"and {number} more on the page Compare.",
        empty=found.about,
    )
    return Section("Places like it", table, found.about if found.rows else "")
