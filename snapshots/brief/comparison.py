"""The brief of a comparison: two to ten places side by side, in words, on maps at one scale, in tables."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

import shapely

from layers.registry import kinds
from profiles import place as portrait
from regions.comparison import compare
from snapshots.brief.blocks import Passages, Picture, lines_of
from snapshots.brief.figures import Key
from snapshots.brief.page import MEASURE, Band, Section
from snapshots.brief.phrases import each, filters_line, heading, sources_section
from snapshots.brief.place import few_note, measures_table
from snapshots.brief.table import Column, Faint, Strong, Table
from snapshots.picture.canvas import FINE
from snapshots.picture.layout import Box
from snapshots.picture.small_map import Ground, key, padded, paint, scale_of
from tables.comparison_cells import names
from tables.comparison_files import reconciling_line, summary, tables
from words.numbers import count, finite, listed, pounds, quotient

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from edition.edition import Edition
    from edition.view import View
    from regions.comparison import Comparison
    from regions.place import Place
    from snapshots.brief.blocks import Block
    from snapshots.brief.page import Heading
    from snapshots.picture.canvas import Canvas, Setting

    Page = tuple[Heading, list[Band]]

# Characters of the names in the title, before these are counted instead.
LONGEST = 90
# Maps in a row, millimetres between them, and how high a row of them may be.
MOST_ACROSS, MAP_GAP = 5, 3.0
LEAST_ROW, MOST_ROW = 34, 74
NAME_ROOM = 7.4
AROUND, LEAST_AROUND = 0.08, 1_000.0
# Places from which on a nation is not held against each of them: the page has no room.
MANY = 5
NOTHING = "\N{EN DASH}"


def pages(edition: Edition, view: View, chosen: Sequence[Place]) -> list[Page]:
    """Return the two pages of a comparison."""
    against = [one for one in view.against if one != "none"]
    found = compare(
        edition, view.plain(), chosen, ["uk"] if len(chosen) >= MANY and "uk" in against else against
    )
    return [_first(view, found), _second(view, found)]


def title(found: Comparison) -> str:
    """Return what is compared: the names as far as a title holds them, else their number."""
    called = [names(found)[place.ref] for place in found.places]
    together = listed(called)
    return together if len(together) <= LONGEST else f"{len(called)} places side by side"


def _title(found: Comparison, lead: str = "", view: View | None = None) -> Heading:
    held = (
        f"held against {listed([_article(place.name) for place in found.against])}" if found.against else ""
    )
    about = "; ".join(filter(None, [_kinds(found), held]))
    said = heading(found.edition, "Comparison", title(found), about, lead)
    return said if view is None else replace(said, filters=filters_line(found.edition, view))


def _article(name: str) -> str:
    return f"the {name}" if name == "United Kingdom" else name


def _kinds(found: Comparison) -> str:
    """Return the places by level, with their codes."""
    called, groups = names(found), dict[str, list[str]]()
    for place in found.places:
        groups.setdefault(place.kind, []).append(
            f"{called[place.ref]}{f' ({place.code})' if place.code else ''}"
        )
    return "; ".join(f"{kind}: {listed(who)}" for kind, who in groups.items())


def _first(view: View, found: Comparison) -> Page:
    first, *rest = summary(found)
    maps = Maps(view, found)
    return _title(found, first, view), [
        Band(((Section("", Passages(tuple(rest), bullets=True)),),)),
        Band(
            (
                (
                    Section("Maps at one scale", Picture(maps.least, maps.most, maps.paint)),
                    Section("", maps.key),
                ),
            )
        ),
        Band(
            (
                (
                    Section(
                        "Key figures",
                        measures_table(found, marked=True),
                        f"▲ highest, ▼ lowest of the places. {few_note(found)}",
                    ),
                ),
            )
        ),
    ]


class Maps:
    """Maps of places side by side, at one scale."""

    def __init__(self, view: View, found: Comparison) -> None:
        self.found = found
        number = len(found.places)
        self.across = min(number, MOST_ACROSS) if number != 6 else 3
        self.rows = ceil(number / self.across)
        self.wide = (MEASURE - MAP_GAP * (self.across - 1)) / self.across
        self.least, self.most = LEAST_ROW * self.rows, min(MOST_ROW, int(self.wide * 1.25)) * self.rows
        asked = view.model_copy(update={"show": kinds("firms", "assets"), "measure": "none", "level": "la"})
        self.grounds = [self._ground(asked, place) for place in found.places]

    def _ground(self, view: View, place: Place) -> Ground:
        bounds = padded(shapely.bounds(place.geometry), AROUND, LEAST_AROUND)
        return Ground(
            self.found.edition,
            view,
            bounds,
            (place.geometry,),
            locator=False,
        )

    def _scale(self, high: float) -> float:
        """Return the metres a millimetre at which all of them fit into maps of one height."""
        box = Box(0, 0, self.wide, high)
        return max(scale_of(ground.bounds, box) for ground in self.grounds)

    @property
    def key(self) -> Block:
        """What the signs on any of them mean, each once."""
        high = self.most / self.rows - NAME_ROOM
        scale = self._scale(high)
        return Key(key(self.grounds, Box(0, 0, self.wide, high), scale))

    def paint(self, canvas: Canvas, box: Box, setting: Setting) -> None:
        """Draw them in rows, each under its name."""
        row = box.height / self.rows
        high = row - NAME_ROOM
        scale = self._scale(high)
        called = names(self.found)
        letters = setting.letters(FINE * 1.08, bold=True)
        for number, (place, ground) in enumerate(zip(self.found.places, self.grounds, strict=True)):
            left = box.left + (number % self.across) * (self.wide + MAP_GAP)
            top = box.top - (number // self.across) * row
            lines = lines_of(called[place.ref], letters, self.wide, 2)
            canvas.write(lines, letters, (left, canvas.height - top + 0.2 + (2 - len(lines)) * letters.line))
            paint(ground, canvas, Box(left, top - row + 1.0, self.wide, high), scale)


def _second(view: View, found: Comparison) -> Page:
    behind = tables(found)
    beware = portrait.caveats(found.edition, view, found.places)
    return _title(found), [
        Band(((_money(found, "programme", behind["programme"]),),)),
        Band(((_money(found, "sector", behind["sector"]),),)),
        Band(((_specialised(found),),)),
        Band(((_ranks(view, found),), (_adding_up(found), _clusters(found))), (1.25, 1)),
        Band(
            (
                (Section("What to beware of", Passages(tuple(beware), size=6.4, bullets=True)),),
                sources_section(found.edition, view, found.places),
            ),
            (1, 1),
            at_foot=True,
        ),
    ]


def _place_columns(found: Comparison) -> list[Column]:
    called = names(found)
    number = len(found.places)
    return [
        Column(
            called[place.ref],
            130 / number,
            right=number <= MANY,
            lines=3,
            size=6.5 if number <= MANY else 5.9,
        )
        for place in found.places
    ]


def _money(found: Comparison, name: str, rows: pd.DataFrame) -> Section:
    refs = [place.ref for place in found.places]
    rows = rows[rows["ref"].isin(refs) & (rows["public_gbp"] > 0)]
    values = rows.pivot_table(index=name, columns="ref", values="public_gbp", aggfunc="sum")
    values = values.reindex(columns=refs)
    # The largest share of any place, not the sum: places may overlap, and are never added.
    order = (values / values.sum()).max(axis=1).sort_values(ascending=False, kind="stable").index
    kept = [(str(one), *(_pounds(values.loc[one, ref]) for ref in refs)) for one in order]
    table = Table(
        (Column(name, 46, bold=True, lines=2), *_place_columns(found)),
        tuple(kept),
        rest=lambda number: f"and {count(number, f'more {name}')}: in the table Money by {name} of Compare.",
        empty="No public money is placed in any of them under these filters.",
    )
    return Section(f"Public money by {name}", table)


def _pounds(value: Any) -> str:
    return pounds(value) if finite(value) and value > 0 else Faint(NOTHING)


def _specialised(found: Comparison) -> Section:
    rows = found.specialisation
    rows = rows[rows["firms"] > 0]
    known = {(row.label, row.ref): row for row in each(rows)}
    titles = dict(zip(rows["label"], rows["title"], strict=True))
    sure = rows.assign(sure=rows["low"].where(~rows["small"].astype(bool), -1.0))
    order = sure.groupby("label")["sure"].max().sort_values(ascending=False, kind="stable").index
    kept = [
        (titles[label], *(_quotient(known.get((label, place.ref))) for place in found.places))
        for label in order
    ]
    confidence, least = found.edition.about.scan.confidence, found.edition.about.scan.min_firms
    table = Table(
        (Column("sector or technology", 46, bold=True, lines=2), *_place_columns(found)),
        tuple(kept),
        rest=lambda number: f"and {number} more: in the table Specialisation of Compare.",
        empty="No firm of this edition is in any of the places.",
    )
    note = (
        f"Location quotient with its {confidence:.0%} interval; firms. 1 is the country's share. Bold: the "
        f"interval lies above 1. * fewer than {least} firms: shown, not ranked. {NOTHING}: no firm."
    )
    return Section("Specialisation", table, note if kept else "")


def _quotient(row: Any) -> str:
    if row is None:
        return Faint(NOTHING)
    text = f"{quotient(row.lq, row.low, row.high)}; {row.firms:,}"
    if row.small:
        return Faint(f"{text} *")
    return Strong(text) if row.low > 1 else text


def _ranks(view: View, found: Comparison) -> Section:
    told = [portrait.rank_words(found.edition, view, place, view.measure) for place in found.places]
    measure = portrait.ranked_measure(view.measure).label.lower()
    return Section(
        f"Ranks by {measure}, and how much the level decides",
        Passages(tuple(told), size=6.4, least_of=1, rest="on the page Compare, place by place"),
    )


def _adding_up(found: Comparison) -> Section:
    said = reconciling_line(found)
    return Section(
        "How the public money adds up",
        Passages((said, *found.overlaps), size=6.8, least_of=2, rest="on the page Compare"),
    )


def _clusters(found: Comparison) -> Section:
    called = names(found)
    rows = found.clusters
    table = Table(
        (
            Column("cluster", 50, bold=True, lines=2),
            Column("place", 34, lines=2),
            Column("firms", 12, right=True),
        ),
        tuple((one.name, called[one.ref], f"{one.firms:,}") for one in each(rows)),
        rest=lambda number: f"and {count(number, 'more cluster')}: in the table Clusters of Compare.",
        empty="No cluster on the map reaches into any of them.",
        least_of=1,
    )
    return Section(f"Clusters ({rows['cluster_id'].nunique()})", table)
