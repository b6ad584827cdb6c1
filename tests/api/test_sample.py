"""Where the firms come from, list by list, and what the map says of clusters that others name."""

from __future__ import annotations

import csv
import io

from data.tables import table
from edition.keeper import keeping
from edition.known_clusters import ANSWERS


def test_lists_of_firms_say_how_many_of_each_how_chosen_and_what_is_biased(api, edition):
    answer = api.json("/firm-lists")
    assert "not a census" in answer["note"]
    tally = table("firms")["list"].value_counts()
    assert {row["list_id"]: row["firms"] for row in answer["rows"]} == tally.to_dict()
    assert (
        sum(row["with_precise_place"] for row in answer["rows"])
        == edition.firm_count[0] - edition.firm_count[1]
    )
    assert all(row["chosen"] and row["bias"] and row["licence"] for row in answer["rows"])
    assert api.json("/edition")["counts"]["firms_by_list"] == tally.to_dict()
    one = api.json("/tables/firms?limit=1")["rows"][0]
    assert one["list"] in tally


def test_the_map_is_asked_for_every_cluster_that_others_name(api, edition):
    answer = api.json("/known-clusters?limit=1000")
    assert "none of it goes into the detection" in answer["note"]
    rows = {row["known_id"]: row for row in answer["rows"]}
    assert set(rows) == set(table("known_clusters")["known_id"])
    ids = set(edition.tables["clusters"]["cluster_id"])
    for row in rows.values():
        assert row["answer"] in ANSWERS
        assert row["reason"]
        assert (row["cluster_id"] in ids) == (row["answer"] in {"found", "pale"})
        assert (row["distance_km"] is None) == (row["answer"] == "not found")
        assert 49 < row["lat"] < 61
        assert row["url"].startswith("http")
    lines = list(csv.DictReader(io.StringIO(api.get("/known-clusters.csv").content.decode("utf-8-sig"))))
    assert [line["reason"] for line in lines] == [row["reason"] for row in answer["rows"]]
    assert "not a census" in lines[0]["attribution_and_caveats"]


def test_an_analysts_own_firms_come_from_no_list_of_ours(own_edition, api):
    with keeping(own_edition):
        assert api.json("/firm-lists")["rows"] == []
        assert api.json("/known-clusters")["rows"] == []
        assert api.json("/edition")["counts"]["firms_by_list"] == {}
