"""What tests of intake share: the places that rows are judged by, and tables of few rows."""

from __future__ import annotations

import pytest

from intake import ground as places
from intake import reading


@pytest.fixture(scope="session")
def ground():
    return places.ground()


@pytest.fixture
def few(monkeypatch):
    """Tables of three rows at most, so that a few rows fill many."""
    monkeypatch.setattr(reading, "ROWS", 3)
