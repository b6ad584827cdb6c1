"""Who lives in an area: on a made-up country of squares, and on the shipped one."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, box

from geo.boundaries import authorities
from geo.postcodes import NO_AUTHORITY, NO_METRES, Postcodes
from regions.residents import Homes, homes, homes_of, shares, shares_of

# A country of four squares of ten kilometres and one that nobody lives in; sea to the right of it.
SIDE = 10_000
CODES = ["A", "B", "C", "D", "E"]
CORNERS = [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]
SHAPES = np.array([box(x * SIDE, y * SIDE, (x + 1) * SIDE, (y + 1) * SIDE) for x, y in CORNERS], dtype=object)
TREE = shapely.STRtree(SHAPES)
COUNTRY = box(0, 0, 2 * SIDE, 2 * SIDE)


def settled(each=200, seed=3):
    """Homes strewn over the first four squares."""
    draws = np.random.default_rng(seed)
    points = np.concatenate(
        [draws.integers(1, SIDE, (each, 2)) + np.multiply(at, SIDE) for at in CORNERS[:4]]
    )
    starts = np.arange(0, 5 * each, each)
    return Homes(tuple(CODES[:4]), starts, points[:, 0].astype(np.int32), points[:, 1].astype(np.int32))


HOMES = settled()


def held(area):
    return shares(area, CODES, SHAPES, TREE, HOMES)


def test_an_area_that_is_an_authority_holds_it_whole_and_nothing_of_others():
    for code, shape in zip(CODES, SHAPES, strict=True):
        found = held(shape)
        assert found.weights == {code: 1.0}
        assert found.cut == frozenset()
        assert not found.beyond


def test_a_border_that_is_off_by_a_metre_cuts_nothing():
    for metres in (-1.0, 1.0):
        found = held(SHAPES[0].buffer(metres, join_style="mitre"))
        assert found.weights == {"A": 1.0}
        assert found.cut == frozenset()


def test_what_is_cut_counts_by_its_postcodes():
    west = box(0, 0, 2_500.5, SIDE)
    inside = HOMES.of("A")[:, 0] < 2_500.5
    found = held(west)
    assert found.weights == {"A": inside.sum() / 200}
    assert found.cut == {"A"}
    assert not found.beyond


def test_where_nobody_lives_land_counts():
    found = held(box(0, 2 * SIDE, SIDE / 4, 3 * SIDE))
    assert found.weights == {"E": 0.25}
    assert found.bare == {"E"}


def test_a_part_without_a_postcode_weighs_nothing_but_is_there():
    empty = box(0, 0, 0.9, 2_000)
    assert held(empty).weights == {}
    lonely = shapely.Point(HOMES.of("A")[0] + 0.5).buffer(0.4)
    moor = box(0, 0, 300, 300).difference(shapely.MultiPoint(HOMES.of("A")).buffer(5))
    assert held(moor).weights == {"A": 0.0}
    assert held(moor).cut == {"A"}
    assert held(lonely).weights == {}


def test_the_sea_is_said_and_does_not_count():
    found = held(box(SIDE, 0, 3 * SIDE, SIDE))
    assert found.weights == {"B": 1.0}
    assert found.beyond
    assert held(box(5 * SIDE, 0, 6 * SIDE, SIDE)).weights == {}


# Homes stand on whole metres. Northings are off them by no fraction, so that no line between two corners
# meets a home: one on a border is in both areas.
metres = st.integers(-2_000, 2 * SIDE + 2_000)
corners = st.lists(
    st.tuples(metres.map(lambda value: value + 0.5), metres.map(lambda value: value + 1 / math.pi)),
    min_size=3,
    max_size=8,
)


@settings(deadline=None)
@given(corners)
@example([(0.5, 0.5 + 1 / math.pi), (0.5, 13_853 + 1 / math.pi), (2_375.5, 11_478 + 1 / math.pi)])
def test_an_area_and_the_rest_of_the_country_share_everyone(points):
    area = shapely.convex_hull(shapely.MultiPoint(points))
    if area.geom_type != "Polygon":
        return
    one, other = held(area), held(shapely.difference(COUNTRY, area))
    for code in CODES[:4]:
        assert one.weights.get(code, 0.0) + other.weights.get(code, 0.0) == pytest.approx(1.0)
    assert one.cut - {"E"} == other.cut - {"E"}


@settings(deadline=None)
@given(corners, corners)
def test_a_larger_area_never_holds_less(points, more):
    small = shapely.convex_hull(shapely.MultiPoint(points))
    large = shapely.convex_hull(shapely.MultiPoint([*points, *more]))
    if small.geom_type != "Polygon":
        return
    one, other = held(small), held(large)
    assert all(weight <= other.weights.get(code, 0.0) for code, weight in one.weights.items())
    assert all(0 <= weight <= 1 for weight in other.weights.values())


def test_homes_are_grouped_and_those_without_a_place_left_out():
    directory = Postcodes(
        np.arange(5, dtype=np.uint64),
        np.array([1, 2, NO_METRES, 4, 5], dtype=np.int32),
        np.array([10, 20, NO_METRES, 40, 50], dtype=np.int32),
        np.array([1, 0, 0, 1, NO_AUTHORITY], dtype=np.uint16),
        ("A", "B"),
        "a test",
    )
    grouped = homes_of(directory)
    assert grouped.of("A").tolist() == [[2.0, 20.0]]
    assert grouped.of("B").tolist() == [[1.0, 10.0], [4.0, 40.0]]
    assert grouped.of("C").shape == (0, 2)


@pytest.mark.parametrize("code", ["E08000003", "W06000015", "N09000003", "S12000036", "E06000053"])
def test_shipped_authorities_hold_themselves(code):
    shape = authorities().set_index("gss_code").geometry[code]
    found = shares_of(shape)
    assert found.weights == {code: 1.0}
    assert found.cut == frozenset()


def test_every_authority_has_homes():
    assert all(len(homes().of(code)) for code in authorities()["gss_code"])


def test_the_whole_country_holds_everyone():
    everywhere = MultiPolygon([box(-100_000, -100_000, 800_000, 1_400_000)])
    found = shares_of(everywhere)
    assert set(found.weights.values()) == {1.0}
    assert list(found.weights) == authorities()["gss_code"].tolist()
