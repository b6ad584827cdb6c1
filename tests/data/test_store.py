"""The store: whole or absent, named by what it is built from, and closed to everything but its own file."""

from __future__ import annotations

import os
import shutil
import threading
import time
from typing import TYPE_CHECKING, Self

import duckdb
import numpy as np
import pandas as pd
import pytest

from data import store as module
from data.errors import StoreError, has_no_room
from data.settings import Settings
from data.store import INGREDIENTS, KEPT_SECONDS, ROOT, Store, fingerprint, sweep, whole_file, write_store
from tests.disks import small_disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAME = pd.DataFrame(
    {
        "name": ["a", "'; DROP TABLE firms; --", None],
        "tags": [("x", "y"), (), ("y",)],
        "shape": [b"\x00\x01", b"", b"z"],
        "number": [1.5, None, -2.0],
        "point": [True, False, True],
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    where = tmp_path / "store-one.duckdb"
    write_store(where, {"firms": FRAME, "empty": FRAME.iloc[:0]})
    return where


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_what_is_written_is_read(path: Path) -> None:
    store = Store(path, ("firms", "empty"))
    read = store.frame("firms")
    assert read["name"].fillna("").tolist() == FRAME["name"].fillna("").tolist()
    assert [list(tags) for tags in read["tags"]] == [["x", "y"], [], ["y"]]
    assert [bytes(shape) for shape in read["shape"]] == FRAME["shape"].tolist()
    assert read["number"].equals(FRAME["number"])
    assert read["point"].equals(FRAME["point"])
    assert list(store.frame("empty").columns) == list(FRAME.columns)
    store.close()


@pytest.mark.parametrize("existing", [True, False])
def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, existing: bool) -> None:
    where = tmp_path / "store-one.duckdb"
    if existing:
        write_store(where, {"firms": FRAME})
    before = where.read_bytes() if existing else None
    with pytest.raises(duckdb.Error):
        write_store(where, {"good": FRAME, "bad": pd.DataFrame()})
    assert names(tmp_path) == ({where.name} if existing else set())
    assert (where.read_bytes() if existing else None) == before


def half_written(where: Path) -> None:
    with whole_file(where) as part:
        part.write_text("half")
        raise ZeroDivisionError


def test_a_block_that_raises_leaves_no_part(tmp_path: Path) -> None:
    where = tmp_path / "deeper" / "file.txt"
    with pytest.raises(ZeroDivisionError):
        half_written(where)
    assert names(where.parent) == set()
    with whole_file(where) as part:
        part.write_text("whole")
        assert not where.exists()
    assert where.read_text() == "whole"
    assert names(where.parent) == {"file.txt"}


@pytest.mark.parametrize("damage", ["cut", "noise", "empty", "gone", "folder"])
def test_a_damaged_file_is_a_store_error(path: Path, damage: str) -> None:
    content = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "gone":
        path.write_bytes({"cut": content[:5000], "noise": b"\x07" * 20_000, "empty": b""}[damage])
    with pytest.raises(StoreError, match=r"store-one\.duckdb (cannot be opened|lacks the tables)"):
        Store(path, ("firms",)).check()


DAMAGES = {
    "last 4 kB cut": lambda content: content[:-4096],
    "half cut": lambda content: content[: len(content) // 2],
    "last byte cut": lambda content: content[:-1],
    "4 kB in the middle": lambda content: overwritten(content, len(content) // 2, 4096),
    "a byte in the middle": lambda content: overwritten(content, len(content) // 2, 1),
    "the last byte": lambda content: overwritten(content, len(content) - 1, 1),
    "the first block": lambda content: overwritten(content, 0, 4096),
    "a tail that is too long": lambda content: content + b"\0" * 4096,
}


def overwritten(content: bytes, start: int, length: int) -> bytes:
    noise = bytes(byte ^ 0x5A for byte in content[start : start + length])
    return content[:start] + noise + content[start + length :]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A store of several blocks."""
    where = tmp_path / "store-large.duckdb"
    rows = pd.DataFrame({"number": range(300_000), "noise": np.random.default_rng(0).random(300_000)})
    write_store(where, {"firms": rows, "more": rows.sort_values("noise")})
    return where


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_any_damage_is_found_before_a_table_is_read(large: Path, damage: Callable[[bytes], bytes]) -> None:
    large.write_bytes(damage(large.read_bytes()))
    store = Store(large, ("firms", "more"))
    with pytest.raises(StoreError, match=r"^store-large\.duckdb cannot be opened: "):
        store.check()
    assert store.damaged


@pytest.mark.parametrize("damage", ["half cut", "4 kB in the middle"])
def test_damage_done_to_an_open_store_is_known_once_it_is_read(large: Path, damage: str) -> None:
    store = Store(large, ("firms", "more"))
    store.check()
    with large.open("r+b") as file:
        broken = DAMAGES[damage](file.read())
        file.seek(0)
        file.write(broken)
        file.truncate()
    assert not store.damaged
    with pytest.raises(StoreError, match=r"^store-large\.duckdb ") as told:
        store.query("SELECT sum(number), max(noise) FROM (FROM firms UNION ALL FROM more)")
    assert store.damaged
    assert str(large.parent) not in str(told.value)


def test_a_question_that_cannot_be_answered_is_no_damage(path: Path) -> None:
    store = Store(path, ("firms",))
    with pytest.raises(StoreError, match="zones"):
        store.frame("zones")
    with pytest.raises(duckdb.ParserException):
        store.query("SELECT FROM WHERE")
    assert not store.damaged
    assert len(store.frame("firms")) == 3


def test_messages_hold_no_folder_of_this_machine(path: Path) -> None:
    told = []
    for store in (Store(path, ("zones",)), Store(path.with_name("store-none.duckdb"))):
        with pytest.raises(StoreError) as fault:
            store.check()
        told.append(str(fault.value))
    path.write_bytes(b"no store")
    with pytest.raises(StoreError) as fault:
        Store(path).check()
    told.append(str(fault.value))
    assert all("store-" in words and str(path.parent) not in words for words in told)


def test_a_disk_that_is_full_at_the_last_moment_leaves_no_store(tmp_path: Path, monkeypatch) -> None:
    """DuckDB says nothing of a checkpoint that fails when it closes: the file then lacks its tables."""
    where = tmp_path / "store-one.duckdb"
    connect = duckdb.connect

    class Full:
        def __init__(self, name: str) -> None:
            self.inner = connect(name)

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self.inner.close()

        def execute(self, sql: str) -> object:
            if "CHECKPOINT" in sql:
                raise duckdb.IOException('Could not write file "/a/b": No space left on device')
            return self.inner.execute(sql)

    monkeypatch.setattr(duckdb, "connect", Full)
    with pytest.raises(StoreError, match="No space left on device") as told:
        write_store(where, {"firms": FRAME})
    assert "/a" not in str(told.value)
    assert has_no_room(told.value)
    assert names(tmp_path) == set()


def test_a_small_disk_has_whole_stores_or_none(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        outcomes = [small_store(disk / "store-one.duckdb", rows) for rows in range(200_000, 620_000, 20_000)]
    assert set(outcomes) == {"whole", "none"}


def small_store(where: Path, rows: int) -> str:
    """Write a store, say what became of it, and take it away."""
    numbers = np.random.default_rng(rows).random(rows)
    try:
        write_store(where, {"firms": pd.DataFrame({"number": numbers}), "last": FRAME})
    except StoreError as fault:
        if names(where.parent):
            return "half"
        return "none" if has_no_room(fault) else str(fault)
    store = Store(where, ("firms", "last"))
    whole = len(store.frame("firms")) == rows
    store.close()
    where.unlink()
    return "whole" if whole else "half"


def test_missing_tables_are_named_and_the_file_let_go(path: Path) -> None:
    store = Store(path, ("firms", "zones", "areas"))
    with pytest.raises(StoreError, match="lacks the tables areas, zones"):
        store.check()
    with pytest.raises(StoreError, match="zones"):
        Store(path).frame("zones")


HOSTILE = ["'; DROP TABLE firms; --", "' OR 1=1 --", '"', "\\", "{{7*7}}", "x" * 100_000, "\u202e", "%"]


@pytest.mark.parametrize("value", HOSTILE)
def test_values_are_data_and_never_a_query(path: Path, value: str) -> None:
    store = Store(path)
    found = store.query("SELECT count(*) AS n FROM firms WHERE name = ?", [value])
    assert found["n"].iloc[0] == (1 if value == FRAME["name"][1] else 0)
    assert store.query("SELECT ? AS echo", [value])["echo"].iloc[0] == value
    with pytest.raises(StoreError):
        store.frame(value)
    assert len(store.frame("firms")) == len(FRAME)


def test_a_store_reads_no_other_file_and_cannot_be_written(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    store = Store(path)
    with pytest.raises(Exception, match="disabled by configuration"):
        store.query(f"SELECT * FROM read_csv('{other}')")
    with pytest.raises(Exception, match="read-only"):
        store.query("DELETE FROM firms")


def test_a_closed_store_opens_again(path: Path) -> None:
    store = Store(path)
    assert len(store.frame("firms")) == 3
    store.close()
    store.close()
    assert len(store.frame("firms")) == 3


def test_threads_share_a_store(path: Path) -> None:
    store = Store(path, ("firms",))
    found: list[int] = []

    def ask() -> None:
        found.extend(len(store.query("SELECT * FROM firms WHERE point = ?", [True])) for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 120


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of a little of what a store is built from."""
    root = tmp_path / "project"
    for name in ("data/errors.py", "data/sources.toml", "data/tables/missing.csv", "edition/choices.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    return root


def test_the_name_changes_with_any_byte_of_a_table_or_of_code(project: Path) -> None:
    seen = {fingerprint(project)}
    assert fingerprint(project) in seen
    for name in ("data/errors.py", "data/sources.toml", "data/tables/missing.csv", "edition/choices.py"):
        content = bytearray((project / name).read_bytes())
        content[len(content) // 2] ^= 1
        (project / name).write_bytes(content)
        seen.add(fingerprint(project))
    assert len(seen) == 5
    # A file counts by its path: in this order of files the new one stands in the same place both times.
    (project / "data/zz.py").write_text("")
    seen.add(fingerprint(project))
    (project / "geo").mkdir()
    (project / "data/zz.py").rename(project / "geo/zz.py")
    seen.add(fingerprint(project))
    assert len(seen) == 7


def test_the_name_changes_with_the_packages_that_bring_data(project: Path, monkeypatch) -> None:
    before = fingerprint(project)
    monkeypatch.setattr(module, "version", lambda package: f"{package} 99")
    assert fingerprint(project) != before


def test_official_boundaries_are_part_of_the_name_where_they_exist(project: Path, tmp_path: Path) -> None:
    official = tmp_path / "official.parquet"
    without = fingerprint(project, [official])
    assert without == fingerprint(project)
    official.write_bytes(b"one")
    one = fingerprint(project, [official])
    official.write_bytes(b"two")
    assert len({without, one, fingerprint(project, [official])}) == 3


def test_every_ingredient_is_found_in_the_project() -> None:
    assert [pattern for pattern in INGREDIENTS if not list(ROOT.glob(pattern))] == []


def aged(path: Path, days: float) -> Path:
    path.write_bytes(b"x")
    then = time.time() - days * 24 * 3600
    os.utime(path, (then, then))
    return path


def test_only_stores_unused_for_a_week_are_swept(tmp_path: Path) -> None:
    keep = aged(tmp_path / "store-now.duckdb", 30)
    aged(tmp_path / "store-old.duckdb", 8)
    aged(tmp_path / "store-old.duckdb.wal", 8)
    aged(tmp_path / ".store-old.duckdb.abc.part", 8)
    aged(tmp_path / ".postcodes-2026.1.1-1.arrow.abc.part", 8)
    aged(tmp_path / "store-recent.duckdb", 6)
    aged(tmp_path / ".store-now.duckdb.def.part", 0)
    aged(tmp_path / "official_authorities.parquet", 99)
    aged(tmp_path / "my-store-of-ideas.duckdb", 99)
    sweep(keep)
    assert names(tmp_path) == {
        "store-now.duckdb",
        "store-recent.duckdb",
        ".store-now.duckdb.def.part",
        "official_authorities.parquet",
        "my-store-of-ideas.duckdb",
    }


def test_what_vanishes_or_cannot_be_deleted_is_left(tmp_path: Path, monkeypatch) -> None:
    keep = tmp_path / "store-now.duckdb"
    (tmp_path / "store-folder.duckdb").mkdir()
    os.utime(tmp_path / "store-folder.duckdb", (0, 0))
    (tmp_path / "store-broken.duckdb").symlink_to(tmp_path / "gone")
    aged(tmp_path / "store-last.duckdb", 8)
    sweep(keep)
    assert names(tmp_path) == {"store-folder.duckdb", "store-broken.duckdb"}
    sweep(tmp_path / "no such folder" / keep.name)


def test_opening_a_store_keeps_it_from_being_swept(path: Path) -> None:
    then = time.time() - KEPT_SECONDS - 100
    os.utime(path, (then, then))
    Store(path).check()
    sweep(path.parent / "store-two.duckdb")
    assert path.exists()


def test_the_cache_folder_may_be_said_from_the_home_folder(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ICM_CACHE_DIR", "~/maps")
    assert Settings().cache_dir == tmp_path / "maps"
    assert Settings().tiles_url == ""
