"""Tables that pages put together: safe to open, and they say what they are."""

from __future__ import annotations

import csv
import io
import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from data.formats import FORMATS
from edition.view import View
from tables.documents import written
from tables.page_table import Handed, Handout
from tests.data.workbooks import sheets

ROWS = pd.DataFrame({"name": ["=1+1", "Leeds <b>"], "code": ["0012", "E08000035"], "value": [1.5, None]})


@pytest.fixture(scope="module")
def handout(edition):
    return Handout(
        edition, View(year_from=2018), "Ranks of =Leeds", "Few firms.", "/compare", ("population",)
    )


def file_of(form, *of):
    return written(Handed(*of), FORMATS[form])


def test_a_csv_cannot_run_and_carries_its_words(handout, edition):
    content = file_of("csv", handout, ROWS)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0]["name"] == "'=1+1"
    assert rows[0]["code"] == "0012"
    assert rows[1]["value"] == ""
    for row in rows:
        assert row["table"] == "Ranks of =Leeds"
        assert "awards from 2018 to 2030" in row["filters"]
        assert row["edition"] == edition.about.name
        assert "Few firms." in row["attribution_and_caveats"]
        assert "Open Government Licence" in row["attribution_and_caveats"]


def test_columns_that_a_file_needs_itself_are_renamed(handout):
    rows = pd.DataFrame({"edition": ["mine"], "filters": ["none"]})
    [row] = csv.DictReader(io.StringIO(file_of("csv", handout, rows).decode("utf-8-sig")))
    assert row["edition_"] == "mine"
    assert row["filters_"] == "none"


def test_a_workbook_has_rows_and_read_me_and_the_same_bytes(handout):
    content = file_of("xlsx", handout, ROWS)
    assert content == file_of("xlsx", handout, ROWS)
    found = sheets(content)
    assert list(found) == ["Rows", "Read me"]
    told = " ".join(str(cell) for line in found["Read me"] for cell in line)
    for words in ("Ranks of =Leeds", "year_from=2018", "/compare?", "keep their zeros", "Few firms."):
        assert words in told, words


def test_geojson_says_what_it_is_and_has_null_for_no_place(handout):
    places = gpd.GeoDataFrame(ROWS, geometry=[shapely.Point(-1.5, 53.8), None], crs=4326)
    found = json.loads(file_of("geojson", handout, ROWS, lambda: places))
    assert found["title"] == "Ranks of =Leeds"
    assert found["link"].startswith("/compare?")
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [-1.5, 53.8]}
    assert found["features"][1]["geometry"] is None
    assert found["features"][1]["properties"]["value"] is None
