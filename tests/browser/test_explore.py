"""What a visitor of the explore page sees and does, in Chromium."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from edition.view import View
from regions.figures import clusters_in
from tests.browser.atlas import DRAWN
from tests.browser.hostile import NAMES
from tests.choosing import pale_cluster, solid_cluster

pytestmark = pytest.mark.browser
ALL_LAYERS = "&".join(
    f"show={kind}" for kind in ("regions", "clusters", "projects", "firms", "assets", "labels")
)


def test_map_draws_polygons_symbols_and_labels(standing):
    atlas = standing()
    atlas.wait("() => window.icm.painters.labels.boxes().length >= 8")
    drawn = atlas.report()["drawn"]
    assert drawn["regions"]["polygons"] == 182
    assert drawn["regions"]["coloured"] > 100
    assert drawn["clusters"]["clusters"] >= 5
    assert drawn["projects"]["rings"] > 100
    assert drawn["projects"]["areas"] > 20
    assert len(drawn["labels"]) >= 8
    assert atlas.faults == []


def test_canvas_holds_more_than_one_colour(standing):
    atlas = standing()
    colours = atlas.frame.evaluate(
        """() => {
            const canvas = document.querySelector(".leaflet-regions-pane canvas");
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            const seen = new Set();
            for (let i = 0; i < pixels.length; i += 64) {
                const [red, green, blue, alpha] = pixels.slice(i, i + 4);
                if (alpha === 255) seen.add(`${red},${green},${blue}`);
            }
            return [...seen];
        }"""
    )
    ramp = atlas.frame.evaluate("() => window.icm.style.colours.ramp")
    as_numbers = {",".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5)) for colour in ramp}
    assert as_numbers <= set(colours)


def test_labels_do_not_collide(standing):
    atlas = standing()
    # Names are placed anew, a moment after each layer is drawn.
    atlas.wait("() => window.icm.painters.labels.boxes().length >= 8")
    boxes = atlas.frame.evaluate("() => window.icm.painters.labels.boxes()")
    assert len(boxes) >= 8
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = (
                one["right"] <= other["left"]
                or other["right"] <= one["left"]
                or one["bottom"] <= other["top"]
                or other["bottom"] <= one["top"]
            )
            assert apart, (one, other)


def test_filter_changes_the_picture_and_keeps_map_and_view(atlas):
    atlas.frame.evaluate("() => { window.icm.goto([52.2, 0.1], 9); window.mine = window.icm.map; }")
    atlas.wait(DRAWN)
    before = atlas.report()
    atlas.page.wait_for_timeout(500)
    atlas.received.clear()
    atlas.choose("Sector", "Life sciences")
    atlas.wait("() => window.icm.scene.sectors.length === 1 && window.icm.pending === 0")
    after = atlas.report()
    assert atlas.frame.evaluate(
        "() => window.mine === window.icm.map && document.querySelectorAll('.leaflet-container').length === 1"
    )
    assert after["position"] == before["position"]
    assert after["drawn"]["clusters"]["clusters"] < before["drawn"]["clusters"]["clusters"]
    assert sum(atlas.received) < 10_000
    atlas.says(sector="life-sciences")
    atlas.received.clear()
    atlas.choose("Sector", "Financial services")
    atlas.wait("() => window.icm.scene.sectors.length === 2 && window.icm.pending === 0")
    assert sum(atlas.received) < 10_000


def test_panning_reruns_nothing(atlas):
    atlas.page.wait_for_timeout(800)
    atlas.received.clear()
    atlas.frame.evaluate(
        "() => { window.icm.untouched = false; window.icm.map.panBy([150, 90], { animate: false }); }"
    )
    atlas.page.wait_for_url("**at=*")
    atlas.page.wait_for_timeout(800)
    assert atlas.received == []


def test_link_restores_the_view(new_atlas, server):
    chosen = "sector=life-sciences&measure=total&level=la&show=clusters&show=regions"
    query = f"{chosen}&here=52.13,0.2,10&at=52.2,0.15,9.5"
    first = new_atlas().open(f"{server.address}/?{query}")
    first.wait("() => !document.querySelector('.icm-card').hidden")
    report = first.report()
    assert report["position"] == "52.2000,0.1500,9.5"
    assert set(report["drawn"]) == {"land", "clusters", "regions"}
    assert report["drawn"]["regions"]["measure"] == "total"
    expect(first.frame.locator(".icm-card h2")).to_have_text("South Cambridgeshire, England")
    again = new_atlas().open(first.page.url)
    again.wait("() => !document.querySelector('.icm-card').hidden")
    assert again.report() == report
    assert parse_qs(again.query()) == parse_qs(first.query())


def test_position_survives_a_filter_and_a_reload(atlas):
    atlas.frame.evaluate("() => window.icm.goto([55.86, -4.25], 9)")
    atlas.page.wait_for_timeout(300)
    atlas.page.get_by_test_id("stSidebar").get_by_text("Firms", exact=True).click()
    atlas.wait("() => window.icm.shown.has('firms') && window.icm.pending === 0")
    atlas.says(at="55.8600,-4.2500,9")
    atlas.page.reload()
    atlas.wait(DRAWN)
    atlas.wait("() => window.icm.shown.has('firms')")
    assert atlas.report()["position"] == "55.8600,-4.2500,9"


def test_click_lists_clusters_projects_and_regions_ranked(atlas):
    atlas.frame.evaluate("() => window.icm.goto([52.15, 0.16], 9)")
    atlas.wait(DRAWN)
    spot = atlas.frame.evaluate("() => window.icm.map.latLngToContainerPoint([52.21, 0.13])")
    atlas.frame.locator(".leaflet-container").click(position=spot)
    card = atlas.frame.locator(".icm-card")
    card.wait_for(state="visible")
    expect(card).to_contain_text("England")
    names = card.locator(".icm-row b").all_inner_texts()
    assert any("Cambridge" in name for name in names)
    atlas.page.get_by_text(re.compile(r"^\d+ clusters? here$")).wait_for()
    atlas.rest()
    listed = atlas.page.get_by_test_id("stMain").inner_text()
    assert all(name in listed for name in names)
    atlas.page.wait_for_url("**here=*")


def test_no_request_leaves_for_another_host(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/?{ALL_LAYERS}")
    atlas.wait("() => window.icm.shown.has('firms') && window.icm.pending === 0")
    for path in ("about", "api/v1/docs"):
        atlas.page.goto(f"{server.address}/{path}")
        atlas.page.wait_for_timeout(1500)
    assert "Innovation Clusters Map" in atlas.page.content()
    assert atlas.foreign() == []


def test_keyboard_reaches_map_search_and_card(atlas):
    box = atlas.frame.get_by_role("combobox")
    box.focus()
    box.press_sequentially("Glasow", delay=5)
    atlas.frame.get_by_role("option").first.wait_for()
    expect(atlas.frame.get_by_role("option").first).to_contain_text("Glasgow")
    box.press("Enter")
    card = atlas.frame.locator(".icm-card")
    card.wait_for(state="visible")
    expect(card).to_contain_text("Scotland")
    atlas.frame.locator(".leaflet-container").focus()
    before = atlas.report()["position"]
    atlas.page.keyboard.press("ArrowRight")
    atlas.wait(f"() => window.icm.position() !== '{before}'")
    atlas.page.keyboard.press("Enter")
    atlas.frame.locator(".icm-card .icm-close").focus()
    atlas.page.keyboard.press("Escape")
    card.wait_for(state="hidden")


def test_legend_entry_is_a_switch_and_a_filter(atlas):
    atlas.frame.get_by_role("button", name="Projects", exact=True).click()
    atlas.wait("() => !window.icm.shown.has('projects')")
    atlas.says(show=["regions", "clusters", "labels"])
    atlas.frame.locator(".icm-legend").get_by_role("button", name=re.compile("Life sciences")).click()
    atlas.wait("() => window.icm.scene.sectors.includes('life-sciences')")
    expect(atlas.page.get_by_test_id("stSidebar").get_by_text("Life sciences").first).to_be_visible()


def test_the_legend_is_made_anew_only_where_it_says_something_else(atlas):
    legend = "() => [...document.querySelectorAll('.icm-legend .icm-section')]"
    atlas.frame.evaluate(f"() => {{ window.before = ({legend})(); }}")
    atlas.frame.get_by_role("button", name="Projects", exact=True).focus()
    atlas.frame.evaluate("() => { icm.map.panBy([80, 40], { animate: false }); }")
    atlas.page.wait_for_timeout(300)
    assert atlas.frame.evaluate(f"() => ({legend})().every((section, index) => section === before[index])")
    expect(atlas.frame.get_by_role("button", name="Projects", exact=True)).to_be_focused()
    atlas.choose("Measure", "Public money in all")
    atlas.wait("() => icm.report().drawn.regions.measure === 'total'")
    atlas.page.wait_for_timeout(300)
    kept = atlas.frame.evaluate(f"() => ({legend})().map((section, index) => section === before[index])")
    names = atlas.frame.locator(".icm-legend .icm-switch").all_inner_texts()
    assert [keep for keep, name in zip(kept, names, strict=True) if "Place names" in name] == [True]
    assert not all(kept)


def test_undo_goes_back_one_view(standing):
    atlas = standing()
    atlas.choose("Sector", "Life sciences")
    atlas.wait("() => window.icm.scene.sectors.length === 1")
    atlas.page.get_by_role("button", name="Undo").click()
    atlas.wait("() => window.icm.scene.sectors.length === 0")
    atlas.says(sector=None)


def test_unusable_part_of_a_link_is_said(new_atlas, server):
    atlas = new_atlas().open(f"{server.address}/?sector=life-sciencs&level=itl1")
    warning = atlas.page.get_by_text("life-sciencs").first
    warning.wait_for()
    expect(atlas.page.get_by_role("alert").first).to_contain_text("life-sciences")
    assert atlas.drawn("regions")["polygons"] == 12


def test_phone_has_the_map_first_and_nothing_overflows(new_atlas, server):
    atlas = new_atlas(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open(
        server.address
    )
    wide = atlas.page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390
    frame = atlas.page.locator('iframe[title="streamlit_folium.st_folium"]').bounding_box()
    assert frame["y"] < 300
    assert frame["height"] > 380
    assert atlas.frame.locator(".icm-legend").evaluate("box => box.open") is False


def test_dark_theme_dresses_the_map(new_atlas, server):
    atlas = new_atlas(color_scheme="dark").open(server.address)
    atlas.wait("() => document.documentElement.dataset.theme === 'dark'")
    sea = atlas.frame.evaluate("() => window.icm.style.colours.sea")
    assert int(sea[1:3], 16) < 60


def test_hostile_names_are_text_everywhere(new_atlas, hostile_server):
    atlas = new_atlas().open(f"{hostile_server.address}/?{ALL_LAYERS}&at=52.2,0.1,11.5&level=la")
    atlas.wait("() => window.icm.shown.has('firms') && window.icm.pending === 0")
    atlas.frame.evaluate("() => window.icm.ask({ lat: 52.21, lng: 0.12 })")
    atlas.frame.locator(".icm-card").wait_for(state="visible")
    for spot in ((620, 330), (500, 250), (700, 420)):
        atlas.frame.locator(".leaflet-container").hover(position={"x": spot[0], "y": spot[1]})
    box = atlas.frame.get_by_role("combobox")
    for name in NAMES:
        box.fill(name[:60])
        atlas.page.wait_for_timeout(350)
    box.fill("img")
    atlas.frame.get_by_role("option").first.wait_for()
    found = atlas.frame.get_by_role("option").first.inner_text()
    for tab in ("Clusters", "Regions", "Projects", "Firms", "Here"):
        atlas.page.get_by_test_id("stMain").get_by_text(tab, exact=True).first.click()
        atlas.page.wait_for_timeout(600)
    assert any(name.split()[0] in found for name in NAMES)
    card = atlas.frame.locator(".icm-card").inner_text() + atlas.page.get_by_test_id("stMain").inner_text()
    assert any(name in card for name in NAMES)
    for frame in atlas.page.frames:
        assert frame.evaluate("() => window.hacked") is None
    assert "49" not in atlas.frame.locator(".icm-card h2").inner_text()
    assert atlas.frame.locator("img[src=x]").count() == 0
    assert atlas.page.locator("img[src=x]").count() == 0
    assert atlas.faults == []
    assert atlas.foreign() == []


# Of each thing on the pane of clusters: opacity of its face, and its shape where it is no circle.
MARKS = """() => Object.values(icm.map._layers)
    .filter((layer) => layer.options.pane === "clusters" && layer.options.fill && layer.getLatLng)
    .map((layer) => [layer.getLatLng().lat, layer.options.fillOpacity, layer.options.mark || "circle"])"""


def test_uncertain_clusters_are_hollow_and_single_sites_diamonds(new_atlas, server, edition):
    atlas = new_atlas().open(f"{server.address}/?family=both&show=clusters")
    rows = clusters_in(edition, View(family="both"))
    marks = atlas.frame.evaluate(MARKS)
    for row in rows.itertuples(index=False):
        mine = [(opacity, shape) for lat, opacity, shape in marks if lat == pytest.approx(row.lat, abs=1e-6)]
        assert {shape for _, shape in mine} == {"diamond" if row.one_site else "circle"}, row.cluster_id
        assert (max(opacity for opacity, _ in mine) < 0.1) == (row.standing == "pale"), row.cluster_id
    legend = atlas.frame.locator(".icm-legend")
    expect(legend).to_contain_text("uncertain: may be chance")
    expect(legend).to_contain_text("one site, not counted")


def test_the_legend_explains_only_marks_that_are_there(new_atlas, server, edition):
    row = solid_cluster(edition)
    asked = clusters_in(edition, View(sector=(row.label,)))
    assert not asked["one_site"].any()
    assert set(asked["standing"]) == {"solid"}, "choose another sector: this one has uncertain clusters"
    atlas = new_atlas().open(f"{server.address}/?sector={row.label}&show=clusters")
    legend = atlas.frame.locator(".icm-legend")
    expect(legend).to_contain_text(edition.labels.title(row.label))
    assert "uncertain" not in legend.inner_text()
    assert "one site" not in legend.inner_text()


def test_a_near_uncertain_cluster_is_an_empty_outline(new_atlas, server, edition):
    row = pale_cluster(edition)
    at = f"at={row.lat:.4f},{row.lon:.4f},10"
    atlas = new_atlas().open(f"{server.address}/?{row.kind}={row.label}&show=clusters&{at}")
    assert atlas.drawn("clusters")["near"]
    faces = atlas.frame.evaluate(
        """(name) => Object.values(icm.map._layers)
            .filter((layer) => layer.feature?.id === name && layer.options.fill)
            .map((layer) => layer.options.fillOpacity)""",
        row.cluster_id,
    )
    assert faces == [0.06]


@pytest.mark.parametrize(
    "path", ["", "funding", "compare?place=greater-manchester&place=glasgow-city-region"]
)
def test_the_first_view_of_a_phone_shows_a_map(new_atlas, server, path):
    page = new_atlas(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).page
    page.goto(f"{server.address}/{path}")
    shown = page.locator("iframe:visible").first
    shown.wait_for()
    expect(page.locator('[data-test-script-state="notRunning"]')).to_be_attached()
    page.wait_for_timeout(500)
    # Near half of a phone's height is left to it.
    assert 844 - shown.bounding_box()["y"] >= 400
