"""What a view of an edition may ask for: its own names, and the measures and layers that the map has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.registry import switches
from regions.measures import on_map

if TYPE_CHECKING:
    from edition.choices import Choices
    from edition.edition import Edition


def choices(edition: Edition) -> Choices:
    """Return what pages, API and commands read a view with (see `edition.view.View.read`)."""
    return {
        **edition.choices,
        "measure": {name: measure.label for name, measure in on_map().items()},
        "show": {layer.kind: layer.label for layer in switches()},
    }
