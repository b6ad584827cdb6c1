"""Names of files: they say what a view shows, in letters that every system takes."""

from __future__ import annotations

import doctest
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.formats import FORMATS, offered
from edition.view import UK, View
from snapshots import file_names as names
from snapshots.file_names import MOST_LETTERS, file_name, safe_name
from tables import file_names

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\.[a-z]+")
CAMBRIDGE = (52.205, 0.12, 10.0)


def test_the_examples_hold():
    for module in (names, file_names):
        ran = doctest.testmod(module)
        assert ran.attempted >= 1
        assert ran.failed == 0


@pytest.mark.parametrize(
    ("view", "form", "name"),
    [
        ({}, "png", "uk-per-head-itl3"),
        ({"place": ("Greater Manchester",)}, "png", "greater-manchester-per-head-itl3"),
        ({"place": ("E06000023",), "level": "city_region"}, "zip", "bristol-city-of-per-head-city-region"),
        ({"at": CAMBRIDGE, "show": ("clusters",)}, "svg", "cambridge"),
        ({"at": CAMBRIDGE, "measure": "none"}, "html", "cambridge"),
        ({"at": (57.0, -16.0, 9.0)}, "pdf", "uk-per-head-itl3"),
        ({"sector": ("life-sciences",), "measure": "lq"}, "png", "uk-lq-itl3-life-sciences"),
        ({"place": ("Leeds", "Cardiff"), "at": CAMBRIDGE}, "png", "cambridge-per-head-itl3"),
        ({"place": ("Leeds", "Cardiff")}, "png", "leeds-and-1-more-per-head-itl3"),
        ({"place": ("Leeds", "Cardiff")}, "zip", "leeds-and-1-more-per-head-itl3"),
        ({"place": ("Leeds", "Cardiff", "UK"), "at": CAMBRIDGE}, "brief", "leeds-and-2-more-per-head-itl3"),
        ({"place": ("nowhere at all",)}, "png", "uk-per-head-itl3"),
        ({"cluster": "no-such-cluster", "at": UK}, "png", "uk-per-head-itl3"),
    ],
)
def test_a_name_says_place_measure_level_sectors_and_edition(edition, view, form, name):
    ending = "-brief.pdf" if form == "brief" else f".{FORMATS[form].ending}"
    made = file_name(edition, View(**view), form)
    assert made == f"innovation-clusters-{name}-{edition.about.name}{ending}"


def test_a_cluster_is_named_before_a_place(edition):
    row = edition.tables["clusters"].iloc[0]
    made = file_name(edition, View(cluster=row["cluster_id"], place=("Leeds",)), "brief")
    assert made.startswith(f"innovation-clusters-{names.slug(row['name'], 36)}-per-head")


def test_many_sectors_are_counted_where_there_is_no_room(edition):
    every = edition.labels.sectors
    short = file_name(edition, View(sector=every, show=("clusters",)), "png")
    assert f"-and-{len(every) - 2}-more-" in short
    wide = {"measure": "private-per-head", "level": "city_region"}
    long = file_name(edition, View(sector=every, place=("E06000058",), **wide), "png")
    assert f"-{len(every)}-sectors-" in long
    assert len(long) <= MOST_LETTERS


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.characters(codec="utf-8"), max_size=300),
    st.sampled_from([form.id for form in offered("views")]),
)
def test_hostile_names_are_tamed(edition, text, form):
    made = file_name(edition, View(place=("set:E08000003~" + "".join(filter(str.isprintable, text)),)), form)
    assert PLAIN.fullmatch(made)
    assert len(made) <= MOST_LETTERS


def test_labels_of_ones_own_are_tamed(own_edition):
    for label in own_edition.labels.sectors:
        assert PLAIN.fullmatch(file_name(own_edition, View(sector=(label,)), "png"))


def test_no_such_format_is_refused(edition):
    with pytest.raises(InputError, match="'gif' is no format"):
        file_name(edition, View(), "gif")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("leeds", "leeds.png"),
        ("Leeds.PNG", "Leeds.png"),
        ("../../etc/passwd", "etc-passwd.png"),
        ("C:\\Windows\\x", "C-Windows-x.png"),
        ("con", "map-con.png"),
        ("NUL.txt", "map-NUL.txt.png"),
        (".bashrc", "bashrc.png"),
        ("-rf", "rf.png"),
        ("a..b", "a.b.png"),
        ("=cmd|'/c calc'!A1", "cmd-c-calc-A1.png"),
        ("Ynys Môn", "Ynys-Mon.png"),
        ("a\x00b\nc\u202ed", "a-b-c-d.png"),
        ("..", ""),
        ("東京", ""),
        (".png", ""),
        ("", ""),
    ],
)
def test_a_name_that_was_asked_for_is_made_safe(wanted, name):
    assert safe_name(wanted, "png") == name


@given(st.text(max_size=400))
def test_no_name_leads_out_of_its_folder(text):
    made = safe_name(text, "pdf")
    assert not made or re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*\.pdf", made)
    assert ".." not in made
    assert len(made) <= MOST_LETTERS
    assert made.partition(".")[0].lower() not in names.DEVICES
