"""A map without its page: a document for a frame on other people's pages, and what a file shares with it.

The document holds no data but the view, as JSON in a block that no browser runs; names are put in as text by
the script, or escaped here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import orjson

from data.product import PRODUCT
from edition.view import UK, View
from geo.boundaries import is_approximate
from layers.base import API, FILTERS, address
from layers.element import Slot
from layers.looking import looking
from layers.registry import credit, shown
from layers.scripts import LEAFLET_URL, embed_script_url, embed_style_url
from profiles.cluster import looked_at
from profiles.clusters import summary
from words.provenance import flag
from words.sentence import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edition.edition import Edition
    from layers.style import Theme

# Faults of an address that a frame has room to name.
MOST_FAULTS = 3
# Ground shown around a cluster that is looked at.
AROUND_KM = 5.0
KM_OF_DEGREE = 111.2
NO_SCRIPT = "This map is drawn by a script, which this browser does not run."
# From this width of the frame on there is room for the attribution; below, it is folded.
ROOM_FOR_CREDIT = 900
# What would end a block of data, or break a line where an old script sees one; JSON has other ways to say it.
UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True)
class Document:
    """The parts of a page that holds one map.

    Attributes
    ----------
    title, description
        Plain text.
    head, header, footer, scripts
        Markup: what comes into the head, above and below the map, and at the end.
    kind
        Class of the page: ``icm-framed-map`` or ``icm-file``.
    theme
        Of the page until the script is there; empty to follow the reader's.
    """

    title: str
    description: str
    head: str
    header: str
    footer: str
    scripts: str
    kind: str
    theme: str = ""

    def html(self) -> str:
        """Return the page."""
        return (
            "<!DOCTYPE html>\n"
            f'<html lang="en" class="icm-embed {self.kind}" data-theme="{self.theme or "auto"}">\n'
            f'<head><meta charset="utf-8">{self.head}'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.title)}</title>"
            f'<meta name="description" content="{escape(self.description)}"></head>\n'
            f'<body><main class="icm-top">{self.header}<div class="icm-ground"></div></main>{self.footer}\n'
            f"{self.scripts}</body>\n"
            "</html>\n"
        )


def embed_page(edition: Edition, view: View, theme: Theme, faults: Sequence[str] = ()) -> str:
    """Return the HTML document of a view for a frame on another page: everything in it is this server's.

    Parameters
    ----------
    edition, view
        What is shown; where `at` says nothing, the cluster that is looked at with what is near, or the UK.
    theme : {"light", "dark"}
        Of the document.
    faults
        What of the address could not be used, in words.

    Raises
    ------
    NotFoundError
        If the edition has no cluster of that id.
    """
    link = f"/?{view.url()}" if view.url() else "/"
    view = looking(edition, view)
    title = heading(edition, view)
    opened = (
        f'<a class="icm-open" href="{escape(link)}" target="_blank" rel="noopener">Open in the {PRODUCT}</a>'
    )
    credited = (
        f'<details class="icm-credit" data-open-from="{ROOM_FOR_CREDIT}"><summary>Sources and licences'
        f"</summary><p>{escape(credit(view, own=edition.about.own))}</p></details>"
    )
    told = f"{caveat_line(edition)} Edition {edition.about.name}."
    about = f'<p class="icm-caveat">{escape(told)} {opened}</p>'
    without = f'<noscript><p class="icm-caveat">{NO_SCRIPT}</p></noscript>'
    config = {**configured(edition, view, theme=theme), "theme": theme}
    return Document(
        title=f"{title} {PRODUCT}",
        description=title,
        head='<link rel="icon" href="/assets/icon.svg">'
        f'<link rel="stylesheet" href="{LEAFLET_URL}/leaflet.css">'
        f'<link rel="stylesheet" href="{embed_style_url()}">',
        header=f'<header class="icm-head"><h1>{escape(title)}</h1>{left_out(faults)}</header>',
        footer=f'<footer class="icm-foot">{without}{about}{credited}</footer>',
        scripts=block(config, id="icm-view")
        + f'<script src="{LEAFLET_URL}/leaflet.js"></script><script src="{embed_script_url()}"></script>',
        kind="icm-framed-map",
        theme=theme,
    ).html()


def left_out(faults: Sequence[str]) -> str:
    """Return the line that says what of an address could not be used; nothing where all could be."""
    if not faults:
        return ""
    more = f"; and {len(faults) - MOST_FAULTS:,} more" if len(faults) > MOST_FAULTS else ""
    words = f"Left out of this map: {'; '.join(faults[:MOST_FAULTS])}{more}."
    return f'<p class="icm-left-out" role="status">{escape(words)}</p>'


def heading(edition: Edition, view: View) -> str:
    """Return the sentence above the map: of the view, or of the cluster that is looked at."""
    row = looked_at(edition, view)
    return f"{row.name}: {summary(row)}." if row is not None else sentence(edition, view)


def caveat_line(edition: Edition) -> str:
    """Return what every map has to say beside it: whose firms, and which boundaries."""
    return " ".join([flag(edition), *(["Boundaries are approximate."] if is_approximate() else [])])


def configured(edition: Edition, view: View, *, theme: str = "", **more: Any) -> dict[str, Any]:
    """Return what the script needs to draw a view by itself: settings, layers, scene.

    Parameters
    ----------
    edition, view
        What is shown.
    theme
        Of the document; empty to follow the reader's.
    more
        Settings of the map: `switches` whether layers can be switched, `detail` of its shapes.
    """
    row = looked_at(edition, view)
    slots = [layer.screen(view).config for layer in shown(view)]
    if row is not None:
        slots.append(Slot("outline", shape=orjson.loads(row.geojson), plain=True).config)
    embed = {**framed(view, row), "kinds": [layer.kind for layer in shown(view)], **more}
    scene = {
        "kind": "scene",
        "theme": theme or "light",
        "sentence": heading(edition, view),
        "starts": [],
        "firms": flag(edition),
        "sectors": list(view.sector),
        "at": address("at", view, *FILTERS),
    }
    return {
        "settings": {"api": API, "approximate": is_approximate(), "embed": embed},
        "slots": [*slots, scene],
        "scene": scene,
    }


def framed(view: View, row: Any) -> dict[str, Any]:
    """Return where the map begins: `at` of the view, else `bounds` around a cluster, else nothing: the UK."""
    if view.at != UK:
        return {"at": list(view.at)}
    if row is None:
        return {}
    up = AROUND_KM / KM_OF_DEGREE
    across = up / math.cos(math.radians(row.lat))
    south_west, north_east = (row.south - up, row.west - across), (row.north + up, row.east + across)
    return {"bounds": [[round(edge, 5) for edge in corner] for corner in (south_west, north_east)]}


def block(value: Any, **attributes: str) -> str:
    r"""Return a value as a block of JSON in a page, which no text in it can end; nothing in it is ever run.

    Parameters
    ----------
    value
        What JSON can say, or JSON itself as bytes.
    attributes
        Of the element; an underscore stands for a hyphen.

    Examples
    --------
    >>> block({"name": "</script>"}, id="x")
    '<script type="application/json" id="x">{"name":"\\u003c/script\\u003e"}</script>'
    """
    raw = value if isinstance(value, bytes) else orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    text = raw.decode()
    for sign, said in UNSAFE.items():
        text = text.replace(sign, said)
    return f'<script type="application/json"{_attributes(attributes)}>{text}</script>'


def _attributes(given: Mapping[str, str]) -> str:
    return "".join(f' {name.replace("_", "-")}="{escape(value)}"' for name, value in given.items())
