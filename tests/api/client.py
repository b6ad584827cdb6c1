"""A client that asks an ASGI app in this process: no port."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import httpx


def strict(text):
    """Read JSON as the standard has it: NaN and the infinities are none."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


class Client:
    def __init__(self, app, base="http://test"):
        self.app = app
        self.base = base

    def request(self, method, url, **options):
        return self.within(lambda client: client.request(method, url, **options))

    def within(self, work):
        """Do work with a client in an event loop of its own, and return its result."""

        async def ask():
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
                return await work(client)

        # In a thread of its own: a library may have left a loop running in this one.
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(asyncio.run, ask()).result()

    def get(self, url, **options):
        return self.request("GET", url, **options)

    def json(self, url, **options):
        """Return the value of an answer that has to be good."""
        answer = self.get(url, **options)
        assert answer.status_code == 200, (url, answer.text[:300])
        assert answer.headers["content-type"].startswith(("application/json", "application/geo+json"))
        return strict(answer.text)

    def fault(self, url, status=422, **options):
        """Return the words of an answer that has to be refused."""
        answer = self.get(url, **options)
        assert answer.status_code == status, (url, answer.status_code, answer.text[:300])
        assert answer.headers["content-type"] == "application/json"
        value = strict(answer.text)
        assert list(value) == ["detail"]
        return value["detail"]
