"""Figures: drawn without a browser, the same each time, with their caption inside."""

from __future__ import annotations

import struct
from xml.etree import ElementTree as ET

import pytest

from data.errors import InputError
from layers.charts import CHARTS
from layers.view import View
from snapshots.figure import NOTHING, SCALE, caption, figure, specification
from tests.layers.compared import FIVE, HOSTILE, MIXED, TWO, compared, named


@pytest.fixture(scope="module")
def five(edition):
    return compared(edition, *FIVE)


def texts(content: bytes) -> list[str]:
    """Every text of an SVG picture."""
    root = ET.fromstring(content)
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_an_svg_says_what_it_shows_and_whose_it_is(edition, five):
    said = " ".join(texts(figure(five, View(), "per-head", "svg")))
    for wanted in (
        "Public money per head", "£ per person", "Glasgow City Region", "United Kingdom", "= all awards",
        "Counted: plain awards", "Open Government Licence", edition.about.name, "Boundaries: approximate",
        "?place=E08000003",
    ):  # fmt: skip
        assert wanted in said


def test_the_whole_caption_is_inside(five):
    words = " ".join(caption(five)).split()
    said = " ".join(texts(figure(five, None, "public-private", "svg"))).split()
    assert not {*words} - {*said}


def test_all_holds_every_chart(five):
    said = texts(figure(five, View(), "all", "svg"))
    for kind in CHARTS.values():
        assert any(text.startswith(kind.label) for text in said), kind.label


def test_the_same_comparison_gives_the_same_bytes(edition):
    first, again = (figure(compared(edition, *TWO), View(), "timeline") for _ in range(2))
    assert first == again
    assert first.startswith(b"\x89PNG")
    width, _ = struct.unpack(">II", first[16:24])
    assert width >= 720 * SCALE
    assert first != figure(compared(edition, *TWO), View(), "timeline", "png", "dark")


def test_filters_of_the_view_are_in_the_caption(edition):
    view = View(year_from=2018)
    comparison = compared(edition, *TWO, year_from=2018)
    assert "Awards from 2018 to 2030" in caption(comparison, view)[0]
    assert "year_from=2018" in caption(comparison, view)[-1]


def test_places_that_overlap_are_not_added(edition):
    assert "never added up" in " ".join(caption(compared(edition, *MIXED)))


def test_a_chart_of_nothing_says_so(edition):
    nothing = compared(edition, *TWO, year_from=2010, year_to=2010)
    assert NOTHING in texts(figure(nothing, None, "timeline", "svg"))


def test_hostile_names_are_text(edition):
    content = figure(named(edition, HOSTILE), None, "per-head", "svg")
    said = texts(content)
    for name in HOSTILE:
        # A long name is cut, and still text.
        assert any(text == name or (text.endswith("…") and name.startswith(text[:-1])) for text in said), name
    assert b"<img" not in content
    assert b"<script" not in content


def test_nothing_of_a_figure_is_fetched(five):
    spec = specification(five, None, "all")
    assert '"url"' not in str(spec).replace("'", '"')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("timelines", "png"), "did you mean timeline"), (("timeline", "gif"), "png or svg")],
)
def test_what_there_is_none_of_is_refused_in_words(five, arguments, words):
    with pytest.raises(InputError, match=words):
        figure(five, None, *arguments)
