"""Our script and style sheet for the browser: the files of `static/`, joined as they depend on each other."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
SCRIPTS = (
    *("core", "marks", "stage", "land", "regions", "clusters", "firms", "projects", "assets", "labels"),
    *("outline", "legend", "card", "search", "draw", "tools", "panels"),
)
STYLE_SHEETS = ("map", "panels")
ASSETS_URL = "/assets"


def script() -> str:
    """Return the whole script."""
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


def style_sheet() -> str:
    """Return the style sheet."""
    return "\n".join((FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in STYLE_SHEETS)


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


# The version is part of the address, so that a browser may keep the file for good.
@cache
def script_url() -> str:
    """Return where the script is served."""
    return f"{ASSETS_URL}/map-{_version(script())}.js"


@cache
def style_url() -> str:
    """Return where the style sheet is served."""
    return f"{ASSETS_URL}/map-{_version(style_sheet())}.css"
