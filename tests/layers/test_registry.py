"""The layers: their lists, what they owe, and that one which is entered is found everywhere."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType

import pytest

from api.documentation import api_page
from api.parameters import query_of
from api.service import service
from data.errors import InputError
from edition.view import View
from layers import regions, registry
from layers.looking import view_of
from layers.registry import LAYERS, chosen, credit, drawn, kinds, owed, shown, told
from layers.scripts import EMBED_SCRIPTS, STANDALONE_SCRIPTS, script
from profiles.cluster import find_cluster
from regions.measures import MEASURES
from snapshots.brief.phrases import licences
from snapshots.bundle.bundle import _sources, tables_behind
from snapshots.picture.caption import title
from snapshots.picture.layout import Box
from snapshots.picture.picture import picture
from snapshots.picture.small_map import Ground, key, payloads
from snapshots.standalone import standalone as file_module
from snapshots.standalone.standalone import standalone
from tables.files import TABLES
from tests.api.client import Client
from tests.boats import ATTRIBUTION, COLOUR, PAINTER, ROWS, launched, payload
from tests.choosing import solid_cluster
from tests.pages import of
from tests.views.page import Page
from views import picture as funding

SHOWN = View(show=("regions", "clusters", "boats"))


@pytest.fixture
def boats(monkeypatch, tmp_path):
    """A layer that nobody has heard of, entered in the registry."""
    return launched(monkeypatch, tmp_path)


def test_land_is_always_shown_and_layers_keep_their_order():
    view = View(show=("labels", "clusters"))
    assert [layer.kind for layer in shown(view)] == ["land", "clusters", "labels"]
    assert [layer.kind for layer in shown(View(show=()))] == ["land"]
    assert next(iter(LAYERS)) == "land"


def test_whoever_is_owed_credit_is_named():
    assert credit(View()).startswith("Approximate boundaries.")
    names = credit(View(show=("labels",)))
    assert "GeoNames" in names
    assert "GeoNames" not in credit(View(show=("clusters",)))


def test_official_boundaries_are_not_called_approximate(monkeypatch):
    monkeypatch.setattr(registry, "is_approximate", lambda: False)
    assert "pproximate" not in credit(View())


def test_the_lists_are_in_the_orders_that_they_had():
    """Addresses, pictures and legends depend on them."""
    assert kinds() == ("regions", "clusters", "projects", "firms", "assets", "labels")
    every = View(show=kinds())
    land, *others = ("land", "regions", "clusters", "firms", "assets", "projects", "labels")
    assert [layer.kind for layer in drawn()] == [land, *others]
    assert [layer.kind for layer in shown(every)] == [land, *others]
    assert [layer.kind for layer in chosen(every)] == [*kinds()]
    assert [layer.kind for layer in told(every)] == ["clusters", "projects", "regions", "firms", "assets"]


@pytest.mark.parametrize("kind", LAYERS)
def test_a_record_names_what_there_is(kind):
    layer = LAYERS[kind]
    assert layer.kind == kind
    assert set(layer.behind) <= set(TABLES)
    assert bool(layer.behind) is not layer.ground
    assert f"ICM.painters.{kind} =" in script()


def test_paths_of_layers_are_each_their_own():
    paths = [layer.served.path for layer in LAYERS.values()]
    assert len(set(paths)) == len(paths)


def test_a_measure_of_other_data_owes_for_them(monkeypatch, edition):
    """The regions are the only layer that shows a measure."""
    view = View(show=("regions", "labels"), measure="firms", level="itl1")
    before, line = credit(view), "Leaflet"
    assert line not in before
    borrowed = replace(MEASURES["firms"], sources=("register", "leaflet"))
    monkeypatch.setattr(regions, "MEASURES", MappingProxyType({**MEASURES, "firms": borrowed}))
    assert line in credit(view)
    # After what the layer itself owes.
    assert credit(view).index("Population:") < credit(view).index(line) < credit(view).index("GeoNames")
    assert credit(View(measure="total")) == credit(View())
    assert line not in credit(View(show=("labels",), measure="firms"))
    assert "leaflet" in {source["id"] for source in _sources(edition, view, [])}
    assert any(said.startswith(line) for said in licences(edition, view))


# A layer that nobody has heard of


def test_a_new_layer_is_switched_on_the_pages(boats, monkeypatch):
    page = Page([("show", "boats")])
    [pills] = [one for one in page.test.get("button_group") if one.label == "Show"]
    assert "Boats" in pills.options
    assert set(page.slots()) == {"land", "scene", "boats"}
    assert ATTRIBUTION in page.texts
    kept = {}
    monkeypatch.setattr(funding.st, "session_state", kept)
    assert funding.of_projects(View()).show == ("projects",)
    funding._asked({"kind": "layer", "id": "boats"})
    assert kept[funding.SWITCHED] == ["projects", "boats"]
    assert funding.of_projects(View()).show == ("projects", "boats")
    funding._asked({"kind": "layer", "id": "projects"})
    assert funding.of_projects(View()).show == ("boats",)
    funding._asked({"kind": "layer", "id": "submarines"})
    assert funding.of_projects(View()).show == ("boats",)


def test_a_new_layer_is_on_the_map_of_a_cluster(boats, edition):
    row = find_cluster(edition, solid_cluster(edition).cluster_id)
    assert view_of(View(), row).show == (*kinds()[:-1], "boats")
    assert view_of(View(show=("boats",)), row, ()).show == ()


def test_a_new_layer_is_fetched_from_its_path_with_the_filters(boats):
    slot = boats.screen(View(sector=("defence",), level="la", show=("boats",))).config
    assert slot == {"kind": "boats", "url": "/api/v1/boats/afloat?sector=defence"}


def test_a_new_layer_is_answered_by_the_api(boats, edition):
    api = Client(service())
    assert api.json("/boats/afloat?sector=defence") == json.loads(json.dumps(payload(edition, View())))
    assert "sectr" in api.fault("/boats/afloat?sectr=defence")
    path = api.json("/openapi.json")["paths"]["/boats/afloat"]["get"]
    assert path["summary"] == "Boats as points"
    assert "`/api/v1/boats/afloat`" in path["description"]
    content = path["responses"]["200"]["content"]["application/json"]
    assert content["schema"]["required"] == ["note", "rows"]
    assert api.json("/view?show=boats")["attribution"].endswith(ATTRIBUTION)
    assert "did you mean Boats (boats)" in api.fault("/view?show=baots")


def test_a_path_cannot_take_what_nobody_knows(boats):
    with pytest.raises(InputError, match="'boats/afloat' asks for 'zom'; did you mean zoom"):
        query_of(replace(boats.served, asks=("zom",)))


def test_a_new_layer_is_documented(boats):
    page = api_page()
    assert "| `boats` | Boats |" in page
    assert "### `/api/v1/boats/afloat`\n\nBoats as points. Takes the filters." in page


def test_a_new_layer_is_drawn_and_explained_in_print(boats, edition):
    words = picture(edition, SHOWN, "svg").decode()
    assert "Boats afloat" in words
    # Each on the map, and one in the legend.
    assert words.lower().count(f"fill: {COLOUR}") == len(ROWS) + 1
    assert COLOUR not in picture(edition, View(show=("regions", "clusters")), "svg").decode().lower()


def test_a_new_layer_is_on_the_map_of_a_brief(boats, edition):
    """Of its things those that lie in the frame, around Leicester."""
    frame = Box(450_000, 295_000, 20_000, 20_000)
    found = payloads(Ground(edition, SHOWN, (450_000, 295_000, 470_000, 315_000)), frame)
    assert [row["name"] for row in found["boats"]["rows"]] == ["Kingfisher"]
    # Of maps side by side the key is to all.
    north = Ground(edition, SHOWN, (380_000, 390_000, 390_000, 400_000))
    assert "a boat" in [entry.text for entry in key([north], Box(0, 0, 100, 100))]


def test_a_new_layer_is_named_in_the_title_of_a_part(boats, edition):
    view = View(measure="none", at=(52.63, -1.13, 11), show=("regions", "projects", "boats"))
    assert title(edition, view).endswith(": projects and boats")


def test_a_new_layer_is_in_a_file_without_a_server(boats, edition):
    page = standalone(edition, SHOWN).decode()
    scripts = [(one.attributes, one.text) for one in of(page, "script")]
    [held] = [text for told, text in scripts if told.get("data-file") == "boats/afloat"]
    [config] = [json.loads(text) for told, text in scripts if told.get("id") == "icm-view"]
    assert json.loads(held) == payload(edition, SHOWN)
    assert PAINTER in page
    assert "boats" in config["settings"]["embed"]["kinds"]
    assert "Boats (3)" in [one.text for one in of(page, "summary")]
    cells = [one.text for one in of(page, "th")]
    assert {name for name, _, _ in ROWS} <= set(cells)
    assert ATTRIBUTION in credit(SHOWN)


def test_what_a_new_layer_takes_of_a_file_is_said(boats, edition, monkeypatch):
    monkeypatch.setattr(file_module, "MOST_BYTES", 1_000)
    monkeypatch.setattr(file_module, "MOST_NAMED", 100)
    with pytest.raises(InputError, match=r"boats 0\.0 MB"):
        standalone(edition, SHOWN)


def test_a_new_layer_brings_its_painter(boats):
    for names in ((), (EMBED_SCRIPTS,), (STANDALONE_SCRIPTS,)):
        text = script(*names)
        assert PAINTER in text
        assert text.index("ICM.Stage =") < text.index("ICM.painters.boats") < text.index("ICM.legend =")
        assert '["boats", "Boats"], ["labels", "Place names"]];' in text


def test_a_new_layer_is_credited_wherever_it_is_shown(boats, edition):
    assert ATTRIBUTION in credit(SHOWN)
    assert ATTRIBUTION not in credit(View())
    assert owed(SHOWN)[-1] == "leaflet"
    assert "leaflet" in {source["id"] for source in _sources(edition, SHOWN, [])}
    assert any(line.startswith(ATTRIBUTION) for line in licences(edition, View()))


def test_a_new_layer_brings_its_tables_into_a_bundle(boats):
    assert tables_behind(SHOWN) == ["regions", "clusters", "programmes"]
    # A table that two layers stand on comes once.
    assert tables_behind(View(show=("projects", "boats"))) == ["projects", "programmes"]


def test_the_registry_is_frozen():
    with pytest.raises(TypeError):
        registry.LAYERS["boats"] = LAYERS["land"]
