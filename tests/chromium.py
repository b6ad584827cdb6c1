"""Make sure that the browser tests have a Chromium: one at hand, Debian's package, or Playwright's own.

Run as a script by ``make test``; `executable` is what the tests start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """Return the path of a Chromium on this machine, Playwright's own included; None if there is none."""
    if given := os.environ.get("CHROMIUM"):
        return given
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or _playwrights()


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


def install() -> None:
    """Install Debian's package where that can be done, else ask Playwright for its own build."""
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "chromium"]):
            subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)
    if executable() is None:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=False
        )


if __name__ == "__main__":
    if executable() is None:
        print("Installing a Chromium for the browser tests (once) ...")  # noqa: T201
        install()
    if executable() is None:
        sys.exit(
            "No Chromium could be installed. Install one, or name it: CHROMIUM=/path/to/chromium make test"
        )
