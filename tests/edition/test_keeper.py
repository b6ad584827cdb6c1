"""The keeper of the edition: what it says while it opens one, and what it does after a fault."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from data.errors import StoreError
from edition import keeper as editions
from edition.contents import table_names
from edition.edition import Edition
from edition.keeper import Keeper
from regions.warm import warm_more
from tests.disks import harm
from tests.edition.test_edition import build_of
from tests.own import TAXONOMY


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
    kept = Keeper()
    kept.warmed_by(warmed.append)
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


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(editions.time, "monotonic", lambda: now.seconds)
    return now


def test_a_keeper_whose_build_fails_says_why_and_tries_again_after_a_while(monkeypatch, clock, caplog):
    calls = []
    opened = SimpleNamespace(tables={}, clusters=(), shapes={}, names=(), labels=TAXONOMY)

    def opening(_progress):
        calls.append(clock.seconds)
        if len(calls) < 3:
            raise StoreError("the disc is full")
        return opened

    monkeypatch.setattr(editions, "open_edition", opening)
    kept = Keeper()
    for pause in (editions.FIRST_PAUSE, 2 * editions.FIRST_PAUSE):
        with pytest.raises(StoreError, match="the disc is full"):
            kept.wait(30)
        assert not kept.ready
        assert kept.fault == "StoreError: the disc is full"
        # Not each visitor has it tried again.
        clock.seconds += pause - 1
        with pytest.raises(StoreError, match="the disc is full"):
            kept.edition()
        clock.seconds += 1
    # Whoever asks in vain has it tried again for those who come next.
    with pytest.raises(StoreError):
        kept.edition()
    assert kept.wait(30) is opened
    assert (kept.ready, kept.fault, len(calls)) == (True, "", 3)
    assert "the disc is full" in caplog.text


def test_the_pause_between_tries_grows_to_some_minutes(monkeypatch, clock):
    def fail(_progress):
        raise StoreError("the disc is full")

    monkeypatch.setattr(editions, "open_edition", fail)
    kept = Keeper()
    for _ in range(12):
        with pytest.raises(StoreError):
            kept.wait(30)
        kept._thread.join(30)
        clock.seconds = kept._again
    assert clock.seconds < 1000 + 12 * editions.LONGEST_PAUSE
    with pytest.raises(StoreError):
        kept.wait(30)
    kept._thread.join(30)
    assert kept._again - clock.seconds == editions.LONGEST_PAUSE


def test_a_fault_is_told_without_the_folders_of_the_server(monkeypatch):
    def fail(_progress):
        raise FileNotFoundError(2, "No such file or directory", "/srv/secret/place")

    monkeypatch.setattr(editions, "open_edition", fail)
    kept = Keeper()
    with pytest.raises(StoreError, match="No such file or directory") as told:
        kept.wait(30)
    assert "/srv" not in str(told.value)


@pytest.mark.parametrize("damage", ["half", "middle"])
def test_a_store_that_is_damaged_while_it_is_open_is_built_again(workshop, monkeypatch, damage):
    for name in ("tables", "clusters", "shapes", "names"):
        monkeypatch.setattr(Edition, name, {})
    monkeypatch.setattr(Edition, "labels", TAXONOMY)
    workshop.rows = 30_000
    kept = Keeper()
    first = kept.wait(30)
    assert build_of(first) == 1
    harm(first.store.path, damage)
    with pytest.raises(StoreError):
        _ = [first.store.frame(name) for name in table_names()]
    assert not kept.ready
    with pytest.raises(StoreError, match="being prepared"):
        kept.edition()
    second = kept.wait(30)
    assert kept.ready
    assert second is not first
    assert build_of(second) == 2


def test_a_fault_of_the_search_does_not_take_the_map_away(monkeypatch):
    class Broken(SimpleNamespace):
        @property
        def search(self):
            raise StoreError("postcodes cannot be read")

    opened = Broken(tables={}, clusters=(), shapes={}, names=(), labels=TAXONOMY)
    monkeypatch.setattr(editions, "open_edition", lambda _progress: opened)
    kept = Keeper()
    kept.warmed_by(lambda _edition: None, warm_more)
    assert kept.wait(30) is opened
    kept._thread.join(30)
    assert kept.ready
    assert kept.edition() is opened
