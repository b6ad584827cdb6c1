"""Who tries to install the application as a package is told how to run it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_uv_takes_it_for_no_package():
    assert PROJECT["tool"]["uv"]["package"] is False


def test_the_build_needs_nothing_from_elsewhere():
    build = PROJECT["build-system"]
    assert build["requires"] == []
    [folder] = build["backend-path"]
    assert (ROOT / folder / f"{build['build-backend']}.py").exists()


@pytest.mark.parametrize("command", [["install", "--dry-run", "."], ["install", "--dry-run", "-e", "."]])
def test_pip_says_what_to_do_instead(command):
    done = subprocess.run(
        [sys.executable, "-m", "pip", command[0], "--no-index", "--no-deps", *command[1:]],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "an application, not a package" in said
    assert "`make run`" in said
    assert "Traceback" not in said
