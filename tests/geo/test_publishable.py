"""The rule of what may be shown of a point: whom it concerns, how far it moves them, and nobody else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.schemas import PRECISIONS
from geo.boundaries import authorities
from geo.postcodes import Place
from geo.projections import to_bng
from geo.publishable import FOUND_OTHERWISE, METRES, as_shown, is_withheld, shown

BELFAST, LEEDS = (146_200.0, 529_400.0), (430_100.0, 433_700.0)
# Wigtownshire lies across the water, some thirty kilometres from County Down.
STRANRAER = tuple(to_bng(-5.03, 54.90))
UNKNOWN = (None, np.nan, "")


def asked(spot, code, precision):
    return bool(is_withheld([spot[0]], [spot[1]], [code], [precision])[0])


@pytest.mark.parametrize("precision", ["postcode", "partial", "sector", "district", "area", "?", *UNKNOWN])
def test_postcodes_and_what_nobody_tells_are_withheld_there_and_nowhere_else(precision):
    assert asked(BELFAST, "N09000003", precision)
    # A code says enough, wherever the point is thought to be.
    assert asked(LEEDS, "N09000003", precision)
    assert not asked(LEEDS, "E08000035", precision)
    assert not asked(BELFAST, "E08000035", precision)
    for code in UNKNOWN:
        assert asked(BELFAST, code, precision)
        assert not asked(LEEDS, code, precision)
        assert not asked(STRANRAER, code, precision)
        assert not asked((np.nan, np.nan), code, precision)


@pytest.mark.parametrize("precision", sorted(FOUND_OTHERWISE))
def test_points_that_somebody_else_found_are_theirs(precision):
    assert not asked(BELFAST, "N09000003", precision)
    assert not asked(BELFAST, "", precision)


def test_every_word_of_the_tables_is_decided():
    assert set(PRECISIONS) == FOUND_OTHERWISE | {"postcode"}


def test_all_of_northern_ireland_is_there_and_no_other_authority():
    known = authorities()
    inside = shapely.point_on_surface(known.geometry.to_numpy())
    east, north = shapely.get_x(inside), shapely.get_y(inside)
    found = is_withheld(east, north, [""] * len(known), [None] * len(known))
    assert (found == known["gss_code"].str.startswith("N").to_numpy()).all()
    # Every corner of its outline, too: boundaries are approximate.
    ours = known[known["gss_code"].str.startswith("N")].geometry.to_numpy()
    corners = shapely.get_coordinates(ours)
    assert is_withheld(*corners.T, [""] * len(corners), [""] * len(corners)).all()


@given(st.lists(st.tuples(st.floats(-12_000, 667_000), st.booleans()), max_size=30))
def test_what_is_withheld_moves_to_the_grid_and_the_rest_stays(rows):
    metres, withheld = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], dtype=bool)
    found = shown(metres, withheld)
    assert (found[~withheld] == metres[~withheld]).all()
    assert (found[withheld] % METRES == 0).all()
    assert (np.abs(found - metres) <= METRES / 2).all()
    assert (shown(found, withheld) == found).all()


def test_a_table_keeps_its_rows_and_its_columns():
    rows = pd.DataFrame(
        {
            "name": list("abcd"),
            "easting": [146_146.0, 146_146.0, 430_100.0, np.nan],
            "northing": [529_874.0, 529_874.0, 433_700.0, np.nan],
            "la_code": ["N09000003", "N09000003", "E08000035", ""],
            "location_precision": ["postcode", "campus", "postcode", ""],
        },
        index=[3, 1, 2, 0],
    )
    before = rows.copy()
    found = as_shown(rows)
    pd.testing.assert_frame_equal(rows, before)
    pd.testing.assert_frame_equal(found[["name", "la_code"]], rows[["name", "la_code"]])
    assert found.index.tolist() == [3, 1, 2, 0]
    assert found["withheld"].tolist() == [True, False, False, False]
    assert found["easting"].tolist()[:3] == [146_000.0, 146_146.0, 430_100.0]
    assert found["northing"].tolist()[:3] == [530_000.0, 529_874.0, 433_700.0]
    assert as_shown(rows.iloc[:0])["withheld"].tolist() == []


@pytest.mark.parametrize("level", ["postcode", "partial", "sector", "district", "area"])
def test_a_postcode_is_shown_by_the_same_rule(level):
    there = Place("BT1 1AA", 146_146.0, 529_874.0, "N09000003", level, 1)
    elsewhere = Place("M1 1AE", 384_577.0, 398_084.0, "E08000003", level, 1)
    assert (there.withheld, elsewhere.withheld) == (True, False)
    assert np.round(to_bng(*there.shown)) == pytest.approx((146_000, 530_000), abs=1)
    assert elsewhere.shown == elsewhere.lonlat
