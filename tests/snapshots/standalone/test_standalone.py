"""One file with the map of a view: what is in it, what it may ask for, and what no name in it can do."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from base64 import b64encode
from functools import cache
from pathlib import Path

import pytest

from api import pages
from data.errors import InputError, NotFoundError
from data.settings import Settings
from data.store import Store, write_store
from edition.contents import table_names
from edition.edition import Edition
from edition.view import View
from layers import clusters, land, regions
from layers import firm_cells as firm_module
from layers.embed import embed_page
from layers.firm_cells import firm_counts
from regions.figures import clusters_in
from snapshots.standalone import standalone as module
from snapshots.standalone.standalone import MOST_BYTES, standalone
from tests.browser.hostile import NAMES, spoil
from tests.pages import elements, of
from words import links
from words.sentence import sentence

EVERYTHING = View(show=("regions", "clusters", "projects", "firms", "assets", "labels"), level="la")
WORSE = (
    "</script><script>window.pwned=1</script>",
    "a\u2028b\u2029c",
    "<!--<script>",
    "{{7*7}}",
    "\u202emoor",
)
DIGEST = """
import hashlib
from edition.view import View
from edition.opening import open_edition
from snapshots.standalone.standalone import standalone
print(hashlib.sha256(standalone(open_edition(), View(level="la", at=(52.2, 0.12, 10)))).hexdigest())
"""


@cache
def page_of(edition, view):
    return standalone(edition, view).decode()


@pytest.fixture(scope="module")
def page(edition):
    return page_of(edition, EVERYTHING)


@pytest.fixture(scope="module")
def hostile(edition, tmp_path_factory):
    """The shipped edition with names that try to be more."""
    tables = spoil({name: edition.store.frame(name) for name in table_names()})
    named = tables["clusters"]
    again = [WORSE[number % len(WORSE)] for number in range(len(named))]
    tables["clusters"] = named.assign(name=again, place=again)
    path = tmp_path_factory.mktemp("hostile") / "edition.duckdb"
    write_store(path, tables)
    return Edition(Store(path, table_names()))


def held(page):
    """Return the data of a file by name."""
    blocks = [one for one in of(page, "script") if "data-file" in one.attributes]
    return {one.attributes["data-file"]: json.loads(one.text) for one in blocks}


def test_the_same_view_gives_the_same_bytes_here_and_in_another_process(edition):
    view = View(level="la", at=(52.2, 0.12, 10))
    first = standalone(edition, view)
    assert standalone(edition, view) == first
    root = Path(__file__).parents[3]
    other = subprocess.run(
        [sys.executable, "-c", DIGEST], cwd=root, capture_output=True, check=True, text=True
    )
    assert other.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_the_uk_takes_three_megabytes_at_most(edition, page):
    assert 1_500_000 < len(page_of(edition, View()).encode()) < 2_500_000
    assert len(page.encode()) < 3_000_000 < MOST_BYTES


def test_it_holds_what_the_api_would_answer(edition, page):
    found = held(page)
    assert set(found) == {
        *("style-light", "style-dark", "land", "card", "regions", "shapes/la", "clusters", "projects/map"),
        *("shapes/areas", "firms/grid", "assets/map", "towns"),
    }
    plain = json.loads(json.dumps(clusters.payload(edition, EVERYTHING)))
    assert found["clusters"] == plain
    assert found["regions"]["rows"] == json.loads(json.dumps(regions.payload(edition, EVERYTHING)["rows"]))
    assert len(found["shapes/la"]["features"]) == 361
    areas = {one["properties"]["id"] for one in found["shapes/areas"]["features"]}
    assert areas == {one["id"] for one in found["projects/map"]["areas"]}
    facts = found["card"]["facts"]
    assert set(facts) == {one["id"] for one in plain["features"]}
    assert {len(row) for row in facts.values()} == {len(found["card"]["meanings"])}


def test_layers_that_the_view_does_not_show_are_not_in_it(edition):
    page = page_of(edition, View(show=("labels",)))
    assert set(held(page)) == {"style-light", "style-dark", "land", "card", "towns"}
    assert [one.text for one in of(page, "summary")] == []


def test_it_says_what_it_is(edition, page):
    text = of(page, "body")[0].text
    for words in (
        sentence(edition, EVERYTHING),
        f"edition {edition.about.name}",
        "not counted: envelopes",
        "curated sample",
        "Boundaries: approximate",
        "Open Government Licence",
        "GeoNames",
        "Leaflet",
        "Strongest clusters:",
        "show=firms",
    ):
        assert words in text
    assert of(page, "html")[0].attributes["lang"] == "en"
    assert sentence(edition, EVERYTHING) in of(page, "title")[0].text


def test_without_a_script_the_tables_hold_what_the_map_shows(edition, page):
    assert "tables below hold what it shows" in of(page, "noscript")[0].text
    captions = [one.text for one in of(page, "caption")]
    assert [name.split()[0] for name in captions] == [
        "Clusters,",
        "Regions",
        "Projects,",
        "Firms",
        "Research",
    ]
    cells = [one.text for one in elements(page) if one.tag == "th" and one.attributes.get("scope") == "row"]
    assert set(clusters_in(edition, EVERYTHING)["name"]) <= set(cells)
    assert set(edition.regions["la"]["name"]) <= set(cells)


def test_nothing_in_it_can_be_fetched(page):
    for element in elements(page):
        assert element.tag not in {"img", "iframe", "object", "embed", "base", "form", "video", "audio"}
        assert not {"src", "srcset", "style", "action", "background"} & set(element.attributes)
        assert not [name for name in element.attributes if name.startswith("on")]
        if element.tag == "link":
            assert element.attributes["href"] == "data:,"
        if element.tag == "a":
            assert element.attributes["href"].startswith("#")
        if element.tag == "style":
            assert "url(" not in element.text
            assert "@import" not in element.text
    assert "sourceMappingURL" not in page


def test_the_policy_names_every_script_and_style_by_its_hash_and_allows_nothing_else(page):
    [policy] = of(page, "meta", http_equiv="Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.attributes["content"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data: blob:"
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    run = [one for one in of(page, "script") if "type" not in one.attributes]
    for rule, found in (("script-src", run), ("style-src", of(page, "style"))):
        hashes = [b64encode(hashlib.sha256(one.text.encode()).digest()).decode() for one in found]
        assert rules[rule] == " ".join(f"'sha256-{one}'" for one in hashes)
        assert len(hashes) == 2


def test_hostile_names_add_no_element_and_stay_as_they_are(edition, hostile, page):
    spoiled = page_of(hostile, EVERYTHING)
    assert [one.tag for one in elements(spoiled)] == [one.tag for one in elements(page)]
    assert [sorted(one.attributes) for one in elements(spoiled)] == [
        sorted(one.attributes) for one in elements(page)
    ]
    cells = {one.text for one in of(spoiled, "th", scope="row")}
    assert {*WORSE, *NAMES} <= cells
    assert "\u2028" not in "".join(one.text for one in of(spoiled, "script"))
    assert {one["properties"]["name"] for one in held(spoiled)["clusters"]["features"]} == set(WORSE)


@pytest.mark.parametrize("made", ["own_edition", "density_edition"])
def test_a_register_of_ones_own_is_said_to_be_one(request, made):
    page = standalone(request.getfixturevalue(made), EVERYTHING).decode()
    assert "analyst's own" in of(page, "header")[0].text
    assert of(page, "b") == []
    found = held(page)
    assert len(found["clusters"]["features"]) > 2
    assert sum(row[0] for row in found["firms/grid"]["points"]) > 500
    assert set(found["style-light"]["sectors"]) >= {
        one["properties"]["label"] for one in found["clusters"]["features"]
    }


def test_tiles_of_another_host_are_left_out_and_links_to_the_map_are_whole(edition, monkeypatch):
    given = Settings(tiles_url="https://tiles.example/{z}/{x}/{y}.png", public_url="https://map.example.org")
    for user in (land, links, pages):
        monkeypatch.setattr(user, "settings", lambda: given)
    page = standalone(edition, View(show=("none",), level="la")).decode()
    assert "tiles.example" not in page
    [link] = of(page, "a", target="_blank")
    assert link.attributes["href"] == "https://map.example.org/?level=la&show=none"
    assert link.attributes["rel"] == "noopener"
    # In a frame the tiles are there, and the policy of its page allows them.
    assert "tiles.example" in embed_page(edition, View(), "light")
    assert "img-src 'self' data: blob: http: https:" in pages.Guard().headers()["Content-Security-Policy"]


def test_what_is_too_large_is_refused_and_says_what_to_do(edition, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)
    words = r"would take 2\.\d MB; 1\.0 MB is the most.*Most of it: shapes .* MB, land .*level=itl1"
    with pytest.raises(InputError, match=words):
        standalone(edition, View())


def test_a_cluster_that_is_none_is_refused(edition):
    with pytest.raises(NotFoundError, match="'atlantis' is no cluster"):
        standalone(edition, View(cluster="atlantis"))


def points_of(edition, condition=""):
    return int(edition.store.query(f"SELECT count(*) AS n FROM firms WHERE point {condition}")["n"].iloc[0])


def test_every_firm_is_counted_once_at_each_size(edition):
    found = firm_counts(edition, EVERYTHING)
    total, northern = points_of(edition), points_of(edition, "AND withheld")
    counted = sum(row[0] for row in found["counted"])
    assert counted == northern > 20
    assert sum(row[0] for row in found["points"]) + counted == total
    assert [level["zoom"] for level in found["cells"]] == [6, 7, 8, 9, 10, 11]
    for level in found["cells"]:
        assert sum(row[0] for row in level["rows"]) + counted == total


def test_no_point_of_northern_ireland_leaves_but_the_middles_of_authorities(edition):
    found = firm_counts(edition, EVERYTHING)
    middles = edition.regions["la"].set_index("name")[["lon", "lat"]].round(5)
    for count, lon, lat, name, text in found["counted"]:
        assert count > 0
        assert name == ""
        place = re.fullmatch(r"in (.+), counted together", text)[1]
        assert (lon, lat) == tuple(middles.loc[place])
    there = edition.store.query("SELECT lon, lat FROM firms WHERE point AND withheld")
    firms = {(round(lon, 3), round(lat, 3)) for lon, lat in zip(there["lon"], there["lat"], strict=True)}
    rows = [*found["points"], *(row for level in found["cells"] for row in level["rows"])]
    assert not firms & {(round(row[1], 3), round(row[2], 3)) for row in rows}


def test_withheld_firms_of_no_known_authority_are_counted_in_the_middle_of_northern_ireland(
    own_edition, tmp_path
):
    tables = {name: own_edition.store.frame(name) for name in table_names()}
    firms = tables["firms"].copy()
    firms.loc[:9, "withheld"], firms.loc[:9, "la_code"] = True, ["N09000003"] * 4 + ["", "N99999999"] * 3
    write_store(tmp_path / "other.duckdb", {**tables, "firms": firms})
    found = firm_counts(Edition(Store(tmp_path / "other.duckdb", table_names())), EVERYTHING)
    assert {text: count for count, *_, text in found["counted"]} == {
        "in Belfast, counted together": 4,
        "in Northern Ireland, counted together": 6,
    }
    for level in found["cells"]:
        assert sum(row[0] for row in level["rows"]) == len(firms) - 10


def test_many_firms_are_counted_in_cells_as_fine_as_there_is_room(edition, monkeypatch):
    monkeypatch.setattr(firm_module, "MOST_POINTS", 100)
    monkeypatch.setattr(firm_module, "MOST_CELLS", 500)
    found = firm_counts(edition, EVERYTHING)
    assert found["points"] is None
    assert 0 < len(found["cells"]) < 6
    assert sum(len(level["rows"]) for level in found["cells"]) <= 500
    assert "counts firms in cells of" in found["told"]


def test_no_firm_is_said_in_words(edition):
    found = firm_counts(edition, View(technology=("quantum",), sector=("financial-services",)))
    assert (found["points"], found["counted"]) == ([], [])
    assert found["note"] == "No firm passes the filters."
