"""The map in one file, opened from the disk with the network off, in Chromium."""

from __future__ import annotations

import pytest

from data.store import Store, write_store
from edition.contents import table_names
from edition.edition import Edition
from edition.view import View
from profiles.point import at_point
from regions.figures import clusters_in
from snapshots.standalone.standalone import standalone
from tests.boats import launched
from tests.browser.atlas import unfold
from tests.browser.hostile import NAMES, spoil
from tests.choosing import within
from words.sentence import sentence

pytestmark = pytest.mark.browser
LAYERS = ("regions", "clusters", "projects", "firms", "assets", "labels")
DRAWN = "() => window.icm && icm.style && icm.pending === 0 && icm.shown.size > 1 && icm.scene.sentence"
WORSE = ("</script><script>window.pwned=1</script>", "a\u2028b\u2029c", "<!--<script>", *NAMES)


class Opened:
    """A file in a browser, and all that it asked for."""

    def __init__(self, page, path):
        self.page = page
        self.requests, self.refused, self.faults = [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.refused.append((request.url, request.failure)))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda told: told.type in ("error", "warning") and self.faults.append(told.text))
        page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())

    def drawn(self):
        self.page.wait_for_function(DRAWN, timeout=20_000)
        self.page.wait_for_timeout(150)
        return self.report()["drawn"]

    def report(self):
        return self.page.evaluate("() => icm.report()")

    def at(self, lat, lon):
        """Return where a point of the map stands on the screen."""
        box = self.page.locator(".icm-ground").bounding_box()
        spot = self.page.evaluate(f"() => icm.map.latLngToContainerPoint([{lat}, {lon}])")
        return box["x"] + spot["x"], box["y"] + spot["y"]

    def quiet(self):
        """Say whether nothing was asked of anyone and nothing went wrong."""
        return self.faults == [] and len(self.requests) == 1 and self.requests[0].startswith("file:")


@pytest.fixture(scope="module")
def written(edition, tmp_path_factory):
    """Files of some views, each written once."""
    folder = tmp_path_factory.mktemp("files")
    made = {}

    def write(view, shown=edition):
        path = folder / f"{len(made)}.html"
        key = (id(shown), view.url())
        if key not in made:
            path.write_bytes(standalone(shown, view))
            made[key] = path
        return made[key]

    return write


@pytest.fixture
def opened(new_atlas):
    def open_file(path, **options):
        page = new_atlas(**options).page
        page.context.set_offline(True)
        return Opened(page, path)

    return open_file


def test_everything_of_the_view_is_drawn_and_nothing_is_asked_for(opened, written, edition):
    file = opened(written(View(show=LAYERS)))
    drawn = file.drawn()
    assert drawn["regions"]["polygons"] == 182
    assert drawn["regions"]["coloured"] > 100
    assert drawn["clusters"]["clusters"] == len(clusters_in(edition, View()))
    assert drawn["projects"]["rings"] > 100
    assert drawn["projects"]["areas"] > 20
    assert drawn["assets"]["marks"] > 200
    assert drawn["firms"]["firms"] > 1_000
    assert len(drawn["labels"]) >= 8
    assert file.quiet()


def test_pointing_clicking_and_switching_work_from_the_file(opened, written, edition, cluster):
    file = opened(written(View(show=LAYERS, cluster=cluster.cluster_id)))
    drawn = file.drawn()
    assert drawn["clusters"]["near"]
    assert drawn["outline"]["rings"] == 1
    assert drawn["firms"]["points"]
    spot = file.at(*within(cluster))
    file.page.mouse.move(*spot)
    assert cluster.name in file.page.locator(".icm-tip").inner_text()
    file.page.mouse.click(*spot)
    card = file.page.locator(".icm-card")
    unfold(card.locator(".icm-row", has_text=cluster.name))
    said = card.inner_text()
    # The file holds regions of the level shown alone.
    regions = at_point(edition, View(), *within(cluster), 9)["regions"]
    [region] = [one["name"] for one in regions if one["level"] == "ITL3 area"]
    for words in (
        region,
        f"{cluster.firms} observed",
        "Location quotient",
        "Clusters within",
        "holds the layers",
    ):
        assert words in said
    card.get_by_role("button", name="Close").click()
    file.page.get_by_role("button", name="Clusters").click()
    file.page.wait_for_function("() => !icm.shown.has('clusters')")
    file.page.get_by_role("button", name="Clusters").click()
    shown = drawn["clusters"]["clusters"]
    file.page.wait_for_function(f"() => icm.report().drawn.clusters?.clusters === {shown}")
    assert file.quiet()


def test_a_layer_that_was_entered_in_the_registry_is_drawn(opened, edition, monkeypatch, tmp_path):
    """Nothing but its record and its painter knows of it: pane, legend, names and what is pointed at do."""
    launched(monkeypatch, tmp_path)
    path = tmp_path / "boats.html"
    path.write_bytes(standalone(edition, View(show=("clusters", "labels", "boats"))))
    file = opened(path)
    drawn = file.drawn()
    assert drawn["boats"] == {"marks": 3}
    assert "Kingfisher" in drawn["labels"]
    file.page.mouse.move(*file.at(52.63, -1.13))
    assert "Kingfisher" in file.page.locator(".icm-tip").inner_text()
    legend = file.page.locator(".icm-legend")
    assert "a boat" in legend.inner_text()
    legend.get_by_role("button", name="Boats afloat").click()
    file.page.wait_for_function("() => !icm.shown.has('boats')")
    assert file.quiet()


def test_the_card_says_what_the_api_says(opened, written, edition, cluster):
    row = cluster
    file = opened(written(View(show=LAYERS, cluster=row.cluster_id)))
    file.drawn()
    answer = file.page.evaluate(f"() => icm.fetch('/api/v1/at?lat={row.lat}&lon={row.lon}&zoom=9')")
    asked = at_point(edition, View(), row.lat, row.lon, 9)
    for kind in ("clusters", "projects"):
        assert [one["name"] for one in answer[kind]] == [one["name"] for one in asked[kind]]
    assert answer["clusters"][0]["facts"] == [list(fact) for fact in asked["clusters"][0]["facts"]]
    assert answer["within"] == asked["within"]
    names = {one["name"] for one in asked["regions"]}
    assert {one["name"] for one in answer["regions"]} <= names
    assert len(answer["regions"]) == 1


def test_it_begins_where_the_view_stands_and_follows_the_readers_theme(opened, written):
    file = opened(written(View(at=(55.95, -3.19, 11))), color_scheme="dark")
    file.drawn()
    lat, lon, zoom = map(float, file.report()["position"].split(","))
    assert (lat, lon) == (pytest.approx(55.95, abs=0.001), pytest.approx(-3.19, abs=0.001))
    assert zoom == pytest.approx(11, abs=0.3)
    assert file.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    file.page.emulate_media(color_scheme="light")
    file.page.wait_for_function("() => document.documentElement.dataset.theme === 'light'")
    assert file.quiet()


@pytest.fixture(scope="module")
def hostile(edition, tmp_path_factory):
    tables = spoil({name: edition.store.frame(name) for name in table_names()})
    for name, columns in (("clusters", ("name", "place")), ("firms", ("name",)), ("towns", ("name",))):
        rows = tables[name]
        again = [WORSE[number % len(WORSE)] for number in range(len(rows))]
        tables[name] = rows.assign(**dict.fromkeys(columns, again))
    path = tmp_path_factory.mktemp("hostile") / "edition.duckdb"
    write_store(path, tables)
    return Edition(Store(path, table_names()))


def test_hostile_names_are_text(opened, written, hostile, cluster):
    file = opened(written(View(show=LAYERS, cluster=cluster.cluster_id), hostile))
    file.drawn()
    spot = file.at(*within(cluster))
    file.page.mouse.move(*spot)
    assert any(name.split()[0] in file.page.locator(".icm-tip").inner_text() for name in WORSE)
    file.page.mouse.click(*spot)
    unfold(file.page.locator(".icm-card .icm-row").first)
    file.page.evaluate("() => document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    file.page.wait_for_timeout(200)
    assert file.page.evaluate("() => [window.hacked, window.pwned, document.images.length]") == [
        None,
        None,
        0,
    ]
    named = file.page.locator("tbody th").all_text_contents()
    assert set(WORSE) <= set(named)
    assert file.quiet()


def test_a_name_that_slipped_through_could_not_run(opened, written, tmp_path):
    """The policy of the file stops what the escaping would have missed."""
    text = written(View(show=("none",))).read_text(encoding="utf-8")
    path = tmp_path / "spoiled.html"
    evil = '<img src="https://example.org/x.png" onerror="window.pwned=1"><script>window.pwned=1</script>'
    path.write_text(text.replace("</header>", f"</header>{evil}", 1), encoding="utf-8")
    file = opened(path)
    file.page.wait_for_function("() => window.icm && icm.style")
    assert file.page.evaluate("() => window.pwned") is None
    # Chromium tells of the request, and that the policy of the file stopped it before it left.
    assert file.refused == [("https://example.org/x.png", "csp")]
    assert any("Content Security Policy" in fault for fault in file.faults)


@pytest.mark.parametrize("width", [320, 390, 1600])
def test_nothing_sticks_out(opened, written, width):
    file = opened(written(View(show=LAYERS)), viewport={"width": width, "height": 800})
    file.drawn()
    assert file.page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert file.page.locator(".icm-ground").bounding_box()["height"] > 380


def test_without_a_script_the_sentence_and_the_tables_are_there(opened, written, edition):
    file = opened(written(View(show=LAYERS)), java_script_enabled=False)
    assert sentence(edition, View(show=LAYERS)) in file.page.locator("h1").inner_text()
    assert "tables below hold" in file.page.locator("noscript").inner_text()
    file.page.get_by_text("Clusters, strongest first").first.click()
    strongest = clusters_in(edition, View()).iloc[0]
    assert strongest["name"] in file.page.locator("table").first.inner_text()
