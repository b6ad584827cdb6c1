"""Coordinates: those on land are kept as given, and of each other it is said what is wrong with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from geo.projections import to_lonlat
from intake import coordinates as module
from intake.ground import Known
from intake.reasons import ELSEWHERE, NEAR_COAST
from tests.intake.small_tables import LONDON, judged, line, table_of

# Belfast and Coleraine, in the Irish Grid; read as British National Grid: the Wirral, and the Irish Sea.
BELFAST, COLERAINE = (333800, 374500), (285000, 432000)

SEA = (600000, 600000)


def reasons(ground, rows, **more):
    x, y = zip(*rows, strict=True)
    table = table_of(easting=pa.array(x, pa.float64()), northing=pa.array(y, pa.float64()), **more)
    out = judged(ground, table)
    told = dict(zip(out.refused["row"], out.refused["reason"], strict=True))
    return [told.get(row, "") for row in range(len(rows))]


def test_firms_on_land_are_kept_as_given(ground):
    out = judged(ground, table_of(easting=[529089.25, 447000.0], northing=[179644.0, 186000.0]), first_row=7)
    assert out.row.tolist() == [7, 8]
    assert out.easting.tolist() == [529089.25, 447000.0]
    assert [out.la_codes[la] for la in out.la] == ["E09000033", "E07000180"]
    assert out.refused.columns.tolist() == ["row", "column", "value", "reason"]
    assert out.firm_id is None


@pytest.mark.parametrize(
    ("point", "column", "value", "reason"),
    [
        (("", ""), "easting, northing", ", ", "no place given: expected metres"),
        ((None, "5"), "easting", "", "no place given"),
        (("5", " NaN "), "northing", " NaN ", "no place given"),
        (("n/a", "x"), "easting", "n/a", "no place given"),
        (("here", "there"), "easting", "here", "not a number: expected metres"),
        (("529,089", "179644"), "easting", "529,089", "not a number"),
        (("529089", "0x10"), "northing", "0x10", "not a number"),
        (("1_0", "5"), "easting", "1_0", "not a number"),
        (("\u0661", "5"), "easting", "\u0661", "not a number"),
        (("inf", "5"), "easting", "inf", "not a finite number"),
        (("5", "-Infinity"), "northing", "-Infinity", "not a finite number"),
        (("1e999", "5"), "easting", "1e999", "not a finite number"),
        (("0", "-0.0"), "easting, northing", "0, -0.0", "0, 0 stands for an unknown place"),
        (("-0.1416", "51.5"), "easting, northing", "-0.1416, 51.5", "looks like longitude and latitude"),
        (("51.5", "-0.1416"), "easting, northing", "51.5, -0.1416", "looks like latitude and longitude"),
        (("13.4", "52.5"), "easting, northing", "13.4, 52.5", "looks like longitude and latitude"),
        (("-15700", "6711000"), "easting, northing", "-15700, 6711000", "looks like Web Mercator"),
        (("900000", "900000"), "easting, northing", "900000, 900000", "outside the United Kingdom"),
        (("1e300", "-1e300"), "easting, northing", "1e300, -1e300", "outside the United Kingdom"),
        (("600000", "600000"), "easting, northing", "600000, 600000", "lies in the sea or abroad"),
        (
            ("179644", "529089"),
            "easting, northing",
            "179644, 529089",
            "easting and northing seem swapped: the",
        ),
        (
            ("830000", "250000"),
            "easting, northing",
            "830000, 250000",
            "easting and northing seem swapped: the",
        ),
        (("285000", "432000"), "easting, northing", "285000, 432000", "swapped, or it looks like Irish Grid"),
    ],
)
def test_reasons_of_eastings_and_northings(ground, point, column, value, reason):
    x, y = (pa.scalar(text, pa.string()) for text in point)
    found = line(ground, {"easting": x, "northing": y})
    assert found[:2] == (column, value)
    assert reason in found[2]


@pytest.mark.parametrize(
    ("lon", "lat", "column", "reason"),
    [
        (None, None, "lon, lat", "no place given: expected degrees"),
        (np.nan, 51.5, "lon", "no place given"),
        (np.inf, 51.5, "lon", "not a finite number"),
        (0.0, 0.0, "lon, lat", "0, 0 stands"),
        (51.5, -0.14, "lon, lat", "longitude and latitude seem swapped"),
        (529089.0, 179644.0, "lon, lat", "looks like metres: expected degrees"),
        (1e9, 51.5, "lon, lat", "longitudes are from -180 to 180"),
        (-0.14, 91.0, "lon, lat", "longitudes are from -180 to 180"),
        (13.4, 52.5, "lon, lat", "outside the United Kingdom"),
        (150.0, -80.0, "lon, lat", "outside the United Kingdom"),
        (2.0, 55.0, "lon, lat", "lies in the sea or abroad"),
    ],
)
def test_reasons_of_longitudes_and_latitudes(ground, lon, lat, column, reason):
    found = line(ground, {"lon": pa.scalar(lon, pa.float64()), "lat": pa.scalar(lat, pa.float64())})
    assert found[0] == column
    assert reason in found[2]


def test_longitudes_and_latitudes_are_projected_to_decimetres(ground):
    lon, lat = to_lonlat(np.array([529089.04, 447000.0, 529089.04]), np.array([179644.0, 186000.0, 179644.0]))
    out = judged(ground, table_of(lon=lon, lat=[str(one) for one in lat]))
    assert out.easting.tolist() == [529089.0, 447000.0, 529089.0]
    assert out.northing.tolist() == [179644.0, 186000.0, 179644.0]


def test_columns_are_called_as_the_user_calls_them(ground):
    table = table_of(lon=["x"], lat=["51"])
    assert judged(ground, table, lon="Long.").refused["column"].tolist() == ["Long."]


def test_off_the_coast_goes_to_the_nearest_authority(ground):
    """Walk east from Great Yarmouth: on land, within 2 km of it, and beyond."""
    x = np.arange(652000, 660000, 100, dtype=float)
    out = judged(ground, table_of(easting=x, northing=np.full(len(x), 306000.0)))
    inside = ground.locator.indices(x, np.full(len(x), 306000.0)) >= 0
    assert out.notes[NEAR_COAST] == len(out.row) - inside.sum() > 10
    assert 1800 < out.easting.max() - x[inside].max() <= 2000
    assert {out.la_codes[la] for la in out.la} == {"E07000145"}


def test_points_at_sea_are_judged_as_by_the_distance_to_every_authority(ground):
    """All round the coast, points at random: what is told quickly is what GEOS says of each."""
    rng = np.random.default_rng(4)
    x, y = rng.uniform(-20_000, 680_000, 3000), rng.uniform(-9_000, 1_239_000, 3000)
    x[:200], y[:200] = rng.uniform(653_000, 660_000, 200), rng.uniform(290_000, 310_000, 200)
    y[200:300], x[200:300] = rng.uniform(4_000, 9_000, 100), rng.uniform(80_000, 95_000, 100)
    out = judged(ground, table_of(easting=x, northing=y))
    every = ground.locator.locate_nearest(pd.Series(x), pd.Series(y), 2000)["region_id"]
    assert out.row.tolist() == np.flatnonzero(every.notna()).tolist()
    assert [out.la_codes[la] for la in out.la] == every.dropna().tolist()
    assert out.notes[NEAR_COAST] > 20


def test_postcodes_beside_coordinates_tell_the_irish_grid(ground):
    rows = [BELFAST, COLERAINE, (146248, 529973), LONDON, (179644, 529089), SEA, BELFAST, BELFAST]
    beside = ["BT1 1AA", "bt521aa", "BT1 1AA", "BT1 1AA", "SW1A 1AA", "BT1 1AA", "BT1", None]
    told = reasons(ground, rows, postcode=beside)
    assert [text.split(":")[0] for text in told[:2]] == ["looks like Irish Grid"] * 2
    assert told[2] == ""
    assert told[3] == "lies more than 20 km from where its postcode is"
    assert told[4].startswith("easting and northing seem swapped:")
    assert told[5].startswith("lies in the sea")
    assert told[6:] == ["", ""]


def test_a_contradiction_quotes_both(ground):
    found = line(ground, {"easting": LONDON[0], "northing": LONDON[1], "postcode": "BT1 1AA"})
    assert found[:2] == ("easting, northing, postcode", "529089, 179644, BT1 1AA")
    lon, lat = to_lonlat(*LONDON)
    assert line(ground, {"lon": lon, "lat": lat, "postcode": "BT1 1AA"})[0] == "lon, lat, postcode"


def test_other_postcodes_far_away_are_but_counted(ground):
    rows = [LONDON, LONDON, LONDON, LONDON]
    beside = ["OX11 0QR", "SW1A 1AA", "none", "M1 1AE"]
    table = table_of(easting=[x for x, _ in rows], northing=[y for _, y in rows], postcode=beside)
    out = judged(ground, table)
    assert len(out.row) == 4
    assert out.notes[ELSEWHERE] == 2


def test_a_number_of_any_size_is_far_from_its_postcode():
    one = np.array([True])
    known = Known(x=np.array([529_090.0]), y=np.array([179_645.0]), la=np.array([0]), is_irish=~one)
    for wild in (1.34e154, -1e308):
        assert module._is_apart(np.array([wild]), np.array([0.0]), known, np.array([0])).all()
