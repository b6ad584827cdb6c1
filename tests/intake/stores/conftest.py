"""What tests of stores share: a store like S3 that lets in who has the key, as the environment names it."""

from __future__ import annotations

import pytest

from intake.stores import buckets
from tests import servers


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    """Folder of buckets, the store's address, and what it was asked for."""
    folder = tmp_path_factory.mktemp("shelf")
    with servers.s3(folder) as (address, asked):
        yield folder, address, asked


@pytest.fixture
def store(shelf, monkeypatch, tmp_path):
    """The same, named in the environment; the list of what it was asked for is empty."""
    folder, address, asked = shelf
    servers.name_store(monkeypatch, address, tmp_path / "none")
    asked.clear()
    yield folder, asked
    buckets.connect_s3.cache_clear()
