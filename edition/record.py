"""Which result is shown instead of the shipped edition: a small file, and the copy of the result it names.

The copy is named by its content and the record by nothing else, so either is whole or absent, and a store can
be built again from them alone.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from clusters.results.folder import ALWAYS, CLUSTER_FILE, FIRMS, FORMAT, REPORT
from clusters.results.reading import read_results
from data.errors import InputError, StoreError, reason
from data.settings import settings
from data.store import whole_file

if TYPE_CHECKING:
    from pathlib import Path

    from clusters.results.results import Results

RECORD_FILE = "shown-result.json"
RESULTS_FOLDER = "results"
# The files of a result that a store is made of; its pictures for desktop GIS and spreadsheets stay behind.
TAKEN = (
    *(REPORT, CLUSTER_FILE),
    *(f"{name}.parquet" for name in (*ALWAYS, FIRMS)),
    *("refused.csv", "lineage.csv"),
)
DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Record:
    """The copy of a result, named by the hash of its files (32 hexadecimal digits)."""

    digest: str

    @property
    def folder(self) -> Path:
        """Where the copy lies."""
        return settings().cache_dir / RESULTS_FOLDER / self.digest

    @property
    def firms(self) -> Path:
        """The firms of the result; the file may be missing."""
        return self.folder / f"{FIRMS}.parquet"

    def results(self) -> Results:
        """Read the copy, its firms apart.

        Raises
        ------
        InputError
            When it is gone, or not what it was.
        """
        if not self.folder.is_dir():
            raise InputError(f"the copy of the result, {self.digest}, is gone")
        if _digest(self.folder) != self.digest:
            raise InputError(f"the copy of the result, {self.digest}, is not what it was")
        return read_results(self.folder, with_firms=False)


def record_file() -> Path:
    """Return where it is written which result is shown."""
    return settings().cache_dir / RECORD_FILE


def read_record() -> Record | None:
    """Return the result that is to be shown; None for the shipped edition.

    Raises
    ------
    StoreError
        When the record is damaged.
    """
    path = record_file()
    if not path.exists():
        return None
    try:
        digest = json.loads(path.read_text(encoding="utf-8"))["result"]
        if DIGEST.fullmatch(digest):
            return Record(digest)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise StoreError(f"{path.name}, which says what is shown, cannot be read: {reason(fault)}") from fault
    raise StoreError(f"{path.name}, which says what is shown, names no result: {str(digest)[:100]!r}")


def take(folder: Path) -> Record:
    """Copy a result into the cache, whole or not at all.

    Raises
    ------
    InputError
        When the folder is no whole result, the map cannot show it, or it cannot be copied.
    """
    _require_shown(folder, read_results(folder, with_firms=False))
    base = settings().cache_dir / RESULTS_FOLDER
    part = base / f".part-{token_hex(4)}"
    try:
        part.mkdir(parents=True)
        for name in TAKEN:
            if (folder / name).exists():
                shutil.copyfile(folder / name, part / name)
        record = Record(_digest(part))
        if not _is_whole(record):
            shutil.rmtree(record.folder, ignore_errors=True)
            part.rename(record.folder)
    except OSError as fault:
        raise InputError(f"{folder} cannot be copied to {base}: {reason(fault)}") from fault
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return record


def _require_shown(folder: Path, results: Results) -> None:
    """Refuse a result that the map has no place for."""
    if results.planar:
        raise InputError(
            f"{folder} is a planar result: its coordinates are none of the United Kingdom, which the map "
            "shows; open its clusters.gpkg in a GIS instead"
        )
    if results.report.get("aggregated"):
        raise InputError(
            f"{folder} was found in rows that stand for many companies, and the map would count each row as "
            "one firm: open its clusters.gpkg in a GIS instead"
        )


def _is_whole(record: Record) -> bool:
    return record.folder.is_dir() and _digest(record.folder) == record.digest


def write_record(record: Record) -> None:
    """Show this result from now on; copies of others go."""
    with whole_file(record_file()) as part:
        part.write_text(json.dumps({"format": FORMAT, "result": record.digest}) + "\n", encoding="utf-8")
    drop_copies(record)


def forget() -> bool:
    """Show the shipped edition from now on; return whether there was another."""
    there = record_file().exists()
    record_file().unlink(missing_ok=True)
    drop_copies()
    return there


def drop_copies(keep: Record | None = None) -> None:
    """Delete the copies of all results but one."""
    base = settings().cache_dir / RESULTS_FOLDER
    for path in base.iterdir() if base.is_dir() else ():
        if keep is None or path.name != keep.digest:
            shutil.rmtree(path, ignore_errors=True)


def _digest(folder: Path) -> str:
    """Return the hash of the names and the content of a folder's files."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        with path.open("rb") as file:
            inner = hashlib.file_digest(file, "sha256")
        digest.update(path.name.encode() + b"\0" + inner.digest())
    return digest.hexdigest()[:32]
