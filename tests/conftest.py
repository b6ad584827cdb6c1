"""What all tests share: a cache folder of their own, and no way out to the network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import hypothesis
import pytest


def pytest_configure(config):
    """Point the settings to a cache that tests may fill; kept between runs, since it names its versions.

    Workers that run tests beside one another have a folder each: some tests choose the edition that is shown.
    """
    own = Path(__file__).parents[1] / ".pytest_cache" / "icm"
    folder = Path(os.environ.get("ICM_CACHE_DIR", own)) / os.environ.get("PYTEST_XDIST_WORKER", "")
    os.environ["ICM_CACHE_DIR"] = str(folder)

    # How long an example takes says more about what else the machine does than about the code.
    hypothesis.settings.register_profile("suite", deadline=None)
    hypothesis.settings.load_profile("suite")


MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def own_main():
    """Give the main module back: a page under test leaves its own, which new processes would run."""
    sys.modules["__main__"] = MAIN
    yield
    sys.modules["__main__"] = MAIN


def pytest_collection_modifyitems(items):
    """Put the browser last: Playwright keeps an event loop running, which async tests cannot share.

    Its tests run once more where they fail, and the report says so: Chromium draws in software beside other
    tests, and a click can come while a page still moves. What is wrong fails twice.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
            if not item.get_closest_marker("timeout"):
                # The first starts the server and the browser, and waits for both.
                item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def edition():
    """The shipped edition, built once."""
    from edition.keeper import KEEPER

    return KEEPER.wait()


@pytest.fixture(scope="session")
def own_edition(edition, tmp_path_factory):
    """An edition made of a small register of one's own, with labels that the taxonomy does not know."""
    from tests.own import edition_of, result

    return edition_of(result(), edition, tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="session")
def density_edition(edition, tmp_path_factory):
    """The same by a method that tests nothing."""
    from tests.own import edition_of, result

    return edition_of(result(method="dbscan"), edition, tmp_path_factory.mktemp("density"))
