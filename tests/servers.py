"""Servers of this machine that registers are read from: a store like S3, and a web server."""

from __future__ import annotations

import base64
import re
import threading
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import localbucket

from intake.stores import buckets

CANNED = {
    "away": (302, b"", {"Location": "http://elsewhere.example/firms.csv"}),
    "round": (302, b"", {"Location": "/round/firms.csv"}),
    "fault": (500, b"", {}),
    "shut": (403, b"", {}),
    "short": (200, b"firm_id,sector,easting,northing\n", {"Content-Length": "10000"}),
    "packed": (200, b"", {"Content-Encoding": "br"}),
}
"""Answers of the web server to what is below a folder of such a name."""

KEY, SECRET = "AKIDTEST", "k33p-this-secret"  # of no real store


@contextmanager
def served(handler):
    """Serve on a free port, as long as it is asked for; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def s3(folder):
    """A store whose buckets are the folders of a folder; gives its address, and what it is asked for.

    It lets in who gives `KEY`, and keeps the bucket "shut" from all.
    """
    asked = []

    class Handler(localbucket.S3Handler):
        data_root = folder

        def log_message(self, *_):
            pass

        def _dispatch(self, action):
            asked.append((self.command, self.path, self.headers.get("Range", "")))
            shut = self.path.startswith("/shut")
            if shut or f"Credential={KEY}/" not in self.headers.get("Authorization", ""):
                self._send_error(localbucket.S3Error(HTTPStatus.FORBIDDEN, "AccessDenied", f"no: {SECRET}"))
            else:
                super()._dispatch(action)

    with served(Handler) as address:
        yield address, asked


def name_store(monkeypatch, address, nowhere):
    """Name a store in the environment, with the key that it lets in, and nothing of the user's own."""
    for name in (
        "AWS_ENDPOINT_URL_S3",
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ):
        monkeypatch.delenv(name, raising=False)
    given = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(nowhere),
        "AWS_SHARED_CREDENTIALS_FILE": str(nowhere),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    buckets.connect_s3.cache_clear()


@contextmanager
def web(folder, *, stretches=True, user=""):
    """A web server of a folder's files; gives its address, and what it is asked for.

    Parameters
    ----------
    stretches
        Whether it gives stretches of a file.
    user
        Who is let in, as user:password; everyone unless given.
    """
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            asked.append((self.path, self.headers.get("Range", "")))
            wanted = f"Basic {base64.b64encode(user.encode()).decode()}"
            first, _, rest = self.path.lstrip("/").partition("/")
            if user and self.headers.get("Authorization") != wanted:
                self.send_error(401)
                return
            now = {
                "moved": (302, b"", {"Location": f"/{rest}"}),
                "changing": (206, b"x", {"Content-Range": "bytes 0-0/99", "ETag": str(len(asked))}),
            }
            canned = (CANNED | now).get(first)
            if canned:
                self.answer(*canned)
            else:
                self.file()

        def file(self):
            path = folder / unquote(self.path.split("?")[0]).lstrip("/")
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if not stretches or not found or not path.is_file():
                super().do_GET()
                return
            whole, start = path.read_bytes(), int(found[1])
            if start >= len(whole):
                self.answer(416, b"", {})
                return
            piece = whole[start : int(found[2]) + 1]
            about = f"bytes {start}-{start + len(piece) - 1}/{len(whole)}"
            self.answer(206, piece, {"Content-Range": about, "ETag": '"one"'})

        def answer(self, status, body, headers):
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with served(partial(Handler, directory=str(folder))) as address:
        yield address, asked
