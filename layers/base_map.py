"""The map that every view of a page shares, and what a rerun tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import folium

from geo.boundaries import is_approximate
from layers.base import API, FILTERS, address, shape_url
from layers.element import Slot, Stage
from layers.registry import shown
from layers.scripts import LEAFLET_URL, script_url, style_url
from words.provenance import SHIPPED_FLAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edition.view import View

# What the map needs of a place worth a first click.
START_FIELDS = ("name", "label", "lat", "lon")
# What a map shows of a view, beside filters and the point asked about, which the map is told anyway: its
# position is its own, and places that are compared are not on it.
TAKEN_FIELDS = ("measure", "level", "show", "cluster", "tab")


def base_map(*, draw: bool = False, pick: bool = False) -> folium.Map:
    """Return the map that every view shares: it never changes, so it is never rebuilt.

    Parameters
    ----------
    draw : bool
        Whether there is a tool to draw an area, told as ``{"kind": "area", "ring": [[lat, lon], ...]}``.
    pick : bool
        Whether a click says where it was, ``{"kind": "pick", "lat", "lon"}``, and asks nothing.
    """
    atlas = folium.Map(
        location=(54.6, -3.4), zoom_start=6, min_zoom=4, max_zoom=18, tiles=None, zoom_control=False,
        prefer_canvas=True, track_resize=False, zoom_snap=0.1, zoom_delta=0.8, wheel_px_per_zoom_level=90,
        max_bounds=True, min_lat=46, max_lat=64, min_lon=-30, max_lon=24,
    )  # fmt: skip
    # Leaflet and our script, both from this server; Folium's own list names four other hosts.
    atlas.default_js = [("leaflet", f"{LEAFLET_URL}/leaflet.js"), ("map", script_url())]
    atlas.default_css = [("leaflet_css", f"{LEAFLET_URL}/leaflet.css"), ("map_css", style_url())]
    # A map to choose on is no picture of anything.
    asked = {name: True for name, on in (("draw", draw), ("pick", pick), ("take", not pick)) if on}
    Stage(api=API, approximate=is_approximate(), **asked).add_to(atlas)
    return atlas


def token(
    view: View,
    sentence: str,
    theme: str,
    starts: list[dict[str, Any]],
    firms: str = SHIPPED_FLAG,
    *,
    keep_drawn: bool = True,
    outline: Mapping[str, Any] | None = None,
    chosen: Sequence[str] = (),
    **more: Any,
) -> folium.FeatureGroup:
    """Return all that a rerun sends to the map: where each layer is to be fetched.

    Parameters
    ----------
    view : View
        What is shown.
    sentence : str
        The same in words, for readers of the screen.
    theme : {"light", "dark"}
        Of the page around the map.
    starts : list of dict
        Places worth a first click: name, label, lat, lon.
    firms : str
        Whose firms the map shows, in a few words.
    keep_drawn : bool
        Whether an area that was just drawn stays on the map; False where the page shows it otherwise.
    outline : mapping
        GeoJSON geometry (EPSG:4326) that a line is drawn around.
    chosen : sequence of str
        Refs of places that a line is drawn around, here and on pictures that are taken of the map.
    more
        `frame`: south, west and north, east of what to show where the address has no position; `about`: what
        a brief is on, in words; `own`: id of the cluster that the page is about.
    """
    group = folium.FeatureGroup(name="view")
    for layer in shown(view):
        layer.screen(view).add_to(group)
    if outline is not None:
        Slot("outline", shape=outline, plain=True).add_to(group)
    elif chosen:
        Slot("outline", urls=[shape_url(ref) for ref in chosen], plain=True).add_to(group)
        more["places"] = [*chosen]
    kept = {} if keep_drawn else {"drawn": False}
    first = [{name: start[name] for name in START_FIELDS} for start in starts]
    told = {
        "theme": theme,
        "sentence": sentence,
        "starts": first,
        "firms": firms,
        "sectors": list(view.sector),
        "here": view.here,
        "at": address("at", view, *FILTERS),
        "view": view.url_of(TAKEN_FIELDS),
    }
    Slot("scene", **told, **kept, **more).add_to(group)
    return group
