"""Places: found by ref, code or name, with what each lies in; what overlaps is said to."""

from __future__ import annotations

from contextlib import suppress

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from edition.view import MOST_PLACES
from geo.boundaries import LEVELS, UK
from regions.areas import area_place
from regions.place import Place, overlap, overlap_words, overlaps, within
from regions.places import find_place, find_places, in_a_sentence, places


def square(ref, west, width=1_000.0, weights=None, cut=()):
    shape = shapely.box(west, 0, west + width, 1_000)
    weights = weights or {ref: 1.0}
    return Place(ref, "la", ref.title(), weights, shape, 100, "2023", cut=frozenset(cut))


@pytest.mark.parametrize(
    ("text", "level", "ref"),
    [
        ("E08000003", "", "E08000003"),
        ("e08000003", "", "E08000003"),
        ("  manchester ", "", "E08000003"),
        ("Manchester", "itl3", "TLD33"),
        ("Greater Manchester", "", "greater-manchester"),
        ("Greater Manchester", "itl2", "TLD3"),
        ("Scotland", "", "S92000003"),
        ("Scotland", "itl1", "TLM"),
        ("glasgow-city-region", "", "glasgow-city-region"),
        ("glasgow-city-region", "programme_area", "programme_area:glasgow-city-region"),
        ("programme_area:borderlands", "", "programme_area:borderlands"),
        ("Borderlands Inclusive Growth Deal area", "", "programme_area:borderlands"),
        ("UK", "", UK),
        ("united kingdom", "", UK),
        ("K02000001", "", UK),
    ],
)
def test_a_place_is_found_by_ref_code_or_name(edition, text, level, ref):
    assert find_place(edition, text, level).ref == ref


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ("Mancester", "", r"'Mancester' is no place; did you mean Manchester \(Local authority, E08000003\)"),
        ("Glasgow", "", r"Glasgow City \(Local authority, S12000049\)"),
        ("", "", "is no place"),
        ("Leeds", "itl1", "no ITL1 region; there it belongs to Yorkshire and The Humber"),
        ("Cornwall", "city_region", "no city region; there it belongs to Rest of England"),
        ("E06000052", "city_region", "'Cornwall' is a local authority .* belongs to Rest of England"),
        ("Northern Ireland", "programme_area", "covers only 7 of its 11 authorities"),
        ("Norfolk", "nation", "is an ITL2 area .TLH5., no nation; there it belongs to England"),
        ("Narnia", "nation", "is no place of the level Nation"),
        ("Isles of Scilly", "programme_area", "Great South West"),
        ("Shetland Islands", "programme_area", "the level programme_area .programme area. does not cover it"),
        ("Leeds", "county", '"county" is not a level'),
        ("{{ 7*7 }}" * 100, "", "is no place"),
    ],
)
def test_an_unknown_place_names_the_nearest_or_what_does_not_cover_it(edition, text, level, words):
    with pytest.raises(InputError, match=words) as fault:
        find_place(edition, text, level)
    assert len(str(fault.value)) < 1_000


def test_every_region_is_found_by_its_ref_and_none_twice(edition):
    known = places(edition)
    assert not known.table["ref"].duplicated().any()
    assert len(known.table) == len(edition.tables["regions"])
    for ref in known.table["ref"].iloc[::37]:
        assert known.find(ref).ref == ref


@pytest.mark.parametrize("level", [name for name, level in LEVELS.items() if level.partition])
def test_places_of_a_level_make_up_the_country(edition, level):
    found = places(edition).of_level(level)
    country = places(edition).country
    codes = [code for place in found for code in place.weights]
    assert sorted(codes) == sorted(country.weights)
    assert sum(place.population for place in found) == country.population == 68_197_745
    assert overlaps(found[:40]) == []


def test_names_that_stand_for_several_places_need_a_code(edition):
    known = places(edition)
    rows = known.table.iloc[:2].assign(level="la")
    with pytest.raises(InputError, match="is the name of several places"):
        known._one(rows, "x")


def test_the_parent_is_the_next_larger_region(edition):
    known = places(edition)
    names = {
        "Salford": "Greater Manchester South West",
        "Cornwall": "Cornwall and Isles of Scilly",
        "TLD3": "North West (England)",
        "S92000003": "United Kingdom",
        "TLM": "United Kingdom",
    }
    assert {text: known.parent(known.find(text)).name for text in names} == names
    borderlands = known.find("programme_area:borderlands")
    assert known.parent(borderlands).ref == UK
    assert [nation.name for nation in known.nations(borderlands)] == ["England", "Scotland"]


def test_many_are_found_at_once_with_every_fault(edition):
    found = find_places(edition, ["Leeds", "E08000035", "UK"])
    assert [place.ref for place in found] == ["E08000035", UK]
    with pytest.raises(InputError, match=r"'Nowhere at all'.*; .*'Xyz'"):
        find_places(edition, ["Nowhere at all", "Leeds", "Xyz"])
    eleven = [place.ref for place in places(edition).of_level("la")[: MOST_PLACES + 1]]
    with pytest.raises(InputError, match="11 places are too many"):
        find_places(edition, eleven)


def test_codes_and_kinds_are_those_of_the_level(edition):
    assert find_place(edition, "UK").code == "K02000001"
    assert find_place(edition, "TLD33").code == "TLD33"
    assert find_place(edition, "greater-manchester").code == ""
    assert find_place(edition, "UK").kind == "Country"
    assert find_place(edition, "Rest of England").kind == "Rest of a nation"
    assert find_place(edition, "Greater Manchester").kind == "City region"
    assert in_a_sentence(find_place(edition, "Leeds").kind) == "local authority"
    assert find_place(edition, "E06000053").area_km2 < 30


def test_overlap_is_by_authorities_and_by_ground_where_these_are_cut():
    one, two = square("a", 0), square("b", 1_000)
    assert not overlap(one, two)
    both = square("both", 0, 2_000, {"a": 1.0, "b": 1.0})
    assert overlap(one, both)
    assert within(one, both)
    assert not within(both, one)
    left = square("left", 0, 500, {"a": 0.5}, cut=["a"])
    right = square("right", 500, 500, {"a": 0.5}, cut=["a"])
    assert not overlap(left, right)
    assert overlap(left, square("middle", 250, 500, {"a": 0.5}, cut=["a"]))
    assert overlap(left, one)
    assert overlaps([one, two, both]) == [(one, both), (two, both)]


def test_overlap_is_said_in_words(edition):
    find = places(edition).find
    assert overlap_words(find("Leeds"), find("TLE")) == "Leeds lies in Yorkshire and The Humber"
    assert overlap_words(find("TLE"), find("Leeds")) == "Leeds lies in Yorkshire and The Humber"
    same = overlap_words(find("Scotland"), find("TLM"))
    assert same == "Scotland (Nation) and Scotland (ITL1 region) are the same authorities"
    partly = overlap_words(find("programme_area:borderlands"), find("Scotland"))
    assert partly == "Borderlands Inclusive Growth Deal area and Scotland overlap in 2 authorities"


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60), level=st.sampled_from(["", *LEVELS]))
def test_any_text_is_a_place_or_refused_in_words(edition, text, level):
    with suppress(InputError):
        assert find_place(edition, text, level).weights


def test_an_area_within_an_authority_lies_in_the_region_of_that_authority(edition):
    whole = find_place(edition, "Manchester")
    shape = shapely.MultiPolygon([shapely.Point(384_500, 396_500).buffer(600)])
    area = area_place(edition, shape, "middle", "x:middle")
    assert area.weights.keys() == whole.weights.keys()
    assert places(edition).parent(area).ref == "TLD33"
    assert places(edition).parent(whole).ref == "TLD3"
