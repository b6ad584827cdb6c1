"""What Google's driver asks of a store, answered from a folder of buckets; the port is printed.

A process of its own: the driver keeps all threads of the one that asks waiting.
"""

from __future__ import annotations

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shelf = Path()

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        listed = re.fullmatch(r"/storage/v1/b/([^/]+)(/o)?", url.path)
        named = re.fullmatch(r"(?:/storage/v1/b)?/([^/]+)(?:/o)?/(.+)", url.path)
        if listed:
            self.bucket(self.shelf / listed[1], query if listed[2] else None)
            return
        file = self.shelf / named[1] / unquote(named[2])
        if not file.is_file():
            self.answer(404, b"{}")
        elif url.path.startswith("/storage/") and "alt" not in query:
            self.answer(200, self.about(self.shelf / named[1], file))
        else:
            self.stretch(file.read_bytes())

    def bucket(self, folder, query):
        """Answer with what is in a bucket, or that it is one."""
        if not folder.is_dir():
            self.answer(404, b"{}")
            return
        if query is None:
            self.answer(200, {"kind": "storage#bucket", "name": folder.name, "id": folder.name})
            return
        start = query.get("prefix", [""])[0]
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        items = [self.about(folder, path) for path in files]
        self.answer(
            200, {"kind": "storage#objects", "items": [one for one in items if one["name"].startswith(start)]}
        )

    def about(self, folder, file):
        name, size = file.relative_to(folder).as_posix(), str(file.stat().st_size)
        own = {"kind": "storage#object", "name": name, "bucket": folder.name, "size": size}
        return own | {"generation": "1", "updated": "2026-01-01T00:00:00Z"}

    def stretch(self, whole):
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "bytes=0-"))
        start = int(found[1])
        piece = whole[start : int(found[2]) + 1 if found[2] else len(whole)]
        self.answer(206, piece, f"bytes {start}-{start + len(piece) - 1}/{len(whole)}")

    def answer(self, status, body, stretch=""):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if stretch:
            self.send_header("Content-Range", stretch)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    Handler.shelf = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201 - who started it reads it
    server.serve_forever()
