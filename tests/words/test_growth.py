"""Employment and births in words: against what is expected, what is an estimate, and when nothing is said."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from clusters.description.growth import BANDS, BASIS, EMPLOYEES, GROWTH
from words.growth import BIRTHS, EMPLOYMENT, SIZE, beside_words, growth_facts, growth_meanings

KNOWN = {
    BASIS: EMPLOYEES,
    "employment_known": 20.0,
    "employment": 1_268.0,
    "employment_expected": 900.4,
    "size_ratio": 1.31,
    "employment_p": 0.001,
    "employment_q": 0.012,
    "employment_lq": 2.04,
    "largest_employer": 0.6,
    "births_from": 2012.0,
    "births_to": 2026.0,
    "births_dated": 22.0,
    "births": 15.0,
    "births_expected": 9.02,
    "births_p": 0.0002,
    "births_q": 0.004,
    "area_dated": 60.0,
    "area_births": 20.0,
    "area_births_expected": 24.6,
    "area_births_p": 0.31,
}


def row(**changes):
    unknown = dict.fromkeys(GROWTH, np.nan) | {BASIS: ""}
    return SimpleNamespace(firms=22, **(unknown | KNOWN | changes))


def test_what_is_there_is_held_against_what_is_expected():
    assert growth_facts(row()) == {
        EMPLOYMENT: "1,268 employees in 20 firms of known size, 900 expected; 60% at the largest",
        SIZE: "larger than the label's elsewhere (1.31 of what is expected); q 0.012",
        BIRTHS: "more young firms than the label's elsewhere (15 of 22 where 9.0 are expected); q 0.004",
    }
    assert beside_words(row()) == [
        "1,268 employees in 20 firms",
        "more young firms than the label's elsewhere (15 of 22 where 9.0 are expected)",
    ]


def test_estimates_are_said_to_be_such_and_are_not_exact():
    told = row(**{BASIS: BANDS, "employment_known": 22.0})
    assert growth_facts(told)[EMPLOYMENT] == (
        "about 1,300 employees (estimated from size bands), about 900 expected; 60% at the largest"
    )
    assert beside_words(told)[0] == "about 1,300 employees (estimated)"
    assert "an estimate" in growth_meanings(told)[EMPLOYMENT]
    assert "an estimate" not in growth_meanings(row())[EMPLOYMENT]


def test_a_difference_that_may_be_chance_is_none():
    told = row(employment_p=0.03, employment_q=0.08, births_p=0.04, births_q=0.0501)
    assert growth_facts(told)[SIZE] == (
        "1.31 of what is expected; the difference may be chance (p 0.030, q 0.080)"
    )
    assert growth_facts(told)[BIRTHS] == (
        "15 of 22 where 9.0 are expected; the difference may be chance (p 0.040, q 0.050)"
    )
    assert beside_words(told) == ["1,268 employees in 20 firms"]


def test_fewer_and_smaller_are_told_too():
    told = growth_facts(row(size_ratio=0.4, births=2.0))
    assert told[SIZE].startswith("smaller than the label's elsewhere (0.40 of what")
    assert told[BIRTHS].startswith("fewer young firms than the label's elsewhere (2 of 22")


def test_of_too_few_nothing_is_said():
    nothing = dict.fromkeys(
        ("employment", "employment_p", "employment_q", "births", "births_p", "births_q"), np.nan
    )
    told = row(**nothing, employment_known=4.0, births_dated=0.0)
    few = "known of {} of 22 firms: of fewer than 5 nothing is said"
    assert growth_facts(told) == {EMPLOYMENT: few.format(4), SIZE: few.format(4), BIRTHS: few.format(0)}
    assert beside_words(told) == []


def test_meanings_tell_the_span_the_area_and_the_quotient():
    meanings = growth_meanings(row())
    assert "founded 2012 to 2026" in meanings[BIRTHS]
    assert "20 of 60 are young where 24.6 are expected (p 0.31)" in meanings[BIRTHS]
    assert "Employment LQ 2.0" in meanings[EMPLOYMENT]
    bare = growth_meanings(row(area_births=np.nan, employment_lq=np.nan))
    assert "any label" not in bare[BIRTHS]
    assert "LQ" not in bare[EMPLOYMENT]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({BASIS: ""}, [BIRTHS]),
        ({"births_from": np.nan}, [EMPLOYMENT, SIZE]),
        ({BASIS: "", "births_from": np.nan}, []),
    ],
)
def test_an_edition_that_knows_neither_says_nothing_of_it(changes, told):
    assert [*growth_facts(row(**changes))] == [*growth_meanings(row(**changes))] == told
