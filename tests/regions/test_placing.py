"""Both rules of placing lose no penny, and what differs between them adds up to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.tables import table
from edition.filters import CLUSTER_TYPES, ORDERS, YEARS, Filters
from edition.shares import ESTIMATED, lead_shares
from geo.boundaries import LEVELS, membership
from regions.allocation import Allocation, allocate
from regions.funding import SHARES, funding, moved
from tests.asked import CHOICES

if TYPE_CHECKING:
    from tests.regions.books import Books

PARTITIONS = [name for name, level in LEVELS.items() if level.partition]
RULES = list(SHARES)
CODES = ["E07000001", "E07000002", "S12000003"]
PEOPLE = ["Ash", "Birch", "Cedar", "Elm"]


@pytest.fixture(scope="module")
def members() -> pd.DataFrame:
    return membership()


# --- Any little table


@st.composite
def leads(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Projects with none to four leads and a few partners; some organisations have no address."""
    rows = [
        (f"p{number}", name, role)
        for number in range(draw(st.integers(0, 5)))
        for name in draw(st.lists(st.sampled_from(PEOPLE), unique=True))
        for role in [draw(st.sampled_from(["lead", "lead", "partner"]))]
    ]
    people = pd.DataFrame(rows, columns=["project_id", "organisation", "role"]).astype(str)
    named = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
    codes = [draw(st.sampled_from(CODES)) for _ in named]
    return people, pd.DataFrame({"organisation": named, "la_code": codes}).astype(str)


@given(leads(), st.data())
@settings(deadline=None)
def test_leads_share_equally_and_nothing_is_lost(world, data) -> None:
    people, addresses = world
    split = lead_shares(people, addresses)
    assert list(split.columns) == ["project_id", "la_code", "weight", "basis", "share"]
    assert not split.duplicated(["project_id", "la_code"]).any()
    award = st.integers(0, 10**13).map(lambda pence: pence / 100)
    ids = [f"p{number}" for number in range(5)]
    projects = pd.DataFrame(
        {
            "project_id": ids,
            "nested_in": "",
            "award_gbp": [data.draw(award) for _ in ids],
            "private_cofunding_gbp": [data.draw(award) for _ in ids],
        }
    )
    every = pd.Series(data=True, index=projects.index)
    found = allocate(projects, split, every, every)
    for money, column in (("public", "award_gbp"), ("private", "private_cofunding_gbp")):
        pence = (projects.set_index("project_id")[column] * 100).round().astype("int64")
        assert found.totals[money] == pence.sum()
        placed = found.rows.groupby("project_id")[money].sum()
        assert placed.equals(pence[placed.index].rename(money))
        assert found.not_placed[money] == pence.drop(placed.index).sum()


@given(leads())
@settings(deadline=None)
def test_a_project_is_placed_by_its_leads_if_the_address_of_each_is_known(world) -> None:
    people, addresses = world
    split = lead_shares(people, addresses).set_index(["project_id", "la_code"])
    address = dict(zip(addresses["organisation"], addresses["la_code"], strict=True))
    led = people[people["role"] == "lead"]
    for project_id, names in led.groupby("project_id")["organisation"]:
        codes = [address.get(name) for name in names]
        if None in codes:
            assert project_id not in split.index
            continue
        rows = split.loc[project_id]
        assert rows["weight"].to_dict() == {code: codes.count(code) for code in set(codes)}
        assert np.allclose(rows["share"], rows["weight"] / len(codes))
        assert set(rows["basis"]) == {"lead's address" if len(rows) == 1 else "equal split"}
    assert set(split.index.get_level_values(0)) <= set(led["project_id"])


def test_three_leads_take_a_pound_in_whole_pence() -> None:
    people = pd.DataFrame({"project_id": "a", "organisation": PEOPLE[:3], "role": "lead"})
    addresses = pd.DataFrame({"organisation": PEOPLE[:3], "la_code": CODES})
    award = pd.DataFrame(
        {"project_id": ["a"], "nested_in": [""], "award_gbp": [1.0], "private_cofunding_gbp": [0.0]}
    )
    every = pd.Series([True])
    rows = allocate(award, lead_shares(people, addresses), every, every).rows
    assert rows.set_index("la_code")["public"].to_dict() == {CODES[0]: 34, CODES[1]: 33, CODES[2]: 33}
    assert set(rows["basis"]) <= ESTIMATED


# --- Any filter, at every level, by both rules


def by_rule(books: Books, filters: Filters, rule: str) -> Allocation:
    return funding(books, filters.model_copy(update={"placed": rule})).allocation


def some(name: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([*CHOICES[name]]), max_size=3)


ANY_FILTER = st.builds(
    lambda years, **fields: Filters(year_from=years[0], year_to=years[1], **fields),
    years=st.just(YEARS) | st.tuples(st.integers(*YEARS), st.integers(*YEARS)).map(sorted),
    sector=some("sector"),
    technology=st.just([]) | some("technology"),
    programme=st.just([]) | some("programme"),
    type=st.lists(st.sampled_from(CLUSTER_TYPES), max_size=2),
    family=st.sampled_from(["sector", "technology", "both"]),
    kinds=st.lists(st.sampled_from([*ORDERS["kinds"], "none"]), max_size=4),
    growth=st.booleans(),
    placed=st.sampled_from(RULES),
)


def test_every_field_of_the_filters_is_drawn() -> None:
    drawn = {"sector", "technology", "programme", "type", "family", "kinds", "growth", "placed"}
    assert drawn | {"year_from", "year_to"} == set(Filters.model_fields)


def outermost(projects: pd.DataFrame, counted: pd.Series) -> int:
    """The sum of awards counted, each nested one within what holds it, reckoned anew."""
    pence = (projects["award_gbp"].where(counted).fillna(0) * 100).round().astype("int64")
    own = dict(zip(projects["project_id"], pence, strict=True))
    inner: dict[str, list[str]] = {}
    for project_id, above in zip(projects["project_id"], projects["nested_in"], strict=True):
        inner.setdefault(above, []).append(project_id)

    def holds(project_id: str) -> int:
        return max(own[project_id], sum(map(holds, inner.get(project_id, []))))

    return sum(map(holds, inner[""]))


@given(ANY_FILTER)
@settings(max_examples=60, deadline=None)
def test_regions_and_not_placed_are_the_awards_at_every_level(books, members, filters: Filters) -> None:
    money = funding(books, filters)
    found = money.allocation
    projects = books.tables["projects"]
    counts = projects["project_id"].isin(money.projects.loc[money.projects["counts"], "project_id"])
    assert found.totals["public"] == outermost(projects, counts)
    for level in PARTITIONS:
        held = found.rows.merge(members[members["level"] == level], on="la_code")
        assert len(held) == len(found.rows)
        for name in ("public", "private"):
            by_region = held.groupby("region_id")[name].sum()
            assert by_region.dtype == "int64"
            assert by_region.sum() + found.not_placed[name] == found.totals[name]
            assert found.not_placed[name] >= 0
            assert (by_region >= 0).all()


@given(ANY_FILTER)
@settings(max_examples=60, deadline=None)
def test_what_moves_adds_up_to_nothing_at_every_level(books, members, filters: Filters) -> None:
    found = moved(books, filters)
    assert found.rows["pence"].dtype == "int64"
    assert (found.rows.groupby("project_id")["pence"].sum() == 0).all()
    delivered, led = (by_rule(books, filters, rule) for rule in RULES)
    assert found.total == delivered.totals["public"] == led.totals["public"]
    assert found.both + found.only_delivery == delivered.placed["public"]
    assert found.both + found.only_lead == led.placed["public"]
    assert 0 <= found.pence <= found.both
    for level in PARTITIONS:
        of_level = members[members["level"] == level]
        assert found.by_region(of_level).sum() == 0


@given(ANY_FILTER, st.sampled_from(PARTITIONS))
@settings(max_examples=40, deadline=None)
def test_a_region_differs_by_what_the_rules_give_it(books, members, filters: Filters, level: str) -> None:
    of_level = members[members["level"] == level]
    found = moved(books, filters)
    both = set(books.tables["shares"]["project_id"]) & set(books.tables["lead_shares"]["project_id"])
    sums = []
    for rule in RULES:
        rows = by_rule(books, filters, rule).rows
        rows = rows[rows["project_id"].isin(both)].merge(of_level, on="la_code")
        sums.append(
            rows.groupby("region_id")["public"].sum().reindex(of_level["region_id"].unique()).fillna(0)
        )
    apart = (sums[0] - sums[1]).astype("int64")
    told = found.by_region(of_level).reindex(apart.index).fillna(0).astype("int64")
    assert told.equals(apart.rename("pence"))


def test_the_rule_is_remembered_and_differs(books) -> None:
    delivered, led = (funding(books, Filters(placed=rule)) for rule in RULES)
    assert delivered is not led
    assert funding(books, Filters(placed="lead")) is led
    assert set(led.allocation.rows["basis"]) == {"lead's address", "equal split"}
    assert not set(delivered.allocation.rows["basis"]) & set(led.allocation.rows["basis"])
    assert delivered.allocation.totals.equals(led.allocation.totals)
    assert moved(books, Filters(placed="lead")) is moved(books, Filters())


# --- Facts


def earmarked(books: Books, rule: str) -> pd.Series:
    rows = funding(books, Filters(placed=rule)).allocation.rows
    return rows[rows["project_id"].str.startswith("lipf-")].groupby("project_id")["public"].sum()


# Nobody is named as the lead in Northern Ireland, and the address of the lead of Cardiff's is not certain.
@pytest.mark.parametrize(("rule", "others"), [("delivery", 7), ("lead", 5)])
def test_three_places_have_fifty_millions_and_seven_at_least_thirty(books, rule: str, others: int) -> None:
    by_place = earmarked(books, rule)
    parts = table("projects").query("nested_in.str.startswith('lipf-')")
    held = parts.groupby("nested_in")["project_id"].agg(list)
    whole = {
        name: by_place[name] + sum(by_place.get(part, 0) for part in held.get(name, []))
        for name in by_place.index
        if name not in set(parts["project_id"])
    }
    fifty = {name for name, pence in whole.items() if pence == 50e6 * 100}
    assert fifty == {"lipf-gm", "lipf-wm", "lipf-gcr"}
    assert sum(pence >= 30e6 * 100 for name, pence in whole.items() if name not in fifty) == others


@pytest.mark.parametrize(("place", "fund"), [("greater-manchester", "lipf-gm"), ("west-midlands", "lipf-wm")])
def test_a_fund_lies_in_its_combined_authority_by_place_of_delivery(books, members, place, fund) -> None:
    rows = funding(books, Filters()).allocation.rows
    held = rows[rows["project_id"] == fund].merge(members[members["level"] == "city_region"], on="la_code")
    assert held["region_id"].str.contains(place).all()
    led = funding(books, Filters(placed="lead")).allocation.rows
    assert len(led[led["project_id"] == fund]) == 1


@pytest.mark.parametrize(("rule", "nations"), [("delivery", {"England", "Scotland"}), ("lead", {"Scotland"})])
def test_digital_dairy_lies_in_two_nations_and_is_led_from_one(books, rule: str, nations: set[str]) -> None:
    nation = table("local_authorities").set_index("gss_code")["nation"]
    rows = funding(books, Filters(placed=rule)).allocation.rows
    rows = rows[rows["project_id"] == "sipf2-digital-dairy"]
    assert rows["public"].sum() == 21.3e6 * 100
    assert set(rows["la_code"].map(nation)) == nations
    assert set(rows["basis"]) == {"population" if rule == "delivery" else "lead's address"}


@pytest.mark.parametrize(("region", "councils"), [("glasgow-city-region", 8), ("cardiff-capital-region", 10)])
@pytest.mark.parametrize("level", ["city_region", "programme_area"])
def test_city_regions_have_their_councils(members, level: str, region: str, councils: int) -> None:
    rows = members[(members["level"] == level) & (members["region_id"] == region)]
    assert rows["la_code"].nunique() == len(rows) == councils


def test_leads_without_an_address_are_said_and_their_awards_not_placed(books) -> None:
    people = table("participants").query("role == 'lead'")
    unknown = set(people["organisation"]) - set(table("organisations")["organisation"])
    assert len(unknown) == 8
    theirs = set(people.loc[people["organisation"].isin(unknown), "project_id"])
    unnamed = set(books.tables["projects"]["project_id"]) - set(people["project_id"])
    placed = set(books.tables["lead_shares"]["project_id"])
    assert set(books.tables["projects"]["project_id"]) - placed == theirs | unnamed


def test_what_the_rules_place_of_the_shipped_awards(books) -> None:
    found = moved(books, Filters())
    pounds = {name: getattr(found, name) / 100 for name in ("both", "only_delivery", "only_lead", "neither")}
    assert pounds == {"both": 2_863_100_000, "only_delivery": 199_150_000, "only_lead": 0, "neither": 0}
    assert found.pence == 113_803_622_876
