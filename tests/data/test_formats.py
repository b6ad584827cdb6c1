"""The list of formats: whole, without two of a kind, and nothing in it that nothing makes."""

from __future__ import annotations

import doctest
import re
from dataclasses import replace

import pytest

from data import formats
from data.errors import InputError
from data.formats import FORMATS, Format, by_ending, by_word, grouped, made, media_of, offered, registry


def test_the_examples_hold():
    ran = doctest.testmod(formats)
    assert ran.attempted >= 1
    assert ran.failed == 0


def ids(forms):
    return [form.id for form in forms]


def test_views_tables_and_charts_have_these_formats():
    assert ids(offered("views")) == ["png", "svg", "pdf", "html", "zip", "brief"]
    assert ids(offered("tables")) == ["json", "csv", "geojson", "xlsx"]
    assert ids(offered("charts")) == ["png", "svg", "pdf"]
    assert ids(offered("views", "menu")) == ids(offered("views", "api")) == ids(offered("views", "command"))
    assert ids(offered("views", "page")) == ["zip", "brief"]
    assert ids(offered("tables", "page")) == ["csv", "geojson", "xlsx"]


def test_those_of_a_view_are_grouped_as_the_menu_has_them():
    assert {group.title: ids(forms) for group, forms in grouped("menu").items()} == {
        "Picture": ["png", "svg", "pdf"],
        "Interactive map": ["html"],
        "Everything": ["zip"],
        "Brief": ["brief"],
    }
    assert FORMATS["brief"].path == "/brief.pdf"
    assert FORMATS["svg"].label == "Picture, SVG"
    assert FORMATS["svg"].read_out == "Picture as SVG, lines and text to edit"


def test_an_ending_says_the_first_format_that_has_it_and_a_word_the_others():
    said = {ending: form.id for ending, form in by_ending("views").items()}
    assert said == {".png": "png", ".svg": "svg", ".pdf": "pdf", ".html": "html", ".zip": "zip"}
    assert list(by_ending("tables")) == [".csv", ".xlsx", ".json"]
    assert dict(by_word()) == {"brief": FORMATS["brief"]}


def test_everything_that_is_offered_says_what_it_is_good_for():
    assert all(form.hint and form.name and form.kind.count("/") == 1 for form in FORMATS.values())
    # What a browser opens and could run is sealed.
    shown = [form for form in offered("views") if form.is_text]
    assert ids(shown) == ["svg", "html"]
    assert all("sandbox" in form.policy for form in shown)


def test_a_format_of_views_has_to_belong_somewhere():
    with pytest.raises(InputError, match="'gif' is of views and has no group"):
        Format("gif", "GIF", "gif", "image/gif", views=formats.ON_THE_MAP)
    with pytest.raises(InputError, match="'csv' is no format of views"):
        assert FORMATS["csv"].path


def test_two_of_a_kind_are_refused_and_every_fault_is_told():
    png, pdf = FORMATS["png"], FORMATS["pdf"]
    with pytest.raises(InputError) as fault:
        registry(png, replace(png, media="image/x-png"), pdf, replace(pdf, id="poster"))
    for words in (
        "'png' is the id of two formats",
        "end in .png have two media types, 'image/png' and 'image/x-png'",
        "'/picture.pdf' is the path of two formats: give 'poster' a group of its own",
    ):
        assert words in str(fault.value)


def test_what_nothing_makes_is_refused():
    with pytest.raises(
        InputError, match=re.escape("nothing makes 'gif', which data/formats.py offers: enter")
    ):
        made({"png": print}, ["png", "gif"], "WRITERS")
    with pytest.raises(InputError, match="'gif' in WRITERS is of nothing that"):
        made({"png": print, "gif": print}, ["png"], "WRITERS")
    assert dict(made({"png": print}, ["png", "png"], "WRITERS")) == {"png": print}


def test_a_file_has_the_media_type_of_its_ending():
    assert media_of("gpkg") == "application/geopackage+sqlite3"
    with pytest.raises(InputError, match="no format ends in 'gif'; the endings are png, svg"):
        media_of("gif")
