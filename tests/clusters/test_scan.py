import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from clusters.counts import cell_keys
from clusters.parameters import ScanParameters
from clusters.scan import baseline_share, components, log10_tail, score


@given(st.integers(1, 400), st.integers(0, 400), st.floats(0.01, 0.99))
def test_tail_is_the_binomial_one(k, more, share):
    n = k + more
    found = log10_tail(np.array([k]), np.array([n]), np.array([share]))[0]
    # Not logsf: it takes the logarithm of a number that loses digits below 1e-300.
    exact = np.logaddexp.reduce(stats.binom.logpmf(np.arange(k, n + 1), n, share)) / np.log(10)
    assert found == pytest.approx(exact, abs=1e-6, rel=1e-6)


@pytest.mark.parametrize(
    ("k", "n", "share"), [(900, 1_000, 0.05), (40_000, 100_000, 0.2), (1_000, 1_000, 0.01)]
)
def test_tail_beyond_the_smallest_float_keeps_its_logarithm(k, n, share):
    found = log10_tail(np.array([k]), np.array([n]), np.array([share]))[0]
    terms = stats.binom.logpmf(np.arange(k, min(n, k + 2_000) + 1), n, share)
    exact = np.logaddexp.reduce(terms) / np.log(10)
    assert np.isfinite(found)
    assert found < -300
    assert found == pytest.approx(exact, abs=1e-6)


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.01, 1), st.floats(0, 20))
def test_baseline_is_never_below_the_national_share_nor_above_one(k, more, share, prior):
    found = baseline_share(np.array([k]), np.array([k + more]), np.array([share]), prior)[0]
    assert share - 1e-12 <= found <= 1 + 1e-12


def test_an_empty_ring_leaves_the_national_share_and_a_full_one_rules():
    shares = baseline_share(np.array([0, 5_000]), np.array([0, 10_000]), np.array([0.1, 0.1]), 10)
    assert shares[0] == pytest.approx(0.1)
    assert shares[1] == pytest.approx(0.5, abs=1e-3)


def test_cells_below_the_minimum_count_or_quotient_score_nothing():
    p = ScanParameters(min_firms=10, min_lq=1.5)
    k, n = np.array([9, 10, 14, 15]), np.array([20, 20, 100, 100])
    empty = np.zeros(4, dtype=np.int64)
    found = score((k, n), (empty, empty), 0.1, p)
    assert (found.log10_p < 0).tolist() == [False, True, False, True]
    np.testing.assert_allclose(found.lq, [4.5, 5.0, 1.4, 1.5])


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=1, max_size=60))
def test_components_are_those_of_flooding(cells):
    columns, rows = np.array(sorted(cells)).T
    keys = np.sort(cell_keys(columns, rows))
    group = components(keys)
    where = {cell: group[np.searchsorted(keys, cell_keys(*np.array(cell)[:, None])[0])] for cell in cells}
    seen, flooded = {}, 0
    for start in cells:
        if start in seen:
            continue
        stack = [start]
        while stack:
            x, y = stack.pop()
            if (x, y) in cells and (x, y) not in seen:
                seen[x, y] = flooded
                stack += [(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        flooded += 1
    pairs = {(seen[cell], where[cell]) for cell in cells}
    assert len(pairs) == flooded == len(set(where.values()))
