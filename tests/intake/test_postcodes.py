"""Postcodes in any writing, and why others place no firm."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.small_tables import judged, line, table_of


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no place given: expected a postcode"),
        ("  ", "no place given: expected a postcode"),
        ("nan", "no place given: expected a postcode"),
        ("London", "does not have the form of a UK postcode"),
        ("OX11 0QR!", "does not have the form of a UK postcode"),
        ("\u0000", "does not have the form of a UK postcode"),
        ("OX11", "but a postcode district, not a place of work"),
        ("OX11 0", "but a postcode sector, not a place of work"),
        ("ox11 0q", "but a postcode partial, not a place of work"),
        ("SW1A 1ZZ", '"SW1A 1ZZ" is not in ONSPD'),
        ("QQ1 1QQ", "no postcode area begins that way"),
        ("JE2 3AB", "outside the United Kingdom"),
    ],
)
def test_reasons_of_postcodes(ground, text, reason):
    found = line(ground, {"postcode": pa.scalar(text, pa.string())})
    assert found[0] == "postcode"
    assert reason in found[2]


def test_postcodes_in_any_writing(ground):
    out = judged(
        ground, table_of(postcode=["SW1A 1AA", "sw1a1aa", " sW1a  1Aa", "SW1A\u00a01AA", "sw1a-1aa"])
    )
    assert len(out.row) == 5
    assert {(x, y) for x, y in zip(out.easting, out.northing, strict=True)} == {(529090, 179645)}
    assert {out.la_codes[la] for la in out.la} == {"E09000033"}


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_postcodes_are_placed_as_the_directory_places_them(ground, seed):
    rng, directory = np.random.default_rng(seed), ground.directory
    codes = directory.codes[rng.integers(0, len(directory), 200)].astype(">u8").view("S8").astype(str)
    spoilt = rng.random(200) < 0.3
    codes = [code[:-1] + "Q" if bad else code for code, bad in zip(codes, spoilt, strict=True)]
    texts = [code.replace(" ", "") if rng.random() < 0.5 else code.lower() for code in codes]
    out = judged(ground, table_of(postcode=texts))
    found = directory.geocode(pd.Series(texts))
    placed = found["reason"] == ""
    assert out.row.tolist() == np.flatnonzero(placed).tolist()
    assert out.easting.tolist() == found.loc[placed, "easting"].tolist()
    assert out.northing.tolist() == found.loc[placed, "northing"].tolist()
    assert [out.la_codes[la] for la in out.la] == found.loc[placed, "la_code"].tolist()
    assert out.refused["reason"].tolist() == found.loc[~placed, "reason"].tolist()
