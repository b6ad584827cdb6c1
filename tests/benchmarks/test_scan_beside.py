"""What stands beside the scan: Gi* and Kulldorff's scan, on maps small enough to work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from benchmarks import scan_beside, scan_verdict
from benchmarks.registers import make
from clusters.scan.counts import cell_keys


def grid(side):
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    return np.sort(cell_keys(column, row))


def test_gi_star_is_the_formula_of_its_authors():
    values = np.array([5.0, 1.0, 0.0, 2.0])
    near = sparse.csr_array(np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]], float))
    mean, spread = 2.0, math.sqrt((25 + 1 + 0 + 4) / 4 - 4)
    first = (6 - 2 * mean) / (spread * math.sqrt((4 * 2 - 4) / 3))
    assert scan_beside.scores(values, near)[0] == pytest.approx(first)
    assert (scan_beside.scores(np.ones(4), near) == 0).all()


def test_cells_touch_by_corners_too():
    near = scan_beside._touching(grid(3))
    assert near.sum(axis=1).tolist() == [4, 6, 4, 6, 9, 6, 4, 6, 4]


def test_discoveries_are_those_of_benjamini_and_hochberg():
    chance = np.array([0.011, 0.9, 0.019, 0.001, 0.03])
    # Limits 0.01, 0.02, 0.03, 0.04, 0.05: the fourth smallest is within its own.
    assert scan_beside.discovered(chance, 0.05).tolist() == [True, False, True, True, True]
    assert not scan_beside.discovered(np.full(5, 0.5), 0.05).any()


@given(st.integers(0, 50), st.integers(1, 100))
def test_the_ratio_is_the_gain_in_likelihood(k, n):
    k, size, everyone = min(k, n), 60, 1_000
    found = float(scan_beside.ratios(np.float64(k), np.float64(n), size, everyone))

    def likelihood(hits, tries):
        share = hits / tries
        return sum(
            count * math.log(part) for count, part in ((hits, share), (tries - hits, 1 - share)) if count
        )

    gain = likelihood(k, n) + likelihood(size - k, everyone - n) - likelihood(size, everyone)
    assert found == pytest.approx(gain if k / n > size / everyone else 0.0, abs=1e-8)


def test_rings_grow_to_circles_of_ten_cells():
    rings = scan_beside._rings(grid(30))
    middle = 15 * 30 + 15
    inside = [len(scan_beside._within(rings, middle, radius)) for radius in (0, 1, 2, 10)]
    assert inside == [1, 5, 13, 317]


def test_circles_do_not_overlap_and_the_most_likely_comes_first():
    keys = grid(30)
    own, total = np.zeros(900), np.full(900, 10)
    own[15 * 30 + 5], own[15 * 30 + 6], own[15 * 30 + 25] = 8, 6, 9
    rings = scan_beside._rings(keys)
    n = np.cumsum([ring @ total for ring in rings], axis=0)
    found = scan_beside.circles(own, rings, n, 5.0)
    assert found[15 * 30 + 5] == found[15 * 30 + 6] == 0
    assert found[15 * 30 + 25] == 1
    assert set(found) == {-1, 0, 1}


def test_shuffled_labels_go_to_firms_once_each():
    total = np.array([3, 1, 6])
    drawn = scan_beside._shuffled(total, 10, np.random.default_rng(0))
    assert drawn.tolist() == total.tolist()


@pytest.mark.parametrize("method", [scan_beside.gi_star, scan_beside.kulldorff, scan_verdict.hierarchical])
def test_what_is_planted_plainly_is_found(method):
    register = make(20_000, sectors=6, plants=20, seed=3)
    verdict = scan_verdict.judged(register, method(register))
    plain = scan_verdict.oracle(register) > scan_verdict.PLAIN
    assert plain.sum() >= 5
    assert verdict.found[plain].mean() >= 0.5
