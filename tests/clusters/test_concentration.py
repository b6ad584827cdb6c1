"""Indexes of concentration: on printed values, by hand where none is printed, and by what must always hold.

Printed: the manual of REAT (Wieland, version 3.0.3), whose examples are those of Dörsam (2004,
Wirtschaftsstatistik anschaulich dargestellt) and of Farhauer and Kröll (2013, Standorttheorien); and that of
EconGeo (Balland, version 2.0), which says in words what some of its examples give. No printed value of M with
its points was found (dbmss tests and draws it and prints none): M is worked out by hand on six points, and
held against its definition, pair by pair.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial import distance

from clusters import concentration
from clusters.concentration import (
    Crowd,
    ellison_glaeser,
    gini,
    herfindahl,
    krugman,
    locational_gini,
    m_function,
)
from data.errors import InputError

COUNT = st.integers(0, 10_000)
# Of a region: firms of the label, and all.
REGION = st.tuples(COUNT, COUNT).map(lambda pair: (min(pair), max(pair)))
REGIONS = st.lists(REGION, min_size=2, max_size=30).filter(lambda rows: any(own for own, _ in rows))
POINT = st.tuples(st.integers(-4_000, 4_000), st.integers(-4_000, 4_000), st.booleans())
RADII = (500.0, 1_500.0, 20_000.0)

SWEDEN = [45_000, 15_000, 32_000, 10_000, 30_000]
NORDIC = [
    [35_000, 12_000, 30_000, 8_000, 22_000],
    [40_000, 10_000, 25_000, 9_000, 18_000],
    [30_000, 11_000, 18_000, 3_000, 13_000],
    [40_000, 6_000, 11_000, 2_000, 12_000],
]
MINING = [4_320, 7_811, 3_900, 2_300, 47_560]
INDUSTRIES = [
    [20_000, 11_000, 31_000, 8_000, 20_000],
    [40_000, 10_000, 25_000, 9_000, 16_000],
    [10_000, 11_000, 14_000, 14_000, 13_000],
    [7_000, 7_500, 11_000, 1_500, 36_000],
]


def mean_shares(rows):
    """REAT holds a distribution against the mean of the shares of the others, each alike."""
    return np.mean([np.array(row) / sum(row) for row in rows], axis=0)


def columns(rows):
    own, everyone = np.array(rows).T
    return own, everyone


# --- Printed values


def test_herfindahl_of_four_makers_of_cars():
    """REAT, herf: Dörsam (2004)."""
    assert herfindahl([20, 50, 20, 10]) == pytest.approx(0.34, abs=1e-12)


def test_krugman_specialisation_of_regions_with_nothing_in_common():
    """REAT, krugman.spec: Farhauer and Kröll (2013), modified."""
    assert krugman([20, 10, 70, 0, 0], [0, 0, 0, 60, 40]) == pytest.approx(2, abs=1e-12)


def test_krugman_specialisation_of_sweden():
    """REAT, krugman.spec2: Farhauer and Kröll (2013)."""
    assert krugman(SWEDEN, mean_shares(NORDIC)) == pytest.approx(0.1595, abs=5e-5)


def test_krugman_concentration_of_mining():
    """REAT, krugman.conc2: Farhauer and Kröll (2013)."""
    assert krugman(MINING, mean_shares(INDUSTRIES)) == pytest.approx(0.8619, abs=5e-5)


def test_krugman_concentration_of_one_structure():
    """REAT, krugman.conc: exactly the same structure."""
    first = np.array([4_388, 37_489, 129_423, 60_941])
    assert krugman(first, first / 2) == pytest.approx(0, abs=1e-12)


def test_gini_of_four_makers_of_cars_and_of_classes_of_income():
    """REAT, gini2: Dörsam (2004), without weights and with them."""
    assert gini([20, 50, 20, 10]) == pytest.approx(0.3, abs=1e-12)
    income, sizes = [500, 1_500, 2_500, 4_000, 7_500, 15_000], [1_000, 1_200, 1_600, 400, 200, 600]
    assert gini(income, sizes) == pytest.approx(0.5278, abs=5e-5)


def test_gini_of_the_product_of_german_regions():
    """REAT, gini2."""
    first = [460.69, 549.19, 124.16, 65.29, 31.59, 109.27, 263.44, 39.87]
    last = [258.53, 645.59, 131.95, 35.03, 112.66, 56.22, 85.61, 56.81]
    assert gini([*first, *last]) == pytest.approx(0.5009, abs=5e-5)


def test_gini_of_quotients_with_all_regions_alike():
    """REAT, gini.conc: Farhauer and Kröll (2013). Our locational Gini weights regions by what they hold."""
    own, everyone = np.array([500, 500, 1_000, 7_000, 1_000]), np.array([20, 15, 20, 40, 5]) * 1_000
    assert gini(own / everyone) == pytest.approx(0.4068966, abs=5e-8)


def test_gini_has_its_greatest_value_where_one_of_five_has_all():
    """EconGeo, Gini: "max Gini = (5-1)/5"."""
    assert gini([0, 0, 0, 0, 1]) == pytest.approx(4 / 5, abs=1e-12)


def test_locational_gini_in_proportion_and_in_the_last_thirty_of_a_hundred():
    """EconGeo, hoover_gini: "perfectly proportional", and "30% of the pop. produces 100% of the output".

    Its number is not printed; by hand the curve runs along the bottom to 70%, then straight up to 1: twice
    the area between it and the diagonal is 0.7.
    """
    people = [10, 15, 20, 25, 30]
    assert locational_gini(people, people) == pytest.approx(0, abs=1e-12)
    assert locational_gini([0, 0, 0, 0, 1], people) == pytest.approx(0.7, abs=1e-12)


def test_locational_gini_by_hand():
    """Shares 0, 1/4 and 3/4 of the label in regions of 1/2, 1/4 and 1/4 of all: the curve has two corners.

    Under it lie 1/2 x 0 + 1/4 x (0 + 1/4) / 2 + 1/4 x (1/4 + 1) / 2 = 3/16, so the Gini is 1 - 2 x 3/16 =
    5/8.
    """
    assert locational_gini([0, 1, 3], [2, 1, 1]) == pytest.approx(5 / 8, abs=1e-12)


def test_ellison_and_glaeser_of_ten_plants_in_three_cities():
    """REAT, ellison.a: Farhauer and Kröll (2014), ten plants in Vienna, Linz and Graz."""
    vienna, linz, graz = [200, 650, 12_000, 100, 50], [16_000, 13_000, 1_500, 1_500], [25_000]
    plants = herfindahl([*vienna, *linz, *graz])
    found = ellison_glaeser([sum(vienna), sum(linz), sum(graz)], [500_000, 400_000, 100_000], plants)
    assert found == pytest.approx(0.05990628, abs=5e-9)


# --- M, by hand


def test_m_of_three_firms_of_six():
    """Firms at 0, 10 and 100 m, others at 20, 110 and 1,000 m; within 12 m.

    The first has one neighbour, of its label: 1. The second has two, one of them: 1/2. The third has one that
    is not: 0. Their mean is 1/2. Of all others, 2 of 5 are of the label: M = (1/2) / (2/5) = 1.25.
    """
    east = np.array([0, 10, 20, 100, 110, 1_000])
    points, label = np.column_stack([east, np.zeros(6)]), np.array([1, 1, 0, 1, 0, 0], dtype=bool)
    found = m_function(points, label, [5, 12, 2_000])
    assert np.isnan(found[0])
    assert found[1:] == pytest.approx([1.25, 1], abs=1e-12)
    near = Crowd.of(points, np.ones(6), [12]).m(label)
    assert near.pairs.tolist() == [1]
    # Four neighbours are met, two fifths of them would be of the label, and each pair is met from both ends.
    assert near.expected_pairs == pytest.approx([0.8])


def test_m_within_a_distance_takes_in_its_rim():
    points = [[0, 0], [3, 4], [100, 100]]
    assert m_function(points, [True, True, False], [5.0]) == pytest.approx([2])
    assert np.isnan(m_function(points, [True, True, False], [4.999])).all()


def test_m_of_firms_at_one_address():
    """Two of the label and two others at one point: one in three neighbours is of it, as of all others."""
    assert m_function(np.zeros((4, 2)), [True, True, False, False], [1]) == pytest.approx([1])


def test_m_of_one_firm_is_not_known():
    assert np.isnan(m_function([[0, 0], [1, 0]], [True, False], [10, 20])).tolist() == [True, True]


def test_m_of_shuffled_labels_is_one_on_average():
    draws = np.random.default_rng(3)
    points = draws.normal(0, 3_000, (400, 2)).round()
    label = np.arange(400) < 60
    found = np.array([m_function(points, draws.permutation(label), [1_000])[0] for _ in range(200)])
    assert abs(found.mean() - 1) < 4 * found.std() / np.sqrt(len(found))


def test_m_of_more_firms_than_it_takes_is_refused(monkeypatch):
    monkeypatch.setattr(concentration, "MOST_FIRMS", 5)
    with pytest.raises(
        InputError, match=r"6 firms are too many for the M function, which takes 5: take a part"
    ):
        m_function(np.zeros((6, 2)), np.ones(6, dtype=bool), [1])


# --- What must always hold


@given(REGIONS)
def test_bounds(rows):
    own, everyone = columns(rows)
    assert 1 / len(rows) - 1e-12 <= herfindahl(own) <= 1 + 1e-12
    assert 0 <= krugman(own, everyone) <= 2 + 1e-12
    assert 0 <= locational_gini(own, everyone) <= 1
    if np.count_nonzero(everyone) > 1 and own.sum() > 1:
        plants = 1 / own.sum()
        assert ellison_glaeser(own, everyone, plants) >= -plants / (1 - plants) - 1e-9


@given(REGIONS, st.randoms(use_true_random=False), st.integers(2, 50))
def test_order_and_scale_change_nothing(rows, draws, times):
    own, everyone = columns(rows)
    mixed = list(rows)
    draws.shuffle(mixed)
    again, all_again = columns(mixed)
    for index in (krugman, locational_gini):
        assert index(again * times, all_again) == pytest.approx(index(own, everyone), abs=1e-9)
    assert herfindahl(again * times) == pytest.approx(herfindahl(own), abs=1e-9)
    if np.count_nonzero(everyone) > 1:
        shuffled = ellison_glaeser(again * times, all_again, 0.1)
        assert shuffled == pytest.approx(ellison_glaeser(own, everyone, 0.1), abs=1e-9)


@given(st.lists(st.integers(1, 1_000), min_size=2, max_size=30), st.integers(2, 9))
def test_in_proportion_there_is_no_concentration(everyone, times):
    own = np.array(everyone) * times
    assert krugman(own, everyone) == pytest.approx(0, abs=1e-12)
    assert locational_gini(own, everyone) == pytest.approx(0, abs=1e-9)
    # What is spread as all are is more even than darts: by just what few plants would bring.
    assert ellison_glaeser(own, everyone, 0.2) == pytest.approx(-0.2 / 0.8)


@given(REGIONS)
def test_cutting_a_region_in_two_of_one_mix_changes_no_gini(rows):
    own, everyone = columns(rows)
    halves = [part / 2 for part in (own[:1], everyone[:1])]
    cut = [
        np.concatenate([half, half, whole[1:]]) for half, whole in zip(halves, (own, everyone), strict=True)
    ]
    assert locational_gini(*cut) == pytest.approx(locational_gini(own, everyone), abs=1e-9)
    assert krugman(*cut) == pytest.approx(krugman(own, everyone), abs=1e-9)


def test_gamma_of_darts_is_nought_on_average_however_few():
    draws = np.random.default_rng(5)
    share = np.array([0.5, 0.3, 0.15, 0.05])
    for plants in (3, 40):
        thrown = draws.multinomial(plants, share, size=4_000)
        found = np.array([ellison_glaeser(own, share, 1 / plants) for own in thrown])
        assert abs(found.mean()) < 4 * found.std() / np.sqrt(len(found))
        assert np.mean([herfindahl(own) for own in thrown]) > herfindahl(share)


def pair_by_pair(points, label, radius):
    """M by its definition, over a table of all distances."""
    near = distance.cdist(points, points) <= radius
    np.fill_diagonal(near, val=False)
    own = np.flatnonzero(label)
    others = near[own].sum(axis=1)
    met = others > 0
    if not met.any():
        return np.nan
    local = near[np.ix_(own, own)].sum(axis=1)[met] / others[met]
    return local.mean() / ((len(own) - 1) / (len(points) - 1))


@given(st.lists(POINT, min_size=2, max_size=60))
def test_m_is_what_its_definition_says(rows):
    points, label = np.array([row[:2] for row in rows], dtype=float), np.array([row[2] for row in rows])
    assume(label.sum() > 1)
    wanted = [pair_by_pair(points, label, radius) for radius in RADII]
    assert m_function(points, label, RADII) == pytest.approx(wanted, nan_ok=True, abs=1e-9)
    # Within more than the longest distance everyone is a neighbour.
    assert m_function(points, label, RADII)[-1] == pytest.approx(1)


@given(st.lists(POINT, min_size=2, max_size=40), st.randoms(use_true_random=False))
def test_m_does_not_depend_on_the_order_nor_on_where_the_map_begins(rows, draws):
    mixed = list(rows)
    draws.shuffle(mixed)
    points, label = (np.array([row[:2] for row in mixed], dtype=float), np.array([row[2] for row in mixed]))
    first, own = np.array([row[:2] for row in rows], dtype=float), np.array([row[2] for row in rows])
    moved = m_function(points + np.array([400_000, 1_000_000]), label, RADII)
    assert moved == pytest.approx(m_function(first, own, RADII), nan_ok=True, abs=1e-9)


# --- What is refused


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda: herfindahl([0, 0]), "2 counts add up to 0; there is nothing to share out"),
        (lambda: herfindahl([]), "0 counts add up to 0"),
        (lambda: herfindahl([1, -2]), "-2.0 is no count; counts are finite and not below 0"),
        (lambda: herfindahl([1, np.nan]), "nan is no count"),
        (lambda: krugman([1, 2], [1, 2, 3]), r"\(2,\) and \(3,\) are of different shapes"),
        (lambda: gini([0, 1], [1, 0]), "2 counts add up to 0"),
        (lambda: locational_gini([1, 1], [0, 2]), "1 regions have firms of the label and none in all"),
        (lambda: ellison_glaeser([1, 0], [1, 1], 1), "the Herfindahl index of plants is 1; it lies above 0"),
        (lambda: ellison_glaeser([2, 0], [1, 0], 0.5), "one region has all there is"),
        (lambda: m_function([[0, 0]], [True, False], [1]), "1 points have 2 labels"),
        (lambda: m_function([[0, np.inf]], [True], [1]), "a position is not finite"),
        (lambda: m_function([[0, 0]], [True], [1, 0]), "the radius 0 is not above 0 metres"),
        (lambda: Crowd.of([[0, 0]], [1.5], [1]), "1.5 is no number of firms"),
        (lambda: Crowd.of([[0, 0]], [1, 1], [1]), "1 points have 2 numbers of firms"),
        (
            lambda: Crowd.of([[0, 0]], [1], [1]).m([2]),
            "a point has more firms of the label than firms in all",
        ),
    ],
)
def test_what_cannot_be_worked_out_is_refused(work, said):
    with pytest.raises(InputError, match=said):
        work()
