"""Uploads of areas as others wrote them: each is read where it lies, or refused in words."""

import json

import pytest

from data.errors import InputError
from intake import area_reader, area_upload
from intake.area_upload import read_areas
from tests import reference

FOLDER = reference.FOLDER / "cases"
GRID = (445_000, 185_000, 455_000, 195_000)
IRISH = (142_078, 525_302, 148_569, 531_793)
ITM = (142_154, 525_297, 148_646, 531_791)
# The numbers of the square above, read in the Irish Grid as those files say.
OFF_WALES = (241_034, 330_999, 251_824, 341_789)
# Square kilometres and bounds of what is an area.
AREAS = {
    "area_crs_short_name": {
        **dict.fromkeys(
            (
                "EPSG_27700",
                "epsg_27700",
                "http_www_opengis_net_def_crs_EPSG_0_27700",
                "urn_ogc_def_crs_EPSG_10_094_27700",
                "urn_ogc_def_crs_EPSG_27700",
                "urn_ogc_def_crs_EPSG_6_9_27700",
            ),
            (100.0, GRID),
        ),
        **dict.fromkeys(("EPSG_29902", "EPSG_29903"), (99.82, OFF_WALES)),
    },
    "area_upload": {
        **dict.fromkeys(
            (
                *("wgs84", "clockwise", "unclosed", "z", "dup_vertices", "mercator_crs", "bng_crs_member"),
                *("crs_epsg4326_urn", "numeric_name", "welsh", "geometrycollection"),
            ),
            (100.0, GRID),
        ),
        **dict.fromkeys(("hole", "hole_same_winding"), (96.915, GRID)),
        **dict.fromkeys(("irish_29902", "irish_29903"), (36.02, IRISH)),
        "itm_2157": (36.03, ITM),
    },
}
# Words that the others are refused in.
REFUSED = {
    "area_crs_short_name": {
        # Read as they say, these squares lie off Africa.
        **dict.fromkeys(("EPSG_25830", "EPSG_32630", "EPSG_102100"), "is outside the United Kingdom"),
        "EPSG_4258": "is not in degrees",
        "http_www_opengis_net_def_crs_OGC_1_3_CRS84": "is not in degrees",
        "urn_ogc_def_crs_OGC_1_3_CRS84": "is not in degrees",
    },
    "area_upload": {
        "bng_no_crs": "look like metres of the British National Grid (EPSG:27700)",
        "bowtie": "crosses itself",
        "crs_esri": "'ESRI:102006' is not known",
        "crs_proj4": "coordinate reference system",
        "esri_json": "no GeoJSON",
        "latlon_swapped": "seem to have changed places",
        "linestring": "a LineString is no area",
        "null_geom": "no geometry",
        "point": "a Point is no area",
        "strings": "two numbers are expected",
        "topojson": "a Topology is no area",
        "a": "does not end in .geojson",
        "shp": "does not end in .geojson",
    },
}

pytestmark = pytest.mark.reference


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Read in this process, which is sooner."""
    monkeypatch.setattr(area_upload, "_asked", lambda data: json.dumps(area_reader.answer(data)))


@pytest.fixture(params=AREAS)
def files(request):
    folder = FOLDER / request.param
    if not folder.is_dir():
        pytest.skip(f"no {request.param} in the folder of reference files (set REFERENCE_DATA)")
    return request.param, {path.stem: path for path in folder.iterdir() if path.suffix != ".md"}


def test_every_file_is_an_area_or_refused_in_words(files):
    case, paths = files
    assert set(paths) == {*AREAS[case], *REFUSED[case]}
    for name, (square_km, bounds) in AREAS[case].items():
        found = read_areas(paths[name].read_bytes(), paths[name].name)
        assert not found.refused, (name, found.refused)
        [(_, area)] = found.areas
        assert area.area / 1e6 == pytest.approx(square_km, abs=0.05), name
        assert area.bounds == pytest.approx(bounds, abs=10), name
    for name, words in REFUSED[case].items():
        assert words in told(paths[name]), name


def told(path):
    try:
        found = read_areas(path.read_bytes(), path.name)
    except InputError as fault:
        return str(fault)
    assert not found.areas, path.name
    [(_, reason)] = found.refused
    assert reason
    return reason
