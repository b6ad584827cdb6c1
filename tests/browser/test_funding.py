"""What a visitor of the funding page sees and does, in Chromium."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from tests.browser.hostile import NAMES

pytestmark = pytest.mark.browser
# Where the box of the first row of a table is, in pixels from its corner.
FIRST_BOX = {"x": 17, "y": 52}


@pytest.fixture
def funding(new_atlas, server):
    return new_atlas().open(f"{server.address}/funding")


def table(atlas, number=0):
    return atlas.page.get_by_test_id("stDataFrame").nth(number)


def chart(atlas):
    drawn = atlas.page.locator(
        '[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg'
    ).first
    drawn.wait_for()
    return drawn


def tick_first_row(atlas, number=0):
    grid = table(atlas, number).locator(".dvn-scroller").first
    # The chart and the map above take their heights a moment after the table is there.
    before, now = None, grid.bounding_box()
    while before != now:
        atlas.page.wait_for_timeout(600)
        before, now = now, grid.bounding_box()
    grid.scroll_into_view_if_needed()
    grid.click(position=FIRST_BOX)


def heading(atlas):
    return atlas.page.locator("h1.sentence")


def test_the_page_draws_and_asks_no_other_host(standing):
    funding = standing("/funding")
    chart(funding)
    expect(heading(funding)).to_contain_text("of public money awarded")
    assert funding.drawn("projects")["rings"] > 100
    assert table(funding).is_visible()
    assert funding.foreign() == []
    assert funding.faults == []


def test_choosing_a_programme_opens_its_page_and_the_way_back_leads_to_the_list(standing):
    funding = standing("/funding")
    tick_first_row(funding)
    funding.page.get_by_role("button", name="All programmes").wait_for()
    funding.says(programme="LIPF-EAR")
    expect(heading(funding)).to_have_text("Local Innovation Partnerships Fund: earmarked strand")
    funding.wait("() => window.icm.pending === 0 && window.icm.report().drawn.projects.areas === 10")
    funding.page.get_by_role("button", name="All programmes").click()
    expect(heading(funding)).to_contain_text("of public money awarded")
    funding.says(programme=None)


def test_a_link_to_a_programme_shows_its_gaps_figures_and_sources(standing):
    atlas = standing("/funding?programme=IA")
    main = atlas.page.get_by_test_id("stMain")
    expect(main).to_contain_text("24 of 26 projects named")
    links = main.locator("ul.sources a")
    expect(links.nth(1)).to_be_visible()
    assert all(links.nth(number).get_attribute("href").startswith("http") for number in range(links.count()))
    assert "noopener" in (links.first.get_attribute("rel") or "")
    assert atlas.drawn("projects")["rings"] > 5
    assert atlas.foreign() == []


def test_choosing_a_project_shows_its_sources(standing):
    atlas = standing("/funding?programme=IA")
    tick_first_row(atlas)
    details = atlas.page.locator(".st-key-project-details")
    expect(details).to_contain_text("Health Tech")
    expect(details).to_contain_text("Counts in the sums")
    expect(details.locator("ul.sources a")).not_to_have_count(0)


def test_filters_travel_between_the_pages(funding):
    funding.choose("Sector", "Life sciences")
    funding.wait("() => window.icm.scene.sectors.includes('life-sciences')")
    funding.page.get_by_role("link", name="Explore").click()
    funding.page.wait_for_url(re.compile(r"sector=life-sciences"))
    funding.rest()
    expect(heading(funding)).to_contain_text("life sciences")
    funding.page.get_by_role("link", name="Funding").click()
    funding.page.wait_for_url(re.compile(r"/funding\?.*sector=life-sciences"))
    funding.rest()
    expect(funding.page.get_by_test_id("stSidebar").get_by_text("Life sciences").first).to_be_visible()


def test_a_click_on_the_map_opens_the_card(funding):
    funding.frame.evaluate("() => window.icm.ask({ lat: 55.87, lng: -4.29 }, 12)")
    card = funding.frame.locator(".icm-card")
    card.wait_for(state="visible")
    expect(card).to_contain_text("Glasgow")
    funding.says(here="55.87,-4.29,12")


def test_the_legend_switches_layers_of_this_map_alone(standing):
    funding = standing("/funding")
    funding.frame.locator(".icm-legend summary").click()
    funding.frame.get_by_role("button", name="Regions").click()
    funding.wait("() => window.icm.shown.has('regions')")
    assert "show" not in parse_qs(funding.query())


@pytest.mark.parametrize("path", ["/funding", "/funding?programme=SIPF-W1"])
def test_a_phone_has_no_overflow(new_atlas, server, path):
    atlas = new_atlas(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    atlas.open(f"{server.address}{path}")
    chart(atlas)
    assert atlas.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    frame = atlas.page.locator('iframe[title="streamlit_folium.st_folium"]').bounding_box()
    assert frame["width"] <= 390


def test_hostile_names_are_text(new_atlas, hostile_server):
    atlas = new_atlas().open(f"{hostile_server.address}/funding?growth=true")
    chart(atlas)
    tick_first_row(atlas)
    atlas.page.get_by_role("button", name="All programmes").wait_for()
    atlas.rest()
    expect(heading(atlas)).not_to_contain_text("public money awarded")
    assert heading(atlas).inner_text() in NAMES
    tick_first_row(atlas)
    atlas.page.locator(".st-key-project-details").wait_for()
    atlas.rest()
    said = atlas.page.get_by_test_id("stMain").inner_text()
    assert any(name in said for name in NAMES)
    atlas.page.goto(f"{hostile_server.address}/funding?programme=IA")
    atlas.page.locator(".st-key-funding-gaps").wait_for()
    atlas.rest()
    assert any(name in atlas.page.locator(".st-key-funding-gaps").inner_text() for name in NAMES)
    for frame in atlas.page.frames:
        assert frame.evaluate("() => window.hacked") is None
    assert atlas.page.locator("img[src=x]").count() == 0
    assert atlas.page.get_by_test_id("stMain").locator('a[href^="javascript"]').count() == 0
    assert atlas.faults == []
    assert atlas.foreign() == []
