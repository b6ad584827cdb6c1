"""What every layer is made of: what it shows (payload), its screen face and its print face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from layers.element import Slot
    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition

API = "/api/v1"
Payload = dict[str, Any]


class Draw(Protocol):
    """Draws a payload in print."""

    def __call__(self, axes: Axes, payload: Payload, style: Style) -> None:
        """Draw on axes whose coordinates are metres of the British National Grid."""


class Read(Protocol):
    """Reads what a layer shows of a view."""

    def __call__(self, edition: Edition, view: View) -> Payload:
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
    """

    kind: str
    label: str
    payload: Read
    screen: Screen
    draw: Draw
    sources: tuple[str, ...]


class Screen(Protocol):
    """Says where the browser finds what a layer shows."""

    def __call__(self, view: View) -> Slot:
        """Return the Folium element of the layer."""


def address(path: str, view: View, *fields: str) -> str:
    """Return the API's URL for those fields of a view that a layer depends on, so that others do not refetch it."""
    query = view.url_of(fields)
    return f"{API}/{path}?{query}" if query else f"{API}/{path}"


FILTERS = ("sector", "technology", "programme", "type", "year_from", "year_to", "kinds", "growth")
MONEY_FILTERS = tuple(name for name in FILTERS if name != "type")
CLUSTER_FILTERS = ("sector", "technology", "type")
FIRM_FILTERS = ("sector", "technology")
