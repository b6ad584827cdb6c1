"""The API as a caller meets it: every path answers, takes what it says alone, and refuses in words."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import get_args
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.compare import ComparePart
from api.items import ClusterPart
from api.lists import LISTS
from api.lookups import PointPart
from api.parameters import TableName
from api.programmes import ProgrammePart
from api.service import service
from edition.filters import Filters
from edition.keeper import KEEPER, Keeper, keeping
from edition.view import LEVELS
from layers.base import API
from regions.measures import on_map
from tests.api.client import Client, strict

BOX = "bbox=-9,49,3,61"
NAMES = get_args(TableName)


def parts(kind):
    """Return the names of the tables that a thing has."""
    return get_args(get_args(kind)[0])


PATHS = (
    *("/health", "/style", "/style?theme=dark", "/land", "/land?detail=coarse", "/shapes/areas"),
    *(f"/shapes/{level}?detail={detail}" for level in LEVELS for detail in ("fine", "coarse")),
    *(f"/regions?level={level}&measure={measure}" for level in ("itl1", "nation") for measure in on_map()),
    *("/clusters", "/clusters?family=both", "/clusters/{cluster}", "/projects/map", "/assets/map", "/towns"),
    *(f"/firms/grid?{BOX}&zoom={zoom}" for zoom in (0, 6, 14, 20)),
    *("/at?lat=51.6&lon=-1.3", "/sentence", "/search?q=harwell"),
    *(f"/tables/{name}" for name in NAMES),
    *("/compare?place=Leeds", "/measures", "/places/ranks?place=Leeds", "/places/similar?place=Leeds"),
    *("/places/shape?place=Leeds", "/programmes", "/programmes/IA", "/projects", "/years", "/places"),
    *("/places/E08000003", "/projects/ia-gla-mim", "/firms/encirc", "/assets/uni-aston-university"),
    *("/view", "/edition", *(f"/{listing.id}" for listing in LISTS)),
    *(f"/at/{part}?lat=51.5074&lon=-0.1278&zoom=8" for part in parts(PointPart)),
    *(f"/compare/{part}?place=Leeds&place=Cambridge" for part in parts(ComparePart)),
    *(f"/programmes/IA/{part}" for part in parts(ProgrammePart)),
    *(f"/clusters/{{cluster}}/{part}" for part in parts(ClusterPart)),
)
NATIONS = {
    "England": (51.5754, -1.3180),
    "Scotland": (55.8609, -4.2514),
    "Wales": (51.4816, -3.1791),
    "Northern Ireland": (54.5973, -5.9301),
}


def drawn_ids(collection):
    return {feature["properties"]["id"] for feature in collection["features"]}


# --- Every path answers


@pytest.mark.parametrize("path", PATHS)
def test_every_path_answers_with_strict_json(api, cluster, path):
    value = api.json(path.format(cluster=cluster))
    assert value
    # Nothing was refused of the edition that ships.
    for key in () if path == "/refused" else ("rows", "features", "regions", "hits", "points"):
        if isinstance(value, dict) and isinstance(value.get(key), list):
            assert value[key], f"{path}: no {key}"


def test_no_path_is_left_out_here(specification):
    asked = {path.partition("?")[0].replace("{cluster}", "{cluster_id}") for path in PATHS}
    forms = {path: re.sub(r"\{[^}]+\}", "[^/]+", path) for path in specification["paths"]}
    # Files, and JSON by its ending, have tests of their own.
    own = {"/map.html", "/bundle.zip", "/brief.pdf", *(path for path in forms if path.endswith("{form}"))}
    left = {path for path, form in forms.items() if not any(re.fullmatch(form, one) for one in asked)}
    assert left - own == set()


def test_shapes_and_rows_of_a_level_are_about_the_same_regions(api):
    for level in LEVELS:
        rows = api.json(f"/regions?level={level}")["rows"]
        for detail in ("fine", "coarse"):
            shapes = drawn_ids(api.json(f"/shapes/{level}?detail={detail}"))
            assert shapes == {row["id"] for row in rows}


def test_areas_of_awards_are_all_outlined(api):
    awarded = {row["id"] for row in api.json("/projects/map?growth=true")["areas"]}
    assert awarded
    assert awarded <= drawn_ids(api.json("/shapes/areas"))


# --- What is refused, in words


@pytest.mark.parametrize("name", NAMES)
def test_csv_and_lookups_refuse_what_they_do_not_take(api, cluster, name):
    assert "'tab' is no parameter" in api.fault(f"/tables/{name}.csv?tab=regions")
    assert "'tab' is no parameter" in api.fault(f"/clusters/{cluster}?tab=regions")


@pytest.mark.parametrize(
    "box",
    [
        *("", "1", "1,2,3", "1,2,3,4,5", "a,b,c,d", "-9;49;3;61", "-9,49,3,", "nan,49,3,61", "-9,49,inf,61"),
        *("3,49,-9,61", "-9,61,3,49", "-9,49,-9,61", "-999,49,3,61", "-9,-91,3,61", "-9,49,1e99,61"),
        *("9" * 90 + ",1,2,3", "-9,49,3,61" + " " * 200),
    ],
)
def test_what_is_no_box_is_refused_and_quoted(api, box):
    words = api.fault("/firms/grid?" + urlencode({"bbox": box}))
    assert words.startswith("bbox: ")
    assert len(words) < 400
    assert repr(box[:60])[1:-1] in words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("/firms/grid", "bbox: Field required"),
        (f"/firms/grid?{BOX}&zoom=21", "'21'"),
        (f"/firms/grid?{BOX}&zoom=-1", "'-1'"),
        (f"/firms/grid?{BOX}&zoom=6.5", "'6.5'"),
        (f"/firms/grid?{BOX}&zoom=1e3", "'1e3'"),
        ("/at?lat=nan&lon=0", "lat: Input should be a finite number (given: 'nan')"),
        ("/at?lat=54&lon=-inf", "lon: Input should be a finite number"),
        ("/at?lat=91&lon=0", "'91'"),
        ("/at?lat=54", "lon: Field required"),
        ("/at?lat=54&lon=-2&zoom=nan", "zoom: "),
        ("/tables/firms?limit=0", "'0'"),
        ("/tables/firms?limit=1001", "'1001'"),
        ("/tables/firms?limit=" + "9" * 400, "limit: "),
        ("/tables/firms?offset=-1", "'-1'"),
        ("/search?q=", "q: "),
        ("/search?q=a&limit=51", "'51'"),
        ("/search?q=" + "a" * 101, "at most 100 characters"),
        ("/shapes/ward", "'ward'"),
        ("/tables/people", "'people'"),
        ("/tables/people.csv", "'people'"),
        ("/style?theme=pink", "'pink'"),
        ("/land?detail=finest", "'finest'"),
        ("/regions?level=ward", "'ward'"),
        ("/regions?measure=jobs", "'jobs'"),
        ("/regions?year_from=2020&year_to=2019", "year_from 2020 is after year_to 2019"),
        ("/clusters?growth=maybe", "'maybe'"),
        ("/clusters?type=Large", "'Large'"),
        ("/sentence?kinds=gift", "'gift'"),
        ("/clusters/atlantis?year_from=2020&year_to=2019", "year_from 2020 is after year_to 2019"),
        ("/clusters/{cluster}/jobs", "'jobs'"),
    ],
)
def test_values_out_of_bounds_are_refused_and_named(api, cluster, query, words):
    assert words in api.fault(query.replace("{cluster}", cluster))


@pytest.mark.parametrize("path", ["/clusters?", "/regions?", f"/firms/grid?{BOX}&", "/tables/projects.csv?"])
def test_an_unknown_sector_names_the_nearest(api, path):
    words = api.fault(f"{path}sector=life-science")
    assert "'life-science' is no sector" in words
    assert "did you mean Life sciences (life-sciences)" in words


def test_every_fault_is_said_at_once(api):
    words = api.fault("/tables/clusters?sector=x&technology=y&limit=0")
    assert all(name in words for name in ("sector.0", "technology.0", "limit"))


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("/sentence?kinds=gift", "'gift'"),
        ("/view?show=roads", "'roads'"),
        ("/view?against=moon", "'moon'"),
        ("/compare?place=Leeds&against=moon", "'moon'"),
        ("/places?level=ward", "'ward'"),
    ],
)
def test_one_fault_is_said_once(api, url, wrong):
    words = api.fault(url)
    assert words.count(wrong) == 1
    assert len(re.findall(r"(?:^|; )[\w.]+: ", words)) <= 1


def test_an_unknown_path_says_where_the_known_ones_are(api):
    assert api.fault("/nothing/here", 404) == f"{API}/nothing/here does not exist; {API}/docs lists what does"
    assert len(api.fault("/" + "a" * 5_000, 404)) < 400
    assert "'atlantis'" in api.fault("/clusters/atlantis", 404)


def test_what_needs_no_table_answers_meanwhile(api):
    with keeping(None):
        assert api.json("/health")["status"] == "building"
        assert api.json("/style")["colours"]
        assert api.json("/openapi.json")["paths"]
        assert "'x'" in api.fault("/clusters?type=x")
    assert api.json("/health")["status"] == "ready"


def test_who_watches_a_server_that_failed_has_it_tried_again(api, monkeypatch):
    tried = []
    monkeypatch.setattr(Keeper, "start", lambda _keeper: tried.append("again"))
    assert api.json("/health")["status"] == "ready"
    with keeping(None):
        assert api.json("/health")["status"] == "building"
        assert tried == []
        monkeypatch.setattr(KEEPER, "fault", "StoreError: the disc is full")
        assert api.json("/health")["status"] == "failed"
    assert tried == ["again"]


TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *(
                "'; DROP TABLE firms; --",
                '" OR 1=1',
                "%",
                "_",
                "\\",
                "../../etc/passwd",
                "{{ 7*7 }}",
                "${7*7}",
            ),
            *("<img onerror=alert(1)>", "\x00", "\udc80".encode("utf-8", "replace").decode(), "OX11 0" * 9),
            *("٣,٤,٥,٦", "1e308,1e308,1e309,1e309", "-0.0,-0.0,0.0,0.0", "ＯＸ１１", "💥" * 20, "\r\nX: y"),
        ]
    ),
)


@settings(max_examples=50, deadline=None)
@given(text=TEXT)
def test_no_text_breaks_a_path(api, text):
    inside = quote(text, safe="")
    for url in (
        f"/search?q={inside}",
        f"/clusters?sector={inside}&technology={inside}&programme={inside}",
        f"/clusters/{inside}",
        f"/firms/grid?bbox={inside}",
        f"/tables/firms?type={inside}",
        f"/tables/{inside}.csv",
        f"/shapes/{inside}",
        f"/style?{inside}={inside}",
    ):
        answer = api.get(url)
        assert answer.status_code in (200, 404, 422), url
        assert isinstance(strict(answer.text), dict)


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(*[st.floats(-180, 180), st.floats(-90, 90)] * 2),
    st.integers(0, 20),
)
def test_any_box_is_answered_or_refused(api, edges, zoom):
    west, south, east, north = edges
    answer = api.get(f"/firms/grid?bbox={west},{south},{east},{north}&zoom={zoom}")
    good = west < east and south < north
    assert answer.status_code == (200 if good else 422)
    value = strict(answer.text)
    assert "detail" in value or value["rows"] or value["note"]


# --- Nothing is sent twice


@pytest.mark.parametrize("path", ["/regions", "/land", "/tables/projects?limit=3", "/search?q=leeds"])
def test_what_a_caller_has_is_not_sent_again(api, path):
    first = api.get(path)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", W/{tag}'):
        again = api.get(path, headers={"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    assert api.get(path, headers={"If-None-Match": '"other"'}).content == first.content


def test_another_question_has_another_tag(api):
    tags = {api.get(path).headers["etag"] for path in ("/regions", "/regions?level=la", "/clusters")}
    assert len(tags) == 3


# --- The documentation in the browser and for programs


def test_the_documentation_page_names_no_other_host(api):
    page = api.get("/docs")
    assert page.status_code == 200
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page.text) == []
    named = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert {path.split("/")[1] for path in named} == {"swagger", "assets", "api", ""}
    assert f'"{API}/openapi.json"' in page.text
    policy = page.headers["content-security-policy"]
    assert "http" not in policy
    assert "script-src 'self' 'sha256-" in policy


def test_every_path_and_parameter_is_described(specification):
    assert specification["openapi"].startswith("3.")
    assert specification["servers"] == [{"url": API}]
    for path, methods in specification["paths"].items():
        assert set(methods) == {"get"}, path
        assert methods["get"]["summary"], path
        assert methods["get"]["tags"], path
        for parameter in methods["get"].get("parameters", []):
            assert parameter.get("description"), (path, parameter["name"])


def test_every_reference_in_the_specification_leads_somewhere(api, specification):
    for target in re.findall(r'"\$ref":\s*"#/([^"]+)"', api.get("/openapi.json").text):
        value = specification
        for part in target.split("/"):
            value = value[part]


def test_faults_look_as_the_specification_says(specification):
    for methods in specification["paths"].values():
        for status in ("404", "413", "422", "503"):
            shape = methods["get"]["responses"][status]["content"]["application/json"]["schema"]
            assert shape == {"$ref": "#/components/schemas/Fault"}
    assert list(specification["components"]["schemas"]["Fault"]["properties"]) == ["detail"]


# --- What the answers say


@pytest.mark.parametrize(
    "filters", ["", "&sector=life-sciences", "&growth=true", "&kinds=none&year_from=2023"]
)
def test_regions_and_what_is_not_placed_add_up_to_the_awards_at_every_level(api, filters):
    projects = api.json(f"/tables/projects?limit=1000{filters}")
    assert projects["total"] == len(projects["rows"])
    awards = sum(row["counted_gbp"] for row in projects["rows"])
    assert awards > 0
    for level in LEVELS:
        answer = api.json(f"/regions?measure=total&level={level}{filters}")
        placed = sum(row["value"] for row in answer["rows"])
        assert placed == pytest.approx(answer["placed_gbp"], abs=0.02)
        assert placed + answer["not_placed_gbp"] == pytest.approx(awards, abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_in_pages_is_the_whole_table(api, name):
    whole = api.json(f"/tables/{name}?limit=1000")
    size = max(1, whole["total"] // 3)
    parts = [
        api.json(f"/tables/{name}?limit={size}&offset={start}")
        for start in range(0, min(whole["total"], 1000), size)
    ]
    assert [row for part in parts for row in part["rows"]][:1000] == whole["rows"]
    beyond = api.json(f"/tables/{name}?offset=100000000")
    assert (beyond["total"], beyond["rows"]) == (whole["total"], [])


def test_a_cluster_says_why_it_is_one(api, edition):
    for cluster_id in edition.clusters["cluster_id"]:
        value = api.json(f"/clusters/{cluster_id}")
        assert value["firms"] == len(value["members"])
        core = [member["core"] for member in value["members"]]
        assert core == sorted(core, reverse=True)
        assert {"Firms", "Location quotient", "Core"} <= {fact["what"] for fact in value["facts"]}
        assert all(fact["value"] and fact["meaning"] for fact in value["facts"])
        assert value["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_the_filters_reach_every_path(api):
    total = api.json("/tables/firms")["total"]
    some = api.json("/tables/firms?sector=life-sciences")["total"]
    assert 0 < some < total
    labels = {row["properties"]["label"] for row in api.json("/clusters?sector=life-sciences")["features"]}
    assert labels == {"life-sciences"}
    grid = api.json(f"/firms/grid?{BOX}&zoom=6&sector=life-sciences")["rows"]
    assert 0 < sum(row["count"] for row in grid) <= some
    assert "life sciences" in api.json("/sentence?sector=life-sciences")["sentence"]


def test_sentence_and_clusters_agree(api):
    found = [one["properties"] for one in api.json("/clusters?family=both")["features"]]
    sites = sum(one["one_site"] for one in found)
    solid = sum(one["standing"] == "solid" and not one["one_site"] for one in found)
    words = api.json("/sentence?family=both")["sentence"]
    assert words.startswith(f"{solid} clusters in ")
    assert sites > 1
    assert f", {len(found) - solid - sites} uncertain ones and {sites} single sites;" in words
    assert set(Filters.model_fields) >= {"family", "type"}


def test_the_service_can_be_made_twice(edition):
    assert edition
    assert Client(service()).json("/health")["status"] == "ready"


# --- Firms on the map


def test_no_firm_is_lost_between_zooms_and_boxes(api):
    points = {zoom: api.json(f"/firms/grid?{BOX}&zoom={zoom}")["rows"] for zoom in (0, 3, 6, 9, 14)}
    sums = {zoom: sum(row["count"] for row in rows) for zoom, rows in points.items()}
    assert len(set(sums.values())) == 1
    assert all(len(points[near]) >= len(points[far]) for far, near in pairwise(points))
    world = api.json("/firms/grid?bbox=-180,-90,180,90&zoom=6")["rows"]
    assert sum(row["count"] for row in world) == sums[6]


def test_a_box_holds_what_lies_in_it(api):
    everywhere = api.json(f"/firms/grid?{BOX}&zoom=14")["rows"]
    for box in ((-1.4, 51.5, -1.1, 51.7), (-6.3, 54.4, -5.7, 54.8), (-9.0, 50.0, -1.0, 52.0)):
        west, south, east, north = box
        shown = {
            (row["lon"], row["lat"])
            for row in api.json(f"/firms/grid?bbox={west},{south},{east},{north}&zoom=14")["rows"]
        }
        inside = {
            (row["lon"], row["lat"])
            for row in everywhere
            if west <= row["lon"] <= east and south <= row["lat"] <= north
        }
        assert inside
        assert inside <= shown


def test_an_empty_box_says_so(api):
    answer = api.json("/firms/grid?bbox=-8,58,-7,59&zoom=10")
    assert answer["rows"] == []
    assert "Zoom out" in answer["note"]
