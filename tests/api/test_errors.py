"""Errors: each answers in words with its status, and a fault of ours tells nothing of its inside."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from api import errors as faults
from api.errors import BusyError, MovedError, TooLargeError, TooOftenError, answer_of
from data.errors import InputError, MapError, NotFoundError, StoreError
from tests.api.client import Client, strict


@pytest.mark.parametrize(
    ("error", "status", "after"),
    [
        (InputError("x"), 422, None),
        (NotFoundError("x"), 404, None),
        (faults.NotAcceptableError("x"), 406, None),
        (TooLargeError("x"), 413, None),
        (TooOftenError("x", 7), 429, "7"),
        (BusyError("x", 5), 503, "5"),
        (StoreError("x"), 503, str(faults.SOON)),
        (MovedError("x", "/there"), 308, None),
        (MapError("x"), 500, None),
    ],
)
def test_every_error_has_its_status_and_its_words(error, status, after):
    answer = answer_of(error)
    assert answer.status_code == status
    assert strict(answer.body.decode()) == {"detail": "x"}
    assert answer.headers.get("retry-after") == after
    assert answer.headers["cache-control"] == "no-store"


def test_of_thousands_of_faults_the_first_are_told(api):
    words = api.fault("/levels?" + "&".join(f"a{number}=1" for number in range(3_000)))
    assert words.startswith("'a0' is no parameter")
    assert words.endswith("; and 2,980 faults more")
    assert len(words) < 3_000
    assert "more" not in api.fault("/levels?" + "&".join(f"a{number}=1" for number in range(20)))


def test_no_path_at_all_is_answered_in_words(api):
    app = Starlette(routes=[Mount("/api/v1", api.app)])
    for path in ("/api/v1/", "/api/v1/nothing"):
        assert "/api/v1/docs lists" in Client(app).fault(path, 404)
    assert "/api/v1/docs lists" in Client(api.app, "").fault("http://test", 404)


def test_a_fault_of_ours_says_nothing_of_its_inside(api, monkeypatch):
    def broken(*_):
        raise RuntimeError("a secret in /home/someone")

    async def ask():
        transport = httpx.ASGITransport(app=api.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/edition")

    monkeypatch.setattr("api.edition.told", broken)
    with ThreadPoolExecutor(1) as apart:
        answer = apart.submit(asyncio.run, ask()).result()
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert strict(answer.text) == {"detail": faults.OURS}


def test_what_breaks_before_a_stream_begins_is_still_refused(api, monkeypatch):
    def broken(*_):
        raise StoreError("The store is damaged")
        yield b""

    monkeypatch.setattr("api.tables.parts", broken)
    assert api.fault("/tables/clusters.csv", 503) == "The store is damaged"
