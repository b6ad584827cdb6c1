"""Limits: how often, how many at once, how large; each refused in words, with the time to ask again."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from api import limits as module
from api.errors import BusyError, TooOftenError
from api.limits import Buckets, Gate, Shelf, limits, network
from api.service import service
from data.settings import Settings
from tests.api.client import Client, strict


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


def test_a_bucket_holds_a_minute_and_fills_again():
    clock = Clock()
    buckets = Buckets(6, clock)
    for _ in range(6):
        buckets.take("a")
    with pytest.raises(TooOftenError, match="6 times in a minute") as fault:
        buckets.take("a")
    assert fault.value.after == 10
    buckets.take("b")
    clock.now += 9.9
    with pytest.raises(TooOftenError):
        buckets.take("a")
    clock.now += 0.2
    buckets.take("a")


@given(st.lists(st.floats(0, 30), min_size=1, max_size=80), st.integers(1, 20))
def test_no_pace_gets_more_than_is_due(waits, per_minute):
    clock = Clock()
    buckets = Buckets(per_minute, clock)
    got, afters = 0, []
    for wait in waits:
        clock.now += wait
        try:
            buckets.take("a")
        except TooOftenError as fault:
            afters.append(fault.after)
        else:
            got += 1
    assert all(1 <= after <= 60 for after in afters)
    assert got <= per_minute + sum(waits) * per_minute / 60 + 1e-6


def test_clients_that_are_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST_CLIENTS", 3)
    buckets = Buckets(1, Clock())
    for client in "abcd":
        buckets.take(client)
    assert list(buckets._held) == ["b", "c", "d"]


def test_nobody_is_counted_where_there_is_no_limit():
    buckets = Buckets(0)
    for _ in range(1000):
        buckets.take("a")
    assert not buckets._held


def test_only_so_many_are_inside_and_only_so_many_wait():
    gate = Gate(places=1, waiting=1, seconds=20)
    leave, inside = threading.Event(), threading.Event()
    seen = []

    def hold(name):
        with gate.entered():
            seen.append(name)
            inside.set()
            leave.wait(20)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(hold, "first")
        assert inside.wait(20)
        second = pool.submit(hold, "second")
        while gate._queued < 1:
            time.sleep(0.001)
        with pytest.raises(BusyError, match="1 file waits") as fault, gate.entered():
            pass
        assert fault.value.after > 0
        assert seen == ["first"]
        leave.set()
        second.result(20)
    assert seen == ["first", "second"]
    assert (gate._inside, gate._queued) == (0, 0)


def test_nobody_waits_for_ever():
    gate = Gate(places=1, waiting=5, seconds=0.01)
    with gate.entered():
        with pytest.raises(BusyError, match=r"within 0\.01 s"), gate.entered():
            pass
        assert gate._queued == 0
    with gate.entered():
        pass


def test_a_fault_inside_frees_the_place():
    gate = Gate(places=1, waiting=0, seconds=0)
    with pytest.raises(KeyError), gate.entered():
        raise KeyError
    with gate.entered():
        pass


def test_the_shelf_has_room_for_so_much():
    shelf = Shelf(most=100)
    shelf.put("large", b"x" * 26)
    assert shelf.get("large") is None
    for name in "abcde":
        shelf.put(name, b"x" * 25)
    assert [name for name in "abcde" if shelf.get(name)] == list("bcde")


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("", ""),
        ("x" * 500, "x" * 40),
    ],
)
def test_a_client_is_an_address_or_a_network(address, client):
    assert network(address) == client


class Asked:
    client = None

    def __init__(self, told):
        lines = told if isinstance(told, list) else [told]
        self.headers = Headers(raw=[(b"x-forwarded-for", line.encode()) for line in lines])


@pytest.mark.parametrize(
    ("hops", "told", "client"),
    [
        (0, "1.1.1.1", ""),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", ""),
        (1, "", ""),
        (1, ["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
        (2, ["6.6.6.6", "1.1.1.1, 2.2.2.2"], "1.1.1.1"),
    ],
)
def test_a_header_is_believed_only_as_far_as_proxies_are_trusted(hops, told, client):
    assert replace(limits(), hops=hops).client(Asked(told)) == client


def test_the_limits_are_settings(monkeypatch):
    monkeypatch.setenv("ICM_LIMIT_FILES_PER_MINUTE", "7")
    monkeypatch.setenv("ICM_LIMIT_ROWS", "9")
    found = limits(Settings())
    assert (found.buckets.per_minute, found.rows) == (7, 9)


@pytest.fixture
def drawn(monkeypatch):
    """Count what is drawn, and draw nothing."""
    made = []

    def draw(_edition, view, form, paper):
        made.append((view.url(), form, paper))
        return f"{form} {view.url()} {paper}".encode()

    monkeypatch.setattr("api.files.snapshot", draw)
    return made


def with_limits(**changed):
    return Client(service(replace(limits(), **changed)))


def test_who_asks_too_often_is_told_when_to_come_again(edition, drawn):
    clock = Clock()
    client = with_limits(buckets=Buckets(2, clock))
    assert [client.get(f"/picture.png?level={level}").status_code for level in ("la", "itl1")] == [200, 200]
    answer = client.get("/picture.png?level=nation")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "30"
    assert "Ask again in 30 s" in strict(answer.text)["detail"]
    assert answer.headers["access-control-allow-origin"] == "*"
    # What was made just now, what the caller has, and tables are not counted.
    assert client.get("/picture.png?level=la").status_code == 200
    assert (
        client.get("/picture.png?level=nation&show=none", headers={"If-None-Match": "*"}).status_code == 304
    )
    assert client.get("/tables/clusters.csv").status_code == 200
    assert len(drawn) == 2
    clock.now += 30
    assert client.get("/picture.png?level=nation").status_code == 200


def test_long_csv_counts_and_short_csv_does_not(edition, monkeypatch):
    clock = Clock()
    client = with_limits(buckets=Buckets(1, clock))
    monkeypatch.setattr("api.limits.LONG", 100)
    for _ in range(3):
        assert client.get("/tables/clusters.csv").status_code == 200
    assert client.get("/tables/firms.csv").status_code == 200
    assert client.get("/tables/firms.csv?sector=life-sciences").status_code == 429
    assert client.get("/places.csv").status_code == 429
    assert client.get("/places.csv?level=itl3").status_code == 429
    assert client.get("/places.csv?level=nation").status_code == 200


def test_too_many_at_once_are_sent_away(edition, drawn):
    client = with_limits(gate=Gate(1, 0, 0), buckets=Buckets(0))
    gate = client.app.state.limits.gate
    with gate.entered():
        answer = client.get("/map.html")
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "wait" in strict(answer.text)["detail"]
        # Who asks for rows is not held up.
        assert client.get("/tables/clusters").status_code == 200
    assert client.get("/map.html").status_code == 200


def test_light_questions_are_answered_while_files_are_made(edition, monkeypatch):
    begun, leave = threading.Event(), threading.Event()

    def slow(*_):
        begun.set()
        leave.wait(20)
        return b"done"

    async def ask(client):
        """Ask for a file and, in the same loop, for rows: were the loop held up, these would not come."""
        file = asyncio.create_task(client.get("/bundle.zip"))
        assert await asyncio.to_thread(begun.wait, 20)
        light = [
            await client.get(path) for path in ("/health", "/tables/clusters?limit=1", "/tables/firms.csv")
        ]
        finished = file.done()
        leave.set()
        return [answer.status_code for answer in light], finished, (await file).content

    monkeypatch.setattr("api.files.snapshot", slow)
    assert with_limits(buckets=Buckets(0)).within(ask) == ([200, 200, 200], False, b"done")


def test_a_large_picture_is_refused_and_a_smaller_one_named(api, drawn):
    answer = api.get("/picture.png?size=a3&dpi=600")
    assert answer.status_code == 413
    assert "69.6 megapixels" in strict(answer.text)["detail"]
    assert "SVG or PDF" in strict(answer.text)["detail"]
    assert api.get("/bundle.zip?size=a3&dpi=600").status_code == 413
    assert api.get("/picture.svg?size=a3&dpi=600").status_code == 200
    assert api.get("/picture.png?size=a4&dpi=600").status_code == 200


@pytest.mark.parametrize("form", ["xlsx", "geojson"])
def test_a_table_that_is_too_long_is_refused_and_csv_is_not(edition, form):
    client = with_limits(rows=100)
    answer = client.get(f"/tables/firms.{form}")
    assert answer.status_code == 413
    assert "take it as CSV" in strict(answer.text)["detail"]
    assert client.get("/tables/firms.csv").status_code == 200
    assert client.get(f"/tables/clusters.{form}").status_code == 200
