"""What may be asked for of the shipped edition, without opening it."""

from __future__ import annotations

from data.tables import table
from edition.choices import choices_of
from layers.registry import switches
from regions.measures import on_map
from tests.own import TAXONOMY

CHOICES = {
    **choices_of(TAXONOMY, table("programmes")),
    "measure": {name: measure.label for name, measure in on_map().items()},
    "show": {layer.kind: layer.label for layer in switches()},
}

LARGEST = "life-sciences--cambridge"
"""The cluster of a sector that chance gives least often; `tests/edition/test_edition.py` holds it to that."""
