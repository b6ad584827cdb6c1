"""The sentence of a view: it says what is drawn, and claims nothing that is not."""

from __future__ import annotations

from itertools import combinations

import pytest

from edition.view import View
from tests.asked import CHOICES
from words.sentence import sentence, shows_money

LAYERS = [*CHOICES["show"]]


def test_the_default_view_says_clusters_money_and_the_largest(edition):
    said = sentence(edition, View())
    assert "9 clusters in 5 sectors; £" in said
    assert "of public money placed. Largest cluster: " in said
    # Filters alone draw nothing: what passes them is said.
    assert sentence(edition, View().plain()) == said


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
