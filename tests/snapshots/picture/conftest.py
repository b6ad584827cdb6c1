"""Pages that many tests look at, each composed once."""

from __future__ import annotations

from functools import cache

import pytest

from edition.view import View
from snapshots.picture.picture import figure
from tests.snapshots.picture.drawn_pages import VIEWS


@pytest.fixture(scope="session")
def pages(edition, own_edition):
    """Pages by view and size, each composed once."""
    shown = {**{name: (edition, view) for name, view in VIEWS.items()}, "hostile": (own_edition, View())}

    @cache
    def page(name, size):
        return figure(*shown[name], size)

    return page
