"""The page: boxes that keep apart, and the ground that a view shows."""

from __future__ import annotations

from itertools import combinations

import pytest

from data.errors import InputError
from geo.projections import to_bng
from layers.view import View
from snapshots.layout import LAYOUTS, UK_GROUND, ground, layout_of

# Muckle Flugga, Lizard Point, Lowestoft Ness, Belleek's far end of Fermanagh: longitude, latitude.
ENDS = [(-0.885, 60.86), (-5.2, 49.96), (1.763, 52.481), (-8.17, 54.46)]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_boxes_keep_apart_and_on_the_page(layout):
    boxes = (layout.title, layout.legend, layout.map, layout.caption)
    for box in boxes:
        assert box.left >= 0
        assert box.bottom >= 0
        assert box.right <= layout.width + 1e-9
        assert box.top <= layout.height + 1e-9
    for one, other in combinations(boxes, 2):
        apart = one.right <= other.left or other.right <= one.left
        assert apart or one.top <= other.bottom or other.top <= one.bottom


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_whole_uk_is_shown_shetland_in_its_place(layout):
    frame = ground(View(), layout.map)
    for end in ENDS:
        x, y = to_bng(*end)
        assert frame.left < x < frame.right
        assert frame.bottom < y < frame.top
    assert frame.width / frame.height == pytest.approx(layout.map.width / layout.map.height)


def test_a_nearer_view_shows_its_middle():
    box = LAYOUTS["a4"].map
    frame = ground(View(at=(52.2, 0.12, 10)), box)
    assert frame.middle == pytest.approx(tuple(float(value) for value in to_bng(0.12, 52.2)))
    closer = ground(View(at=(52.2, 0.12, 11)), box)
    assert frame.width / closer.width == pytest.approx(2)
    assert frame.width / frame.height == pytest.approx(box.width / box.height)


def test_a_far_view_shows_no_more_than_the_uk():
    box = LAYOUTS["a4"].map
    assert ground(View(at=(52.2, 0.12, 3)), box) == ground(View(), box)
    assert ground(View(), box).height >= UK_GROUND.height


def test_an_unknown_size_is_named():
    with pytest.raises(InputError, match="'a5' is no size of a picture; the sizes are a4, slide"):
        layout_of("a5")
