import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.description.footprint import footprint, footprints
from clusters.scan.parameters import ScanParameters

PLACE = st.tuples(st.integers(0, 8_000), st.integers(0, 8_000))


@settings(max_examples=60, deadline=None)
@given(st.lists(PLACE, min_size=1, max_size=25), st.floats(0, 1))
def test_a_footprint_is_one_valid_shape_that_holds_all_its_points(places, ratio):
    points = pd.DataFrame(places, columns=["easting", "northing"], dtype=float)
    shape = footprint(points, ScanParameters(hull_ratio=ratio))
    assert shape.is_valid
    assert shape.geom_type in {"Polygon", "MultiPolygon"}
    assert shapely.covers(shape, shapely.points(points.to_numpy())).all()
    assert shape.area >= 0.98 * np.pi * 250**2
    assert shapely.covers(shape.convex_hull.buffer(1), shape)


def test_a_bay_without_firms_is_not_claimed():
    near, far = range(0, 1_501, 500), range(4_500, 6_001, 500)
    arms = [(x, y) for x in (*near, *far) for y in range(0, 6_001, 500)]
    bridge = [(x, y) for x in range(2_000, 4_001, 500) for y in near]
    shape = footprint(pd.DataFrame(arms + bridge, columns=["easting", "northing"]), ScanParameters())
    assert not shape.covers(shapely.Point(3_000, 5_000))
    assert shape.covers(shapely.Point(3_000, 1_000))


def test_points_on_a_line_make_a_polygon():
    line = pd.DataFrame({"easting": [0.0, 1_000, 2_000, 3_000, 4_000], "northing": 0.0})
    assert footprint(line, ScanParameters()).area == pytest.approx(4_000 * 500 + np.pi * 250**2, rel=0.01)


def test_clusters_keep_their_order_and_those_without_members_are_empty():
    members = pd.DataFrame({"cluster_id": ["b", "a"], "easting": [0.0, 9_000], "northing": [0.0, 0]})
    shapes = footprints(members, pd.Index(["a", "b", "c"]), ScanParameters())
    assert isinstance(shapes, gpd.GeoSeries)
    assert shapes.crs.to_epsg() == 27700
    assert shapes["a"].covers(shapely.Point(9_000, 0))
    assert shapes["c"].is_empty
