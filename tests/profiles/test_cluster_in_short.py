"""Clusters and places in a few words and tables: the same figures as everywhere else, in fewer of them."""

from __future__ import annotations

import re

import pytest

from data.errors import NotFoundError
from data.tables import table
from data.taxonomy import titles
from edition.view import View
from profiles import place as place_portrait
from profiles.cluster import find_cluster, partners, projects
from profiles.cluster_in_short import criteria_rows, headline, key_figures, which_are_firms
from profiles.cluster_why import facts
from profiles.point import MONEY_NOTES
from regions.comparison import UNDATED, compare
from regions.figures import figures
from regions.places import find_place, places

MANCHESTER = "greater-manchester"
# Awards at sites, areas, without date and without figure.
PLACES = (MANCHESTER, "glasgow-city-region", "E07000008", "TLC")


@pytest.fixture(params=PLACES)
def place(edition, request):
    """A place of some level."""
    return find_place(edition, request.param)


@pytest.fixture(scope="module")
def strongest(edition):
    """The clusters of sectors, those that chance gives least often first."""
    rows = edition.clusters
    return rows[rows["kind"] == "sector"].sort_values("e")


def test_an_unknown_cluster_is_quoted_with_the_nearest(edition, strongest):
    known, name = strongest.iloc[0][["cluster_id", "name"]]
    wrong = f"{known[:-2]}x{known[-1]}"
    assert wrong not in set(edition.clusters["cluster_id"])
    said = f"'{wrong}' is no cluster of edition {edition.about.name}; did you mean {name} ({known})"
    with pytest.raises(NotFoundError, match=re.escape(said)):
        find_cluster(edition, wrong)


def test_an_id_that_changed_leads_to_the_cluster_it_became(edition, strongest, monkeypatch):
    from profiles import cluster as cluster_dossier

    first, second = strongest["cluster_id"].head(2)

    class Became:
        new_ids = (first,)
        words = "It became two"

    monkeypatch.setattr(cluster_dossier, "current", lambda *_: Became)
    assert find_cluster(edition, "life-sciences--old").cluster_id == first
    Became.new_ids = (first, second)
    with pytest.raises(NotFoundError, match=r"'life-sciences--old' .* It became two"):
        find_cluster(edition, "life-sciences--old")


def in_maps(share):
    """Return "1 in 25" as it is said of maps: "1 of 25 shuffled maps"."""
    less = "less than " if share.startswith("under ") else ""
    first, _, last = share.removeprefix("under ").partition(" in ")
    return f"{less}{first} of {last} shuffled maps"


def as_share(said):
    """Return the number that "1 in 25" or "under 1 in a million" is."""
    first, _, last = said.removeprefix("under ").partition(" in ")
    return float(first) / float(last.replace("a million", "1e6").replace(",", ""))


def test_key_figures_say_what_the_facts_say(edition):
    for row in edition.clusters.itertuples(index=False):
        told = {what: value for what, value, _ in facts(row, edition)}
        shown = {one.label: one.value for one in key_figures(edition, row)}
        assert told["Firms"].startswith(shown["firms observed"])
        assert told["Location quotient"].startswith(shown["location quotient"])
        assert told["Comes back"].startswith(f"in {shown['comes back']} ")
        assert told["Core"].startswith(shown["core"])
        assert told["By chance"] == f"in {in_maps(shown['by chance'])}"
        assert as_share(shown["by chance"]) == pytest.approx(max(row.p, 1e-6), rel=0.1)


def test_a_headline_names_firms_quotient_and_authorities(edition, strongest):
    row = find_cluster(edition, strongest["cluster_id"].iloc[0])
    words = headline(edition, row)
    title = titles()[row.label]
    firms = f"{row.firms} firms in {title[0].lower()}{title[1:]}"
    assert words.startswith(f"{firms} where {row.expected:.1f} would be expected")
    assert f"{row.lq:.1f} ({row.lq_low:.1f} to {row.lq_high:.1f})" in words
    names = table("local_authorities").set_index("gss_code")["name"]
    assert names[row.la_codes[0]] in words


def test_what_was_not_tested_has_no_share(density_edition):
    for row in density_edition.clusters.itertuples(index=False):
        shown = {one.label: one.value for one in key_figures(density_edition, row)}
        assert shown["by chance"] == shown["comes back"] == shown["core"] == "not tested"
        assert "nan" not in headline(density_edition, row).split()


def test_every_criterion_says_what_it_rests_on(edition):
    for row in edition.clusters.itertuples(index=False):
        rows = criteria_rows(edition, row)
        assert len(rows) == 4
        for words, met, rests_on in rows:
            assert words
            assert met in {"met", "not met", "not known"}
            assert rests_on
            assert (met == "met") == ("no evidence" not in rests_on and rests_on != "not known")


def test_co_located_rests_on_the_test_where_there_was_one(edition, density_edition):
    for which, said in ((edition, "passed the test"), (density_edition, "found by density: DBSCAN")):
        for row in which.clusters.itertuples(index=False):
            told = {words: rests_on for words, _, rests_on in criteria_rows(which, row)}
            assert said in told["co-located"]
            assert ("density" in told["co-located"]) == (which is density_edition)


def test_partners_that_are_firms_of_the_cluster_are_known(edition):
    found = []
    for cluster in edition.clusters["cluster_id"]:
        names = partners(edition, projects(edition, View(), cluster)["project_id"])["organisation"]
        marks = which_are_firms(edition, cluster, names)
        assert list(marks.index) == list(names.index)
        found += [*names[marks]]
    known = set(edition.tables["firm_participants"]["organisation"])
    assert set(found) <= known


def test_projects_of_a_place_add_up_to_its_money(edition, place):
    rows = place_portrait.projects(edition, View(), place)
    row = figures(edition, View(), [place]).loc[place.ref]
    assert rows["here_gbp"].sum() == pytest.approx(row["public_gbp"], abs=0.005)
    assert len(rows) == row["projects"]
    assert rows["here_gbp"].is_monotonic_decreasing


def test_years_of_a_place_add_up_to_its_money(edition, place):
    rows = place_portrait.years(edition, View(), place)
    row = figures(edition, View(), [place]).loc[place.ref]
    assert rows["public_gbp"].sum() == pytest.approx(row["public_gbp"], abs=0.005)
    assert rows["estimated_gbp"].sum() == pytest.approx(row["public_gbp"] * row["estimated_share"], abs=0.005)
    dated = [year for year in rows["year"] if year != UNDATED]
    assert dated == sorted(dated)
    assert UNDATED not in list(rows["year"])[:-1]


def test_nothing_that_passes_gives_empty_tables(edition, place):
    none = View(sector=("agri-food",), year_from=2030, year_to=2030)
    assert place_portrait.projects(edition, none, place).empty
    assert place_portrait.years(edition, none, place).empty
    assert place_portrait.gaps(edition, place_portrait.projects(edition, none, place)) == []


def test_contested_and_missing_figures_are_told(edition):
    rows = place_portrait.projects(edition, View(), find_place(edition, MANCHESTER))
    told = place_portrait.gaps(edition, rows)
    assert ("Innovation Accelerators pilot", "24 of 26 projects named") in told
    assert any("(used)" in words for _, words in told)
    without = int(rows["award_gbp"].isna().sum())
    assert any(what == f"{without} projects without a public figure" for what, _ in told)


def test_places_like_the_country_are_none_and_it_says_why(edition):
    found = place_portrait.like(edition, View(), places(edition).country)
    assert found.rows == ()
    assert "the whole country" in found.about
    assert place_portrait.rank_words(edition, View(), places(edition).country, "total").startswith(
        "The United"
    )


def test_places_like_one_come_nearest_first(edition, place):
    found = place_portrait.like(edition, View(), place, 4)
    distances = [distance for _, distance, _ in found.rows]
    assert distances == sorted(distances)
    assert len(distances) == 4
    assert "residents" in found.about


def test_specialisation_is_a_key_measure_only_of_chosen_sectors(edition, place):
    plain, chosen = (compare(edition, view, [place]) for view in (View(), View(sector=("life-sciences",))))
    assert "lq" not in {one.id for one in place_portrait.key_measures(plain)}
    assert "lq" in {one.id for one in place_portrait.key_measures(chosen)}


def test_what_has_no_order_is_ranked_by_money_a_head():
    assert place_portrait.ranked_measure("none").id == "per-head"
    assert place_portrait.ranked_measure("firms").id == "firms"


@pytest.mark.parametrize("rule", ["delivery", "lead"])
def test_caveats_name_the_rule_that_places_money(edition, place, rule):
    said = " ".join(place_portrait.caveats(edition, View(placed=rule), (place,)))
    assert MONEY_NOTES[rule][1:] in said
    assert "a curated sample" in said.casefold()
