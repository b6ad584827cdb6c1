"""A place in words and tables beside its figures: projects, years, contested figures, what is like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.errors import InputError
from edition.shares import ESTIMATED
from geo.boundaries import LEVELS
from profiles.point import MONEY_NOTES
from profiles.programmes import contested as differing
from profiles.programmes import gap_words
from profiles.projects import project_rows as listed_projects
from regions.allocation import PENCE
from regions.comparison import UNDATED
from regions.figures import money_rows, project_rows
from regions.measures import MEASURES
from regions.places import in_a_sentence
from regions.ranks import ranks, spread
from regions.similar import likeness
from words.numbers import count, finite, listed
from words.provenance import caveat
from words.ranks import words

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.filters import Filters
    from regions.comparison import Comparison
    from regions.measures import Measure
    from regions.place import Place

# Measures that a reader asks for first, in the order in which they are told.
KEY_MEASURES = (
    *("per-head", "total", "estimated-share", "private-per-head", "private", "projects", "organisations"),
    *("assets", "firms", "firms-per-10k", "lq", "clustered-share", "clusters", "population", "density"),
)
# What is ranked where the map shows nothing that could be.
FALLBACK = "per-head"
NO_FIGURE = "{} without a public figure"
# Axes and projects that are named before they are counted.
MOST_AXES, MOST_NAMED = 2, 4


def key_measures(comparison: Comparison) -> list[Measure]:
    """Return the measures that are told first, as far as they can be said under the filters."""
    known = {measure.id: measure for measure in comparison.measures}
    return [known[name] for name in KEY_MEASURES if name in known]


def ranked_measure(name: str) -> Measure:
    """Return the measure that places are ranked by: that of the map where it has an order."""
    measure = MEASURES[name]
    return measure if measure.kind in {"rate", "sum"} else MEASURES[FALLBACK]


def rank_words(edition: Edition, filters: Filters, place: Place, name: str) -> str:
    """Return where a place ranks and how far that depends on the level; of the country, why it does not."""
    if place.level == "uk":
        return "The United Kingdom has no other place to rank against here."
    measure = ranked_measure(name)
    return words(place, measure, spread(ranks(edition, filters, place, measure), place))


def projects(edition: Edition, filters: Filters, place: Place) -> pd.DataFrame:
    """Return the projects that a place has a part in, most money placed there first.

    Returns
    -------
    DataFrame
        The columns of `profiles.projects.project_rows`, and here_gbp: the public pounds placed
        there.
    """
    there = project_rows(edition, filters, [place])["project_id"]
    rows = listed_projects(edition, filters)
    rows = rows[rows["project_id"].isin(there)]
    pence = money_rows(edition, filters, [place]).groupby("project_id")["public"].sum()
    here = [pence.get(one, 0) / PENCE for one in rows["project_id"]]
    rows = rows.assign(here_gbp=pd.Series(here, index=rows.index, dtype="float64"))
    order = {"here_gbp": False, "award_gbp": False, "name": True}
    return rows.sort_values([*order], ascending=[*order.values()], ignore_index=True)


def years(edition: Edition, filters: Filters, place: Place) -> pd.DataFrame:
    """Return the public money of a place by year: year (text, `UNDATED` last), public_gbp, estimated_gbp."""
    rows = money_rows(edition, filters, [place])
    dates = edition.tables["projects"].set_index("project_id")["year"]
    year = [UNDATED if pd.isna(one) else str(int(one)) for one in rows["project_id"].map(dates)]
    estimated = rows["public"].where(rows["basis"].isin(ESTIMATED), 0)
    pence = pd.DataFrame({"public_gbp": rows["public"], "estimated_gbp": estimated})
    sums = (pence / PENCE).groupby(pd.Series(year, index=rows.index, name="year", dtype=object)).sum()
    sums = sums[sums["public_gbp"] > 0].reset_index()
    # Digits come before letters, so what has no date stands last.
    return sums.sort_values("year", ignore_index=True)


def gaps(edition: Edition, rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return what is contested or not known of projects: of what, and what about it.

    Parameters
    ----------
    rows
        As `projects` returns them.
    """
    found = [*_contested(edition, rows), *_missing(edition, rows)]
    without = rows.loc[rows["award_gbp"].isna(), "name"]
    if len(without):
        rest = len(without) - MOST_NAMED
        more = f"; and {rest} more" if rest > 0 else ""
        found.append(
            (NO_FIGURE.format(count(len(without), "project")), "; ".join(without[:MOST_NAMED]) + more)
        )
    return found


def _contested(edition: Edition, rows: pd.DataFrame) -> list[tuple[str, str]]:
    names = dict(zip(rows["project_id"], rows["name"], strict=True))
    known = edition.tables["contested"]
    programmes = known.loc[known["project_id"].isin(names), "programme_id"].unique()
    tables = [differing(edition, str(programme)) for programme in programmes]
    table = pd.concat(tables) if tables else pd.DataFrame({"project_id": []})
    table = table[table["project_id"].isin(names)]
    return [
        (names[project], "; ".join(_figure(one) for one in part.itertuples(index=False)))
        for project, part in table.groupby("project_id", sort=False)
    ]


def _figure(row: Any) -> str:
    return f"{row.figure}{' (used)' if row.used else ''}: {row.what}"


def _missing(edition: Edition, rows: pd.DataFrame) -> list[tuple[str, str]]:
    table = edition.tables["missing"]
    names = dict(zip(rows["programme_id"], rows["programme"], strict=True))
    rows_of: list[Any] = list(table.itertuples(index=False))
    return [
        (names[row.programme_id], gap_words(row.what, row.known, row.expected))
        for row in rows_of
        if row.programme_id in names
    ]


@dataclass(frozen=True)
class Like:
    """Places like one: (name, distance, axes on which they are nearest), or why there is none."""

    rows: tuple[tuple[str, float, str], ...]
    about: str


def like(edition: Edition, filters: Filters, place: Place, most: int = 6) -> Like:
    """Return the places most like one on all axes, the nearest first."""
    try:
        found = likeness(edition, filters, place)
    except InputError as fault:
        return Like((), f"{str(fault)[:1].upper()}{str(fault)[1:]}.")
    names = [in_a_sentence(axis.label) for axis in found.axes]
    kind = in_a_sentence(LEVELS[found.level].plural)
    about = (
        f"Among {kind}, by {count(len(names), 'axis', 'axes')}: {'; '.join(names)}. Distance: standard "
        "deviations apart on an average axis."
    )
    rows = tuple(
        (str(row["name"]), float(row["distance"]), _alike(row, found.axes))
        for row in found.nearest(most).to_dict("records")
    )
    return Like(rows, about)


def _alike(row: dict[Any, Any], axes: Any) -> str:
    """Name the axes on which a place is nearest."""
    near = sorted(
        (abs(row[f"{axis.id}_z"] - row[f"{axis.id}_z_here"]), in_a_sentence(axis.label))
        for axis in axes
        if finite(row[axis.id])
    )
    return listed([label for _, label in near[:MOST_AXES]])


def caveats(edition: Edition, filters: Filters, chosen: tuple[Place, ...]) -> list[str]:
    """Return what to beware of with the figures of places, in sentences."""
    notes = [f"{place.name}: {place.note}" for place in chosen if place.note]
    least = edition.about.scan.min_firms
    rule = MONEY_NOTES[filters.placed]
    return [
        *notes,
        caveat(edition),
        f"{rule[:1].upper()}{rule[1:]}; that part is an estimate. Awards are those found in public.",
        f"Specialisation that rests on fewer than {least} firms is shown, not ranked.",
        "A cluster that reaches into several places counts in each. Money is of all years chosen together.",
        MEASURES["population"].definition,
    ]
