"""The page as a test sees it: the frame of the map, what it has drawn, what went over the wire."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright import sync_api as playwright

ROOT = Path(__file__).parents[2]
DRAWN = """() => window.icm && window.icm.style && window.icm.pending === 0
    && window.icm.shown.size > 1 && !!window.icm.scene.sentence"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def serving(cache_dir):
    """Start the app as `make run` does, on a port of its own; give its address once it is ready."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "cli.py", "serve", "--port", str(port), "--address", "127.0.0.1"]
    # Pages are what is looked at: nothing is drawn beside them.
    environment = {**os.environ, "ICM_CACHE_DIR": str(cache_dir), "ICM_PRINT_AHEAD": "false"}
    log = Path(cache_dir) / f"server-{port}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until_ready(address, server, log)
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, 15)
        server.wait(20)


@dataclass(frozen=True)
class Server:
    address: str


def wait_until_ready(address, server, log, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{address}/api/v1/health", timeout=5) as answer,
        ):
            health = json.load(answer)
            assert health["status"] != "failed", health
            if health["status"] == "ready":
                return
        time.sleep(0.1)
    raise AssertionError(f"not ready after {seconds} s: {log.read_text()}")


@dataclass
class Atlas:
    """One page in a browser, and all that it asked for."""

    page: object
    requests: list = field(default_factory=list)
    received: list = field(default_factory=list)
    faults: list = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda data: self.received.append(len(data))),
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "dialog", lambda dialog: (self.faults.append(f"dialog {dialog.message}"), dialog.dismiss())
        )

    def open(self, url):
        self.page.goto(url)
        self.wait()
        self.rest()
        return self

    def rest(self):
        """Wait until the page's script is not running."""
        self.page.locator('[data-test-script-state="notRunning"]').wait_for(timeout=60_000)
        self.page.wait_for_timeout(150)

    def choose(self, label, text):
        """Choose an entry of a list in the side bar.

        A list that is still unfolding can move away under the pointer and close without a choice: then again.
        """
        named = self.page.get_by_role("combobox", name=label, exact=True)
        box = self.page.locator(".stMultiSelect, .stSelectbox").filter(has=named)
        typed = box.locator("input")
        for _ in range(5):
            self.rest()
            with contextlib.suppress(playwright.TimeoutError):
                typed.click()
                self.page.get_by_role("option", name=text, exact=True).click(timeout=5_000)
            self.page.keyboard.press("Escape")
            # One list shows its choice as the text in its field, the other as a tag beside it.
            if text in (typed.input_value(), *box.inner_text().splitlines()):
                return
        raise AssertionError(f"{text!r} of {label!r} could not be chosen; {self.faults}")

    @property
    def frame(self):
        return next((frame for frame in self.page.frames if "streamlit_folium" in frame.url), None)

    def wait(self, condition=DRAWN, seconds=60):
        """Wait until the map says so; everything that it was asked to draw is drawn then."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(Exception):
                if self.frame and self.frame.evaluate(condition):
                    return self
            self.page.wait_for_timeout(20)
        raise AssertionError(
            f"waited {seconds} s for {condition}; {self.report() if self.frame else 'no map'}; {self.faults}"
        )

    def report(self):
        return self.frame.evaluate("() => window.icm.report()")

    def drawn(self, kind):
        return self.report()["drawn"].get(kind)

    def says(self, **fields):
        """Wait until the address holds these fields with these values; None is a field that is gone."""
        wanted = {name: [values] if isinstance(values, str) else values for name, values in fields.items()}
        self.page.wait_for_url(
            lambda url: all(parse_qs(urlsplit(url).query).get(name) == wanted[name] for name in wanted)
        )

    def query(self):
        return self.page.url.partition("?")[2]

    def foreign(self):
        """Requests to other hosts."""
        return [
            url
            for url in self.requests
            if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:"))
        ]


class Contexts:
    """Pages in contexts of their own, as other visitors have them."""

    def __init__(self, browser):
        self.browser, self.made = browser, []

    def __call__(self, **options):
        options = {"viewport": {"width": 1440, "height": 900}, **options}
        context = self.browser.new_context(**options)
        context.set_default_timeout(60_000)
        self.made.append(context)
        return Atlas(context.new_page())

    def close(self):
        for context in self.made:
            context.close()


def unfold(row):
    """Open a cluster's row on the card, which is open where it is the only one."""
    row.wait_for()
    if row.get_attribute("aria-expanded") == "false":
        row.click()
