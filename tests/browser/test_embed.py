"""The map in a frame on a page of someone else's, in Chromium."""

from __future__ import annotations

import html
import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from edition.view import View
from layers.embed_code import embed_code
from regions.figures import clusters_in
from tests.browser.atlas import unfold
from tests.browser.hostile import NAMES
from tests.choosing import within

pytestmark = pytest.mark.browser
DRAWN = "() => window.icm && icm.style && icm.pending === 0 && icm.shown.size > 1 && icm.scene.sentence"
LAYERS = ("regions", "clusters", "projects", "firms", "assets", "labels")


class Framed:
    """A page of another host with the map in a frame, and all that it asked for."""

    def __init__(self, page, host, code):
        self.page = page
        self.requests, self.faults = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda told: told.type in ("error", "warning") and self.faults.append(told.text))
        self.address = f"{host}/page?at=1,2,3"
        body = f"<!DOCTYPE html><title>Council</title><link rel=icon href='data:,'><h1>Council</h1>{code}"
        page.goto(self.address)
        page.set_content(body)
        self.frame = page.locator("iframe").element_handle().content_frame()

    def drawn(self):
        self.frame.wait_for_function(DRAWN, timeout=20_000)
        self.page.wait_for_timeout(150)
        return self.report()["drawn"]

    def report(self):
        return self.frame.evaluate("() => icm.report()")

    def at(self, lat, lon):
        box = self.frame.locator(".icm-ground").bounding_box()
        spot = self.frame.evaluate(f"() => icm.map.latLngToContainerPoint([{lat}, {lon}])")
        return box["x"] + spot["x"], box["y"] + spot["y"]


class _Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><link rel=icon href='data:,'><h1>Council</h1>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def host():
    """The address of another host: another port is another origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def framed(new_atlas, server, host):
    def frame(view, address=server.address, **options):
        return Framed(new_atlas(**options).page, host, embed_code(address, view, "A map & more"))

    return frame


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read().decode()


def test_any_page_may_frame_it_and_it_knows_nobody(server):
    status, headers, _ = get(f"{server.address}/embed?sector=life-sciences")
    assert status == 200
    rules = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert rules["frame-ancestors"] == "*"
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers
    assert "X-Frame-Options" not in headers
    # No other page may be framed by another host.
    assert "frame-ancestors 'self'" in get(f"{server.address}/panels?place=UK")[1]["Content-Security-Policy"]


def test_no_page_around_a_page_of_the_map_gives_it_orders(server):
    _, _, answer = get(f"{server.address}/_stcore/host-config")
    assert json.loads(answer)["allowedOrigins"] == []


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("sector=atlantis", 200, "'atlantis' is no sector"),
        ("theme=<b>", 200, "theme: '<b>' is none"),
        ("colour=red", 200, "colour: no such field"),
        ("cluster=atlantis", 404, "'atlantis' is no cluster"),
    ],
)
def test_what_is_wrong_is_said_in_words(server, query, status, words):
    answered, headers, page = get(f"{server.address}/embed?{query}")
    assert answered == status
    assert html.escape(words) in page
    assert "<b>" not in page
    assert (headers["Cache-Control"] == "no-store") == (status != 200)
    assert "frame-ancestors *" in headers["Content-Security-Policy"]


def test_it_is_drawn_asks_its_own_host_alone_and_leaves_the_page_around_it_alone(
    framed, server, host, edition
):
    found = framed(View(show=LAYERS))
    drawn = found.drawn()
    assert drawn["regions"]["polygons"] == 182
    assert drawn["clusters"]["clusters"] == len(clusters_in(edition, View()))
    assert drawn["projects"]["rings"] > 100
    hosts = {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in found.requests if "//" in url}
    assert hosts == {host, server.address}
    assert found.page.url == found.address
    assert found.page.context.cookies() == []
    assert found.faults == []
    assert found.frame.locator(".icm-search, .icm-switch, .icm-take, .icm-legend button").count() == 0
    assert "Public money per head" in found.frame.locator(".icm-legend").inner_text()
    assert "GeoNames" in found.frame.locator(".icm-credit").text_content()


def test_pointing_and_clicking_say_what_is_there(framed, cluster):
    found = framed(View(show=LAYERS, cluster=cluster.cluster_id))
    assert found.drawn()["outline"]["rings"] == 1
    assert found.frame.locator("h1").inner_text().startswith(f"{cluster.name}: {cluster.firms} firms")
    spot = found.at(*within(cluster))
    found.page.mouse.move(*spot)
    assert cluster.name in found.frame.locator(".icm-tip").inner_text()
    found.page.mouse.click(*spot)
    card = found.frame.locator(".icm-card")
    unfold(card.locator(".icm-row", has_text=cluster.name))
    assert "Location quotient" in card.inner_text()
    assert found.page.url == found.address
    assert found.faults == []


def test_the_wheel_belongs_to_the_page_until_the_map_is_clicked(framed):
    found = framed(View(), viewport={"width": 900, "height": 500})
    found.drawn()
    zoom = "() => icm.map.getZoom()"
    before = found.frame.evaluate(zoom)
    spot = found.at(54.0, -4.8)
    found.page.mouse.move(*spot)
    found.page.mouse.wheel(0, 120)
    found.page.wait_for_timeout(400)
    assert found.frame.evaluate(zoom) == before
    assert found.page.evaluate("() => window.scrollY") > 50
    assert "Click the map" in found.frame.locator(".icm-how").inner_text()
    spot = found.at(54.0, -4.8)
    found.page.mouse.click(*spot)
    found.page.mouse.wheel(0, -120)
    found.frame.wait_for_function(f"() => icm.map.getZoom() > {before} + 0.4")


def test_one_finger_belongs_to_the_page_and_is_told_so(framed):
    found = framed(View(), viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    found.drawn()
    before = found.report()["position"]
    touch = found.page.context.new_cdp_session(found.page)
    x, y = found.at(54.0, -4.8)
    for kind, points in (
        ("touchStart", [(x, y)]),
        *(("touchMove", [(x, y - step)]) for step in (15, 30, 45)),
        ("touchEnd", []),
    ):
        spots = [{"x": across, "y": down, "id": 0} for across, down in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})
        found.page.wait_for_timeout(40)
    assert found.report()["position"] == before
    assert found.frame.locator(".icm-how").inner_text() == "Two fingers move the map"
    found.page.touchscreen.tap(*found.at(52.2, 0.12))
    found.frame.locator(".icm-card h2").wait_for()


def test_the_link_restores_what_the_reader_sees(framed, new_atlas, server):
    found = framed(View(sector=("life-sciences",), level="la", show=("regions", "clusters")))
    found.drawn()
    link = found.frame.locator("a.icm-open")
    assert link.get_attribute("href") == "/?sector=life-sciences&level=la&show=regions&show=clusters"
    found.frame.evaluate("() => icm.goto([52.2, 0.12], 10)")
    found.page.wait_for_timeout(200)
    address = link.get_attribute("href")
    assert address == (
        f"{server.address}/?sector=life-sciences&level=la&show=regions&show=clusters&at=52.2000,0.1200,10"
    )
    atlas = new_atlas().open(address)
    assert atlas.report()["position"] == "52.2000,0.1200,10"
    assert atlas.drawn("regions")["polygons"] == 361
    found.frame.get_by_role("button", name="Back to where the map began").click()
    found.page.wait_for_timeout(200)
    assert link.get_attribute("href") == "/?sector=life-sciences&level=la&show=regions&show=clusters"


@pytest.mark.parametrize(("width", "theme"), [(320, "light"), (1600, "dark")])
def test_it_fits_any_width(new_atlas, server, width, theme):
    page = new_atlas(viewport={"width": width, "height": 600}).page
    page.goto(f"{server.address}/embed?theme={theme}&at=52.2,0.12,10")
    page.wait_for_function(DRAWN)
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    assert page.evaluate("() => document.documentElement.scrollHeight") == 600
    assert page.evaluate("() => document.documentElement.dataset.theme") == theme
    ground = page.locator(".icm-ground").bounding_box()
    assert ground["height"] > 340
    lat, lon, zoom = map(float, page.evaluate("() => icm.report().position").split(","))
    assert (lat, lon) == (pytest.approx(52.2, abs=0.001), pytest.approx(0.12, abs=0.001))
    # A small frame stands further out, so that it shows nearly the same ground; none stands nearer.
    assert 8.5 < zoom <= 10
    assert (zoom == 10) is (width > 1000)


def test_hostile_names_are_text(framed, hostile_server, cluster):
    found = framed(View(show=LAYERS, cluster=cluster.cluster_id), hostile_server.address)
    found.drawn()
    assert any(found.frame.locator("h1").inner_text().startswith(name.split()[0]) for name in NAMES)
    spot = found.at(*within(cluster))
    found.page.mouse.move(*spot)
    found.page.mouse.click(*spot)
    unfold(found.frame.locator(".icm-card .icm-row").first)
    assert found.frame.evaluate("() => [window.hacked, document.images.length]") == [None, 0]
    assert found.faults == []
