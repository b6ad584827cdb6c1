"""Lines of text: they fit, and no word is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshots.legend import round_length
from snapshots.lettering import POINTS_PER_MM, Letters, fitted, wrapped

SMALL = Letters(6, "#000000")
LARGE = Letters(12, "#000000")
words = st.text(st.characters(codec="latin-1", categories=("L", "N", "P")), min_size=1, max_size=12)


@given(st.lists(words, max_size=30), st.floats(30, 200))
def test_lines_fit_and_keep_every_word(text, room):
    lines = wrapped(" ".join(text), SMALL, room)
    assert " ".join(lines).split() == " ".join(text).split()
    assert all(SMALL.width(line) <= room * POINTS_PER_MM * 1.01 for line in lines)


def test_a_word_that_is_too_long_is_cut():
    [line] = wrapped("x" * 500, SMALL, 50)
    assert line.endswith("…")
    assert SMALL.width(line) <= 50 * POINTS_PER_MM


def test_the_largest_letters_that_fit_are_taken():
    assert fitted("short", [LARGE, SMALL], 100, 1) == (["short"], LARGE)
    text = "long " * 15
    assert fitted(text, [LARGE, SMALL], 70, 1)[1] == SMALL


def test_what_never_fits_is_cut_with_a_sign():
    lines, letters = fitted("word " * 200, [LARGE, SMALL], 60, 2)
    assert len(lines) == 2
    assert letters == SMALL
    assert lines[-1].endswith("…")


@pytest.mark.parametrize(("metres", "length"), [(180_000, 100_000), (4_999, 2_000), (50, 50), (999.9, 500)])
def test_scale_bars_are_round(metres, length):
    assert round_length(metres) == length
