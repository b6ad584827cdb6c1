"""Pictures through the API: the same view gives the same bytes, and what cannot be drawn is refused."""

from __future__ import annotations

import struct

import pytest

from regions.edition import keeping

SMALL = "/picture.png?dpi=50"


def size_of(png):
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize(("size", "pixels"), [("a4", (413, 585)), ("slide", (667, 375))])
def test_a_picture_has_its_size(api, size, pixels):
    answer = api.get(f"{SMALL}&size={size}")
    assert answer.headers["content-type"] == "image/png"
    assert size_of(answer.content) == pytest.approx(pixels, abs=1)


def test_the_same_view_gives_the_same_bytes_and_another_gives_others(api):
    first = api.get(f"{SMALL}&sector=defence&show=clusters")
    again = api.get(f"{SMALL}&show=clusters&sector=defence")
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert api.get(f"{SMALL}&sector=other&show=clusters").content != first.content
    known = api.get(f"{SMALL}&sector=defence&show=clusters", headers={"If-None-Match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_the_file_says_what_it_shows(api):
    answer = api.get(f"{SMALL}&sector=defence&measure=total&level=nation&show=labels")
    assert 'filename="innovation-clusters-defence-total-nation.png"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("dpi=49", "'49'"),
        ("dpi=301", "'301'"),
        ("size=a3", "'a3'"),
        ("at=1,2", "at"),
        ("at=nan,nan,nan", "at"),
        ("at=54,-3,99", "'99'"),
        ("here=x", "here"),
        ("show=roads", "'roads'"),
        ("colour=red", "'colour' is no parameter"),
    ],
)
def test_what_cannot_be_drawn_is_refused(api, query, words):
    assert words in api.fault(f"/picture.png?{query}")


def test_without_an_edition_there_is_no_picture(api):
    with keeping(None):
        assert "Try again soon" in api.fault(SMALL, 503)
