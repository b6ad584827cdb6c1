"""The map that every view of a page shares."""

from __future__ import annotations

from itertools import product

from edition.view import View
from layers.base_map import base_map
from layers.element import Stage


def test_every_point_of_the_map_can_be_asked_about():
    """A click is a view, so what the map can be moved to has to be one."""
    (south, west), (north, east) = base_map().options["max_bounds"]
    for lat, lon, zoom in product((south, north), (west, east), (5.0, 18.0)):
        assert View(here=(lat, lon, zoom), at=(lat, lon, zoom)).here == (lat, lon, zoom)


def test_the_base_map_is_the_same_every_time():
    first, second = (base_map() for _ in range(2))
    assert first.options == second.options
    assert first.default_js == second.default_js
    assert not any("//" in url for _, url in (*first.default_js, *first.default_css))


def test_a_map_to_draw_on_is_a_map_of_its_own():
    """The component tells maps apart by their script."""
    scripts = {
        tuple(options): stage_of(base_map(**options))
        for options in ({}, {"draw": True}, {"draw": True, "pick": True})
    }
    assert len(set(scripts.values())) == 3
    assert stage_of(base_map(draw=False, pick=False)) == scripts[()]
    assert stage_of(base_map(draw=True)) == scripts["draw",]


def stage_of(atlas):
    return next(child.text for child in atlas._children.values() if isinstance(child, Stage))
