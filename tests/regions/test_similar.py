"""Places alike: laws of the distance, shrinking by hand, and places of the shipped edition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data.errors import InputError
from edition.filters import Filters
from regions.place import overlap
from regions.places import find_place, places
from regions.similar import (
    ALL_FIRMS,
    AXES,
    DEFAULT,
    distances,
    known_axes,
    likeness,
    positions,
    raw,
    similar,
    standardised,
    words,
)

MIX = tuple(name for name, axis in AXES.items() if axis.sector)
LAW = settings(deadline=None, max_examples=40)
NUMBERS = arrays(float, (6, 3), elements=st.integers(-50, 50).map(float))


def frame(numbers):
    return pd.DataFrame(
        numbers, index=list("abcdef")[: len(numbers)], columns=[f"axis{n}" for n in range(numbers.shape[1])]
    )


def scores_of(table):
    scores, alike = standardised(table, list(table.index))
    return scores.drop(columns=alike)


# --- Laws


@LAW
@given(NUMBERS)
def test_scores_have_mean_nought_and_deviation_one(numbers):
    scores = scores_of(frame(numbers))
    assert scores.mean().to_numpy() == pytest.approx(0, abs=1e-9)
    assert scores.std(ddof=0).to_numpy() == pytest.approx(1)


@LAW
@given(NUMBERS)
def test_a_distance_is_symmetric_and_nought_to_itself(numbers):
    scores = scores_of(frame(numbers))
    if scores.shape[1]:
        square = np.array([distances(scores.loc[one], scores).to_numpy() for one in scores.index])
        assert np.diag(square) == pytest.approx(0)
        assert square == pytest.approx(square.T)
        # And the straight line is the shortest.
        assert (square[:, None, :] <= square[:, :, None] + square[None, :, :] + 1e-9).all()


@LAW
@given(NUMBERS, st.floats(0.01, 1000), st.floats(-1000, 1000), st.booleans())
def test_units_do_not_matter(numbers, factor, shift, turned):
    table = frame(numbers)
    other = table.assign(axis1=table["axis1"] * (-factor if turned else factor) + shift)
    here, there = scores_of(table), scores_of(other)
    assert list(here.columns) == list(there.columns)
    if here.shape[1]:
        near, far = distances(here.loc["a"], here), distances(there.loc["a"], there)
        assert far.to_numpy() == pytest.approx(near.to_numpy(), abs=1e-6)


@LAW
@given(NUMBERS, st.permutations([0, 1, 2]))
def test_the_order_of_axes_does_not_matter(numbers, order):
    scores = scores_of(frame(numbers))
    if scores.shape[1]:
        turned = scores[[name for name in (f"axis{n}" for n in order) if name in scores]]
        assert distances(scores.loc["a"], turned).to_numpy() == pytest.approx(
            distances(scores.loc["a"], scores).to_numpy()
        )


@LAW
@given(NUMBERS, st.sampled_from([0.0, 0.1, 1 / 3, -7e5]))
def test_an_axis_on_which_all_are_alike_is_told(numbers, value):
    table = frame(numbers)
    plain, without = standardised(table, list(table.index))
    scores, alike = standardised(table.assign(same=value), list(table.index))
    assert alike == [*without, "same"]
    pd.testing.assert_frame_equal(scores.drop(columns="same"), plain)


def test_a_distance_by_hand():
    here = pd.Series({"x": 0.0, "y": 1.0})
    others = pd.DataFrame({"x": [3.0, 0.0, np.nan, np.nan], "y": [5.0, 1.0, 3.0, np.nan]})
    # The root of (9 + 16) / 2; itself; on the one axis that both have; none.
    assert distances(here, others).tolist()[:3] == pytest.approx([np.sqrt(12.5), 0, 2])
    assert np.isnan(distances(here, others)[3])


def test_only_the_level_makes_the_scale():
    table = pd.DataFrame({"x": [1.0, 3.0, 100.0]}, index=["a", "b", "mine"])
    scores, _ = standardised(table, ["a", "b"])
    assert scores["x"].tolist() == [-1, 1, 98]


# --- Values and shrinking, by hand

ROWS = pd.DataFrame(
    {
        "population": [100_000, 50_000, 0],
        "density": [1000.0, 10.0, 0.0],
        "assets": [2, 0, 0],
        "firms": [30, 0, 0],
        "public_gbp": [5e6, 0.0, 0.0],
        ALL_FIRMS: [30, 0, 0],
    }
    | {f"firms_of:{AXES[name].sector}": [15, 0, 0] for name in MIX},
    index=["a", "b", "empty"],
)
COUNTRY = pd.DataFrame(
    {"population": [1_000_000], "density": [50.0], "assets": [9], "firms": [100], "public_gbp": [1e7]}
    | {ALL_FIRMS: [100]}
    | {f"firms_of:{AXES[name].sector}": [20] for name in MIX}
)
FEW_AXES = known_axes(["residents", "assets", "firms", "money", MIX[0]])


def test_values_are_rates_as_people_read_them():
    found = raw(ROWS, FEW_AXES)
    assert found.loc["a"].tolist() == pytest.approx([100_000, 2, 3, 50, 0.5])
    assert found.loc["b"].tolist()[:4] == [50_000, 0, 0, 0]
    assert np.isnan(found.loc["b", MIX[0]])
    assert found.loc["empty"].isna().tolist() == [False, True, True, True, True]


def test_rates_of_firms_are_mixed_with_ten_firms_of_the_country():
    found = positions(ROWS, COUNTRY, FEW_AXES)
    # 100 firms among a million: ten come with 100,000 residents.
    assert np.expm1(found["firms"]).tolist() == pytest.approx([40 / 20, 10 / 15, 1.0])
    assert found[MIX[0]].tolist() == pytest.approx([(15 + 2) / 40, 0.2, 0.2])
    assert np.exp(found["residents"]).tolist()[:2] == pytest.approx([100_000, 50_000])
    assert np.isnan(found.loc["empty", "residents"])
    assert np.expm1(found["money"]).tolist()[:2] == pytest.approx([50, 0])


def test_a_country_without_firms_shrinks_nothing():
    found = positions(ROWS, COUNTRY * 0, FEW_AXES)
    assert np.expm1(found["firms"]).tolist()[:2] == pytest.approx([3, 0])
    assert found.loc["a", MIX[0]] == 0.5


# --- Axes


@pytest.mark.parametrize("axes", [(), ("density", "weather"), ("<b>",)])
def test_what_is_no_axis_is_refused_with_those_there_are(axes):
    with pytest.raises(InputError, match="choose one or more of residents, density, assets"):
        known_axes(axes)


def test_axes_come_once_and_in_one_order():
    assert [axis.id for axis in known_axes(["money", "density", "money"])] == ["density", "money"]


def test_every_axis_says_what_it_is():
    for name, axis in AXES.items():
        assert axis.id == name
        assert axis.definition.endswith(".")
        assert bool(axis.column) != bool(axis.sector)
        assert axis.label
        assert axis.unit
        assert axis.sources


# --- The shipped edition


def test_cities_are_like_manchester(edition):
    place = find_place(edition, "Manchester")
    found = similar(edition, Filters(), place)
    assert len(found) == 10
    assert found["distance"].is_monotonic_increasing
    assert {"Glasgow City", "Bristol, City of", "Sheffield", "Cardiff"} <= set(found["name"])
    assert place.ref not in set(found["ref"])
    squares = [(found[f"{name}_z"] - found[f"{name}_z_here"]) ** 2 for name in DEFAULT]
    assert np.sqrt(sum(squares) / len(DEFAULT)).to_numpy() == pytest.approx(found["distance"].to_numpy())
    assert (found["residents_here"] == place.population).all()
    assert found["residents"].tolist() == [find_place(edition, ref).population for ref in found["ref"]]


def test_likeness_is_mutual(edition):
    refs = ("E08000003", "S12000049")
    there, back = (
        similar(edition, Filters(), find_place(edition, one), most=400)
        .set_index("ref")
        .loc[other, "distance"]
        for one, other in (refs, refs[::-1])
    )
    assert there == pytest.approx(back)


def test_what_overlaps_the_place_and_what_is_left_of_a_nation_is_no_candidate(edition):
    place = find_place(edition, "programme_area:borderlands")
    for level in ("la", "itl2", "city_region", "programme_area"):
        found = similar(edition, Filters(), place, level=level, most=400)
        assert len(found)
        assert not any(overlap(find_place(edition, ref), place) for ref in found["ref"])
        assert not found["ref"].str.startswith("rest-of-").any()
    outside = [one for one in places(edition).of_level("programme_area") if not overlap(one, place)]
    assert len(found) == len(outside)


def test_a_set_is_compared_with_the_level_nearest_in_residents(edition):
    place = find_place(edition, "set:E08000003+E08000006~Two")
    found = likeness(edition, Filters(), place)
    assert found.level == "itl2"
    assert "TLD3" not in found.candidates
    # It is not itself of the scale.
    level = found.scores.drop(index=place.ref)
    assert level.mean().to_numpy() == pytest.approx(0, abs=1e-9)
    assert "Two" in words(found)


def test_the_mix_of_a_place_with_few_firms_is_left_out_and_said(edition):
    found = likeness(edition, Filters(), find_place(edition, "Isles of Scilly"))
    assert set(found.left_out) == set(MIX)
    assert not {axis.id for axis in found.axes} & set(MIX)
    assert f"0 firms, and {edition.about.scan.min_firms} are needed" in words(found)
    with pytest.raises(
        InputError, match="any of these axes: Share of firms in life sciences: the place has 0"
    ):
        similar(edition, Filters(), find_place(edition, "Isles of Scilly"), [MIX[0]])


def test_without_money_the_axis_says_nothing_and_changes_nothing(edition):
    place = find_place(edition, "Manchester")
    none = Filters(year_from=2010, year_to=2010)
    found = likeness(edition, none, place)
    assert found.left_out == {"money": "it is the same in every local authority"}
    assert "public money per head (it is the same in every local authority)" in words(found)
    other = similar(edition, none, place, [name for name in DEFAULT if name != "money"])
    pd.testing.assert_frame_equal(found.nearest(), other)


def test_firms_of_ones_own_have_no_sectors_of_the_taxonomy(own_edition):
    found = likeness(own_edition, Filters(), find_place(own_edition, "E08000003"))
    missing = {name for name in MIX if AXES[name].sector not in own_edition.labels.sectors}
    assert missing
    assert missing <= set(found.left_out)
    assert len(found.nearest()) == 10


@pytest.mark.parametrize(
    ("ref", "level", "said"),
    [
        ("UK", "", "whole country"),
        ("UK", "la", "none lies outside it"),
        ("E08000003", "parish", "parish"),
    ],
)
def test_what_cannot_be_compared_is_refused(edition, ref, level, said):
    with pytest.raises(InputError, match=said):
        similar(edition, Filters(), find_place(edition, ref), level=level)


def test_fewer_than_one_place_cannot_be_listed(edition):
    with pytest.raises(InputError, match="ask for 1 or more"):
        similar(edition, Filters(), find_place(edition, "Manchester"), most=0)
