"""The edition: built when it is missing, damaged or old, once, and opened otherwise; and its keeper."""

from __future__ import annotations

import errno
import os
import threading
from types import SimpleNamespace

import pytest
import shapely

from clusters.shipped import shipped_clusters
from data.errors import StoreError, has_no_room
from data.store import Store, write_store
from data.tables import table
from edition import opening as editions
from edition.build import STEPS
from edition.contents import table_names
from edition.filters import Filters
from edition.keeper import KEEPER, keeping
from edition.labels import Labels
from edition.opening import edition_path, open_edition
from edition.view import LEVELS
from geo.boundaries import LEVELS as PLACES
from regions.comparison import compare
from regions.places import places
from regions.warm import warm_more
from tests.asked import LARGEST
from tests.disks import harm, read_only, small_disk

OTHER_LABELS = Labels(("SIC 24",), (), {"SIC 24": "SIC 24"}, {}, own=True)


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


@pytest.mark.parametrize("damage", ["cut", "half", "middle"])
def test_an_edition_that_is_harmed_anywhere_is_built_again(workshop, damage):
    workshop.rows = 5_000
    open_edition().store.close()
    harm(edition_path(), damage)
    opened = open_edition()
    assert build_of(opened) == 2
    assert all(len(opened.store.frame(name)) == 5_000 for name in table_names())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("step", ["write_store", "FileLock", "build_tables"])
def test_a_cache_that_cannot_be_written_is_said_in_words(workshop, monkeypatch, step, code):
    def fail(*_):
        raise OSError(code, os.strerror(code), "/some/where")

    with monkeypatch.context() as patch:
        patch.setattr(editions, step, fail)
        with pytest.raises(StoreError, match=rf"{os.strerror(code)}\. .*ICM_CACHE_DIR") as told:
            open_edition()
    assert "/some" not in str(told.value)
    assert has_no_room(told.value) == (code == errno.ENOSPC)
    assert build_of(open_edition()) >= 1


def test_an_edition_on_a_full_disk_is_built_once_there_is_room(workshop, monkeypatch, tmp_path):
    workshop.rows = 5_000
    with small_disk(tmp_path / "new", megabytes=32) as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (30 << 20))
        with pytest.raises(StoreError) as told:
            open_edition()
        assert has_no_room(told.value)
        assert str(disk) not in str(told.value)
        ballast.unlink()
        opened = open_edition()
        assert len(opened.store.frame("firms")) == 5_000
        opened.store.close()


def test_a_whole_cache_may_be_read_only(workshop, monkeypatch, tmp_path):
    open_edition().store.close()
    edition_path().with_suffix(".lock").unlink(missing_ok=True)
    with read_only(tmp_path / "new", tmp_path / "mounted") as mounted:
        monkeypatch.setattr(editions, "store_path", lambda name: mounted / f"store-{name}.duckdb")
        opened = open_edition()
        assert build_of(opened) == 1
        opened.store.close()
        # What is missing there cannot be built, and that is said.
        monkeypatch.setattr(editions, "store_path", lambda name: mounted / f"store-other-{name}.duckdb")
        with pytest.raises(StoreError, match=os.strerror(errno.EROFS)) as told:
            open_edition()
        assert str(tmp_path) not in str(told.value)


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


def test_the_cluster_that_tests_ask_for_is_the_largest_of_a_sector(edition):
    rows = edition.clusters[edition.clusters["kind"] == "sector"]
    assert rows.set_index("cluster_id")["firms"].idxmax() == LARGEST


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
        with keeping(None):
            assert not KEEPER.ready
    assert KEEPER.edition() is edition
    with pytest.raises(KeyError), keeping(other):
        raise KeyError
    assert KEEPER.edition() is edition
