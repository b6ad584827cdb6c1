"""What leaves the pages by their buttons, in Chromium: pictures, files, tables, links, code to embed."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import re
import threading
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader
from shapely.geometry import mapping

from tests.browser.atlas import unfold
from tests.browser.hostile import NAMES
from tests.choosing import within
from tests.outlines import too_long

pytestmark = pytest.mark.browser
BOM = b"\xef\xbb\xbf"
VIEW = "sector=life-sciences&measure=total&level=la&at=52.2,0.15,9.5"
ABOUT = "() => window.icm && window.icm.scene.own && window.icm.pending === 0"
TAKE = "Take this view away"


def menu(atlas):
    """Open the menu of the map."""
    atlas.frame.get_by_role("button", name=TAKE).click()
    box = atlas.frame.get_by_role("dialog", name=TAKE)
    box.wait_for()
    return box


def take(atlas, box, name, seconds=60):
    """Press a button of the menu; return the name and the content of the file that comes."""
    with atlas.page.expect_download(timeout=seconds * 1000) as coming:
        box.get_by_role("button", name=name).click()
    file = coming.value
    box.get_by_text("Saved as").wait_for()
    return file.suggested_filename, Path(file.path()).read_bytes()


def asked(atlas, path):
    """Return the query of the last request for a file."""
    return parse_qs(urlsplit([url for url in atlas.requests if path in url][-1]).query)


def download(page, link, seconds=60):
    with page.expect_download(timeout=seconds * 1000) as coming:
        link.click()
    return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()


def answering(answer):
    return lambda route: route.fulfill(**answer)


def test_every_file_of_the_menu_arrives_under_its_name(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/?{VIEW}")
    box = menu(atlas)
    box.get_by_label("Page", exact=True).select_option("slide")
    wanted = {
        "Picture as PNG": (".png", b"\x89PNG"),
        "Picture as SVG": (".svg", b"<?xml"),
        "Picture as PDF": (".pdf", b"%PDF-"),
        "Interactive map": (".html", b"<!DOCTYPE html>"),
        "ZIP": (".zip", b"PK"),
        "Brief": ("-brief.pdf", b"%PDF-"),
    }
    for name, (ending, first) in wanted.items():
        called, content = take(atlas, box, name)
        assert called.endswith(ending), called
        assert "life-sciences" in called
        assert content.startswith(first), (called, content[:20])
    [size], [dpi] = asked(atlas, "/picture.png")["size"], asked(atlas, "/picture.png")["dpi"]
    assert (size, dpi) == ("slide", "150")
    for path in ("/picture.png", "/map.html", "/bundle.zip", "/brief.pdf"):
        query = asked(atlas, path)
        assert query["sector"] == ["life-sciences"]
        assert query["at"] == ["52.2000,0.1500,9.5"]
    assert atlas.foreign() == []
    assert atlas.faults == []


def test_the_menu_is_used_by_keyboard(atlas):
    button = atlas.frame.get_by_role("button", name=TAKE)
    focused = "() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    button.focus()
    assert button.get_attribute("aria-expanded") == "false"
    atlas.page.keyboard.press("Enter")
    box = atlas.frame.get_by_role("dialog", name=TAKE)
    box.wait_for()
    assert atlas.frame.evaluate(focused) == "Page"
    atlas.page.keyboard.press("Tab")
    atlas.page.keyboard.press("Tab")
    assert atlas.frame.evaluate(focused).startswith("Picture as PNG")
    atlas.page.keyboard.press("ArrowRight")
    assert atlas.frame.evaluate(focused).startswith("Picture as SVG")
    before = atlas.report()["position"]
    atlas.page.keyboard.press("ArrowUp")
    assert atlas.report()["position"] == before
    atlas.page.keyboard.press("Escape")
    box.wait_for(state="hidden")
    assert button.get_attribute("aria-expanded") == "false"
    assert atlas.frame.evaluate(focused) == TAKE


def test_faults_are_said_and_the_button_works_again(atlas):
    box = menu(atlas)
    answers = [
        ({"status": 413, "json": {"detail": "20 megapixels are more than 10"}}, "Too large: 20 megapixels"),
        (
            {"status": 503, "json": {"detail": "the map is busy"}, "headers": {"Retry-After": "3"}},
            "Not ready: the map is busy. Try again in 3 seconds.",
        ),
        ({"status": 429, "json": {"detail": "60 a minute"}}, "Too much at once: 60 a minute"),
        ({"status": 422, "json": {"detail": "no such size"}}, "Not possible for this view: no such size"),
        ({"status": 200, "body": "<html>", "content_type": "text/html"}, "no file"),
    ]
    for answer, words in answers:
        atlas.page.route("**/picture.png?*", answering(answer))
        box.get_by_role("button", name="Picture as PNG").click()
        box.get_by_text(words).wait_for()
        atlas.page.unroute("**/picture.png?*")
    atlas.page.route("**/picture.png?*", lambda route: route.abort())
    box.get_by_role("button", name="Picture as PNG").click()
    box.get_by_text("The server did not answer").wait_for()
    atlas.page.unroute("**/picture.png?*")
    assert take(atlas, box, "Picture as PNG")[1].startswith(b"\x89PNG")


def test_a_file_that_takes_long_says_so_and_can_be_stopped(atlas):
    box = menu(atlas)
    atlas.page.route("**/bundle.zip?*", lambda _route: None)
    button = box.get_by_role("button", name="ZIP")
    button.click()
    box.get_by_text(re.compile(r"Packing picture.*… 1 s")).wait_for()
    assert button.get_attribute("aria-busy") == "true"
    assert box.get_by_role("button", name="Picture as PNG").get_attribute("aria-disabled") == "true"
    box.get_by_role("button", name="Stop").click()
    box.get_by_text("Stopped.").wait_for()
    assert button.get_attribute("aria-busy") == "false"


def test_map_and_chart_of_funding_are_taken_away_as_they_are(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/funding?programme=IA&place=E08000035")
    box = menu(atlas)
    take(atlas, box, "Picture as SVG")
    query = asked(atlas, "/picture.svg")
    assert query["measure"] == ["none"]
    assert query["show"] == ["projects"]
    assert query["programme"] == ["IA"]
    assert "place" not in query
    called, content = download(atlas.page, atlas.page.get_by_role("button", name="Chart PDF"))
    assert called == "innovation-clusters-money-by-year-ia-sample-2026-12.pdf"
    assert content.startswith(b"%PDF-")


def test_a_brief_is_on_the_place_of_the_card(atlas):
    atlas.frame.evaluate("() => window.icm.ask({ lat: 55.87, lng: -4.29 }, 12)")
    atlas.frame.locator(".icm-card").wait_for(state="visible")
    box = menu(atlas)
    assert "two pages on Glasgow City" in box.inner_text()
    called, _ = take(atlas, box, "Brief")
    assert asked(atlas, "/brief.pdf")["place"] == ["S12000049"]
    assert "glasgow" in called


def test_places_that_are_outlined_are_on_the_picture_which_stays_where_the_map_is(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/?place=Leeds&place=Cardiff")
    assert atlas.frame.evaluate("() => window.icm.report().drawn.outline.rings") >= 2
    _, content = take(atlas, menu(atlas), "Picture as PNG")
    query = asked(atlas, "/picture.png")
    assert query["place"] == ["E08000035", "W06000015"]
    assert query["at"] == ["54.6,-3.4,5"]
    title = Image.open(io.BytesIO(content)).text["Title"]
    assert title.startswith("The United Kingdom, with Leeds and Cardiff outlined: ")
    atlas.frame.evaluate("() => window.icm.goto([53.8, -1.55], 9)")
    take(atlas, atlas.frame.get_by_role("dialog", name=TAKE), "Picture as PNG")
    assert asked(atlas, "/picture.png")["at"] == ["53.8000,-1.5500,9"]
    # The brief is on the country still: no card is open.
    take(atlas, atlas.frame.get_by_role("dialog", name=TAKE), "Brief")
    assert "place" not in asked(atlas, "/brief.pdf")
    assert atlas.faults == []


@contextlib.contextmanager
def another_host(text):
    """Serve one page on a port of its own, which is another origin."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as host:
        thread = threading.Thread(target=host.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{host.server_port}/"
        host.shutdown()
        thread.join()


def embedded(atlas, box):
    box.get_by_role("button", name="Copy the code").click()
    return box.get_by_role("textbox", name="Code to embed this view").input_value()


def test_the_code_shows_the_view_on_a_page_of_another_host(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/?{VIEW}&show=clusters&show=regions")
    code = embedded(atlas, menu(atlas))
    assert code.startswith(f'<iframe src="{server.address}/embed?')
    other = new_atlas()
    with another_host(f"<!DOCTYPE html><title>A page</title><h1>Elsewhere</h1>{code}") as address:
        other.page.goto(address)
        frame = other.page.frame_locator("iframe")
        frame.locator(".leaflet-container canvas").first.wait_for()
        inner = next(frame for frame in other.page.frames if "/embed" in frame.url)
        inner.wait_for_function("() => window.icm && window.icm.style && window.icm.pending === 0")
        report = inner.evaluate("() => window.icm.report()")
    assert report["drawn"]["regions"]["measure"] == "total"
    assert report["drawn"]["clusters"]["clusters"] >= 1
    lat, lon, _ = map(float, report["position"].split(","))
    assert (lat, lon) == pytest.approx((52.2, 0.15), abs=0.01)
    assert other.foreign() == []
    assert other.faults == []


def test_the_link_is_copied(new_atlas, server):
    atlas = new_atlas(permissions=["clipboard-read", "clipboard-write"]).open(f"{server.address}/?{VIEW}")
    box = menu(atlas)
    box.get_by_role("button", name="Copy the link").click()
    box.get_by_text(re.compile("Link copied|copy it from here")).wait_for()
    assert box.get_by_role("textbox", name="Link to this view").input_value() == atlas.page.url


def test_tables_can_be_taken_away(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/?tab=clusters&sector=life-sciences")
    for label, first in (("CSV", BOM), ("Excel", b"PK"), ("GeoJSON", b'{"type":"FeatureCollection"')):
        called, content = download(atlas.page, atlas.page.get_by_role("link", name=label, exact=True))
        assert "clusters-life-sciences" in called
        assert "sample-2026-12" in called
        assert content.startswith(first), content[:40]


def held(page, pattern):
    """Keep the answers to such requests back until a test lets them go."""
    waiting = []
    page.route(pattern, lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    return waiting


def compared(new_atlas, server, query="place=E08000035&place=E08000003", **options):
    """Open the page of a comparison; return it with the line at its foot."""
    atlas = new_atlas(**options)
    atlas.page.goto(f"{server.address}/compare?{query}")
    atlas.page.locator("h1.sentence").wait_for(timeout=30_000)
    atlas.rest()
    said = atlas.page.get_by_role("status")
    expect(said).to_be_attached()
    return atlas, said


def test_a_brief_of_a_page_says_that_it_is_made_and_comes_under_its_name(new_atlas, server):
    atlas, said = compared(new_atlas, server)
    page = atlas.page
    waiting = held(page, "**/brief.pdf?*")
    brief = page.get_by_role("link", name="Brief (PDF)")
    brief.click()
    expect(said).to_contain_text("Writing the brief … 1 s")
    expect(brief).to_have_attribute("aria-busy", "true")
    # A second click asks for nothing more, and the page can be used meanwhile.
    brief.click()
    page.get_by_test_id("stSidebar").get_by_role("radio", name="Lead's address").click()
    expect(page.locator("p.figures").first).to_contain_text("by lead's address")
    assert len(waiting) == 1
    with page.expect_download(timeout=60_000) as coming:
        waiting[0].continue_()
    name = coming.value.suggested_filename
    assert re.fullmatch(r"innovation-clusters-leeds-and-1-more-.*-brief\.pdf", name)
    assert Path(coming.value.path()).read_bytes().startswith(b"%PDF-")
    expect(said).to_contain_text(f"Saved as {name}")
    expect(page.locator('a[aria-busy="true"]')).to_have_count(0)
    said.get_by_role("button", name="Close").click()
    expect(said).to_be_empty()
    assert len(page.context.pages) == 1
    assert atlas.faults == []
    assert atlas.foreign() == []


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/compare?place=E08000035", "Everything (ZIP)"),
        ("/funding", "Brief (PDF)"),
        ("/cluster?cluster={cluster}", "Everything (ZIP)"),
        ("/cluster", "Excel"),
    ],
)
def test_a_refusal_is_said_on_the_page(new_atlas, server, cluster, path, label):
    page = new_atlas().page
    answer = {"status": 503, "json": {"detail": "8 wait"}, "headers": {"Retry-After": "3"}}
    page.route("**/api/v1/**download=true", answering(answer))
    page.goto(f"{server.address}{path}".format(cluster=cluster.cluster_id))
    said = page.get_by_role("status")
    # Until the script is there, its links open as any link does.
    expect(said).to_be_attached(timeout=30_000)
    link = page.get_by_role("link", name=label, exact=True).first
    link.click()
    expect(said).to_contain_text("Not ready: 8 wait. Try again in 3 seconds.")
    expect(link).not_to_have_attribute("aria-busy", "true")
    assert len(page.context.pages) == 1
    # What is said the second time stands for the first.
    page.unroute("**/api/v1/**download=true")
    page.route("**/api/v1/**download=true", lambda route: route.abort())
    link.click()
    expect(said).to_contain_text("The server did not answer.")
    expect(said).not_to_contain_text("Not ready")
    expect(said.get_by_role("button", name="Close")).to_have_count(1)


def test_what_takes_long_on_a_page_can_be_stopped(new_atlas, server):
    atlas, said = compared(
        new_atlas, server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = atlas.page
    held(page, "**/bundle.zip?*")
    page.get_by_role("link", name="Everything (ZIP)").click()
    expect(said).to_contain_text("Packing picture, tables and geometry … 1 s")
    stop = said.get_by_role("button", name="Stop")
    box = stop.bounding_box()
    assert box["height"] >= 36
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    stop.click()
    expect(said).to_contain_text("Stopped.")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_charts_say_that_they_are_made(new_atlas, server):
    atlas, said = compared(new_atlas, server)
    # Words that come and go at once are kept, to be read afterwards.
    atlas.page.evaluate(
        "() => { window.said = []; new MutationObserver(() => window.said.push(document.querySelector("
        "'.icm-files').innerText)).observe(document.querySelector('.icm-files'), {subtree: true, "
        "childList: true, characterData: true}); }"
    )
    called, content = download(atlas.page, atlas.page.get_by_role("button", name="Figure PDF"))
    assert called == "innovation-clusters-leeds-manchester-charts-sample-2026-12.pdf"
    assert content.startswith(b"%PDF-")
    expect(said).to_contain_text("Figure PDF is saved.")
    assert any("Making Figure PDF …" in words for words in atlas.page.evaluate("() => window.said"))


def test_an_area_of_one_session_has_a_brief_and_a_bundle(new_atlas, server, tmp_path):
    atlas, said = compared(new_atlas, server, "place=E08000035")
    page = atlas.page
    page.get_by_text("Add a place from the map").click()
    page.get_by_role("radio", name="From a file").click()
    path = tmp_path / "mine.geojson"
    feature = {"type": "Feature", "properties": {"name": "Vale"}, "geometry": mapping(too_long())}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    page.locator('input[type="file"]').set_input_files(str(path))
    page.get_by_role("button", name="Add 1 of 1").click(timeout=30_000)
    expect(page.locator("h1.sentence")).to_contain_text("Vale", timeout=30_000)
    atlas.rest()
    row = page.locator(".st-key-take-away")
    called, content = download(page, row.get_by_role("button", name="Brief (PDF)"))
    assert called == "innovation-clusters-leeds-vale-brief-sample-2026-12.pdf"
    words = "".join(part.extract_text() for part in PdfReader(io.BytesIO(content)).pages)
    assert "Not in the link: Vale" in " ".join(words.split())
    called, content = download(page, row.get_by_role("button", name="Everything (ZIP)"), 90)
    assert called == "innovation-clusters-leeds-vale-comparison-sample-2026-12.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert "Vale" in json.loads(book.read("manifest.json"))["not_in_link"]
    expect(said).to_contain_text("Everything (ZIP) is saved.")
    assert atlas.faults == []


def test_the_unsafe_download_of_a_table_is_not_offered(new_atlas, server):
    page = new_atlas().page
    page.goto(f"{server.address}/cluster")
    grid = page.get_by_test_id("stDataFrame").first
    grid.wait_for()
    grid.hover()
    page.get_by_role("button", name="Search", exact=True).wait_for()
    page.get_by_role("button", name="Fullscreen").wait_for()
    unsafe = page.locator('button[aria-label="Download as CSV"]')
    # Streamlit may call it otherwise one day: then what hides it has to be looked at again.
    assert unsafe.count() == 1
    assert not unsafe.is_visible()


def test_the_card_leads_to_the_page_of_a_cluster_and_that_to_its_files(new_atlas, server, cluster):
    lat, lon = within(cluster)
    atlas = new_atlas().open(f"{server.address}/?here={lat:.4f},{lon:.4f},10&at={lat:.3f},{lon:.3f},9.5")
    row = atlas.frame.locator(".icm-card li", has_text=cluster.name)
    unfold(row.locator(".icm-row"))
    row.get_by_role("link", name="Open this cluster").click()
    page = atlas.page
    page.wait_for_url(re.compile(rf"/cluster\?.*cluster={cluster.cluster_id}"))
    page.get_by_role("heading", name=cluster.name).wait_for()
    atlas.rest()
    atlas.wait(ABOUT)
    atlas.wait("() => window.icm.shown.has('outline')")
    lat, lon, zoom = map(float, atlas.report()["position"].split(","))
    assert (lat, lon) == pytest.approx((cluster.lat, cluster.lon), abs=0.05)
    assert zoom > 10
    assert "at=" not in atlas.query()
    called, content = download(page, page.get_by_role("link", name="Brief (PDF)"))
    named = cluster.cluster_id.replace("--", "-")
    assert called.startswith(f"innovation-clusters-{named}")
    assert content.startswith(b"%PDF-")
    firms = page.locator(".st-key-take-cluster-firms")
    called, content = download(page, firms.get_by_role("button", name="GeoJSON"))
    found = json.loads(content)
    # A long name is cut between words.
    assert called.startswith(f"innovation-clusters-{named[:30]}")
    assert "-firms-" in called
    assert len(found["features"]) == cluster.firms
    assert {feature["geometry"]["type"] for feature in found["features"]} == {"Point"}
    box = menu(atlas)
    assert f"two pages on {cluster.name}" in box.inner_text()
    take(atlas, box, "Picture as SVG")
    assert asked(atlas, "/picture.svg")["cluster"] == [cluster.cluster_id]
    assert atlas.foreign() == []
    assert atlas.faults == []


def test_a_phone_has_the_menu_and_no_overflow(new_atlas, server, cluster):
    atlas = new_atlas(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    atlas.open(server.address)
    box = menu(atlas)
    frame = atlas.page.locator('iframe[title="streamlit_folium.st_folium"]').bounding_box()
    for name in ("Picture as PNG", "Brief", "Copy the code"):
        button = box.get_by_role("button", name=name).bounding_box()
        assert button["height"] >= 38
        assert frame["x"] <= button["x"]
        assert button["x"] + button["width"] <= frame["x"] + frame["width"]
    atlas.open(f"{server.address}/cluster?cluster={cluster.cluster_id}")
    assert atlas.page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_hostile_names_stay_text(new_atlas, hostile_server, cluster):
    atlas = new_atlas().open(f"{hostile_server.address}/?at=52.2,0.1,11.5")
    code = embedded(atlas, menu(atlas))
    assert code.count("<") == 2
    atlas.page.goto(f"{hostile_server.address}/cluster")
    atlas.page.get_by_test_id("stDataFrame").first.wait_for()
    atlas.rest()
    atlas.page.goto(f"{hostile_server.address}/cluster?cluster={cluster.cluster_id}")
    atlas.wait(ABOUT)
    atlas.rest()
    hostile = re.compile("|".join(re.escape(name.split()[0]) for name in NAMES))
    expect(atlas.page.get_by_test_id("stMain")).to_contain_text(hostile, timeout=30_000)
    for frame in atlas.page.frames:
        assert frame.evaluate("() => window.hacked") is None
    assert atlas.page.locator("img[src=x]").count() == 0
    assert atlas.faults == []
    assert atlas.foreign() == []
