"""What holds for every path that is described: tags, methods, who may read, refusals, pages."""

from __future__ import annotations

import re

import pytest

from api.examples import question
from api.middleware import METHODS
from api.service import service
from edition.keeper import keeping
from layers.base import API
from tests.api.client import strict

DESCRIBED = {path: methods["get"] for path, methods in service().openapi()["paths"].items()}
LINKED = tuple(path for path, told in DESCRIBED.items() if "Link" in told["responses"]["200"]["headers"])
# By its ending a page is the same.
PAGED = tuple(path for path in LINKED if "{form}" not in path)
NEGOTIATED = tuple(path for path, told in DESCRIBED.items() if "406" in told["responses"])
# What is answered before the tables are ready.
READY = ("/health", "/style")
LINK = re.compile(r'<([^>]*)>; rel="([a-z]+)"')

pytestmark = pytest.mark.usefixtures("nothing_drawn")


def with_more(url, **more):
    mark = "&" if "?" in url else "?"
    bare = re.sub(r"&?\b(limit|offset)=\d+", "", url)
    return bare + mark + "&".join(f"{name}={value}" for name, value in more.items())


@pytest.mark.parametrize("path", DESCRIBED)
def test_it_is_answered_once_and_read_by_anyone(api, path):
    url = question(path)
    got, headed = api.get(url), api.request("HEAD", url)
    assert got.status_code == 200, got.text[:300]
    assert (headed.status_code, headed.content) == (200, b"")
    assert dict(headed.headers) == dict(got.headers)
    tag = got.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{24}"', tag)
    for method, known in (("GET", f'"other", W/{tag}'), ("HEAD", tag)):
        again = api.request(method, url, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers.get("vary") == got.headers.get("vary")
        assert again.headers["access-control-allow-origin"] == "*"
    assert got.headers["cache-control"]
    assert got.headers["access-control-allow-origin"] == "*"
    assert "ETag" in got.headers["access-control-expose-headers"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in got.headers
    assert set(DESCRIBED[path]["responses"]["200"]["headers"]) <= {"ETag", "Content-Disposition", "Link"}
    for name in ("ETag", "Content-Disposition"):
        assert name not in DESCRIBED[path]["responses"]["200"]["headers"] or name in got.headers


def test_tags_are_compared_whole(api):
    got = api.get("/levels.csv")
    tag = got.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other",{tag}', f' {tag} , "other"', "*", f"{tag}, W/{tag}"):
        assert api.get("/levels.csv", headers={"If-None-Match": known}).status_code == 304, known
    for stale in ('"other"', tag.strip('"'), tag[:-2], '"', "W/", "\x7f", ",,", '"' * 5_000, "", "w*"):
        again = api.get("/levels.csv", headers={"If-None-Match": stale})
        assert (again.status_code, again.content) == (200, got.content), stale


@pytest.mark.parametrize("path", DESCRIBED)
def test_what_it_does_not_take_is_refused_in_words(api, path):
    url = question(path)
    assert "'colour' is no parameter" in api.fault(with_more(url, colour="red"))
    answer = api.request("DELETE", url)
    assert (answer.status_code, answer.headers["allow"]) == (405, METHODS)
    assert strict(answer.text)["detail"]
    assert api.request("OPTIONS", url).status_code == 204
    assert "at most" in api.fault(with_more(url, colour="x" * 60_000), 413)
    with keeping(None):
        answer = api.get(url)
    if path in READY:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "Try again soon" in strict(answer.text)["detail"]


@pytest.mark.parametrize("path", NEGOTIATED)
def test_header_and_ending_give_the_same_in_every_format(api, path):
    url = question(path)
    bare, mark, query = with_more(url, download="true").partition("?")
    media = DESCRIBED[path]["responses"]["200"]["content"]
    assert {"application/json", "text/csv; charset=utf-8"} <= set(media)
    offered = api.get(url, headers={"Accept": "image/png"}).json()["detail"]
    for kind, form in re.findall(r"([\w/.+-]+) \(\.(\w+)\)", offered):
        by_header = api.get(f"{bare}?{query}", headers={"Accept": kind})
        by_ending = api.get(f"{bare}.{form}{mark}{query}")
        assert by_header.status_code == by_ending.status_code == 200, by_header.text[:300]
        assert by_header.headers["content-type"] == by_ending.headers["content-type"]
        assert by_header.headers["content-type"] in media
        assert by_header.headers["vary"] == "Accept"
        for answer in (by_header, by_ending):
            assert answer.headers["content-disposition"].startswith('attachment; filename="innovation-')
            assert answer.headers["content-disposition"].endswith(f'.{form}"')
        if form != "json":
            assert by_header.content == by_ending.content
            assert by_header.headers["etag"] == by_ending.headers["etag"]


@pytest.mark.parametrize("path", PAGED)
def test_its_pages_join_up(api, path):
    url = question(path)
    whole = api.json(with_more(url, limit=1000))
    total, size = whole["total"], max(1, whole["total"] // 3)
    rows, following, steps = [], with_more(url, limit=size), 0
    while following and steps < 5:
        answer = api.get(following)
        value = strict(answer.text)
        links = {name: address for address, name in LINK.findall(answer.headers["link"])}
        assert {name: links.get(name) for name in ("next", "prev")} == {
            name: value[name] for name in ("next", "prev")
        }
        assert value["total"] == total
        assert all(address.startswith(f"{API}/") for address in links.values())
        rows += value["rows"]
        following = (value["next"] or "").removeprefix(API)
        steps += 1
    assert rows == whole["rows"][: len(rows)]
    assert len(rows) == total or steps == 5
    beyond = api.json(with_more(url, offset=100_000_000))
    assert (beyond["total"], beyond["rows"], beyond["next"]) == (total, [], None)
    words = api.fault(with_more(url, limit=0, offset=-1))
    assert "limit: " in words
    assert "offset: " in words


@pytest.mark.parametrize("path", PAGED)
def test_a_page_of_a_file_is_refused(api, path):
    bare, mark, query = question(path).partition("?")
    name = re.sub(r"\.[a-z]+$", "", bare)
    assert "pages are of JSON alone" in api.fault(with_more(f"{name}.csv{mark}{query}", limit=3))


def test_every_list_is_among_them():
    assert len(PAGED) > 20
    assert {f"{path}.{{form}}" for path in PAGED} == set(LINKED) - set(PAGED)
    assert set(PAGED) | {path for path in DESCRIBED if path.startswith("/compare")} > set(NEGOTIATED)
