"""Maps side by side that move together, in Chromium."""

from __future__ import annotations

import math
import time
from urllib.parse import urlencode

import pytest

from tests.browser.hostile import NAMES

pytestmark = pytest.mark.browser
TWO = ("E08000003", "E06000045")
MIXED = ("E08000003", "TLD3", "S92000003", "glasgow-city-region")
TEN = (
    *("E08000003", "E06000045", "E07000178", "S12000033", "W06000015"),
    *("N09000003", "glasgow-city-region", "TLK5", "E92000001", "UK"),
)
DRAWN = """() => window.icmLink && icmPanels.every((stage) => stage.style && stage.pending === 0
    && stage.painters.outline.drawn().rings > 0 && stage.shown.size > 1)"""
STILL = "() => icmPanels.every(({ map }) => !map._animatingZoom && !map._panAnim?._inProgress)"

# A dark page around the maps.
FRAME = """(address) => {
    const page = document.createElement("div");
    page.className = "stApp";
    page.style.background = "rgb(20, 26, 32)";
    const frame = document.createElement("iframe");
    frame.style.cssText = "width: 100%; height: 200px";
    frame.src = address;
    page.append(frame);
    document.body.replaceChildren(page);
}"""
# How opaque the veil is in the middle of each panel, and in its corner.
VEIL = """() => icmPanels.map((stage) => {
    const canvas = stage.map.getPane("outline").querySelector("canvas");
    const pen = canvas.getContext("2d");
    const frame = canvas.getBoundingClientRect();
    const ratio = canvas.width / frame.width;
    const ground = stage.map.getContainer().getBoundingClientRect();
    const alpha = (x, y) => pen.getImageData((x - frame.left) * ratio, (y - frame.top) * ratio, 1, 1).data[3];
    const middle = [(ground.left + ground.right) / 2, (ground.top + ground.bottom) / 2];
    return [alpha(...middle), alpha(ground.left + 4, ground.top + 4)];
})"""


class Panels:
    """A page of maps side by side, and all that it asked for."""

    def __init__(self, page):
        self.page = page
        self.requests, self.faults = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._told)

    def _told(self, message):
        if message.type == "error":
            self.faults.append(message.text)

    def open(self, server, places, **more):
        self.page.goto(f"{server.address}/panels?{urlencode({'place': places, **more}, doseq=True)}")
        self.page.wait_for_function(DRAWN, timeout=30_000)
        return self.still()

    def still(self):
        self.page.wait_for_timeout(350)
        self.page.wait_for_function(STILL)
        return self

    def report(self):
        return self.page.evaluate("() => icmLink.report()")

    def box(self, number):
        return self.page.locator(".icm-ground").nth(number).bounding_box()

    def drag(self, number, dx, dy):
        box = self.box(number)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for step in range(1, 6):
            self.page.mouse.move(x + dx * step / 5, y + dy * step / 5)
        between = self.report()
        # Held still for a moment, the map does not glide on.
        self.page.wait_for_timeout(200)
        self.page.mouse.up()
        self.still()
        return between


@pytest.fixture
def new_panels(new_atlas):
    return lambda **options: Panels(new_atlas(**options).page)


@pytest.fixture
def two(new_panels, server):
    return new_panels().open(server, TWO)


def same_scale(report):
    metres = [row["metres"] for row in report]
    return max(metres) / min(metres) < 1.001


def together(report):
    first, *others = (row["offset"] for row in report)
    return all(math.dist(first, other) < 2.5 for other in others)


def test_places_are_drawn_and_outlined_at_one_scale(two):
    report = two.report()
    assert [row["ref"] for row in report] == list(TWO)
    assert same_scale(report)
    assert together(report)
    for row in report:
        assert math.dist(row["offset"], (0, 0)) < 2
        assert row["fault"] is None
        assert row["drawn"]["outline"]["rings"] >= 1
        assert row["drawn"]["regions"]["polygons"] == 182
        assert row["drawn"]["clusters"]["clusters"] >= 5
    assert two.page.locator(".icm-cell h2").all_inner_texts() == ["Manchester", "Southampton"]
    assert two.page.locator(".icm-cell header p").all_inner_texts() == [
        "Local authority, E08000003",
        "Local authority, E06000045",
    ]
    assert two.faults == []


def test_the_veil_leaves_the_place_and_covers_what_is_around(two):
    for inside, outside in two.page.evaluate(VEIL):
        assert inside == 0
        assert 80 < outside < 200


@pytest.mark.parametrize("leader", [0, 1])
def test_zooming_one_with_the_wheel_zooms_the_other(two, leader):
    before = two.report()
    box = two.box(leader)
    two.page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
    for _ in range(3):
        two.page.mouse.wheel(0, -150)
        two.page.wait_for_timeout(80)
    two.still()
    after = two.report()
    assert all(new["zoom"] > old["zoom"] + 0.5 for new, old in zip(after, before, strict=True))
    assert same_scale(after)
    assert together(after)
    assert math.dist(after[0]["offset"], (0, 0)) > 5


@pytest.mark.parametrize("leader", [0, 1])
def test_dragging_one_moves_the_other_by_as_many_pixels_at_once(two, leader):
    before = two.report()
    between = two.drag(leader, 90, -60)
    assert together(between)
    assert math.dist(between[1 - leader]["offset"], (0, 0)) > 50
    after = two.report()
    assert together(after)
    assert [row["zoom"] for row in after] == [row["zoom"] for row in before]
    two.page.get_by_role("button", name="Back to the places").click()
    two.still()
    back = two.report()
    assert all(math.dist(row["offset"], (0, 0)) < 2 for row in back)
    assert [row["zoom"] for row in back] == [row["zoom"] for row in before]


def test_keys_move_and_zoom_all(two):
    two.page.locator(".icm-ground .leaflet-container").nth(1).focus()
    two.page.keyboard.press("ArrowRight")
    two.still()
    moved = two.report()
    assert together(moved)
    assert moved[0]["offset"][0] > 50
    two.page.keyboard.press("-")
    two.still()
    away = two.report()
    assert same_scale(away)
    assert together(away)
    assert away[0]["zoom"] < moved[0]["zoom"] - 0.5


def test_taking_hold_of_another_map_while_it_follows_leaves_all_together(two):
    for leader in (0, 1, 0, 1):
        box = two.box(leader)
        two.page.mouse.move(box["x"] + 60, box["y"] + 60)
        two.page.mouse.wheel(0, 130)
        two.page.wait_for_timeout(60)
    two.still()
    report = two.report()
    assert same_scale(report)
    assert together(report)


def test_own_scale_fills_each_panel_and_still_moves_together(new_panels, server):
    panels = new_panels().open(server, MIXED)
    first = panels.report()
    assert same_scale(first)
    assert "small at this scale" in panels.page.locator(".icm-words").inner_text()
    panels.page.get_by_label("Same scale").uncheck()
    panels.still()
    filled = panels.report()
    assert filled[0]["metres"] < filled[1]["metres"] / 1.5 < filled[2]["metres"]
    assert "cannot be compared" in panels.page.locator(".icm-words").inner_text()
    panels.page.get_by_role("button", name="Zoom all maps in").click()
    panels.still()
    nearer = panels.report()
    steps = [new["zoom"] - old["zoom"] for new, old in zip(nearer, filled, strict=True)]
    assert steps == pytest.approx([0.8] * 4, abs=0.01)
    panels.drag(2, -50, 40)
    assert together(panels.report())


def test_ten_places_come_soon_and_everything_is_fetched_once(new_panels, server):
    panels = new_panels()
    begun = time.monotonic()
    panels.open(server, TEN, show=("regions", "clusters", "projects", "assets", "labels"))
    # Measured at 2 to 3 s on two cores that do nothing else.
    assert time.monotonic() - begun < 15
    assert len(panels.report()) == 10
    asked = [url for url in panels.requests if not url.startswith(("data:", "blob:"))]
    assert len(asked) == len(set(asked))
    assert all(url.startswith(server.address) for url in asked)
    assert panels.faults == []
    assert panels.page.locator(".icm-legend").count() == 1
    assert panels.page.locator(".icm-search, .icm-card, .icm-tools, .icm-hint").count() == 0
    assert "GeoNames" in panels.page.locator(".icm-credit").inner_text()


def test_the_address_stays_as_it_was(two):
    before = two.page.url
    two.drag(0, 40, 40)
    assert two.page.url == before


def test_pointing_says_what_is_there_in_that_panel_alone(two):
    box = two.box(1)
    two.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tips = two.page.locator(".icm-tip:visible")
    tips.first.wait_for()
    assert tips.count() == 1
    assert "Southampton" in tips.inner_text()


def test_a_phone_has_two_columns_and_nothing_sticks_out(new_panels, server):
    panels = new_panels(viewport={"width": 390, "height": 844}, has_touch=True).open(
        server, MIXED, theme="dark"
    )
    assert same_scale(panels.report())
    boxes = [panels.box(number) for number in range(4)]
    assert boxes[0]["y"] == pytest.approx(boxes[1]["y"], abs=1)
    assert boxes[2]["y"] > boxes[0]["y"] + 100
    assert panels.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert panels.page.evaluate("() => document.documentElement.dataset.theme") == "dark"


def test_two_fingers_move_and_zoom_all_and_one_scrolls_the_page(new_panels, server):
    panels = new_panels(viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True).open(
        server, MIXED
    )
    touch = panels.page.context.new_cdp_session(panels.page)
    box = panels.box(1)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def put(kind, *points):
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": id_} for id_, x, y in points]},
        )
        panels.page.wait_for_timeout(40)

    before = panels.report()
    put("touchStart", (0, x, y))
    for step in range(1, 6):
        put("touchMove", (0, x, y - 20 * step))
    put("touchEnd")
    panels.still()
    assert panels.page.evaluate("() => window.scrollY") > 50
    assert [row["offset"] for row in panels.report()] == [row["offset"] for row in before]
    panels.page.evaluate("() => window.scrollTo(0, 0)")
    panels.page.wait_for_timeout(300)
    put("touchStart", (0, x - 20, y), (1, x + 20, y))
    for step in range(1, 6):
        put("touchMove", (0, x - 20 - 6 * step, y + 5 * step), (1, x + 20 + 6 * step, y + 5 * step))
    between = panels.report()
    put("touchEnd")
    panels.still()
    after = panels.report()
    for report in (between, after):
        assert same_scale(report)
        assert together(report)
        assert all(new["zoom"] > old["zoom"] + 0.5 for new, old in zip(report, before, strict=True))
    assert all(row["fault"] is None for row in after)
    assert panels.faults == []


def test_another_width_keeps_the_places_in_the_middle(two):
    two.page.set_viewport_size({"width": 800, "height": 700})
    two.page.wait_for_timeout(400)
    report = two.still().report()
    assert same_scale(report)
    assert all(math.dist(row["offset"], (0, 0)) < 2 for row in report)


def test_a_frame_of_this_host_takes_the_height_of_the_maps(new_panels, server):
    panels = new_panels()
    panels.page.goto(f"{server.address}/api/v1/health")
    panels.page.evaluate(FRAME, f"/panels?{urlencode({'place': MIXED}, doseq=True)}")
    panels.page.wait_for_function("() => document.querySelector('iframe').offsetHeight > 700")
    frame = panels.page.frames[-1]
    frame.wait_for_function(DRAWN, timeout=30_000)
    # The theme is that of the page around it, whatever the address says.
    assert frame.evaluate("() => icmPanels.map((stage) => stage.theme)") == ["dark"] * 4
    inside, around = frame.evaluate("() => [document.body.offsetHeight, window.frameElement.clientHeight]")
    assert around == pytest.approx(inside, abs=2)


def test_hostile_names_are_text(new_panels, hostile_server):
    panels = new_panels().open(hostile_server, TWO)
    shown = panels.page.locator(".icm-cell h2").all_inner_texts()
    assert set(shown) <= {" ".join(name.split()) for name in NAMES} | set(NAMES)
    box = panels.box(0)
    panels.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    panels.page.wait_for_timeout(300)
    assert panels.page.evaluate("() => window.hacked") is None
    assert panels.faults == []


@pytest.mark.parametrize(
    ("query", "words"),
    [("place=Atlantis", "Atlantis"), ("", "no place"), ("place=<img src=x onerror=alert(1)>", "<img")],
)
def test_what_is_wrong_is_said_on_a_plain_page(new_panels, server, query, words):
    panels = new_panels()
    answer = panels.page.goto(f"{server.address}/panels?{query}")
    assert answer.status == 422
    assert words in panels.page.locator("p").inner_text()
    assert panels.page.locator("img").count() == 0
