"""Postcodes: a tiny directory for the rules, the shipped one for what it holds."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError, NotFoundError, StoreError, TableError
from geo import postcodes as module
from geo.postcode_text import read_part
from geo.postcodes import Postcodes, build, package_tables, read
from tests import reference

EDITION = "Test Directory 2025"
AUTHORITIES = {"E07000179", "E07000180", "E08000025", "E08000038", "E06000022", "N09000003", "E09000033"}
ROWS = [
    ("OX110QR", "E07000180", 448000.0, 186800.0),
    ("OX110QX", "E07000180", 448200.0, 187000.0),
    ("OX110AA", "E07000179", 449000.0, 188000.0),
    ("OX117AA", "E07000179", 452000.0, 190000.0),
    ("OX1 1AA", "E07000179", 451000.0, 206000.0),
    ("B1  1AA", "E08000025", 406600.0, 286500.0),
    ("B1  1AB", "E08000016", 406800.0, 286700.0),
    ("B11 1AA", "E08000025", 409000.0, 284000.0),
    ("BA1 1AA", "E06000022", 375000.0, 164000.0),
    ("BT1 1AA", "N09000003", 333923.0, 374507.0),
    ("JE2 3AB", "L99999999", None, None),
    ("OX119ZZ", None, None, None),
    ("W1  3PF", "E09000033", 528300.0, 181700.0),
    ("W1A 0AA", "E09000033", 529500.0, 181400.0),
    ("W1B 1AA", "E09000033", 528900.0, 181500.0),
]


def raw(rows=ROWS):
    columns = zip(*rows, strict=True)
    return dict(zip(("pcd", "laua", "oseast1m", "osnrth1m"), map(list, columns), strict=True))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Postcodes:
    path = tmp_path_factory.mktemp("tiny") / "postcodes.arrow"
    build([raw(ROWS[::2]), raw(ROWS[1::2])], path, EDITION, AUTHORITIES)
    return read(path)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory) -> Postcodes:
    """Make the whole directory once, as the first run does."""
    path = tmp_path_factory.mktemp("shipped") / "postcodes.arrow"
    shares: list[float] = []
    build(package_tables(shares.append), path, module.edition(), module._authorities())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    return read(path)


def written_usually(text):
    return read_part(text).label


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ox110qr", "OX11 0QR"),
        (" OX1 10 QR ", "OX11 0QR"),
        ("Sw1A\u00a01aA", "SW1A 1AA"),
        ("m1-1ae", "M1 1AE"),
        ("ox11 0q", "OX11 0Q"),
        ("ox110", "OX11 0"),
        ("ox11", "OX11"),
        ("b1 1", "B1 1"),
        ("b11", "B11"),
        ("ec1a1", "EC1A 1"),
        ("w1a", "W1A"),
        ("gir0aa", "GIR 0AA"),
        ("ox", "OX"),
    ],
)
def test_postcodes_are_written_in_the_usual_way(text, written):
    assert written_usually(text) == written
    assert written_usually(written) == written


@pytest.mark.parametrize(
    "text",
    ["", "  ", "12", "OXX11 0QR", "OX11 0QRR", "OX11 QQR", "Oxford", "OX11 0QR\U0001f389", ".*", "x" * 9999],
)
def test_what_is_no_postcode_is_refused_with_the_form_expected(text):
    with pytest.raises(InputError, match="OX11 0QR") as fault:
        written_usually(text)
    assert len(str(fault.value)) < 250


@given(st.text(max_size=12))
def test_no_text_breaks_reading_and_what_is_read_reads_again(text):
    try:
        written = written_usually(text)
    except InputError:
        return
    assert written_usually(written) == written


def test_a_unit_is_found_where_the_directory_has_it(tiny):
    place = tiny.find("ox11 0qr")
    assert (place.postcode, place.easting, place.northing) == ("OX11 0QR", 448000, 186800)
    assert (place.la_code, place.location_precision, place.units) == ("E07000180", "postcode", 1)
    assert place.lonlat == pytest.approx((-1.308, 51.578), abs=0.001)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OX11 0Q", ("partial", 2, 448100, "E07000180")),
        ("OX11 0", ("sector", 3, 448200, "E07000180")),
        ("OX11", ("district", 4, 448600, "E07000179")),  # two authorities with two units each: the lower code
        ("OX1", ("district", 1, 451000, "E07000179")),
        ("OX", ("area", 5, 449000, "E07000179")),
        ("B", ("area", 3, 406800, "E08000025")),  # without Bath
        ("B1", ("district", 2, 406700, "E08000025")),
        ("B1 1", ("sector", 2, 406700, "E08000025")),
        ("B11", ("district", 1, 409000, "E08000025")),
        ("W1", ("district", 2, 529200, "E09000033")),  # its lettered parts outnumber what is left of it
        ("W1A", ("district", 1, 529500, "E09000033")),
    ],
)
def test_a_part_is_the_middle_of_its_units(tiny, text, expected):
    place = tiny.find(text)
    assert (place.location_precision, place.units, place.easting, place.la_code) == expected


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("OX11 0ZZ", "its sector OX11 0 is"),
        ("OX11 5AA", "its district OX11 is"),
        ("OX49 5AA", "its area OX is"),
        ("OX49", "its area OX is"),
        ("QX1 1AA", "no postcode area begins that way"),
        ("QX", "no postcode area begins that way"),
    ],
)
def test_the_unknown_is_named_with_the_nearest_level_known(tiny, text, nearest):
    with pytest.raises(NotFoundError) as fault:
        tiny.find(text)
    assert f'"{text}" is not in {EDITION}' in str(fault.value)
    assert str(fault.value).endswith(nearest)


def test_the_nearest_level_known_can_be_asked_for(tiny):
    assert tiny.nearest_known("OX11 0QR") == (tiny.find("OX11 0QR"), "")
    place, note = tiny.nearest_known("OX11 0ZZ")
    assert place == tiny.find("OX11 0")
    assert "OX11 0ZZ" in note
    with pytest.raises(NotFoundError, match="outside the United Kingdom"):
        tiny.nearest_known("JE2 3AB")


def test_a_postcode_without_coordinates_is_known_but_not_placed(tiny):
    with pytest.raises(NotFoundError, match=f"is in {EDITION} but has no coordinates"):
        tiny.find("OX11 9ZZ")
    with pytest.raises(NotFoundError, match="outside the United Kingdom"):
        tiny.find("JE2")


def test_northern_ireland_is_turned_from_the_irish_grid(tiny):
    assert tiny.find("BT1 1AA").lonlat == pytest.approx((-5.928, 54.601), abs=0.002)


def test_former_codes_of_authorities_become_those_of_2025(tiny):
    assert tiny.find("B1 1AB").la_code == "E08000038"


def test_a_column_comes_back_whole_and_in_its_order(tiny):
    codes = pd.Series(
        ["ox110qr", None, "OX11 0", "nonsense", "OX11 0ZZ", 7, "JE2 3AB", np.nan, "OX110QR"],
        index=list("ihgfedcba"),
    )
    before = codes.copy()
    found = tiny.geocode(codes)
    pd.testing.assert_series_equal(codes, before)
    assert found.index.equals(codes.index)
    placed = found["reason"] == ""
    assert placed.tolist() == [True, False, True, False, False, False, False, False, True]
    assert found.loc[~placed, ["easting", "northing", "la_code", "location_precision"]].isna().all(axis=None)
    assert found.loc[placed, "location_precision"].tolist() == ["postcode", "sector", "postcode"]
    assert found["units"].tolist() == [1, 0, 3, 0, 0, 0, 0, 0, 1]
    assert found.loc["i", "postcode"] == found.loc["a", "postcode"] == "OX11 0QR"
    says = ["no postcode given", '"nonsense"', "its sector OX11 0 is", "7 is not text", "no coordinates"]
    for row, words in zip("hfedc", says, strict=True):
        assert words in found.loc[row, "reason"]


def test_an_empty_column_is_an_empty_table(tiny):
    found = tiny.geocode(pd.Series([], dtype=object))
    assert found.empty
    assert {"postcode", "easting", "northing", "la_code", "location_precision", "units", "reason"} == {*found}


def test_one_by_one_and_by_the_column_agree(tiny):
    texts = ["OX11 0QR", "W1", "b1  1ab", "BT1 1AA", "OX"]
    found = tiny.geocode(pd.Series(texts))
    for text, row in zip(texts, found.itertuples(), strict=True):
        place = tiny.find(text)
        assert (place.postcode, place.easting, place.northing) == (row.postcode, row.easting, row.northing)
        assert (place.la_code, place.units) == (row.la_code, row.units)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("OX11 0QR", "E07000180", 448000.0, 186800.0), "seven characters"),
        (("OX1-0QR", "E07000180", 448000.0, 186800.0), "seven characters"),
        (("OX110QR", "E07000180", 448000.0, 186800.0), "twice"),
        (("OX118AA", "E07999999", 448000.0, 186800.0), "E07999999"),
        (("OX118AA", None, 448000.0, 186800.0), "without an authority"),
        (("OX118AA", "E07000180", 448000.0, 9_186_800.0), "outside the UK"),
    ],
)
def test_a_directory_that_cannot_be_right_is_not_written(tmp_path, row, says):
    path = tmp_path / "postcodes.arrow"
    with pytest.raises(TableError, match=says):
        build([raw(), raw([row])], path, EDITION, AUTHORITIES)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_cut_or_changed_or_absent_is_not_read(tmp_path):
    path = tmp_path / "postcodes.arrow"
    with pytest.raises(StoreError, match="missing"):
        read(path)
    build([raw()], path, EDITION, AUTHORITIES)
    whole = path.read_bytes()
    place = whole.index(np.int32(448000).tobytes())
    changed = whole[:place] + np.int32(448001).tobytes() + whole[place + 4 :]
    for damaged in (whole[: len(whole) // 2], b"", b"ARROW1 nonsense", changed):
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match="damaged"):
            read(path)


def test_the_cached_file_is_made_once_and_again_when_damaged(tmp_path, monkeypatch):
    path, made = tmp_path / "cache" / "postcodes.arrow", []
    monkeypatch.setattr(module, "cache_path", lambda: path)
    monkeypatch.setattr(module, "_authorities", lambda: AUTHORITIES)
    monkeypatch.setattr(module, "package_tables", lambda _: made.append(1) or [raw()])
    module._opened.cache_clear()
    try:
        assert len(module.postcodes()) == len(ROWS)
        assert module.find("OX11 0QR").easting == 448000
        assert module.geocode(pd.Series(["B11 1AA"]))["easting"].tolist() == [409000]
        assert len(made) == 1
        module._opened.cache_clear()
        path.write_bytes(b"half")
        assert len(module.postcodes()) == len(ROWS)
        assert len(made) == 2
    finally:
        module._opened.cache_clear()


def test_a_cached_file_that_cannot_be_written_is_said_in_words(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(module, "cache_path", lambda: tmp_path / "file" / "postcodes.arrow")
    monkeypatch.setattr(module, "_authorities", lambda: AUTHORITIES)
    monkeypatch.setattr(module, "package_tables", lambda _: [raw()])
    with pytest.raises(StoreError, match=r"cannot be prepared.*ICM_CACHE_DIR") as told:
        module.postcodes()
    assert str(tmp_path) not in str(told.value)


def test_the_name_of_the_cached_file_carries_both_versions(monkeypatch):
    monkeypatch.setattr(module, "version", lambda _: "2031.4")
    assert module.cache_path().name == f"postcodes-2031.4-{module.FORMAT}.arrow"
    assert "2031.4" in module.edition()


def test_a_package_without_tables_says_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(StoreError, match=module.PACKAGE):
        next(package_tables())


def test_the_shipped_directory_is_whole(shipped):
    assert len(shipped) == 2_720_556
    assert (np.diff(shipped.codes.astype(np.int64)) > 0).all()
    assert (shipped.eastings == module.NO_METRES).sum() == 24_159
    assert len(shipped.authorities) == 361
    assert set(shipped.authorities) == module._authorities()


@pytest.mark.parametrize(
    ("text", "lon", "lat", "la_code"),
    [
        ("SW1A 1AA", -0.1416, 51.5010, "E09000033"),  # Buckingham Palace
        ("BT1 5GS", -5.9301, 54.5965, "N09000003"),  # Belfast City Hall
        ("S1 2HH", -1.4693, 53.3804, "E08000039"),  # Sheffield Town Hall
        ("EH99 1SP", -3.1745, 55.9521, "S12000036"),  # Scottish Parliament
    ],
)
def test_well_known_places_are_where_they_are(shipped, text, lon, lat, la_code):
    place = shipped.find(text)
    assert place.lonlat == pytest.approx((lon, lat), abs=0.003)
    assert place.la_code == la_code


def test_a_thousand_postcodes_are_placed_at_once(shipped):
    some = np.random.default_rng(3).integers(0, len(shipped), 1000)
    codes = pd.Series(shipped.codes[some].astype(">u8").view("S8")).str.decode("ascii")
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found = shipped.geocode(codes)
        times.append(time.perf_counter() - start)
    known = shipped.eastings[some] != module.NO_METRES
    assert (found["easting"].notna() == known).all()
    assert (found.loc[known, "easting"] == shipped.eastings[some][known]).all()
    assert min(times) < 0.05


@pytest.mark.reference
def test_real_firms_are_placed_where_an_earlier_directory_has_them(shipped):
    path = reference.FOLDER / "firms" / "companies_house_south_yorkshire.parquet"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    firms = pd.read_parquet(path)
    found = shipped.geocode(firms["Postcode"])
    assert (found["reason"] == "").all()
    metres = np.hypot(found["easting"] - firms["easting"], found["northing"] - firms["northing"])
    # The directory shifts some points by some metres from one edition to the next.
    assert (metres < 1).mean() > 0.9
    assert metres.quantile(0.99) < 100
    former = {new: old for old, new in module.RECODED.items()}
    assert (found["la_code"].replace(former) == firms["localauthority_code"]).mean() > 0.999
