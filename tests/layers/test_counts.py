"""Counts under filters: each is the number of rows of the filtered list that a page shows beside it."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from edition.filters import Filters
from edition.view import View
from profiles import place as portrait
from profiles.programmes import programme_rows, timeline
from profiles.projects import project_rows
from regions.comparison import BREAKDOWNS, UNDATED, compare
from regions.figures import assets_by_type, cluster_rows, clusters_in
from regions.places import find_place, places
from tables.rows import TABLES
from words.sentence import figures as key_figures

LEVELS = ("la", "itl2", "city_region", "nation")
FILTERS = st.builds(
    Filters,
    sector=st.sampled_from([(), ("life-sciences",), ("defence", "agri-food")]),
    technology=st.sampled_from([(), ("drug-discovery",)]),
    programme=st.sampled_from([(), ("IA", "SIPF-W2"), ("LIPF-EAR",)]),
    type=st.sampled_from([(), ("Specialised",)]),
    year_from=st.sampled_from([2010, 2023]),
    kinds=st.sampled_from([(), ("at least", "up to"), ("at least", "up to", "envelope", "project value")]),
    growth=st.booleans(),
    placed=st.sampled_from(["delivery", "lead"]),
)


def test_projects_of_a_programme_are_those_of_the_sector_asked_for(edition):
    place = find_place(edition, "glasgow-city-region")
    found = compare(edition, Filters(sector=("life-sciences",)), [place], ())
    accelerators = found.money_by("programme").set_index("key").loc["Innovation Accelerators pilot"]
    assert accelerators["projects"] == 2


@settings(max_examples=30)
@given(data=st.data(), filters=FILTERS)
def test_counts_of_a_place_are_those_of_its_lists(edition, data, filters):
    level = data.draw(st.sampled_from(LEVELS))
    place = data.draw(st.sampled_from(places(edition).of_level(level)))
    found = compare(edition, filters, [place], ())
    row = found.figures.loc[place.ref]
    listed = portrait.projects(edition, filters, place)
    assert row["projects"] == len(listed)
    people = edition.tables["participants"]
    assert row["organisations"] == len(
        set(people.loc[people["project_id"].isin(listed["project_id"]), "organisation"])
    )
    assert row["clusters"] == len(found.clusters) == len(cluster_rows(edition, filters, [place]))
    assert row["assets"] == assets_by_type(edition, [place]).to_numpy().sum()
    for key in BREAKDOWNS:
        wanted = _by(listed, key)
        counted = found.money_by(key)
        for of, number in zip(counted["key"], counted["projects"], strict=True):
            assert number == wanted.get(of, 0), f"{key} {of}"


def _by(listed, key):
    """How many of the projects listed are of each programme, sector or year."""
    if key == "year":
        return listed["year"].map(lambda year: UNDATED if pd.isna(year) else str(year)).value_counts()
    return listed[key].value_counts()


@settings(max_examples=30)
@given(filters=FILTERS)
def test_counts_of_the_whole_are_those_of_its_lists(edition, filters):
    listed = project_rows(edition, filters)
    shown = key_figures(edition, filters)
    assert shown.projects == len(listed)
    assert shown.without_figure == listed["award_gbp"].isna().sum()
    view = View.model_validate(filters.model_dump())
    told = shown.clusters + shown.uncertain + shown.sites
    assert told == len(clusters_in(edition, filters)) == TABLES["clusters"].size(edition, view)
    assert len(listed) == TABLES["projects"].size(edition, view)
    assert timeline(edition, filters, "year")["projects"].sum() == len(listed)
    counted = programme_rows(edition, filters).set_index("programme_id")["projects"]
    wanted = listed["programme_id"].value_counts().reindex(counted.index, fill_value=0)
    assert counted.tolist() == wanted.tolist()
