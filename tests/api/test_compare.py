"""Places over the API: side by side, ranks, likeness; bounded, and refused in words."""

from __future__ import annotations

import io
import zipfile
from typing import get_args

import pandas as pd
import pytest

from api.compare import Chart
from charts.comparison import CHARTS
from edition.filters import Filters
from regions.comparison import compare
from regions.measures import MEASURES
from regions.places import find_places
from regions.similar import AXES

PLACES = "place=greater-manchester&place=Leeds&place=set:E08000012%2BE08000014~Two%20of%20Merseyside"


def test_a_comparison_has_the_figures_of_the_page(api, edition):
    value = api.json(f"/compare?{PLACES}&against=uk")
    chosen = find_places(
        edition, ["greater-manchester", "Leeds", "set:E08000012+E08000014~Two of Merseyside"]
    )
    found = compare(edition, Filters(), chosen, ("uk",))
    assert [place["ref"] for place in value["places"]] == [place.ref for place in chosen]
    assert value["against"][0]["name_shown"] == "United Kingdom"
    measures = {row["id"]: row for row in value["measures"]}
    assert set(measures) == {measure.id for measure in found.measures}
    heads = {cell["ref"]: cell["value"] for cell in measures["per-head"]["values"]}
    assert heads["E08000035"] == pytest.approx(found.figures.loc["E08000035", "per_head"])
    assert value["sums"]["awards_gbp"] == found.sums.awards
    assert all(row["definition"] and row["unit"] and row["sources"] for row in value["measures"])
    assert value["summary"]


def test_filters_change_what_is_compared(api):
    one = api.json("/compare?place=Leeds")
    other = api.json("/compare?place=Leeds&placed=lead&sector=life-sciences")
    assert "lead" in other["filters"] or "lead" in str(other["summary"])
    assert one["sums"] != other["sums"]


def test_csv_and_workbook_can_be_read(api):
    answer = api.get(f"/compare.csv?{PLACES}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = pd.read_csv(io.BytesIO(answer.content), encoding="utf-8-sig", dtype=str)
    assert {"place", "code", "unit", "source", "uk_value"} <= set(rows.columns)
    assert "Two of Merseyside" in set(rows["place"])
    answer = api.get(f"/compare.xlsx?{PLACES}")
    assert "inline" in answer.headers["content-disposition"]
    kept = api.get(f"/compare.xlsx?{PLACES}&download=true")
    assert "attachment" in kept.headers["content-disposition"]
    assert kept.content == answer.content
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")])
def test_the_charts_are_a_picture(api, form, start):
    answer = api.get(f"/compare/figure.{form}?place=Leeds&place=Cardiff")
    assert answer.status_code == 200
    assert answer.content.startswith(start)


def test_ranks_are_those_of_every_level(api):
    value = api.json("/places/ranks?place=Manchester&measure=per-head")
    levels = {row["level"] for row in value["rows"]}
    assert {"la", "itl3", "itl2", "itl1", "nation", "city_region"} <= levels
    assert {row["placed"] for row in value["rows"]} == {"delivery", "lead"}
    assert "Manchester" in value["words"]


def test_places_like_one_are_ordered_by_distance(api):
    value = api.json("/places/similar?place=Cardiff&most=5&axes=residents&axes=density")
    distances = [row["distance"] for row in value["rows"]]
    assert len(distances) == 5
    assert distances == sorted(distances)
    assert "W06000015" not in {row["ref"] for row in value["rows"]}


def test_measures_are_defined(api):
    rows = api.json("/measures")["rows"]
    assert {row["id"] for row in rows} == {name for name, measure in MEASURES.items() if measure.column}
    assert all(row["definition"] and row["unit"] and row["sources"] for row in rows)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/compare", "place"),
        ("/compare?place=Leed", "did you mean Leeds"),
        ("/compare?place=Leeds&place=Nowhere&place=Xyzzy", "'Xyzzy'"),
        ("/compare?place=", "place"),
        ("/compare?place=Leeds&against=moon", "against"),
        ("/compare?place=Leeds&level=county", "level"),
        ("/compare?" + "&".join(f"place=E060000{number:02}" for number in range(1, 13)), "place"),
        ("/compare?place=" + "x" * 5000, "place"),
        ("/compare?place=area:abc", "area"),
        ("/compare?place=mine:1", "mine:1"),
        ("/compare?place=Leeds&colour=red", "'colour' is no parameter"),
        ("/compare/figure.gif?place=Leeds", "form"),
        ("/compare/figure.png?place=Leeds&chart=pie", "chart"),
        ("/places/ranks?place=Leeds&measure=per-hed", "did you mean Public money per head (per-head)"),
        ("/places/ranks?place=Leeds&measure=moved", "moved"),
        ("/places/similar?place=Leeds&axes=height", "is no axis"),
        ("/places/similar?place=UK", "whole country"),
        ("/places/similar?place=Leeds&most=51", "most"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(api, url, words):
    assert words in api.fault(url)


def test_every_chart_can_be_asked_for():
    assert get_args(Chart) == ("all", *CHARTS)


def test_every_axis_is_accepted(api):
    for name in AXES:
        answer = api.get(f"/places/similar?place=E08000035&axes={name}")
        assert answer.status_code in {200, 422}, name
