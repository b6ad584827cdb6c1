"""The API of an edition of one's own: labels of any letters, and what was not tested."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from edition.keeper import keeping
from tests.api.client import strict
from tests.own import HOSTILE

BOX = "bbox=-9,49,3,61"


@pytest.fixture(params=["own_edition", "density_edition"])
def own(request, api):
    found = request.getfixturevalue(request.param)
    with keeping(found):
        yield found


def test_every_path_answers_for_every_label(own, api):
    for label in own.labels.sectors:
        asked = f"sector={quote(label, safe='')}"
        features = api.json(f"/clusters?{asked}")["features"]
        assert {feature["properties"]["label"] for feature in features} == {label}
        assert sum(row["count"] for row in api.json(f"/firms/grid?{BOX}&{asked}")["rows"]) == 34
        assert own.labels.title(label).lower() in api.json(f"/sentence?{asked}")["sentence"].lower()
        for name in ("clusters", "members", "regions", "projects", "firms", "concentration", "assets"):
            assert api.json(f"/tables/{name}?{asked}&limit=3")["rows"]
            answer = api.get(f"/tables/{name}.csv?{asked}")
            assert answer.status_code == 200
            assert answer.headers["content-disposition"].isprintable()
        assert api.json(f"/regions?{asked}")["rows"]


def test_one_cluster_whole(own, api):
    for row in own.clusters.itertuples():
        found = api.json(f"/clusters/{quote(row.cluster_id, safe='')}")
        assert len(found["members"]) == row.firms
        assert found["edition"] == "Potteries 2026"
        words = {fact["what"]: fact["value"] for fact in found["facts"]}
        assert (words["By chance"] == "not tested") == (not own.about.tested)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_style_has_the_labels_with_clusters(own, api, theme):
    marks = api.json(f"/style?theme={theme}")["sectors"]
    assert set(marks) == {label for label, number in own.labels.clusters.items() if number}
    assert marks[HOSTILE[0]]["label"] == HOSTILE[0]


def test_labels_of_another_edition_are_refused_in_words(own, api):
    assert "'SIC 25' is no sector; did you mean SIC 24?" in api.fault("/clusters?sector=SIC+25")
    assert "there is none to choose" in api.fault("/clusters?technology=fintech")
    assert "'defence' is no sector" in api.fault("/tables/firms?sector=defence")


def test_pictures_have_plain_file_names(own, api):
    answer = api.get(f"/picture.png?sector={quote(HOSTILE[0])}&dpi=50")
    assert answer.status_code == 200
    name = re.fullmatch(r'inline; filename="([A-Za-z0-9.-]+)"', answer.headers["content-disposition"])[1]
    assert name.startswith("innovation-clusters-uk-")
    assert name.endswith(".png")


def test_pages_of_firms_join_up(own, api):
    whole = api.json("/tables/firms?limit=1000")
    assert whole["total"] == own.firm_count[0] == len(whole["rows"])
    parts = [
        strict(api.get(f"/tables/firms?limit=300&offset={start}").text)["rows"] for start in (0, 300, 600)
    ]
    assert [row for part in parts for row in part] == whole["rows"]
    assert set(whole["rows"][0]) == {"firm_id", "name", "sector", "la_name", "la_code"}
    assert "analyst's own" in whole["caveat"]


def test_what_is_known_of_an_edition_of_ones_own(own, api):
    for label in HOSTILE:
        asked = f"sector={quote(label, safe='')}"
        value = api.json(f"/view?{asked}")
        assert value["edition"] == own.about.name
        assert all(re.fullmatch(r"[A-Za-z0-9.-]+", row["file_name"]) for row in value["files"])
        for form in ("csv", "xlsx", "geojson"):
            assert api.get(f"/tables/firms.{form}?{asked}").status_code == 200
    assert {row["id"] for row in api.json("/sectors?limit=1000")["rows"]} == set(own.labels.sectors)
    for path in (
        "/edition",
        "/terms",
        "/sectors.csv",
        "/refused.csv",
        "/years.csv",
        "/places.csv?level=nation",
    ):
        assert api.get(path).status_code == 200
