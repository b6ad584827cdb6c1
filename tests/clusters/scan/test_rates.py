import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clusters.scan.rates import CHANCE, PALE, SOLID, false_shares, standings

EXPECTED = st.lists(st.floats(0, 5), max_size=30)


def by_hand(expected, labels):
    """For each cluster the smallest L E / r of any part of the map that holds it."""
    found = []
    for own in expected:
        parts = [labels * worst / sum(one <= worst for one in expected) for worst in expected if worst >= own]
        found.append(min(1.0, *parts) if len(parts) > 1 else min(1.0, parts[0]))
    return found


def test_shares_of_a_map_that_is_small_enough_to_count():
    # Ten labels. 0.001: a hundredth of a cluster by chance. 0.02 and 0.01: 0.2 of 3. 0.5: 5 of 4.
    found = false_shares([0.5, 0.001, 0.02, 0.01], 10)
    np.testing.assert_allclose(found, [1.0, 0.01, 0.2 / 3, 0.1 / 2])
    # 0.019 and 0.02: two of which 0.2 are chance, though the first alone would be 0.19 of one.
    np.testing.assert_allclose(false_shares([0.019, 0.02], 10), [0.1, 0.1])


@given(EXPECTED, st.integers(1, 50))
def test_shares_are_those_by_hand(expected, labels):
    np.testing.assert_allclose(false_shares(expected, labels), by_hand(expected, labels), atol=1e-12)


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=30))
def test_with_as_many_clusters_as_labels_it_is_the_rate_of_benjamini_and_hochberg(chances):
    np.testing.assert_allclose(
        false_shares(chances, len(chances)), stats.false_discovery_control(chances), atol=1e-12
    )


@given(EXPECTED, st.integers(1, 50), st.integers(0, 9))
def test_a_more_striking_cluster_is_never_less_sure(expected, labels, seed):
    each = np.array(expected)
    q = false_shares(each, labels)
    order = np.argsort(each, kind="stable")
    assert (np.diff(q[order]) >= 0).all()
    assert ((q >= 0) & (q <= 1)).all()
    # More labels, and the same clusters: less sure. The order of clusters has no say.
    assert (false_shares(each, labels + 7) >= q).all()
    mixed = np.random.default_rng(seed).permutation(len(each))
    np.testing.assert_array_equal(false_shares(each[mixed], labels), q[mixed])


def test_nothing_found_has_no_shares():
    assert false_shares([], 40).shape == (0,)
    assert standings([], [], 0.05, 0.2).shape == (0,)


@pytest.mark.parametrize(
    ("p", "q", "standing"),
    [
        (0.05, 0.05, SOLID),
        (1e-9, 1e-9, SOLID),
        (0.0501, 0.001, PALE),
        (0.001, 0.0501, PALE),
        (0.2, 0.2, PALE),
        (0.2001, 0.001, CHANCE),
        (0.001, 0.2001, CHANCE),
    ],
)
def test_both_chances_have_to_be_small(p, q, standing):
    assert standings([p], [q], 0.05, 0.2).tolist() == [standing]
