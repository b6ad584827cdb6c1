"""Places side by side: what they are held against, how the money adds up, which is highest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from edition.filters import Filters
from regions.comparison import BREAKDOWNS, UNDATED, compare
from regions.measures import MEASURES
from regions.places import find_place, find_places, places

CITIES = ("greater-manchester", "west-midlands", "glasgow-city-region")


def comparison(edition, names, against=("uk", "nation", "parent"), **filters):
    return compare(edition, Filters(**filters), find_places(edition, names), against)


def test_places_are_held_against_their_nations_and_the_country(edition):
    found = comparison(edition, ["Leeds", "Glasgow City"], ("uk", "nation"))
    assert [place.name for place in found.against] == ["England", "Scotland", "United Kingdom"]
    assert [place.name for place in comparison(edition, ["Leeds"], ("parent",)).against] == ["West Yorkshire"]
    assert comparison(edition, ["Leeds"], ()).against == ()
    # Wales is a nation and an ITL1 region: once is enough; and none is held against itself.
    welsh = comparison(edition, ["Cardiff", "TLL"])
    names = [place.name for place in welsh.against]
    assert "Wales" not in names
    assert names[-1] == "United Kingdom"


def test_one_to_ten_places_are_compared(edition):
    with pytest.raises(InputError, match="0 places cannot be compared; choose 1 to 10"):
        compare(edition, Filters(), [])
    many = places(edition).of_level("la")[:11]
    with pytest.raises(InputError, match="11 places cannot be compared"):
        compare(edition, Filters(), many)


def test_the_partnerships_fund_gives_three_regions_fifty_million(edition):
    found = comparison(edition, CITIES, programme=("LIPF-EAR",))
    refs = [place.ref for place in found.places]
    assert found.figures.loc[refs, "public_gbp"].tolist() == [50e6] * 3
    others = [
        *("south-yorkshire", "west-yorkshire", "liverpool-city-region", "north-east", "greater-london"),
        *("cardiff-capital-region", "Northern Ireland"),
    ]
    rest = comparison(edition, others, programme=("LIPF-EAR",))
    assert (rest.figures.loc[[place.ref for place in rest.places], "public_gbp"] >= 30e6).all()
    assert found.sums.awards == 150e6 + 7 * 30e6
    assert found.sums.elsewhere == pytest.approx(7 * 30e6)


def test_city_regions_have_the_councils_they_should(edition):
    assert len(find_place(edition, "Glasgow City Region").weights) == 8
    assert len(find_place(edition, "Cardiff Capital Region").weights) == 10


def test_digital_dairy_is_split_over_two_nations(edition):
    found = comparison(edition, ["England", "Scotland"], programme=("SIPF-W2",))
    rows = found.money_by("programme")
    project = edition.tables["projects"].set_index("project_id").loc["sipf2-digital-dairy"]
    from regions.figures import money_rows

    money = money_rows(edition, found.filters, found.places)
    dairy = money[money["project_id"] == "sipf2-digital-dairy"].groupby("ref")["public"].sum()
    assert (dairy > 0).tolist() == [True, True]
    assert dairy.sum() == project["award_gbp"] * 100
    assert len(rows)


def test_overlapping_places_are_said_and_not_added(edition):
    found = comparison(edition, ["Manchester", "Greater Manchester", "Leeds"])
    assert found.overlaps == ["Manchester lies in Greater Manchester"]
    assert found.sums is None


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_places_elsewhere_and_not_placed_are_all_awards(edition, data):
    level = data.draw(st.sampled_from(["la", "itl3", "itl2", "itl1", "city_region", "nation"]))
    of_level = places(edition).of_level(level)
    chosen = data.draw(
        st.lists(st.sampled_from(of_level), min_size=1, max_size=min(10, len(of_level)), unique=True)
    )
    filters = data.draw(
        st.builds(
            Filters,
            placed=st.sampled_from(["delivery", "lead"]),
            growth=st.booleans(),
            kinds=st.sampled_from([(), ("at least",), ("at least", "up to", "envelope", "project value")]),
            year_from=st.integers(2010, 2020),
            sector=st.sampled_from([(), ("life-sciences",), ("defence", "agri-food")]),
        )
    )
    found = compare(edition, filters, chosen, ("uk",))
    sums = found.sums
    assert round(100 * (sums.places + sums.elsewhere + sums.not_placed)) == round(100 * sums.awards)
    refs = [place.ref for place in chosen]
    assert round(100 * found.figures.loc[refs, "public_gbp"].sum()) == round(100 * sums.places)
    for key in BREAKDOWNS:
        rows = found.money_by(key)
        by_ref = rows.groupby("ref")["public_gbp"].sum().reindex(found.figures.index, fill_value=0)
        assert (100 * by_ref).round().tolist() == (100 * found.figures["public_gbp"]).round().tolist()


def test_undated_awards_stand_apart(edition):
    rows = comparison(edition, ["UK"], ()).money_by("year")
    years = set(rows["key"])
    assert UNDATED in years
    assert all(year == UNDATED or 2010 <= int(year) <= 2030 for year in years)


def test_the_highest_and_the_lowest_are_single_and_known(edition):
    sql = "SELECT la_code, count(*) AS firms FROM firms GROUP BY la_code ORDER BY la_code"
    number = edition.store.query(sql)
    few = number.loc[number["firms"] < edition.about.scan.min_firms, "la_code"].iloc[0]
    found = comparison(edition, ["Cambridge", "Leeds", few])
    firms = MEASURES["firms"]
    values = found.figures["firms"]
    assert found.extremes(firms)[0] == values[[place.ref for place in found.places]].idxmax()
    # Few firms make no share; money that none was found of is not known to be little.
    assert found.is_few(MEASURES["clustered-share"])[few]
    assert few not in found.extremes(MEASURES["clustered-share"])
    none = comparison(edition, ["Cardiff", "Birmingham", "Leeds"])
    assert none.figures.loc["E08000035", "private_gbp"] == 0
    assert none.extremes(MEASURES["private"]) == ("W06000015", "")
    assert comparison(edition, ["Leeds"]).extremes(firms) == ("", "")
    nothing = comparison(edition, ["Leeds", "Cambridge"], year_from=2010, year_to=2010)
    assert nothing.extremes(MEASURES["total"]) == ("", "")


def test_sectors_of_projects_have_titles_beside_firms_of_ones_own(own_edition):
    found = compare(own_edition, Filters(), [find_place(own_edition, "UK")], ())
    assert "Clean energy industries" in set(found.money_by("sector")["key"])
    assert not set(found.money_by("sector")["key"]) & set(own_edition.tables["projects"]["is8"])
