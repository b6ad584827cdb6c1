"""The page: boxes that keep apart, and the ground that a view shows."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from edition.view import View
from geo.projections import to_bng
from snapshots.paper import MILLIMETRES, SIZES
from snapshots.picture.inset import SHETLAND, home_of
from snapshots.picture.layout import (
    MAINLAND_GROUND,
    PAGES,
    UK_GROUND,
    Box,
    ground,
    holding,
    laid_out,
    page_of,
    position,
)

# Lizard Point, Lowestoft Ness, Belleek's far end of Fermanagh: longitude, latitude; and Muckle Flugga.
ENDS = [(-5.2, 49.96), (1.763, 52.481), (-8.17, 54.46)]
NORTH_END = (-0.885, 60.86)
A4 = laid_out(PAGES["a4"], 25, 20).map
sizes = st.sampled_from(sorted(PAGES))


def boxes_of(layout):
    return [layout.title, layout.legend, layout.map, layout.caption]


@given(sizes, st.floats(5, 60), st.floats(5, 60), st.none() | st.floats(3, 60))
def test_boxes_keep_apart_and_on_the_page(size, head, foot, strip):
    layout = laid_out(PAGES[size], head, foot, strip)
    for box in boxes_of(layout):
        assert box.left >= 0
        assert box.bottom >= 0
        assert box.right <= layout.width + 1e-9
        assert box.top <= layout.height + 1e-9
    for one, other in combinations(boxes_of(layout), 2):
        apart = one.right <= other.left + 1e-9 or other.right <= one.left + 1e-9
        assert apart or one.top <= other.bottom + 1e-9 or other.top <= one.bottom + 1e-9


@given(sizes, st.floats(5, 60), st.floats(5, 60), st.floats(1, 20))
def test_the_map_gives_way_to_the_words(size, head, foot, more):
    page = PAGES[size]
    for words in (laid_out(page, head, foot), laid_out(page, head + more, foot + more)):
        assert words.title.height in (head, head + more)
        assert words.caption.height in (foot, foot + more)
    room = page.height * page.width
    assert words.map.height * words.map.width > 0.2 * room


def test_there_is_a_page_for_every_size_of_paper():
    assert tuple(PAGES) == SIZES
    assert {size: (page.width, page.height) for size, page in PAGES.items()} == dict(MILLIMETRES)


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_uk_is_shown(size):
    page = PAGES[size]
    box = laid_out(page, 25, 25).map
    frame = ground(View(), box, home_of(page))
    for end in ENDS:
        assert frame.holds(*to_bng(*end))
    assert frame.width / frame.height == pytest.approx(box.width / box.height)
    # In its place on an upright page; else not at all, since a frame shows it.
    assert frame.holds(*to_bng(*NORTH_END)) is page.upright
    assert page.upright or not frame.overlaps(SHETLAND)


@pytest.mark.parametrize("size", ["a4-landscape", "a3-landscape", "slide"])
def test_a_frame_for_shetland_makes_the_mainland_larger_where_height_is_scarce(size):
    box = laid_out(PAGES[size], 25, 25).map
    assert ground(View(), box, UK_GROUND).height / ground(View(), box, MAINLAND_GROUND).height > 1.15


@pytest.mark.parametrize("size", ["a4", "a3"])
def test_on_an_upright_page_it_would_gain_little(size):
    box = laid_out(PAGES[size], 30, 25).map
    assert ground(View(), box, UK_GROUND).height / ground(View(), box, MAINLAND_GROUND).height < 1.1


def test_a_nearer_view_shows_its_middle():
    frame = ground(View(at=(52.2, 0.12, 10)), A4)
    assert frame.middle == pytest.approx(tuple(float(value) for value in to_bng(0.12, 52.2)))
    closer = ground(View(at=(52.2, 0.12, 11)), A4)
    assert frame.width / closer.width == pytest.approx(2)
    assert frame.width / frame.height == pytest.approx(A4.width / A4.height)


def test_a_far_view_shows_no_more_than_the_uk():
    assert ground(View(at=(52.2, 0.12, 3)), A4) == ground(View(), A4)
    assert ground(View(), A4).height >= UK_GROUND.height


@given(st.floats(1e5, 6e5), st.floats(1e4, 1e6), st.floats(2e3, 2e5), st.floats(2e3, 2e5), sizes)
def test_the_position_of_a_frame_shows_that_frame(left, bottom, width, height, size):
    box = laid_out(PAGES[size], 25, 25).map
    frame = Box(left, bottom, width, height)
    at = position(frame, box)
    shown = ground(View().model_copy(update={"at": at}), box)
    wanted = holding(frame, box)
    assert shown.height == pytest.approx(wanted.height, rel=1e-6)
    assert shown.middle == pytest.approx(wanted.middle, abs=20)


def test_an_unknown_size_is_named():
    with pytest.raises(InputError, match="'a5' is no size of a page"):
        page_of("a5")
