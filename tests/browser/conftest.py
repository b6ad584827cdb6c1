"""One server for all browser tests, and one more whose data are hostile."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect, sync_playwright

from data.settings import settings
from edition import opening as editions
from edition.build import build_tables
from tests.browser.atlas import Atlas, serving
from tests.browser.hostile import spoil
from tests.chromium import executable

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def cache_dir():
    """The cache of the tests of this session, made by the first that needs it (see tests/conftest.py)."""
    return settings().cache_dir


@pytest.fixture(scope="session")
def server(cache_dir):
    cache_dir.mkdir(parents=True, exist_ok=True)
    with serving(cache_dir) as started:
        yield started


@pytest.fixture(scope="session")
def hostile_server(tmp_path_factory, cache_dir):
    folder = tmp_path_factory.mktemp("hostile")
    name = editions.edition_path().name
    editions.write_store(folder / name, spoil(build_tables()))
    with serving(folder) as started:
        yield started


@pytest.fixture(scope="session")
def chromium():
    path = executable()
    if path is None:
        pytest.fail("no Chromium: `make test` installs one, or name it with CHROMIUM=/path")
    # Chromium draws in software here, beside other tests: what comes late is not what is looked for.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_atlas(chromium):
    """Open pages in contexts of their own; close them after the test."""
    contexts = []

    def make(**options):
        options = {"viewport": {"width": 1440, "height": 900}, **options}
        context = chromium.new_context(**options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        return Atlas(context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def atlas(new_atlas, server):
    """The first page, drawn."""
    return new_atlas().open(server.address)
