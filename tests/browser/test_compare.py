"""What a visitor of the compare page sees and does, in Chromium."""

from __future__ import annotations

import csv
import io
import json
import time
from contextlib import suppress
from urllib.parse import parse_qs, quote

import pytest

from tests.browser.atlas import Contexts
from tests.browser.hostile import NAMES

pytestmark = pytest.mark.browser
PLACES = "place=E08000003&place=glasgow-city-region&place=TLL52"
MAPS = "() => window.icmLink && icmPanels.every((stage) => stage.style && stage.pending === 0)"
PICKER = "() => window.icm && icm.style && icm.pending === 0 && icm.shown.size > 1"


class Compare:
    """The page, and the frames on it."""

    def __init__(self, atlas):
        self.atlas, self.page = atlas, atlas.page

    def open(self, server, query=""):
        self.page.goto(f"{server.address}/compare{f'?{query}' if query else ''}")
        self.page.locator("h1.sentence").wait_for(timeout=30_000)
        self.atlas.rest()
        return self

    def frame(self, part, condition, seconds=30):
        """Return the frame whose address or script says so, once it is drawn."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for frame in self.page.frames:
                with suppress(Exception):
                    if part in frame.url and frame.evaluate(condition):
                        return frame
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no frame {part!r} in {[frame.url for frame in self.page.frames]}")

    @property
    def places(self):
        return parse_qs(self.atlas.query()).get("place", [])

    def heading(self):
        return self.page.locator("h1.sentence").inner_text()

    def until(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                self.atlas.rest()
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"not within {seconds} s: {self.heading()!r}, {self.places}")


@pytest.fixture
def compare(new_atlas):
    return Compare(new_atlas())


@pytest.fixture(scope="module")
def start(chromium, server):
    """The page without a place, for tests that add none."""
    contexts = Contexts(chromium)
    yield Compare(contexts()).open(server)
    contexts.close()


@pytest.fixture(scope="module")
def placed(chromium, server):
    """The page of some places, for tests that leave them."""
    contexts = Contexts(chromium)
    yield Compare(contexts()).open(server, PLACES)
    contexts.close()


def test_a_start_leads_to_maps_table_and_chart(compare, server):
    compare.open(server)
    compare.page.get_by_role("button", name="The four nations").click()
    compare.until(lambda: len(compare.places) == 4)
    assert "England" in compare.heading()
    assert compare.page.title() == "Compare · Innovation Clusters Map"
    maps = compare.frame("/panels", MAPS)
    assert maps.evaluate("() => icmPanels.length") == 4
    table = compare.page.locator("table.compare")
    assert table.locator("thead th").count() == 1 + 4 + 1
    assert table.locator("tbody th[scope=row]").count() >= 15
    compare.page.locator('[data-testid="stVegaLiteChart"]').first.wait_for()
    assert compare.atlas.faults == []
    assert compare.atlas.foreign() == []


def test_maps_move_together_without_a_run_of_the_page(placed):
    compare = placed
    maps = compare.frame("/panels", MAPS)
    compare.page.wait_for_timeout(500)
    received = len(compare.atlas.received)
    before = maps.evaluate("() => icmPanels.map((stage) => stage.map.getZoom())")
    maps.get_by_role("button", name="Zoom all maps in").click()
    compare.page.wait_for_timeout(800)
    after = maps.evaluate("() => icmPanels.map((stage) => stage.map.getZoom())")
    steps = [round(one - other, 3) for one, other in zip(after, before, strict=True)]
    assert steps[0] > 0.3
    assert len(set(steps)) == 1
    assert len(compare.atlas.received) == received


def test_a_region_is_picked_on_the_map(compare, server):
    compare.open(server, "level=city_region")
    picker = compare.frame("streamlit_folium", PICKER)
    picker.evaluate("() => icm.goto([51.45, -2.6], 9)")
    picker.wait_for_function("() => icm.pending === 0")
    # Away from the middle, where the keyboard would pick as well.
    frame = compare.page.locator(".st-key-picker iframe")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    compare.page.mouse.click(box["x"] + box["width"] / 2 + 12, box["y"] + box["height"] / 2 - 9)
    compare.until(lambda: compare.places == ["west-of-england"])
    assert "West of England" in compare.heading()


def test_an_area_drawn_is_compared_and_its_link_restores_it(compare, new_atlas, server):
    compare.open(server)
    picker = compare.frame("streamlit_folium", PICKER)
    ring = [[53.40, -2.35], [53.40, -2.15], [53.55, -2.15], [53.55, -2.35]]
    picker.evaluate("(ring) => ICM.tell({ kind: 'area', ring })", ring)
    compare.until(lambda: len(compare.places) == 1)
    assert compare.places[0].startswith("area:")
    assert "Area 1" in compare.heading()
    assert "Estimated: it cuts through" in compare.page.locator(".stMain").inner_text()
    maps = compare.frame("/panels", MAPS)
    assert maps.evaluate("() => icmPanels[0].painters.outline.drawn().rings") == 1
    figures = compare.page.locator("table.compare tbody").all_inner_texts()
    again = Compare(new_atlas()).open(server, compare.atlas.query())
    assert again.heading() == compare.heading()
    assert again.page.locator("table.compare tbody").all_inner_texts() == figures


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            {"kind": "area", "ring": [[53.4, -2.3], [53.5, -2.2], [53.4, -2.2], [53.5, -2.3]]},
            "crosses itself",
        ),
        ({"kind": "area", "ring": [[48.8, 2.2], [48.8, 2.4], [48.9, 2.4]]}, "United Kingdom"),
        ({"kind": "area", "ring": "<b>"}, "left out"),
        ({"kind": "pick", "lat": 56.0, "lon": 3.0}, "outside the United Kingdom"),
    ],
)
def test_what_cannot_be_a_place_is_refused_in_words(start, message, words):
    compare = start
    picker = compare.frame("streamlit_folium", PICKER)
    picker.evaluate("(message) => ICM.tell(message)", message)
    alert = compare.page.locator('[data-testid="stAlert"]').first
    alert.wait_for(timeout=15_000)
    compare.until(lambda: words in alert.inner_text())
    assert compare.places == []


def test_an_uploaded_file_becomes_places(compare, server, tmp_path):
    compare.open(server, PLACES)
    compare.page.get_by_text("Add a place from the map").click()
    compare.atlas.rest()
    compare.page.get_by_role("radio", name="From a file").click()
    compare.atlas.rest()
    shape = {
        "type": "Polygon",
        "coordinates": [[[-1.6, 53.75], [-1.5, 53.75], [-1.5, 53.85], [-1.6, 53.85], [-1.6, 53.75]]],
    }
    feature = {"type": "Feature", "properties": {"name": NAMES[1]}, "geometry": shape}
    path = tmp_path / "mine.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    compare.page.locator('input[type="file"]').set_input_files(str(path))
    compare.page.get_by_role("button", name="Add 1 of 1").click(timeout=20_000)
    compare.until(lambda: len(compare.places) == 4)
    assert NAMES[1] in compare.page.locator("table.compare thead").inner_text()
    assert not compare.page.evaluate("() => window.hacked")
    maps = compare.frame("/panels", MAPS)
    assert not maps.evaluate("() => window.hacked")
    assert compare.atlas.faults == []


def test_what_is_taken_away_names_places_and_holds_the_figures(placed):
    compare = placed
    for label, ending, start in (
        ("CSV", ".csv", b"\xef\xbb\xbf"),
        ("Excel", ".xlsx", b"PK"),
        ("Figure PNG", ".png", b"\x89PNG"),
        ("Figure SVG", ".svg", b"<svg"),
        ("Figure PDF", ".pdf", b"%PDF-"),
        ("Brief (PDF)", "-brief.pdf", b"%PDF-"),
    ):
        kind = "link" if "Brief" in label else "button"
        with compare.page.expect_download(timeout=60_000) as waiting:
            compare.page.locator(".st-key-take-away").get_by_role(kind, name=label, exact=True).click()
        name, body = waiting.value.suggested_filename, waiting.value.path().read_bytes()
        assert name.endswith(ending)
        assert "Manchester" in name or "manchester" in name
        assert body.startswith(start), (label, body[:20])
        if ending == ".csv":
            rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
            assert {row["place"] for row in rows} >= {"Manchester", "Glasgow City Region"}


def test_a_place_of_the_map_can_be_compared_from_explore(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/?here=53.48,-2.24,11")
    atlas.page.get_by_role("button", name="Greater Manchester · City region").click()
    atlas.page.wait_for_url("**/compare**", timeout=20_000)
    page = Compare(atlas)
    page.until(lambda: page.places == ["greater-manchester"])
    assert "Greater Manchester" in page.heading()


def test_the_page_fits_a_phone(new_atlas, server):
    page = Compare(new_atlas(viewport={"width": 390, "height": 844})).open(server, PLACES)
    page.frame("/panels", MAPS)
    wide = page.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    boxes = page.page.locator("table.compare").evaluate(
        "(table) => table.parentElement.scrollWidth > table.parentElement.clientWidth"
    )
    assert boxes


def test_hostile_names_stay_names(new_atlas, hostile_server):
    page = Compare(new_atlas()).open(
        hostile_server, f"{PLACES}&place={quote('set:E08000003+E08000006~' + NAMES[3])}"
    )
    page.frame("/panels", MAPS)
    assert not page.page.evaluate("() => window.hacked")
    assert page.atlas.faults == []
    assert page.atlas.foreign() == []
