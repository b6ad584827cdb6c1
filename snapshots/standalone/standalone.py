"""One file with the interactive map of a view: script, style and data inside, and no request to anywhere.

What the server would answer is answered from blocks of JSON in the file (`layers/static/local.js`). A policy
in the file forbids the browser to ask for anything, and to run any script or style but those whose hashes it
names: no name in the data can become more than text.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import xstatic.pkg.leaflet

from data.errors import InputError
from data.product import PRODUCT
from layers.embed import Document, block, caveat_line, configured, heading
from layers.looking import shortest
from layers.registry import chosen, drawn
from layers.scripts import EMBED_STYLE_SHEETS, STANDALONE_SCRIPTS, script, style_sheet
from layers.style import edition_style
from profiles.cluster_why import facts
from profiles.point import MONEY_NOTES, SHIPPED_NOTE
from regions.figures import clusters_in
from snapshots.picture.caption import alt_text, caption, kicker, subtitle
from snapshots.standalone.plain_tables import plain_tables
from words.links import view_link
from words.provenance import own_firms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edition.edition import Edition
    from edition.view import View
    from layers.style import Theme

# A file of this size can still be mailed and opened by a phone; the UK with everything has 3 MB.
MOST_BYTES = 6_000_000
# Clusters whose evidence travels along, strongest first: each is about a kilobyte.
MOST_EXPLAINED = 500
LAYERS_ONLY = "This file holds the layers of its view only: the full map knows more of this place."
# Large parts that a message names.
MOST_NAMED = 3
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
# Parts of the file, for the message that it is too large; what is not here is called as its layer is.
PARTS = {
    "card": "evidence of clusters",
    "shapes": "shapes of regions and areas",
    "regions": "values of regions",
    "land": "land",
    "tables": "tables",
    "style": "",
}
# Of Leaflet's style: pictures of controls that this map has not, and a map of its source.
PICTURES = re.compile(r"[\w-]+:\s*url\([^)]*\);?")
SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S+")


def standalone(edition: Edition, view: View) -> bytes:
    """Return a view as one HTML file that works with the network off; the same view gives the same bytes.

    Parameters
    ----------
    edition, view
        What is shown. The layers of the view are in the file and can be switched; of what is not, nothing is.

    Returns
    -------
    bytes
        UTF-8; at most `MOST_BYTES`.

    Raises
    ------
    InputError
        If the file would be larger; the message says what takes the room and what to do.
    NotFoundError
        If the edition has no cluster of the view's id.
    """
    files = _files(edition, view)
    tables = plain_tables(edition, view)
    sizes = {name: len(text) for name, text in files.items()} | {"tables": len(tables)}
    page = _document(edition, view, files, tables).html().encode()
    if len(page) > MOST_BYTES:
        raise InputError(_too_large(len(page), sizes))
    return page


def _document(edition: Edition, view: View, files: Mapping[str, str], tables: str) -> Document:
    title = heading(edition, view)
    config = configured(edition, view, switches=True, detail="fine")
    # Tiles of another host would be asked of it.
    config["slots"] = [{**slot, "tiles": ""} if "tiles" in slot else slot for slot in config["slots"]]
    scripts = [_leaflet_script(), script(STANDALONE_SCRIPTS)]
    styles = [_leaflet_style(), style_sheet(EMBED_STYLE_SHEETS)]
    head = _policy(scripts, styles) + '<link rel="icon" href="data:,">'
    return Document(
        title=f"{title} {PRODUCT}",
        description=alt_text(edition, view),
        head=head + "".join(f"<style>{text}</style>" for text in styles),
        header=_header(edition, view, title),
        footer=_footer(edition, view, tables),
        scripts="\n".join(
            [*files.values(), block(config, id="icm-view"), *(f"<script>{text}</script>" for text in scripts)]
        ),
        kind="icm-file",
    )


def _header(edition: Edition, view: View, title: str) -> str:
    return (
        f'<header class="icm-head"><p class="icm-kicker">{escape(kicker(edition))}</p>'
        f"<h1>{escape(title)}</h1>"
        f'<p class="icm-filters icm-counted">{escape(subtitle(edition, view))}</p>'
        f'<p class="icm-filters">{escape(caveat_line(edition))}</p>'
        "<nav><span>Click or tap the map for what is there.</span> "
        '<a href="#tables">Tables</a> <a href="#about">Sources and caveats</a></nav>'
        '<noscript><p class="icm-filters"><strong>The map is drawn by a script, which this browser does not '
        "run. The tables below hold what it shows.</strong></p></noscript></header>"
    )


def _footer(edition: Edition, view: View, tables: str) -> str:
    about, owed, _ = caption(edition, view)
    link = view_link(shortest(edition, view))
    where = (
        f"<code>{escape(link)}</code> after the address of the map." if view.url() else "The map as it opens."
    )
    if link.startswith(("http://", "https://")):
        where = f'<a class="icm-open" href="{escape(link)}" target="_blank" rel="noopener">{escape(link)}</a>'
    inside = (
        "Everything is inside: it asks nothing of the internet, and works without it. It holds the layers of "
        "the view as they were when it was made; the full map has all of them."
    )
    told = [
        ("What the data are", escape(about)),
        ("The map in words", escape(alt_text(edition, view))),
        (
            "Sources and licences",
            escape(owed) + " Map script: Leaflet 1.9.3 (BSD 2-Clause), inside this file.",
        ),
        ("This view in the full map", where),
        ("This file", inside),
    ]
    notes = "".join(f"<h3>{name}</h3><p>{text}</p>" for name, text in told)
    return (
        f'<section id="tables" class="icm-below" tabindex="-1"><h2>What the map shows, as tables</h2>{tables}'
        f'</section><footer id="about" class="icm-below" tabindex="-1"><h2>Sources and caveats</h2>{notes}'
        "</footer>"
    )


def _files(edition: Edition, view: View) -> dict[str, str]:
    """Return the blocks of data by the path of the API that each stands for."""
    held: dict[str, Any] = {f"style-{theme}": _style(edition, theme) for theme in THEMES}
    for layer in drawn():
        if not layer.switched:
            held |= layer.held(edition, view)
    held["card"] = _card(edition, view)
    for layer in chosen(view):
        held |= layer.held(edition, view)
    return {name: block(value, data_file=name) for name, value in held.items()}


def _style(edition: Edition, theme: Theme) -> dict[str, Any]:
    look = edition_style(edition, theme)
    used = look.sectors
    if edition.labels.own:
        used = {label: mark for label, mark in used.items() if edition.labels.clusters.get(label)}
    return {"colours": look.colours, "sizes": look.sizes, "sectors": used, "assets": look.assets}


def _card(edition: Edition, view: View) -> dict[str, Any]:
    """Return what a click says beside what is drawn: why clusters are ones, and what to beware of."""
    rows = clusters_in(edition, view).head(MOST_EXPLAINED if "clusters" in view.show else 0)
    told = {row.cluster_id: facts(row, edition) for row in rows.itertuples(index=False)}
    first = next(iter(told.values()), [])
    # What a fact means is said once, and of a cluster again where it tells figures of its own.
    own = {
        name: {place: said[2] for place, said in enumerate(rows) if said[2] != first[place][2]}
        for name, rows in told.items()
    }
    firms = own_firms(edition.about) if edition.about.own else SHIPPED_NOTE
    return {
        "meanings": [(what, meaning) for what, _, meaning in first],
        "facts": {name: [value for _, value, _ in rows] for name, rows in told.items()},
        "own_meanings": {
            name: {str(place): said for place, said in rows.items()} for name, rows in own.items()
        },
        "note": f"{firms}; boundaries are approximate; {MONEY_NOTES[view.placed]}. {LAYERS_ONLY}",
    }


def _too_large(size: int, sizes: Mapping[str, int]) -> str:
    """Say what takes the room, and what would help."""
    called = {layer.served.path: layer.label.lower() for layer in drawn()}
    by_part: dict[str, int] = {}
    for name, part in sizes.items():
        label = PARTS.get(re.split("[/-]", name)[0], called.get(name, name))
        by_part[label] = by_part.get(label, 0) + part
    largest = sorted((label for label in by_part if label), key=lambda label: -by_part[label])[:MOST_NAMED]
    named = ", ".join(f"{label} {_mb(by_part[label])}" for label in largest)
    return (
        f"As one HTML file this view would take {_mb(size)}; {_mb(MOST_BYTES)} is the most that is easily "
        f"mailed and opened. Most of it: {named}. Choose fewer sectors, switch one of these layers off or "
        "show larger regions (level=itl1)."
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


@cache
def _leaflet_script() -> str:
    return SOURCE_MAP.sub("", _leaflet("leaflet.js"))


@cache
def _leaflet_style() -> str:
    return PICTURES.sub("", _leaflet("leaflet.css"))


def _leaflet(name: str) -> str:
    return (Path(xstatic.pkg.leaflet.BASE_DIR) / name).read_text(encoding="utf-8")


def _policy(scripts: list[str], styles: list[str]) -> str:
    """Return the policy of the file: ask nobody, run these scripts and these styles alone."""
    rules = [
        "default-src 'none'",
        f"script-src {_hashes(scripts)}",
        f"style-src {_hashes(styles)}",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return f'<meta http-equiv="Content-Security-Policy" content="{escape("; ".join(rules), quote=False)}">'


def _hashes(texts: list[str]) -> str:
    digests = [b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)
