"""Funding programmes: rows that add up to the money, facts that hold, gaps and differing figures shown."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charts.programmes import LEAST_YEARS, MONEY, UNDATED, timeline_chart, year_rows
from data.errors import NotFoundError
from data.tables import table
from data.taxonomy import sectors
from edition.filters import YEARS, Filters
from edition.view import View
from profiles.matching import find_programmes, find_projects
from profiles.programmes import (
    NOT_PLACED,
    ROW_COLUMNS,
    count_words,
    dossier,
    headline,
    left_out,
    parent_of,
    programme_rows,
    timeline,
    totals_words,
)
from profiles.projects import is_link, links, project_facts, project_rows, unlinked
from regions.allocation import PENCE
from regions.funding import funding

KINDS = ("at least", "up to", "envelope", "project value")
IDS = tuple(table("programmes")["programme_id"])


def some(values, most=3):
    return st.lists(st.sampled_from(list(values)), max_size=most, unique=True).map(tuple)


FILTERS = st.builds(
    Filters,
    sector=some(row.id for row in sectors()),
    programme=some(IDS, 4),
    year_from=st.just(YEARS[0]) | st.integers(YEARS[0], 2021),
    year_to=st.just(YEARS[1]) | st.integers(2021, YEARS[1]),
    kinds=some(KINDS, 4),
    growth=st.booleans(),
    placed=st.sampled_from(["delivery", "lead"]),
)
law = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def pence(column):
    return int((column * PENCE).round().astype("int64").sum())


@law
@given(filters=FILTERS)
def test_rows_add_up_to_the_money_to_the_penny(edition, filters):
    rows, money = programme_rows(edition, filters), funding(edition, filters)
    parts = money.allocation
    assert pence(rows["public_gbp"]) == parts.totals["public"]
    assert pence(rows["private_gbp"]) == parts.totals["private"]
    assert pence(rows["placed_gbp"]) == parts.placed["public"]
    assert pence(rows["not_placed_gbp"]) == parts.not_placed["public"]
    assert rows["projects"].sum() == len(money.projects)
    assert rows["without_figure"].sum() == money.without_figure
    assert rows["not_counted"].sum() == money.switched_off
    assert (rows["with_figure"] + rows["without_figure"]).equals(rows["projects"])
    assert list(rows.columns) == list(ROW_COLUMNS)
    assert rows["programme_id"].is_unique


@law
@given(filters=FILTERS)
def test_years_and_projects_add_up_as_well(edition, filters):
    money = funding(edition, filters)
    for by in ("programme", "year"):
        years = timeline(edition, filters, by)
        assert pence(years["public_gbp"]) == money.allocation.totals["public"]
        assert pence(years["private_gbp"]) == money.allocation.totals["private"]
        assert years["projects"].sum() == len(money.projects)
    projects = project_rows(edition, filters)
    assert pence(projects["counted_gbp"]) == money.allocation.totals["public"]
    assert set(projects["project_id"]) == set(money.projects["project_id"])
    drawn = year_rows(years)
    assert pence(drawn["million"] * 1e6) == sum(money.allocation.totals)


@law
@given(filters=FILTERS, one=st.sampled_from(IDS))
def test_a_dossier_adds_up_and_loses_no_project(edition, filters, one):
    found = dossier(edition, filters, one)
    money = funding(edition, found.filters)
    assert pence(found.places["public_gbp"]) == money.allocation.totals["public"]
    assert pence(found.places["private_gbp"]) == money.allocation.totals["private"]
    assert len(found.projects) == found.facts["projects"] == found.years["projects"].sum()
    assert found.facts["programme_id"] == one
    assert headline(found)


def test_a_programme_is_listed_when_the_filters_leave_it_in(edition):
    research = set(table("programmes").query("purpose == 'research and innovation'")["programme_id"])
    assert set(programme_rows(edition, Filters())["programme_id"]) == research
    assert left_out(edition, Filters()) == len(IDS) - len(research)
    assert set(programme_rows(edition, Filters(growth=True))["programme_id"]) == set(IDS)
    assert set(programme_rows(edition, Filters(programme=("IZ", "SIPF")))["programme_id"]) == {"IZ", "SIPF"}
    narrowed = programme_rows(edition, Filters(sector=("life-sciences",)))
    assert 0 < len(narrowed) < len(research)
    assert (narrowed["projects"] > 0).all()
    assert programme_rows(edition, Filters(sector=("defence",), year_from=2030)).empty


def test_by_place_of_delivery_and_by_lead_the_programmes_have_the_same_money(edition):
    here, lead = (programme_rows(edition, Filters(placed=rule)) for rule in ("delivery", "lead"))
    columns = ["programme_id", "public_gbp", "private_gbp", "projects"]
    pd.testing.assert_frame_equal(here[columns], lead[columns])
    assert lead["not_placed_gbp"].sum() > here["not_placed_gbp"].sum()


# --- Facts that are known


def test_accelerators_say_what_is_named_and_what_has_an_award(edition):
    found = dossier(edition, Filters(), "IA")
    assert found.gaps["words"].tolist() == ["24 of 26 projects named", "7 of 26 project awards known"]
    assert len(found.projects) == 24
    assert found.facts["with_figure"] == 7
    assert found.facts["missing"] == "24 of 26 projects named; 7 of 26 project awards known"


def test_museums_in_the_metaverse_has_both_figures_with_both_sources(edition):
    figures = dossier(edition, Filters(), "IA").contested
    rows = figures[figures["project_id"] == "ia-gla-mim"]
    assert rows["figure"].tolist() == ["£5.6m", "£2.7m"]
    assert rows["used"].tolist() == [True, False]
    assert "2023" in rows["source"].iloc[0]
    assert "Innovate UK" in rows["source"].iloc[1]
    facts = dict(project_facts(edition, Filters(), "ia-gla-mim"))
    assert facts["Award"] == "£5.6m"


def test_ten_places_are_earmarked_three_of_them_with_50_million(edition):
    rows = dossier(edition, Filters(), "LIPF-EAR").projects
    places = rows[rows["depth"] == 0]
    assert len(places) == 10
    assert sorted(places["award_gbp"]) == [30e6] * 7 + [50e6] * 3
    named = places.set_index("project_id")
    assert set(named.index[named["award_gbp"] == 50e6]) == {"lipf-gm", "lipf-wm", "lipf-gcr"}
    assert set(named.loc[named["award_gbp"] == 30e6, "award_kind"]) == {"at least"}
    # What lies inside a place stands below it.
    order = rows["project_id"].tolist()
    assert order.index("lipf-gm-wic") in (order.index("lipf-gm") + 1, order.index("lipf-gm") + 2)


@pytest.mark.parametrize(
    ("one", "listed", "announced"), [("SIPF-W1", 185.5e6, 186e6), ("SIPF-W2", 126.77e6, 127e6)]
)
def test_strength_in_places_sums_to_what_was_announced(edition, one, listed, announced):
    found = dossier(edition, Filters(), one)
    assert found.facts["public_gbp"] == listed
    assert found.facts["announced_gbp"] == announced
    assert found.facts["share_of_announced"] == pytest.approx(listed / announced)
    assert f"£{listed / 1e6:g}m counts of £{announced / 1e6:g}m announced" in headline(found)


def test_strands_are_read_from_ids_and_names_and_never_added(edition):
    found = dossier(edition, Filters(), "SIPF")
    assert found.related["programme_id"].tolist() == ["SIPF-W1", "SIPF-W2", "SIPF-SEED1", "SIPF-SEED2"]
    assert found.facts["public_gbp"] == 0
    assert found.projects.empty
    beside = dossier(edition, Filters(), "SIPF-W1").related.set_index("programme_id")["relation"]
    assert beside["SIPF"] == "it belongs to"
    assert parent_of("AB-1", {"AB": "One fund", "AB-1": "Other money"}) == ""
    assert parent_of("GCR-CD", {"GCR-CD": "Deal"}) == ""


def test_launchpads_are_up_to(edition):
    rows = dossier(edition, Filters(), "LP").projects
    outer = rows[rows["depth"] == 0]
    assert set(outer["award_kind"]) == {"up to"}
    assert outer["award"].str.startswith("up to £").all()
    without = dossier(edition, Filters(kinds=()), "LP")
    assert without.facts["public_gbp"] == 5.5e6


def test_investment_zones_are_envelopes_that_are_switched_off(edition):
    found = dossier(edition, Filters(), "IZ")
    zones = found.projects[found.projects["award_kind"] == "envelope"]
    assert len(zones) == 12
    assert zones["counted_gbp"].sum() == 0
    assert set(zones["reason"]) == {"envelopes are not counted"}
    assert "12 figures not counted: envelopes" in count_words(edition, found.filters)
    counted = dossier(edition, Filters(kinds=KINDS), "IZ")
    assert counted.facts["public_gbp"] > 1.5e9
    assert counted.facts["not_counted"] == 0


def test_nested_money_counts_once_and_says_so(edition):
    rows = dossier(edition, Filters(), "LP").projects.set_index("project_id")
    assert rows.loc["lp-lcr", "counted_gbp"] == 2e6
    assert rows.loc["lp-lcr-r1", "counted_gbp"] == 5.5e6
    assert rows.loc["lp-lcr", "reason"] == "£5.5m of it counts in the projects inside it"
    assert rows.loc["lp-lcr-r1", "depth"] == 1


def test_places_mark_what_is_estimated_and_what_is_not_placed(edition):
    places = dossier(edition, Filters(), "SIPF-W1").places.set_index("la_code")
    assert places.loc["W06000015", "estimated_share"] == 1
    assert places.loc["S12000036", "estimated_share"] == 0
    assert places.loc["W06000015", "city_region"] == "Cardiff Capital Region"
    by_lead = dossier(edition, Filters(placed="lead"), "LIPF-EAR").places
    assert by_lead["city_region"].iloc[-1] == NOT_PLACED
    assert by_lead["public_gbp"].iloc[-1] > 0


def test_what_has_no_date_stands_apart(edition):
    years = timeline(edition, Filters(), "year")
    assert years["year"].isna().sum() == 1
    assert pd.isna(years["year"].iloc[-1])
    assert years["public_gbp"].iloc[-1] > 0
    drawn = year_rows(timeline(edition, Filters()))
    labels = list(dict.fromkeys(drawn["year"]))
    assert labels[-1] == UNDATED
    assert labels[:-1] == [str(year) for year in range(int(labels[0]), int(labels[-2]) + 1)]


# --- Searching, names, links


def test_a_search_looks_through_names_leads_partners_and_places(edition):
    projects, rows = project_rows(edition, Filters()), programme_rows(edition, Filters())
    assert find_projects(projects, "  METAVERSE museums ")["project_id"].tolist() == ["ia-gla-mim"]
    assert "sipf1-csconnected" in set(find_projects(projects, "newport wafer")["project_id"])
    assert "SIPF-W1" in set(find_programmes(rows, projects, "newport wafer")["programme_id"])
    assert "LIPF" in set(find_programmes(rows, projects, "local innovation partnerships")["programme_id"])
    assert len(find_programmes(rows, projects, "")) == len(rows)
    assert find_projects(projects, "no such thing anywhere").empty
    assert find_programmes(rows.head(0), projects.head(0), "x").empty


@pytest.mark.parametrize(("search", "region"), [("wales", "W92000004"), ("glasgow city region", "glasgow")])
def test_a_search_for_a_region_finds_every_project_that_it_has_a_part_in(edition, search, region):
    members = edition.tables["membership"]
    inside = set(members.loc[members["region_id"].str.startswith(region), "la_code"])
    rows, projects = funding(edition, Filters()).allocation.rows, project_rows(edition, Filters())
    expected = set(rows.loc[rows["la_code"].isin(inside), "project_id"]) & set(projects["project_id"])
    found = set(find_projects(projects, search)["project_id"])
    assert expected
    assert not expected - found


@pytest.mark.parametrize(
    ("text", "near"),
    [("IAA", "IA"), ("strength in places", "SIPF"), ("Launchpad", "LP"), ("%00<script>", "known are")],
)
def test_an_unknown_programme_names_the_nearest(edition, text, near):
    with pytest.raises(NotFoundError, match="no funding programme") as fault:
        dossier(edition, Filters(), text)
    assert near in str(fault.value)
    assert len(str(fault.value)) < 600


def test_a_programme_is_found_by_id_or_name_whatever_the_case(edition):
    for text in ("ia", "innovation accelerators PILOT"):
        assert dossier(edition, Filters(), text).facts["programme_id"] == "IA"


def test_a_project_that_does_not_pass_is_said(edition):
    with pytest.raises(NotFoundError, match="iz-gm"):
        project_facts(edition, Filters(), "iz-gm")


def test_only_addresses_of_the_web_become_links():
    cell = "https://a.uk/x; javascript:alert(1); http://b.uk; https://; data:text/html,x; a report; https://a.uk/x"
    assert links(cell) == ("https://a.uk/x", "http://b.uk")
    assert unlinked(cell) == ("javascript:alert(1)", "https://", "data:text/html,x", "a report")
    assert not is_link('https://a.uk/"><script>')
    assert not is_link("https://a.uk/a b")
    assert not is_link("https://[bad")
    for cell in table("programmes")["source_url"]:
        assert all(one.startswith("http") for one in links(cell))
        assert not unlinked(cell)


# --- Charts


def test_public_and_private_bars_differ_by_more_than_colour(edition):
    chart = timeline_chart(timeline(edition, Filters(), "year"))
    spec = chart.to_dict()
    bars = spec["layer"][0]["encoding"]
    assert {"xOffset", "fill", "stroke"} <= set(bars)
    fill, stroke = bars["fill"]["scale"]["range"], bars["stroke"]["scale"]["range"]
    # The public bar is filled with its edge, the private one is hollow.
    assert fill[0] == stroke[0]
    assert fill[1] != stroke[1]
    assert bars["y"]["title"] == "£ million"
    assert "private money" in spec["description"]


def test_a_lone_year_is_drawn_among_others_and_nothing_draws_nothing(edition):
    rows = timeline(edition, Filters(programme=("SIPF-W1",)), "programme")
    drawn = year_rows(rows)
    assert len(set(drawn["year"])) == LEAST_YEARS
    assert set(drawn["money"]) == set(MONEY.values())
    public = drawn[drawn["money"] == MONEY["public_gbp"]].set_index("year")
    assert public.loc["2020", "million"] == 185.5
    assert "Strength in Places Fund, wave 1" in public.loc["2020", "largest"]
    assert timeline_chart(timeline(edition, Filters(programme=("SIPF",)))) is None
    assert year_rows(timeline(edition, Filters(programme=("SIPF",)))).empty


def test_the_sentence_reconciles(edition):
    words = totals_words(edition, View())
    assert "all of it placed by place of delivery" in words
    by_lead = totals_words(edition, View(placed="lead"))
    assert "placed by lead's address, £" in by_lead
    assert "not placed (the lead or its address is not known)" in by_lead
    assert "private money" in words
    assert (
        totals_words(edition, View(sector=("defence",), year_from=2030)) == "No project passes the filters."
    )


def test_the_callers_tables_stay(edition):
    before = {
        name: edition.tables[name].copy() for name in ("programmes", "projects", "contested", "missing")
    }
    dossier(edition, Filters(), "SIPF-W1")
    for name, frame in before.items():
        pd.testing.assert_frame_equal(edition.tables[name], frame)
