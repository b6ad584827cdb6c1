"""What all tests share: a cache folder of their own, the order in which they run, and what they took."""

from __future__ import annotations

import gc
import itertools
import os
import sys
from collections import Counter
from pathlib import Path

import hypothesis
import pytest

from tests.scheduling import room, turn
from tests.sharing import made_once

# Examples of a property that names no number of its own; `make test-all` tries a hundred.
FEW = 25


def pytest_configure(config):
    """Point the settings to a cache that tests may fill; kept between runs, since it names its versions.

    Processes that run tests beside one another share it, so that nothing is built twice: a test that chooses
    the edition that is shown does so in a folder of its own (`tests.own.own_cache`).
    """
    os.environ.setdefault("ICM_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "icm"))

    # How long an example takes says more about what else the machine does than about the code.
    hypothesis.settings.register_profile("suite", deadline=None, max_examples=FEW)
    hypothesis.settings.register_profile("all", deadline=None, max_examples=100)
    hypothesis.settings.load_profile(config.getoption("--hypothesis-profile") or "suite")


MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def own_main():
    """Give the main module back: a page under test leaves its own, which new processes would run."""
    sys.modules["__main__"] = MAIN
    yield
    sys.modules["__main__"] = MAIN


@pytest.fixture(autouse=True)
def shipped_is_shown():
    """Tell which test leaves another edition to be shown in the cache of all."""
    yield
    record = sys.modules.get("edition.record")
    assert record is None or not record.record_file().exists()


def pytest_collection_modifyitems(items):
    """Put the longest first.

    Tests in a browser run once more where they fail, and the report says so: Chromium draws in software
    beside other tests, and a click can come while a page still moves. What is wrong fails twice.
    """
    items.sort(key=lambda item: turn(item.nodeid))
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
            if not item.get_closest_marker("timeout"):
                # The first starts the server and the browser, and waits for both.
                item.add_marker(pytest.mark.timeout(300))


def pytest_collection_finish():
    """Spare the garbage collector what stays until the end: all modules, all tests."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """Say what each folder took; processes that ran beside one another are added up."""
    seconds, tests = Counter(), Counter()
    for report in itertools.chain(*terminalreporter.stats.values()):
        if isinstance(report, pytest.TestReport):
            seconds[room(report.nodeid)] += report.duration
            tests[room(report.nodeid)] += report.when == "call"
    if len(seconds) > 1:
        terminalreporter.section("time of each folder")
        for name, taken in seconds.most_common():
            terminalreporter.write_line(f"{taken:7.1f}s {tests[name]:5} tests  {name}")


@pytest.fixture(scope="session")
def edition():
    """The shipped edition, built once."""
    from edition.keeper import KEEPER

    return KEEPER.wait()


@pytest.fixture(scope="session")
def own_edition(edition, tmp_path_factory):
    """An edition made of a small register of one's own, with labels that the taxonomy does not know."""
    from tests.own import open_own, result, write_own

    folder = made_once(tmp_path_factory, "own", lambda part: write_own(result(), edition, part))
    return open_own(folder)


@pytest.fixture(scope="session")
def density_edition(edition, tmp_path_factory):
    """The same by a method that tests nothing."""
    from tests.own import open_own, result, write_own

    return open_own(
        made_once(tmp_path_factory, "density", lambda part: write_own(result(method="dbscan"), edition, part))
    )
