"""No exact point of a postcode of Northern Ireland leaves: every path and every format is walked."""

from __future__ import annotations

from itertools import product
from urllib.parse import quote, urlencode

import numpy as np
import pytest

from api.examples import PARAMETERS
from api.service import service
from edition.keeper import keeping
from geo.postcodes import postcodes
from geo.projections import to_bng, to_lonlat
from geo.publishable import METRES, SHOWN, TO_NEAREST
from tests.northern import DERRY, LABEL, built, exact_points, leaks, register, shipped_points

PATHS = {path: told["get"].get("parameters", []) for path, told in service().openapi()["paths"].items()}
# Files that take seconds each.
DRAWN = ("/picture.{form}", "/map.html", "/bundle.zip", "/brief.pdf")
# Of these nothing can be read; what they show is what the paths above answer.
PACKED = ("/brief.pdf",)
FORMS = ("json", "csv", "geojson", "xlsx")
BELFAST = (54.61, -5.89)
EVERYTHING = ("regions", "clusters", "projects", "firms", "assets", "labels")
ASKED = {
    "lat": BELFAST[0],
    "lon": BELFAST[1],
    "place": ("N09000003", "N09000005"),
    "bbox": "-8.3,53.9,-5.3,55.4",
    "level": "la",
    "measure": "per-head",
    "chart": "timeline",
    "growth": "true",
    "show": EVERYTHING,
    "at": f"{BELFAST[0]},{BELFAST[1]},13",
    "size": "a4-landscape",
    "dpi": 72,
    "limit": 1000,
}
# Levels and pages mean something else there.
WITHOUT = {"/compare": ("level",), "/places/similar": ("level",), "/view": ("cluster",)}


@pytest.fixture(scope="module", params=["with firms", "without firms", "shipped"])
def shown(request, edition, tmp_path_factory):
    """An edition, the exact points that it must not tell, and ids of firms that are there."""
    if request.param == "shipped":
        firms = edition.store.query("SELECT firm_id FROM firms WHERE withheld")
        with keeping(edition):
            yield edition, shipped_points(), firms["firm_id"].tolist()
        return
    patch, folder = pytest.MonkeyPatch(), tmp_path_factory.mktemp("northern")
    own = built(patch, folder, edition, with_firms=request.param == "with firms")
    patch.undo()
    table = register()
    there = table[table["postcode"].str.startswith("BT")]
    with keeping(own):
        yield own, exact_points(table["postcode"]), there["firm_id"].tolist()


def clusters_of(edition):
    """The clusters of Northern Ireland, else any."""
    rows = edition.clusters
    there = rows[rows["la_codes"].map(lambda codes: any(code.startswith("N") for code in codes))]
    return (there if len(there) else rows.head(1))["cluster_id"].tolist()


def choices(edition, firms, parameter):
    """What may stand in a path."""
    name, schema = parameter["name"], parameter["schema"]
    if "enum" in schema:
        # Dots hold no numbers, and lines in PDF are packed: both are drawn from what SVG is.
        return ["svg"] if "svg" in schema["enum"] else schema["enum"]
    known = {
        "cluster_id": clusters_of(edition),
        "firm_id": firms[:: max(1, len(firms) // 15)],
        "ref": ["N09000003", "N92000002"],
        "form": FORMS,
    }
    return known.get(name) or [PARAMETERS[name]]


def questions(edition, firms, path):
    """Every question of a path about Northern Ireland."""
    given = {one["name"] for one in PATHS[path] if one["in"] == "query"}
    held = [one for one in PATHS[path] if one["in"] == "path"]
    left_out = next((names for start, names in WITHOUT.items() if path.startswith(start)), ())
    asked = {name: value for name, value in ASKED.items() if name in given and name not in left_out}
    if "{form}" in path:
        asked.pop("limit", None)
    variants = [asked]
    if path == "/search":
        names = [f"Firm {one[1:]}" for one in firms[:10]]
        texts = [*names, *firms[:10], LABEL, DERRY, "BT3 9DT", "BT3 9", "BT3", "BT", "belfast", "BT48 7ZZ"]
        variants = [{"q": text, "limit": 50} for text in texts]
    elif path == "/firms/grid":
        near = {**asked, "bbox": "-5.95,54.57,-5.85,54.65"}
        variants = [{**box, "zoom": zoom} for box in (asked, near) for zoom in (5, 9, 11, 12, 14, 18)]
    elif path in DRAWN:
        variants = [asked, {"cluster": clusters_of(edition)[0], "dpi": 72} if "dpi" in given else asked]
    if path in PACKED:
        return
    for values in product(*(choices(edition, firms, one) for one in held)):
        url = path
        for one, value in zip(held, values, strict=True):
            url = url.replace(f"{{{one['name']}}}", quote(str(value), safe=""))
        for variant in variants:
            yield f"{url}?{urlencode(variant, doseq=True)}" if variant else url


@pytest.mark.parametrize("path", PATHS)
def test_no_exact_point_leaves(api, shown, path):
    edition, exact, firms = shown
    answered = 0
    for url in questions(edition, firms, path):
        answer = api.get(url)
        assert answer.status_code < 500, (url, answer.text[:200])
        answered += answer.status_code == 200
        assert leaks(answer.content, exact) == [], url
    # Some formats are not offered.
    assert answered or path in PACKED, path


def test_the_search_for_leaks_finds_them(shown):
    """In words, numbers and both orders; what is a few hundred metres away is none."""
    _, exact, _ = shown
    easting, northing = float(exact.easting[0]), float(exact.northing[0])
    lon, lat = to_lonlat(easting, northing)
    for text in (
        f'{{"lon":{lon:.5f},"lat":{lat:.5f}}}',
        f"[{lat:.5f}, {lon:.5f}]",
        f"POINT ({lon:.6f} {lat:.6f})",
        f"x,{easting:.0f},{northing:.0f}\r\n",
        f'<c r="A2"><v>{easting}</v></c><c r="B2" s="3"><v>{northing}</v></c>',
    ):
        assert leaks(text, exact) == [(easting, northing)], text
    assert leaks(f"{easting + 20:.0f} {northing:.0f} {lon + 0.001:.5f} {lat:.5f}", exact) == []


def test_what_is_shown_lies_on_the_grid_and_says_so(api, shown):
    edition, _, _ = shown
    body = api.json("/firms/grid?bbox=-5.95,54.57,-5.85,54.65&zoom=18")
    assert body["points"]
    assert len(body["rows"]) > 3
    # A site that was found without a postcode has a point of its own, which may be shown.
    free = "SELECT name FROM firms WHERE point AND NOT withheld"
    sites = set() if edition.about.own else set(edition.store.query(free)["name"])
    held = [row for row in body["rows"] if row["count"] > 1 or row["name"] not in sites]
    assert len(held) >= len(body["rows"]) - 1
    for row in held:
        metres = np.array(to_bng(row["lon"], row["lat"]))
        np.testing.assert_allclose(metres, np.round(metres / METRES) * METRES, atol=2)
    assert body["note"] == SHOWN
    crowded = [row for row in body["rows"] if row["count"] > 1]
    assert {row["text"] for row in crowded} == {"close together"}
    england = api.json("/firms/grid?bbox=-1.7,53.7,-1.4,53.9&zoom=18")
    assert england["note"] != SHOWN
    if not edition.about.own:
        names = edition.store.query("SELECT name FROM firms WHERE withheld")["name"]
        hits = [hit for hit in api.json(f"/search?q={quote(names.iloc[0])}")["hits"] if hit["kind"] == "firm"]
        assert hits[0]["detail"].endswith(TO_NEAREST)


def test_search_shows_postcodes_and_firms_to_the_nearest_half_kilometre(api, shown):
    edition, *_ = shown
    _ = edition.search
    [unit] = [hit for hit in api.json("/search?q=BT3%209DT")["hits"] if hit["kind"] == "postcode"]
    known = postcodes().find("BT3 9DT")
    metres = np.array(to_bng(unit["lon"], unit["lat"]))
    np.testing.assert_allclose(metres, np.round(metres / METRES) * METRES, atol=2)
    assert np.hypot(*(metres - (known.easting, known.northing))) < METRES
    assert unit["detail"] == f"postcode, Belfast, {TO_NEAREST}"
    assert TO_NEAREST not in api.json("/search?q=M1%201AE")["hits"][0]["detail"]


def test_a_firm_has_no_point_and_says_why(api, shown):
    edition, *_ = shown
    there = edition.store.query("SELECT firm_id FROM firms WHERE withheld AND point")["firm_id"].tolist()
    assert there
    for firm_id in there[:5]:
        found = api.json(f"/firms/{quote(firm_id)}")
        assert (found["firm"]["lon"], found["firm"]["lat"]) == (None, None)
        assert "Northern Ireland, which may not be passed on" in found["caveat"]
        assert "withheld" not in found["firm"]
