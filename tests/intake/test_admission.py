"""Who takes part: every row is kept or refused with a reason, and nothing depends on how rows are split."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.postcodes import NO_METRES
from geo.projections import to_lonlat
from intake import admission as module
from intake.admission import (
    ELSEWHERE,
    NEAR_COAST,
    NO_SECTOR,
    admit,
    hint,
    id_hashes,
    refuse_repeated,
    seen_again,
)
from intake.register import FAULT, LINE, PLACES, Register, batches, open_register, parts

LONDON = (529089, 179644)
# Belfast and Coleraine, in the Irish Grid; read as British National Grid: the Wirral, and the Irish Sea.
BELFAST, COLERAINE = (333800, 374500), (285000, 432000)
SEA = (600000, 600000)
ROLES = ("sector", "firm_id", "easting", "northing", "lon", "lat", "postcode")


@pytest.fixture(scope="session")
def ground():
    return module.ground()


def register(table, **names):
    """The register that a table with columns named by role would come from."""
    place = next(place for place, roles in PLACES.items() if set(roles) <= set(table.column_names))
    return Register(
        "firms",
        (),
        tuple((role, names.get(role, role)) for role in ROLES if role in table.column_names),
        place,
    )


def table_of(**columns):
    size = len(next(iter(columns.values())))
    return pa.table({"sector": ["a"] * size} | columns)


def judged(ground, table, first_row=0, **names):
    out = admit(table, first_row, register(table, **names), ground)
    assert out.rows == table.num_rows == len(out.row) + len(out.refused)
    assert sorted([*out.row, *out.refused["row"]]) == list(range(first_row, first_row + table.num_rows))
    assert out.refused["row"].is_monotonic_increasing
    assert (out.refused["reason"] != "").all()
    for values in (out.easting, out.northing, out.la):
        assert len(values) == len(out.row)
    assert np.isfinite(out.easting).all()
    assert np.isfinite(out.northing).all()
    return out


def line(ground, columns):
    """Column, value and reason of the one row of a table, which is refused."""
    out = judged(ground, table_of(**{name: [value] for name, value in columns.items()}))
    assert len(out.refused) == 1
    return tuple(out.refused[["column", "value", "reason"]].iloc[0])


def reasons(ground, rows, **more):
    x, y = zip(*rows, strict=True)
    table = table_of(easting=pa.array(x, pa.float64()), northing=pa.array(y, pa.float64()), **more)
    out = judged(ground, table)
    told = dict(zip(out.refused["row"], out.refused["reason"], strict=True))
    return [told.get(row, "") for row in range(len(rows))]


# --- Coordinates


def test_firms_on_land_are_kept_as_given(ground):
    out = judged(ground, table_of(easting=[529089.25, 447000.0], northing=[179644.0, 186000.0]), first_row=7)
    assert out.row.tolist() == [7, 8]
    assert out.easting.tolist() == [529089.25, 447000.0]
    assert [out.la_codes[la] for la in out.la] == ["E09000033", "E07000180"]
    assert out.refused.columns.tolist() == ["row", "column", "value", "reason"]
    assert out.firm_id is None


@pytest.mark.parametrize(
    ("point", "column", "value", "reason"),
    [
        (("", ""), "easting, northing", ", ", "no place given: expected metres"),
        ((None, "5"), "easting", "", "no place given"),
        (("5", " NaN "), "northing", " NaN ", "no place given"),
        (("n/a", "x"), "easting", "n/a", "no place given"),
        (("here", "there"), "easting", "here", "not a number: expected metres"),
        (("529,089", "179644"), "easting", "529,089", "not a number"),
        (("529089", "0x10"), "northing", "0x10", "not a number"),
        (("1_0", "5"), "easting", "1_0", "not a number"),
        (("\u0661", "5"), "easting", "\u0661", "not a number"),
        (("inf", "5"), "easting", "inf", "not a finite number"),
        (("5", "-Infinity"), "northing", "-Infinity", "not a finite number"),
        (("1e999", "5"), "easting", "1e999", "not a finite number"),
        (("0", "-0.0"), "easting, northing", "0, -0.0", "0, 0 stands for an unknown place"),
        (("-0.1416", "51.5"), "easting, northing", "-0.1416, 51.5", "looks like longitude and latitude"),
        (("51.5", "-0.1416"), "easting, northing", "51.5, -0.1416", "looks like latitude and longitude"),
        (("13.4", "52.5"), "easting, northing", "13.4, 52.5", "looks like longitude and latitude"),
        (("-15700", "6711000"), "easting, northing", "-15700, 6711000", "looks like Web Mercator"),
        (("900000", "900000"), "easting, northing", "900000, 900000", "outside the United Kingdom"),
        (("1e300", "-1e300"), "easting, northing", "1e300, -1e300", "outside the United Kingdom"),
        (("600000", "600000"), "easting, northing", "600000, 600000", "lies in the sea or abroad"),
        (
            ("179644", "529089"),
            "easting, northing",
            "179644, 529089",
            "easting and northing seem swapped: the",
        ),
        (
            ("830000", "250000"),
            "easting, northing",
            "830000, 250000",
            "easting and northing seem swapped: the",
        ),
        (("285000", "432000"), "easting, northing", "285000, 432000", "swapped, or it looks like Irish Grid"),
    ],
)
def test_reasons_of_eastings_and_northings(ground, point, column, value, reason):
    x, y = (pa.scalar(text, pa.string()) for text in point)
    found = line(ground, {"easting": x, "northing": y})
    assert found[:2] == (column, value)
    assert reason in found[2]


@pytest.mark.parametrize(
    ("lon", "lat", "column", "reason"),
    [
        (None, None, "lon, lat", "no place given: expected degrees"),
        (np.nan, 51.5, "lon", "no place given"),
        (np.inf, 51.5, "lon", "not a finite number"),
        (0.0, 0.0, "lon, lat", "0, 0 stands"),
        (51.5, -0.14, "lon, lat", "longitude and latitude seem swapped"),
        (529089.0, 179644.0, "lon, lat", "looks like metres: expected degrees"),
        (1e9, 51.5, "lon, lat", "longitudes are from -180 to 180"),
        (-0.14, 91.0, "lon, lat", "longitudes are from -180 to 180"),
        (13.4, 52.5, "lon, lat", "outside the United Kingdom"),
        (150.0, -80.0, "lon, lat", "outside the United Kingdom"),
        (2.0, 55.0, "lon, lat", "lies in the sea or abroad"),
    ],
)
def test_reasons_of_longitudes_and_latitudes(ground, lon, lat, column, reason):
    found = line(ground, {"lon": pa.scalar(lon, pa.float64()), "lat": pa.scalar(lat, pa.float64())})
    assert found[0] == column
    assert reason in found[2]


def test_longitudes_and_latitudes_are_projected_to_decimetres(ground):
    lon, lat = to_lonlat(np.array([529089.04, 447000.0, 529089.04]), np.array([179644.0, 186000.0, 179644.0]))
    out = judged(ground, table_of(lon=lon, lat=[str(one) for one in lat]))
    assert out.easting.tolist() == [529089.0, 447000.0, 529089.0]
    assert out.northing.tolist() == [179644.0, 186000.0, 179644.0]


def test_columns_are_called_as_the_user_calls_them(ground):
    table = table_of(lon=["x"], lat=["51"])
    assert judged(ground, table, lon="Long.").refused["column"].tolist() == ["Long."]


def test_off_the_coast_goes_to_the_nearest_authority(ground):
    """Walk east from Great Yarmouth: on land, within 2 km of it, and beyond."""
    x = np.arange(652000, 660000, 100, dtype=float)
    out = judged(ground, table_of(easting=x, northing=np.full(len(x), 306000.0)))
    inside = ground.locator.indices(x, np.full(len(x), 306000.0)) >= 0
    assert out.notes[NEAR_COAST] == len(out.row) - inside.sum() > 10
    assert 1800 < out.easting.max() - x[inside].max() <= 2000
    assert {out.la_codes[la] for la in out.la} == {"E07000145"}


def test_points_at_sea_are_judged_as_by_the_distance_to_every_authority(ground):
    """All round the coast, points at random: what is told quickly is what GEOS says of each."""
    rng = np.random.default_rng(4)
    x, y = rng.uniform(-20_000, 680_000, 3000), rng.uniform(-9_000, 1_239_000, 3000)
    x[:200], y[:200] = rng.uniform(653_000, 660_000, 200), rng.uniform(290_000, 310_000, 200)
    y[200:300], x[200:300] = rng.uniform(4_000, 9_000, 100), rng.uniform(80_000, 95_000, 100)
    out = judged(ground, table_of(easting=x, northing=y))
    every = ground.locator.locate_nearest(pd.Series(x), pd.Series(y), 2000)["region_id"]
    assert out.row.tolist() == np.flatnonzero(every.notna()).tolist()
    assert [out.la_codes[la] for la in out.la] == every.dropna().tolist()
    assert out.notes[NEAR_COAST] > 20


# --- Postcodes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no place given: expected a postcode"),
        ("  ", "no place given: expected a postcode"),
        ("nan", "no place given: expected a postcode"),
        ("London", "does not have the form of a UK postcode"),
        ("OX11 0QR!", "does not have the form of a UK postcode"),
        ("\u0000", "does not have the form of a UK postcode"),
        ("OX11", "but a postcode district, not a place of work"),
        ("OX11 0", "but a postcode sector, not a place of work"),
        ("ox11 0q", "but a postcode partial, not a place of work"),
        ("SW1A 1ZZ", '"SW1A 1ZZ" is not in ONSPD'),
        ("QQ1 1QQ", "no postcode area begins that way"),
        ("JE2 3AB", "outside the United Kingdom"),
    ],
)
def test_reasons_of_postcodes(ground, text, reason):
    found = line(ground, {"postcode": pa.scalar(text, pa.string())})
    assert found[0] == "postcode"
    assert reason in found[2]


def test_postcodes_in_any_writing(ground):
    out = judged(
        ground, table_of(postcode=["SW1A 1AA", "sw1a1aa", " sW1a  1Aa", "SW1A\u00a01AA", "sw1a-1aa"])
    )
    assert len(out.row) == 5
    assert {(x, y) for x, y in zip(out.easting, out.northing, strict=True)} == {(529090, 179645)}
    assert {out.la_codes[la] for la in out.la} == {"E09000033"}


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_postcodes_are_placed_as_the_directory_places_them(ground, seed):
    rng, directory = np.random.default_rng(seed), ground.directory
    codes = directory.codes[rng.integers(0, len(directory), 200)].astype(">u8").view("S8").astype(str)
    spoilt = rng.random(200) < 0.3
    codes = [code[:-1] + "Q" if bad else code for code, bad in zip(codes, spoilt, strict=True)]
    texts = [code.replace(" ", "") if rng.random() < 0.5 else code.lower() for code in codes]
    out = judged(ground, table_of(postcode=texts))
    found = directory.geocode(pd.Series(texts))
    placed = found["reason"] == ""
    assert out.row.tolist() == np.flatnonzero(placed).tolist()
    assert out.easting.tolist() == found.loc[placed, "easting"].tolist()
    assert out.northing.tolist() == found.loc[placed, "northing"].tolist()
    assert [out.la_codes[la] for la in out.la] == found.loc[placed, "la_code"].tolist()
    assert out.refused["reason"].tolist() == found.loc[~placed, "reason"].tolist()


def test_postcodes_beside_coordinates_tell_the_irish_grid(ground):
    rows = [BELFAST, COLERAINE, (146248, 529973), LONDON, (179644, 529089), SEA, BELFAST, BELFAST]
    beside = ["BT1 1AA", "bt521aa", "BT1 1AA", "BT1 1AA", "SW1A 1AA", "BT1 1AA", "BT1", None]
    told = reasons(ground, rows, postcode=beside)
    assert [text.split(":")[0] for text in told[:2]] == ["looks like Irish Grid"] * 2
    assert told[2] == ""
    assert told[3] == "lies more than 20 km from where its postcode is"
    assert told[4].startswith("easting and northing seem swapped:")
    assert told[5].startswith("lies in the sea")
    assert told[6:] == ["", ""]


def test_a_contradiction_quotes_both(ground):
    found = line(ground, {"easting": LONDON[0], "northing": LONDON[1], "postcode": "BT1 1AA"})
    assert found[:2] == ("easting, northing, postcode", "529089, 179644, BT1 1AA")
    lon, lat = to_lonlat(*LONDON)
    assert line(ground, {"lon": lon, "lat": lat, "postcode": "BT1 1AA"})[0] == "lon, lat, postcode"


def test_other_postcodes_far_away_are_but_counted(ground):
    rows = [LONDON, LONDON, LONDON, LONDON]
    beside = ["OX11 0QR", "SW1A 1AA", "none", "M1 1AE"]
    table = table_of(easting=[x for x, _ in rows], northing=[y for _, y in rows], postcode=beside)
    out = judged(ground, table)
    assert len(out.row) == 4
    assert out.notes[ELSEWHERE] == 2


# --- Lines, values


def test_lines_that_could_not_be_read(ground, tmp_path):
    path = tmp_path / "firms.csv"
    path.write_text("sector,postcode\na,SW1A 1AA\nbroken\nb,SW1A 1AA\n1,2,3\n,\n")
    source = open_register(path)
    ((row, table),) = batches(source, parts(source)[0])
    out = admit(table, row, source, ground)
    assert out.row.tolist() == [0, 2]
    assert out.refused.to_numpy().tolist()[:2] == [
        [1, "", "broken", "1 value where the header names 2 columns"],
        [3, "", "1,2,3", "3 values where the header names 2 columns"],
    ]
    assert out.refused["column"].tolist() == ["", "", "postcode"]


def test_values_are_quoted_short_and_without_control_characters(ground):
    out = judged(ground, table_of(postcode=["x" * 100_000, "a\nb\x1b[31m\u202e", "é" * 70, "\x00" * 70]))
    assert out.refused["value"].tolist() == ["x" * 60, "a\\nb\\x1b[31m\\u202e", "é" * 60, "\\x00" * 15]


def test_no_row_and_no_row_kept(ground):
    for columns in (
        {"easting": pa.array([], pa.float64()), "northing": pa.array([], pa.float64())},
        {"lon": pa.array([], pa.string()), "lat": pa.array([], pa.string())},
        {"postcode": pa.array([], pa.string()), "firm_id": pa.array([], pa.string())},
    ):
        out = judged(ground, pa.table({"sector": pa.array([], pa.string())} | columns))
        assert out.names == ()
    out = judged(ground, table_of(easting=[None, "x"], northing=[None, "y"], firm_id=["a", "b"]))
    assert (len(out.row), out.names, len(out.firm), len(out.firm_id)) == (0, (), 0, 0)


# --- Labels and ids


def labelled(ground, sector, **columns):
    size = len(sector)
    place = {"easting": [LONDON[0]] * size, "northing": [LONDON[1]] * size}
    return judged(ground, pa.table({"sector": sector} | place | columns))


def by_firm(out):
    found = {int(row): [] for row in out.row}
    for firm, label in zip(out.firm, out.label, strict=True):
        found[int(out.row[firm])].append(out.names[label])
    return found


def test_labels_are_split_stripped_and_counted_once(ground):
    out = labelled(ground, [" b ; a;;b", "", None, ";", "a", "ä;a b"])
    assert by_firm(out) == {0: ["a", "b"], 1: [], 2: [], 3: [], 4: ["a"], 5: ["a b", "ä"]}
    assert out.names == ("a", "a b", "b", "ä")
    assert out.notes[NO_SECTOR] == 3
    assert (out.firm.dtype, out.label.dtype) == (np.int32, np.int32)


def test_lists_of_labels(ground):
    out = labelled(ground, pa.array([["b", " a", "b"], [], None, ["c;a", None], [""]]))
    assert by_firm(out) == {0: ["a", "b"], 1: [], 2: [], 3: ["a", "c"], 4: []}
    assert out.notes[NO_SECTOR] == 3


def test_labels_of_refused_rows_are_not_named(ground):
    table = pa.table(
        {"sector": ["a", "b;c", "c"], "easting": [529089, 0, 529089], "northing": [179644, 0, 179644]}
    )
    out = judged(ground, table)
    assert by_firm(out) == {0: ["a"], 2: ["c"]}
    assert out.names == ("a", "c")


def test_chunks_with_dictionaries_of_their_own(ground):
    chunks = [pa.array(own).dictionary_encode() for own in (["a", "b"], ["b", "a;c"], ["d", None])]
    assert by_firm(labelled(ground, pa.chunked_array(chunks))) == by_firm(
        labelled(ground, ["a", "b", "b", "a;c", "d", None])
    )


def test_ten_thousand_sectors(ground):
    sector = [f"s{n:05d};s{(n * 7) % 10_000:05d}" for n in range(10_000)]
    out = labelled(ground, sector)
    assert len(out.names) == 10_000
    assert by_firm(out) == {n: sorted(set(text.split(";"))) for n, text in enumerate(sector)}


def test_ids_are_kept_and_empty_ones_missing(ground):
    out = labelled(ground, ["a"] * 3, firm_id=["007", "", None])
    assert out.firm_id.to_pylist() == ["007", None, None]


pieces = st.sampled_from(["", "a", "b", " a ", "c", "long name", "\n", "0"])
sectors = st.lists(pieces, max_size=4).map(";".join) | st.none()
numbers = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "nan", "-", "inf", "x", "1e400", "0", "529089", "179644", "51.5", "-0.14", "285000"]
    ),
    st.sampled_from(
        ["432000", "333800", "374500", "-15700", "6711000", "1e9", " 447000", "186000\t", "\x00"]
    ),
    st.integers(-200_000, 1_300_000).map(str),
    st.floats().map(str),
    st.text(max_size=5),
)
codes = st.one_of(
    st.none(),
    st.sampled_from(
        ["SW1A 1AA", "BT1 1AA", "bt521aa", "OX11", "OX11 0QR", "ZZ1 1ZZ", "JE2 3AB", "", "GIR 0AA"]
    ),
    st.text(max_size=9),
)
broken = st.none() | st.sampled_from(["3 values where the header names 4 columns"])


@st.composite
def tables(draw):
    """Rows of hostile text as from a file, perhaps with coordinates, perhaps with lines broken."""
    rows = draw(st.lists(st.tuples(sectors, numbers, numbers, codes, broken), max_size=30))
    values = zip(*rows, strict=True) if rows else [()] * 5
    sector, one, two, postcode, fault = (pa.array(own, pa.string()) for own in values)
    place = dict(zip(draw(st.sampled_from([PLACES["grid"], PLACES["lonlat"], ()])), (one, two), strict=False))
    beside = {"postcode": postcode} if not place or draw(st.booleans()) else {}
    return pa.table({"sector": sector, "firm_id": postcode} | place | beside | {LINE: one, FAULT: fault})


@given(table=tables())
@settings(max_examples=80)
def test_nothing_is_lost_and_nothing_crashes(ground, table):
    out = judged(ground, table)
    assert (out.la >= 0).all()
    assert not (out.refused["value"].str.len() > 3 * 60 + 4).any()
    texts = [table["sector"][int(row)].as_py() or "" for row in out.row]
    labels = [sorted({one.strip() for one in text.split(";")} - {""}) for text in texts]
    assert by_firm(out) == dict(zip(out.row.tolist(), labels, strict=True))
    assert out.notes[NO_SECTOR] == labels.count([])
    assert isinstance(hint(out.refused, out.rows), str)


@given(table=tables(), data=st.data())
@settings(max_examples=40)
def test_it_does_not_matter_how_rows_are_split_or_ordered(ground, table, data):
    whole = judged(ground, table)
    cut = data.draw(st.integers(0, table.num_rows))
    halves = [judged(ground, table.slice(0, cut)), judged(ground, table.slice(cut), cut)]
    for name in ("row", "easting", "northing", "la"):
        joined = np.concatenate([getattr(half, name) for half in halves])
        assert np.array_equal(joined, getattr(whole, name))
    assert pd.concat([half.refused for half in halves], ignore_index=True).equals(whole.refused)
    assert by_firm(halves[0]) | by_firm(halves[1]) == by_firm(whole)
    assert {key: sum(half.notes[key] for half in halves) for key in whole.notes} == whole.notes

    order = np.array(data.draw(st.permutations(range(table.num_rows))), dtype=np.int64)
    mixed = judged(ground, table.take(pa.array(order)))
    back = np.argsort(order[mixed.row])
    assert np.array_equal(order[mixed.row][back], whole.row)
    assert np.array_equal(mixed.easting[back], whole.easting)


# --- Hints


@pytest.mark.parametrize(
    ("columns", "advice"),
    [
        ({"easting": ["-0.14"], "northing": ["51.5"]}, "--lon-column"),
        ({"easting": ["51.5"], "northing": ["-0.14"]}, "latitudes and longitudes"),
        ({"easting": ["179644"], "northing": ["529089"]}, "exchange --easting-column and --northing-column"),
        ({"easting": ["285000"], "northing": ["432000"]}, "or in the Irish Grid"),
        ({"easting": ["285000"], "northing": ["432000"], "postcode": ["BT52 1AA"]}, "convert them"),
        ({"easting": ["-15700"], "northing": ["6711000"]}, "Web Mercator"),
        ({"easting": ["x"], "northing": ["y"]}, "not numbers"),
        ({"easting": [""], "northing": [""]}, "say no place"),
        ({"easting": ["0"], "northing": ["0"]}, "0, 0"),
        ({"lon": ["51.5"], "lat": ["-0.14"]}, "exchange --lon-column and --lat-column"),
        ({"lon": ["529089"], "lat": ["179644"]}, "--easting-column"),
        ({"lon": ["13.4"], "lat": ["52.5"]}, "outside the United Kingdom"),
        ({"lon": ["2"], "lat": ["55"]}, "in the sea"),
        ({"postcode": ["Swindon"]}, "--postcode-column"),
        ({"postcode": ["OX11"]}, "cut short"),
    ],
)
def test_hints_say_what_to_do(ground, columns, advice):
    refused = judged(ground, table_of(**columns)).refused
    assert advice in hint(refused, 1)
    assert hint(refused, 1).startswith("1 of 1 row was refused because ")
    assert hint(refused, 2) == ""


def test_no_hint_without_one_reason_for_most(ground):
    assert hint(module.no_refusals(), 0) == ""
    assert hint(judged(ground, table_of(postcode=["OX11", "x", "SW1A 1ZZ"])).refused, 3) == ""


def test_points_that_may_be_either_count_for_both(ground):
    rows = [COLERAINE, (179644, 529089), (179600, 529000), LONDON]
    table = table_of(easting=[x for x, _ in rows], northing=[y for _, y in rows])
    assert hint(judged(ground, table).refused, 4).startswith("3 of 4 rows")


# --- Ids given more than once


@given(
    ids=st.lists(st.none() | st.text(max_size=3) | st.text(max_size=90), max_size=60), cut=st.integers(0, 60)
)
def test_repeated_ids_are_found_by_their_hashes(ids, cut):
    whole = id_hashes(ids)
    assert np.array_equal(whole, np.concatenate([id_hashes(ids[:cut]), id_hashes(ids[cut:])]))
    assert np.array_equal(whole, id_hashes(pa.array(["", *ids], pa.string()).slice(1)))
    assert len({int(one) for one in whole} - {0}) == len(set(ids) - {None, ""})
    again = seen_again([whole[:cut], whole[cut:]])
    counts = Counter(one for one in ids if one)
    assert sorted(int(one) for one in again) == sorted(
        int(id_hashes([one])[0]) for one, count in counts.items() if count > 1
    )


def test_hashes_do_not_change_from_process_to_process():
    assert [f"{one:016x}" for one in id_hashes(["07463123", "SC123456", "x" * 65])] == [
        "a28fbbcc2f6476a8",
        "3fa217c746f24746",
        "c085721fdfc5c936",
    ]
    assert id_hashes([None, ""]).tolist() == [0, 0]
    assert len(seen_again([])) == 0


def test_hashes_are_spread(ground):
    hashes = id_hashes([f"{n:08d}" for n in range(100_000)])
    assert len(np.unique(hashes)) == 100_000
    assert np.bincount((hashes % np.uint64(16)).astype(int), minlength=16).std() < 200
    assert np.bincount((hashes >> np.uint64(60)).astype(int), minlength=16).std() < 200


def test_the_row_that_stays_does_not_depend_on_order():
    firms = pd.DataFrame(
        [
            (5, "x", 2.0, 1.0, "a"),
            (9, "x", 1.0, 2.0, "b"),
            (3, "x", 1.0, 2.0, "c"),
            (7, "x", 1.0, 2.0, "b"),
            (1, "y", 0.0, 0.0, None),
            (2, "y", 0.0, 0.0, None),
            (8, "z", 0.0, 0.0, "a"),
            (4, None, 0.0, 0.0, "a"),
            (6, None, 0.0, 0.0, "a"),
        ],
        columns=["row", "firm_id", "easting", "northing", "sector"],
    )
    out = refuse_repeated(firms, "crn")
    assert out.to_numpy().tolist() == [
        [2, "crn", "y", "given more than once: row 1 is the one that stays"],
        [3, "crn", "x", "given more than once: row 7 is the one that stays"],
        [5, "crn", "x", "given more than once: row 7 is the one that stays"],
        [9, "crn", "x", "given more than once: row 7 is the one that stays"],
    ]
    for seed in range(5):
        assert refuse_repeated(firms.sample(frac=1, random_state=seed), "crn").equals(out)
    assert refuse_repeated(firms.iloc[:0]).equals(module.no_refusals())
    assert refuse_repeated(firms.iloc[6:]).equals(module.no_refusals())
    assert refuse_repeated(firms).dtypes.equals(module.no_refusals().dtypes)


def test_ground_knows_every_authority(ground):
    assert len(ground.la_codes) == 361
    placed = ground.directory.eastings != NO_METRES
    assert (ground.authority[ground.directory.authority[placed]] >= 0).all()
    assert ground.authority[-1] == -1


def test_points_whose_keys_meet_are_still_told_apart(ground, monkeypatch):
    lon, _ = to_lonlat(np.array([529089.0, 447000.0]), np.array([179644.0, 186000.0]))
    table = table_of(lon=lon, lat=[51.5, 51.5])
    alone = judged(ground, table)
    monkeypatch.setattr(module, "_mixed", np.zeros_like)
    assert judged(ground, table).easting.tolist() == alone.easting.tolist()
    assert alone.easting[0] != alone.easting[1]


def test_a_number_of_any_size_is_far_from_its_postcode():
    one = np.array([True])
    known = module._Known(x=np.array([529_090.0]), y=np.array([179_645.0]), la=np.array([0]), is_irish=~one)
    for wild in (1.34e154, -1e308):
        assert module._is_apart(np.array([wild]), np.array([0.0]), known, np.array([0])).all()
