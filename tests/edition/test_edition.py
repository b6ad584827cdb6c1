"""The edition: built when it is missing, damaged or old, once, and opened otherwise; and its keeper."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pandas as pd
import pytest
import shapely

from clusters.shipped import shipped_clusters
from data.errors import StoreError
from data.store import Store, write_store
from data.tables import table
from edition import edition as editions
from edition.build import STEPS
from edition.contents import table_names
from edition.edition import KEEPER, Keeper, edition_path, keeping, open_edition, warm_more
from edition.filters import Filters, taxonomy, vocabulary
from edition.labels import Labels
from edition.view import LEVELS
from geo.boundaries import LEVELS as PLACES
from regions.comparison import compare
from regions.places import places
from tests.own import TAXONOMY

OTHER_LABELS = Labels(("SIC 24",), (), {"SIC 24": "SIC 24"}, {}, own=True)


class Workshop:
    """Stands in for the build: tiny tables of the right names, and a count of how often it was asked."""

    def __init__(self):
        self.builds = 0
        self.fault = None

    def __call__(self, progress):
        self.builds += 1
        progress("Working", 0.5)
        if self.fault:
            raise self.fault
        return {name: pd.DataFrame({"build": [self.builds]}) for name in table_names()}


@pytest.fixture
def workshop(monkeypatch, tmp_path):
    made = Workshop()
    monkeypatch.setattr(editions, "build_tables", made)
    monkeypatch.setattr(editions, "settings", lambda: SimpleNamespace(cache_dir=tmp_path))
    monkeypatch.setattr(editions, "store_path", lambda name: tmp_path / "new" / f"store-{name}.duckdb")
    return made


def build_of(opened):
    return int(opened.store.frame("regions")["build"].iloc[0])


# --- Built and opened


def test_a_missing_edition_is_built_once_and_opened_from_then_on(workshop):
    told = []
    first = open_edition(lambda stage, share: told.append((stage, share)))
    second = open_edition()
    assert workshop.builds == 1
    assert build_of(first) == build_of(second) == 1
    assert told == [("Working", 0.5)]


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 20_000])
def test_a_damaged_edition_is_built_again(workshop, content):
    edition_path().parent.mkdir(parents=True)
    edition_path().write_bytes(content)
    assert build_of(open_edition()) == 1
    assert workshop.builds == 1


def test_an_edition_cut_short_is_built_again(workshop):
    open_edition().store.close()
    whole = edition_path().read_bytes()
    edition_path().write_bytes(whole[: len(whole) // 3])
    assert build_of(open_edition()) == 2


def test_an_edition_that_lacks_a_table_is_built_again(workshop):
    tables = workshop(lambda *_: None)
    del tables["shares"]
    write_store(edition_path(), tables)
    assert build_of(open_edition()) == 2


def test_a_build_that_fails_leaves_nothing_behind_and_may_be_tried_again(workshop):
    workshop.fault = ValueError("no such place")
    with pytest.raises(ValueError, match="no such place"):
        open_edition()
    assert not edition_path().exists()
    assert [path.suffix for path in edition_path().parent.iterdir()] in ([".lock"], [])
    workshop.fault = None
    assert build_of(open_edition()) == 2


def test_those_who_open_at_once_build_once(workshop):
    opened = []
    threads = [threading.Thread(target=lambda: opened.append(open_edition())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert workshop.builds == 1
    assert [build_of(one) for one in opened] == [1] * 4


def test_official_boundaries_make_another_edition(workshop, tmp_path):
    before = edition_path()
    (tmp_path / editions.OFFICIAL_FILE).write_bytes(b"boundaries")
    between = edition_path()
    (tmp_path / editions.OFFICIAL_FILE).write_bytes(b"other boundaries")
    assert len({before, between, edition_path()}) == 3


# --- What is inside the shipped one


def test_the_steps_give_the_tables_that_are_required(edition):
    listed = edition.store.query("SELECT table_name FROM duckdb_tables()")["table_name"]
    assert sorted(listed) == sorted(table_names())
    assert len({words for words, _ in STEPS}) == len(STEPS)


def test_every_level_has_its_regions_and_shapes(edition):
    assert set(edition.regions) == set(PLACES)
    for level in LEVELS:
        frame = edition.regions[level]
        assert frame["region_id"].is_unique
        assert shapely.is_valid(frame.geometry.to_numpy()).all()
        assert frame[["lon", "lat"]].notna().all(axis=None)
        assert {f"{level}-fine", f"{level}-coarse"} <= set(edition.shapes)
        assert len(edition.shapes[f"{level}-coarse"]) <= len(edition.shapes[f"{level}-fine"])


def test_the_population_of_the_uk_is_the_same_at_every_level(edition):
    sums = {level: frame["population"].sum() for level, frame in edition.regions.items() if level in LEVELS}
    assert len(set(sums.values())) == 1
    assert sums["nation"] == table("local_authorities")["population"].sum()


def test_clusters_are_those_that_were_found(edition):
    found = shipped_clusters()
    assert set(edition.clusters["cluster_id"]) == set(found.clusters["cluster_id"])
    sizes = edition.tables["members"].groupby("cluster_id").size()
    assert sizes.to_dict() == edition.clusters.set_index("cluster_id")["firms"].to_dict()


def test_firms_are_counted(edition):
    firms = table("firms")
    assert edition.firm_count == (len(firms), int((firms["location_precision"] == "town").sum()))


def test_every_kind_of_thing_can_be_searched_for(edition):
    kinds = set(edition.tables["entries"]["kind"])
    assert kinds == {"town", "cluster", "project", "firm", "asset", *PLACES}
    assert (
        edition.names.search("OX11 0QR", 5) == [] or edition.names.search("OX11 0QR", 5)[0].kind != "postcode"
    )
    assert edition.search.search("OX11 0QR", 5)[0].kind == "postcode"


# --- The keeper


@pytest.fixture
def keeper(monkeypatch):
    """A keeper whose edition opens when the test says so."""
    gate = threading.Event()
    opened = SimpleNamespace(tables={}, clusters=(), shapes={}, names=(), labels=TAXONOMY)
    calls = []

    def opening(progress):
        calls.append(progress)
        progress("Placing the firms", 0.25)
        assert gate.wait(30)
        return opened

    warmed = []
    monkeypatch.setattr(editions, "open_edition", opening)
    monkeypatch.setattr(editions, "warm", warmed.append)
    monkeypatch.setattr(editions, "warm_more", lambda _edition: None)
    kept = Keeper()
    yield SimpleNamespace(keeper=kept, gate=gate, edition=opened, calls=calls, warmed=warmed)
    gate.set()


def test_a_keeper_says_how_far_it_is_and_then_gives_the_edition(keeper):
    kept = keeper.keeper
    assert not kept.ready
    with pytest.raises(StoreError, match="being prepared: starting"):
        kept.edition()
    kept.start()
    kept.start()
    with pytest.raises(StoreError, match="Try again soon"):
        kept.wait(0.2)
    assert (kept.stage, kept.share, kept.ready, kept.fault) == ("Placing the firms", 0.25, False, "")
    keeper.gate.set()
    assert kept.wait(30) is keeper.edition
    assert kept.ready
    assert kept.edition() is keeper.edition
    assert len(keeper.calls) == 1
    assert keeper.warmed == [keeper.edition]


def test_a_keeper_whose_build_fails_says_why_for_good(monkeypatch):
    def fail(_progress):
        raise StoreError("the disc is full")

    monkeypatch.setattr(editions, "open_edition", fail)
    kept = Keeper()
    with pytest.raises(StoreError, match="the disc is full"):
        kept.wait(30)
    assert not kept.ready
    assert kept.fault == "StoreError: the disc is full"
    with pytest.raises(StoreError, match="the disc is full"):
        kept.edition()


def test_a_fault_of_the_search_does_not_take_the_map_away(monkeypatch):
    class Broken(SimpleNamespace):
        @property
        def search(self):
            raise StoreError("postcodes cannot be read")

    opened = Broken(tables={}, clusters=(), shapes={}, names=(), labels=TAXONOMY)
    monkeypatch.setattr(editions, "open_edition", lambda _progress: opened)
    monkeypatch.setattr(editions, "warm", lambda _edition: None)
    kept = Keeper()
    assert kept.wait(30) is opened
    kept._thread.join(30)
    assert kept.ready
    assert kept.edition() is opened


def test_the_first_comparison_has_nothing_to_ask_of_the_store(monkeypatch, edition):
    warm_more(edition)
    monkeypatch.delattr(Store, "query")
    place = places(edition).by_ref("E07000178")
    found = compare(edition, Filters(sector=("defence",)), [place])
    assert found.figures.loc[place.ref, "all_firms"] > 0
    assert len(found.specialisation)


def test_another_edition_is_shown_for_a_while_only(edition):
    other = SimpleNamespace(labels=OTHER_LABELS)
    with keeping(other):
        assert KEEPER.edition() is other
        assert vocabulary().sectors == ("SIC 24",)
        with keeping(None):
            assert not KEEPER.ready
            assert vocabulary() == taxonomy()
    assert KEEPER.edition() is edition
    with pytest.raises(KeyError), keeping(other):
        raise KeyError
    assert KEEPER.edition() is edition
    assert vocabulary() == taxonomy()
