"""What a run of the tests makes or starts once, whichever of its processes asks first."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pytest

# Longest that one process stays for the sake of others.
PATIENCE = 600


def of_run(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of all processes of this run."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder of this run, filled by `make` where no other process has done so."""
    folder = of_run(factory) / name
    part = folder.with_suffix(".part")
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            make(part)
            part.rename(folder)
    return folder


@contextmanager
def started_once(
    factory: pytest.TempPathFactory, name: str, start: Callable[[], AbstractContextManager[str]]
) -> Iterator[str]:
    """Give what `start` tells of itself; whoever started it ends it once nobody uses it any more."""
    users = of_run(factory) / name
    users.mkdir(exist_ok=True)
    told, lock = users.with_suffix(".txt"), FileLock(users.with_suffix(".lock"))
    mine = users / os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with ExitStack() as started:
        with lock:
            is_own = not told.exists()
            if is_own:
                told.write_text(started.enter_context(start()))
            words = told.read_text()
            mine.touch()
        try:
            yield words
        finally:
            mine.unlink()
            if is_own:
                _outstay(users, told, lock)


def _outstay(users: Path, told: Path, lock: FileLock) -> None:
    """Wait until nobody uses it, and tell nobody more of it."""
    end = time.monotonic() + PATIENCE
    while True:
        with lock:
            if time.monotonic() > end or not any(users.iterdir()):
                told.unlink()
                return
        time.sleep(0.2)
