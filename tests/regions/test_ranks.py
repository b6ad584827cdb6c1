"""Ranks at every level: by hand on small tables, and on the shipped edition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from edition.filters import Filters
from regions.areas import area_place
from regions.figures import level_figures
from regions.measures import MEASURES
from regions.place import Place
from regions.places import find_place, places
from regions.ranks import (
    COLUMNS,
    FEW,
    HOLDS,
    LADDER,
    NO_VALUE,
    NONE_FOUND,
    OVERLAPS,
    PART,
    PARTITIONS,
    SAME,
    Spread,
    Standing,
    by_rule,
    nearest_level,
    ranked,
    ranks,
    spread,
    valued,
)
from words.ranks import ordinal, words

PER_HEAD = MEASURES["per-head"]
DENSITY = MEASURES["density"]
FIRMS = MEASURES["firms-per-10k"]
RANKABLE = [name for name, one in MEASURES.items() if one.column and one.kind != "difference"]


# --- One level, by hand


def level(values, why=None):
    reasons = why or [""] * len(values)
    return pd.DataFrame({"value": values, "why": reasons}, index=list("abcdefgh")[: len(values)])


def test_the_highest_is_first_and_ties_share_the_better_rank():
    found = ranked(level([5.0, 9.0, 5.0, 1.0]))
    assert found["rank"].tolist() == [2, 1, 2, 4]
    assert found["tied"].tolist() == [1, 0, 1, 0]
    assert found["percentile"].tolist() == pytest.approx([1 / 3, 1, 1 / 3, 0])
    assert (found["of"] == 4).all()


def test_what_is_not_ranked_is_counted_apart():
    found = ranked(level([5.0, 0.0, 7.0, 0.0, np.nan], ["", NONE_FOUND, "", NONE_FOUND, NO_VALUE]))
    assert found["rank"].tolist()[:3:2] == [2, 1]
    assert found["rank"].isna().tolist() == [False, True, False, True, True]
    assert (found["of"] == 2).all()
    assert (found["left_out"] == 3).all()
    assert (found["left_why"] == NONE_FOUND).all()


def test_one_alone_has_a_rank_and_nobody_below_or_above():
    found = ranked(level([3.0, 0.0], ["", FEW])).loc["a"]
    assert (found["rank"], found["of"], found["left_out"]) == (1, 1, 1)
    assert np.isnan(found["percentile"])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-5, 5), min_size=2, max_size=30))
def test_percentiles_are_the_share_of_the_others_below(values):
    found = ranked(pd.DataFrame({"value": [float(one) for one in values], "why": ""}))
    for place, value in enumerate(values):
        others = values[:place] + values[place + 1 :]
        row = found.iloc[place]
        assert row["percentile"] == pytest.approx(np.mean([other < value for other in others]))
        assert row["rank"] == 1 + sum(other > value for other in others)
        assert row["tied"] == sum(other == value for other in others)


def test_money_not_found_and_rates_on_few_have_a_reason():
    table = pd.DataFrame(
        {"per_head": [2.0, 0.0, np.nan], "firms_per_10k": [1.0, 2.0, 0.0], "firms": [5, 4, 0]}
        | {"estimated_share": [0.0, 0.0, 0.0], "public_gbp": [10.0, 0.0, 1.0]}
    )
    assert valued(table, PER_HEAD, 5)["why"].tolist() == ["", NONE_FOUND, NO_VALUE]
    assert valued(table, FIRMS, 5)["why"].tolist() == ["", FEW, FEW]
    assert valued(table, FIRMS, 5)["few"].tolist() == [False, True, True]
    # No share of money is estimated where there is no money; where there is, none may be.
    assert valued(table, MEASURES["estimated-share"], 5)["why"].tolist() == ["", NONE_FOUND, ""]


def test_rates_that_differ_by_a_penny_are_ties_and_counts_are_not():
    table = pd.DataFrame({"per_head": [64.050301, 64.050300], "population": [1_000_001, 1_000_002]})
    assert ranked(valued(table, PER_HEAD, 5))["rank"].tolist() == [1, 1]
    assert ranked(valued(table, MEASURES["population"], 5))["rank"].tolist() == [2, 1]


# --- Summed up, by hand


def row(level, ref, relation, rank, of, why=""):
    percentile = np.nan if why else (of - rank) / (of - 1)
    place = (level, level, ref, f"Name {ref}", relation, 1.0)
    rank_of = (pd.NA, of, pd.NA) if why else (rank, of, 0)
    return dict(zip(COLUMNS, (*place, *rank_of, percentile, why == FEW, why, 3, NONE_FOUND), strict=True))


def panel(*rows):
    return pd.DataFrame(rows).astype({"rank": "Int64", "tied": "Int64"})


def a_place(ref="A", level="la", name="Aton"):
    return Place(ref, level, name, {"A": 1.0}, shapely.Point(0, 0).buffer(10), 100, "2023")


ROWS = panel(
    row("la", "A", SAME, 11, 101),
    row("itl2", "B", HOLDS, 16, 31),
    row("nation", "N", HOLDS, 4, 4),
    row("programme_area", "P", HOLDS, 31, 31),
    row("city_region", "rest-of-x", HOLDS, 21, 21),
    row("itl3", "C", OVERLAPS, 1, 50),
)


def test_the_spread_is_of_the_place_and_what_holds_it_where_there_are_regions_enough():
    found = spread(ROWS, a_place())
    assert (found.own.rank, found.own.of) == (11, 101)
    assert [one.ref for one in found.standings] == ["A", "B"]
    assert (found.best.percentile, found.worst.percentile) == (0.9, 0.5)
    assert found.width == pytest.approx(0.4)
    assert len(found.by_level) == len(ROWS)


def test_parts_make_a_range_with_its_median():
    parts = [row("la", ref, PART, rank, 101) for ref, rank in (("X", 1), ("Y", 91), ("Z", 51))]
    rows = panel(*parts, row("la", "V", PART, 0, 101, NONE_FOUND), row("itl3", "A", SAME, 6, 11))
    found = spread(rows, a_place(level="itl3"))
    (range_,) = [one for one in found.by_level if one.relation == PART]
    assert (range_.regions, range_.ranked, range_.best, range_.worst) == (4, 3, 1, 91)
    assert (range_.low, range_.median, range_.high) == (0.1, 0.5, 1.0)
    said = words(a_place(level="itl3"), PER_HEAD, found)
    assert "3 of 4 local authorities within it rank between 1st and 91st of 101" in said
    assert "the middle one above 50% of the others" in said


def test_nothing_ranked_is_said_with_its_reason():
    rows = panel(row("la", "A", SAME, 0, 101, NONE_FOUND))
    found = spread(rows, a_place())
    assert found.own is found.best is found.worst is None
    assert np.isnan(found.width)
    said = words(a_place(), PER_HEAD, found)
    assert said.startswith("Aton is not ranked by public money per head: no award was found there.")


def test_words_name_ranks_levels_and_the_range():
    said = words(a_place(), PER_HEAD, spread(ROWS, a_place()))
    assert (
        "Aton ranks 11th of 101 local authorities by public money per head, above 90% of the others." in said
    )
    assert "One other region is or holds the same ground: Name B (16th of 31 ITL2 areas)." in said
    assert "from 50% (ITL2 area) to 90% (local authority)" in said
    assert "3 local authorities are not ranked, mostly because no award was found there." in said
    assert "A rank among 4 nations says little" in said


@pytest.mark.parametrize(
    ("rank", "said"),
    [
        (1, "all the others"),
        (2, "99% of the others"),
        (400, "1% of the others"),
        (401, "none of the others"),
    ],
)
def test_only_the_first_stands_above_all_and_only_the_last_above_none(rank, said):
    found = spread(panel(row("la", "A", SAME, rank, 401)), a_place())
    assert f"above {said}." in words(a_place(), PER_HEAD, found)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (112, "112th"), (1023, "1,023rd")]
)
def test_ordinals(number, said):
    assert ordinal(number) == said


# --- The shipped edition


def test_manchester_is_held_at_every_level(edition):
    place = find_place(edition, "Manchester")
    rows = ranks(edition, Filters(), place, DENSITY)
    assert tuple(rows.columns) == COLUMNS
    held = rows[rows["level"].isin(PARTITIONS)].set_index("level")
    assert held.index.tolist() == list(PARTITIONS)
    assert held["relation"].to_dict() == {
        "la": SAME,
        "itl3": SAME,
        "itl2": HOLDS,
        "itl1": HOLDS,
        "nation": HOLDS,
        "city_region": HOLDS,
    }
    # The ground is the same, so is the density; the rank is not.
    assert held.loc["la", "value"] == held.loc["itl3", "value"]
    assert (held["left_out"] == 0).all()
    assert held.loc["la", "of"] == 361


@pytest.mark.parametrize("name", ["Manchester", "E07000178", "Scotland"])
@pytest.mark.parametrize("level", ["la", "nation"])
def test_ranks_are_those_of_the_figures(edition, name, level):
    known = level_figures(edition, Filters(), level)["density"]
    rows = ranks(edition, Filters(), find_place(edition, name), DENSITY)
    rows = rows[rows["level"] == level]
    assert len(rows)
    for one in rows.itertuples():
        assert one.rank == 1 + (known > known[one.ref]).sum()
        assert one.percentile == pytest.approx((known < known[one.ref]).sum() / (len(known) - 1))


def test_parts_and_what_only_overlaps_are_told_apart(edition):
    place = find_place(edition, "set:E08000003+E08000006~Two")
    rows = ranks(edition, Filters(), place, DENSITY).set_index("ref")
    assert rows.loc["E08000006", "relation"] == PART
    assert rows.loc["TLD33", "relation"] == PART
    assert rows.loc["TLD34", "relation"] == OVERLAPS
    assert rows.loc["TLD3", "relation"] == HOLDS
    own = rows.loc[place.ref]
    assert (own["relation"], own["level"], own["among"]) == (SAME, "set", nearest_level(edition, place))
    assert own["name"] == "Two"


def test_a_set_that_is_a_region_ranks_as_that_region_does(edition):
    one = find_place(edition, "TLD3")
    same = find_place(edition, f"set:{'+'.join(sorted(one.weights))}~Mine")
    rows = ranks(edition, Filters(), same, DENSITY)
    mine, theirs = (rows[rows["ref"] == ref].iloc[0] for ref in (same.ref, "TLD3"))
    assert mine["among"] == theirs["level"] == "itl2"
    assert mine["rank"] == theirs["rank"]
    assert mine["of"] == theirs["of"]


def test_programme_areas_stand_as_one_more_among_a_partition(edition):
    rows = ranks(edition, Filters(), find_place(edition, "programme_area:borderlands"), DENSITY)
    areas = rows[rows["level"] == "programme_area"]
    assert "programme_area:borderlands" in set(areas["ref"])
    assert set(areas["among"]) <= set(LADDER)
    own = areas[areas["ref"] == "programme_area:borderlands"].iloc[0]
    known = level_figures(edition, Filters(), own["among"])["density"]
    assert own["of"] == len(known) + 1
    assert own["rank"] == 1 + (known > own["value"]).sum()
    assert "it would rank" in words(
        find_place(edition, "programme_area:borderlands"),
        DENSITY,
        spread(rows, find_place(edition, "programme_area:borderlands")),
    )


@pytest.mark.parametrize(
    ("people", "level"), [(1, "la"), (300_000, "itl3"), (1_400_000, "itl2"), (6e7, "itl1")]
)
def test_the_nearest_level_goes_by_residents(edition, people, level):
    place = replace(find_place(edition, "set:E08000003+E08000006"), population=int(people))
    assert nearest_level(edition, place) == level


def test_the_country_has_parts_and_no_rank_of_its_own(edition):
    place = find_place(edition, "UK")
    rows = ranks(edition, Filters(), place, DENSITY)
    assert set(rows["relation"]) == {PART}
    found = spread(rows, place)
    assert found.own is None
    assert not found.standings
    assert "not ranked by residents per km²: there is no other" in words(place, DENSITY, found)


@pytest.mark.parametrize("name", RANKABLE)
def test_every_measure_can_be_ranked_and_said(edition, name):
    place = find_place(edition, "Fife")
    rows = ranks(edition, Filters(), place, MEASURES[name])
    assert (rows["rank"].isna() == (rows["why"] != "")).all()
    known = rows[rows["rank"].notna()]
    assert (known["rank"] <= known["of"]).all()
    assert known["percentile"].dropna().between(0, 1).all()
    assert words(place, MEASURES[name], spread(rows, place)).startswith("Fife ")


@pytest.mark.parametrize("name", ["none", "moved"])
def test_a_measure_without_values_is_refused(edition, name):
    with pytest.raises(InputError, match=f"'{name}'; choose one of per-head"):
        ranks(edition, Filters(), find_place(edition, "Fife"), MEASURES[name])


def test_no_money_ranks_nobody(edition):
    place = find_place(edition, "Fife")
    rows = ranks(edition, Filters(year_from=2010, year_to=2010), place, PER_HEAD)
    assert (rows["why"] == NONE_FOUND).all()
    assert (rows["of"] == 0).all()
    assert "no award was found there" in words(place, PER_HEAD, spread(rows, place))


def test_both_rules_stand_side_by_side_whichever_is_asked_for(edition):
    place = find_place(edition, "Manchester")
    for asked in ("delivery", "lead"):
        rows = by_rule(edition, Filters(placed=asked), place, PER_HEAD)
        for rule, part in rows.groupby("placed"):
            alone = ranks(edition, Filters(placed=rule), place, PER_HEAD)
            pd.testing.assert_frame_equal(part.drop(columns="placed").reset_index(drop=True), alone)
    assert rows.groupby("placed")["value"].first().nunique() == 2


def test_ranks_of_firms_of_ones_own(own_edition):
    place = find_place(own_edition, "E08000003")
    rows = ranks(own_edition, Filters(), place, FIRMS)
    assert set(rows["why"]) <= {"", FEW}
    assert words(place, FIRMS, spread(rows, place))


@pytest.mark.parametrize("ref", ["set:E08000003+E07000041~Two", "programme_area:glasgow-city-region", None])
def test_what_is_no_region_and_not_ranked_is_said_without_counting_itself(edition, ref):
    place = find_place(edition, ref) if ref else hill(edition)
    measure, filters = MEASURES["lq"], Filters(sector=("defence",), year_to=2010)
    rows = ranks(edition, Filters(), place, measure)
    assert rows.loc[rows["ref"] == place.ref, "why"].item() in (FEW, NO_VALUE)
    own = rows[rows["ref"] == place.ref].iloc[0]
    assert own["left_out"] == len(places(edition).of_level(own["among"])) - same_as(edition, place, own)
    said = words(place, measure, spread(rows, place))
    assert f"{place.name} is not ranked by specialisation" in said
    assert "programme areas are not ranked" not in said
    assert words(place, measure, spread(ranks(edition, filters, place, measure), place))


def same_as(edition, place, own):
    """Regions of the level that it is ranked among that are the same ground."""
    return sum(one.weights == place.weights for one in places(edition).of_level(own["among"]))


def hill(edition):
    """An area with no firm and hardly a resident."""
    return area_place(
        edition, shapely.MultiPolygon([shapely.box(250_000, 800_000, 253_000, 803_000)]), "hill", "x:hill"
    )


def test_an_area_has_the_article_that_its_kind_needs():
    area = Place("area:1", "area", "Mine", {"E1": 1.0}, shapely.Point(0, 0), 10, "2023")
    standing = Standing("area", "la", "area:1", "Mine", SAME, rank=3, of=101, percentile=0.98, tied=0)
    said = words(area, PER_HEAD, Spread(own=standing, standings=(), by_level=()))
    assert said.startswith("Mine is an area drawn, not a region of a level.")
