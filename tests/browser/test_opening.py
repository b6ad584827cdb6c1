"""Where every map begins: all of what it is about is in sight, in any window, and after that has grown."""

from __future__ import annotations

import pytest

from edition.keeper import KEEPER
from edition.view import View
from snapshots.standalone.standalone import standalone

pytestmark = pytest.mark.browser
# Windows, from a phone, upright and on its side, to a large screen.
SIZES = (
    (390, 844),
    (844, 390),
    (768, 1024),
    (1280, 800),
    (1440, 900),
    (1680, 1050),
    (1920, 1080),
    (2560, 1440),
)
LARGE = (1920, 1080)
CHANGES = ((390, 844), (844, 390), (1440, 900), (2560, 1440))
# Degrees: the Isles of Scilly, County Fermanagh, Out Stack in Shetland, Lowestoft.
SOUTH, WEST, NORTH, EAST = 49.86, -8.18, 60.86, 1.77
MAPS = {
    "explore": "/?show=clusters",
    "funding": "/funding",
    "programme": "/funding?programme=IA",
    "places to choose": "/compare",
    "side by side": "/compare?place=UK&place=E07000008&show=labels",
    "a cluster": "/cluster?cluster={cluster}",
    "panels": "/panels?place=UK&place=N92000002&show=labels",
    "embed": "/embed?show=clusters",
    "embedded cluster": "/embed?cluster={cluster}",
}
# Every map of a document: what is in sight, and what it is about where that is not the whole country.
IN_SIGHT = """() => (window.icmPanels || [window.icm]).map((stage) => {
    const seen = stage.map.getBounds();
    const ground = stage.map.getContainer().getBoundingClientRect();
    const covered = ([lat, lng]) => {
        const { x, y } = stage.map.latLngToContainerPoint([lat, lng]);
        return document.elementFromPoint(ground.left + x, ground.top + y)?.closest(".icm-search, .icm-flag");
    };
    const about = stage.embed?.bounds || stage.scene.frame;
    const framed = about && [about[0][1], about[0][0], about[1][1], about[1][0]];
    const [west, south, east, north] = stage.panel?.bounds || framed || [];
    return {
        seen: [seen.getSouth(), seen.getWest(), seen.getNorth(), seen.getEast()],
        covered: [[60.86, -0.87], [49.96, -5.2], [50.74, 0.25]].map(covered).filter(Boolean).length,
        about: west === undefined ? null : [south, west, north, east],
        pixels: stage.map.getSize(), zoom: stage.map.getZoom(),
        drawn: Boolean(stage.style) && stage.pending === 0 && stage.shown.size > 0,
    };
})"""

# Let the maps glide to another zoom, do something meanwhile, and wait until a glide would have landed.
GLIDE = """async () => {{
    const stages = window.icmPanels || [window.icm];
    const frame = () => new Promise(requestAnimationFrame);
    {begin};
    while (!stages.every((stage) => stage.map._animatingZoom)) await frame();
    {meanwhile};
    await new Promise((done) => setTimeout(done, 400));
}}"""


def with_maps(page):
    return [frame for frame in page.frames if frame.evaluate("() => Boolean(window.icm || window.icmPanels)")]


def maps(page):
    """Return what every map of a page has in sight, once all are drawn and stand still."""
    before = None
    for _ in range(200):
        frames = [
            frame for frame in page.frames if frame.evaluate("() => Boolean(window.icm || window.icmPanels)")
        ]
        found = [one for frame in frames for one in frame.evaluate(IN_SIGHT)]
        if found and found == before and all(one["drawn"] for one in found):
            return found
        before = found
        page.wait_for_timeout(300)
    raise AssertionError(f"the maps do not come to rest: {before}")


def check(page, size):
    for one in maps(page):
        south, west, north, east = one["about"] or (SOUTH, WEST, NORTH, EAST)
        low, left, high, right = one["seen"]
        assert low < south, (size, one)
        assert left < west, (size, one)
        assert high > north, (size, one)
        assert right > east, (size, one)
        # Neither Shetland nor the south coast lies under the search or the line at the foot.
        assert one["about"] or not one["covered"], (size, one)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_explore_opens_with_the_whole_country(new_atlas, server, size):
    atlas = new_atlas(viewport={"width": size[0], "height": size[1]})
    atlas.page.goto(f"{server.address}{MAPS['explore']}")
    check(atlas.page, size)
    assert "at=" not in atlas.page.url


@pytest.mark.parametrize("name", MAPS)
def test_every_map_opens_with_all_that_it_is_about_and_keeps_it(new_atlas, server, cluster, name):
    atlas = new_atlas(viewport={"width": LARGE[0], "height": LARGE[1]})
    atlas.page.goto(f"{server.address}{MAPS[name]}".format(cluster=cluster.cluster_id))
    check(atlas.page, LARGE)
    for width, height in CHANGES:
        atlas.page.set_viewport_size({"width": width, "height": height})
        check(atlas.page, (width, height))
    assert atlas.faults == []


def test_a_file_opens_with_the_whole_country(new_atlas, tmp_path):
    path = tmp_path / "map.html"
    path.write_bytes(standalone(KEEPER.wait(), View(show=("clusters",))))
    for width, height in (LARGE, (390, 844)):
        page = new_atlas(viewport={"width": width, "height": height}).page
        page.goto(path.as_uri())
        check(page, (width, height))
    page.set_viewport_size({"width": 2560, "height": 1440})
    check(page, (2560, 1440))


@pytest.mark.parametrize("name", ["explore", "embed"])
def test_a_glide_does_not_land_on_top_of_the_way_home(new_atlas, server, name):
    atlas = new_atlas()
    atlas.page.goto(f"{server.address}{MAPS[name]}")
    maps(atlas.page)
    [frame] = with_maps(atlas.page)
    frame.evaluate(GLIDE.format(begin="window.icm.zoom(0.8)", meanwhile="window.icm.home()"))
    check(atlas.page, name)


def test_a_glide_does_not_land_on_top_of_the_way_back_to_the_places(new_atlas, server):
    atlas = new_atlas()
    atlas.page.goto(f"{server.address}{MAPS['panels']}")
    maps(atlas.page)
    atlas.page.evaluate(GLIDE.format(begin="window.icmLink.step(0.8)", meanwhile="window.icmLink.reset()"))
    check(atlas.page, "panels")


def test_a_map_that_was_moved_stays_there_as_the_window_grows(new_atlas, server):
    atlas = new_atlas(viewport={"width": 1280, "height": 800}).open(
        f"{server.address}/?show=clusters&at=50.4,-4.9,9"
    )
    for width, height in CHANGES[2:]:
        atlas.page.set_viewport_size({"width": width, "height": height})
        atlas.page.wait_for_timeout(400)
        assert atlas.report()["position"] == "50.4000,-4.9000,9"


def test_the_map_ends_where_its_ground_ends(new_atlas, server):
    """Dragged or set beyond its ground, it comes back at once."""
    atlas = new_atlas().open(f"{server.address}/?show=clusters")
    south = atlas.frame.evaluate(
        """() => {
            window.icm.map.setView([55, -3], 9, { animate: false });
            window.icm.map.panBy([0, 9000], { animate: false });
            return window.icm.map.getBounds().getSouth();
        }"""
    )
    assert 45.9 < south < 46.1
