"""The doors: methods, who may read, how large a question may be."""

from __future__ import annotations

import pytest

from api.middleware import METHODS
from tests.api.client import strict

# Beside what is described, of which `test_every_path` says the same.
PATHS = ("/docs", "/openapi.json", "/nowhere", "/clusters/atlantis", "/tables/firms?limit=0")


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(api, path):
    got, headed = api.get(path), api.request("HEAD", path)
    assert headed.status_code == got.status_code
    assert headed.content == b""
    assert dict(headed.headers) == dict(got.headers)


@pytest.mark.parametrize("path", PATHS)
def test_any_page_may_read_every_answer(api, path):
    answer = api.get(path, headers={"Origin": "https://example.org"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", [path for path in PATHS if path not in PATHS[-3:]])
def test_every_answer_has_a_tag_and_is_not_sent_twice(api, path):
    first = api.get(path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"]
    for method in ("GET", "HEAD"):
        again = api.request(method, path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["access-control-allow-origin"] == "*"


def test_before_it_asks_a_browser_is_told_what_it_may(api):
    wish = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    answer = api.request("OPTIONS", "/tables/firms", headers=wish)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-methods"] == METHODS
    assert answer.headers["allow"] == METHODS
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "<X>"])
@pytest.mark.parametrize("path", ["/clusters", "/tables/firms.csv", "/nowhere"])
def test_nothing_else_is_answered(api, method, path):
    answer = api.request(method, path)
    assert answer.status_code == 405
    assert strict(answer.text) == {"detail": f"{method} is not answered; use GET or HEAD"}
    assert answer.headers["allow"] == METHODS


def test_a_question_with_a_body_is_refused(api):
    for path in ("/clusters", "/nowhere", "/docs"):
        answer = api.request("GET", path, content=b"{}")
        assert answer.status_code == 413
        assert "put what you ask into the address" in strict(answer.text)["detail"]
    assert api.request("GET", "/health", headers={"Content-Length": "0"}).status_code == 200


def test_an_address_that_is_too_long_is_refused(api):
    answer = api.get("/clusters?sector=" + "x" * 33_000)
    assert answer.status_code == 413
    assert "at most 32,768" in strict(answer.text)["detail"]
    assert len(answer.content) < 400
    assert api.get("/clusters?sector=" + "x" * 30_000).status_code == 422
