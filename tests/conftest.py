"""What all tests share: a cache folder of their own, and no way out to the network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_configure(config):
    """Point the settings to a cache that tests may fill; kept between runs, since it names its versions."""
    own = Path(__file__).parents[1] / ".pytest_cache" / "icm"
    folder = Path(os.environ.get("ICM_CACHE_DIR", own))
    os.environ["ICM_CACHE_DIR"] = str(folder)


def pytest_collection_modifyitems(items):
    """Put the browser last: Playwright keeps an event loop running, which async tests cannot share."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def edition():
    """The shipped edition, built once."""
    from regions.edition import KEEPER

    return KEEPER.wait()
