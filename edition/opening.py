"""How an edition is opened: from its store, which is built first where it is missing or damaged."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from data.errors import MapError, StoreError, has_no_room, reason
from data.settings import settings
from data.store import Store, fingerprint, store_path, sweep, unwritable, write_store
from edition.build import build_tables
from edition.contents import SHARED, table_names
from edition.edition import Edition
from edition.own import Own, own_tables
from edition.record import Record, drop_copies, forget, read_record, take, write_record
from geo.boundaries import OFFICIAL_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[str, float], None]


def _quiet(_stage: str, _share: float) -> None:
    """Say nothing."""


def edition_path(record: Record | None = None) -> Path:
    """Return the store of the present tables, boundaries and code; or of these and a result."""
    official = settings().cache_dir / OFFICIAL_FILE
    name = fingerprint(extra=[official])
    if record is not None:
        name = hashlib.sha256(f"{name} {record.digest}".encode()).hexdigest()[: len(name)]
    return store_path(name)


def open_edition(progress: Progress = _quiet) -> Edition:
    """Open the edition, building it first where it is missing or damaged.

    It is that of the result which was last built, else the shipped one.

    Raises
    ------
    StoreError
        If it cannot be built or opened.
    """
    notice = ""
    try:
        record = read_record()
        if record is not None:
            return Edition(_open(record, progress))
    except (MapError, OSError) as fault:
        # That passes: other firms than one's own are no help meanwhile.
        if has_no_room(fault):
            raise
        notice = (
            "The edition made of your own firms cannot be shown, so this is the shipped one: "
            f"{reason(fault).removesuffix('.')}. `cli.py build` with the folder of the result makes it again."
        )
    return Edition(_open(None, progress), notice)


def build_edition(folder: Path, progress: Progress = _quiet) -> Edition:
    """Make a result the edition that is shown from now on, whole or not at all.

    Parameters
    ----------
    folder
        As `clusters.results.writing.write_results` leaves it.

    Raises
    ------
    InputError
        When it is no whole result.
    StoreError
        When the store cannot be written.
    """
    progress("Reading the result", 0.0)
    record = take(folder)
    try:
        edition = Edition(_open(record, progress))
        write_record(record)
    except BaseException:
        with suppress(MapError):
            drop_copies(read_record())
        raise
    return edition


def build_shipped(progress: Progress = _quiet) -> Edition:
    """Show the shipped edition from now on."""
    edition = Edition(_open(None, progress))
    forget()
    return edition


def _open(record: Record | None, progress: Progress) -> Store:
    """Open a store, building it first where it is missing or damaged."""
    path = edition_path(record)
    # A store that is whole needs no lock, so that its folder may be read-only.
    return _opened(path) or _built(path, record, progress)


def _built(path: Path, record: Record | None, progress: Progress) -> Store:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two processes that start together build once.
        with FileLock(path.with_suffix(".lock")):
            return _opened(path) or _built_anew(path, record, progress)
    except MapError:
        raise
    except Exception as fault:
        # Not only Python finds the disk full.
        if isinstance(fault, OSError) or has_no_room(fault):
            raise unwritable(fault) from fault
        raise


def _built_anew(path: Path, record: Record | None, progress: Progress) -> Store:
    # What nobody needs makes room for what is to come.
    sweep(path)
    path.unlink(missing_ok=True)
    _build(path, record, progress)
    store = Store(path, table_names())
    store.check()
    return store


def _build(path: Path, record: Record | None, progress: Progress) -> None:
    if record is None:
        write_store(path, build_tables(progress))
        return
    shipped = _open(None, progress)
    shared = {name: shipped.frame(name) for name in SHARED}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".scratch-") as scratch:
        own = Own(record.results(), record.firms, Path(scratch))
        write_store(path, own_tables(own, shared, progress))


def _opened(path: Path) -> Store | None:
    """Open a store if it is there and whole."""
    store = Store(path, table_names())
    with suppress(StoreError):
        if path.exists():
            store.check()
            return store
    return None
