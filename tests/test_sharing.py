"""What a run of the tests makes once: by one process for all, again after a fault, and ended by the last."""

from __future__ import annotations

import doctest
import threading
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import scheduling, sharing
from tests.sharing import made_once, of_run, started_once

ROOT = Path(__file__).parents[1]


@pytest.fixture
def factory(tmp_path):
    return SimpleNamespace(getbasetemp=lambda: tmp_path / "own")


@pytest.fixture
def as_worker(monkeypatch, tmp_path):
    """Go on as another process of the run."""
    (tmp_path / "own").mkdir()
    return lambda name: monkeypatch.setenv("PYTEST_XDIST_WORKER", name)


def test_processes_of_a_run_have_a_folder_in_common(factory, as_worker, monkeypatch, tmp_path):
    as_worker("gw0")
    assert of_run(factory) == tmp_path
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    assert of_run(factory) == tmp_path / "own"


def test_it_is_made_by_whoever_asks_first(factory, as_worker):
    asked = []

    def make(folder):
        asked.append(folder)
        (folder / "file").write_text("whole")

    for name in ("gw0", "gw1", "gw0"):
        as_worker(name)
        assert (made_once(factory, "thing", make) / "file").read_text() == "whole"
    assert len(asked) == 1


def test_what_was_not_made_whole_is_made_anew(factory, as_worker):
    as_worker("gw0")

    def half(folder):
        (folder / "half").touch()
        raise OSError

    with pytest.raises(OSError):
        made_once(factory, "thing", half)
    assert list(made_once(factory, "thing", lambda folder: (folder / "whole").touch()).iterdir()) == [
        of_run(factory) / "thing" / "whole"
    ]


@pytest.fixture
def server():
    """Stands in for a server: what happened to it, in order."""
    told = []

    @contextmanager
    def start():
        told.append("start")
        yield f"address {told.count('start')}"
        told.append("end")

    return SimpleNamespace(told=told, start=start)


def test_one_starts_it_for_all_and_ends_it_after_the_last(factory, as_worker, server):
    as_worker("gw0")
    first = started_once(factory, "server", server.start)
    assert first.__enter__() == "address 1"
    as_worker("gw1")
    second = started_once(factory, "server", server.start)
    assert second.__enter__() == "address 1"
    assert server.told == ["start"]
    ending = threading.Thread(target=first.__exit__, args=(None, None, None))
    ending.start()
    ending.join(0.5)
    assert server.told == ["start"]
    second.__exit__(None, None, None)
    ending.join(10)
    assert server.told == ["start", "end"]
    # Who comes later starts another.
    with started_once(factory, "server", server.start) as address:
        assert address == "address 2"
    assert server.told == ["start", "end", "start", "end"]


def test_nobody_waits_for_ever_for_a_process_that_has_died(factory, as_worker, server, monkeypatch):
    monkeypatch.setattr(sharing, "PATIENCE", 0)
    as_worker("gw0")
    first = started_once(factory, "server", server.start)
    first.__enter__()
    as_worker("gw1")
    started_once(factory, "server", server.start).__enter__()
    first.__exit__(None, None, None)
    assert server.told == ["start", "end"]


def test_a_server_that_does_not_start_keeps_nobody_waiting(factory, as_worker, server):
    @contextmanager
    def broken():
        raise OSError
        yield

    as_worker("gw0")
    with pytest.raises(OSError), started_once(factory, "server", broken):
        pass
    assert list((of_run(factory) / "server").iterdir()) == []
    with started_once(factory, "server", server.start) as address:
        assert address == "address 1"


def test_the_longest_folders_are_there_and_come_first():
    assert doctest.testmod(scheduling).failed == 0
    assert [name for name in scheduling.LONGEST if not (ROOT / name).exists()] == []
    order = [f"{name}::test" for name in scheduling.LONGEST]
    assert sorted(["tests/words/test_links.py::test", *reversed(order)], key=scheduling.turn) == [
        *order,
        "tests/words/test_links.py::test",
    ]
