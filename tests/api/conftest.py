"""The API, asked in this process, with the shipped edition behind it."""

from __future__ import annotations

import pytest

from api.service import service
from tests.api.client import Client


@pytest.fixture(scope="session")
def api(edition):
    assert edition
    return Client(service())
