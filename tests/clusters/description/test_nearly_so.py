"""What came near to being a cluster, in words."""

from __future__ import annotations

import pandas as pd
import pytest

from clusters.description.nearly_so import said

START = "6 firms where 1.5 are expected"
PLACE = {"observed": 6, "companies": 20, "expected": 1.52, "e": 0.2, "p": 0.18, "minimum": 4, "more": 2}


def sentence(**changes):
    return said(pd.DataFrame([PLACE | changes], index=[7]))[7]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {},
            f"{START}; chance does as well in 1 of 6 maps; about 2 firms more would make it a cluster",
        ),
        (
            {"more": 1, "e": 0.01},
            f"{START}; chance does as well in 1 of 101 maps; about 1 firm more would make it a cluster",
        ),
        ({"more": 0, "e": 1 / 12_345.2}, f"{START}; chance does as well in 1 of 12,346 maps"),
        ({"more": -1, "e": 0.01}, f"{START}; chance does as well in 1 of 101 maps"),
        ({"observed": 3}, "3 firms where 1.5 are expected: a cluster of this label needs 4"),
        ({"observed": 1}, "no two of its firms stand near one another"),
        (
            {"e": 1.0, "more": 0},
            f"{START}; most shuffled maps show a place as striking",
        ),
        ({"e": float("nan"), "more": 0}, START),
    ],
)
def test_a_place_is_told_in_a_sentence(changes, words):
    assert sentence(**changes) == words


def test_chance_is_never_said_to_do_as_well_in_every_map():
    for e in (0.999, 0.7):
        assert "in 1 of 2 maps" in sentence(e=e)


def test_nothing_is_told_of_nothing():
    assert len(said(pd.DataFrame(columns=[*PLACE]))) == 0
