"""The routes of funding programmes: the list, one programme, and words for what is wrong."""

from __future__ import annotations

import pytest

from data.tables import table
from edition.filters import Filters
from profiles.programmes import programme_rows
from tests.api.test_tables import taken

QUERIES = ("", "growth=true", "kinds=none", "placed=lead", "sector=life-sciences&year_from=2020")


@pytest.mark.parametrize("query", QUERIES)
def test_the_list_reconciles(api, query):
    answer = api.json(f"/programmes?{query}")
    totals, rows = answer["totals"], answer["rows"]
    assert answer["total"] == len(rows)
    for kind in ("public", "private"):
        parts = [totals[f"{kind}_{name}_gbp"] for name in ("placed", "not_placed")]
        assert sum(parts) == pytest.approx(totals[f"{kind}_awarded_gbp"], abs=0.001)
        assert sum(row[f"{kind}_gbp"] for row in rows) == pytest.approx(
            totals[f"{kind}_awarded_gbp"], abs=0.01
        )
    assert sum(row["projects"] for row in rows) == totals["projects"]


def test_the_list_says_how_many_are_left_out(api, edition):
    answer = api.json("/programmes")
    assert answer["total"] + answer["left_out"] == len(table("programmes"))
    assert [row["programme_id"] for row in answer["rows"]] == programme_rows(edition, Filters())[
        "programme_id"
    ].tolist()
    assert api.json("/programmes?growth=true")["left_out"] == 0


def test_the_programmes_can_be_taken_as_a_table(api):
    rows, name = taken(api, "/tables/programmes.csv?growth=true")
    assert len(rows) == len(table("programmes"))
    assert name == 'inline; filename="innovation-programmes-sample-2026-12.csv"'
    [accelerators] = [row for row in rows if row["programme_id"] == "IA"]
    assert accelerators["missing"] == "24 of 26 projects named; 7 of 26 project awards known"


def test_one_programme_is_told_whole(api):
    answer = api.json("/programmes/IA")
    assert answer["facts"]["programme_id"] == "IA"
    assert len(answer["projects"]) == 24
    assert [row["words"] for row in answer["gaps"]] == [
        "24 of 26 projects named",
        "7 of 26 project awards known",
    ]
    figures = [row for row in answer["contested"] if row["project_id"] == "ia-gla-mim"]
    assert [(row["figure"], row["used"]) for row in figures] == [("£5.6m", True), ("£2.7m", False)]
    assert all(link.startswith(("http://", "https://")) for link in answer["links"])
    placed = sum(row["public_gbp"] for row in answer["places"])
    assert placed == pytest.approx(answer["totals"]["public_awarded_gbp"], abs=0.01)
    assert sum(row["public_gbp"] for row in answer["years"]) == pytest.approx(placed, abs=0.01)


@pytest.mark.parametrize("one", sorted(table("programmes")["programme_id"]))
def test_every_programme_has_a_page(api, one):
    answer = api.json(f"/programmes/{one}?kinds=envelope&kinds=project+value")
    assert answer["facts"]["name"]
    assert answer["headline"]


def test_filters_hold_for_one_programme(api):
    without = api.json("/programmes/IZ")
    counted = api.json("/programmes/IZ?kinds=envelope&kinds=up+to")
    assert without["facts"]["not_counted"] == 12
    assert counted["totals"]["public_awarded_gbp"] > without["totals"]["public_awarded_gbp"]
    assert api.json("/programmes/IA?year_to=2015")["projects"] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("strength in plaices", "did you mean"),
        ("launchpad", "Innovate UK Launchpads (LP)"),
        ("%3Cscript%3E", "is no funding programme"),
        ("IA%00", "is no funding programme"),
    ],
)
def test_an_unknown_programme_is_404_in_words(api, path, words):
    assert words in api.fault(f"/programmes/{path}", 404)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/programmes?sector=life-sciencs", "life-sciences"),
        ("/programmes/IA?level=la", "no parameter"),
        ("/programmes/IA?programme=IZ", "leave the filter out"),
        (f"/programmes/{'x' * 201}", "200"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(api, url, words):
    assert words in api.fault(url)


def test_an_unchanged_answer_is_not_sent_twice(api):
    tag = api.get("/programmes/IA").headers["etag"]
    assert api.get("/programmes/IA", headers={"If-None-Match": tag}).status_code == 304
