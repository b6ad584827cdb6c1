"""Disks for tests: a small one that can be full, a folder that cannot be written, and files that are harmed.

The first two need root.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _mount(*words: str) -> None:
    """Mount, or skip the test where this user or system cannot."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    try:
        subprocess.run(["mount", *words], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        pytest.skip(f"no disk can be mounted here: {fault}")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Give a disk of a few megabytes."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def read_only(source: Path, folder: Path) -> Iterator[Path]:
    """Give a folder's content where nothing can be written."""
    folder.mkdir()
    _mount("--bind", str(source), str(folder))
    try:
        _mount("-o", "remount,ro,bind", str(folder))
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def harm(path: Path, how: str) -> None:
    """Cut the last 4 kB of a file ("cut") or half of it ("half"), or write over 4 kB in its "middle"."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        if how == "middle":
            file.seek(size // 2)
            file.write(bytes(byte ^ 0x5A for byte in path.read_bytes()[size // 2 : size // 2 + 4096]))
        else:
            file.truncate(size // 2 if how == "half" else size - 4096)
