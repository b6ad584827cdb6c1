"""Shapes in degrees as they leave: rounded, valid once written out and read again, wound rightly."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo.rounding import rounded_shapes

# Two squares joined by a neck that is thinner than the fourth decimal.
NECK = Polygon(
    [
        *((0, 0), (1, 0), (1, 0.50006), (2, 0.50002), (2, 0), (3, 0)),
        *((3, 1), (2, 1), (2, 0.50004), (1, 0.50012), (1, 1), (0, 1)),
    ]
)
# Its upper side bends down almost to the lower one, and through it when both are rounded.
CROSSED = Polygon([(0, 0), (0.2, 0.00026), (0.2, 0.001), (0.1, 0.000145), (0, 0.001)])


def again(shape):
    return shapely.from_geojson(json.dumps(json.loads(shapely.to_geojson(shape))))


def is_right(shape):
    parts = shapely.get_parts(shape)
    shells, holes = shapely.get_exterior_ring(parts), [hole for one in parts for hole in one.interiors]
    return bool(shape.is_valid and shapely.is_ccw(shells).all() and not any(map(shapely.is_ccw, holes)))


@st.composite
def stars(draw):
    """Simple polygons with corners at any distance from a middle, some of them very near it."""
    number = draw(st.integers(3, 30))
    radii = draw(st.lists(st.floats(1e-6, 3e-3), min_size=number, max_size=number))
    angle = 2 * np.pi * np.arange(number) / number
    corners = np.column_stack([np.cos(angle), np.sin(angle)]) * np.array(radii)[:, None]
    shell = Polygon(corners[:: draw(st.sampled_from([1, -1]))])
    return shell if shell.is_valid else shell.buffer(0)


@given(stars(), st.sampled_from([3, 4, 5]))
def test_it_is_valid_and_wound_rightly_and_no_number_is_longer(shape, decimals):
    [found] = rounded_shapes([shape], decimals)
    read = again(found)
    assert read.equals_exact(found, 0)
    assert is_right(read)
    corners = shapely.get_coordinates(read)
    assert (corners == np.round(corners, decimals)).all()
    assert found.area == pytest.approx(shape.area, abs=shape.length * 10**-decimals + 10 ** (-2 * decimals))
    assert rounded_shapes([found], decimals)[0].equals(found)


def test_what_rounding_spoils_is_mended():
    for shape in (NECK, CROSSED):
        assert shape.is_valid
        assert not shapely.transform(shape, lambda xy: np.round(xy, 4)).is_valid
        [found] = rounded_shapes([shape], 4)
        assert is_right(again(found))
        assert found.area == pytest.approx(shape.area, rel=0.2)
    assert rounded_shapes([NECK], 4)[0].area == pytest.approx(2, abs=1e-3)


def test_holes_are_wound_the_other_way_whichever_way_they_came():
    for shell in (box(0, 0, 3, 3), box(0, 0, 3, 3, ccw=False)):
        for hole in (box(1, 1, 2, 2), box(1, 1, 2, 2, ccw=False)):
            given_ = Polygon(shell.exterior, [hole.exterior])
            for shape in (given_, MultiPolygon([given_, box(5, 5, 6, 6, ccw=False)])):
                [found] = rounded_shapes([shape], 4)
                assert is_right(found)
                assert found.equals(shape)


def test_neighbours_go_on_sharing_their_border():
    border = [(1.00004, 0), (1.23456, 0.4), (0.98765, 0.6), (1.00006, 1)]
    left, right = Polygon([(0, 1), (0, 0), *border]), Polygon([*border[::-1], (2, 0), (2, 1)])
    found = rounded_shapes([left, right], 2)
    assert shapely.coverage_is_valid(found)


def test_what_is_missing_or_empty_or_no_polygon_stays():
    found = rounded_shapes(np.array([None, Polygon(), Point(1.234567, 2), box(0, 0, 1e-9, 1e-9)]), 4)
    assert found[0] is None
    assert json.loads(shapely.to_geojson(found[1])) == {"type": "MultiPolygon", "coordinates": []}
    assert found[2] == Point(1.2346, 2)
    assert found[3].is_empty
    assert rounded_shapes([], 4).tolist() == []
