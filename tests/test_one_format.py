"""A format that is made up: one row and what makes it, and it is offered wherever its like is."""

from __future__ import annotations

import io
import json
import re
import zipfile
from importlib.util import module_from_spec, spec_from_file_location

import orjson
import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

import charts.files
import cli
import tables.documents
from api.documentation import api_page
from api.service import service
from data import formats
from data.formats import Format, Group
from edition.view import View
from layers.base import API
from layers.scripts import PAGE_SCRIPTS, script
from snapshots import formats as makers
from snapshots.bundle.bundle import bundle
from snapshots.formats import Maker, snapshot
from snapshots.paper import Paper
from snapshots.picture import writers
from tests.api.client import Client
from tools.command_page import command_page

GLOBES = Group(
    "globe", "Globe", "A view on a globe", "Turning the globe", hint="to be turned", help="Turn it."
)
GLOBE = Format(
    "kml",
    "KML",
    "kml",
    "application/vnd.google-earth.kml+xml",
    "for those who like it round",
    views=formats.EVERYWHERE,
    group=GLOBES,
    policy="default-src 'none'; sandbox",
)
# Of an ending that is taken, so that commands ask for it by its word.
POSTER = Format(
    "poster",
    "PDF",
    "pdf",
    "application/pdf",
    "for a wall",
    views=formats.EVERYWHERE,
    group=Group("poster", "Poster", "A poster", "Printing the poster", paper=True),
)
TABBED = Format(
    "tsv",
    "TSV",
    "tsv",
    "text/tab-separated-values",
    "the whole table, parted by tabs",
    tables=formats.ON_PAGES | {"command"},
    button="Tabs",
    bundled="{table}, parted by tabs.",
)
WEBP = Format(
    "webp",
    "WebP",
    "webp",
    "image/webp",
    "for the web",
    views=formats.ON_THE_MAP,
    charts=formats.ON_PAGES,
    group=formats.PICTURE,
    bundled="The picture, for the web.",
    dots=True,
)
MADE_UP = (GLOBE, POSTER, TABBED, WEBP)


def _tabbed(document):
    for rows in document.pieces():
        yield rows.to_csv(sep="\t", index=False).encode()


@pytest.fixture
def made_up(monkeypatch):
    """Four formats more, and what makes each."""
    monkeypatch.setattr(formats, "FORMATS", formats.registry(*formats.FORMATS.values(), *MADE_UP))
    told = Maker(lambda asked: f"{asked.form.id} {asked.view.url()} {asked.paper.size}".encode())
    for module, name, more in (
        (makers, "MAKERS", {"globe": told, "poster": told}),
        (tables.documents, "WRITERS", {"tsv": _tabbed}),
        (writers, "WRITERS", {"webp": lambda _figure, dpi, _metadata: f"webp {dpi}".encode()}),
        (charts.files, "WRITERS", {"webp": lambda _library, spec: f"chart of {len(spec)}".encode()}),
    ):
        monkeypatch.setattr(module, name, {**getattr(module, name), **more})


@pytest.fixture
def asked(made_up, edition, unhurried):
    return Client(service(unhurried))


@pytest.fixture
def unhurried():
    from dataclasses import replace

    from api.limits import Buckets, Shelf, limits

    return replace(limits(), buckets=Buckets(0), shelf=Shelf(0))


# --- The map and the pages


def menu_of(text):
    rows = json.loads(re.search(r"^ICM\.FILES = (\[.*\]);$", text, re.MULTILINE)[1])
    return {row["title"]: row for row in rows}


def test_the_menu_of_the_map_offers_it(made_up):
    rows = menu_of(script())
    assert list(rows) == ["Picture", "Interactive map", "Everything", "Brief", "Globe", "Poster"]
    assert rows["Globe"] == {
        "title": "Globe",
        "hint": "to be turned",
        "doing": "Turning the globe",
        "paper": False,
        "subject": False,
        "files": [
            {"label": "KML", "spoken": "Globe as KML, for those who like it round", "path": "globe.kml"}
        ],
    }
    assert rows["Poster"]["paper"]
    assert [one["label"] for one in rows["Picture"]["files"]] == ["PNG", "SVG", "PDF", "WebP"]


def test_the_menu_without_it_is_as_the_readers_know_it():
    rows = menu_of(script())
    assert [(title, [one["path"] for one in row["files"]]) for title, row in rows.items()] == [
        ("Picture", ["picture.png", "picture.svg", "picture.pdf"]),
        ("Interactive map", ["map.html"]),
        ("Everything", ["bundle.zip"]),
        ("Brief", ["brief.pdf"]),
    ]
    spoken = [one["spoken"] for row in rows.values() for one in row["files"]]
    assert spoken[0] == "Picture as PNG, for slides and documents"
    assert spoken[3:] == [
        "Interactive map as one HTML file",
        "Picture, tables and geometry as a ZIP file",
        "Brief of two pages as PDF",
    ]


def test_a_page_says_what_is_done_for_it(made_up):
    doing = json.loads(re.search(r"^ICM\.DOING = (\{.*\});$", script(PAGE_SCRIPTS), re.MULTILINE)[1])
    assert doing["globe.kml"] == "Turning the globe"
    assert doing["brief.pdf"] == "Writing the brief"
    assert "picture.webp" not in doing


def page_of_files():
    import pandas as pd

    from edition.keeper import KEEPER
    from edition.view import View
    from tables.page_table import Handout
    from views import take_away

    edition, view = KEEPER.edition(), View(sector=("defence",))
    take_away.whole(view, "page")
    take_away.table("projects", view, "table")
    take_away.rows(pd.DataFrame({"a": [1]}), Handout(edition, view, "Rows"), ("rows",), "rows")
    take_away.chart(edition, lambda: None, ("chart",), "chart")


def test_pages_offer_it_as_links_and_as_buttons(made_up, edition):
    page = AppTest.from_function(page_of_files, default_timeout=60).run()
    assert not page.exception
    links = {part.proto.label: part.proto for part in page.get("link_button")}
    buttons = [part.proto.label for part in page.get("download_button")]
    assert list(links) == [
        *("Brief (PDF)", "Everything (ZIP)", "Globe (KML)", "Poster (PDF)"),
        *("CSV", "Excel", "Tabs", "GeoJSON"),
    ]
    assert links["Globe (KML)"].url == f"{API}/globe.kml?sector=defence&download=true"
    assert links["Globe (KML)"].help == "Turn it."
    assert links["Poster (PDF)"].help == "for a wall"
    assert links["Tabs"].url == f"{API}/tables/projects.tsv?sector=defence&download=true"
    assert buttons == [
        *("CSV", "Excel", "Tabs"),
        *("Chart PNG", "Chart SVG", "Chart PDF", "Chart WebP"),
    ]


# --- The API


def test_the_api_has_a_path_of_its_own_for_it(asked):
    answer = asked.get("/globe.kml?sector=defence&download=true")
    assert answer.content == b"kml sector=defence a4"
    assert answer.headers["content-type"] == GLOBE.media
    assert answer.headers["content-security-policy"] == GLOBE.policy
    assert re.search(r'^attachment; filename=".*\.kml"$', answer.headers["content-disposition"])
    assert "'dpi' is no parameter" in asked.fault("/globe.kml?dpi=100")
    assert asked.get("/poster.pdf?size=a3").content == b"poster  a3"
    assert asked.get("/picture.webp?dpi=50").content == b"webp 50"
    assert "a lower dpi" in asked.fault("/picture.webp?dpi=600&size=a3", 413)
    assert "'png', 'svg', 'pdf' or 'webp'" in asked.fault("/picture.gif")
    assert asked.get("/compare/figure.webp?place=Leeds").content.startswith(b"chart of ")


def test_what_a_view_says_of_its_files_leads_to_it(asked):
    files = {row["format"]: row for row in asked.json("/view?sector=defence")["files"]}
    assert list(files) == ["png", "svg", "pdf", "html", "zip", "brief", "kml", "poster", "webp"]
    row = files["kml"]
    assert (row["label"], row["hint"]) == ("Globe, KML", GLOBE.hint)
    answer = asked.get(row["url"].removeprefix(API))
    assert answer.status_code == 200
    assert row["file_name"] in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    "path",
    ["/tables/assets", "/tables/clusters", "/sources", "/places/similar?place=Leeds", "/compare?place=Leeds"],
)
def test_tables_are_negotiated_in_it(asked, path):
    name, mark, query = path.partition("?")
    by_ending = asked.get(f"{name}.tsv{mark}{query}")
    by_header = asked.get(path, headers={"Accept": TABBED.media})
    assert by_ending.headers["content-type"].startswith(TABBED.media)
    assert by_ending.content == by_header.content
    assert b"\t" in by_ending.content
    assert by_ending.headers["content-disposition"].endswith('.tsv"')
    refused = asked.fault(path, 406, headers={"Accept": "image/png"})
    assert "text/tab-separated-values (.tsv)" in refused


def test_the_description_for_programs_has_it(asked):
    paths = asked.json("/openapi.json")["paths"]
    globe = paths["/globe.kml"]["get"]
    assert globe["summary"] == GLOBES.summary
    assert globe["responses"]["200"]["content"] == {GLOBE.media: {"schema": {"type": "string"}}}
    assert "size" not in {row["name"] for row in globe["parameters"]}
    assert "size" in {row["name"] for row in paths["/poster.pdf"]["get"]["parameters"]}
    for path, ending in (
        ("/picture.{form}", "webp"),
        ("/compare/figure.{form}", "webp"),
        ("/tables/{name}.{form}", "tsv"),
        ("/sources.{form}", "tsv"),
    ):
        asks = {row["name"]: row for row in paths[path]["get"]["parameters"]}
        assert ending in asks["form"]["schema"]["enum"]
    assert TABBED.media in paths["/tables/{name}"]["get"]["responses"]["200"]["content"]


def test_the_page_on_the_api_names_it(made_up):
    page = api_page()
    assert f"### `{API}/globe.kml`" in page
    assert f"| Globe, KML | `.kml` | `{GLOBE.media}` | {GLOBE.hint} |" in page
    assert "| `/globe.kml` | KML | always |" in page
    assert "| `/picture` | PNG, SVG, PDF, WebP | ending |" in page
    assert "| `/tables/{name}` | JSON, CSV, GeoJSON, XLSX, TSV | ending, or `Accept` |" in page


# --- Commands and the bundle


def run(*arguments):
    return CliRunner().invoke(
        cli.cli, [str(one) for one in arguments], env={"COLUMNS": "300", "NO_COLOR": "1"}
    )


@pytest.fixture
def shown(edition, monkeypatch):
    monkeypatch.setattr("edition.opening.open_edition", lambda _progress: edition)


def test_the_command_writes_it(made_up, shown, tmp_path):
    answer = run("snapshot", "--view", "sector=defence", "--out", tmp_path / "x.kml")
    assert answer.exit_code == 0, answer.output
    assert "Globe, KML: " in answer.output
    assert (tmp_path / "x.kml").read_bytes() == b"kml sector=defence a4"
    assert run("snapshot", "--out", tmp_path / "x.pdf", "--format", "poster").exit_code == 0
    assert (tmp_path / "x.pdf").read_bytes() == b"poster  a4"
    (tmp_path / "views.txt").write_text("level=la\nlevel=nation\n")
    answer = run("snapshot", "--views", tmp_path / "views.txt", "--out", tmp_path / "many", "--format", "kml")
    assert answer.exit_code == 0, answer.output
    assert [path.suffix for path in (tmp_path / "many").iterdir()] == [".kml", ".kml"]
    answer = run("compare", "Leeds", "--out", tmp_path / "x.tsv")
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "x.tsv").read_text().startswith("place\t")


def test_the_page_on_commands_names_it(made_up):
    # The words of an option are read once, when the commands are.
    known = spec_from_file_location("commands_anew", cli.__file__)
    anew = module_from_spec(known)
    known.loader.exec_module(anew)
    page = command_page(anew.cli)
    assert ".kml (to be turned)" in page
    assert "png unless given, svg, pdf, html, zip, brief, kml, poster or webp" in page
    assert "a .csv, .xlsx, .tsv or .json file" in page


def test_a_bundle_holds_it(made_up, edition):
    content = bundle(edition, View(show=("assets",)), Paper(dpi=50))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        files = {row["path"]: row for row in orjson.loads(book.read("manifest.json"))["files"]}
        assert book.read("picture.webp") == b"webp 50"
        assert b"\t" in book.read("tables/assets.tsv")
        assert b"tables/assets.tsv: Research assets, parted by tabs." in b" ".join(
            book.read("README.txt").split()
        )
    assert files["picture.webp"]["media"] == WEBP.media
    assert files["tables/assets.tsv"]["what"] == "Research assets, parted by tabs."
    assert "globe.kml" not in files


def test_it_is_made_and_without_a_maker_it_is_refused(made_up, edition):
    assert snapshot(edition, View(), "poster", Paper("slide")) == b"poster  slide"
    with pytest.raises(formats.InputError, match="nothing makes 'globe'"):
        formats.made({"poster": 1}, [form.of_view.id for form in (GLOBE, POSTER)], "MAKERS")
