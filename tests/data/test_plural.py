"""Counts with their nouns, wherever a message or a report counts: one of a thing is never many."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from clusters.density.entries import entries
from clusters.scan.parameters import ScanParameters
from clusters.scan.threshold import untestable
from data import plural
from data.errors import InputError, TableError
from geo import postcodes
from intake.csv_rows import _line_fault
from intake.reasons import ELSEWHERE, NEAR_COAST, NO_SECTOR, NOTES, noted


def test_the_examples_hold():
    assert doctest.testmod(plural) == (0, 1)


def test_notes_of_one_row_and_of_many():
    assert noted({NO_SECTOR: 1, NEAR_COAST: 0, ELSEWHERE: 1_200}) == [
        "1 row without a sector.",
        f"1,200 {ELSEWHERE}.",
    ]
    assert noted(dict.fromkeys(NOTES, 1)) == [
        "1 row without a sector.",
        "1 row off the coast, given the nearest authority.",
        "1 row whose postcode lies more than 20 km from its coordinates.",
    ]
    # A report of another version may hold notes that this one does not know.
    assert noted({"odd rows": 1}) == ["1 odd rows."]


def test_messages_count_one_as_one():
    assert untestable(1, 9, ScanParameters()) == "1 company with a precise place; a cluster needs at least 4"
    one = ScanParameters(min_firms=1)
    assert untestable(1, 1, one).startswith("carried by 1 of 1 company, so no place")
    assert _line_fault(0, 1, 2, "a,b") == "2 values where the header names 1 column"
    with pytest.raises(InputError, match="firm has 1 entry and label 2"):
        entries(np.array([0]), np.array([0, 1]), 1)
    with pytest.raises(TableError, match=r"postcode directory: 1 row has no point: \['AB1 2CD"):
        postcodes._refuse(np.array([int.from_bytes(b"AB1 2CD ", "big")]), np.array([True]), "no point")
