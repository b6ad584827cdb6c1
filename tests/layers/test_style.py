"""Style: both themes say the same things, and what is drawn can be seen."""

from __future__ import annotations

import re

import pytest

from data.schemas import ASSET_TYPES
from data.taxonomy import sectors, technologies
from layers.style import style


def luminance(colour: str) -> float:
    rgb = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_themes_differ_in_values_alone() -> None:
    light, dark = style("light"), style("dark")
    assert light.colours.keys() == dark.colours.keys()
    assert light.sizes == dark.sizes
    assert light.assets == dark.assets
    assert light.sectors.keys() == dark.sectors.keys()
    assert len(light.colours["ramp"]) == len(dark.colours["ramp"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_drawn_has_a_mark_of_its_own(theme: str) -> None:
    look = style(theme)
    assert set(look.sectors) == {row.id for row in (*sectors(), *technologies())}
    assert set(look.assets) == set(ASSET_TYPES)
    assert len({row["mark"] for row in look.assets.values()}) == len(ASSET_TYPES)
    assert len({look.sectors[sector.id]["symbol"] for sector in sectors()}) == len(sectors())
    for family in technologies():
        assert look.sectors[family.id]["colour"] == look.sectors[family.sector]["colour"]
        assert look.sectors[family.id]["label"] == family.label


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_marks_stand_out(theme: str) -> None:
    colours = style(theme).colours
    flat = [value for value in colours.values() if isinstance(value, str)] + colours["ramp"]
    assert all(re.fullmatch(r"#[0-9A-F]{6}", value) for value in flat)
    for text in ("ink", "muted"):
        assert contrast(colours[text], colours["panel"]) >= 4.5
        assert contrast(colours[text], colours["land"]) >= 4.5
    for mark in ("award", "firm", "asset", "focus"):
        assert contrast(colours[mark], colours["land"]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_ramp_runs_one_way_away_from_the_land(theme: str) -> None:
    colours = style(theme).colours
    steps = [contrast(colour, colours["land"]) for colour in colours["ramp"]]
    assert steps == sorted(steps)
    assert len(set(steps)) == len(steps)
