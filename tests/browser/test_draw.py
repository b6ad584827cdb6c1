"""Drawing an area on the map, and choosing a region by a click: the map alone, on a page of its own."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from shapely.geometry import Polygon

from edition.view import View
from geo.areas.area import area_from_ring
from geo.areas.corners import decode
from layers.base_map import base_map, token

pytestmark = pytest.mark.browser
# What the page around the map would hear.
EAR = """<script>window.said = [];
window.Streamlit = {setComponentValue: (value) => said.push(value.message)};</script>"""
READY = "() => window.icm && icm.style && icm.pending === 0 && icm.shown.size > 1"
BOX = [(53.2, -2.6), (53.2, -1.9), (53.7, -1.9), (53.7, -2.6)]


def map_page(keep_drawn=True, **settings):
    """The map as the component would show it, with a view on it."""
    atlas = base_map(**settings)
    token(View(show=("regions",)), "A map.", "light", [], keep_drawn=keep_drawn).add_to(atlas)
    return atlas.get_root().render().replace("<head>", f"<head>{EAR}", 1)


@pytest.fixture
def open_map(chromium, server):
    contexts = []

    def open_(html=None, **options):
        context = chromium.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda fault: page.faults.append(str(fault)))
        address = f"{server.address}/drawing"
        page.route(
            address, lambda route: route.fulfill(body=html or map_page(draw=True), content_type="text/html")
        )
        page.goto(address)
        page.wait_for_function(READY)
        page.evaluate("() => icm.goto([53.45, -2.25], 9)")
        page.wait_for_function("() => icm.pending === 0")
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_map):
    return open_map()


def at(page, point):
    """Where a point lies on the page."""
    box = page.locator(".folium-map").bounding_box()
    place = page.evaluate("(point) => icm.map.latLngToContainerPoint(point)", list(point))
    return box["x"] + place["x"], box["y"] + place["y"]


def begin(page):
    page.get_by_role("button", name="Draw an area").click()
    assert drawn(page)["active"]


def corner(page, point):
    page.mouse.click(*at(page, point))
    # Two clicks at once would be a double click.
    page.wait_for_timeout(60)


def drawn(page):
    return page.evaluate("() => icm.drawn()")


def said(page):
    return page.evaluate("() => said")


def areas(page):
    return [message["ring"] for message in said(page) if message["kind"] == "area"]


def near(ring, points):
    """The drawn ring covers what was meant, but for a pixel."""
    one, other = Polygon(ring), Polygon(points)
    return one.symmetric_difference(other).area < 0.02 * other.area


def test_an_area_is_drawn_by_clicks_and_told_once(page):
    begin(page)
    for point in BOX:
        corner(page, point)
    assert len(drawn(page)["corners"]) == 4
    assert "4 corners, about 2,5" in page.locator(".icm-draw-count").inner_text()
    corner(page, BOX[0])
    [ring] = areas(page)
    assert near(ring, BOX)
    assert all(round(value, 5) == value for pair in ring for value in pair)
    assert area_from_ring(ring).area == pytest.approx(2_577e6, rel=0.02)
    # It stays on the map; nothing was asked about any point; the tool is at rest.
    assert not drawn(page)["active"]
    assert near(drawn(page)["kept"], BOX)
    assert [message["kind"] for message in said(page)] == ["area"]
    assert page.faults == []


def test_long_edges_are_told_with_corners_between(page):
    begin(page)
    for point in BOX:
        corner(page, point)
    corner(page, BOX[0])
    [ring] = areas(page)
    # 47, 56, 46 and 56 km, by 20 km at most.
    assert len(ring) == 3 + 3 + 3 + 3


def test_a_double_click_finishes(page):
    begin(page)
    for point in BOX[:3]:
        corner(page, point)
    zoom = page.evaluate("() => icm.map.getZoom()")
    page.mouse.dblclick(*at(page, BOX[3]))
    [ring] = areas(page)
    assert near(ring, BOX)
    page.wait_for_timeout(500)
    assert page.evaluate("() => icm.map.getZoom()") == zoom
    assert [message["kind"] for message in said(page)] == ["area"]


def test_an_area_is_drawn_by_keyboard(page):
    page.get_by_role("button", name="Draw an area").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    for key, times in (("ArrowRight", 2), ("ArrowDown", 2), ("ArrowLeft", 2)):
        for _ in range(times):
            page.keyboard.press(key)
            page.wait_for_timeout(350)
        page.keyboard.press("Space")
    assert len(drawn(page)["corners"]) == 4
    page.keyboard.press("Backspace")
    assert len(drawn(page)["corners"]) == 3
    page.keyboard.press("Enter")
    [ring] = areas(page)
    # An arrow key moves the map by eighty pixels.
    assert near(ring, [(53.45, -2.25), (53.45, -1.81), (53.188, -1.81)])
    assert [message["kind"] for message in said(page)] == ["area"]


def test_an_outline_that_would_cross_itself_is_said_and_not_closed(page):
    begin(page)
    for point in (BOX[0], BOX[2], BOX[1]):
        corner(page, point)
    # From BOX[1] to BOX[3] the line would cross the first one.
    corner(page, BOX[3])
    assert "would cross" in page.get_by_role("alert").filter(has_text="corner").inner_text()
    assert len(drawn(page)["corners"]) == 3
    corner(page, (53.9, -1.5))
    corner(page, (53.9, -2.25))
    assert len(drawn(page)["corners"]) == 5
    assert areas(page) == []
    page.keyboard.press("Escape")
    assert not drawn(page)["active"]
    assert areas(page) == []


def test_a_last_line_that_would_cross_is_said_and_not_closed(page):
    begin(page)
    for point in ((53.2, -2.6), (53.2, -1.9), (53.7, -1.9), (53.1, -2.3), (53.05, -2.1)):
        corner(page, point)
    shown = drawn(page)
    if len(shown["corners"]) == 5:
        page.keyboard.press("Enter")
    assert "would cross" in drawn(page)["warning"]
    assert areas(page) == []


def test_too_few_corners_and_too_small_an_area_are_said(page):
    begin(page)
    corner(page, BOX[0])
    page.keyboard.press("Enter")
    assert "three corners" in drawn(page)["warning"]
    page.keyboard.press("Escape")
    page.evaluate("() => icm.goto([53.45, -2.25], 18)")
    begin(page)
    middle = page.locator(".folium-map").bounding_box()
    for x, y in ((0, 0), (40, 0), (40, 40)):
        page.mouse.click(middle["width"] / 2 + x, middle["height"] / 2 + y)
        page.wait_for_timeout(60)
    page.keyboard.press("Enter")
    assert "hectare" in drawn(page)["warning"]
    assert areas(page) == []


def test_nothing_is_asked_while_drawing_and_all_is_as_before_after(page):
    begin(page)
    corner(page, BOX[0])
    assert said(page) == []
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    page.mouse.click(*at(page, BOX[2]))
    page.wait_for_function("() => said.length > 0")
    assert [message["kind"] for message in said(page)] == ["here"]


def test_another_area_takes_the_place_of_the_first(page):
    for points in (BOX, [(lat - 0.1, lon + 0.1) for lat, lon in BOX]):
        begin(page)
        for point in points:
            corner(page, point)
        page.get_by_role("button", name="Finish").click()
        page.wait_for_timeout(400)
    assert len(areas(page)) == 2
    assert near(drawn(page)["kept"], [(lat - 0.1, lon + 0.1) for lat, lon in BOX])


def test_the_page_may_take_the_drawing_away(open_map):
    page = open_map(map_page(draw=True, keep_drawn=False))
    begin(page)
    for point in BOX:
        corner(page, point)
    page.keyboard.press("Enter")
    assert drawn(page)["kept"]
    page.evaluate("() => icm.reconcile()")
    page.wait_for_function("() => icm.drawn().kept === null")


def test_an_area_is_drawn_by_touch(open_map):
    page = open_map(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.evaluate("() => icm.goto([53.45, -2.25], 8.5)")
    page.get_by_role("button", name="Draw an area").tap()
    for point in [(lat - 0.15, lon) for lat, lon in BOX]:
        page.touchscreen.tap(*at(page, point))
        page.wait_for_timeout(400)
    page.get_by_role("button", name="Finish").tap()
    [ring] = areas(page)
    assert near(ring, [(lat - 0.15, lon) for lat, lon in BOX])
    assert page.faults == []


def test_the_tool_is_there_only_where_it_is_wanted(open_map):
    page = open_map(map_page())
    assert page.get_by_role("button", name="Draw an area").count() == 0
    assert page.get_by_role("button", name="Zoom in").count() == 1


def test_a_click_chooses_where_regions_are_picked(open_map):
    page = open_map(map_page(pick=True, draw=True))
    page.mouse.move(*at(page, BOX[2]))
    page.wait_for_function("() => !document.querySelector('.icm-tip').hidden")
    page.mouse.click(*at(page, BOX[2]))
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    first, second = said(page)
    assert first["kind"] == second["kind"] == "pick"
    assert (first["lat"], first["lon"]) == pytest.approx(BOX[2], abs=0.01)
    assert (second["lat"], second["lon"]) == pytest.approx((53.45, -2.25), abs=0.01)
    assert page.locator(".icm-card").is_hidden()


def test_a_map_to_choose_on_offers_nothing_that_it_cannot_do(open_map):
    page = open_map(map_page(pick=True, draw=True))
    assert page.locator(".icm-legend").is_hidden()
    assert page.get_by_role("button", name="Take this view away").count() == 0


def test_an_area_drawn_is_a_place_of_the_comparison(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/compare")
    atlas.frame.evaluate("() => icm.goto([53.45, -2.25], 9)")
    atlas.frame.get_by_role("button", name="Draw an area").click()
    box = atlas.frame.frame_element().bounding_box()
    for x, y in ((-60, -60), (60, -60), (60, 60), (-60, 60)):
        atlas.page.mouse.click(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y)
        atlas.page.wait_for_timeout(60)
    atlas.page.keyboard.press("Enter")
    atlas.page.wait_for_url("**place=area*", timeout=20_000)
    [ref] = parse_qs(urlsplit(atlas.page.url).query)["place"]
    edge = 120 * 360 / 256 / 2**9
    [shape] = decode(ref.removeprefix("area:").partition("~")[0]).geoms
    assert shape.bounds[0] == pytest.approx(-2.25 - edge / 2, abs=0.01)
    assert shape.bounds[2] == pytest.approx(-2.25 + edge / 2, abs=0.01)
    assert shape.bounds[1] < 53.45 < shape.bounds[3]
    assert atlas.faults == []
