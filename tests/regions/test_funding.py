"""Funding under a filter: what counts, what is switched off, and that it all reconciles."""

from __future__ import annotations

import pytest

from edition.filters import Filters
from edition.view import View
from regions.funding import _funding, funding
from tests.regions.books import Books


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(kinds=()),
        Filters(growth=True),
        Filters(sector=("defence",)),
        Filters(year_from=2024),
    ],
)
def test_what_counts_of_each_project_adds_up_to_the_total(books: Books, filters: Filters) -> None:
    money = funding(books, filters)
    totals = money.allocation.totals / 100
    assert money.projects["net_gbp"].sum() == pytest.approx(totals["public"], abs=0.005)
    assert money.projects["private_net_gbp"].sum() == pytest.approx(totals["private"], abs=0.005)
    assert money.taking_part.sum() == len(money.projects)
    assert (money.projects.loc[~money.projects["counts"], "net_gbp"] == 0).all()


def test_every_project_counts_is_switched_off_or_has_no_figure(books: Books) -> None:
    for filters in (Filters(), Filters(kinds=()), Filters(growth=True, kinds=("envelope",))):
        money = funding(books, filters)
        assert money.projects["counts"].sum() + money.switched_off + money.without_figure == len(
            money.projects
        )


def test_kinds_switch_their_figures_on_and_off(books: Books) -> None:
    plain = funding(books, Filters(kinds=())).allocation.totals["public"]
    more = funding(books, Filters()).allocation.totals["public"]
    most = funding(
        books, Filters(kinds=("at least", "up to", "envelope", "project value"))
    ).allocation.totals["public"]
    assert 0 < plain < more < most


def test_regional_growth_is_added_only_when_asked_for(books: Books) -> None:
    without, with_growth = funding(books, Filters()), funding(books, Filters(growth=True))
    assert set(without.projects["purpose"]) == {"research and innovation"}
    assert with_growth.allocation.totals["public"] > without.allocation.totals["public"]


def test_private_money_counts_beside_an_award_that_nobody_published(books: Books) -> None:
    projects = books.tables["projects"].assign(award_gbp=float("nan"), award_kind="")
    money = funding(Books(tables={**books.tables, "projects": projects}), Filters())
    assert money.allocation.totals["public"] == 0
    assert money.allocation.totals["private"] > 0
    assert money.without_figure == len(money.projects)


def test_private_money_beside_a_figure_switched_off_is_off_too(books: Books) -> None:
    projects = books.tables["projects"].assign(award_kind="envelope")
    money = funding(Books(tables={**books.tables, "projects": projects}), Filters())
    unpublished = projects["award_gbp"].isna() & (projects["purpose"] == "research and innovation")
    expected = projects.loc[unpublished & (projects["nested_in"] == ""), "private_cofunding_gbp"].sum()
    assert money.allocation.totals["private"] == round(expected * 100)


def test_a_view_of_the_same_filters_is_answered_from_memory(books: Books) -> None:
    first = funding(books, Filters(sector=("defence",)))
    before = _funding.cache_info().hits
    assert funding(books, View(sector=("defence",), level="la", at=(52, -1, 9))) is first
    assert _funding.cache_info().hits == before + 1
