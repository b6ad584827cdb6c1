"""Every polygon that leaves: valid as JSON, wound as RFC 7946 wants it, as large as what it shows."""

import gzip
import io
import json
import zipfile

import numpy as np
import orjson
import pytest
import shapely

from edition.view import View
from geo.boundaries import LEVELS
from geo.projections import to_bng
from layers.panels import outline_of
from regions.places import places
from snapshots.standalone.standalone import standalone

LEVEL_NAMES = tuple(LEVELS)
DRAWN = tuple(name for name in LEVEL_NAMES if name != "programme_area")
# Answers of layers, and of tables whose rows lie somewhere.
PATHS = (
    *(f"/places.geojson?level={level}" for level in LEVEL_NAMES),
    *(f"/shapes/{level}?detail={detail}" for level in DRAWN for detail in ("fine", "coarse")),
    *("/land?detail=fine", "/land?detail=coarse", "/shapes/areas", "/clusters"),
    *(f"/tables/regions.geojson?level={level}" for level in DRAWN),
    *("/tables/clusters.geojson", "/tables/projects.geojson?growth=true", "/projects.geojson"),
    *(f"/places/shape?place={place}" for place in ("England", "rest-of-england", "uk", "Leeds")),
    "/places/ranks.geojson?place=Leeds",
    "/places/similar.geojson?place=Leeds",
    "/compare/clusters.geojson?place=Leeds&place=England",
    "/at/regions.geojson?lat=51.6&lon=-1.3",
    "/clusters/{cluster}",
    "/clusters/{cluster}/authorities.geojson",
)
# Bytes packed of what the map fetches first, and of lists, when this was written; little more is allowed.
PACKED = {
    "/shapes/la?detail=fine": 327_000,
    "/shapes/la?detail=coarse": 163_000,
    "/shapes/itl3?detail=fine": 223_000,
    "/shapes/nation?detail=coarse": 58_100,
    "/land?detail=fine": 187_000,
    "/places/shape?place=England": 18_800,
}
GROWTH = 1.03


def polygons_in(value):
    """Every geometry with an inside, however deep it stands."""
    if isinstance(value, list):
        for one in value:
            yield from polygons_in(one)
    elif isinstance(value, dict):
        if value.get("type") in ("Polygon", "MultiPolygon"):
            yield shapely.from_geojson(json.dumps(value))
        elif value.get("type") != "Point":
            for one in value.values():
                yield from polygons_in(one)


def faults_in(value):
    """What is wrong, in words, and how many polygons were looked at."""
    faults, seen = [], 0
    for shape in polygons_in(value):
        seen += 1
        if shape.is_empty:
            faults.append("empty")
            continue
        if not shape.is_valid:
            faults.append(shapely.is_valid_reason(shape))
        parts = shapely.get_parts(shape)
        faults += ["a clockwise exterior"] * int((~shapely.is_ccw(shapely.get_exterior_ring(parts))).sum())
        holes = [hole for part in parts for hole in part.interiors]
        faults += ["an anticlockwise hole"] * sum(map(shapely.is_ccw, holes))
    return faults, seen


@pytest.mark.parametrize("path", PATHS)
def test_every_polygon_of_an_answer_is_valid_and_wound_rightly(api, cluster, path):
    faults, seen = faults_in(api.json(path.format(cluster=cluster)))
    assert seen
    assert faults == []


@pytest.mark.parametrize("path", PACKED)
def test_an_answer_has_hardly_grown(api, path):
    assert len(gzip.compress(api.get(path).content, 6)) <= PACKED[path] * GROWTH


@pytest.mark.parametrize("level", LEVEL_NAMES)
def test_an_outline_is_as_large_as_its_place(edition, level):
    for place in places(edition).of_level(level):
        outline = shapely.transform(
            outline_of(place), lambda lonlat: np.column_stack(to_bng(lonlat[:, 0], lonlat[:, 1]))
        )
        assert outline.area == pytest.approx(shapely.area(place.geometry), rel=0.01), place.ref


def test_every_polygon_of_a_bundle_and_of_an_offline_map_is_valid_and_wound_rightly(edition, api):
    got = api.get("/bundle.zip?show=regions&show=clusters&show=projects&level=nation&dpi=72&growth=true")
    book = zipfile.ZipFile(io.BytesIO(got.content))
    names = [name for name in book.namelist() if name.endswith(".geojson")]
    assert len(names) == 3
    for name in names:
        faults, seen = faults_in(orjson.loads(book.read(name)))
        assert seen
        assert faults == [], name
    page = standalone(edition, View(show=("regions", "clusters", "projects"), level="nation")).decode()
    blocks = [part.split("</script>")[0].partition(">")[2] for part in page.split("<script type=")[1:]]
    found = [faults_in(orjson.loads(block)) for block in blocks if block.lstrip().startswith("{")]
    assert sum(seen for _, seen in found) > 20
    assert [fault for faults, _ in found for fault in faults] == []
