"""Employment and births of clusters: laws of the counts, and the tests against laws known elsewhere."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats

from clusters.description.employment import DRAWS, MORE_DRAWS, drawn_p, two_digits
from clusters.description.evenness import FEWEST, drawn_without_return, false_discovery
from clusters.description.growth import BANDS, BASIS, GROWTH, Beside, complete, with_growth
from clusters.description.traits import Span, counted, last_whole_years, merged, span_of
from data.errors import InputError
from tests.clusters.description.traits_tables import SPAN, Country, country

SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=15, deadline=None)


def one_cluster(sizes, founded, others_sizes, others_founded) -> Country:
    """One label in two cells, the first of which is its cluster."""
    here, there = len(sizes), len(others_sizes)
    firms = pd.DataFrame(
        {
            "cell": [0] * here + [1] * there,
            "size": [*sizes, *others_sizes],
            "founded": [*founded, *others_founded],
        }
    ).astype({"size": float, "founded": float})
    carried = pd.DataFrame({"firm": range(here + there), "label": "a"})
    return Country(firms, carried, pd.DataFrame({"cluster_id": ["a-0"], "label": ["a"]}))


# --- Laws


@FEW
@given(SEEDS)
def test_the_order_of_rows_changes_nothing(seed):
    one = country(seed)
    order = np.random.default_rng(seed).permutation(len(one.firms))
    place = np.argsort(order)
    other = replace(
        one,
        firms=one.firms.iloc[order].reset_index(drop=True),
        carried=one.carried.assign(firm=place[one.carried["firm"]]).sample(frac=1, random_state=seed),
    )
    assert_frame_equal(one.described(), other.described())


@FEW
@given(SEEDS)
def test_the_order_of_clusters_changes_nothing(seed):
    one = country(seed)
    other = replace(one, clusters=one.clusters.iloc[::-1])
    assert_frame_equal(one.described(), other.described().sort_index())


@FEW
@given(SEEDS)
def test_over_all_firms_of_a_label_what_is_there_is_what_is_expected(seed):
    # Each firm of each label stands in one of its clusters, and all have enough.
    found = country(seed, count=900).described()
    assert (found["births_dated"] >= FEWEST).all()
    sums = found.groupby("label")[["births", "births_expected", "employment", "employment_expected"]].sum()
    np.testing.assert_allclose(sums["births"], sums["births_expected"])
    np.testing.assert_allclose(sums["employment"], sums["employment_expected"])


@FEW
@given(SEEDS)
def test_over_all_cells_the_births_of_all_firms_are_those_expected(seed):
    one = country(seed, count=400)
    found = one.described()
    area = found[found["label"] == "a"]
    assert area["area_dated"].sum() == one.firms["founded"].notna().sum()
    assert area["area_births"].sum() == one.firms["founded"].between(*SPAN).sum()
    np.testing.assert_allclose(area["area_births"].sum(), area["area_births_expected"].sum())


@FEW
@given(SEEDS, st.integers(1, 299))
def test_parts_of_a_register_add_up(seed, cut):
    one = country(seed)
    cells = one.cells["cell"].unique()
    parts = []
    for rows in (slice(0, cut), slice(cut, None)):
        firms = one.firms.iloc[rows]
        carried = one.carried[one.carried["firm"].isin(firms.index)]
        start = firms.index[0]
        parts.append(
            counted(firms.reset_index(drop=True), carried.assign(firm=carried["firm"] - start), cells, SPAN)
        )
    whole, both = one.traits(), merged(parts)
    for name in ("labels", "ground", "nation"):
        assert_frame_equal(getattr(whole, name), getattr(both, name))


@FEW
@given(SEEDS)
def test_counts_are_those_of_the_rows(seed):
    one = country(seed)
    traits = one.traits()
    assert traits.labels["total"].sum() == len(one.carried)
    assert traits.nation.loc[0, "firms"] == len(one.firms)
    assert traits.nation.loc[0, "employment"] == one.firms["size"].sum()
    assert traits.ground["dated"].sum() == one.firms["founded"].notna().sum()


def test_all_firms_of_a_label_in_one_cluster_differ_in_nothing():
    found = one_cluster([3, 9, 40, 7, 2], [2016, 2001, 2020, 1990, 2018], [], []).described().loc["a-0"]
    told = ["employment_ratio", "size_ratio", "employment_p", "births_ratio", "births_p", "births_q"]
    assert found[told].tolist() == pytest.approx([1.0] * 6)
    assert found["employment"] == found["employment_expected"] == 61
    assert found["largest_employer"] == pytest.approx(40 / 61)


# --- Against laws known elsewhere


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 60), st.data())
def test_births_are_tested_as_fisher_does(here, marked, rest, data):
    firms = here + rest
    marked = min(marked, firms)
    hits = data.draw(st.integers(max(0, marked - rest), min(here, marked)))
    table = [[hits, here - hits], [marked - hits, rest - marked + hits]]
    tails = [stats.fisher_exact(table, alternative=side).pvalue for side in ("greater", "less")]
    assert float(drawn_without_return(hits, here, marked, firms)) == pytest.approx(min(1, 2 * min(tails)))


def test_births_by_hand():
    # 8 of 8 are young, of a label with 60 young ones among 150: the notes' example of Newcastle.
    founded = [2020] * 60 + [1990] * 90
    one = one_cluster([1] * 8, founded[:8], [1] * 142, founded[8:])
    found = one.described().loc["a-0"]
    assert (found["births"], found["births_dated"], found["births_expected"]) == (8, 8, 3.2)
    assert found["births_p"] == pytest.approx(2 * comb(60, 8) / comb(150, 8))
    assert (found["births_from"], found["births_to"]) == SPAN


def test_the_span_takes_both_its_years():
    founded = [2014, 2015, 2024, 2025, 2020]
    assert one_cluster([1] * 5, founded, [], []).described().loc["a-0", "births"] == 3


@pytest.mark.parametrize("seed", range(3))
def test_draws_agree_with_the_exact_law_of_two_sizes(seed):
    """With two sizes the weight says how many large ones there are, which is hypergeometric."""
    sizes = np.array([1.0] * 4 + [100.0] * 6)
    pool = (np.array([1.0, 100.0]), np.array([60, 40]))
    exact = 2 * stats.hypergeom(100, 40, 10).sf(5)
    p = drawn_p(sizes, pool, np.random.default_rng(seed))
    # Four standard errors of the draws.
    assert p == pytest.approx(exact, abs=8 * np.sqrt(exact / 2 / DRAWS))


def test_draws_agree_with_a_permutation_of_the_firms():
    """SciPy shuffles the firms themselves, and weighs them by their exact sizes."""
    draws = np.random.default_rng(5)
    here, rest = np.rint(draws.lognormal(3, 1, 12)), np.rint(draws.lognormal(2.5, 1, 80))
    other = stats.permutation_test(
        (np.sqrt(here), np.sqrt(rest)),
        lambda x, y, axis: x.mean(axis) - y.mean(axis),
        n_resamples=9_999, rng=np.random.default_rng(6), vectorized=True,
    )  # fmt: skip
    values, counts = np.unique([*here, *rest], return_counts=True)
    p = drawn_p(here, (values, counts), np.random.default_rng(7))
    assert 0.005 < other.pvalue < 0.5
    assert p == pytest.approx(other.pvalue, abs=4 * np.sqrt(other.pvalue * 2 / DRAWS) + 0.01)


def test_a_rare_difference_is_told_by_more_draws():
    pool = (np.array([1.0, 100.0]), np.array([900, 10]))
    p = drawn_p(np.array([100.0] * 8), pool, np.random.default_rng(0))
    assert p == pytest.approx(2 / (1 + MORE_DRAWS))


def test_clusters_of_no_kind_seldom_differ():
    """Of clusters of firms at random one in twenty, and fewer, have p up to .05 (here 240, both tests)."""
    found = pd.concat([country(seed, count=600, labels="abcd", cells=3).described() for seed in range(16)])
    share = (found[["employment_p", "births_p"]] <= 0.05).mean()
    # The upper end of what 240 throws of one in twenty give (99.9%).
    assert (share <= stats.binom(len(found), 0.05).ppf(0.999) / len(found)).all()
    assert (share > 0).all()


def test_one_giant_is_not_all():
    others = [9, 11] * 40
    giant = one_cluster([4_000, 8, 9, 8, 9, 8], [2000] * 6, others, [2000] * 80).described().loc["a-0"]
    assert giant["employment_ratio"] > 10
    assert giant["largest_employer"] > 0.98
    large = one_cluster([90, 80, 95, 85, 90, 80], [2000] * 6, others, [2000] * 80).described().loc["a-0"]
    assert large["employment_ratio"] < giant["employment_ratio"]
    assert large["employment_p"] < 0.001 < giant["employment_p"]
    assert large["size_ratio"] > 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_is_that_of_benjamini_and_hochberg(values):
    p = pd.Series([*values, np.nan])
    ranked = np.sort(values)
    adjusted = np.minimum(1, ranked * len(values) / np.arange(1, len(values) + 1))
    by_hand = [adjusted[ranked >= one].min() for one in values]
    np.testing.assert_allclose(false_discovery(p), [*by_hand, np.nan], rtol=1e-9, atol=1e-12)


def test_q_of_nothing_is_nothing():
    assert false_discovery(pd.Series([np.nan, np.nan])).isna().all()
    assert false_discovery(pd.Series(dtype=float)).empty


# --- Unknown is unknown


def test_fewer_than_five_known_say_nothing():
    found = one_cluster(
        [5, 6, 7, 8, np.nan, np.nan], [2020] * 4 + [np.nan] * 2, [1] * 9, [2000] * 9
    ).described()
    row = found.loc["a-0"]
    assert (row["employment_known"], row["births_dated"]) == (4, 4)
    said = [
        name for name in GROWTH if name not in {BASIS, "employment_known"} and not name.startswith("births_")
    ]
    assert row[said].drop(["area_dated"]).isna().all()
    assert row[["births_expected", "births_ratio", "births_p", "births_q"]].isna().all()


def test_an_unknown_size_is_not_a_size_of_nothing():
    known = [10, 20, 30, 40, 50]
    one = one_cluster(known, [2000] * 5, [10] * 5, [2000] * 5).described().loc["a-0"]
    other = (
        one_cluster([*known, np.nan], [2000] * 6, [10] * 5 + [np.nan] * 3, [2000] * 8).described().loc["a-0"]
    )
    same = [name for name in GROWTH if name.startswith("employment") and name not in {BASIS, "employment_lq"}]
    assert one[same].tolist() == other[same].tolist()
    assert one["employment_known"] == 5


def test_firms_without_employees_are_known():
    found = one_cluster([0] * 5, [2000] * 5, [0] * 5 + [4] * 5, [2000] * 10).described().loc["a-0"]
    assert (found["employment_known"], found["employment"], found["size_ratio"]) == (5, 0, 0)
    assert np.isnan(found["largest_employer"])
    nobody = one_cluster([0] * 5, [2000] * 5, [0] * 5, [2000] * 5).described().loc["a-0"]
    assert nobody[["employment_ratio", "size_ratio", "employment_lq"]].isna().all()
    assert nobody["employment_p"] == 1


def test_the_quotient_of_employment_by_hand():
    one = one_cluster([10] * 5, [2000] * 5, [10] * 5, [2000] * 5)
    # Beside the label's 100 stand 300 of others, 50 of them in the cluster's cell.
    others = pd.DataFrame({"cell": [0, 1], "size": [50.0, 250.0], "founded": 2000.0})
    firms = pd.concat([one.firms, others], ignore_index=True)
    found = replace(one, firms=firms).described().loc["a-0"]
    assert found["employment_lq"] == pytest.approx((50 / 100) / (100 / 400))


@pytest.mark.parametrize(("cell", "firms"), [(0, 1), (1, 9)])
def test_no_quotient_where_sizes_are_missing(cell, firms):
    """One unknown firm in the cluster's cell; or more than a tenth of all."""
    one = one_cluster([10] * 20, [2000] * 20, [10] * 20, [2000] * 20)
    unknown = pd.DataFrame({"cell": [cell] * firms, "size": np.nan, "founded": 2000.0})
    whole = replace(one, firms=pd.concat([one.firms, unknown], ignore_index=True))
    assert np.isfinite(one.described().loc["a-0", "employment_lq"])
    assert np.isnan(whole.described().loc["a-0", "employment_lq"])
    assert whole.described().loc["a-0", "employment"] == 200


def test_registers_without_sizes_or_dates():
    one = country(1)
    nothing = with_growth(one.clusters, one.members, one.cells, Beside(), 0)
    assert list(nothing.columns) == ["cluster_id", "label", *GROWTH]
    assert nothing[[*GROWTH[1:]]].isna().all(axis=None)
    assert (nothing[BASIS] == "").all()
    assert_frame_equal(complete(one.clusters), nothing)
    sized = one.described(span=None, basis=BANDS)
    assert sized["births"].isna().all()
    assert sized["employment"].notna().any()
    dated = one.described(basis="")
    assert dated["employment_known"].isna().all()
    assert dated["births"].notna().any()


def test_no_clusters_at_all():
    one = replace(country(1), clusters=country(1).clusters.head(0))
    found = one.described()
    assert found.empty
    assert [*found.columns] == ["label", *GROWTH]


# --- Spans


def test_spans():
    assert span_of(" 2012 : 2026 ") == Span(2012, 2026)
    assert span_of("2012:2012") == Span(2012, 2012)
    assert last_whole_years(2026) == Span(2016, 2025)
    assert last_whole_years(np.nan) is None


@pytest.mark.parametrize(
    "text", ["2012", "2026:2012", "2012-2026", "12:26", "0:9999", "a:b", "2012:2026:2027"]
)
def test_what_is_no_span_is_refused(text):
    with pytest.raises(InputError, match="expected a first and a last year such as 2012:2026") as fault:
        span_of(text)
    assert repr(text) in str(fault.value)


def test_two_digits_keep_order():
    sizes = np.arange(0, 30_000, 7.0)
    assert (np.diff(two_digits(sizes)) >= 0).all()
    np.testing.assert_allclose(two_digits(sizes), sizes, rtol=0.05)
