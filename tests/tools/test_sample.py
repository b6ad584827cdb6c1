"""The sample is what the parts make: every row of each is used or refused, and what ships is the result."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from data.errors import TableError
from data.tables import FOLDER, table
from geo.postcodes import Postcodes, postcodes
from tools import sample_steps as steps
from tools.sample import PARTS, list_ids, make, read_part, read_parts, write

PLACED = ("located", "located2")


@pytest.fixture(scope="module")
def made():
    return make(read_parts(), list_ids())


@pytest.fixture(scope="module")
def places() -> Postcodes:
    return postcodes()


def firms(**columns: object) -> pd.DataFrame:
    """Two firms of the first sample that are known to their town, with some cells changed."""
    rows = read_part("firms").query("location_precision == 'town'").head(2).assign(list="first-sample")
    return rows.assign(**columns).set_index(pd.Index(["a", "b"])).assign(firm_id=["a", "b"])


def place(**cells: str) -> dict[str, str]:
    """A row of a part that puts firm "a" into Cardiff; the point is that of its postcode."""
    row = {"firm_id": "a", "postcode": "CF10 3AT", "site": "", "gss_code": "W06000015", "easting": "318100"}
    row |= {"northing": "176400", "location_precision": "postcode", "postcode_evidence": "a page", "note": ""}
    return row | cells


def of_directory(row: dict[str, str], places: Postcodes) -> dict[str, str]:
    found = places.find(row["postcode"])
    return row | {"easting": f"{found.easting:.0f}", "northing": f"{found.northing:.0f}"}


def test_what_ships_is_what_the_parts_make(made, tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "parts").mkdir()
    for path in write(made, tmp_path / "tables", tmp_path / "parts"):
        shipped = (FOLDER if path.parent.name == "tables" else PARTS) / path.name
        assert path.read_bytes() == shipped.read_bytes(), f"{path.name}: run python -m tools.sample"


def test_rows_in_are_rows_kept_and_rows_refused(made):
    account = made.account.set_index("part")
    assert set(account.index) == set(read_parts())
    assert (account["rows"] == account["kept"] + account["refused"]).all()
    assert account["rows"].to_dict() == {name: len(part) for name, part in read_parts().items()}
    assert account["refused"].sum() == len(made.refused)
    added = account.loc["firms_new", "kept"]
    assert len(made.firms) == account.loc["firms", "kept"] + added == len(table("firms"))


def test_no_firm_of_the_first_sample_is_lost_and_each_has_its_list(made):
    first, now = read_part("firms"), made.firms.set_index("firm_id")
    assert (now.loc[first["firm_id"], "list"] == "first-sample").all()
    new = read_part("firms_new").set_index("firm_id")
    added = now.loc[now["list"] != "first-sample", "list"]
    assert added.to_dict() == new["list"].map(list_ids()).to_dict()


def test_every_point_lies_where_its_postcode_does(made, places):
    known = made.firms[made.firms["postcode"] != ""]
    found = places.geocode(known["postcode"])
    away = np.hypot(
        known["easting"].astype(float) - found["easting"], known["northing"].astype(float) - found["northing"]
    )
    assert away.max() <= steps.TOO_FAR_M
    assert (found["la_code"] == known["gss_code"]).all()


def test_placed_firms_are_points_and_say_how_far_to_trust_them(made):
    ids = pd.concat([read_part(f"firms_{name}")["firm_id"] for name in PLACED])
    now = made.firms.set_index("firm_id").loc[ids]
    assert now["location_precision"].isin(["postcode", "campus"]).all()
    rough = now["postcode_evidence"].str.contains("general knowledge")
    assert (now["note"].str.contains(steps.ROUGH) == rough).all()
    assert 100 < rough.sum() < len(now)
    assert not now["note"].str.contains("middle of the borough").any()


def test_a_checked_postcode_is_confirmed_or_replaced_with_its_point(made, places):
    now = made.firms.set_index("firm_id")
    for row in read_part("firms_checked").itertuples():
        stale = row.new_postcode != "confirmed"
        wanted = row.new_postcode if stale else row.old_postcode
        assert now.loc[row.firm_id, "postcode"] == wanted
        assert now.loc[row.firm_id, "postcode_evidence"] == row.evidence
        if stale:
            point = places.find(wanted)
            assert float(now.loc[row.firm_id, "easting"]) == pytest.approx(point.easting, abs=1)


def test_corrections_are_in_the_table(made):
    now = made.firms.set_index("firm_id")
    for row in read_part("firms_corrections").itertuples():
        cell = now.loc[row.firm_id, row.column]
        assert row.new in cell if row.column == "note" else cell == row.new


def test_an_address_that_is_not_to_be_used_is_not_used(made):
    now = made.firms.set_index("firm_id")
    notes = read_part("firms_corrections").query("column == 'note'").set_index("firm_id")["new"]
    barred = notes[notes.str.contains("do not use")].str.extract(r"\(([A-Z0-9]+ [A-Z0-9]+)\)")[0].dropna()
    assert len(barred) >= 5
    assert (now.loc[barred.index, "postcode"] != barred).all()
    closed = read_part("firms_corrections").query("note == 'do not place'")["firm_id"]
    assert (now.loc[closed, "location_precision"] == "town").all()


def test_points_of_northern_ireland_that_stand_on_a_postcode_are_called_so(made, places):
    there = made.firms[
        made.firms["gss_code"].str.startswith("N") & (made.firms["location_precision"] == "campus")
    ]
    units = np.isin(
        places.authority, [n for n, code in enumerate(places.authorities) if code.startswith("N")]
    )
    for row in there.itertuples():
        away = np.hypot(
            places.eastings[units] - float(row.easting), places.northings[units] - float(row.northing)
        )
        assert away.min() > steps.SAME_POINT_M, row.firm_id


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"firm_id": "nobody"}, "firm_id", "is no firm of the sample"),
        ({"location_precision": "town"}, "location_precision", "is none of postcode, site, campus"),
        ({"postcode": ""}, "postcode", "is missing"),
        ({"postcode": "ZZ99 9ZZ"}, "postcode", "is no postcode of the directory"),
        ({"gss_code": "W06000022"}, "gss_code", "is not the authority of the postcode"),
        ({"easting": "400000"}, "easting, northing", "lie more than 300 m from the postcode"),
        ({"northing": "north"}, "easting, northing", "are no metres"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused_with_the_reason(places, cells, column, reason):
    part = pd.DataFrame([of_directory(place(), places) | cells])
    taken = steps.located(firms(), part, places)
    assert (taken.kept, len(taken.refused)) == (0, 1)
    assert taken.refused.loc[0, ["column", "reason"]].tolist() == [column, reason]
    assert taken.firms.equals(firms())


def test_a_firm_with_a_point_and_an_id_that_comes_twice_are_refused(places):
    row = of_directory(place(), places)
    taken = steps.located(firms(location_precision="postcode"), pd.DataFrame([row]), places)
    assert taken.refused["reason"].tolist() == ["is known more precisely than to its town already"]
    taken = steps.located(firms(), pd.DataFrame([row, row]), places)
    assert taken.refused["reason"].tolist() == ["comes twice"] * 2


def test_a_place_is_put_in_and_what_is_no_longer_so_leaves_the_note(places):
    before = firms(note="part of X; point is the middle of the borough", site="Old Mill")
    taken = steps.located(before, pd.DataFrame([of_directory(place(note="as on the page"), places)]), places)
    row = taken.firms.loc["a"]
    assert (row["postcode"], row["gss_code"], row["location_precision"]) == (
        "CF10 3AT",
        "W06000015",
        "postcode",
    )
    assert row["note"] == "part of X; as on the page"
    assert row["site"] == "Old Mill"
    assert taken.firms.loc["b"].equals(before.loc["b"])


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"old_postcode": "CF10 1AA"}, "is not the firm's postcode"),
        ({"new_postcode": "somewhere"}, "is no postcode of the directory"),
        ({"firm_id": "nobody"}, "is no firm of the sample"),
    ],
)
def test_a_check_that_does_not_fit_is_refused(places, cells, reason):
    row = {
        "firm_id": "a",
        "old_postcode": "CF10 3AT",
        "new_postcode": "confirmed",
        "evidence": "a page",
        "note": "",
    }
    taken = steps.checked(firms(postcode="CF10 3AT"), pd.DataFrame([row | cells]), places)
    assert taken.refused["reason"].tolist() == [reason]


@pytest.mark.parametrize(
    ("cells", "precision", "reason"),
    [
        ({"old": "closed"}, "town", "is not what the table has"),
        ({"column": "name"}, "town", "is none of status, site, town, gss_code, note"),
        (
            {"column": "gss_code", "old": "E09000012", "new": "E09000022"},
            "postcode",
            "is not the authority that the firm's point lies in",
        ),
    ],
)
def test_a_correction_that_does_not_fit_is_refused(places, cells, precision, reason):
    row = {"firm_id": "a", "column": "status", "old": "active", "new": "acquired", "note": "", "evidence": ""}
    before = firms(status="active", gss_code="E09000012", location_precision=precision)
    taken = steps.corrected(before, pd.DataFrame([row | cells]), places)
    assert taken.refused["reason"].tolist() == [reason]


def test_a_firm_that_moves_to_another_authority_stands_in_its_middle(places):
    row = {
        "firm_id": "a",
        "column": "gss_code",
        "old": "E09000012",
        "new": "E09000022",
        "note": "",
        "evidence": "",
    }
    before = firms(gss_code="E09000012", note="point is the middle of the borough")
    now = steps.corrected(before, pd.DataFrame([row]), places).firms.loc["a"]
    assert now["gss_code"] == "E09000022"
    assert now["note"] == steps.MIDDLE
    units = places.authority == places.authorities.index("E09000022")
    assert float(now["easting"]) == pytest.approx(np.median(places.eastings[units]), abs=1)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"firm_id": "a"}, "is not unique"),
        ({"name": "FIRM A (Leeds) Ltd"}, "is in the sample already, under another id"),
        ({"list": "a list that nobody knows"}, "is none of the lists"),
        ({"postcode": "ZZ99 9ZZ"}, "is no postcode of the directory"),
    ],
)
def test_a_new_firm_that_cannot_be_used_is_refused(places, cells, reason):
    before = firms(name=["Firm A", "Firm B"], company_group="")
    row = before.loc["a"].to_dict() | of_directory(place(), places)
    row |= {"firm_id": "c", "name": "Firm C", "list": "a list"}
    part = pd.DataFrame([row | cells])
    taken = steps.added(before, part, places, {"a list": "one"}, pd.Series(dtype=str))
    assert taken.refused["reason"].tolist() == [reason]
    taken = steps.added(before, pd.DataFrame([row]), places, {"a list": "one"}, pd.Series(dtype=str))
    assert taken.firms["list"].tolist() == ["first-sample", "first-sample", "one"]


def test_another_site_of_a_group_is_no_second_row_of_the_same_firm(places):
    before = firms(name=["Firm A (Bath)", "Firm B"], company_group="")
    row = before.loc["a"].to_dict() | of_directory(place(), places)
    part = pd.DataFrame(
        [row | {"firm_id": "c", "name": "Firm A (Cardiff)", "company_group": "Firm A", "list": "a list"}]
    )
    lists = {"a list": "one"}
    assert len(steps.added(before, part, places, lists, pd.Series(dtype=str)).refused) == 1
    assert len(steps.added(before, part, places, lists, pd.Series({"a": "Firm A"})).refused) == 0


def test_a_group_is_named_once(places):
    part = pd.DataFrame({"firm_id": ["a", "b", "x"], "company_group": "New"})
    taken = steps.grouped(firms(company_group=["", "Old"]), part)
    assert taken.firms["company_group"].tolist() == ["New", "Old"]
    assert taken.refused["reason"].tolist() == [
        "is not the group that the firm has",
        "is no firm of the sample",
    ]


def test_parts_that_make_no_table_are_refused_whole(places):
    parts = read_parts()
    parts["firms"] = parts["firms"].assign(confidence="sure")
    with pytest.raises(TableError, match="firms: 1500 rows of the parts break the schema"):
        make(parts, list_ids(), places)


def test_nothing_of_the_parts_is_lost_on_the_way_through_text(made):
    shipped = json.loads(made.firms.to_json(orient="records"))
    read_back = pd.read_csv(FOLDER / "firms.csv", dtype=str, keep_default_na=False)
    assert shipped == json.loads(read_back.to_json(orient="records"))
