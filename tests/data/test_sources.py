"""The list of sources: what each owes, and what a list may not hold."""

from __future__ import annotations

import pytest

from data.errors import NotFoundError, TableError
from data.schemas import COLUMNS
from data.sources import FILE, SOURCES, attribution, in_order, named, read, require, sources

TEXT = FILE.read_text(encoding="utf-8")
# Tables that come with libraries, or are derived when the map is made.
DERIVED = {"postcodes", "towns", "boundaries", "context_land"}


def test_every_source_says_all_that_a_list_of_sources_has_to():
    for source in sources():
        for name in ("id", "label", "publisher", "licence", "edition", "renewed", "attribution"):
            assert getattr(source, name), (source.id, name)
        assert bool(source.tables) != source.program, source.id
    assert list(SOURCES) == [source.id for source in sources()]


def test_a_source_stands_behind_every_table():
    behind = {name for source in sources() for name in source.tables}
    assert behind == {*COLUMNS, *DERIVED}


def test_where_the_firms_are_an_analysts_own_ours_are_not_credited():
    whole, besides = (attribution("register", own=own) for own in (False, True))
    assert whole.startswith("Firms, awards and research assets: ")
    assert besides == whole.replace("Firms, awards", "Awards")
    assert SOURCES["register"].shown(own=True).holds == "awards and research assets"
    assert attribution("onspd", own=True) == attribution("onspd")
    assert [source.id for source in sources() if source.firms] == ["register"]


def test_some_come_once_and_in_the_order_of_all():
    assert [one.id for one in in_order(["geonames", "register", "geonames"])] == ["register", "geonames"]
    assert [one.id for one in named(["geonames", "register"])] == ["geonames", "register"]


def test_ids_that_no_source_has_are_quoted_with_who_names_them():
    require(["register", "onspd"], "the layer 'land'")
    with pytest.raises(NotFoundError) as fault:
        require(["register", "onsdp", "x"], "the layer 'land'")
    said = str(fault.value)
    assert said.startswith("the layer 'land': no source has the id 'onsdp', 'x'; the ids are register, onspd")
    assert said.endswith("data/sources.toml has room for more")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "leaflet"', 'id = "gshhg"', "source 'gshhg' comes twice"),
        ('licence = "Public domain"', "", "source 'natural-earth' has no licence"),
        ('licence = "Public domain"', 'license = "x"\nlicence = "x"', "'license' is no field of a source"),
        ("[source.besides]\n", '[source.besides]\nattributes = "x"\n', "'attributes' is no field"),
    ],
)
def test_a_list_with_a_fault_is_refused(old, new, words):
    assert old in TEXT
    with pytest.raises(TableError, match=words):
        read(TEXT.replace(old, new))
