"""The store: one DuckDB file of tables, named by a hash of what it was built from, whole or absent.

It is derived, so it is never repaired: a store that is damaged or of another version is built again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from data.errors import StoreError
from data.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

ROOT = Path(__file__).parent.parent
# What a store is built from: the tables and boundaries, and the code that reads and works on them.
INGREDIENTS = (
    "data/*.py",
    "data/*.toml",
    "data/tables/*",
    "data/boundaries/*",
    "geo/*.py",
    "clusters/*.py",
    "regions/*.py",
)


def fingerprint(root: Path = ROOT, extra: Sequence[Path] = ()) -> str:
    """Return the hash of content and code that names the store (16 hexadecimal digits)."""
    digest = hashlib.sha256()
    files = sorted(path for pattern in INGREDIENTS for path in root.glob(pattern))
    for path in [*files, *(path for path in extra if path.exists())]:
        digest.update(path.name.encode() + b"\0")
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


def write_store(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the tables as a store, whole or not at all.

    Parameters
    ----------
    path : Path
        The file to write; an older one is replaced.
    tables : mapping of str to DataFrame
        Plain columns only; geometry as WKB bytes.
    """
    with whole_file(path) as part:
        part.unlink()
        with duckdb.connect(str(part)) as connection:
            for name, frame in tables.items():
                _write_table(connection, name, frame)


def _write_table(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    connection.register("incoming", frame)
    connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
    connection.unregister("incoming")


@dataclass(frozen=True)
class Store:
    """A store opened for reading; safe to share between threads."""

    path: Path
    required: tuple[str, ...] = field(default=())

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(str(self.path), read_only=True)
            found = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        except duckdb.Error as fault:
            raise StoreError(f"{self.path} cannot be opened: {fault}") from fault
        missing = set(self.required) - found
        if missing:
            connection.close()
            raise StoreError(f"{self.path} lacks the tables {', '.join(sorted(missing))}")
        return connection

    def check(self) -> None:
        """Raise StoreError unless the file opens and holds the required tables."""
        _ = self._connection

    def query(self, sql: str, values: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the answer to a query; `values` are bound, never pasted into the text."""
        return self._connection.cursor().execute(sql, list(values)).df()

    def frame(self, table: str) -> pd.DataFrame:
        """Return a whole table."""
        return self.query(f'SELECT * FROM "{table}"')

    def close(self) -> None:
        """Let go of the file."""
        if "_connection" in self.__dict__:
            self._connection.close()


def sweep(keep: Path) -> None:
    """Delete stores of other versions and halves left by a crash."""
    for path in keep.parent.glob("store-*.duckdb*"):
        if path.name != keep.name:
            path.unlink(missing_ok=True)
