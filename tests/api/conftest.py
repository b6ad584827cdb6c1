"""The API, asked in this process, with the shipped edition behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.limits import Buckets, Shelf, limits
from api.service import service
from tests.api.client import Client


@pytest.fixture(scope="session")
def unhurried():
    """Limits as they are by default, but for how often one client may ask; no file is kept between tests."""
    return replace(limits(), buckets=Buckets(0), shelf=Shelf(0))


@pytest.fixture(scope="session")
def api(edition, unhurried):
    assert edition
    return Client(service(unhurried))


@pytest.fixture(scope="session")
def leading(edition):
    """Of each kind of label, the cluster with the most members: it outlasts a change of the sample."""
    rows = edition.clusters.sort_values(["firms", "cluster_id"], ascending=[False, True])
    return {row.kind: row for row in rows.drop_duplicates("kind").itertuples(index=False)}


@pytest.fixture(scope="session")
def cluster(leading):
    """The id of the sector's cluster with the most members."""
    return leading["sector"].cluster_id


@pytest.fixture(scope="module")
def nothing_drawn():
    """Writers that return at once: parameters and headers are what is tried."""
    patch = pytest.MonkeyPatch()
    patch.setattr("api.files.snapshot", lambda _edition, _view, form, _paper: form.encode())
    patch.setattr("charts.files.figure", lambda *_: b"figure")
    patch.setattr("api.compare.written", lambda _found, _view, form: form.id.encode())
    yield
    patch.undo()


@pytest.fixture(scope="session")
def specification(api):
    return api.json("/openapi.json")
