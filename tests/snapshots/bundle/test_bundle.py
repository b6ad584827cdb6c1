"""Bundles: every file read back, sums that agree between them, and nothing that runs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
import shapely

from data.errors import InputError, MapError
from data.product import VERSION
from data.spreadsheet import FORMULA_STARTS, bare, harmless
from data.store import Store, write_store
from edition.contents import table_names
from edition.edition import Edition
from edition.keeper import keeping
from edition.view import View
from layers.registry import switches
from regions.funding import funding
from snapshots.bundle import bundle as module
from snapshots.bundle.bundle import DATED, FORMAT, bundle, tables_behind, totals
from snapshots.paper import Paper
from snapshots.picture.caption import alt_text
from snapshots.picture.caption import title as title_of
from snapshots.picture.chosen import chosen
from snapshots.picture.picture import picture
from tables import files as tables
from tests.asked import CHOICES
from tests.browser.hostile import NAMES, spoil
from tests.data.workbooks import sheets
from tests.own import FILE, HOSTILE

ROOT = Path(__file__).parents[3]
EVERYTHING = ("regions", "clusters", "projects", "firms", "assets", "labels")
# By lead's address some money is not placed.
VIEW = View(show=EVERYTHING, level="itl1", placed="lead", place=("Leeds", "Cambridge"))
PAPER = Paper(dpi=50)


def opened(content):
    """Return the files of a bundle by name, once it is sure that a ZIP tool unpacks them as they are."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        names = book.namelist()
        assert len(set(names)) == len(names)
        assert all(
            entry.date_time == DATED and entry.external_attr >> 16 == 0o100644 for entry in book.infolist()
        )
        assert not any(name.startswith("/") or ".." in name or "\\" in name for name in names)
        return {name: book.read(name) for name in names}


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def total(rows, column):
    return round(sum(float(row[column] or 0) for row in rows), 2)


@pytest.fixture(scope="module")
def files(edition):
    """All of a bundle but the pictures, which take the longest and have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "picture", stand_in)
        return opened(bundle(edition, VIEW, PAPER))


@pytest.fixture(scope="module")
def manifest(files):
    return json.loads(files["manifest.json"])


def stand_in(_edition, _view, form, _paper, places):
    return ", ".join([form, *(place.name for place in places)]).encode()


@pytest.fixture
def no_picture(monkeypatch):
    """For tests of all but the pictures."""
    monkeypatch.setattr(module, "picture", stand_in)


def layer(content, name, folder):
    path = folder / "map.gpkg"
    path.write_bytes(content)
    return pyogrio.read_dataframe(path, layer=name)


# --- What is inside


def test_the_manifest_lists_every_other_file_as_it_is(files, manifest):
    listed = {entry["path"]: entry for entry in manifest["files"]}
    assert {*listed, "manifest.json"} == set(files)
    for path, entry in listed.items():
        assert entry["bytes"] == len(files[path])
        assert entry["sha256"] == hashlib.sha256(files[path]).hexdigest()
        assert entry["what"].endswith(".")
        assert "/" in entry["media"]


def test_the_manifest_says_what_the_view_is_and_of_when(files, manifest, edition):
    assert manifest["format"] == FORMAT
    assert manifest["made_by"]["version"] == VERSION
    assert View.model_validate(manifest["view"]) == VIEW
    assert View.parse([tuple(pair.split("=")) for pair in manifest["query"].split("&")], CHOICES) == VIEW
    assert manifest["link"].endswith(f"?{VIEW.url()}")
    assert manifest["edition"]["name"] == edition.about.name
    for source in manifest["sources"]:
        assert source["licence"]
        assert source["edition"]
        assert source["attribution"]
    assert {source["id"] for source in manifest["sources"]} >= {"register", "onspd", "population", "geonames"}
    compared = chosen(edition, VIEW)
    assert manifest["title"] == title_of(edition, VIEW, compared)
    assert manifest["title"].startswith("Leeds and Cambridge compared: ")
    assert files["alt-text.txt"].decode() == alt_text(edition, VIEW, compared) + "\n"


def test_the_version_is_the_projects():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION


def test_the_picture_is_there_for_screens_and_for_print(edition):
    view = View(show=("none",))
    files = opened(bundle(edition, view, PAPER))
    assert files["picture.png"] == picture(edition, view, "png", PAPER)
    assert files["picture.pdf"].startswith(b"%PDF")
    assert len(files["picture.pdf"]) > 10_000


def test_the_readme_names_every_file_and_how_to_open_it(files, manifest):
    words = files["README.txt"].decode()
    for name in set(files) - {"README.txt", "manifest.json"}:
        assert name in words
    flat = " ".join(words.split())
    assert manifest["title"] in flat
    for part in ("QGIS", "Excel", "may not be published again", "not a census", "SHA-256", "approximate"):
        assert part in flat
    assert f"Link: {manifest['link']}\n" in words
    assert f'--view "{VIEW.url()}" --out map.zip\n' in words


# --- Sums


def test_money_adds_up_in_and_between_all_files(files, manifest, edition, tmp_path):
    money = funding(edition, VIEW).allocation
    sums = manifest["totals"]
    for kind in ("public", "private"):
        awarded, placed, rest = (sums[f"{kind}_{name}_gbp"] for name in ("awarded", "placed", "not_placed"))
        assert round(awarded * 100) == money.totals[kind] == round(placed * 100) + round(rest * 100)
    awarded, rest = sums["public_awarded_gbp"], sums["public_not_placed_gbp"]
    assert rest > 0
    regions = rows_of(files["tables/regions.csv"])
    assert total(regions, "public_gbp") == awarded
    assert total(regions[-1:], "public_gbp") == rest
    assert regions[-1]["name"] == "Not placed"
    assert total(rows_of(files["tables/projects.csv"]), "counted_gbp") == awarded
    assert total(rows_of(files["tables/programmes.csv"]), "public_gbp") == awarded
    read = json.loads(files["geometry/regions.geojson"])["features"]
    assert total([one["properties"] for one in read], "public_gbp") == awarded
    mapped = layer(files["geometry/map.gpkg"], "regions", tmp_path)
    assert round(mapped["public_gbp"].sum(), 2) == awarded
    both = [pyogrio.read_dataframe(tmp_path / "map.gpkg", layer=one) for one in ("projects", "project_areas")]
    assert round(pd.concat(both)["counted_gbp"].sum(), 2) == awarded
    head, *rows = sheets(files["tables/tables.xlsx"])["Regions"]
    assert round(sum(row[head.index("public_gbp")] or 0 for row in rows if len(row) > 4), 2) == awarded


def test_every_table_has_the_same_rows_in_every_format(files, manifest):
    listed = {entry["path"]: entry for entry in manifest["files"]}
    book = sheets(files["tables/tables.xlsx"])
    layers = {one["name"]: one["rows"] for one in listed["geometry/map.gpkg"]["layers"]}
    layers["projects"] += layers.pop("project_areas")
    for name in tables_behind(VIEW):
        rows = rows_of(files[f"tables/{name}.csv"])
        head, *cells = book[tables.TABLES[name].label]
        assert [*rows[0]][:-2] == head
        assert len(rows) == len(cells) == layers[name] == listed[f"tables/{name}.csv"]["rows"]
        for row, cell in zip(rows, cells, strict=True):
            for column, value in zip(head, cell, strict=False):
                assert _same(row[column], value), (name, column)
        if name != "programmes":
            entry = listed[f"geometry/{name}.geojson"]
            found = json.loads(files[f"geometry/{name}.geojson"])["features"]
            assert len(found) == len(rows) == entry["rows"]
            assert sum(one["geometry"] is None for one in found) == entry["without_geometry"]
    assert book["Read me"][0] == ["about", "what"]


def _same(text, value):
    if value is None:
        return text == ""
    if isinstance(value, bool):
        return text == str(value)
    return float(text) == pytest.approx(value) if isinstance(value, float) else bare(text) == value


def test_the_comparison_of_its_places_is_inside(files, manifest):
    rows = rows_of(files["comparison/comparison.csv"])
    listed = {entry["path"]: entry for entry in manifest["files"]}
    assert len(rows) == listed["comparison/comparison.csv"]["rows"]
    assert {"Leeds", "Cambridge"} <= {row["place"] for row in rows}
    for form in ("png", "pdf"):
        assert files[f"picture.{form}"].decode() == f"{form}, Leeds, Cambridge"
    assert {"Compare", "Figures", "Read me"} <= set(sheets(files["comparison/comparison.xlsx"]))


# --- Geometry


def test_the_geopackage_has_a_layer_for_each_table(edition, files, manifest, tmp_path):
    path = tmp_path / "map.gpkg"
    path.write_bytes(files["geometry/map.gpkg"])
    listed = next(one for one in manifest["files"] if one["path"] == "geometry/map.gpkg")["layers"]
    assert [name for name, _ in pyogrio.list_layers(path)] == [one["name"] for one in listed]
    for one in listed:
        read = pyogrio.read_dataframe(path, layer=one["name"])
        assert len(read) == one["rows"]
        if one["shape"] == "none":
            continue
        info = pyogrio.read_info(path, layer=one["name"])
        assert info["crs"] == "EPSG:4326"
        assert info["geometry_type"] == one["shape"]
        assert read.geometry.isna().sum() == one["without_geometry"]
        assert shapely.is_valid(read.geometry.dropna().to_numpy()).all()
    firms = next(one for one in listed if one["name"] == "firms")
    unplaced = edition.store.query("SELECT count(*) AS n FROM firms WHERE NOT point OR withheld")["n"].iloc[0]
    assert firms["without_geometry"] == unplaced > 100


def test_the_geopackage_says_what_it_is_and_bears_no_date_of_its_own(files, tmp_path):
    path = tmp_path / "map.gpkg"
    path.write_bytes(files["geometry/map.gpkg"])
    with sqlite3.connect(path) as read:
        rows = read.execute(
            "SELECT table_name, identifier, description, last_change FROM gpkg_contents"
        ).fetchall()
    read.close()
    for name, title, words, changed in rows:
        assert title.startswith(tables.TABLES[name.replace("project_areas", "projects")].label)
        assert changed == "2000-01-01T00:00:00.000Z"
        assert "Innovation Clusters Map" in words
        assert VIEW.url() in words


# --- The same again


def test_the_same_view_gives_the_same_bytes_in_another_process(edition, no_picture):
    view = View(show=("clusters", "projects"), sector=("life-sciences",), level="nation")
    first = hashlib.sha256(bundle(edition, view, PAPER)).hexdigest()
    assert first == hashlib.sha256(bundle(edition, view, PAPER)).hexdigest()
    code = f"""
import hashlib
from pathlib import Path
from data.store import Store
from edition.view import View
from edition.contents import table_names
from edition.edition import Edition
from snapshots.bundle import bundle as module
from snapshots.paper import Paper
from snapshots.picture.picture import picture
module.picture = lambda _edition, _view, form, _paper, _places: form.encode()
view = View.model_validate_json({view.model_dump_json()!r})
edition = Edition(Store(Path({str(edition.store.path)!r}), table_names()))
print(hashlib.sha256(module.bundle(edition, view, Paper(dpi=50))).hexdigest())
"""
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == first


# --- Little, much, and what is refused


def test_a_map_of_land_alone_has_no_tables_and_still_adds_up(edition, no_picture):
    view = View(show=("none",))
    files = opened(bundle(edition, view, PAPER))
    assert set(files) == {
        *("README.txt", "manifest.json", "alt-text.txt", "picture.png", "picture.pdf", "tables/tables.xlsx")
    }
    assert list(sheets(files["tables/tables.xlsx"])) == ["Read me"]
    manifest = json.loads(files["manifest.json"])
    assert manifest["totals"] == totals(edition, view)
    assert manifest["totals"]["public_awarded_gbp"] > 0
    assert "QGIS" not in files["README.txt"].decode()


def test_a_view_that_nothing_passes_has_tables_without_rows(edition, no_picture, tmp_path):
    view = View(
        show=EVERYTHING,
        sector=("defence",),
        technology=("fintech",),
        year_from=2030,
        year_to=2030,
        level="itl1",
    )
    files = opened(bundle(edition, view, PAPER))
    assert rows_of(files["tables/projects.csv"]) == []
    assert json.loads(files["geometry/projects.geojson"])["features"] == []
    assert len(layer(files["geometry/map.gpkg"], "projects", tmp_path)) == 0
    assert json.loads(files["manifest.json"])["totals"]["public_awarded_gbp"] == 0


def test_each_layer_brings_its_tables(edition, no_picture):
    for layer in switches():
        view = View(show=(layer.kind,), level="itl1", sector=("life-sciences",))
        files = opened(bundle(edition, view, PAPER))
        tables = {f"tables/{name}.csv" for name in layer.behind}
        assert {name for name in files if name.endswith(".csv")} == tables
        assert bool(tables) is not layer.ground


def test_too_many_firms_are_refused_with_a_way_out(edition, no_picture, monkeypatch):
    monkeypatch.setattr(tables, "MOST_IN_WORKBOOK", 1_000)
    words = (
        r"Firms: 2,188 rows are too many for a bundle, which takes 1,000\..*choose sectors.*hide the firms"
    )
    with pytest.raises(InputError, match=words):
        bundle(edition, View(show=("firms",)), PAPER)
    assert opened(bundle(edition, View(show=("firms",), sector=("life-sciences",)), PAPER))


def test_a_place_that_nobody_knows_is_refused(edition, no_picture):
    with pytest.raises(MapError, match="Atlantis"):
        bundle(edition, View(show=("none",), place=("Atlantis",)), PAPER)


# --- Hostile names


NUMBER = re.compile(r"-?[0-9.]+(e-?[0-9]+)?")


def cells_of(files):
    for name, content in files.items():
        if name.endswith(".csv"):
            yield from (cell for row in rows_of(content) for cell in row.values())


def test_an_edition_of_ones_own_says_whose_firms_it_holds(own_edition, no_picture, tmp_path):
    with keeping(own_edition):
        view = View(show=EVERYTHING, level="itl1", sector=HOSTILE)
        files = opened(bundle(own_edition, view, PAPER))
    manifest = json.loads(files["manifest.json"])
    assert manifest["edition"]["own_firms"]
    assert f"“{FILE}”" in manifest["edition"]["firms"]
    register = next(source for source in manifest["sources"] if source["id"] == "register")
    assert register["attribution"].startswith("Awards and research assets")
    assert HOSTILE[0] in manifest["filters"][0]
    labels = {row["sector"] for row in rows_of(files["tables/firms.csv"])}
    assert labels >= set(HOSTILE)
    assert set(layer(files["geometry/map.gpkg"], "firms", tmp_path)["sector"]) == labels
    assert "analyst's own" in " ".join(files["README.txt"].decode().split())
    texts = [cell for cell in cells_of(files) if not NUMBER.fullmatch(cell)]
    assert all(harmless(bare(cell)) == cell for cell in texts)
    assert not any(cell.startswith(FORMULA_STARTS) for cell in texts)


FORMULAS = (
    '=cmd|"/C calc"!A0',
    "@SUM(A1)",
    "a\r\n=1+1",
    " +1;=2",
    "nul\x00in",
    "\u202eright to left",
    "<r>x</r>",
)


@pytest.fixture(scope="module")
def hostile(edition, tmp_path_factory):
    """The shipped edition with names that try to be more."""
    frames = spoil({name: edition.store.frame(name) for name in table_names()})
    firms, projects = frames["firms"], frames["projects"]
    names = [(*NAMES, *FORMULAS)[number % 13] for number in range(len(firms))]
    path = tmp_path_factory.mktemp("hostile") / "hostile.duckdb"
    write_store(
        path,
        {
            **frames,
            "firms": firms.assign(name=names),
            "projects": projects.assign(name=names[: len(projects)]),
        },
    )
    return Edition(Store(path, table_names()), "hostile")


def test_hostile_names_harm_no_file_and_come_back_whole(hostile, no_picture, tmp_path):
    view = View(show=("clusters", "projects", "firms"), sector=("life-sciences",))
    files = opened(bundle(hostile, view, PAPER))
    known = tables.TABLES["firms"].rows(hostile, view)["name"].tolist()
    assert set(known) == {*NAMES, *FORMULAS}
    read = [bare(row["name"]) for row in rows_of(files["tables/firms.csv"])]
    assert read == known
    features = json.loads(files["geometry/firms.geojson"])["features"]
    assert [one["properties"]["name"] for one in features] == known
    mapped = layer(files["geometry/map.gpkg"], "firms", tmp_path)["name"].tolist()
    assert mapped == [name.replace("\x00", "\ufffd") for name in known]
    # `sheets` refuses formulas.
    head, *rows = sheets(files["tables/tables.xlsx"])["Firms"]
    cells = [str(row[head.index("name")]) for row in rows]
    assert [cell.replace("_x0000_", "\x00").replace("_x000D_", "\r") for cell in cells] == [
        f"'{name}" if name.startswith("<r>") else name for name in known
    ]
    for name, content in files.items():
        if name.endswith((".txt", ".json")):
            content.decode()
            assert b"\x00" not in content
