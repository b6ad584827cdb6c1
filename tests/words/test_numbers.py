"""Words: numbers as a newspaper would write them."""

from __future__ import annotations

import doctest
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from words import numbers as words
from words.numbers import count, listed, pounds, quotient

SIZES = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9}


def test_the_examples_hold() -> None:
    ran = doctest.testmod(words)
    assert ran.attempted >= 4
    assert ran.failed == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not known"),
        (math.nan, "not known"),
        (math.inf, "not known"),
        (-math.inf, "not known"),
        (0, "£0"),
        (-0.0, "£0"),
        (0.5, "£0.5"),
        (1.4, "£1.4"),
        (999, "£999"),
        (999.4, "£999"),
        (999.5, "£1k"),
        (1_000, "£1k"),
        (99_950, "£100k"),
        (450_000, "£450k"),
        (999_499, "£999k"),
        (999_950, "£1m"),
        (21_300_000, "£21.3m"),
        (82_000_000, "£82m"),
        (999_500_000, "£1bn"),
        (1_500_000_000, "£1.5bn"),
        (2_345_000_000_000, "£2,345bn"),
        (-21_300_000, "-£21.3m"),
        (-999_950, "-£1m"),
    ],
)
def test_pounds_at_the_borders(value: float | None, text: str) -> None:
    assert pounds(value) == text


@given(st.floats(0.01, 1e13))
def test_pounds_are_right_to_three_digits(value: float) -> None:
    number, unit = re.fullmatch(r"£([\d,.]+)(k|m|bn|)", pounds(value)).groups()
    assert float(number.replace(",", "")) * SIZES[unit] == pytest.approx(value, rel=0.00501)
    assert pounds(-value) == f"-{pounds(value)}"


@given(st.floats(0.01, 1e11), st.floats(0.01, 1e11))
def test_pounds_of_the_larger_are_never_smaller(one: float, other: float) -> None:
    def read(value: float) -> float:
        number, unit = re.fullmatch(r"£([\d,.]+)(k|m|bn|)", pounds(value)).groups()
        return float(number.replace(",", "")) * SIZES[unit]

    low, high = sorted((one, other))
    assert read(low) <= read(high) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("number", "nouns", "text"),
    [
        (0, ("firm",), "0 firms"),
        (1, ("firm",), "1 firm"),
        (2, ("technology", "technologies"), "2 technologies"),
        (1, ("technology", "technologies"), "1 technology"),
        (1_234_567, ("firm",), "1,234,567 firms"),
    ],
)
def test_counts_have_their_noun(number: int, nouns: tuple[str, ...], text: str) -> None:
    assert count(number, *nouns) == text


def test_quotients_have_their_interval() -> None:
    assert quotient(2.25, 1.84, 2.96) == "2.2 (1.8 to 3.0)"


def test_lists_read_as_a_sentence() -> None:
    assert [listed(list(text)) for text in ("", "a", "ab", "abcd")] == ["", "a", "a and b", "a, b, c and d"]
