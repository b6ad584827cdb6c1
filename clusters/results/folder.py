"""The folder of a result: what is in it, whether one may be written there, and how it takes its place."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from secrets import token_hex
from typing import Any

from data.errors import InputError
from intake.stores.address import is_address, shown

FORMAT = "innovation-clusters-map result 2"
"""What `format` in report.json says; another number means that an older program cannot read it."""

REPORT, CLUSTER_FILE, MAP = "report.json", "clusters.parquet", "clusters.gpkg"
REFUSED_FILE, LABELS_CSV, LINEAGE_FILE = "refused.csv", "labels.csv", "lineage.csv"
ALWAYS = ("members", "labels", "nearly", "cells", "evidence")
FIRMS = "firms"

FILES = frozenset(
    {
        *(REPORT, CLUSTER_FILE, MAP, REFUSED_FILE, LABELS_CSV, LINEAGE_FILE),
        *(f"{name}.parquet" for name in (*ALWAYS, FIRMS)),
    }
)
# What file managers and SQLite readers leave behind; it may go with a former result.
LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", *(f"{MAP}-{end}" for end in ("wal", "shm"))})


def check_target(folder: Path) -> Path:
    """Return the folder's full path, once it is known that a result may be written there.

    Call it before a long run, too.

    Raises
    ------
    InputError
        When it is an address, a file, the working folder or one above it, or holds what is no former result.
    """
    require_here(
        folder,
        "a result is written whole or not at all, by giving a folder its name, which no store can: name a "
        "folder, and copy it once it is there",
    )
    try:
        target = folder.resolve()
        base = next(path for path in (target, *target.parents) if path.exists())
        here = sorted(path.name for path in base.iterdir()) if base == target else []
    except NotADirectoryError as fault:
        raise InputError(f"{folder} is a file: name a folder for the result") from fault
    except OSError as fault:
        raise InputError(f"{folder} cannot be used for the result: {fault}") from fault
    if not base.is_dir():
        raise InputError(f"{folder} cannot be made: {base} is a file")
    above = target.parent if base == target else base
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"{folder} cannot be written: {above} may not be changed by this user")
    if Path.cwd().is_relative_to(target):
        raise InputError(
            f"{folder} is the working folder or holds it: name a folder inside it for the result"
        )
    foreign = [name for name in here if name not in LITTER and not (_is_ours(target) and name in FILES)]
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        names = ", ".join(map(repr, foreign[:3])) + more
        raise InputError(
            f"{folder} holds {names}, not part of a former result: empty it or name another folder"
        )
    return target


def require_here(folder: Path, why: str) -> None:
    """Refuse a folder that is an address; pathlib has made one slash of its two.

    Raises
    ------
    InputError
    """
    text = folder.as_posix()
    if is_address(text):
        raise InputError(
            f"{shown(text).replace(':/', '://', 1)!r} is an address, and no folder of this machine: {why}"
        )


def _is_ours(folder: Path) -> bool:
    try:
        return bool(read_json(folder / REPORT).get("format", "").startswith(FORMAT.rsplit(" ", 1)[0]))
    except (InputError, AttributeError):
        return False


def put_in_place(part: Path, target: Path) -> None:
    """Rename the new folder to its name; what was there returns if that fails, and goes if it does not."""
    old = target.with_name(f".{target.name}.old-{token_hex(4)}")
    try:
        if target.exists():
            target.rename(old)
        part.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def read_json(path: Path) -> Any:
    """Return what a JSON file of a result holds.

    Raises
    ------
    InputError
        When it is missing, or no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise InputError(f"{path} is missing: {path.parent} is no result, or not a whole one") from fault
    except (OSError, ValueError) as fault:
        raise InputError(f"{path} cannot be read as JSON: {fault}") from fault
