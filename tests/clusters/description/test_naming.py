import doctest

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.description import naming
from clusters.description.naming import cluster_ids, distinct_places, place_candidates, slug, title


def members(*rows):
    return pd.DataFrame(rows, columns=["site", "town", "la_code", "la_name"])


def test_a_shared_campus_names_the_place():
    park = ("Block 3, Alderley Park", "Nether Alderley", "E06000049", "Cheshire East")
    lone = ("1 High Street", "Wilmslow", "E06000049", "Cheshire East")
    assert place_candidates(members(park, park, lone, lone, lone))[0] == "Alderley Park"
    assert place_candidates(members(park, lone, lone, lone))[0] == "Wilmslow"


def test_a_campus_called_after_its_town_is_called_by_it():
    row = ("Babraham Research Campus", "Babraham", "E07000012", "South Cambridgeshire")
    assert place_candidates(members(row))[0] == "Babraham"
    kept = ("Cambridge Science Park", "Cambridge", "E07000008", "Cambridge")
    assert place_candidates(members(kept))[0] == "Cambridge Science Park"


def test_unit_numbers_do_not_part_a_campus():
    rows = [
        (site, "Cambridge", "E07000008", "Cambridge")
        for site in ("332 Cambridge Science Park", "Unit 4 Cambridge Science Park")
    ]
    assert place_candidates(members(*rows))[0] == "Cambridge Science Park"


def test_london_is_named_by_its_boroughs():
    camden, islington, city = (
        ("", "London", code, name)
        for code, name in (
            ("E09000007", "Camden"),
            ("E09000019", "Islington"),
            ("E09000001", "City of London"),
        )
    )
    assert place_candidates(members(camden, camden, islington))[0] == "Camden, London"
    assert place_candidates(members(city, city, islington))[0] == "City of London"
    hackney, brent = ("", "London", "E09000012", "Hackney"), ("", "London", "E09000005", "Brent")
    spread = members(camden, camden, islington, islington, hackney, brent)
    assert place_candidates(spread)[0] == "Camden and Islington, London"


def test_a_place_without_any_address_still_has_a_name():
    assert place_candidates(members(("", "", "", ""))) == ["unnamed place"]


@given(
    st.lists(
        st.lists(st.sampled_from(["Leeds", "York", "York (North)", "Hull"]), min_size=1, max_size=3),
        max_size=12,
    )
)
def test_places_are_distinct_and_the_first_keeps_its_best(candidates):
    chosen = distinct_places(candidates)
    assert len({slug(name) for name in chosen}) == len(candidates)
    if candidates:
        assert chosen[0] == candidates[0][0]


@given(st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=20))
def test_ids_are_unique_and_fit_for_an_address(pairs):
    ids = cluster_ids([label for label, _ in pairs], [place for _, place in pairs])
    assert len(set(ids)) == len(pairs)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in ids)


@pytest.mark.parametrize(
    ("label", "shown"),
    [("life sciences", "Life sciences"), ("software (games)", "Software (games)"), ("(odd)", "(odd)")],
)
def test_labels_open_a_name(label, shown):
    assert title(label) == shown


def test_a_slug_is_readable():
    assert slug("St John's Innovation Centre, Café") == "st-johns-innovation-centre-cafe"


def test_examples_of_the_documentation_hold():
    assert doctest.testmod(naming) == (0, 2)
