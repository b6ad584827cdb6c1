"""A view as a file: what is asked for is written, named and sealed; what cannot be drawn is refused."""

from __future__ import annotations

import re
import struct
from dataclasses import replace

import pytest

from api.limits import Shelf
from api.service import service
from data.formats import FORMATS, offered
from edition.keeper import keeping
from edition.view import View
from layers.base import API
from snapshots.paper import SIZES, Paper
from tests.api.client import Client

OF_VIEWS = {form.id: form for form in offered("views")}
SEALED = ("svg", "html")
SMALL = "/picture.png?dpi=50"
NAME = re.compile(r'(inline|attachment); filename="([A-Za-z0-9.-]+)"')


@pytest.fixture
def asked(monkeypatch):
    """Writers that tell what they were asked for, in the place of the file."""
    seen = []

    def write(edition, view, form, paper):
        seen.append((view, form, paper))
        return f"{form} {view.url()} {paper}".encode()

    monkeypatch.setattr("api.files.snapshot", write)
    return seen


@pytest.mark.parametrize("form", OF_VIEWS)
def test_every_format_has_a_path_and_takes_a_view(api, asked, form):
    query = "sector=defence&level=nation&show=clusters&place=E08000003"
    answer = api.get(f"{FORMATS[form].path}?{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == FORMATS[form].media
    [(view, used, paper)] = asked
    assert used == form
    assert view == View(sector=("defence",), level="nation", show=("clusters",), place=("E08000003",))
    assert type(view) is View
    assert paper == Paper()


@pytest.mark.parametrize("form", OF_VIEWS)
def test_every_file_has_a_name_and_is_kept_when_asked(api, asked, form):
    shown = NAME.fullmatch(api.get(f"{FORMATS[form].path}?sector=defence").headers["content-disposition"])
    kept = NAME.fullmatch(
        api.get(f"{FORMATS[form].path}?sector=defence&download=true").headers["content-disposition"]
    )
    assert (shown[1], kept[1]) == ("inline", "attachment")
    assert shown[2] == kept[2]
    assert shown[2].startswith("innovation-clusters-uk")
    assert shown[2].endswith(f".{FORMATS[form].ending}")


@pytest.mark.parametrize("size", SIZES)
def test_size_and_dots_reach_the_writer(api, asked, size):
    api.get(f"/picture.pdf?size={size}&dpi=70&growth=true")
    api.get(f"/bundle.zip?size={size}&dpi=71&growth=true")
    assert [paper for _, _, paper in asked] == [Paper(size, 70), Paper(size, 71)]


def test_a_file_is_made_once(edition, unhurried, asked):
    api = Client(service(replace(unhurried, shelf=Shelf())))
    first = api.get("/picture.png?sector=defence&level=itl1&dpi=77")
    again = api.get("/picture.png?dpi=77&level=itl1&sector=defence")
    kept = api.get("/picture.png?dpi=77&level=itl1&sector=defence&download=true")
    assert first.headers["etag"] == again.headers["etag"] == kept.headers["etag"]
    assert first.content == again.content == kept.content
    assert len(asked) == 1
    known = api.get(
        "/picture.png?sector=defence&level=itl1&dpi=77", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (known.status_code, known.content) == (304, b"")
    tags = {
        api.get(url).headers["etag"]
        for url in (
            "/picture.png?dpi=78",
            "/picture.png?dpi=79",
            "/picture.svg?dpi=78",
            "/picture.png?dpi=78&level=la",
        )
    }
    assert len(tags) == 4


def test_another_edition_has_other_tags(api, asked, own_edition):
    tag = api.get("/map.html").headers["etag"]
    with keeping(own_edition):
        assert api.get("/map.html").headers["etag"] != tag


@pytest.mark.parametrize("form", SEALED)
def test_what_a_browser_shows_is_sealed(api, asked, form):
    answer = api.get(FORMATS[form].path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox" in policy
    assert "allow-same-origin" not in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_view_says_which_files_there_are(api, asked):
    value = api.json("/view?sector=defence&place=E08000003&at=52,-1,8")
    assert [row["format"] for row in value["files"]] == list(OF_VIEWS)
    for row in value["files"]:
        answer = api.get(row["url"].removeprefix(API))
        assert answer.status_code == 200
        assert row["file_name"] in answer.headers["content-disposition"]
    assert {view.url() for view, _, _ in asked} == {value["link"].removeprefix("?")}


def test_a_real_picture_has_its_size(api):
    answer = api.get(SMALL)
    assert answer.headers["content-type"] == "image/png"
    assert struct.unpack(">II", answer.content[16:24]) == pytest.approx((413, 585), abs=1)
    assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("dpi=49", "'49'"),
        ("dpi=601", "'601'"),
        ("size=a5", "'a5' is no size of a page"),
        ("at=1,2", "at"),
        ("at=nan,nan,nan", "at"),
        ("at=54,-3,99", "'99'"),
        ("here=x", "here"),
        ("show=roads", "'roads'"),
        ("download=perhaps", "'perhaps'"),
        ("colour=red", "'colour' is no parameter"),
    ],
)
def test_what_cannot_be_drawn_is_refused(api, asked, query, words):
    assert words in api.fault(f"/picture.png?{query}")
    assert not asked


@pytest.mark.parametrize("path", ["/map.html", "/brief.pdf"])
def test_what_has_no_paper_takes_none(api, asked, path):
    assert "'dpi' is no parameter" in api.fault(f"{path}?dpi=100")


@pytest.mark.parametrize("path", [form.path for form in OF_VIEWS.values()])
def test_without_an_edition_there_is_no_file(api, path):
    with keeping(None):
        assert "Try again soon" in api.fault(path, 503)
