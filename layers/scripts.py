"""Our script and style sheet for the browser: the files of `static/`, joined as they depend on each other."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from edition.view import View
from layers.embed_code import embed_code

FOLDER = Path(__file__).parent / "static"
SCRIPTS = (
    *("core", "marks", "stage", "land", "regions", "clusters", "firms", "projects", "assets", "labels"),
    *("outline", "legend", "card", "search", "draw", "tools", "files", "takeaway", "panels"),
)
STYLE_SHEETS = ("map", "takeaway", "panels")
# A map without the page around it, in a frame elsewhere or in one file: the same painters, fewer tools.
DRAWING = (
    *("core", "marks", "stage", "land", "regions", "clusters", "firms", "projects", "assets", "labels"),
    *("outline", "legend", "card", "tools"),
)
EMBED_SCRIPTS = (*DRAWING, "embed")
STANDALONE_SCRIPTS = (*DRAWING, "local", "embed")
EMBED_STYLE_SHEETS = ("map", "embed")
# The page around the maps: how the files go that its buttons make.
PAGE_SCRIPTS = ("core", "files", "page")
PAGE_STYLE_SHEETS = ("page",)
ASSETS_URL = "/assets"
# The file of the menu, and what stands in it for the code that one function alone writes.
TAKING, EMBED_MARK = "takeaway", '"EMBED_CODE"'


def script(names: tuple[str, ...] = SCRIPTS) -> str:
    """Return the whole script, or one of some of its files."""
    # The script completes the code by host, view and words.
    text = "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in names)
    return text.replace(EMBED_MARK, json.dumps(embed_code("", View(), ""))) if TAKING in names else text


def style_sheet(names: tuple[str, ...] = STYLE_SHEETS) -> str:
    """Return the style sheet, or one of some of its files."""
    return "\n".join((FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in names)


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


@cache
def embed_script_url() -> str:
    """Return where the script of a map without its page is served."""
    return f"{ASSETS_URL}/embed-{_version(script(EMBED_SCRIPTS))}.js"


@cache
def embed_style_url() -> str:
    """Return where its style sheet is served."""
    return f"{ASSETS_URL}/embed-{_version(style_sheet(EMBED_STYLE_SHEETS))}.css"


@cache
def page_script_url() -> str:
    """Return where the script of the page around the maps is served."""
    return f"{ASSETS_URL}/page-{_version(script(PAGE_SCRIPTS))}.js"
