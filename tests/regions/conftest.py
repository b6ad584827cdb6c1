"""What tests of public money share."""

from __future__ import annotations

import pytest

from tests.regions.books import Books, shipped_books


@pytest.fixture(scope="session")
def books() -> Books:
    return shipped_books()
