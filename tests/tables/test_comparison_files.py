"""A comparison taken away: every cell agrees with the figures, sums agree with sums, and words read well."""

from __future__ import annotations

import csv as reader
import io
import json
import math
import re

import pandas as pd
import pytest

from data.formats import FORMATS
from data.spreadsheet import FORMULA_STARTS
from edition.view import View
from regions.measures import MEASURES
from tables.comparison_cells import HIGHEST, LOWEST, NONE_FOUND
from tables.comparison_files import as_json, file_name, long, names, summary, tables, wide, written
from tables.file_names import MOST_LETTERS
from tests.data.workbooks import sheets
from tests.layers.compared import FIVE, HOSTILE, MIXED, TEN, TWO, compared, named
from words.numbers import percent, said

SHEETS = [
    "Compare", "Figures", "Money by programme", "Money by sector", "Money by year", "Specialisation",
    "Clusters", "Assets", "Read me",
]  # fmt: skip


def workbook(comparison):
    return written(comparison, None, FORMATS["xlsx"])


@pytest.fixture(scope="module")
def five(edition):
    return compared(edition, *FIVE)


def table_of(rows):
    return pd.DataFrame(rows[1:], columns=rows[0])


def test_wide_has_a_row_a_measure_and_a_column_a_place(five):
    table = wide(five)
    assert table["measure"].tolist() == [measure.label for measure in five.measures]
    assert list(table.columns) == ["group", "measure", "unit", *names(five).values(), "definition"]


def test_cells_give_pounds_in_words_and_mark_the_highest_and_the_lowest(five):
    row = wide(five).set_index("measure").loc["Public money per head"]
    heads = five.figures.loc[[place.ref for place in five.places], "per_head"]
    called = names(five)
    assert row[called[heads.idxmax()]].endswith(HIGHEST)
    assert row[called[heads.idxmin()]].endswith(LOWEST)
    assert row[called["UK"]] == said(five.figures.loc["UK", "per_head"], "£ per person")


def test_money_that_none_was_found_of_is_not_nothing(five):
    assert five.figures.loc["E06000045", "private_gbp"] == 0
    row = wide(five).set_index("measure").loc["Private money in all"]
    assert row["Southampton"] == NONE_FOUND
    rows = long(five).set_index(["measure_id", "ref"])
    assert math.isnan(rows.loc[("private", "E06000045"), "value"])
    assert rows.loc[("private", "E06000045"), "mark"] == ""


def test_what_rests_on_few_says_so_and_is_not_ranked(edition):
    table = compared(edition, *TEN)
    rows = long(table)
    few = rows[rows["few"]]
    assert (few["mark"] == "").all()
    some = compared(edition, "E06000053", "E08000003")  # the Isles of Scilly
    cell = wide(some).set_index("measure").loc["Firms per 10,000 residents", "Isles of Scilly"]
    firms = some.figures.loc["E06000053", "firms"]
    assert cell == "no firm" if not firms else "few (" in cell


def test_long_gives_the_figures_and_what_they_stand_beside(five):
    rows = long(five).set_index(["measure_id", "ref"])
    for measure in five.measures:
        for place in five.all:
            value, expected = (
                rows.loc[(measure.id, place.ref), "value"],
                five.figures.loc[place.ref, measure.column],
            )
            assert value == expected or (math.isnan(value) and not expected > 0)
    manchester = rows.loc[("per-head", "E08000003")]
    assert manchester["uk_value"] == five.figures.loc["UK", "per_head"]
    assert (manchester["nation"], manchester["parent"]) == ("England", "Greater Manchester")
    assert manchester["parent_value"] == rows.loc[("per-head", "TLD3"), "value"]
    assert (manchester["code"], manchester["level"], manchester["role"]) == (
        "E08000003",
        "Local authority",
        "place",
    )
    assert rows.loc[("per-head", "UK"), "role"] == "comparator"


def test_long_says_filters_edition_sources_and_definitions(edition, five):
    rows = long(five, View(placed="lead", year_from=2015))
    assert rows["filters"].str.contains("awards from 2015 to 2030").all()
    assert rows["filters"].str.contains("placed by lead's address").all()
    assert (rows["edition"] == edition.about.name).all()
    assert (rows["boundaries"] == edition.boundaries).all()
    assert (rows["definition"].str.len() > 20).all()
    assert (rows["source"].str.len() > 5).all()


@pytest.mark.parametrize("name", ["programme", "sector", "year"])
@pytest.mark.parametrize("placed", ["delivery", "lead"])
def test_money_by_anything_adds_up_to_the_figures(edition, name, placed):
    comparison = compared(edition, *FIVE, placed=placed)
    sums = tables(comparison)[name].groupby("ref")[["public_gbp", "private_gbp"]].sum()
    for ref in comparison.figures.index:
        found = sums.loc[ref] if ref in sums.index else {"public_gbp": 0, "private_gbp": 0}
        for column in ("public_gbp", "private_gbp"):
            assert round(found[column], 2) == round(comparison.figures.loc[ref, column], 2)


def test_assets_and_clusters_add_up_too(edition):
    comparison = compared(edition, *TEN)
    found = tables(comparison)
    assert found["assets"].groupby("ref")["assets"].sum().to_dict() == comparison.figures["assets"].to_dict()
    refs = [place.ref for place in comparison.places]
    counted = found["clusters"].groupby("ref").size().reindex(refs, fill_value=0)
    assert counted.to_dict() == comparison.figures.loc[refs, "clusters"].to_dict()


def test_specialisation_gives_its_count_its_denominator_and_its_interval(five):
    rows = tables(five)["specialisation"]
    known = rows[rows["firms"] > 0]
    assert (known["lq"] - known["share"] / known["uk_share"]).abs().max() < 1e-9
    assert ((known["lq_low"] <= known["lq"]) & (known["lq"] <= known["lq_high"])).all()
    assert (rows["small"] == (rows["firms"] < five.edition.about.scan.min_firms)).all()


def test_the_workbook_holds_the_same(five):
    content = workbook(five)
    assert content == workbook(five)
    read = sheets(content)
    assert [*read] == SHEETS
    figures = table_of(read["Figures"])
    assert figures["ref"].tolist() == long(five)["ref"].tolist()
    values = pd.to_numeric(figures["value"])
    assert values.tolist() == pytest.approx(long(five)["value"].tolist(), rel=1e-14, nan_ok=True)
    money = table_of(read["Money by programme"])
    sums = money.groupby("ref")["public_gbp"].sum()
    assert round(sums["E08000003"], 2) == round(five.figures.loc["E08000003", "public_gbp"], 2)
    read_me = " ".join(str(cell) for row in read["Read me"] for cell in row)
    for wanted in (
        "Open Government Licence",
        "= awards £",
        "E08000003",
        "counted: plain awards",
        "/compare?place=",
        "Licence: MIT",
    ):
        assert wanted in read_me


def test_the_first_sheet_says_what_each_of_its_columns_is(five):
    head, first = sheets(workbook(five))["Compare"][:2]
    said = dict(zip(head, first, strict=True))
    assert said["measure"] == "Level and code"
    assert said["Manchester"] == "Local authority · E08000003"
    assert said["Glasgow City Region"] == "City region"
    held = [place for place in five.against if place.name in said]
    assert held
    assert all(said[place.name].startswith("held against · ") for place in held)


def test_the_reconciling_line_adds_up(edition):
    for placed in ("delivery", "lead"):
        sums = compared(edition, *FIVE, placed=placed).sums
        assert round(sums.places + sums.elsewhere + sums.not_placed, 2) == round(sums.awards, 2)


def test_places_that_overlap_say_so_in_place_of_sums(edition):
    comparison = compared(edition, *MIXED)
    read_me = dict(tuple(row) for row in sheets(workbook(comparison))["Read me"][1:])
    assert "never added up" in read_me["Overlap"]
    assert "Public money adds up" not in read_me
    assert any("not added up" in text for text in summary(comparison))
    assert as_json(comparison)["sums"] is None


def test_hostile_names_are_text_everywhere(edition):
    comparison = named(edition, HOSTILE)
    content = written(comparison, None, FORMATS["csv"])
    rows = [*reader.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    assert not any(cell.startswith(FORMULA_STARTS) for row in rows for cell in row)
    assert {row[0] for row in rows[1:]} >= {f"'{HOSTILE[0]}", *HOSTILE[1:]}
    # Reading a workbook back fails at the first formula.
    assert sheets(workbook(comparison))["Compare"][0][3:7] == list(HOSTILE)
    assert file_name(comparison, "csv").replace("-", "").replace(".", "").isalnum()


def test_names_that_several_share_are_told_apart(edition):
    called = names(compared(edition, *MIXED[:2]))
    assert list(called.values())[:2] == [
        "Glasgow City Region (City region)",
        "Glasgow City Region (Programme area)",
    ]
    same = named(edition, ["Here"] * 4)
    assert len(set(names(same).values())) == len(same.all)
    assert len(wide(same).columns) == 4 + len(same.all)


def test_json_is_plain_and_agrees_with_the_figures(five):
    found = json.loads(json.dumps(as_json(five), allow_nan=False))
    assert [place["ref"] for place in found["places"]] == list(FIVE)
    values = {one["id"]: {row["ref"]: row["value"] for row in one["values"]} for one in found["measures"]}
    assert values["per-head"]["UK"] == five.figures.loc["UK", "per_head"]
    assert values["private"]["E06000045"] is None
    assert found["sums"]["awards_gbp"] == five.sums.awards


def test_the_name_of_a_file_says_places_what_of_them_and_edition(edition, five):
    two = compared(edition, *TWO)
    assert file_name(two, "xlsx") == (
        "innovation-clusters-greater-manchester-glasgow-city-region-comparison-sample-2026-12.xlsx"
    )
    assert file_name(compared(edition, *TWO, sector=("life-sciences",)), "png", "timeline") == (
        "innovation-clusters-greater-manchester-glasgow-city-region-timeline-life-sciences-sample-2026-12.png"
    )
    assert "-and-2-more-comparison-" in file_name(five, "csv")


def test_however_long_names_are_that_of_a_file_has_an_end(edition):
    long = named(edition, [f"{letter * 30} of the {letter * 30}" for letter in "abcdefghij"])
    sectors = {"sector": ("life-sciences", "financial-services", "digital-and-technologies")}
    for comparison in (long, named(edition, ["x" * 400] * 10), named(edition, ["Leeds"] * 10, **sectors)):
        for what in ("comparison", "funding-by-programme"):
            name = file_name(comparison, "xlsx", what)
            assert len(name) <= MOST_LETTERS
            assert f"-more-{what}-" in name or f"10-places-{what}-" in name
            assert name.endswith(f"-{edition.about.name}.xlsx")


@pytest.mark.parametrize("refs", [TWO, FIVE, TEN, ("E07000008",), MIXED, ("UK",)])
def test_the_summary_is_short_and_plain(edition, refs):
    told = summary(compared(edition, *refs))
    assert 4 <= len(told) <= 7
    assert all(text[0].isupper() and text.endswith((".", ")")) for text in told)
    text = " ".join(told)
    assert not re.search(r"\bnan\b|  |\.\.| ,|£0 |not known|\(\)", text)
    assert "curated sample" in text


def test_the_summary_names_who_has_most_a_head(five):
    first = summary(five)[0]
    heads = five.figures.loc[[place.ref for place in five.places], "per_head"]
    assert first.startswith(f"{names(five)[heads.idxmax()]} has the most public money a head")
    assert f"{names(five)[heads.idxmin()]}" in first


def test_the_summary_calls_specialised_only_what_stands_out(five):
    rows = five.specialisation
    sectors = rows[rows["kind"] == "sector"]
    out = sectors[(sectors["low"] > 1) & ~sectors["small"]]
    (text,) = [one for one in summary(five) if one.startswith("More firms than")]
    assert all(title in text for title in out["title"])
    small = sectors[(sectors["low"] > 1) & sectors["small"]]
    assert len(small)
    assert not any(f"{names(five)[row.ref]} in {row.title}" in text for row in small.itertuples())


def test_the_summary_without_any_money_says_so(edition):
    told = summary(compared(edition, *TWO, year_from=2010, year_to=2010))
    assert told[0].startswith("No public money was found in any of the places")
    assert not any("£" in text for text in told)


def test_an_edition_of_own_firms_is_said_to_be_one(own_edition):
    comparison = compared(own_edition, "E06000021", "E08000003")
    assert "the analyst's own" in " ".join(summary(comparison))
    sources = long(comparison).set_index("measure_id")["source"]
    assert sources.loc["firms"].str.contains("the analyst's own").all()
    assert not sources.loc["total"].str.contains("the analyst's own").any()
    assert sheets(workbook(comparison))["Specialisation"][0][5] == "sector_or_technology"


def test_every_unit_has_words():
    for measure in MEASURES.values():
        assert said(2.0, measure.unit)
        assert said(float("nan"), measure.unit) == "not known"


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0%"), (0.0004, "under 0.1%"), (0.05, "5%"), (0.0996, "10%"), (1, "100%")]
)
def test_shares_in_words(share, words):
    assert percent(share) == words


def test_the_quotient_of_the_sectors_chosen_carries_its_interval(edition):
    comparison = compared(edition, *FIVE, sector=("life-sciences",))
    rows = long(comparison).set_index(["measure_id", "ref"])
    row, figure = rows.loc[("lq", "N92000002")], comparison.figures.loc["N92000002"]
    assert (row["low"], row["high"]) == (figure["lq_low"], figure["lq_high"])
    cell = wide(comparison).set_index("measure").loc["Specialisation", "Northern Ireland"]
    assert cell.startswith(f"{figure['lq']:.1f} ({figure['lq_low']:.1f} to ")
    assert rows.loc["per-head", "low"].isna().all()
