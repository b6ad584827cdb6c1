"""Projections: against Ordnance Survey's own check points, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.projections import UK_BOUNDS_BNG, inside_uk, irish_to_bng, to_bng, to_lonlat

# From the points that Ordnance Survey publishes for checking OSTN15 software: latitude, longitude, easting,
# northing. Contains OS data, Crown copyright and database right 2016.
OS_POINTS = np.array(
    [
        (49.92226394, -6.29977752, 91492.146, 11318.804),  # St Mary's, Scilly
        (51.37447026, 1.44454730, 639821.835, 169565.858),  # North Foreland
        (51.48936565, -0.11992557, 530624.974, 178388.464),  # Lambeth
        (52.25529382, -2.15458614, 389544.190, 261912.153),  # Droitwich
        (53.34480280, -2.64049321, 357455.843, 383290.436),  # Daresbury
        (55.85399953, -4.29649016, 256340.925, 664697.269),  # Glasgow
        (57.48625001, -4.21926399, 267056.768, 846176.972),  # Inverness
        (57.81351838, -8.57854456, 9587.909, 899448.996),  # St Kilda
        (60.13308092, -2.07382823, 395999.668, 1138728.951),  # Foula
    ]
)
HELMERT_METRES = 5.0
lons = st.floats(-8.6, 1.8)
lats = st.floats(49.8, 60.9)


def test_ordnance_survey_points_are_met_within_the_stated_accuracy():
    lat, lon, east, north = OS_POINTS.T
    easting, northing = to_bng(lon, lat)
    assert np.hypot(easting - east, northing - north).max() < HELMERT_METRES


def test_ordnance_survey_points_are_met_on_the_way_back():
    lat, lon, east, north = OS_POINTS.T
    back_lon, back_lat = to_lonlat(east, north)
    metres = np.hypot((back_lon - lon) * 111_320 * np.cos(np.radians(lat)), (back_lat - lat) * 111_320)
    assert metres.max() < HELMERT_METRES


@given(lons, lats)
def test_there_and_back_is_within_a_centimetre(lon, lat):
    back = to_lonlat(*to_bng(lon, lat))
    assert back == pytest.approx((lon, lat), abs=1e-7)


@given(st.lists(st.tuples(lons, lats), max_size=5))
def test_arrays_give_what_numbers_give(points):
    xy = np.array(points, dtype=float).reshape(-1, 2)
    easting, northing = to_bng(xy[:, 0], xy[:, 1])
    assert list(zip(easting, northing, strict=True)) == [to_bng(lon, lat) for lon, lat in points]


def test_numbers_give_plain_floats_and_columns_give_arrays():
    assert [type(value) for value in to_bng(-1, 52)] == [float, float]
    easting, _ = to_bng(pd.Series([-1.0, -2.0]), pd.Series([52.0, 53.0]))
    assert easting.shape == (2,)


def test_missing_and_impossible_places_are_missing():
    easting, northing = to_bng([np.nan, -1.0, 0.0], [52.0, np.nan, 95.0])
    assert np.isnan(easting).all()
    assert np.isnan(northing).all()


def test_inputs_stay_as_they_were():
    lon, lat = np.array([-1.0]), np.array([52.0])
    to_bng(lon, lat)
    assert (lon[0], lat[0]) == (-1.0, 52.0)


def test_belfast_city_hall_is_found_from_the_irish_grid():
    # Belfast City Hall: Irish Grid J 338 740, 54.5965 N 5.9301 W.
    lon, lat = to_lonlat(*irish_to_bng(333_800, 374_000))
    assert (lon, lat) == pytest.approx((-5.9301, 54.5965), abs=0.0015)


def test_the_corners_of_the_country_are_inside_and_their_neighbours_outside():
    corners = [(-8.17, 54.46), (1.76, 52.48), (-0.77, 60.86), (-6.45, 49.86)]
    assert inside_uk(*to_bng(*np.array(corners).T)).all()
    abroad = [(2.35, 48.86), (-9.14, 38.7), (5.32, 60.39), (np.nan, np.nan)]
    assert not inside_uk(*to_bng(*np.array(abroad).T)).any()
    assert UK_BOUNDS_BNG[0] < UK_BOUNDS_BNG[2]
