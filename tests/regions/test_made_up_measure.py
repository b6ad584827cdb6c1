"""A measure that nobody has heard of, of a group of its own: one record, found wherever measures are."""

from __future__ import annotations

import dataclasses

import pytest
from typer.testing import CliRunner

import cli
from api.documentation import api_page
from api.service import service
from data.formats import FORMATS
from data.sources import attribution, sources
from edition.filters import Filters
from edition.view import View
from layers import regions
from layers.choices import choices
from layers.registry import credit
from layers.style import style
from regions import measures
from regions.comparison import compare
from regions.measures import Group, Measure
from regions.places import find_places
from regions.ranks import ranks
from snapshots.picture.caption import alt_text, title
from snapshots.picture.picture import picture
from tables.comparison_files import written
from tests.api.client import Client
from tests.data.workbooks import sheets
from tests.views.page import Page

GROUND = Group("Of the ground", "none", "no land at all", "No region has any land.")
LAND = Measure(
    "land",
    "Dry land",
    "area_km2",
    "sum",
    "square kilometres",
    "Land within the boundaries in use, at low water or not.",
    GROUND,
    ("geonames",),
)
VIEW = View(measure="land", level="itl1", show=("regions",))


@pytest.fixture(autouse=True)
def land(monkeypatch):
    """Enter the measure among the others, for the time of a test."""
    monkeypatch.setitem(measures._BY_ID, LAND.id, LAND)


def test_the_map_says_what_it_is_and_not_money(edition):
    plain = regions.payload(edition, VIEW)
    scotland = next(row for row in plain["rows"] if row["name"] == "Scotland")
    assert plain["measure"]["label"] == "Dry land"
    assert scotland["value"] > 70_000
    assert scotland["text"] == f"Dry land: {scotland['value']:,.0f} square kilometres"
    assert plain["none"] == "no land at all"
    assert plain["note"] == ""
    assert "£" not in str([row["text"] for row in plain["rows"]])
    legend = regions.LAYER.legend(regions.LAYER.payload(edition, VIEW), style())
    assert legend.title == "Dry land, by ITL1"
    assert {entry.text.partition(" ")[2] for entry in legend.entries} == {
        "square kilometre", "square kilometres",
    }  # fmt: skip


def test_the_page_offers_it_and_a_link_to_it_is_read(edition):
    view, faults = View.read([("measure", "land")], choices(edition))
    assert (view.measure, faults) == ("land", [])
    page = Page({"measure": "land", "level": "itl1"}.items())
    assert page.view.measure == "land"
    offered = next(box for box in page.test.selectbox if box.label == "Measure")
    assert "Dry land" in offered.options


def test_print_tells_of_it(edition):
    assert picture(edition, VIEW, "svg").startswith(b"<?xml")
    assert "Scotland 7" in alt_text(edition, VIEW)
    near = VIEW.model_copy(update={"at": (57.0, -4.0, 8.0)})
    assert "dry land" in title(edition, near)


def test_what_it_is_made_of_is_credited():
    assert attribution("geonames") in credit(VIEW)
    assert attribution("geonames") not in credit(VIEW.model_copy(update={"measure": "total"}))


def test_the_api_answers_with_it(edition):
    api = Client(service())
    assert api.json("/regions?measure=land&level=itl1")["measure"]["id"] == "land"
    listed = {row["id"]: row for row in api.json("/measures")["rows"]}
    assert listed["land"]["group"] == "Of the ground"
    assert listed["land"]["sources"] == "geonames"
    asked = api.json("/openapi.json")["paths"]["/regions"]["get"]["parameters"]
    [measure] = [row for row in asked if row["name"] == "measure"]
    assert "land" in measure["schema"]["enum"]


def test_places_are_compared_and_ranked_by_it(edition):
    chosen = find_places(edition, ("Leeds", "Cardiff"), "")
    found = compare(edition, Filters(), chosen)
    book = sheets(written(found, None, FORMATS["xlsx"]))
    rows = [row for rows in book.values() for row in rows if row and "Dry land" in row]
    assert any("Of the ground" in row for row in rows)
    told = " ".join(str(cell) for rows in book.values() for row in rows for cell in row)
    assert LAND.definition in told
    assert next(one.label for one in sources() if one.id == "geonames") in told
    assert (ranks(edition, Filters(), chosen[0], LAND)["rank"].dropna() > 0).all()
    printed = CliRunner().invoke(
        cli.cli, ["compare", "Leeds", "Cardiff"], env={"COLUMNS": "200", "NO_COLOR": "1"}
    )
    assert printed.exit_code == 0, printed.output
    assert "Dry land" in printed.output


def test_the_documentation_lists_it():
    assert f"| `land` | Dry land | square kilometres | {LAND.definition} |" in api_page()


def test_a_rate_needs_a_unit_that_says_how_it_is_written():
    with pytest.raises(Exception, match="'land' has the unit 'square kilometres'"):
        dataclasses.replace(LAND, kind="rate")
