"""A source that is made up: one row and its id at a table, and it is named wherever that goes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from types import MappingProxyType

import orjson
import pytest

import data.sources
from api.documentation import api_page
from api.limits import Buckets, Shelf, limits
from api.lists import LISTS, Listing
from api.service import service
from data.documentation import data_page
from data.errors import NotFoundError
from data.sources import SOURCES, Source, sources
from edition.keeper import keeping
from edition.view import View
from layers.registry import LAYERS
from regions.measures import MEASURES
from regions.similar import AXES
from snapshots.bundle.bundle import bundle
from snapshots.paper import Paper
from tables import rows
from tables.files import as_csv, as_geojson, as_xlsx
from tables.page_table import Handout
from tests.api.client import Client
from tests.data.workbooks import sheets
from views import about

CENSUS = Source(
    id="census",
    label="A census of laboratories",
    publisher="Office of Laboratories",
    licence="Open Laboratory Licence 2",
    edition="May 2026",
    renewed="each tenth year",
    attribution="Laboratories: Office of Laboratories, May 2026.",
    url="https://laboratories.example/",
    caveat="Sheds are not counted.",
    tables=("assets",),
    holds="laboratories",
)


def idle():
    """Return the sources of data that nothing shows."""
    used = (*rows.TABLES.values(), *LAYERS.values(), *MEASURES.values(), *AXES.values(), *LISTS)
    shown = {source for one in used for source in one.sources}
    return [source.id for source in sources() if source.id not in shown and not source.program]


@pytest.fixture
def listed(monkeypatch):
    monkeypatch.setattr(data.sources, "SOURCES", MappingProxyType({**SOURCES, "census": CENSUS}))


@pytest.fixture
def attached(listed, monkeypatch):
    """The table of research assets rests on the source too."""
    table = replace(rows.TABLES["assets"], sources=("register", "census"))
    monkeypatch.setattr(rows, "TABLES", MappingProxyType({**rows.TABLES, "assets": table}))
    return table


def test_a_source_that_nothing_shows_is_found(listed):
    assert idle() == ["census"]


def test_every_source_that_is_listed_is_shown(attached):
    assert idle() == []


def test_without_it_every_source_is_shown_too():
    assert idle() == []


def test_lists_of_sources_name_it(attached, edition):
    [row] = [row for row in about._sources() if row["what"] == CENSUS.label]
    told = (CENSUS.publisher, CENSUS.edition, CENSUS.renewed, CENSUS.licence, CENSUS.attribution, CENSUS.url)
    assert set(told) <= set(row.values())
    page = data_page()
    assert (
        f"| [{CENSUS.label}]({CENSUS.url}) | {CENSUS.publisher} | {CENSUS.edition} | {CENSUS.renewed} |"
        in page
    )
    assert f"- {CENSUS.attribution}\n" in page
    assert "| Positions from general knowledge. | `register`, `census` |" in api_page()
    api = Client(service(replace(limits(), buckets=Buckets(0), shelf=Shelf(0))))
    [answer] = [row for row in api.json("/sources?limit=100")["rows"] if row["id"] == "census"]
    assert {*told, CENSUS.caveat} <= set(answer.values())
    assert CENSUS.attribution in api.get("/tables/assets.csv").text


def test_files_of_the_table_credit_it(attached, edition):
    assert CENSUS.attribution in as_csv(edition, attached, View()).decode("utf-8-sig")
    assert CENSUS.attribution in orjson.loads(as_geojson(edition, attached, View()))["attribution"]
    read_me = sheets(as_xlsx(edition, attached, View()))["Read me"]
    [line] = [what for name, what in read_me if name == "Source" and "Laboratories" in what]
    assert line == f"{CENSUS.attribution} Licence: {CENSUS.licence}. {CENSUS.url} {CENSUS.caveat}"


def test_rows_of_a_page_credit_it(attached, edition):
    handout = Handout(edition, View(), "Laboratories", sources=("census",))
    assert handout.owed == CENSUS.attribution
    assert any(CENSUS.licence in what for what in handout.read_me()["what"])


def test_a_bundle_lists_and_credits_it(attached, edition):
    with zipfile.ZipFile(io.BytesIO(bundle(edition, View(show=("assets",)), Paper(dpi=50)))) as book:
        manifest = orjson.loads(book.read("manifest.json"))
        readme = " ".join(book.read("README.txt").decode().split())
    [row] = [row for row in manifest["sources"] if row["id"] == "census"]
    assert row["attribution"] == CENSUS.attribution
    assert row["licence"] == CENSUS.licence
    assert CENSUS.attribution in readme


@pytest.mark.parametrize(
    "name",
    [
        lambda: replace(rows.TABLES["assets"], sources=("nowhere",)),
        lambda: replace(LAYERS["assets"], sources=("nowhere",)),
        lambda: replace(MEASURES["total"], sources=("nowhere",)),
        lambda: replace(AXES["residents"], sources=("nowhere",)),
        lambda: Listing("x", "X", lambda _edition: None, sources=("nowhere",)),
        lambda: Handout(None, View(), "X", sources=("nowhere",)),
    ],
)
def test_whatever_names_a_source_that_is_not_listed_is_refused(name):
    with pytest.raises(
        NotFoundError, match=r"the (table|layer|measure|axis|list) '.*': no source has the id"
    ):
        name()


def test_of_an_analysts_firms_a_table_credits_nobody_for_ours(own_edition, listed):
    table = replace(rows.TABLES["firms"], sources=("register", "census"))
    assert table.sources_of(own_edition) == ("census",)
    assert rows.TABLES["clusters"].sources_of(own_edition) == ("register", "onspd")


def test_firms_of_a_cluster_of_an_analysts_own_are_not_called_a_sample(own_edition):
    api = Client(service(replace(limits(), buckets=Buckets(0), shelf=Shelf(0))))
    cluster = str(own_edition.clusters["cluster_id"].iloc[0])
    with keeping(own_edition):
        text = api.get(f"/clusters/{cluster}/members.csv").text
    assert "analyst's own" in text
    assert "Curated sample" not in text
    assert "Innovation Clusters Map" not in text
