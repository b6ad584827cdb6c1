"""Placing names: none over another, over a mark or over the edge, whatever the wishes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from snapshots.picture.label_placement import Room, Wish

PAGE = (0.0, 0.0, 400.0, 600.0)
wishes = st.builds(
    Wish,
    x=st.floats(0, 400),
    y=st.floats(0, 600),
    reach=st.floats(0, 12),
    width=st.floats(5, 150),
    height=st.floats(5, 20),
    led=st.booleans(),
    air=st.floats(0, 5),
)
marks = st.builds(
    lambda x, y, r: (x - r, y - r, x + r, y + r), st.floats(0, 400), st.floats(0, 600), st.floats(1, 15)
)


def overlap(one, other, slack=1e-6):
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > slack and high > slack


@given(st.lists(wishes, max_size=12), st.lists(marks, max_size=8), st.lists(marks, max_size=8))
def test_names_keep_off_each_other_and_off_marks(wanted, solid, open_):
    room = Room(solid, open_, PAGE)
    found = [spot for spot in (room.settle(wish) for wish in wanted) if spot]
    for number, spot in enumerate(found):
        left, bottom, right, top = spot.edges
        assert left >= 0
        assert bottom >= 0
        assert right <= 400
        assert top <= 600
        assert not any(overlap(spot.edges, other.edges) for other in found[:number])
        assert not any(overlap(spot.edges, mark) for mark in solid)


def test_a_name_stands_to_the_right_where_it_can():
    wish = Wish(200, 300, 5, 40, 10)
    left, bottom, _, top = Room([], [], PAGE).settle(wish).edges
    assert left > 205
    assert (bottom + top) / 2 == 300


def test_a_name_avoids_an_open_mark_if_that_costs_little():
    wish = Wish(200, 300, 5, 40, 10)
    spot = Room([], [(205, 290, 250, 310)], PAGE).settle(wish)
    assert not overlap(spot.edges, (205, 290, 250, 310))


def test_a_name_that_stands_off_is_led():
    wall = [(150, 250, 250, 350)]
    assert Room(wall, [], PAGE).settle(Wish(200, 300, 5, 40, 10)) is None
    spot = Room(wall, [], PAGE).settle(Wish(200, 300, 5, 40, 10, led=True))
    assert spot.line is not None
    assert not overlap(spot.edges, wall[0])


def test_a_leading_line_ends_at_the_name():
    wall = [(150, 250, 250, 350)]
    spot = Room(wall, [], PAGE).settle(Wish(200, 300, 5, 40, 10, led=True))
    x, y = spot.line[1]
    left, bottom, right, top = spot.edges
    assert left <= x <= right
    assert bottom <= y <= top
    assert x in (left, right) or y in (bottom, top)


def test_no_room_is_said():
    assert Room([PAGE], [], PAGE).settle(Wish(200, 300, 5, 40, 10, led=True)) is None


def test_a_name_stands_off_no_farther_than_it_may():
    wall = [(150, 250, 250, 350)]
    wish = Wish(200, 300, 5, 40, 10, led=True)
    assert Room(wall, [], PAGE).settle(wish) is not None
    assert Room(wall, [], PAGE).settle(replace(wish, far=30.0)) is None
