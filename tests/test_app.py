"""The whole app over HTTP: pages, API and files beside one another, and nothing that leads elsewhere."""

from __future__ import annotations

import re
import threading
import time

import httpx
import pytest
import uvicorn

from layers.base import API
from layers.scripts import LEAFLET_URL, script, script_url, style_url
from tests.api.client import strict

ABSOLUTE = re.compile(r"""(?:src|href|url)\s*[=(:]\s*["']?((?:https?:)?//[^"'\s>)]+)""", re.IGNORECASE)


@pytest.fixture(scope="module")
def web(edition):
    """A client of the app as `streamlit run` serves it, lifespan included, on a port of its own."""
    assert edition
    import app

    server = uvicorn.Server(uvicorn.Config(app.app, port=0, ws="none", log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < end
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def test_page_and_api_stand_beside_each_other(web):
    assert web.get("/").headers["content-type"].startswith("text/html")
    health = web.get(f"{API}/health")
    assert strict(health.text)["status"] == "ready"


@pytest.mark.parametrize("path", [f"{API}/land", f"{API}/shapes/la", f"{API}/tables/firms.csv", script_url()])
def test_what_is_large_is_compressed_and_whole(web, path):
    plain = web.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with web.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        wire = sum(len(part) for part in answer.iter_raw())
    assert wire < len(plain.content) / 2
    assert web.get(path, headers={"Accept-Encoding": "gzip"}).content == plain.content


def test_an_unchanged_answer_is_not_sent_again_through_compression(web):
    first = web.get(f"{API}/regions", headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    again = web.get(f"{API}/regions", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", [f"{API}/", f"{API}/nothing", "/api/v2/clusters", "/api/", "/api/v1x"])
def test_no_path_of_an_api_answers_with_a_page(web, path):
    answer = web.get(path)
    assert answer.status_code == 404
    assert f"{API}/docs lists what does" in strict(answer.text)["detail"]


def test_the_root_of_the_api_leads_to_its_documentation(web):
    assert web.get(API).headers["location"] == f"{API}/docs"


def test_files_that_pages_name_are_there_and_first_party(web):
    documentation = web.get(f"{API}/docs").text
    named = re.findall(r"""(?:src|href)=["']([^"']+)""", documentation)
    assert len(named) >= 3
    for path in (
        *named,
        script_url(),
        style_url(),
        f"{LEAFLET_URL}/leaflet.js",
        f"{LEAFLET_URL}/leaflet.css",
    ):
        assert path.startswith("/")
        assert web.get(path).status_code == 200, path
    assert ABSOLUTE.findall(documentation) == []
    assert ABSOLUTE.findall(web.get(style_url()).text) == []
    assert ABSOLUTE.findall(web.get("/").text) == []


def test_our_files_may_be_kept_for_good_and_old_names_are_gone(web):
    answer = web.get(script_url())
    assert answer.text == script()
    assert "immutable" in answer.headers["cache-control"]
    assert web.get("/assets/map-000000000000.js").status_code == 404


@pytest.mark.parametrize(
    "path", ["/assets/%2e%2e/app.py", "/leaflet/%2e%2e/%2e%2e/pyproject.toml", "/swagger/..%2f..%2fapp.py"]
)
def test_no_path_leads_out_of_a_folder(web, path):
    answer = web.get(path)
    assert answer.status_code in (400, 404) or answer.headers["content-type"].startswith("text/html")
    assert "swagger_folder" not in answer.text
    assert "requires-python" not in answer.text
