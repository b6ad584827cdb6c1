"""Tables of one thing: the rows are those of its page, in every format, and lie where the map has them."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import orjson
import pytest
import shapely

from api.items import KINDS
from api.items import PARTS as OF_CLUSTER
from api.limits import Shelf
from api.service import service
from edition.filters import Filters
from edition.keeper import keeping
from edition.view import View
from layers.looking import view_of
from profiles import cluster as cluster_dossier
from profiles.programmes import dossier
from regions.comparison import compare
from regions.measures import MEASURES
from regions.places import find_place, find_places
from regions.ranks import by_rule
from regions.similar import similar
from tables.comparison_files import SHEETS, tables
from tables.geojson import features
from tests.api.client import Client
from tests.api.test_items import moved
from tests.api.test_tables import taken

SET = "set:E08000012+E08000014~Two of Merseyside"
MONEY = "kinds=envelope&kinds=at+least&year_to=2024"


def as_read(rows):
    """Return a table as JSON has it."""
    return orjson.loads(rows.to_json(orient="records", double_precision=15))


def drawn(api, url, *, owed=True):
    """Return the collection of a path, and its features by their first property."""
    answer = api.get(url)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "application/geo+json"
    value = answer.json()
    assert bool(value.get("attribution")) is owed
    assert value["boundaries"]
    return value, value["features"]


def ring(geometry):
    return shapely.from_geojson(orjson.dumps(geometry))


@pytest.mark.parametrize("ref", ["E08000003", "glasgow-city-region", "programme_area:borderlands", SET])
def test_ranks_lie_where_their_regions_do(api, edition, ref):
    asked = f"place={quote(ref)}&measure=firms-per-10k&sector=life-sciences"
    rows = api.json(f"/places/ranks?{asked}")["rows"]
    value, found = drawn(api, f"/places/ranks.geojson?{asked}")
    assert [one["properties"] for one in found] == rows
    place = find_place(edition, ref)
    assert {row["ref"] for row in rows} >= {place.ref}
    assert "Life sciences" in value["filters"]
    assert "Firms per 10,000 residents" in value["caveat"]
    assert not any("id" in one for one in found)
    for one in found[:: max(1, len(found) // 5)]:
        outline = api.json(f"/places/shape?place={quote(one['properties']['ref'])}")["geometry"]
        assert one["geometry"] == outline


def test_ranks_are_those_of_the_page(api, edition):
    place = find_place(edition, "Manchester")
    answer = api.json("/places/ranks?place=Manchester&measure=lq&technology=drug-discovery&limit=1000")
    rows = by_rule(edition, Filters(technology=("drug-discovery",)), place, MEASURES["lq"])
    assert answer["rows"] == as_read(rows)
    assert answer["total"] == len(rows)


def test_places_like_one_lie_where_they_are(api, edition):
    asked = "place=Cardiff&axes=residents&axes=density&most=7"
    found = similar(edition, Filters(), find_place(edition, "Cardiff"), ("residents", "density"), most=7)
    assert api.json(f"/places/similar?{asked}")["rows"] == as_read(found)
    value, shapes = drawn(api, f"/places/similar.geojson?{asked}")
    assert [one["id"] for one in shapes] == found["ref"].tolist()
    assert all(one["geometry"]["type"] in ("Polygon", "MultiPolygon") for one in shapes)
    assert "standard deviations" in value["caveat"]
    rows, name = taken(api, f"/places/similar.csv?{asked}&download=true")
    assert [row["ref"] for row in rows] == found["ref"].tolist()
    assert name == 'attachment; filename="innovation-places-like-Cardiff-sample-2026-12.csv"'
    part = api.json(f"/places/similar?{asked}&offset=5&limit=5")
    assert [row["ref"] for row in part["rows"]] == found["ref"].tolist()[5:]


def test_a_hostile_name_of_a_set_stays_in_the_name_of_the_file(api):
    name = quote('set:E08000012+E08000014~"\r\nX-Evil: 1/../{{7*7}}')
    answer = api.get(f"/places/ranks.csv?place={name}")
    assert answer.status_code in (200, 422)
    plain = quote('set:E08000012+E08000014~"/../{{7*7}}<b>')
    answer = api.get(f"/places/ranks.csv?place={plain}")
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers
    assert answer.headers["content-disposition"].isascii()
    assert set("/<{}").isdisjoint(answer.headers["content-disposition"])


@pytest.mark.parametrize("part", OF_CLUSTER)
@pytest.mark.parametrize("kind", ["sector", "technology"])
def test_tables_of_a_cluster_are_those_of_its_page(api, edition, leading, kind, part):
    cluster_id = leading[kind].cluster_id
    answer = api.json(f"/clusters/{cluster_id}/{part}?{MONEY}")
    whole = api.json(f"/clusters/{cluster_id}?{MONEY}")
    assert answer["rows"] == whole[part]
    assert answer["total"] == len(whole[part])
    row = cluster_dossier.find_cluster(edition, cluster_id)
    view = View(kinds=("envelope", "at least"), year_to=2024)
    near = cluster_dossier.projects(edition, view, cluster_id)
    page = {
        "members": lambda: cluster_dossier.firms(edition, cluster_id),
        "projects": lambda: near,
        "partners": lambda: cluster_dossier.partners(edition, near["project_id"]),
        "assets": lambda: cluster_dossier.assets(edition, cluster_id),
        "authorities": lambda: cluster_dossier.authority_money(edition, row, view.plain()),
    }
    if part in page:
        assert answer["rows"] == as_read(page[part]())
    rows, _ = taken(api, f"/clusters/{cluster_id}/{part}.csv?{MONEY}")
    assert len(rows) == answer["total"]
    assert all(row["attribution_and_caveats"] and row["filters"] for row in rows)


def test_a_cluster_says_what_its_page_says(api, edition):
    for row in edition.clusters.iloc[::5].itertuples(index=False):
        value = api.json(f"/clusters/{row.cluster_id}")
        assert value["caveats"] == cluster_dossier.caveats(edition, row)
        said = [(one["criterion"], one["words"], one["met"]) for one in value["criteria"]]
        assert said == cluster_dossier.criteria(row)
        assert value["summary"]
        assert value["authorities"][0]["la_code"] == row.la_codes[0]


@pytest.mark.parametrize(("part", "column"), [*KINDS.items(), ("authorities", "la_code")])
def test_tables_of_a_cluster_lie_where_their_things_do(api, edition, leading, part, column):
    row = leading["technology"]
    rows = api.json(f"/clusters/{row.cluster_id}/{part}")["rows"]
    _, found = drawn(api, f"/clusters/{row.cluster_id}/{part}.geojson")
    assert rows
    assert [one["properties"] for one in found] == rows
    if part == "authorities":
        shape = api.json(f"/places/shape?place={rows[0]['la_code']}")
        assert found[0]["geometry"] == shape["geometry"]
        return
    known = features(edition, part, View(technology=(row.label,)) if part == "members" else View())
    places = dict(zip(known[column], known.geometry, strict=True))
    for one in found:
        assert one["id"] == one["properties"][column]
        assert shapely.equals_exact(ring(one["geometry"]), places[one["id"]], 1e-6)


def test_firms_that_may_not_be_shown_have_no_place(api, own_edition):
    with keeping(own_edition):
        for row in own_edition.clusters.itertuples(index=False):
            # The firms are the analyst's own: nobody is owed anything for them.
            _, found = drawn(api, f"/clusters/{quote(row.cluster_id, safe='')}/members.geojson", owed=False)
            assert len(found) == row.firms
            known = features(own_edition, "members", view_of(View(), row))
            there = known[known["cluster_id"] == row.cluster_id].set_index("firm_id").geometry
            assert {one["id"] for one in found if one["geometry"] is None} == set(there[there.isna()].index)


@pytest.mark.parametrize("part", ["projects", "places", "years", "gaps", "contested"])
def test_tables_of_a_programme_are_those_of_its_page(api, edition, part):
    found = getattr(dossier(edition, Filters(), "IA"), part)
    assert api.json(f"/programmes/IA/{part}")["rows"] == as_read(found) == api.json("/programmes/IA")[part]
    rows, _ = taken(api, f"/programmes/IA/{part}.csv")
    assert len(rows) == len(found)
    if part in ("projects", "places"):
        _, shapes = drawn(api, f"/programmes/IA/{part}.geojson")
        assert [one["properties"] for one in shapes] == as_read(found)
        assert any(one["geometry"] for one in shapes)
    else:
        assert "it has json, csv, xlsx" in api.fault(f"/programmes/IA/{part}.geojson")


@pytest.mark.parametrize("part", SHEETS)
def test_tables_behind_a_comparison_are_those_of_its_page(api, edition, leading, part):
    row = leading["sector"]
    there, sectors = row.la_codes[0], (row.label, "defence")
    asked = "&".join([f"place={there}&place=City+of+Edinburgh", *(f"sector={one}" for one in sectors)])
    chosen = find_places(edition, [there, "City of Edinburgh"])
    filters = Filters(sector=sectors)
    found = tables(compare(edition, filters, chosen, ("uk", "nation")))[part]
    assert api.json(f"/compare/{part}?{asked}")["rows"] == as_read(found)
    rows, _ = taken(api, f"/compare/{part}.csv?{asked}")
    assert len(rows) == len(found)
    if part == "clusters":
        _, shapes = drawn(api, f"/compare/clusters.geojson?{asked}")
        assert row.cluster_id in found["cluster_id"].to_numpy()
        assert len(shapes) == len(found)
        assert all(one["geometry"]["type"] in ("Polygon", "MultiPolygon") for one in shapes)


def test_what_is_at_a_point_is_whole_in_its_tables(api):
    asked = "lat=51.5074&lon=-0.1278&zoom=8"
    whole = api.json(f"/at?{asked}")
    projects = api.json(f"/at/projects?{asked}")
    assert projects["total"] == whole["projects_total"]
    assert [row["project_id"] for row in projects["rows"][:12]] == [row["id"] for row in whole["projects"]]
    wide = "lat=51.5074&lon=-0.1278&zoom=3"
    assert api.json(f"/at/projects?{wide}&limit=1")["total"] > len(api.json(f"/at?{wide}")["projects"]) == 12
    for part, column in (("clusters", "cluster_id"), ("regions", "region_id"), ("programmes", "programme")):
        table = api.json(f"/at/{part}?{asked}")
        assert [row["name" if column != "programme" else column] for row in table["rows"]] == [
            row["name" if column != "programme" else column] for row in whole[part]
        ]
        rows, _ = taken(api, f"/at/{part}.csv?{asked}")
        assert len(rows) == len(whole[part]) > 0
    here = shapely.Point(-0.1278, 51.5074)
    _, regions = drawn(api, f"/at/regions.geojson?{asked}")
    assert all(shapely.dwithin(ring(one["geometry"]), here, 0.02) for one in regions)
    _, clusters = drawn(api, f"/at/clusters.geojson?{asked}")
    assert all(one["geometry"]["type"] in ("Polygon", "MultiPolygon") for one in clusters)


def test_a_point_in_the_sea_has_empty_tables_with_columns(api):
    rows, _ = taken(api, "/at/clusters.csv?lat=57&lon=2&zoom=12")
    assert rows == []
    header = api.get("/at/regions.csv?lat=57&lon=2&zoom=12").content.decode("utf-8-sig").splitlines()[0]
    assert header.startswith("region_id,level,name")
    assert api.json("/at/projects.geojson?lat=57&lon=2")["features"] == []


def test_programmes_and_projects_are_taken_as_they_are_searched(api):
    for path, column in (("/programmes", "programme_id"), ("/projects", "project_id")):
        shown = api.json(f"{path}?q=metaverse")["rows"]
        rows, _ = taken(api, f"{path}.csv?q=metaverse")
        assert [row[column] for row in rows] == [row[column] for row in shown]
        assert 0 < len(rows) < api.json(path)["total"]
    _, found = drawn(api, "/projects.geojson?programme=IA")
    assert {one["geometry"]["type"] for one in found if one["geometry"]} >= {"Point"}


@pytest.mark.parametrize("form", ["geojson", "xlsx"])
@pytest.mark.parametrize(
    "path",
    [
        "/places/ranks.{form}?place=Leeds",
        "/clusters/{cluster}/members.{form}",
        "/places.{form}",
        "/projects.{form}",
    ],
)
def test_what_is_too_long_for_one_document_is_refused_in_words(unhurried, cluster, path, form):
    api = Client(service(replace(unhurried, rows=3, shelf=Shelf())))
    words = api.fault(path.format(cluster=cluster, form=form), 413)
    assert "more than one file may have, 3: take it as CSV, or as JSON in pages" in words
    assert api.get(path.format(cluster=cluster, form="csv")).status_code == 200


def test_a_table_of_a_cluster_that_was_replaced_leads_to_the_new_one(api, monkeypatch):
    monkeypatch.setattr("api.redirects.current", moved("new"))
    for rest in (
        "",
        "/members.csv",
        "/projects?kinds=none&kinds=up+to&growth=true",
        "/projects.geojson?limit=3",
    ):
        answer = api.get(f"/clusters/old{rest}")
        assert answer.status_code == 308
        assert answer.headers["location"] == f"/api/v1/clusters/new{rest}"
    answer = api.get("/clusters/old/members.{x}%0D%0AX:%20y%7B0%7D")
    assert answer.headers["location"] == "/api/v1/clusters/new/members.%7Bx%7D%0D%0AX:%20y%7B0%7D"


def test_a_document_is_made_once(edition, unhurried, monkeypatch):
    api = Client(service(replace(unhurried, shelf=Shelf())))
    made = []
    monkeypatch.setattr("api.rows.written", lambda rows, _: made.append(rows) or b"made")
    first = api.get("/places/ranks.xlsx?place=Leeds")
    assert first.content == api.get("/places/ranks.xlsx?place=E08000035&download=true").content == b"made"
    assert len(made) == 1
    tags = {
        api.get(f"/places/ranks.xlsx?place={one}").headers["etag"] for one in ("Leeds", "York", "E06000023")
    }
    other = api.get("/places/ranks.xlsx?place=Leeds&measure=firms").headers["etag"]
    assert len({*tags, other, api.get("/places/similar.xlsx?place=Leeds").headers["etag"]}) == 5
