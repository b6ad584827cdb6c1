"""What a view of an edition may ask for: its own names, and the measures and layers that the map has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.registry import LAYERS
from regions.measures import on_map

if TYPE_CHECKING:
    from edition.choices import Choices
    from edition.edition import Edition

# Always there, so nobody asks for it.
GROUND = "land"


def choices(edition: Edition) -> Choices:
    """Return what pages, API and commands read a view with (see `edition.view.View.read`)."""
    return {
        **edition.choices,
        "measure": {name: measure.label for name, measure in on_map().items()},
        "show": {kind: layer.label for kind, layer in LAYERS.items() if kind != GROUND},
    }
