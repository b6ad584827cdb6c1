"""One server for all browser tests, and one more whose data are hostile; both are shared by all processes.

The browser ends with the last of these tests in a process: Playwright keeps an event loop running, beside
which tests that come later could not start one.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect, sync_playwright

from data.store import write_store
from edition.contents import table_names
from tests.browser.atlas import Contexts, Server, serving
from tests.browser.hostile import spoil
from tests.choosing import compact_cluster
from tests.chromium import executable
from tests.sharing import made_once, started_once

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def server(edition, tmp_path_factory):
    cache = edition.store.path.parent
    with started_once(tmp_path_factory, "server", lambda: serving(cache)) as address:
        yield Server(address)


@pytest.fixture(scope="session")
def cluster(edition):
    """A cluster that is there: small enough to be looked at from near."""
    return compact_cluster(edition)


@pytest.fixture(scope="session")
def hostile_server(edition, tmp_path_factory):
    """The same program with hostile names; what it has beside its tables is that of the cache."""

    def spoilt(folder):
        for path in edition.store.path.parent.iterdir():
            if path.name.startswith(("postcodes-", "towns-")):
                (folder / path.name).symlink_to(path)
        tables = {name: edition.store.frame(name) for name in table_names()}
        write_store(folder / edition.store.path.name, spoil(tables))

    cache = made_once(tmp_path_factory, "hostile", spoilt)
    with started_once(tmp_path_factory, "hostile-server", lambda: serving(cache)) as address:
        yield Server(address)


@pytest.fixture(scope="package")
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
    contexts = Contexts(chromium)
    yield contexts
    contexts.close()


@pytest.fixture
def atlas(new_atlas, server):
    """The first page, drawn."""
    return new_atlas().open(server.address)


@pytest.fixture(scope="module")
def standing(chromium, server):
    """Show pages to tests that leave them as they are; one that is elsewhere by now is opened again."""
    contexts, pages = Contexts(chromium), {}

    def show(path="/"):
        atlas, address = pages.get(path) or (contexts(), "")
        if atlas.page.url != address:
            atlas.open(f"{server.address}{path}")
            pages[path] = atlas, atlas.page.url
        return atlas

    yield show
    contexts.close()
