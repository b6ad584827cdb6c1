"""Tables as CSV: what a caller takes away is whole, safe to open, and says where it comes from."""

from __future__ import annotations

import csv
import io
import re
from typing import get_args

import pytest

from api.parameters import TableName
from data.sources import attribution
from data.spreadsheet import FORMULA_STARTS
from edition.view import LEVELS
from tables.files import TABLES

NAMES = get_args(TableName)


def taken(api, url):
    answer = api.get(url)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in answer.content
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    return rows, answer.headers["content-disposition"]


def test_the_names_are_those_of_the_tables():
    assert set(NAMES) == set(TABLES)


@pytest.mark.parametrize("name", NAMES)
def test_the_download_is_the_whole_table(api, name):
    rows, _ = taken(api, f"/tables/{name}.csv")
    shown = api.json(f"/tables/{name}?limit=1000")
    assert len(rows) == shown["total"]
    columns = [*shown["rows"][0], "filters", "attribution_and_caveats"]
    assert list(rows[0]) == columns
    first = columns[0]
    assert [row[first] for row in rows[:1000]] == [row[first] for row in shown["rows"]]


@pytest.mark.parametrize("name", NAMES)
def test_every_row_carries_sources_and_caveats(api, name):
    rows, _ = taken(api, f"/tables/{name}.csv")
    owed = {row["attribution_and_caveats"] for row in rows}
    assert len(owed) == 1
    text = owed.pop()
    assert text.startswith(TABLES[name].caveat)
    assert all(attribution(source) in text for source in TABLES[name].sources)


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_starts_a_formula(api, name):
    rows, _ = taken(api, f"/tables/{name}.csv")
    cells = [cell for row in rows for cell in row.values()]
    suspicious = [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
    assert [cell for cell in suspicious if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)] == []


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/tables/clusters.csv", "innovation-clusters-sample-2026-12.csv"),
        ("/tables/regions.csv?level=nation", "innovation-regions-nation-sample-2026-12.csv"),
        ("/tables/concentration.csv?level=itl1", "innovation-concentration-itl1-sample-2026-12.csv"),
        ("/tables/firms.csv?sector=defence", "innovation-firms-defence-sample-2026-12.csv"),
    ],
)
def test_the_file_says_what_is_inside(api, url, name):
    _, disposition = taken(api, url)
    assert disposition == f'inline; filename="{name}"'
    _, disposition = taken(api, f"{url}{'&' if '?' in url else '?'}download=true")
    assert disposition == f'attachment; filename="{name}"'


@pytest.mark.parametrize("level", LEVELS)
def test_regions_of_a_level_are_all_there_and_nothing_found_is_blank(api, level):
    rows, _ = taken(api, f"/tables/regions.csv?level={level}&sector=defence")
    shown = {
        row["id"]: row["value"]
        for row in api.json(f"/regions?measure=total&level={level}&sector=defence")["rows"]
    }
    *placed, rest = rows
    assert (rest["name"], rest["region_id"]) == ("Not placed", "")
    written = {row["region_id"]: row["public_gbp"] for row in placed}
    assert set(written) == set(shown)
    assert all((money == "") == (shown[region] == 0) for region, money in written.items())
    total = sum(float(money or 0) for money in written.values())
    assert total == pytest.approx(sum(shown.values()), abs=0.01 * len(shown))


@pytest.mark.parametrize("level", LEVELS)
def test_concentration_has_each_label_that_is_asked_for_and_what_is_not_known_is_blank(api, level):
    rows, _ = taken(api, f"/tables/concentration.csv?level={level}&family=technology")
    assert {row["level"] for row in rows} == {level}
    assert {row["kind"] for row in rows} == {"technology"}
    few = [row for row in rows if int(row["firms"]) < 5]
    assert few
    assert {row[index] for row in few for index in ("hhi", "krugman", "gini", "gamma", "m_10_km")} == {""}
    one, _ = taken(api, f"/tables/concentration.csv?level={level}&sector=agri-food&sector=defence")
    assert [row["label_id"] for row in one] == ["defence", "agri-food"]


def test_concentration_as_json_has_null_for_what_is_not_known(api):
    answer = api.json("/tables/concentration?family=both&limit=1000")
    assert "curated sample" in answer["caveat"].lower()
    by_label = {row["label_id"]: row for row in answer["rows"]}
    # A region leads with five firms; of labels as rare as these some have none such, and some one.
    rare = sorted(answer["rows"], key=lambda row: (row["firms"], row["label_id"]))[:12:3]
    blank = [row for row in answer["rows"] if row["leading_region"] == ""]
    assert blank
    for row in [*rare, *blank[:2], by_label["life-sciences"]]:
        asked = f"measure=firms&level={row['level']}&{row['kind']}={row['label_id']}"
        counts = [one["value"] or 0 for one in api.json(f"/regions?{asked}")["rows"]]
        assert (row["leading_region"] != "") == (max(counts) >= 5), row
        assert row["leading_firms"] in ([one for one in counts if one >= 5] or [None]), row
    assert by_label["life-sciences"]["m_10_km"] > 1


def test_regions_and_what_is_not_placed_add_up_to_the_projects(api):
    everything = "growth=true&kinds=at+least&kinds=up+to&kinds=envelope&kinds=project+value"
    regions, _ = taken(api, f"/tables/regions.csv?level=la&{everything}")
    projects, _ = taken(api, f"/tables/projects.csv?{everything}")
    added = sum(float(row["public_gbp"] or 0) for row in regions)
    assert float(regions[-1]["public_gbp"]) == 75_000_000
    assert added == pytest.approx(sum(float(row["counted_gbp"]) for row in projects), abs=1)
    counted = "counted: plain awards, 'at least' figures, 'up to' figures, envelopes and project values"
    assert {row["filters"] for row in regions} == {f"{counted}; placed by place of delivery"}


def test_an_empty_table_still_has_its_columns(api):
    full, _ = taken(api, "/tables/projects.csv")
    answer = api.get("/tables/projects.csv?sector=defence&year_from=2030")
    header = answer.content.decode("utf-8-sig").splitlines()
    assert header[0].split(",") == list(full[0])
    assert len(header) == 1
