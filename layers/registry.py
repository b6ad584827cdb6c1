"""The layers: every list of them, and what a view owes for those that it shows.

A layer is a record (`layers.base.Layer`); a new one is a module with a `LAYER`, entered here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from data.settings import settings
from data.sources import named
from geo.boundaries import is_approximate
from layers import assets, clusters, firms, labels, land, projects, regions
from words.provenance import credited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edition.view import View
    from layers.base import Layer

LAYERS: Mapping[str, Layer] = MappingProxyType(
    {module.LAYER.kind: module.LAYER for module in (land, regions, clusters, projects, firms, assets, labels)}
)
"""Every layer by its kind, in the order in which addresses name them."""


def drawn() -> list[Layer]:
    """Return every layer in drawing order, from the ground up."""
    return sorted(LAYERS.values(), key=lambda layer: layer.height)


def switches() -> list[Layer]:
    """Return the layers that a view shows and hides, in the order in which addresses name them."""
    return [layer for layer in LAYERS.values() if layer.switched]


def kinds(*left_out: str) -> tuple[str, ...]:
    """Return the kinds of the same, but for those that are left out."""
    return tuple(layer.kind for layer in switches() if layer.kind not in left_out)


def chosen(view: View) -> list[Layer]:
    """Return the layers that a view switches on, in the order in which addresses name them."""
    return [layer for layer in switches() if layer.kind in view.show]


def shown(view: View) -> list[Layer]:
    """Return the layers of a view in drawing order; those that cannot be switched off are always there."""
    return [layer for layer in drawn() if not layer.switched or layer.kind in view.show]


def told(view: View) -> list[Layer]:
    """Return the layers of a view that legends and tables tell of: what matters most first."""
    return sorted((one for one in shown(view) if not one.ground), key=lambda layer: layer.reading)


def owed(view: View, *, own: bool = False) -> list[str]:
    """Return the ids of the sources whose attribution a view owes, each once.

    Parameters
    ----------
    view : View
        What is shown.
    own : bool
        Whether the firms are an analyst's own: then none is owed for them.
    """
    every = (
        source.id
        for layer in shown(view)
        for source in named(layer.owed(view))
        if not (own and source.firms and layer.of_firms)
    )
    return list(dict.fromkeys(every))


def credit(view: View, *, own: bool = False) -> str:
    """Return the attribution lines that a view owes (see `owed`), in one line."""
    tiles = [settings().tiles_attribution] if settings().tiles_url else []
    flag = ["Approximate boundaries."] if is_approximate() else []
    return " ".join([*flag, *(credited(source, own=own) for source in owed(view, own=own)), *tiles])
