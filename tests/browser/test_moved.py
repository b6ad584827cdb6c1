"""The difference between the rules of placing, as a reader sees it: both kinds of symbol, and a switch."""

from __future__ import annotations

import pytest

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
    atlas.page.get_by_role("combobox", name="Measure").click()
    atlas.page.get_by_role("option", name="Delivery less lead").click()
    atlas.wait(READY)
    atlas.rest()
    assert "measure=moved" in atlas.query()
    assert atlas.drawn("regions")["rings"] > 0
    figures = atlas.page.locator("p.figures")
    assert "placed by place of delivery, £0 not placed" in figures.inner_text()
    atlas.page.get_by_text("Lead's address", exact=True).click()
    atlas.page.locator("p.figures", has_text="placed by lead's address").wait_for(timeout=10_000)
    assert "not placed (the lead or its address is not known)" in figures.inner_text()
    assert "placed=lead" in atlas.query()
    assert atlas.faults == []
