"""Participants: nothing is lost in the split; and the facts that the shipped tables must hold."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.participants import (
    firm_participants,
    is_unnamed,
    organisation_key,
    organisation_name,
    participants,
    unnamed_participants,
)
from data.tables import FOLDER, table

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.sampled_from(
    [
        "UKRI",
        "UK Research and Innovation",
        "IQE",
        " Cardiff  University ",
        "other GW4 universities",
        "SRUC",
        "",
        " ",
    ]
)
CELLS = st.lists(NAMES, max_size=5).map(";".join)


def tokens(cell: str) -> list[str]:
    return [" ".join(part.split()) for part in cell.split(";") if part.strip()]


def projects_of(*rows: tuple[str, str]) -> pd.DataFrame:
    ids = [f"p{n}" for n in range(len(rows))]
    return pd.DataFrame(
        {"project_id": ids, "lead": [row[0] for row in rows], "partners": [row[1] for row in rows]}
    )


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4))
def test_every_token_is_an_organisation_or_unnamed(rows: list[tuple[str, str]]) -> None:
    projects = projects_of(*rows)
    named, rest = participants(projects), unnamed_participants(projects)
    for project_id, *cells in projects.itertuples(index=False):
        wanted = [token for cell in cells for token in tokens(cell)]
        organisations = set(named.loc[named["project_id"] == project_id, "organisation"])
        phrases = set(rest.loc[rest["project_id"] == project_id, "phrase"])
        assert {organisation_name(token) for token in wanted if not is_unnamed(token)} == organisations
        assert {token for token in wanted if is_unnamed(token)} == phrases


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4))
def test_an_organisation_stands_once_in_a_project(rows: list[tuple[str, str]]) -> None:
    named = participants(projects_of(*rows))
    assert not named.duplicated(["project_id", "organisation"]).any()
    assert set(named["role"]) <= {"lead", "partner"}


def test_a_lead_named_as_partner_by_another_spelling_stays_the_lead() -> None:
    named = participants(projects_of(("UKRI", "IQE; UK Research and Innovation")))
    assert named["organisation"].tolist() == ["UK Research and Innovation", "IQE"]
    assert named["role"].tolist() == ["lead", "partner"]


def test_the_callers_table_is_left_alone() -> None:
    projects = projects_of(("UKRI", "IQE"))
    before = projects.copy()
    participants(projects)
    pd.testing.assert_frame_equal(projects, before)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PwC", "PwC UK"),
        ("The Rolls-Royce plc", "rolls royce"),
        ("Gooch & Housego", "Gooch and Housego Ltd"),
        ("Télécom Limited", "Telecom"),
    ],
)
def test_legal_form_and_punctuation_do_not_part_a_name(one: str, other: str) -> None:
    assert organisation_key(one) == organisation_key(other)


def test_firms_are_matched_by_whole_names_only() -> None:
    firms = pd.DataFrame(
        {
            "firm_id": ["boeing-sheffield", "iqe", "gsk-irvine", "gsk-hq", "sstl"],
            "name": [
                "Boeing Sheffield",
                "IQE",
                "GSK (Irvine)",
                "GSK (head office)",
                "Surrey Satellite (SSTL)",
            ],
            "company_group": ["", "", "GSK", "GSK", ""],
        }
    )
    people = participants(projects_of(("Boeing", "IQE plc; GSK; Surrey Satellite; University of Nowhere")))
    found = firm_participants(people, firms)
    assert found["firm_id"].tolist() == ["iqe", "gsk-irvine", "gsk-hq", "sstl"]
    assert found["matched_by"].tolist() == ["name", "group", "group", "name without site"]


def test_no_firm_gives_an_empty_table_with_its_columns() -> None:
    firms = pd.DataFrame({"firm_id": ["a"], "name": ["A Ltd"], "company_group": [""]})
    found = firm_participants(participants(projects_of(("Nobody", ""))), firms)
    assert list(found.columns) == ["project_id", "firm_id", "organisation", "matched_by"]
    assert found.empty


def test_shipped_leads_of_strength_in_places_are_firms_of_the_sample() -> None:
    found = firm_participants(table("participants"), table("firms"))
    by_project = found.groupby("project_id")["firm_id"].agg(set)
    assert {"iqe", "spts-technologies", "vishay-newport-wafer-fab"} <= by_project["sipf1-csconnected"]
    assert "lucideon" in by_project["sipf2-micg"]
    assert not {"boeing-sheffield", "liberty-it", "applied-graphene-materials"} & set(found["firm_id"])


# --- Facts that the shipped tables hold


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def award(project_id: str) -> float:
    projects = table("projects").set_index("project_id")
    return float(projects.loc[project_id, "award_gbp"])


@pytest.mark.parametrize(
    ("programme", "pounds", "number"), [("SIPF-W1", 185.5e6, 7), ("SIPF-W2", 126.77e6, 5)]
)
def test_strength_in_places_waves_sum(programme: str, pounds: float, number: int) -> None:
    wave = table("projects").query("programme_id == @programme")
    assert len(wave) == number
    assert wave["award_gbp"].sum() == pounds


def test_three_strength_in_places_projects_deliver_in_scotland() -> None:
    projects = table("projects")
    waves = projects[projects["programme_id"].isin(["SIPF-W1", "SIPF-W2"])]
    in_scotland = waves[waves["la_code"].str.startswith("S")]
    assert sorted(in_scotland["award_gbp"]) == [21.3e6, 22.5e6, 38e6]
    assert round(in_scotland["award_gbp"].sum() / 1e6) == 82


def test_accelerator_projects_by_city_region() -> None:
    ids = table("projects").query("programme_id == 'IA'")["project_id"]
    assert ids.str.split("-").str[1].value_counts().to_dict() == {"gla": 11, "gm": 8, "wm": 5}


def test_ten_places_have_an_earmarked_allocation() -> None:
    earmarked = table("projects").query("programme_id == 'LIPF-EAR'")
    assert (earmarked["nested_in"] == "").sum() == 10
    assert earmarked.loc[earmarked["nested_in"] == "", "award_gbp"].min() == 30e6


def test_nested_awards_fit_into_their_parents_and_do_not_chain() -> None:
    projects = table("projects").set_index("project_id")
    nested = projects[projects["nested_in"] != ""]
    inside = nested.groupby("nested_in")["award_gbp"].sum()
    assert (inside <= projects.loc[inside.index, "award_gbp"]).all()
    assert (projects.loc[nested["nested_in"], "nested_in"] == "").all()


def test_benefiting_places_resolve() -> None:
    known = set(table("places")["place_id"])
    known |= {f"la:{code}" for code in table("local_authorities")["gss_code"]}
    known |= {f"nation:{name}" for name in table("local_authorities")["nation"]}
    named = table("projects")["benefiting_places"].str.split(";").explode().str.strip()
    assert set(named[named != ""]) <= known


def test_only_three_projects_of_a_region_name_no_place() -> None:
    projects = table("projects")
    placeless = projects[
        projects["location_precision"].isin(["region", "town"]) & (projects["benefiting_places"] == "")
    ]
    assert set(placeless["project_id"]) == {"fp-thames", "fp-east-midlands", "fp-plymouth"}
    assert placeless["note"].str.contains("not placed").all()


def test_dates_run_forwards() -> None:
    for name in ("projects", "programmes"):
        both = table(name).query("start != '' and end != ''")
        shortest = both[["start", "end"]].map(len).min(axis=1)
        pairs = zip(both["start"], both["end"], shortest, strict=True)
        assert all(start[:size] <= end[:size] for start, end, size in pairs)


def test_places_count_their_members() -> None:
    places = table("places")
    assert places["place_id"].nunique() == 26
    sizes = places.groupby("place_id").agg(rows=("la_code", "nunique"), stated=("member_count", "first"))
    assert (sizes["rows"] == sizes["stated"]).all()


def test_assets_count() -> None:
    assets = table("assets")
    universities = assets.query("type == 'university'")["name"]
    # Ulster University stands with three campuses.
    assert (
        universities.str.replace(r"^(Ulster University) \(.* campus\)$", r"\1", regex=True).nunique() == 145
    )
    assert (assets["russell_group"] == "yes").sum() == 24
    assert assets["type"].value_counts().drop("university").to_dict() == {
        "science_park": 57,
        "research_institute": 31,
        "catapult": 23,
        "innovation_district": 19,
        "psre": 17,
    }


def test_population_of_the_nations() -> None:
    sums = table("local_authorities").groupby("nation")["population"].sum().to_dict()
    assert sums == {
        "England": 57_690_323,
        "Wales": 3_164_404,
        "Scotland": 5_439_843,
        "Northern Ireland": 1_903_175,
    }


def test_no_two_firms_share_a_name_and_groups_have_several_sites() -> None:
    firms = table("firms")
    assert (firms["list"] == "first-sample").sum() == 1500
    assert not firms["name"].duplicated().any()
    groups = firms.loc[firms["company_group"] != "", "company_group"].value_counts()
    assert groups.min() >= 2
    assert not groups.index.str.contains("separate companies").any()


def test_contested_figures_name_what_is_used() -> None:
    projects = table("projects").set_index("project_id")
    contested = rows("contested")
    assert {row["used"] for row in contested} == {"yes", "no"}
    for row in contested:
        assert row["source"]
        assert row["what"]
        assert row["figure_gbp"] or row["figure_other"]
        if row["used"] == "yes" and row["project_id"] and row["figure_gbp"]:
            assert float(row["figure_gbp"]) == projects.loc[row["project_id"], "award_gbp"]
    programmes = set(table("programmes")["programme_id"])
    assert {row["programme_id"] for row in contested} <= programmes
    assert {row["project_id"] for row in contested} <= {"", *projects.index}


def test_what_is_missing_is_more_than_what_is_known() -> None:
    programmes = set(table("programmes")["programme_id"])
    for row in rows("missing"):
        assert row["programme_id"] in programmes
        assert not row["expected"] or int(row["known"]) < int(row["expected"])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.name)
def test_tables_are_plain_and_speak_to_the_public(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert "\r" not in text
    assert not text.startswith("\ufeff")
    header = text.split("\n", 1)[0].split(",")
    assert not {"source_file", "technology_families", "lat", "lon"} & set(header)
    assert not re.search(
        r"source file|\bseed (files|documents?|names|rounds)|per seed|\bthe brief\b|source read", text
    )
