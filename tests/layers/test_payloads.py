"""What every layer sends: plain data, bounded, and where there is nothing, the reason."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.shipped import SHIPPED
from data.schemas import POINT_PRECISIONS
from data.tables import table as shipped
from edition.view import LEVELS, View
from geo.projections import to_bng
from geo.publishable import METRES
from layers import assets, clusters, firms, labels, land, projects, regions
from layers.registry import LAYERS
from profiles import projects as profile
from regions.measures import MEASURES, on_map

# Filters that nothing passes, each for another reason.
EMPTY = {
    "no project so late": View(year_from=2030, year_to=2030),
    "no kind and no sector's money": View(sector=("defence",), year_from=2030, kinds=()),
    "no cluster of the type": View(sector=("defence",), type=("R&D Collaborating",)),
    "no firm of the technology": View(sector=("agri-food",), technology=("fintech",), year_from=2030),
}
BELFAST = (-6.4, 54.4, -5.5, 54.8)
NOTED = (regions, clusters, firms, projects)


def leaves(value):
    """Return every plain value of a payload, refusing what JSON has not."""
    if isinstance(value, dict):
        assert all(type(key) is str for key in value)
        return [leaf for part in value.values() for leaf in leaves(part)]
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


def bare(kind, payload):
    """Say whether a payload shows nothing."""
    if kind == "regions":
        return not any(row["value"] for row in payload["rows"])
    if kind == "projects":
        return not (payload["points"] or payload["areas"])
    return not payload.get("features", payload.get("rows"))


def shown_by(kind):
    return {module.LAYER.kind: module.payload for module in (land, assets, labels, *NOTED)}[kind]


def test_every_layer_is_asked_here():
    assert {module.LAYER.kind for module in (land, assets, labels, *NOTED)} == set(LAYERS)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("view", [View(), View(growth=True, family="both"), *EMPTY.values()])
def test_payloads_are_plain_and_finite(edition, kind, view):
    for value in leaves(shown_by(kind)(edition, view)):
        assert value is None or isinstance(value, (str, int, float, np.number)), type(value)
        assert not isinstance(value, (float, np.floating)) or math.isfinite(value)


@pytest.mark.parametrize("module", NOTED, ids=lambda module: module.LAYER.kind)
@pytest.mark.parametrize("reason", EMPTY)
def test_where_there_is_nothing_the_note_says_why(edition, module, reason):
    payload = module.payload(edition, EMPTY[reason])
    assert bool(payload["note"]) or not bare(module.LAYER.kind, payload)


# Firms, clusters and research assets are there without any award.
OF_AWARDS = [
    name
    for name, row in on_map().items()
    if row.kind != "none" and not row.group.of_firms and row.column != "assets"
]


@pytest.mark.parametrize("measure", OF_AWARDS)
def test_regions_without_an_award_say_so_whatever_is_measured(edition, measure):
    payload = regions.payload(edition, View(measure=measure, year_from=2030))
    assert bare("regions", payload)
    assert payload["note"].startswith("No award passes the filters.")


def test_each_layer_was_seen_empty(edition):
    for module in NOTED:
        kind = module.LAYER.kind
        assert any(bare(kind, module.payload(edition, view)) for view in EMPTY.values()), kind


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("reason", EMPTY)
def test_print_payloads_of_nothing_do_not_break(edition, kind, reason):
    payload = LAYERS[kind].payload(edition, EMPTY[reason])
    assert payload
    assert isinstance(payload.get("note", ""), str)


def test_land_is_never_empty(edition):
    for view in (View(), *EMPTY.values()):
        features = land.payload(edition, view)["features"]
        assert {feature["properties"]["uk"] for feature in features} == {True, False}


@pytest.mark.parametrize("measure", on_map())
@pytest.mark.parametrize("level", LEVELS)
def test_classes_hold_the_values(edition, measure, level):
    # Some measures are of the sectors chosen.
    sector = ("life-sciences",) if MEASURES[measure].of_labels else ()
    view = View(measure=measure, level=level, sector=sector)
    payload = regions.payload(edition, view)
    assert len(payload["rows"]) == len(edition.regions[level])
    assert payload["breaks"] == sorted(set(payload["breaks"]))
    assert len(payload["words"]) == len(payload["breaks"])
    values = [row["value"] for row in payload["rows"]]
    if payload["measure"]["kind"] == "rate":
        assert payload["breaks"][-1] >= max(values)
        assert payload["breaks"][0] > 0
        assert payload["breaks"][0] <= max(values) or len(payload["breaks"]) == 1
    else:
        assert payload["breaks"] == []


def test_regions_and_money_reconcile(edition):
    for level in LEVELS:
        payload = regions.payload(edition, View(measure="total", level=level))
        placed = sum(row["value"] for row in payload["rows"])
        assert placed == pytest.approx(payload["placed_gbp"], abs=0.02)


def test_every_project_is_shown_or_said_to_be_in_the_table_only(edition):
    view = View(growth=True)
    payload = projects.payload(edition, view)
    taking_part = len(profile.taking_part(edition, view))
    drawn = len(payload["points"]) + sum(area["projects"] for area in payload["areas"])
    left = taking_part - drawn
    assert left > 0
    assert payload["note"].startswith(f"{left} without a known site")


def test_one_project_in_the_table_only_is_one():
    rows = pd.DataFrame({"project_id": ["p", "q"]})
    assert projects._note(rows, rows.head(1)) == "1 without a known site or area is in the table only."
    assert projects._note(rows, rows) == "2 without a known site or area are in the table only."


def test_a_project_without_a_figure_says_so(edition):
    points = projects.payload(edition, View(growth=True))["points"]
    unknown = [point for point in points if point["award"] is None]
    assert unknown
    assert all(point["text"].startswith("no public figure") for point in unknown)
    assert not any(point["counted"] for point in unknown)


def test_core_lies_in_the_footprint_and_firms_are_counted(edition):
    for feature in clusters.payload(edition, View(family="both"))["features"]:
        row = feature["properties"]
        assert row["firms"] >= SHIPPED.min_firms
        assert row["lq_low"] <= row["lq"] <= row["lq_high"]
        assert 0 <= row["core_share"] <= 1
        assert (row["core"] is None) == (row["core_share"] == 0)
        assert row["west"] < row["lon"] < row["east"]


def test_names_are_ordered_by_residents(edition):
    rows = labels.payload(edition, View())["rows"]
    assert [row[0] for row in rows[:2]] == ["London", "Birmingham"]
    residents = [row[3] for row in rows]
    assert residents == sorted(residents, reverse=True)


def test_every_asset_is_there(edition):
    assert len(assets.payload(edition, View())["rows"]) == len(shipped("assets"))


# --- Firms


def test_firms_with_a_place_are_all_on_the_map(edition):
    precise = shipped("firms")["location_precision"].isin(POINT_PRECISIONS).sum()
    for zoom in (4, 14):
        rows = firms.payload(edition, View(), firms.UK_BOX, zoom)["rows"]
        assert sum(row["count"] for row in rows) == precise


def test_firms_of_northern_ireland_are_shown_to_half_a_kilometre(edition):
    """Its postcodes may place an address, their points may not be published (decision 12)."""
    rows = firms.payload(edition, View(), BELFAST, 14)["rows"]
    exact = shipped("firms").query("la_code.str.startswith('N') and location_precision == 'campus'")
    campuses = set(exact["name"])
    assert len(rows) > 5
    easting, northing = to_bng(np.array([row["lon"] for row in rows]), np.array([row["lat"] for row in rows]))
    # Five decimals of a degree are a metre; the lattice is half a kilometre.
    off = np.hypot(*(axis - np.round(axis / METRES) * METRES for axis in (easting, northing)))
    named = np.array([row["name"] not in campuses and row["count"] == 1 for row in rows])
    assert named.sum() > 5
    assert off[named].max() < 1.5
    assert all(row["text"] == "close together" for row in rows if row["count"] > 1)


def test_the_store_holds_no_finer_position_of_northern_ireland(edition):
    sql = "SELECT * FROM firms WHERE la_code LIKE 'N%' AND location_precision = 'postcode'"
    found = edition.store.query(sql)
    assert len(found) > 10
    for axis in ("easting", "northing"):
        assert (found[axis] % METRES == 0).all()
    # They lie where the shipped table has them, give or take half the lattice.
    both = found.merge(shipped("firms")[["firm_id", "easting", "northing"]], on="firm_id")
    assert len(both) == len(found)
    for axis in ("easting", "northing"):
        assert (both[f"{axis}_x"] - both[f"{axis}_y"]).abs().max() <= METRES / 2


def test_firms_elsewhere_are_shown_where_they_are(edition):
    sql = "SELECT firm_id, easting, northing FROM firms WHERE point AND NOT la_code LIKE 'N%'"
    both = edition.store.query(sql).merge(shipped("firms"), on="firm_id")
    assert len(both) > 900
    assert (both["easting_x"] == both["easting_y"]).all()


@settings(max_examples=40, deadline=None)
@given(
    west=st.floats(-12, 4),
    south=st.floats(48, 62),
    width=st.floats(0.01, 12),
    height=st.floats(0.01, 12),
)
def test_a_box_in_degrees_lies_within_its_metres(west, south, width, height):
    """No firm of the box is left out, though its edges bend on the grid."""
    box = (west, south, min(west + width, firms.GROUND[2]), min(south + height, firms.GROUND[3]))
    left, right, bottom, top = firms._bounds(box)
    lon, lat = np.meshgrid(np.linspace(box[0], box[2], 41), np.linspace(box[1], box[3], 9))
    easting, northing = to_bng(lon.ravel(), lat.ravel())
    assert left - 1 <= easting.min()
    assert easting.max() <= right + 1
    # Between its points a parallel falls below them by less than this.
    assert bottom - 1 <= northing.min()
    assert northing.max() <= top + 1
