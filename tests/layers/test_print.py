"""The print faces: what each layer puts on the sheet, of much and of nothing; the app's page pays nothing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path

from edition.view import View
from geo.projections import to_bng
from layers.mark import Look, Mark
from layers.outline import paths
from layers.registry import LAYERS
from layers.sheet import Sheet
from layers.style import style

FULL = View()
EMPTY_FEATURES = {"type": "FeatureCollection", "features": [], "note": "nothing"}
MEASURE = {
    "id": "per-head",
    "label": "Money per head",
    "kind": "rate",
    "unit": "£ per person",
    "definition": "",
}
NO_REGIONS = {
    "measure": MEASURE,
    "level_name": "ITL3",
    "breaks": [],
    "words": [],
    "none": "none",
    "rows": [],
    "note": "",
}
EMPTY = {
    "land": EMPTY_FEATURES,
    "regions": {**NO_REGIONS, "shapes": EMPTY_FEATURES},
    "clusters": EMPTY_FEATURES,
    "firms": {"points": False, "rows": [], "caveat": "a sample", "note": "nothing"},
    "assets": {"rows": [], "note": "nothing"},
    "projects": {"points": [], "areas": EMPTY_FEATURES, "note": "nothing"},
    "labels": {"rows": [], "note": ""},
}
SQUARE = {"type": "Polygon", "coordinates": [[[-2, 52], [-1, 52], [-1, 53], [-2, 53], [-2, 52]]]}
HOLED = {
    "type": "MultiPolygon",
    "coordinates": [
        [
            [[-2, 52], [-1, 52], [-1, 53], [-2, 53], [-2, 52]],
            [[-1.6, 52.4], [-1.4, 52.4], [-1.4, 52.6], [-1.6, 52.6], [-1.6, 52.4]],
        ],
        [[[0, 52], [1, 52], [1, 53], [0, 52]]],
    ],
}


def new_sheet(zoom: float = 6.0) -> Sheet:
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 7e5), ylim=(0, 1.3e6), autoscale_on=False)
    return Sheet(axes, zoom=zoom)


def drawn(kind, payload, zoom=6.0):
    sheet = new_sheet(zoom)
    LAYERS[kind].draw(sheet, payload, style())
    sheet.axes.figure.canvas.draw()
    return sheet


def marks_on(sheet):
    return sum(len(found.get_offsets()) for found in sheet.axes.collections if len(found.get_sizes()))


def areas_on(sheet):
    return [len(found.get_paths()) for found in sheet.axes.collections if not len(found.get_sizes())]


def test_every_layer_has_an_empty_payload_here():
    assert set(EMPTY) == set(LAYERS)


@pytest.mark.parametrize("kind", LAYERS)
def test_an_empty_payload_draws_nothing(kind):
    sheet = drawn(kind, EMPTY[kind])
    assert not sheet.axes.collections
    assert not sheet.axes.texts
    assert not sheet.names
    assert not LAYERS[kind].legend(EMPTY[kind], style()).ranking


@pytest.mark.parametrize("kind", ["clusters", "firms", "assets", "projects"])
def test_an_empty_layer_says_why(kind):
    assert LAYERS[kind].legend(EMPTY[kind], style()).note == "nothing"


def test_land_is_filled_and_its_coast_drawn(edition):
    payload = LAYERS["land"].payload(edition, FULL)
    homes = [part["properties"]["uk"] for part in payload["features"]]
    counts = areas_on(drawn("land", payload))
    assert sorted(counts) == sorted([homes.count(False)] * 2 + [homes.count(True)] * 2)


def test_each_region_has_the_paint_of_its_class(edition):
    payload = LAYERS["regions"].payload(edition, FULL)
    sheet = drawn("regions", payload)
    assert sum(areas_on(sheet)) == len(payload["rows"])
    none = sum(row["value"] <= 0 for row in payload["rows"])
    hatched = [len(found.get_paths()) for found in sheet.axes.collections if found.get_hatch()]
    assert hatched == [none]
    entries = LAYERS["regions"].legend(payload, style()).entries
    assert [bool(entry.swatch.hatch) for entry in entries] == [True] + [False] * len(payload["breaks"])
    assert len({entry.swatch.face for entry in entries}) == len(entries)


@pytest.mark.parametrize(
    ("measure", "sides"), [("total", ("value",)), ("public-private", ("value", "value2"))]
)
def test_each_sum_has_a_symbol(edition, measure, sides):
    payload = LAYERS["regions"].payload(edition, View(measure=measure))
    sheet = drawn("regions", payload)
    assert marks_on(sheet) == sum(row[side] > 0 for row in payload["rows"] for side in sides)
    assert areas_on(sheet) == [len(payload["rows"])]


def test_no_measure_leaves_outlines(edition):
    payload = LAYERS["regions"].payload(edition, View(measure="none"))
    sheet = drawn("regions", payload)
    assert marks_on(sheet) == 0
    assert not LAYERS["regions"].legend(payload, style()).entries


def test_each_cluster_is_a_disc_with_its_core_and_a_name(edition):
    payload = LAYERS["clusters"].payload(edition, FULL)
    rows = [feature["properties"] for feature in payload["features"]]
    sheet = drawn("clusters", payload)
    cores = sum(row["core_share"] > 0 for row in rows)
    assert marks_on(sheet) == 2 * len(rows) + cores
    assert {name.lines[1] for name in sheet.names} == {row["place"] for row in rows}
    assert len(sheet.solid) == len(rows)


def test_disc_areas_grow_with_firms_and_cores_with_their_share(edition):
    payload = LAYERS["clusters"].payload(edition, FULL)
    row = next(part["properties"] for part in payload["features"] if 0 < part["properties"]["core_share"] < 1)
    [found] = drawn("clusters", {**payload, "features": [{"properties": row}]}).axes.collections
    _, whole, core = found.get_sizes()
    assert core / whole == pytest.approx(row["core_share"])
    more = {**row, "firms": row["firms"] * 2}
    [found] = drawn("clusters", {**payload, "features": [{"properties": more}]}).axes.collections
    assert found.get_sizes()[1] / whole == pytest.approx(2)


def test_near_clusters_are_footprints(edition):
    payload = LAYERS["clusters"].payload(edition, FULL)
    sheet = drawn("clusters", payload, zoom=10)
    cores = sum(part["properties"]["core"] is not None for part in payload["features"])
    assert marks_on(sheet) == 0
    assert sum(areas_on(sheet)) == len(payload["features"]) + cores


def test_each_site_is_a_ring_on_a_halo_and_each_area_an_outline(edition):
    payload = LAYERS["projects"].payload(edition, FULL)
    sheet = drawn("projects", payload)
    assert marks_on(sheet) == 2 * len(payload["points"])
    assert areas_on(sheet) == [len(payload["areas"]["features"])]
    assert {found.get_facecolor().size for found in sheet.axes.collections} == {0}


def test_ring_areas_grow_with_the_award():
    row = {"lon": -2.0, "lat": 52.0, "counted": True}
    rows = [{**row, "award": award} for award in (5e7, 1e8, None)]
    small, large, least = (mark.radius for mark in ring_marks(rows))
    assert (large / small) ** 2 == pytest.approx(2)
    assert least == style().points["award_least"]


def ring_marks(rows):
    found = []
    sheet = new_sheet()
    LAYERS["projects"].draw(sheet, {"points": rows, "areas": EMPTY_FEATURES, "note": ""}, style())
    for part in sheet.axes.collections:
        if part.get_zorder() == 6:
            found += [Mark("circle", float(np.sqrt(size)) / 2, Look()) for size in part.get_sizes()]
    return found


def test_each_cell_of_firms_is_a_dot(edition):
    payload = LAYERS["firms"].payload(edition, FULL)
    sheet = drawn("firms", payload)
    assert marks_on(sheet) == len(payload["rows"])
    assert "sample" in LAYERS["firms"].legend(payload, style()).note


def test_a_near_picture_counts_firms_about_its_middle_only(edition):
    near = LAYERS["firms"].payload(edition, View(at=(52.2, 0.12, 12)))
    rows = near["rows"]
    assert near["points"]
    assert rows
    assert all(abs(row["lat"] - 52.2) < 0.2 and abs(row["lon"] - 0.12) < 0.3 for row in rows)


def test_each_asset_has_the_mark_of_its_type(edition):
    payload = LAYERS["assets"].payload(edition, FULL)
    sheet = drawn("assets", payload)
    types = {row["type"] for row in payload["rows"]}
    assert marks_on(sheet) == len(payload["rows"])
    assert len(sheet.axes.collections) == len(types)
    marks = [entry.marks[0].shape for entry in LAYERS["assets"].legend(payload, style()).entries]
    assert len(set(marks)) == len(types)


def test_places_ask_for_names(edition):
    payload = LAYERS["labels"].payload(edition, FULL)
    assert len(drawn("labels", payload).names) == len(payload["rows"])


def test_outlines_are_metres_with_holes_wound_the_other_way():
    [square, holed] = paths([SQUARE, HOLED])
    assert square.codes.tolist() == [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
    corners = np.column_stack(to_bng([-2, -1, -1, -2], [52, 52, 53, 53]))
    assert {tuple(np.round(point)) for point in square.vertices} == {
        tuple(np.round(point)) for point in corners
    }
    assert (holed.codes == Path.MOVETO).sum() == 3
    rings = np.split(holed.vertices, np.flatnonzero(holed.codes == Path.MOVETO)[1:])
    turns = [np.sign(area(ring)) for ring in rings]
    assert turns == [turns[0], -turns[0], turns[0]]


def area(ring):
    """Twice the signed area of a closed ring."""
    x, y = ring.T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def test_an_empty_geometry_is_an_empty_path():
    assert [len(path.vertices) for path in paths([{"type": "Polygon", "coordinates": []}])] == [0]
    assert paths([]) == []


def test_the_page_does_not_import_matplotlib():
    code = """
import sys
import api.service, layers.registry, snapshots.picture.picture
sys.exit(any(name.partition(".")[0] == "matplotlib" for name in sys.modules))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
