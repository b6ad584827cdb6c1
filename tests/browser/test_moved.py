"""The difference between the rules of placing, as a reader sees it: both kinds of symbol, and a switch."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
READY = """() => window.icm && window.icm.pending === 0
    && window.icm.report().drawn.regions?.measure === 'moved'"""


@pytest.mark.parametrize("level", ["la", "nation"])
def test_the_difference_is_drawn_as_discs_and_rings(new_atlas, server, level):
    atlas = new_atlas().open(f"{server.address}/?measure=moved&level={level}&show=regions")
    atlas.wait(READY)
    shown = atlas.drawn("regions")
    assert shown["discs"] > 0
    assert shown["rings"] > 0
    assert shown["discs"] + shown["rings"] == shown["symbols"] <= shown["polygons"]
    legend = atlas.frame.locator(".icm-legend").inner_text()
    assert "more by place of delivery" in legend
    assert "more by lead's address" in legend
    assert "Left out: " in legend
    assert atlas.faults == []


def test_choosing_the_measure_and_the_rule_changes_map_words_and_address(atlas):
    atlas.choose("Measure", "Delivery less lead")
    atlas.wait(READY)
    atlas.says(measure="moved")
    assert atlas.drawn("regions")["rings"] > 0
    figures = atlas.page.locator("p.figures")
    expect(figures).to_contain_text("all of it placed (by place of delivery)")
    atlas.page.get_by_text("Lead's address", exact=True).click()
    expect(figures).to_contain_text("placed by lead's address")
    expect(figures).to_contain_text("not placed (the lead or its address is not known)")
    atlas.says(placed="lead")
    assert atlas.faults == []
