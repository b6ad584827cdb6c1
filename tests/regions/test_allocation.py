"""Allocation: every penny of every award lies in one place, or is said not to be placed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.errors import TableError
from data.tables import table
from edition.filters import ORDERS, YEARS, Filters, counted, projects_in
from edition.shares import benefiting, shares
from geo.boundaries import LEVELS
from regions.allocation import Allocation, allocate, net_pence
from regions.figures import level_figures
from regions.funding import funding
from tests.asked import CHOICES

if TYPE_CHECKING:
    from edition.edition import Edition

PARTITIONS = [name for name, level in LEVELS.items() if level.partition]
CODES = ["E07000001", "E07000002", "S12000003", "W06000004", "N09000005"]
NATIONS = ["England", "England", "Scotland", "Wales", "Northern Ireland"]
PLACES = pd.DataFrame(
    {"place_id": ["north", "north", "north", "pair", "pair"], "la_code": [*CODES[:3], CODES[0], CODES[4]]}
)
TARGETS = ["north", "pair", "nation:England", "nation:Scotland", *(f"la:{code}" for code in CODES)]


@st.composite
def authority_tables(draw: st.DrawFn) -> pd.DataFrame:
    people = draw(st.lists(st.integers(1, 9_000_000), min_size=len(CODES), max_size=len(CODES)))
    return pd.DataFrame({"gss_code": CODES, "nation": NATIONS, "population": [float(n) for n in people]})


MONEY = st.none() | st.integers(0, 10**13).map(lambda pence: pence / 100) | st.floats(0, 1e11)


@st.composite
def project_tables(draw: st.DrawFn, nest: bool = True) -> pd.DataFrame:
    """A few projects; each may be nested in one before it, so there is no circle."""
    size = draw(st.integers(0, 7))
    rows = []
    for number in range(size):
        above = draw(st.sampled_from(["", *(f"p{n}" for n in range(number))])) if nest else ""
        rows.append(
            {
                "project_id": f"p{number}",
                "nested_in": above,
                "award_gbp": draw(MONEY),
                "private_cofunding_gbp": draw(MONEY),
                "benefiting_places": ";".join(draw(st.lists(st.sampled_from(TARGETS), max_size=3))),
                "location_precision": draw(st.sampled_from(["postcode", "site", "campus", "town", "region"])),
                "la_code": draw(st.sampled_from(CODES)),
            }
        )
    frame = pd.DataFrame(rows, columns=list(SAMPLE.columns)).astype(SAMPLE.dtypes.to_dict())
    return frame.iloc[draw(st.permutations(range(size)))]


SAMPLE = pd.DataFrame(
    {
        "project_id": ["a"],
        "nested_in": [""],
        "award_gbp": [1.0],
        "private_cofunding_gbp": [1.0],
        "benefiting_places": [""],
        "location_precision": ["site"],
        "la_code": [CODES[0]],
    }
)


def projects_of(**columns: list[object]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    plain = pd.concat([SAMPLE] * size, ignore_index=True)
    return plain.assign(**{"project_id": [chr(97 + n) for n in range(size)], **columns})


def masks(draw: st.DrawFn, frame: pd.DataFrame) -> pd.Series:
    chosen = draw(st.lists(st.booleans(), min_size=len(frame), max_size=len(frame)))
    return pd.Series(chosen, index=frame.index, dtype=bool)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series]:
    frame = draw(project_tables())
    return frame, draw(authority_tables()), masks(draw, frame), masks(draw, frame)


@given(worlds())
@settings(deadline=None)
def test_placed_and_not_placed_are_the_totals_to_the_penny(world) -> None:
    projects, authorities, public, private = world
    split = shares(projects, PLACES, authorities)
    found = allocate(projects, split, public, private)
    assert (found.placed + found.not_placed).equals(found.totals)
    for money, chosen in (("public", public), ("private", private)):
        assert found.rows[money].dtype == "int64"
        assert (found.rows[money] >= 0).all()
        net = net_pence(projects, chosen, money).set_axis(projects["project_id"])
        assert found.totals[money] == net.sum()
        by_project = found.rows.groupby("project_id")[money].sum()
        assert by_project.equals(net[by_project.index].rename(money))
        without = net[~net.index.isin(by_project.index)]
        assert found.not_placed[money] == without.sum()


@given(worlds())
@settings(deadline=None)
def test_each_part_is_within_a_penny_of_its_share(world) -> None:
    projects, authorities, public, private = world
    split = shares(projects, PLACES, authorities)
    rows = allocate(projects, split, public, private).rows
    net = net_pence(projects, public, "public").set_axis(projects["project_id"])
    exact = rows["project_id"].map(net).astype(float) * rows["share"].astype(float)
    assert np.allclose(rows["public"].astype(float), exact, rtol=1e-12, atol=1.0)


@given(worlds())
@settings(deadline=None)
def test_shares_of_a_placed_project_sum_to_one(world) -> None:
    projects, authorities, _, _ = world
    split = shares(projects, PLACES, authorities)
    assert list(split.columns) == ["project_id", "la_code", "weight", "basis", "share"]
    assert not split.duplicated(["project_id", "la_code"]).any()
    assert np.allclose(split.groupby("project_id")["share"].sum().astype(float), 1)
    nowhere = (projects["benefiting_places"] == "") & (projects["location_precision"] == "region")
    assert set(split["project_id"]) == set(projects.loc[~nowhere, "project_id"])
    assert set(split["basis"]) <= {"site", "named area", "population"}


def outermost(projects: pd.DataFrame, chosen: pd.Series) -> list[str]:
    """Chosen projects that lie in no chosen one."""
    parent = projects.set_index("project_id")["nested_in"]
    inside = set(projects.loc[chosen, "project_id"])

    def free(project_id: str) -> bool:
        above = parent[project_id]
        while above and above not in inside:
            above = parent[above]
        return not above

    return [project_id for project_id in projects.loc[chosen, "project_id"] if free(project_id)]


def holds(projects: pd.DataFrame, pence: dict[str, int], project_id: str) -> int:
    """What a project holds: its own award, or what lies in it, whichever is more."""
    inner = projects.loc[projects["nested_in"] == project_id, "project_id"]
    return max(pence[project_id], sum(holds(projects, pence, name) for name in inner))


@given(worlds())
@settings(deadline=None)
def test_nested_awards_count_once(world) -> None:
    projects, _, chosen, _ = world
    net = net_pence(projects, chosen, "public")
    gross = (projects["award_gbp"].where(chosen).fillna(0) * 100).round().astype("int64")
    pence = dict(zip(projects["project_id"], gross, strict=True))
    roots = projects.loc[projects["nested_in"] == "", "project_id"]
    assert net.sum() == sum(holds(projects, pence, name) for name in roots)
    assert ((net >= 0) & (net <= gross)).all()


@given(worlds())
@settings(deadline=None)
def test_the_total_is_that_of_the_outermost_where_the_inner_fit(world) -> None:
    projects, _, chosen, _ = world
    chosen &= projects["award_gbp"].fillna(0) > 0
    net = net_pence(projects, chosen, "public").set_axis(projects["project_id"])
    gross = (projects["award_gbp"].where(chosen).fillna(0) * 100).round().set_axis(projects["project_id"])
    pence = {name: int(value) for name, value in gross.items()}
    fits = all(pence[name] >= holds(projects, pence, name) for name in projects.loc[chosen, "project_id"])
    assume(fits)
    assert net.sum() == sum(pence[name] for name in outermost(projects, chosen))


def test_a_chain_of_nesting_is_counted_once_and_where_it_is_spent() -> None:
    chain = projects_of(nested_in=["", "a", "b"], award_gbp=[100.0, 60.0, 20.0])
    every = pd.Series(data=True, index=chain.index)
    assert net_pence(chain, every, "public").tolist() == [4000, 4000, 2000]
    # Without the middle one, the innermost is taken from the outermost.
    middle_off = every & (chain["project_id"] != "b")
    assert net_pence(chain, middle_off, "public").tolist() == [8000, 0, 2000]
    assert net_pence(chain, every & (chain["project_id"] != "a"), "public").tolist() == [0, 4000, 2000]


def test_inner_awards_that_exceed_the_outer_take_its_place_all_the_way_up() -> None:
    chain = projects_of(nested_in=["", "a", "b"], award_gbp=[100.0, 10.0, 60.0])
    every = pd.Series(data=True, index=chain.index)
    assert net_pence(chain, every, "public").tolist() == [4000, 0, 6000]


@pytest.mark.parametrize("nested", [["a", "", ""], ["b", "a", ""], ["b", "c", "a"], ["", "c", "b"]])
def test_circles_are_refused_whatever_is_chosen(nested: list[str]) -> None:
    frame = projects_of(nested_in=nested)
    for chosen in itertools.product([True, False], repeat=3):
        with pytest.raises(TableError, match=r"project '[abc]' is nested in itself"):
            net_pence(frame, pd.Series(chosen), "public")


def test_a_projects_own_index_and_order_come_back() -> None:
    frame = projects_of(award_gbp=[1.0, float("nan"), 2.005]).set_axis([7, 3, 5])
    net = net_pence(frame, pd.Series(data=True, index=frame.index), "public")
    assert net.index.tolist() == [7, 3, 5]
    assert net.tolist() == [100, 0, 200]


def test_pence_are_shared_by_largest_remainder_and_then_by_code() -> None:
    authorities = pd.DataFrame({"gss_code": CODES, "nation": NATIONS, "population": [1.0] * 5})
    frame = projects_of(benefiting_places=["north"], award_gbp=[1.0])
    every = pd.Series([True])
    rows = allocate(frame, shares(frame, PLACES, authorities), every, every).rows
    assert rows.set_index("la_code")["public"].to_dict() == {CODES[0]: 34, CODES[1]: 33, CODES[2]: 33}


# --- Places


BY_PLACE = {"north": ["B", "A"], "pair": ["A", "C"]}


def test_places_nations_and_authorities_join_without_repeats() -> None:
    found = benefiting(" pair; north ;nation:Here; la:D;;", BY_PLACE, {"Here": ["E", "A"]}, set("ABCDE"))
    assert found == ["A", "B", "C", "D", "E"]
    assert benefiting("", BY_PLACE, {}, set()) == []


@pytest.mark.parametrize(
    "entry",
    ["south", "nation:north", "nation:", "la:Z", "la:", ":", "town:north", "a:b:c", "North", "{{7*7}}"],
)
def test_an_unknown_entry_is_quoted(entry: str) -> None:
    with pytest.raises(TableError) as caught:
        benefiting(f"north;{entry}", BY_PLACE, {"Here": ["A"]}, set("ABC"))
    assert f"benefiting place {entry!r} is unknown" in str(caught.value)
    assert "a place id, nation:NAME or la:GSS" in str(caught.value)


@pytest.mark.parametrize("target", ["", "odd"])
def test_money_never_goes_to_an_authority_that_is_not_in_the_table(target: str) -> None:
    authorities = pd.DataFrame({"gss_code": CODES, "nation": NATIONS, "population": [1.0] * 5})
    places = pd.DataFrame({"place_id": ["odd", "odd"], "la_code": ["E99999999", CODES[0]]})
    frame = projects_of(benefiting_places=[target], la_code=["E99999999"])
    with pytest.raises(TableError, match="project 'a' lies in 'E99999999'"):
        shares(frame, places, authorities)


def test_no_projects_have_no_shares_and_no_money() -> None:
    authorities = pd.DataFrame({"gss_code": CODES, "nation": NATIONS, "population": [1.0] * 5})
    none = SAMPLE.iloc[:0]
    split = shares(none, PLACES, authorities)
    found = allocate(none, split, pd.Series(dtype=bool), pd.Series(dtype=bool))
    assert found.totals.tolist() == found.placed.tolist() == [0, 0]
    assert split.empty


# --- The shipped tables


@pytest.fixture(scope="module")
def shipped() -> tuple[pd.DataFrame, pd.DataFrame]:
    projects = table("projects")
    purpose = table("programmes").set_index("programme_id")["purpose"]
    year = pd.to_numeric(projects["start"].str[:4].where(projects["start"] != "")).astype(float)
    projects = projects.assign(purpose=projects["programme_id"].map(purpose), year=year)
    return projects, shares(projects, table("places"), table("local_authorities"))


FILTERS = [
    Filters(),
    Filters(growth=True, kinds=("at least", "up to", "envelope", "project value")),
    Filters(kinds=()),
    Filters(sector=("life-sciences", "defence")),
    Filters(technology=("quantum",), year_from=2020),
    Filters(programme=("SIPF-W1", "SIPF-W2")),
    Filters(year_from=2024, year_to=2026, growth=True),
]


def allocated(shipped: tuple[pd.DataFrame, pd.DataFrame], filters: Filters) -> tuple[Allocation, pd.Series]:
    projects, split = shipped
    chosen = projects_in(projects, filters)
    found = allocate(projects, split, chosen & counted(projects, filters), chosen)
    return found, pd.Series(chosen.to_numpy(), index=projects["project_id"])


@pytest.mark.parametrize(
    "filters", FILTERS, ids=lambda filters: str(filters.model_dump(exclude_defaults=True))
)
def test_regions_and_not_placed_are_the_total_at_every_level(edition, filters: Filters) -> None:
    assert set(PARTITIONS) == {"la", "itl3", "itl2", "itl1", "nation", "city_region"}
    for level in PARTITIONS:
        assert reconciles(edition, filters, level)


def reconciles(edition: Edition, filters: Filters, level: str) -> bool:
    found = funding(edition, filters).allocation
    rows = level_figures(edition, filters, level, ("money",))
    both = ("public", "private")
    pence = {money: (rows[f"{money}_gbp"] * 100).round().astype("int64").sum() for money in both}
    return all(pence[money] + found.not_placed[money] == found.totals[money] for money in both)


ANY_FILTER = st.builds(
    lambda years, **fields: Filters(year_from=years[0], year_to=years[1], **fields),
    years=st.tuples(st.integers(*YEARS), st.integers(*YEARS)).map(sorted),
    sector=st.lists(st.sampled_from([*CHOICES["sector"]]), max_size=3),
    kinds=st.lists(st.sampled_from(ORDERS["kinds"]), max_size=4),
    growth=st.booleans(),
)


@given(ANY_FILTER, st.sampled_from(PARTITIONS))
@settings(max_examples=25, deadline=None)
def test_any_filter_reconciles_at_any_level(edition, filters: Filters, level: str) -> None:
    assert reconciles(edition, filters, level)


def test_only_projects_without_a_place_are_not_placed(shipped) -> None:
    projects, split = shipped
    nowhere = set(projects["project_id"]) - set(split["project_id"])
    assert nowhere == {"fp-thames", "fp-east-midlands", "fp-plymouth"}


def test_the_waves_of_strength_in_places_add_up(shipped) -> None:
    found, _ = allocated(shipped, Filters(programme=("SIPF-W1", "SIPF-W2")))
    assert found.totals["public"] == round((185.5e6 + 126.77e6) * 100)
    assert found.not_placed["public"] == 0


def test_digital_dairy_lies_in_two_nations_by_population(shipped) -> None:
    found, _ = allocated(shipped, Filters())
    nation = table("local_authorities").set_index("gss_code")["nation"]
    rows = found.rows.query("project_id == 'sipf2-digital-dairy'")
    by_nation = rows.groupby(rows["la_code"].map(nation))["public"].sum()
    assert set(by_nation.index) == {"England", "Scotland"}
    assert (by_nation > 0).all()
    assert by_nation.sum() == 21.3e6 * 100
    assert set(rows["basis"]) == {"population"}


def test_nested_awards_of_the_shipped_tables_count_once(shipped) -> None:
    projects, _ = shipped
    every = projects["award_gbp"].notna()
    nested = projects.loc[every & (projects["nested_in"] != ""), "award_gbp"].sum()
    assert nested > 0
    total = net_pence(projects, every, "public").sum()
    assert total == round((projects["award_gbp"].sum() - nested) * 100)
