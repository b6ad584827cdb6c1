"""The server as a process: it starts, says who asks, and ends when it is told to, whatever it is at."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

import cli
from data.settings import settings
from data.taxonomy import sectors
from tests.browser.atlas import free_port

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals"),
    pytest.mark.timeout(300),
]
# What shells and service managers take for a good end after SIGTERM and Ctrl-C.
GOOD = {0, 128 + signal.SIGTERM}


@dataclass
class Process:
    """A server that was started, its port, and what it says."""

    popen: subprocess.Popen
    port: int
    log: Path

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def wait_for(self, state, seconds=90):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.popen.poll() is None, self.log.read_text()
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/api/v1/health", trust_env=False).json()["status"] in state:
                    return
            time.sleep(0.05)
        raise AssertionError(f"not {state} after {seconds} s: {self.log.read_text()}")

    def listens(self):
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0

    def others(self):
        """Whether anything that it started is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, 0)
            return True
        return False


@pytest.fixture
def start(edition, tmp_path):
    """Starts servers, by `cli.py serve` or another command, and ends what a test leaves of them."""
    begun = []

    def begin(command=None, **environment):
        port = free_port()
        own = [sys.executable, "cli.py", "serve", "--port", str(port), "--address", "127.0.0.1"]
        log = tmp_path / f"server-{port}.log"
        cache = {"ICM_CACHE_DIR": str(settings().cache_dir), "ICM_PRINT_AHEAD": "false"}
        with log.open("wb") as output:
            popen = subprocess.Popen(
                command(port) if command else own,
                cwd=cli.ROOT,
                env={**os.environ, **cache, **environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        begun.append(Process(popen, port, log))
        return begun[-1]

    yield begin
    for process in begun:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.popen.pid, signal.SIGKILL)
        process.popen.wait(60)


def assert_ended(process, good=GOOD, seconds=60):
    """The process ends well, what it started ends with it, and the port is free."""
    assert process.popen.wait(seconds) in good, process.log.read_text()
    assert not process.listens()
    assert not process.others()
    assert "Traceback" not in process.log.read_text()


def test_what_is_open_is_answered_before_a_server_ends(start):
    process = start(ICM_DRAIN_SECONDS="200")
    process.wait_for({"ready"})
    answers = []

    def ask():
        path = "/api/v1/picture.png?dpi=120"
        answers.append(httpx.get(f"{process.address}{path}", timeout=300, trust_env=False))

    asking = threading.Thread(target=ask)
    # A visitor has the page open as well.
    with connect(f"ws://127.0.0.1:{process.port}/_stcore/stream", subprotocols=["streamlit"]):
        asking.start()
        time.sleep(0.5)
        assert answers == []
        process.popen.send_signal(signal.SIGTERM)
        asking.join(300)
        assert answers, process.log.read_text()
        [answer] = answers
        assert answer.status_code == 200
        assert answer.content.startswith(b"\x89PNG")
        assert answer.content.endswith(b"IEND\xaeB`\x82")
        assert_ended(process)


def wait_until_full(port):
    """Returns when what the server has sent, and nobody has read, no longer grows."""
    waiting = [0, 0, 0, 0]
    while not (waiting[-1] and len(set(waiting)) == 1):
        time.sleep(0.25)
        waiting = [*waiting[1:], unread(port)]


def unread(port):
    """Bytes that the system holds of the server's answers: the send queues from that port."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    sockets = [line.split() for line in lines]
    return sum(
        int(queue.split(":")[0], 16) for _, here, _, _, queue, *_ in sockets if here.endswith(f":{port:04X}")
    )


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="asks Linux what its queues hold")
def test_who_never_reads_an_answer_does_not_keep_the_server(start):
    process = start(ICM_DRAIN_SECONDS="2")
    process.wait_for({"ready"})
    with socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.connect(("127.0.0.1", process.port))
        # More than the system holds for a client.
        caller.sendall(50 * b"GET /api/v1/shapes/la?detail=fine HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until_full(process.port)
        begun = time.monotonic()
        process.popen.send_signal(signal.SIGINT)
        assert_ended(process)
        assert time.monotonic() - begun > 1.5
    assert "cut off" in process.log.read_text()


@pytest.mark.parametrize(("number", "after"), [(signal.SIGTERM, 4.0), (signal.SIGINT, 0.5)])
def test_a_server_ends_while_it_prepares_the_edition(start, tmp_path, number, after):
    cache = tmp_path / "empty"
    process = start(ICM_CACHE_DIR=str(cache))
    process.wait_for({"building"})
    time.sleep(after)
    process.popen.send_signal(number)
    assert_ended(process)
    assert [path.name for path in cache.rglob("*") if ".part" in path.name or "scratch" in path.name] == []


@pytest.mark.parametrize(("number", "after"), [(signal.SIGTERM, 2.0), (signal.SIGINT, 1.0)])
def test_a_server_ends_before_it_listens(start, number, after):
    process = start()
    time.sleep(after)
    process.popen.send_signal(number)
    # Until Python has begun on our code, a signal simply ends it.
    assert_ended(process, {*GOOD, -number, 128 + number})


def made(port):
    # What is installed already need not be looked after.
    installed = ["--assume-old=install", "--assume-old=.venv/.installed"]
    own = [f"BIN={Path(sys.executable).parent}", f"PORT={port}", "ADDRESS=127.0.0.1"]
    return ["make", *installed, "run", *own]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_make_run_ends_with_its_server(start, number):
    process = start(made)
    process.wait_for({"building", "ready"})
    if number == signal.SIGINT:
        # As a terminal does it.
        os.killpg(process.popen.pid, number)
    else:
        process.popen.send_signal(number)
    process.popen.wait(60)
    assert not process.listens()
    assert not process.others()


# --- Who asks


def statuses(process, addresses):
    """Ask for a new workbook by each address: what was made lately is not counted."""
    path = f"{process.address}/api/v1/tables/clusters.xlsx"
    with httpx.Client(trust_env=False, timeout=60) as client:
        return [
            client.get(
                path, params={"sector": sector}, headers={"X-Forwarded-For": address} if address else {}
            ).status_code
            for address, sector in zip(addresses, (row.id for row in sectors()), strict=False)
        ]


FORGED = ["192.0.2.1", "192.0.2.2:4711", "2001:db8::1", "", "10.0.0.1, 192.0.2.5"]


def test_a_forged_header_makes_no_other_client(start):
    process = start(ICM_LIMIT_FILES_PER_MINUTE="2", ICM_TRUSTED_PROXIES="0")
    process.wait_for({"ready"})
    assert statuses(process, FORGED) == [200, 200, 429, 429, 429]


def test_a_proxy_that_is_trusted_tells_clients_apart(start):
    process = start(ICM_LIMIT_FILES_PER_MINUTE="1", ICM_TRUSTED_PROXIES="1")
    process.wait_for({"ready"})
    # The last word is the proxy's; what stands before it anyone can have written.
    asked = ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.9, 192.0.2.1", "192.0.2.1, 192.0.2.9"]
    assert statuses(process, asked) == [200, 200, 429, 429, 200]
