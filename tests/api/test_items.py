"""One thing by its id, the lists that tell the ids, and ids that were replaced."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from data.corrections import corrections
from data.sources import sources
from data.tables import table
from edition.keeper import keeping
from edition.moved_ids import Moved
from layers.base import API
from tests.api.client import strict
from tests.api.test_tables import taken
from words.terms import terms

KINDS = {"firms": "firm", "assets": "asset", "projects": "project", "clusters": None}


@pytest.mark.parametrize("kind", KINDS)
def test_every_id_of_a_table_is_answered(api, kind):
    rows = api.json(f"/tables/{kind}?limit=1000")["rows"]
    name = next(iter(rows[0]))
    for row in rows[:: max(1, len(rows) // 12)]:
        value = api.json(f"/{kind}/{quote(row[name], safe='')}")
        thing = value[KINDS[kind]] if KINDS[kind] else value
        assert thing[name] == row[name]
        assert thing["name"] == row["name"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", ["atlantis", "%3Cscript%3E", "%00", "..%2F..", "'%20OR%201=1--", "x" * 200])
def test_an_unknown_id_is_404_in_words(api, kind, wrong):
    # Of a cluster, what follows is a table of it.
    words = api.fault(f"/{kind}/{wrong}", 422 if kind == "clusters" and "%2F" in wrong else 404)
    assert len(words) < 400


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_that_is_too_long_is_refused(api, kind):
    assert "200" in api.fault(f"/{kind}/{'x' * 201}")


def test_firms_of_northern_ireland_have_no_point(api, edition):
    sql = "SELECT firm_id, la_code, point, location_precision FROM firms ORDER BY firm_id"
    firms = edition.store.query(sql)
    # A site that was found without a postcode has a point of its own, which may be shown.
    sites = firms["la_code"].str.startswith("N") & (firms["location_precision"] == "campus")
    for one in firms["firm_id"][sites]:
        assert 54 < api.json(f"/firms/{one}")["firm"]["lat"] < 55.4
    north = firms[firms["la_code"].str.startswith("N") & ~sites]
    placed, by_town = firms[firms["point"] & ~firms["la_code"].str.startswith("N")], firms[~firms["point"]]
    for one in [*north["firm_id"].head(20), *by_town["firm_id"].head(5)]:
        assert api.json(f"/firms/{one}")["firm"]["lon"] is None
    one = api.json(f"/firms/{placed['firm_id'].iloc[0]}")["firm"]
    assert 49 < one["lat"] < 61
    held = north[north["point"]]["firm_id"].iloc[0]
    assert "Northern Ireland" in api.json(f"/firms/{held}")["caveat"]


def test_a_firm_knows_its_clusters(api, edition):
    cluster, one, core = edition.tables["members"].iloc[0][["cluster_id", "firm_id", "core"]]
    found = {row["cluster_id"]: row["core"] for row in api.json(f"/firms/{one}")["clusters"]}
    assert found[cluster] == core


def test_a_project_is_told_though_the_filters_leave_it_out(api):
    one = api.json("/projects/ia-gla-mim")
    assert one["passes_filters"]
    assert one["contested"][0]["figure"] == "£5.6m"
    other = api.json("/projects/ia-gla-mim?sector=defence")
    assert not other["passes_filters"]
    assert other["project"]["name"] == one["project"]["name"]
    for row in table("projects").iloc[::45].itertuples():
        assert api.json(f"/projects/{row.project_id}")["facts"]


def test_things_of_a_register(api, own_edition):
    with keeping(own_edition):
        for row in api.json("/tables/firms?limit=3")["rows"]:
            value = api.json(f"/firms/{quote(row['firm_id'], safe='')}")
            assert value["firm"]["sector"] == row["sector"]
        assert api.json("/edition")["own"]
        assert api.json("/sectors?limit=1000")["total"] == len(own_edition.labels.sectors)
        assert api.json("/technologies")["rows"] == []
        assert "rows" in api.json("/refused")


# --- Places


@pytest.mark.parametrize("ref", ["E08000003", "TLD3", "S92000003", "glasgow-city-region", "UK", "Leeds"])
def test_a_place_says_what_it_is(api, ref):
    value = api.json(f"/places/{ref}")
    assert sum(row["share"] for row in value["authorities"]) == len(value["authorities"])
    west, south, east, north = value["bounds"]
    assert west < east
    assert south < north
    for path in value["more"].values():
        assert path.startswith(f"{API}/")
    assert api.get(value["more"]["shape"].removeprefix(API)).status_code == 200
    assert bool(value["lies_in"]) == (ref != "UK")


def test_every_place_of_the_list_has_its_page(api):
    listed = api.json("/places?limit=1000")
    assert listed["total"] == len(listed["rows"])
    for row in listed["rows"][::29]:
        value = api.json(f"/places/{quote(row['ref'], safe='')}")
        assert (value["ref"], value["name"], value["level"]) == (row["ref"], row["name"], row["level"])


def test_the_list_of_places_can_be_searched(api):
    assert {row["level"] for row in api.json("/places?level=itl1")["rows"]} == {"itl1"}
    names = [row["name"] for row in api.json("/places?q=GLASGOW+city")["rows"]]
    assert "Glasgow City Region" in names
    assert all("glasgow" in name.lower() for name in names)
    assert api.json("/places?q=xqzv")["rows"] == []


def test_an_unknown_place_names_the_nearest(api):
    assert "did you mean Leeds" in api.fault("/places/Leed", 404)


# --- Ids that were replaced


def test_a_code_that_was_replaced_leads_to_the_new_one(api):
    answer = api.get("/places/E07000027")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"{API}/places/E06000064"
    assert "Westmorland and Furness" in strict(answer.text)["detail"]
    assert api.get(answer.headers["location"].removeprefix(API)).status_code == 200


def test_questions_with_a_replaced_code_are_answered_with_the_new_place(api):
    assert api.json("/compare?place=E07000027")["places"][0]["ref"] == "E06000064"
    assert api.json("/places/ranks?place=E07000027")["place"] == "E06000064"
    assert api.json("/places/shape?place=E07000027")["properties"]["ref"] == "E06000064"


def moved(*new):
    return lambda _edition, kind, old: (
        Moved(kind, old, "Old", new, "2026", "Words.") if old == "old" else None
    )


def test_a_cluster_that_was_replaced_leads_to_the_new_one(api, monkeypatch):
    monkeypatch.setattr("api.redirects.current", moved('new/"<x>\r\n'))
    answer = api.get("/clusters/old")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"{API}/clusters/new%2F%22%3Cx%3E%0D%0A"


@pytest.mark.parametrize(("new", "words"), [(("a", "b"), "ask for one of a, b"), ((), "Words.")])
def test_where_several_or_none_took_its_place_it_is_said(api, monkeypatch, new, words):
    monkeypatch.setattr("api.redirects.current", moved(*new))
    assert words in api.fault("/clusters/old", 404)


# --- What the numbers rest on


def test_sources_are_all_told(api):
    rows = api.json("/sources")["rows"]
    assert [row["id"] for row in rows] == [source.id for source in sources()]
    assert all(row["licence"] and row["attribution"] for row in rows)


def test_sectors_say_what_was_tested(api, edition):
    for kind in ("sectors", "technologies"):
        rows = api.json(f"/{kind}?limit=1000")["rows"]
        assert [row["id"] for row in rows] == list(getattr(edition.labels, kind))
        assert all(row["clusters"] or row["reason"] or row["tested"] for row in rows)
        assert any(row["threshold"] for row in rows)


def test_the_edition_says_by_which_settings(api, edition):
    value = api.json("/edition")
    assert value["name"] == edition.about.name
    assert value["parameters"]["radii_m"] == list(edition.about.scan.radii_m)
    assert value["counts"]["firms"] == edition.firm_count[0]


def test_words_are_explained_as_on_the_page(api, edition):
    rows = api.json("/terms")["rows"]
    assert {row["term"]: row["meaning"] for row in rows} == terms(edition.about)
    assert "Location quotient (LQ)" in {row["term"] for row in rows}


@pytest.mark.parametrize(
    "path", ["/places.csv", "/years.csv?sector=life-sciences", "/sectors.csv", "/contested.csv"]
)
def test_what_is_taken_away_says_whose_it_is(api, path):
    rows, _ = taken(api, path)
    said = {row["attribution_and_caveats"] for row in rows}
    assert len(said) == 1
    assert any(source.attribution in next(iter(said)) for source in sources())


def test_years_add_up(api):
    years, programmes = api.json("/years?limit=1000"), api.json("/years?by=programme&limit=1000")
    for name in ("public_gbp", "private_gbp", "projects"):
        assert sum(row[name] for row in years["rows"]) == pytest.approx(
            sum(row[name] for row in programmes["rows"]), abs=0.01
        )
    totals = api.json("/programmes")["totals"]
    assert sum(row["public_gbp"] for row in years["rows"]) == pytest.approx(totals["public_awarded_gbp"])


def test_the_search_for_programmes_is_that_of_the_page(api):
    found = [row["programme_id"] for row in api.json("/programmes?q=metaverse")["rows"]]
    assert "IA" in found
    projects = api.json("/projects?q=metaverse")["rows"]
    assert {row["programme_id"] for row in projects} <= set(found)


def test_corrections_are_those_of_the_page(api):
    rows = api.json("/corrections?limit=1000")["rows"]
    assert len(rows) == len(corrections()) >= 35
    first = next(row for row in rows if row["about"] == "programmes.csv")
    assert "purpose is regional growth" in first["what"]
    assert "transport" in first["why"]
    assert all(row["what"] and not row["what"].startswith("|") for row in rows)
    assert not any(set(row["what"]) <= set("|-: ") for row in rows)
