"""What a layer is: one record that carries everything about it, and what its parts have to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from data.sources import require
from layers.element import Slot
from layers.mark import Legend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from edition.edition import Edition
    from edition.view import View
    from layers.sheet import Sheet
    from layers.style import Style

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


class Heed(Protocol):
    """Says on which fields of a view depends what the screen fetches."""

    def __call__(self, view: View, /) -> tuple[str, ...]:
        """Return their names; where none of them changes, nothing is fetched again."""


class Tell(Protocol):
    """Says what a painter is told beside the address of its data."""

    def __call__(self, view: View, /) -> Mapping[str, Any]:
        """Return options for its script."""


def nothing_told(_view: View) -> Mapping[str, Any]:
    """Return no option, for painters that need their data alone."""
    return {}


class Hold(Protocol):
    """Says what a file without a server holds of a layer."""

    def __call__(self, edition: Edition, view: View, /) -> Mapping[str, Payload | bytes]:
        """Return what the API would answer, by path below `API`: plain data, or JSON itself."""


class Owe(Protocol):
    """Says whose data a layer shows because of what a view asks of it."""

    def __call__(self, view: View, /) -> tuple[str, ...]:
        """Return ids in `data/sources.toml`."""


def nothing_more(_view: View) -> tuple[str, ...]:
    """Return no source, for layers that show the same data in every view."""
    return ()


@dataclass(frozen=True)
class Served:
    """How the API answers with what a layer shows.

    Attributes
    ----------
    path
        Below `API`, without a slash before it.
    summary
        What it answers, in a line.
    give
        Called with the edition, the view, and by name what of `asks` is no field of a view; returns the
        payload, or JSON itself as bytes.
    filtered
        Whether it takes the filters.
    asks
        What it takes beside them: fields of the view, or of the models in `api/parameters.py`.
    holds
        What its JSON surely holds beside `note`, by name, in the words of `api/specification.py`.
    geojson
        Whether it is GeoJSON.
    example
        What is asked in the example of its documentation, as a query.
    """

    path: str
    summary: str
    give: Callable[..., Payload | bytes]
    filtered: bool = True
    asks: tuple[str, ...] = ()
    holds: Mapping[str, str] = field(default_factory=dict)
    geojson: bool = False
    example: str = ""


# Where a layer stands that does not say so: drawn below names only, and told of last.
ABOVE, LAST = 60, 60


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One layer, with everything that is particular to it.

    Page, legends, print, API, files without a server, credit lines and documentation are derived from it.

    Attributes
    ----------
    kind
        Its name in the view and in the API, and of its painter in `static/`.
    label
        Its name for people.
    payload, draw
        What print shows of a view, and how it draws that.
    sources
        Ids in `data/sources.toml` whose attribution it owes.
    served
        How the API answers with it.
    behind
        Ids of the tables behind it (see `tables/rows.py`), which a bundle brings along.
    legend
        What print says of it.
    more_sources
        What it owes beside `sources`, by view.
    heeds
        Fields of a view on which its data on the screen depend; None for all that `served` takes.
    tells
        What its painter is told beside the address of its data, by view.
    hold
        What a file without a server holds of it; None for what `served` answers.
    close_up
        What print shows instead on a map of a small part of the country; None for the same.
    height
        Layers are drawn from the lowest up.
    reading
        Legends and titles tell of what matters most first, from the lowest number up.
    switched
        Whether a view shows and hides it; what is not lies under every map.
    ground
        Whether it is what others stand on: legends and titles tell of the others.
    titled
        Whether titles name it.
    of_firms
        Whether it shows firms, or what is made of them: an edition's own, for which nothing is owed.
    local
        Whether what it shows depends on where the map stands.
    points
        The list in its payload whose items lie at a point, which may be off the map; empty for none. They
        have `lat` and `lon`, in `properties` if they are GeoJSON.
    script
        The file of its painter; None for that of its kind in `static/`.
    """

    kind: str
    label: str
    payload: Read
    draw: Draw
    sources: tuple[str, ...]
    served: Served
    behind: tuple[str, ...]
    legend: Explain = nothing_to_explain
    more_sources: Owe = nothing_more
    heeds: Heed | None = None
    tells: Tell = nothing_told
    hold: Hold | None = None
    close_up: Callable[[Edition], Payload] | None = None
    height: int = ABOVE
    reading: int = LAST
    switched: bool = True
    ground: bool = False
    titled: bool = True
    of_firms: bool = False
    local: bool = False
    points: str = ""
    script: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a source that is not listed.

        Raises
        ------
        NotFoundError
            The message lists those there are.
        """
        require(self.sources, f"the layer {self.kind!r}")

    def screen(self, view: View) -> Slot:
        """Return the Folium element of the layer: where the browser finds what it shows."""
        every = (*(FILTERS if self.served.filtered else ()), *self.served.asks)
        fields = every if self.heeds is None else self.heeds(view)
        return Slot(self.kind, url=address(self.served.path, view, *fields), **self.tells(view))

    def owed(self, view: View) -> tuple[str, ...]:
        """Return the sources whose attribution it owes for a view: its own first."""
        return tuple(dict.fromkeys((*self.sources, *self.more_sources(view))))

    def held(self, edition: Edition, view: View) -> Mapping[str, Payload | bytes]:
        """Return what a file without a server holds of it, by path of the API."""
        if self.hold is not None:
            return self.hold(edition, view)
        return {self.served.path: self.served.give(edition, view)}


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
