"""The sentence of a view: it says what is drawn, and claims nothing that is not."""

from __future__ import annotations

from itertools import combinations

import pytest

from edition.view import View
from tests.asked import CHOICES
from words.numbers import count
from words.sentence import sentence, shows_money

LAYERS = [*CHOICES["show"]]


def shown_of(edition, kind):
    """Return the clusters of sectors or technologies that stand for their families, counted by hand."""
    rows = edition.clusters[edition.clusters["kind"] == kind]
    return rows.loc[rows.groupby("family")["e"].idxmin()]


def test_the_default_view_says_clusters_money_and_the_largest(edition):
    said = sentence(edition, View())
    heads = shown_of(edition, "sector")
    towns = heads[~heads["one_site"]]
    solid = towns[towns["standing"] == "solid"]
    numbers = (len(solid), solid["label"].nunique(), len(towns) - len(solid), len(heads) - len(towns))
    clusters, sectors, uncertain, sites = numbers
    assert clusters > 1
    assert sectors > 1
    # Fewer than one and a half of those with the largest share of chance.
    assert len(solid) * solid["q"].max() < 1.5
    assert said.startswith(
        f"{clusters} clusters in {sectors} sectors (up to 1 may be chance), "
        f"{count(uncertain, 'uncertain one')} and {count(sites, 'single site')}; £"
    )
    largest = solid.sort_values("firms").iloc[-1]
    assert said.endswith(f" of public money placed. Largest cluster: {largest['name']}.")
    # Filters alone draw nothing: what passes them is said.
    assert sentence(edition, View().plain()) == said


def test_what_is_no_certain_cluster_is_never_said_to_pass_or_to_be_none(edition):
    tested = 0
    for label in edition.tables["labels"]["label"]:
        heads = edition.clusters[edition.clusters["label"] == label]
        view = View(show=("clusters",), technology=(label,))
        if label in CHOICES["sector"]:
            view = View(show=("clusters",), sector=(label,))
        said = sentence(edition, view)
        heads = heads.loc[heads.groupby("family")["e"].idxmin()]
        solid = (heads["standing"] == "solid") & ~heads["one_site"]
        assert said.startswith("No ") == (not solid.any()), said
        assert said.endswith(" passes the test.") == heads.empty, said
        if len(heads) and not solid.any():
            tested += 1
            assert said.startswith("No certain cluster in ")
            assert ", but " in said
            assert ("uncertain one" in said) == bool(
                ((heads["standing"] == "pale") & ~heads["one_site"]).any()
            )
            assert ("single site" in said) == bool(heads["one_site"].any())
    assert tested > 1


def test_titles_keep_their_abbreviations_within_a_sentence(edition):
    view = View(technology=("graphene-and-2d-materials",))
    assert " in graphene and 2D materials" in sentence(edition, view)
    assert " in artificial intelligence" in sentence(edition, View(technology=("artificial-intelligence",)))


@pytest.mark.parametrize("number", range(len(LAYERS) + 1))
def test_nothing_is_claimed_that_is_not_drawn(edition, number):
    for show in combinations(LAYERS, number):
        view = View(show=show or ("none",))
        said = sentence(edition, view)
        assert said.endswith(".")
        assert said[0].isupper() or said[0] in "£0123456789"
        assert ("cluster" in said) == ("clusters" in show), said
        assert ("money" in said) == ("regions" in show or "projects" in show) == shows_money(view), said


def test_bare_land_is_called_so(edition):
    assert sentence(edition, View(show=("none",))) == "The United Kingdom: its land alone, no layer is shown."
    assert sentence(edition, View(show=("labels",))) == "The United Kingdom with names of places."
    firms = View(show=("firms", "assets"), sector=("life-sciences",))
    assert sentence(edition, firms) == "Research assets and firms in life sciences in the United Kingdom."


def test_money_alone_says_itself_what_it_is_of(edition):
    show = ("regions",)
    assert sentence(edition, View(show=show, sector=("life-sciences",))).endswith(" placed in life sciences.")
    both = View(show=show, sector=("life-sciences",), technology=("quantum",))
    assert sentence(edition, both) == "No public money placed in quantum technologies, within life sciences."
    one = sentence(edition, View(show=show, technology=("quantum",)))
    assert one.endswith(" placed in quantum technologies.")
    assert sentence(edition, View(show=show, placed="lead")).endswith(" placed by lead's address.")
