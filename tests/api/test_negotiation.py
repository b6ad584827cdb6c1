"""Formats: by the ending of a path, by the header, and refused in words where nothing fits."""

from __future__ import annotations

import csv
import io
import zipfile

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from api.errors import NotAcceptableError
from api.negotiation import wanted
from data.formats import FORMATS, for_tables

CSV, GEOJSON, JSON = "text/csv", "application/geo+json", "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = ("json", "csv", "geojson", "xlsx")


class Asked:
    def __init__(self, accept=None):
        self.headers = Headers({} if accept is None else {"accept": accept})


def chosen(accept, offered=FORMS):
    return wanted(Asked(accept), [FORMATS[name] for name in offered]).id


def test_tables_have_these_formats_and_the_first_is_the_usual():
    assert tuple(form.id for form in for_tables("api", placed=True)) == FORMS
    assert [form.id for form in for_tables("api", placed=False)] == ["json", "csv", "xlsx"]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV", "csv"),
        ("text/*", "csv"),
        ("text/csv; charset=utf-8", "csv"),
        (GEOJSON, "geojson"),
        (XLSX, "xlsx"),
        ("application/*", "json"),
        (f"{JSON};q=0.5, text/csv", "csv"),
        (f"{JSON};q=0.5, text/csv;q=0.4", "json"),
        ("text/csv;q=0, */*", "json"),
        ("application/json;q=0, application/*;q=0.9, text/csv;q=0.8", "geojson"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
        ("text/csv;q=nonsense, application/json;q=0.1", "json"),
        ("text/csv;q=2, application/json;q=0.1", "json"),
        ("garbage", "json"),
        (",,;;q=,/", "json"),
    ],
)
def test_the_header_chooses(accept, form):
    assert chosen(accept) == form


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0", "text/html", "*/*;q=0"])
def test_what_nothing_fits_is_refused_and_the_formats_are_named(accept):
    with pytest.raises(NotAcceptableError, match=r"text/csv \(\.csv\)"):
        chosen(accept)


def test_a_format_that_a_table_lacks_is_not_given():
    with pytest.raises(NotAcceptableError):
        chosen(GEOJSON, ("json", "csv"))


@given(st.text(st.characters(codec="latin-1"), max_size=300))
def test_no_header_breaks_it(accept):
    try:
        said = chosen(accept)
    except NotAcceptableError as fault:
        said = str(fault)
    assert said in FORMS or len(said) < 600


@given(
    st.permutations(
        [f"{FORMATS[form].kind};q={weight}" for form, weight in zip(FORMS, (0.1, 0.4, 0.9, 0.3), strict=True)]
    )
)
def test_the_order_of_the_header_means_nothing(parts):
    assert chosen(", ".join(parts)) == "geojson"


PATHS = ("/tables/clusters", "/places", "/sources", "/years", "/compare?place=Leeds")


def test_what_comes_is_what_it_says(api):
    rows = list(
        csv.reader(io.StringIO(api.get("/tables/regions.csv?level=nation").content.decode("utf-8-sig")))
    )
    assert len(rows) == 1 + 4 + 1
    book = zipfile.ZipFile(io.BytesIO(api.get("/tables/regions.xlsx?level=nation").content))
    assert "xl/workbook.xml" in book.namelist()
    shapes = orjson.loads(api.get("/tables/regions.geojson?level=nation").content)
    assert {row["geometry"]["type"] for row in shapes["features"] if row["geometry"]} <= {
        "Polygon",
        "MultiPolygon",
    }
    outlines = orjson.loads(api.get("/places.geojson?level=nation").content)
    assert {row["id"] for row in outlines["features"]} == {"E92000001", "S92000003", "W92000004", "N92000002"}


@pytest.mark.parametrize("path", PATHS)
def test_nothing_that_fits_is_406_in_words(api, path):
    answer = api.get(path, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.headers["vary"] == "Accept"
    words = answer.json()["detail"]
    assert "'image/png'" in words
    assert "application/json (.json)" in words


@pytest.mark.parametrize(
    ("url", "accept", "words"),
    [
        ("/tables/firms?limit=3", CSV, "limit: pages are of JSON alone"),
        ("/tables/firms.csv?offset=3&limit=3", JSON, "limit and offset"),
        ("/sources.xlsx?offset=3", JSON, "offset: pages"),
        ("/tables/programmes.geojson", JSON, "'geojson' is no format of this table; it has json, csv, xlsx"),
    ],
)
def test_what_a_format_has_not_is_refused(api, url, accept, words):
    assert words in api.fault(url, headers={"Accept": accept})


def test_a_table_without_places_is_no_geography(api):
    assert api.get("/tables/programmes", headers={"Accept": GEOJSON}).status_code == 406


def test_a_header_in_several_lines_is_one(api):
    first = api.get("/levels", headers=[("Accept", "text/csv;q=0.5"), ("Accept", JSON)])
    assert first.headers["content-type"] == JSON
    known = [("If-None-Match", '"other"'), ("If-None-Match", first.headers["etag"])]
    assert api.get("/levels.json", headers=known).status_code == 304


def test_a_format_that_there_is_nowhere_is_quoted(api):
    for ending in ("JSON", "csv.csv", "%00", "x" * 300):
        words = api.fault(f"/levels.{ending}")
        assert words.startswith("form: '")
        assert words.endswith("it has json, csv, xlsx")
        assert len(words) < 200


def test_a_hostile_header_is_quoted_and_short(api):
    answer = api.get("/tables/firms", headers={"Accept": "<script>alert(1)</script>/x" + "y" * 5000})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.content) < 600
