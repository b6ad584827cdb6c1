"""Our script and style sheet for the browser: the files of `static/`, joined as they depend on each other."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from data.formats import grouped
from edition.view import View
from layers import registry
from layers.embed_code import embed_code

FOLDER = Path(__file__).parent / "static"
# Where the painters of the layers stand among the files, which the registry knows.
PAINTERS = "painters"
SCRIPTS = (
    *("core", "marks", "stage", PAINTERS, "outline", "legend", "card", "search", "draw", "tools", "files"),
    *("takeaway", "panels"),
)
STYLE_SHEETS = ("map", "takeaway", "panels")
# A map without the page around it, in a frame elsewhere or in one file: the same painters, fewer tools.
DRAWING = ("core", "marks", "stage", PAINTERS, "outline", "legend", "card", "tools")
EMBED_SCRIPTS = (*DRAWING, "embed")
STANDALONE_SCRIPTS = (*DRAWING, "local", "embed")
EMBED_STYLE_SHEETS = ("map", "embed")
# The page around the maps: how the files go that its buttons make.
PAGE_SCRIPTS = ("core", "files", "page")
PAGE_STYLE_SHEETS = ("page",)
ASSETS_URL, LEAFLET_URL = "/assets", "/leaflet"
# What stands in the files for what Python alone knows.
EMBED_MARK, LAYERS_MARK = '"EMBED_CODE"', '"LAYERS"'
FILES_MARK, DOING_MARK = '"FILES_OF_A_VIEW"', '"DOING_OF_FILES"'


def script(names: tuple[str, ...] = SCRIPTS) -> str:
    """Return the whole script, or one of some of its files."""
    files = [
        file for name in names for file in (_painters() if name == PAINTERS else [FOLDER / f"{name}.js"])
    ]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    # The script completes the code by host, view and words.
    known = {
        EMBED_MARK: embed_code("", View(), ""),
        LAYERS_MARK: _legends(),
        FILES_MARK: menu(),
        DOING_MARK: doing(),
    }
    for mark, value in known.items():
        text = text.replace(mark, json.dumps(value))
    return text


def _painters() -> list[Path]:
    return [layer.script or FOLDER / f"{layer.kind}.js" for layer in registry.LAYERS.values()]


def _legends() -> list[tuple[str, str]]:
    """Return kind and label of each layer that can be switched, in the order of the legend."""
    rows = sorted(registry.switches(), key=lambda layer: layer.reading)
    return [(layer.kind, layer.label) for layer in rows]


def menu() -> list[dict[str, Any]]:
    """Return the files that the menu offers of a view, row by row."""
    return [
        {
            "title": group.title,
            "hint": group.hint,
            "doing": group.doing,
            "paper": group.paper,
            "subject": group.subject,
            "files": [
                {"label": form.on_button, "spoken": form.read_out, "path": form.path.removeprefix("/")}
                for form in forms
            ],
        }
        for group, forms in grouped("menu").items()
    ]


def doing() -> dict[str, str]:
    """Return what is said while a page's file of a view is made, by the end of its address."""
    return {
        form.path.removeprefix("/"): group.doing for group, forms in grouped("page").items() for form in forms
    }


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
