"""Filters: what is asked for is what takes part, and equal choices are equal."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from data.errors import nearest
from data.schemas import AWARD_KINDS
from data.tables import table
from edition.filters import (
    CLUSTER_TYPES,
    DEFAULT_KINDS,
    ORDERS,
    YEARS,
    Filters,
    counted,
    in_order,
    projects_in,
)
from tests.asked import CHOICES

KINDS = (*ORDERS["kinds"], "none")


def shipped() -> pd.DataFrame:
    purpose = table("programmes").set_index("programme_id")["purpose"]
    projects = table("projects")
    year = pd.to_numeric(projects["start"].str[:4].where(projects["start"] != "")).astype(float)
    return projects.assign(purpose=projects["programme_id"].map(purpose), year=year)


@given(st.lists(st.sampled_from(KINDS), max_size=4))
def test_order_and_repetition_mean_nothing(kinds: list[str]) -> None:
    one, other = Filters(kinds=tuple(kinds)), Filters(kinds=tuple(reversed([*kinds[:1], *kinds][:4])))
    plain = set(kinds) - {"none"}
    assert set(one.kinds) == plain
    if set(other.kinds) == plain:
        assert one == other
        assert hash(one) == hash(other)


def test_none_and_nothing_are_the_same() -> None:
    assert Filters(kinds=("none",)) == Filters(kinds=())
    assert Filters(kinds=("none", "up to")) == Filters(kinds=("up to",))
    assert Filters(kinds=()) != Filters()


def test_defaults_are_in_order_so_that_a_default_given_is_a_default() -> None:
    assert Filters(kinds=tuple(reversed(DEFAULT_KINDS))) == Filters()
    assert in_order(DEFAULT_KINDS, ORDERS["kinds"]) == DEFAULT_KINDS
    assert set(ORDERS["kinds"]) == set(AWARD_KINDS) - {"award"}
    assert set(ORDERS["type"]) == set(CLUSTER_TYPES)


@pytest.mark.parametrize(
    ("field", "value", "near"),
    [
        ("sector", "life-science", "life-sciences"),
        ("sector", "Life-Sciences", "life-sciences"),
        ("technology", "quantm", "quantum"),
        ("programme", "sipf-w1", "SIPF-W1"),
        ("programme", "LIPF-EARMARKED", "LIPF-EAR"),
    ],
)
def test_an_unknown_id_is_quoted_with_the_nearest(field: str, value: str, near: str) -> None:
    with pytest.raises(ValidationError, match=rf"'{value}' is no {field}; did you mean .*{near}"):
        Filters.model_validate({field: [value]}, context=CHOICES)


def test_what_is_near_nothing_gets_a_list_of_what_there_is() -> None:
    assert nearest("zzz", ["one", "two"]) == "known are one, two"
    assert nearest("zzz", [f"name{n}" for n in range(30)]).endswith("name11 ...")
    assert nearest("\x00" * 10_000, ["one"]) == "known are one"


def test_what_has_a_title_is_told_by_it_with_the_id_to_type() -> None:
    names = {"ai": "Artificial intelligence", "steel": "steel", "b": "Glass (b)"}
    assert nearest("artificial inteligence", names) == "did you mean Artificial intelligence (ai)?"
    assert nearest("AI", names) == "did you mean Artificial intelligence (ai)?"
    assert nearest("zzzzzzzz", names) == "known are Artificial intelligence (ai), steel, Glass (b)"
    many = {f"id{n}": f"Title {n}" for n in range(30)}
    assert nearest("zzzzzzzz", many).endswith("Title 7 (id7) ...")


def test_years_out_of_order_are_quoted() -> None:
    with pytest.raises(ValidationError, match="year_from 2020 is after year_to 2015"):
        Filters(year_from=2020, year_to=2015)


def test_without_filters_only_regional_growth_is_left_out() -> None:
    projects = shipped()
    assert projects_in(projects, Filters()).equals(projects["purpose"] == "research and innovation")
    assert projects_in(projects, Filters(growth=True)).all()


def test_a_programme_asked_for_by_name_takes_part_whatever_its_purpose() -> None:
    projects = shipped()
    growth = projects.loc[projects["purpose"] == "regional growth", "programme_id"].iloc[0]
    chosen = projects_in(projects, Filters(programme=(growth,)))
    assert set(projects.loc[chosen, "programme_id"]) == {growth}


def test_undated_projects_take_part_only_while_every_year_does() -> None:
    projects = shipped()
    projects.loc[projects.index[0], "year"] = float("nan")
    assert projects_in(projects, Filters())[projects.index[0]]
    assert not projects_in(projects, Filters(year_from=YEARS[0] + 1))[projects.index[0]]


@settings(max_examples=40, deadline=None)
@given(
    sector=st.lists(st.sampled_from([*CHOICES["sector"]]), max_size=3),
    technology=st.lists(st.sampled_from([*CHOICES["technology"]]), max_size=3),
    years=st.tuples(st.integers(*YEARS), st.integers(*YEARS)).map(sorted),
    kinds=st.lists(st.sampled_from(KINDS), max_size=4),
)
def test_a_filter_keeps_exactly_what_it_says(sector, technology, years, kinds) -> None:
    projects = shipped()
    filters = Filters(sector=sector, technology=technology, year_from=years[0], year_to=years[1], kinds=kinds)
    chosen, counts = projects_in(projects, filters), counted(projects, filters)
    assert chosen.index.equals(projects.index)
    for row, taken, adds in zip(projects.itertuples(), chosen, counts, strict=True):
        wanted = (
            row.purpose == "research and innovation"
            and (not sector or row.is8 in sector)
            and (not technology or bool(set(technology) & set(row.technologies)))
            and (tuple(years) == YEARS or years[0] <= row.year <= years[1])
        )
        assert taken == wanted
        assert adds == (row.award_gbp == row.award_gbp and row.award_kind in {"award", *kinds})
