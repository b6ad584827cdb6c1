"""Uploads of strangers: what is read of a file, and what is refused in which words."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from threading import BoundedSemaphore

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import Point, Polygon, box

from data.errors import InputError
from geo.areas.area import area_from
from intake import area_reader as area_read
from intake import area_upload as area_file
from intake.area_reader import MOST_FEATURES, clean
from intake.area_upload import MOST_BYTES, read_areas

TOWN = box(-2.3, 53.4, -2.1, 53.5)
SQUARE = box(400_000, 300_000, 410_000, 310_000)
# Six kilometres of Belfast in the Irish Grid.
IRISH = box(330_000, 370_000, 336_000, 376_000)


@pytest.fixture
def apart():
    """Read in a process of its own, as visitors' files are."""


@pytest.fixture(autouse=True)
def here(request, monkeypatch):
    """Read in this process, which is sooner, where a test does not ask for `apart`."""
    if "apart" not in request.fixturenames:
        monkeypatch.setattr(area_file, "_asked", lambda data: json.dumps(area_read.answer(data)))


def feature(geometry, **properties):
    body = shapely.geometry.mapping(geometry) if geometry is not None else None
    return {"type": "Feature", "properties": properties, "geometry": body}


def collection(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def polygon_text(coordinates):
    return f'{{"type": "Polygon", "coordinates": {coordinates}}}'.encode()


@pytest.fixture
def geopackage(tmp_path):
    """Write a GeoPackage as others do, and read its bytes."""

    def write(*frames):
        path = tmp_path / "theirs.gpkg"
        for number, frame in enumerate(frames):
            frame.to_file(path, driver="GPKG", layer=f"layer {number}")
        return path.read_bytes()

    return write


def frame(*shapes, crs=27700, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def refusal(data, name="area.geojson"):
    with pytest.raises(InputError) as fault:
        read_areas(data, name)
    assert name.rsplit("/", 1)[-1][:40] in str(fault.value)
    return str(fault.value)


def only_reason(data, name="area.geojson"):
    found = read_areas(data, name)
    assert found.areas == ()
    [(_, reason)] = found.refused
    return reason


def test_every_feature_is_kept_or_refused_with_a_reason(apart):
    bow_tie = Polygon([(-2.3, 53.4), (-2.2, 53.5), (-2.2, 53.4), (-2.3, 53.5)])
    data = collection(
        feature(TOWN, NAME="Town"),
        feature(bow_tie, name="Bow tie"),
        feature(box(2.2, 48.8, 2.4, 48.9), LAD24NM="Paris"),
        feature(Point(-2, 53)),
        feature(None, name="Nothing"),
        feature(Polygon(), name="Empty"),
        7,
    )
    found = read_areas(data, "C:\\maps\\mine.geojson")
    assert len(found.areas) + len(found.refused) == 7
    [(name, area)] = found.areas
    assert name == "Town"
    assert area.equals(area_from(TOWN))
    reasons = dict(found.refused)
    assert "crosses itself at latitude 53.45000, longitude -2.25000" in reasons["Bow tie"]
    assert "outside the United Kingdom" in reasons["Paris"]
    assert "a Point is no area" in reasons["mine 4"]
    assert "no geometry" in reasons["Nothing"]
    assert "empty" in reasons["Empty"]
    assert "no geometry" in reasons["mine 7"]
    assert found.refusals["row"].tolist() == [1, 2, 3, 4, 5, 6]


def test_a_bare_geometry_and_a_single_feature_are_called_after_the_file():
    for body in (shapely.geometry.mapping(TOWN), feature(TOWN)):
        found = read_areas(json.dumps(body).encode(), "Our patch.JSON")
        assert [name for name, _ in found.areas] == ["Our patch"]
    many = shapely.MultiPolygon([TOWN, box(-1.6, 53.7, -1.5, 53.8)])
    [(_, area)] = read_areas(shapely.to_geojson(many).encode(), "a.json").areas
    assert len(area.geoms) == 2


def test_a_geojson_that_names_the_national_grid_is_read_in_it():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    [(_, area)] = read_areas(collection(feature(SQUARE), crs=crs), "a.geojson").areas
    assert area.bounds == pytest.approx(SQUARE.bounds, abs=1)
    crs["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"
    assert read_areas(collection(feature(TOWN), crs=crs), "a.geojson").areas


def named(name):
    return {"type": "name", "properties": {"name": name}}


SYSTEMS = {27700: SQUARE, 29902: IRISH, 29903: IRISH, 2157: box(730_000, 870_000, 736_000, 876_000)}
SPELLINGS = (
    "EPSG:{}",
    "epsg:{}",
    " EPSG:{} ",
    "EPSG::{}",
    "urn:ogc:def:crs:EPSG::{}",
    "urn:ogc:def:crs:EPSG:6.9:{}",
    "urn:ogc:def:crs:EPSG:10.094:{}",
    "urn:x-ogc:def:crs:EPSG:{}",
    "http://www.opengis.net/def/crs/EPSG/0/{}",
    "https://www.opengis.net/def/crs/EPSG/9.9.1/{}",
    "http://www.opengis.net/gml/srs/epsg.xml#{}",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("code", SYSTEMS)
def test_a_crs_is_read_in_every_usual_spelling(code, spelling):
    data = collection(feature(SYSTEMS[code]), crs=named(spelling.format(code)))
    [(_, area)] = read_areas(data, "a.geojson").areas
    west, south, east, north = area.bounds
    where = SQUARE.bounds if code == 27700 else (142_100, 525_300, 148_600, 531_800)
    assert (west, south, east, north) == pytest.approx(where, abs=100)
    assert area.area == pytest.approx(SYSTEMS[code].area, rel=0.002)


@pytest.mark.parametrize("code", [25830, 25831, 32630, 32629, 4258, 3857, 27700, 29901])
def test_no_digit_of_a_code_is_lost(code):
    for spelling in SPELLINGS:
        assert area_read._named_crs(named(spelling.format(code))) == code


@pytest.mark.parametrize(
    "spelling",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "https://www.opengis.net/def/crs/OGC/0/crs84",
        "EPSG:4326",
    ],
)
def test_degrees_may_be_named(spelling):
    [(_, area)] = read_areas(collection(feature(TOWN), crs=named(spelling)), "a.geojson").areas
    assert area.equals(area_from(TOWN))


def test_the_nearest_crs_holds():
    """PostGIS writes it into the geometry; older programs into a feature or the file."""
    inside = feature(SQUARE, name="geometry")
    inside["geometry"] = {**inside["geometry"], "crs": named("EPSG:27700")}
    beside = {**feature(IRISH, name="feature"), "crs": named("EPSG:29902")}
    for outer in (None, named("EPSG:4326"), named("EPSG:3857")):
        more = {} if outer is None else {"crs": outer}
        found = dict(read_areas(collection(inside, beside, **more), "a.geojson").areas)
        assert found["geometry"].bounds == pytest.approx(SQUARE.bounds, abs=1)
        assert found["feature"].bounds == pytest.approx((142_100, 525_300, 148_600, 531_800), abs=100)
    [(_, area)] = read_areas(json.dumps(inside["geometry"]).encode(), "a.geojson").areas
    assert area.bounds == pytest.approx(SQUARE.bounds, abs=1)
    mercator = collection(inside, feature(TOWN, name="town"))
    assert dict(read_areas(mercator, "a.geojson").areas)["town"].equals(area_from(TOWN))


def test_an_odd_crs_of_one_geometry_refuses_it_alone():
    inside = feature(SQUARE, name="odd")
    inside["geometry"] = {**inside["geometry"], "crs": named("ESRI:102006")}
    found = read_areas(collection(inside, feature(TOWN, name="town")), "a.geojson")
    assert [name for name, _ in found.areas] == ["town"]
    [(name, reason)] = found.refused
    assert name == "odd"
    assert "the coordinate reference system 'ESRI:102006' is not known" in reason


@pytest.mark.parametrize(
    ("shape", "system"),
    [
        (SQUARE, "the British National Grid (EPSG:27700)"),
        (box(-150_000, 6_721_000, -134_000, 6_737_000), "Web Mercator (EPSG:3857)"),
        (box(5_000_000, 5_000_000, 5_100_000, 5_100_000), ""),
    ],
)
def test_metres_without_a_name_are_told_what_they_look_like(shape, system):
    reason = only_reason(collection(feature(shape)))
    assert "is not in degrees" in reason
    assert ("look like metres" in reason) == bool(system)
    assert system in reason


def test_a_collection_of_polygons_is_one_area():
    parts = [TOWN, shapely.MultiPolygon([box(-1.6, 53.7, -1.5, 53.8), box(-1.4, 53.7, -1.3, 53.8)])]
    [(_, area)] = read_areas(collection(feature(shapely.GeometryCollection(parts))), "a.geojson").areas
    assert area.area == pytest.approx(sum(area_from(part).area for part in parts))
    assert len(area.geoms) == 3
    mixed = shapely.GeometryCollection([TOWN, Point(-2, 53)])
    assert "a Point is no area" in only_reason(collection(feature(mixed)))
    assert "empty" in only_reason(collection(feature(shapely.GeometryCollection())))


@pytest.mark.parametrize(
    "crs",
    [7, "x", {}, {"properties": {"name": "file:///etc/passwd"}}, {"properties": {"name": "http://host/x"}}],
)
def test_any_other_crs_is_refused(crs):
    assert "coordinate reference system" in refusal(collection(feature(TOWN), crs=crs))
    unknown = {"type": "name", "properties": {"name": "EPSG:99999"}}
    assert "coordinate reference system" in only_reason(collection(feature(TOWN), crs=unknown))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"hello", "is called .geojson but is not GeoJSON inside"),
        (b'{"type": "FeatureCollection", "features": ' + b"[" * 1_000_000, "nested too deeply"),
        (polygon_text("[" * 100_000 + "]" * 100_000), "nested too deeply"),
        (b'{"type": "FeatureCollection", "features": [', "is no GeoJSON"),
        (b'{"a": 1}', "no GeoJSON"),
        (b"{\xff}", "is no GeoJSON"),
        (b'{"type": "FeatureCollection"}', "no list of features"),
        (collection(), "has no features"),
        (collection(*[feature(TOWN)] * (MOST_FEATURES + 1)), f"more than {MOST_FEATURES} features"),
        (polygon_text(f"[[[{'9' * 5000}, 53], [-2, 53], [-2, 54]]]"), "is no GeoJSON"),
        (b"{" + b" " * MOST_BYTES, "5.0 MB"),
        (b"{" + b" " * 6_000_000, "6.0 MB"),
    ],
)
def test_files_that_cannot_be_used_are_refused_whole(data, words):
    assert words in refusal(data)


@pytest.mark.parametrize(
    ("coordinates", "words"),
    [
        ("[[[NaN, 53], [-2, 54], [-1, 53], [NaN, 53]]]", "no point on earth"),
        ("[[[-Infinity, 53], [-2, 54], [-1, 53]]]", "is no corner"),
        ("[[[1e999, 53], [-2, 54], [-1, 53]]]", "is no corner"),
        ('[[["-2", 53], [-2, 54], [-1, 53]]]', "is no corner"),
        ("[[[-2], [-2, 54], [-1, 53]]]", "is no corner"),
        ("[[[-2, 53], [-2, 54]]]", "at least three corners"),
        ("[7]", "is no ring"),
        ("7", "no coordinates"),
        ("[]", "empty"),
        ("[[[400000, 300000], [410000, 300000], [410000, 310000]]]", "not in degrees"),
        ("[[[53.4, -2.3], [53.5, -2.3], [53.5, -2.2]]]", "changed places"),
        (json.dumps([[[-2 + i * 1e-5, 53] for i in range(10_001)]]), "10,001 corners"),
    ],
)
def test_polygons_that_cannot_be_used_are_refused_alone(coordinates, words):
    assert words in only_reason(polygon_text(coordinates))


def test_what_is_nested_too_deeply_harms_only_its_own_process(apart):
    for nested in (b'{"type": ' + b"[" * 1_000_000, polygon_text("[" * 100_000 + "]" * 100_000)):
        assert "nested too deeply" in refusal(nested)


def test_a_name_is_a_line_of_text():
    hostile = "<img src=x onerror=alert(1)>\n\x00\u202e" + "x" * 200
    [(name, _)] = read_areas(collection(feature(TOWN, name=hostile)), "a.geojson").areas
    assert name == clean(hostile)
    assert len(name) == 80
    assert name.isprintable()
    [(name, _)] = read_areas(collection(feature(TOWN, name="  ", nm=7, TITLE="Title")), "a.geojson").areas
    assert name == "Title"


@pytest.mark.parametrize("crs", [27700, 4326, 3857, 29903, 4258])
def test_a_geopackage_is_read_in_its_own_crs(geopackage, crs):
    theirs = frame(SQUARE, box(530_000, 180_000, 531_000, 181_000), LAD24NM=["One", "Two"]).to_crs(crs)
    found = read_areas(geopackage(theirs), "a.gpkg")
    assert found.refused == ()
    assert [name for name, _ in found.areas] == ["One", "Two"]
    # The grid is written out to within five metres (see geo.projections).
    assert found.areas[0][1].bounds == pytest.approx(SQUARE.bounds, abs=8)


def test_all_layers_of_a_geopackage_are_read(apart, geopackage):
    found = read_areas(geopackage(frame(SQUARE), frame(TOWN, crs=4326)), "two.gpkg")
    assert [name for name, _ in found.areas] == ["two 1", "two 2"]


def test_a_geopackage_with_too_many_features_is_refused(geopackage):
    assert len(read_areas(geopackage(frame(*[SQUARE] * MOST_FEATURES)), "a.gpkg").areas) == MOST_FEATURES
    assert "more than 50" in refusal(geopackage(frame(*[SQUARE] * (MOST_FEATURES + 1))), "a.gpkg")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_geopackage_without_a_crs_is_refused(geopackage):
    assert "names no coordinate reference system" in only_reason(
        geopackage(frame(SQUARE, crs=None)), "a.gpkg"
    )


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Point(400_000, 300_000), "a Point is no area"),
        (box(400_000, 300_000, 400_050, 300_050), "hectare"),
        (Polygon(), "empty"),
        (None, "no geometry"),
        (Point(400_000, 300_000).buffer(5_000, quad_segs=3_000), "corners"),
        (box(4_000_000, 3_000_000, 4_100_000, 3_100_000), ""),
    ],
)
def test_shapes_of_a_geopackage_that_are_no_areas_are_refused(geopackage, shape, words):
    assert words in only_reason(geopackage(frame(shape)), "a.gpkg")


def test_a_geopackage_that_was_cut_short_is_refused(geopackage):
    whole = geopackage(frame(SQUARE))
    for end in (16, 50, 100, 5_000, len(whole) // 2):
        assert "cannot be read" in refusal(whole[:end], "a.gpkg")


def test_a_geopackage_with_a_log_beside_it_is_read(geopackage):
    whole = bytearray(geopackage(frame(SQUARE)))
    whole[18:20] = b"\x02\x02"
    assert len(read_areas(bytes(whole), "a.gpkg").areas) == 1


def test_a_database_that_is_no_geopackage_is_refused(tmp_path):
    path = tmp_path / "x.gpkg"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE secrets (x)")
    base.close()
    assert "no such table: gpkg_geometry_columns" in refusal(path.read_bytes(), "x.gpkg")


def test_a_view_that_never_ends_is_refused_at_once(apart, tmp_path, geopackage):
    path = tmp_path / "x.gpkg"
    path.write_bytes(geopackage(frame(SQUARE)))
    with sqlite3.connect(path) as base:
        base.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS geom FROM n WHERE i < 0"
        )
        base.execute("UPDATE gpkg_geometry_columns SET table_name = 'endless', column_name = 'geom'")
    base.close()
    began = time.monotonic()
    assert "cannot be read" in refusal(path.read_bytes(), "x.gpkg")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"hello", "a.gpkg", "is not a GeoPackage inside"),
        (collection(feature(TOWN)), "a.gpkg", "is not a GeoPackage inside"),
        (area_read.SQLITE + b"x", "a.geojson", "is not GeoJSON inside"),
        (b"PK\x03\x04", "a.zip", "does not end in .geojson, .json or .gpkg"),
        (b"hello", "/vsicurl/http://host/a.geojson", "is not GeoJSON inside"),
        (b"hello", "a", "does not end in"),
    ],
)
def test_a_file_that_is_not_what_it_is_called_is_refused(data, name, words):
    assert words in refusal(data, name)


def test_a_reader_that_runs_on_is_ended(apart, monkeypatch):
    monkeypatch.setattr(area_file, "SECONDS", 0.01)
    assert "could not be read within" in refusal(collection(feature(TOWN)))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited where the platform can")
def test_a_reader_that_fills_the_memory_is_ended(apart, monkeypatch):
    code = "from intake import area_reader as r; r.rows_of = lambda data: [bytes(4 << 30)]; r.main()"
    monkeypatch.setattr(area_file, "COMMAND", ("-c", code))
    assert "needs too much memory" in refusal(collection(feature(TOWN)))


def test_so_many_files_are_read_at_a_time(apart, monkeypatch):
    monkeypatch.setattr(area_file, "SECONDS", 0.01)
    monkeypatch.setattr(area_file, "_TURNS", BoundedSemaphore(1))
    with area_file._TURNS:
        assert "try again" in refusal(collection(feature(TOWN)))
    # A turn that ended in a fault is given back.
    for _ in range(2):
        assert "could not be read within" in refusal(collection(feature(TOWN)))


def test_a_reader_that_falls_over_is_a_refusal(apart, monkeypatch):
    monkeypatch.setattr(area_file, "COMMAND", ("-c", "import os; os.abort()"))
    assert "damaged" in refusal(collection(feature(TOWN)))


def test_the_reader_loads_no_driver():
    """GDAL has drivers that follow addresses in a file; what is not loaded cannot."""
    code = (
        "import sys, intake.area_reader as r; r.rows_of(sys.stdin.buffer.read());"
        "print([name for name in ('pyogrio', 'pyogrio._io', 'fiona', 'osgeo', 'geopandas') "
        "if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=collection(feature(TOWN)), capture_output=True, check=True,
        cwd=area_file.ROOT, env={**os.environ, "PYTHONPATH": str(area_file.ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == b"[]"
