"""What is taken away from a comparison that no address holds: the session makes it, and says what is lost."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

import pytest
from pypdf import PdfReader

from edition.view import View
from geo.areas.area import area_from
from intake.area_upload import read_areas
from regions.areas import area_place, ref_of_area
from regions.comparison import compare
from regions.places import find_place
from snapshots.formats import snapshot
from tables import files as tables
from tables.comparison_files import file_name
from tests.outlines import too_long
from tests.views.test_compare_apptest import ComparePage
from words.links import OF_SESSION

NAME = "Harbour <b>$x$</b>"


@pytest.fixture(scope="module")
def harbour(edition):
    polygon = area_from(too_long())
    assert ref_of_area(polygon, NAME) is None
    return area_place(edition, polygon, NAME, f"{OF_SESSION}1")


@pytest.fixture(scope="module")
def found(edition, harbour):
    return compare(edition, View().plain(), [find_place(edition, "Leeds"), harbour], ("uk",))


def words_of(pdf):
    """What a document says, without any space: lines break where they must."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s+", "", text)


def view_of(found):
    return View(place=tuple(place.ref for place in found.places), against=("uk",))


def made(form, found):
    return snapshot(found.edition, view_of(found), form, known=found.places)


def test_a_brief_of_an_area_of_this_session_says_that_no_link_restores_it(found):
    said = words_of(made("brief", found))
    assert re.sub(r"\s+", "", f"Not in the link: {NAME}, whose outline is too long for one.") in said
    assert "place=E08000035" in said
    assert OF_SESSION not in said


def test_a_brief_of_such_an_area_alone_is_on_it(edition, harbour):
    alone = compare(edition, View().plain(), [harbour], ())
    said = words_of(made("brief", alone))
    assert re.sub(r"\s+", "", NAME) in said
    assert f"{harbour.population:,}residents" in said
    assert "Notinthelink" in said


def test_a_bundle_holds_the_outline_that_its_link_does_not(found, harbour):
    content = made("zip", found)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        files = {name: book.read(name) for name in book.namelist()}
    manifest = json.loads(files["manifest.json"])
    assert manifest["query"] == "place=E08000035&against=uk"
    assert manifest["view"]["place"] == ["E08000035"]
    assert manifest["not_in_link"].startswith(f"Not in the link: {NAME}, whose outline is too long for one.")
    assert "comparison/areas.geojson" in {file["path"] for file in manifest["files"]}
    readme = " ".join(files["README.txt"].decode().split())
    assert manifest["not_in_link"] in readme
    assert NAME in files["comparison/comparison.csv"].decode("utf-8-sig")
    assert not [name for name, text in files.items() if name.endswith(("json", "txt")) and b"mine:" in text]
    # What the file gives back to the page is the same area.
    [(name, polygon)] = read_areas(files["comparison/areas.geojson"], "areas.geojson").areas
    assert name == harbour.name
    assert polygon.symmetric_difference(harbour.geometry).area < 0.001 * harbour.geometry.area


def test_the_page_offers_both_for_an_area_of_this_session(edition, harbour):
    page = ComparePage([("place", "Leeds")])
    page.test.session_state["areas"] = {harbour.ref: harbour}
    page.test.session_state["view"] = View(place=("E08000035", harbour.ref))
    page.run()
    offered = {part.proto.label: part.proto for part in page.test.get("download_button")}
    assert not offered["Brief (PDF)"].disabled
    assert not offered["Everything (ZIP)"].disabled
    assert "Not in the link" in page.texts
    # Of the others the server makes them, under an address that stays.
    links = {
        part.proto.label: part.proto for part in ComparePage([("place", "Leeds")]).test.get("link_button")
    }
    assert links["Brief (PDF)"].url == "/api/v1/brief.pdf?place=E08000035&download=true"


def test_what_would_not_fit_is_said_before_the_click(edition, harbour, monkeypatch):
    monkeypatch.setattr(tables, "MOST_IN_WORKBOOK", 10)
    page = ComparePage([("place", "Leeds")])
    page.test.session_state["areas"] = {harbour.ref: harbour}
    page.test.session_state["view"] = View(place=(harbour.ref,), show=("firms",))
    page.run()
    [button] = [
        part.proto for part in page.test.get("download_button") if part.proto.label == "Everything (ZIP)"
    ]
    assert button.disabled
    assert "hide the firms" in button.help


def test_names_say_what_of_which_places(found, harbour):
    name = file_name(found, "pdf", "brief")
    assert name == f"innovation-clusters-leeds-harbour-b-x-b-brief-{found.edition.about.name}.pdf"
    hostile = replace(harbour, name="../..\\ \N{RIGHT-TO-LEFT OVERRIDE}")
    assert "-place-comparison-" in file_name(compare(found.edition, View().plain(), [hostile], ()), "csv")
