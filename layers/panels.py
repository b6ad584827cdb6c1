"""Maps side by side: one small map for each place, in one document, that move together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import folium
import numpy as np
import orjson
import shapely
from branca.element import Element, Figure
from folium.template import Template

from data.errors import InputError
from edition.view import MOST_PLACES
from geo.boundaries import is_approximate
from geo.projections import to_lonlat
from geo.rounding import rounded_shapes
from layers.base import API, FILTERS, shape_url
from layers.element import Slot, Stage, encoded
from layers.registry import credit, shown
from layers.scripts import LEAFLET_URL, script_url, style_url
from words.links import OF_SESSION
from words.provenance import SHIPPED_FLAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from edition.view import View
    from regions.place import Place

    Bounds = tuple[float, float, float, float]

PANELS_URL = "/panels"
# Fields of a view that change what the maps show.
SHOWN_FIELDS = (*FILTERS, "place", "measure", "level", "show")
# An area of one session only has no address of its own, so its outline travels in the page.
MOST_CARRIED_BYTES = 20_000
# An outline is as fine as a panel can show when the place fills it, and four times finer.
STEPS_ACROSS = 3_000
FINEST_METRES, COARSEST_METRES = 15.0, 400.0
# Degrees: a metre, and ten metres, which is enough where the outline itself is coarser.
FINE_DECIMALS, COARSE_DECIMALS = 5, 4
FINE_BELOW_METRES = 40.0


@dataclass(frozen=True)
class Panel:
    """What one map shows beside the layers of the view.

    Attributes
    ----------
    ref
        The place, as the API knows it.
    name, level
        For people: free text, which may hold anything.
    bounds
        West, south, east, north in degrees (EPSG:4326).
    shape
        Its outline as a GeoJSON geometry (EPSG:4326), where the API does not know the place.
    """

    ref: str
    name: str
    level: str
    bounds: Bounds
    shape: Mapping[str, Any] | None = None


class _Sheet(Figure):
    """A document of several maps; Folium's own holds one that fills it."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="en" class="icm-many">\n'
        "<head><title>Places side by side</title>{{ this.header.render(**kwargs) }}</head>\n"
        '<body><main class="icm-panels" data-count="{{ this.count }}">'
        "{{ this.html.render(**kwargs) }}</main></body>\n"
        "<script>{{ this.script.render(**kwargs) }}</script>\n"
        "</html>\n"
    )

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count


class _Link(folium.MacroElement):
    """What ties the maps of a document together, after all of them are there."""

    _template = Template("{% macro script(this, kwargs) %}ICM.link({{ this.text }});{% endmacro %}")

    def __init__(self, **config: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Link"
        self.text = encoded(config)


class _Markup(folium.MacroElement):
    """Markup of ours around a map; names come in later, as text."""

    _template = Template("{% macro html(this, kwargs) %}{{ this.markup }}{% endmacro %}")

    def __init__(self, markup: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.markup = markup


OPENING: Final = '<section class="icm-cell"><header><h2></h2><p></p></header><div class="icm-ground">'
CLOSING: Final = "</div></section>"


def panels_page(
    places: Sequence[Panel], view: View, theme: str, firms: str = SHIPPED_FLAG, *, own: bool = False
) -> str:
    """Return the HTML document of maps side by side; it holds no data but names of places, in base 64.

    Parameters
    ----------
    places
        One to `MOST_PLACES`, in the order in which they stand.
    view
        Filters and layers that every map shows.
    theme : {"light", "dark"}
        Unless the page around the document has another.
    firms
        Whose firms the maps show, in a few words.
    own
        Whether the firms are an analyst's own.

    Raises
    ------
    InputError
        If there is no place, or there are too many.
    """
    if not 1 <= len(places) <= MOST_PLACES:
        raise InputError(f"{len(places)} places cannot be shown side by side; choose 1 to {MOST_PLACES}")
    sheet = _Sheet(len(places))
    scene = {"theme": theme, "sentence": "", "starts": [], "sectors": list(view.sector), "firms": firms}
    for number, place in enumerate(places):
        _add(sheet, _Markup(OPENING), f"{number}a")
        _add(sheet, _map(number, place, view, scene), str(number))
        _add(sheet, _Markup(CLOSING), f"{number}b")
    _add(sheet, _Link(credit=credit(view, own=own), firms=firms), "")
    return str(sheet.render())


def _map(number: int, place: Panel, view: View, scene: Mapping[str, Any]) -> folium.Map:
    """Return the map of one place; where it stands is decided in the browser, for all of them together."""
    atlas = folium.Map(
        location=(54.6, -3.4), zoom_start=6, min_zoom=2, max_zoom=18, tiles=None, zoom_control=False,
        prefer_canvas=True, track_resize=False, zoom_snap=0, zoom_delta=0.8, wheel_px_per_zoom_level=90,
    )  # fmt: skip
    atlas.default_js = [("leaflet", f"{LEAFLET_URL}/leaflet.js"), ("map", script_url())]
    atlas.default_css = [("leaflet_css", f"{LEAFLET_URL}/leaflet.css"), ("map_css", style_url())]
    about = {"ref": place.ref, "name": place.name, "level": place.level, "bounds": list(place.bounds)}
    slots = [*(layer.screen(view) for layer in shown(view)), _outline(place), Slot("scene", **scene)]
    _add(atlas, Stage(api=API, approximate=is_approximate(), panel=about), f"{number}")
    for place_in_order, slot in enumerate(slots):
        _add(atlas, slot, f"{number}x{place_in_order}")
    return atlas


def _outline(place: Panel) -> Slot:
    if place.shape is not None:
        return Slot("outline", shape=place.shape)
    return Slot("outline", url=shape_url(place.ref))


def _add(parent: Element, child: Element, name: str) -> None:
    """Put an element on another, under a name that is the same every time: so is the page."""
    child._id = name  # noqa: SLF001 - Folium draws it at random and offers no other way
    parent.add_child(child, name=f"{type(child).__name__}-{name}")


def panels_url(view: View) -> str:
    """Return where the page of a view's places is; views that differ in nothing it shows have one address.

    It takes the theme of the page around it.
    """
    return f"{PANELS_URL}?{view.url_of(SHOWN_FIELDS)}"


def panel_of(place: Place) -> Panel:
    """Return the panel of a place; one of this session only carries its outline."""
    level = f"{place.kind}, {place.code}" if place.code else place.kind
    outline = outline_of(place)
    west, south, east, north = (float(edge) for edge in shapely.bounds(outline))
    shape = carried(place) if place.ref.startswith(OF_SESSION) else None
    return Panel(place.ref, place.name, level, (west, south, east, north), shape)


@lru_cache(maxsize=64)
def outline_of(place: Place) -> BaseGeometry:
    """Return the outline of a place for the screen, in degrees (EPSG:4326), simplified by its size."""
    west, south, east, north = shapely.bounds(place.geometry)
    metres = float(np.clip(max(east - west, north - south) / STEPS_ACROSS, FINEST_METRES, COARSEST_METRES))
    return _in_degrees(place.geometry, metres)


def carried(place: Place) -> dict[str, Any]:
    """Return the outline as a GeoJSON geometry (EPSG:4326) of no more than `MOST_CARRIED_BYTES`."""
    west, south, east, north = shapely.bounds(place.geometry)
    metres = max(FINEST_METRES, max(east - west, north - south) / STEPS_ACROSS)
    text = shapely.to_geojson(_in_degrees(place.geometry, metres))
    while len(text) > MOST_CARRIED_BYTES:
        metres *= 1.5
        text = shapely.to_geojson(_in_degrees(place.geometry, metres))
    return dict(orjson.loads(text))


def _in_degrees(geometry: BaseGeometry, metres: float) -> BaseGeometry:
    """Simplify a geometry (EPSG:27700) by so many metres, leave out what is then a dot, and turn it."""
    parts = shapely.get_parts(shapely.simplify(geometry, metres))
    # The largest part stays, however small the place is.
    kept = parts[shapely.area(parts) >= min((2 * metres) ** 2, shapely.area(parts).max())]
    polygons: BaseGeometry = shapely.MultiPolygon([*kept]) if len(kept) > 1 else kept[0]
    decimals = FINE_DECIMALS if metres < FINE_BELOW_METRES else COARSE_DECIMALS

    turned = shapely.transform(polygons, lambda xy: np.column_stack(to_lonlat(xy[:, 0], xy[:, 1])))
    found: BaseGeometry = rounded_shapes([turned], decimals)[0]
    return found
