"""What every layer is made of: what it shows (payload), its screen face and its print face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from layers.mark import Legend

if TYPE_CHECKING:
    from layers.element import Slot
    from layers.sheet import Sheet
    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition

API = "/api/v1"
Payload = dict[str, Any]


class Draw(Protocol):
    """Draws a payload in print."""

    def __call__(self, sheet: Sheet, payload: Payload, style: Style, /) -> None:
        """Put areas, marks and names on the sheet; of an empty payload, nothing."""


class Explain(Protocol):
    """Says what a payload looks like in print."""

    def __call__(self, payload: Payload, style: Style, /) -> Legend:
        """Return the part of the legend, with the very marks that are drawn."""


def nothing_to_explain(_payload: Payload, _style: Style) -> Legend:
    """Return no legend, for layers that speak for themselves."""
    return Legend()


class Read(Protocol):
    """Reads what a layer shows of a view."""

    def __call__(self, edition: Edition, view: View, /) -> Payload:
        """Return plain data, ready for JSON; `note` says why, where there is nothing to show."""


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes
    ----------
    kind : str
        Its name in the view and in the API.
    label : str
        Its name for people.
    payload, screen, draw
        What it shows, where the screen finds that, and how print draws it.
    sources : tuple of str
        Ids in `data/sources.toml` whose attribution it owes.
    legend
        What print says of it.
    """

    kind: str
    label: str
    payload: Read
    screen: Screen
    draw: Draw
    sources: tuple[str, ...]
    legend: Explain = nothing_to_explain


class Screen(Protocol):
    """Says where the browser finds what a layer shows."""

    def __call__(self, view: View, /) -> Slot:
        """Return the Folium element of the layer."""


def address(path: str, view: View, *fields: str) -> str:
    """Return the API's URL for the fields of a view that a layer depends on: others do not refetch it."""
    query = view.url_of(fields)
    return f"{API}/{path}?{query}" if query else f"{API}/{path}"


def shape_url(ref: str) -> str:
    """Return the API's URL for the outline of a place."""
    return f"{API}/places/shape?{urlencode({'place': ref}, safe=':')}"


FILTERS = (
    *("sector", "technology", "family", "programme", "type", "year_from", "year_to", "kinds", "growth"),
    "placed",
)
MONEY_FILTERS = tuple(name for name in FILTERS if name not in ("type", "family"))
CLUSTER_FILTERS = ("sector", "technology", "family", "type")
FIRM_FILTERS = ("sector", "technology")
