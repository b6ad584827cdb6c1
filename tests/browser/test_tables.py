"""Whether the columns of a table are as wide as their numbers are drawn, in Chromium."""

from __future__ import annotations

import pytest

from edition.edition import KEEPER
from edition.view import View
from profiles.programmes import project_rows
from views import grid

pytestmark = pytest.mark.browser
# How wide texts are in the letters of the first table, and what is left free at both sides of them.
DRAWN = """(texts) => {
    const table = document.querySelector('[data-testid="data-grid-canvas"]');
    const look = (name) => getComputedStyle(table).getPropertyValue(name).trim();
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${look("--gdg-base-font-style")} ${look("--gdg-font-family")}`;
    const free = 2 * Number.parseFloat(look("--gdg-cell-horizontal-padding"));
    return texts.map((text) => pen.measureText(text).width + free);
}"""


def test_a_column_is_as_wide_as_its_numbers_are_drawn(new_atlas, server):
    rows = project_rows(KEEPER.wait(), View(growth=True, kinds=("envelope", "project value")))
    money = [grid.written(rows[name], "£%,.0f") for name in ("counted_gbp", "private_gbp", "award_gbp")]
    texts = sorted(set().union(*money) | set(rows["award"]) | {"£1,423,961,738", "W06000015", "99.87%"})
    assert "£93,000,000" in texts
    page = new_atlas().page
    page.goto(f"{server.address}/funding")
    page.get_by_test_id("data-grid-canvas").wait_for(timeout=60_000)
    for text, pixels in zip(texts, page.evaluate(DRAWN, texts), strict=True):
        assert 20 < pixels <= grid.width_of(text), text
