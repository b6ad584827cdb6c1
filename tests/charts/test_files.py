"""Figures: drawn without a browser, the same each time, with their caption inside."""

from __future__ import annotations

import io
import struct
from xml.etree import ElementTree as ET

import pypdf
import pytest

from charts.comparison import CHARTS
from charts.files import (
    NOTHING,
    SCALE,
    caption,
    figure,
    of_comparison,
    of_likeness,
    of_ranks,
    of_years,
    printed,
    specification,
)
from data.errors import InputError
from edition.view import View
from regions import similar
from regions.measures import MEASURES
from regions.places import find_place
from regions.ranks import by_rule
from tests.layers.compared import FIVE, HOSTILE, MIXED, TWO, compared, named
from words.links import closed


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
    words = closed(" ".join(caption(five))).split()
    said = closed(" ".join(texts(figure(five, None, "public-private", "svg")))).split()
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
    spec = specification(of_comparison(five))
    assert '"url"' not in str(spec).replace("'", '"')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("timelines", "png"), "did you mean timeline"), (("timeline", "gif"), "png, svg or pdf")],
)
def test_what_there_is_none_of_is_refused_in_words(five, arguments, words):
    with pytest.raises(InputError, match=words):
        figure(five, None, *arguments)


@pytest.fixture(scope="module")
def plates(edition):
    """One figure of each kind that is not of a comparison."""
    leeds, view = find_place(edition, "Leeds"), View(year_from=2018)
    measure = MEASURES["per-head"]
    alike = similar.likeness(edition, view, leeds, list(similar.DEFAULT), "")
    return {
        "years": of_years(edition, view),
        "one programme": of_years(edition, View(programme=("IA",))),
        "ranks": of_ranks(edition, view, leeds, measure, by_rule(edition, view, leeds, measure)),
        "likeness": of_likeness(edition, view, alike, leeds, 8),
    }


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "years",
            ("Public and private money by year", "public money", "Awards from 2018 to 2030", "/funding?"),
        ),
        ("one programme", ("Innovation Accelerators pilot", "programme=IA")),
        ("ranks", ("How much the level decides: Leeds", "ITL3 area", "place=E08000035", "Awards from 2018")),
        ("likeness", ("Places like Leeds", "Liverpool", "standard deviations", "Open Government Licence")),
    ],
)
def test_every_kind_of_figure_says_what_it_shows(edition, plates, name, wanted):
    said = " ".join(texts(printed(plates[name], "svg")))
    for words in (*wanted, edition.about.name, "not a census", "Boundaries: approximate"):
        assert words in said, words


@pytest.mark.parametrize("name", ["years", "ranks"])
def test_a_pdf_has_its_letters_in_it_and_the_same_bytes(plates, name):
    first, again = (printed(plates[name], "pdf") for _ in range(2))
    assert first == again
    read = pypdf.PdfReader(io.BytesIO(first), strict=True)
    [page] = read.pages
    said = " ".join(page.extract_text().split())
    assert "edition sample-2026-12" in said
    assert "counted: plain awards" in said
    fonts = page["/Resources"]["/Font"].values()
    for font in fonts:
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        descriptor = inner["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_objects_of_a_pdf_are_found_where_its_table_says(plates):
    content = printed(plates["ranks"], "pdf")
    start = int(content.split(b"startxref\n")[1].split()[0])
    lines = content[start:].split(b"trailer")[0].splitlines()[3:]
    for number, line in enumerate(lines, 1):
        offset = int(line[:10])
        assert content[offset:].startswith(b"%d 0 obj\n" % number)


def test_a_figure_of_no_money_says_so(edition):
    nothing = of_years(edition, View(year_from=2010, year_to=2010))
    assert NOTHING in texts(printed(nothing, "svg"))
