"""Polygons of strangers: what becomes an area, and what is refused in which words."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from data.errors import InputError
from geo.areas.area import LEAST_M2, area_from, area_from_ring, rounded
from geo.areas.corners import MOST_CORNERS
from geo.projections import to_lonlat

TOWN = box(-2.3, 53.4, -2.1, 53.5)


def refusal(geometry):
    with pytest.raises(InputError) as fault:
        area_from(geometry)
    return str(fault.value)


def test_a_polygon_becomes_an_area_in_metres():
    area = area_from(TOWN)
    assert area.geom_type == "MultiPolygon"
    assert area.is_valid
    # 0.2 degrees of longitude at 53.45 degrees north by 0.1 of latitude.
    assert area.area == pytest.approx(13.27e3 * 11.13e3, rel=0.01)
    assert area.bounds[0] == pytest.approx(380_100, abs=300)


def test_holes_and_parts_are_kept():
    hole = Polygon(TOWN.exterior.coords, [box(-2.25, 53.43, -2.2, 53.45).exterior.coords])
    both = area_from(MultiPolygon([hole, box(-1.6, 53.7, -1.5, 53.8)]))
    assert len(both.geoms) == 2
    assert len(both.geoms[0].interiors) == 1


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (Point(-2, 53), "a Point is no area"),
        (LineString([(-2, 53), (-1, 53)]), "a LineString is no area"),
        (GeometryCollection([TOWN]), "a GeometryCollection is no area"),
        (Polygon(), "the Polygon is empty"),
        (MultiPolygon(), "the MultiPolygon is empty"),
        (Polygon([(-2.3, 53.4), (-2.2, 53.5), (-2.2, 53.4), (-2.3, 53.5)]), "crosses itself"),
        (box(2.2, 48.8, 2.4, 48.9), "this area (latitude 48.80 to 48.90, longitude 2.20 to 2.40) is outside"),
        (box(-5.0, 52.5, -4.8, 52.6), "no land of the United Kingdom"),
        (box(-6.3, 53.3, -6.2, 53.4), "no land of the United Kingdom"),
        (box(-2.3, 53.4, -2.2999, 53.4001), "hectares; the least is 1 hectare"),
        (box(-2.3, 53.4, -2.299999, 53.4000001), "too thin"),
        (box(-180, -90, 180, 90), "reaches too far"),
        (box(380_000, 390_000, 381_000, 391_000), "a corner at 381000, 390000 is not in degrees"),
        (box(53.4, -2.3, 53.5, -2.1), "latitudes and longitudes seem to have changed places"),
        (Point(-2, 53).buffer(0.1, quad_segs=MOST_CORNERS // 4), "the outline has 10,001 corners"),
        ("POLYGON", "a str is no area"),
    ],
)
def test_what_is_no_area_is_refused_in_words(geometry, words):
    assert words in refusal(geometry)


def test_an_area_may_reach_into_the_sea_and_abroad():
    assert area_from(box(-6.0, 55.5, -4.0, 58.0))
    # Fermanagh and Cavan.
    assert area_from(box(-8.0, 54.0, -7.0, 54.4))


def test_where_an_outline_crosses_itself_is_said_in_degrees():
    bow_tie = Polygon([(-2.3, 53.4), (-2.2, 53.5), (-2.2, 53.4), (-2.3, 53.5)])
    assert "at latitude 53.45000, longitude -2.25000" in refusal(bow_tie)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_corners_that_are_no_numbers_are_refused(value):
    with np.errstate(invalid="ignore"):
        polygon = Polygon([(-2.3, 53.4), (value, 53.5), (-2.2, 53.4)])
    assert "no point on earth" in refusal(polygon)


def test_the_least_area_is_measured_in_metres():
    lon, lat = to_lonlat(np.array([400_000.0, 400_102.0]), np.array([300_000.0, 300_102.0]))
    assert area_from(box(lon[0], lat[0], lon[1], lat[1])).area >= LEAST_M2
    lon, lat = to_lonlat(np.array([400_000.0, 400_096.0]), np.array([300_000.0, 300_096.0]))
    assert "hectare" in refusal(box(lon[0], lat[0], lon[1], lat[1]))


def test_a_ring_from_the_map_is_latitude_first():
    ring = [[53.4, -2.3], [53.4, -2.1], [53.5, -2.1], [53.5, -2.3]]
    assert area_from_ring(ring).equals(area_from(TOWN))
    assert area_from_ring([*ring, ring[0]]).equals(area_from(TOWN))


@pytest.mark.parametrize(
    "ring",
    [
        None, 7, "ring", {}, [], [1, 2, 3], [[1, 2]], [[53, -2], [54, -2]], [["a", "b"]] * 4,
        [[True, False]] * 4, [[math.nan, 1.0]] * 4, [[1e300, 1.0]] * 4, [[10**400, 1.0]] * 4, [[53.4]] * 4,
        [[[53.4], -2.3]] * 4,
        [[53.4, -2.3]] * 4, [[53.4, -2.3]] * (MOST_CORNERS + 1), [[53.4, -2.3], None, [53, -2]],
    ],
)  # fmt: skip
def test_anything_else_from_a_browser_is_refused_in_words(ring):
    with pytest.raises(InputError):
        area_from_ring(ring)


degrees = st.tuples(st.floats(-3, -1), st.floats(52, 54))


@settings(deadline=None)
@given(st.lists(degrees, min_size=3, max_size=12))
def test_rounding_twice_is_rounding_once(corners):
    polygon = MultiPolygon([shapely.convex_hull(shapely.MultiPoint(corners))]) if _wide(corners) else None
    if polygon is None:
        return
    once = rounded(polygon)
    assert once.is_valid
    assert rounded(once).equals_exact(once, 0.0)


@settings(deadline=None)
@given(st.lists(degrees, min_size=3, max_size=12))
def test_an_area_is_valid_or_refused(corners):
    try:
        area = area_from(Polygon(corners))
    except InputError:
        return
    assert area.is_valid
    assert area.area >= LEAST_M2


def _wide(corners):
    return shapely.convex_hull(shapely.MultiPoint(corners)).geom_type == "Polygon"
