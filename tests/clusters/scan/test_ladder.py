from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.scan.ladder import RUNGS, fitted, size_of
from clusters.scan.parameters import ScanParameters
from data.errors import InputError


def test_a_large_register_has_the_settings_that_scans_have_by_themselves():
    assert fitted(1_000_000) == ScanParameters()
    assert fitted(100_001) == ScanParameters()


@pytest.mark.parametrize(
    ("size", "longest", "ring", "cell", "least"),
    [
        (1, 19_200, 80_000, 50, 4),
        (1_000, 19_200, 80_000, 50, 4),
        (1_001, 9_600, 40_000, 100, 4),
        (10_000, 9_600, 40_000, 100, 4),
        (10_001, 4_800, 20_000, 250, 10),
        (100_000, 4_800, 20_000, 250, 10),
    ],
)
def test_the_fewer_firms_the_farther_discs_reach(size, longest, ring, cell, least):
    p = fitted(size)
    assert (p.radii_m[0], p.radii_m[-1], p.ring_m, p.cell_m) == (300, longest, ring, cell)
    assert all(b == 2 * a for a, b in zip(p.radii_m, p.radii_m[1:], strict=False))
    assert p.square_m == 1.25 * ring
    assert p.min_firms == least
    assert p.local_m == longest / 4
    assert p.link == longest / 2.4 // cell
    assert p.kind_m == (2_400, 8_000)


def test_small_registers_draw_more_maps():
    small, large = fitted(5_000), fitted(50_000)
    assert (small.relabellings, small.peaks, small.most_relabellings) == (199, 200, 999)
    assert (large.relabellings, large.peaks, large.most_relabellings) == (20, 80, 199)
    assert small.kinds == (8, 4)
    assert large.kinds == (16, 8)


@given(st.integers(0, 10**7))
def test_every_size_has_settings_that_go_together(size):
    p = fitted(size)
    rung = next(rung for rung in RUNGS if size <= rung.size)
    assert (p.ring_m, p.min_firms) == (rung.ring, rung.min_firms)
    assert p.radii_m[-1] == rung.longest


def test_what_is_asked_for_goes_before():
    p = fitted(500_000, min_firms=7, seed=3, kinds=(4, 4), resamples=0, level=0.01, pale=0.1)
    asked = {"min_firms": 7, "seed": 3, "kinds": (4, 4), "resamples": 0, "level": 0.01, "pale": 0.1}
    assert p == replace(ScanParameters(), **asked)


def test_the_ring_and_all_else_follow_the_radii():
    p = fitted(500_000, radii_m=(600.0, 1_200.0, 4_800.0))
    usual = fitted(500_000)
    assert p.radii_m == (600, 1_200, 4_800)
    for name in ("ring_m", "square_m", "local_m", "link_m", "buffer_m"):
        assert getattr(p, name) == 2 * getattr(usual, name), name
    assert p.kind_m == tuple(2 * metres for metres in usual.kind_m)


def test_the_squares_follow_the_ring_and_the_discs_the_cells():
    assert fitted(500_000, ring_m=40_000).square_m == 50_000
    assert fitted(500_000, ring_m=40_000).radii_m == ScanParameters().radii_m
    # Where cells are larger than the smallest disc would be, the discs begin with a cell.
    p = fitted(500_000, cell_m=500)
    assert (p.radii_m, p.ring_m, p.link_m) == ((500, 1_000, 2_000), 20_000 * 2_000 / 2_400, 2_000 / 2.4)
    assert p.kind_m == pytest.approx((4_000, 40_000 / 3))


def test_settings_that_do_not_go_together_are_refused():
    with pytest.raises(InputError, match="ring_m is 100"):
        fitted(500_000, ring_m=100)
    with pytest.raises(InputError, match="radii_m is"):
        fitted(500_000, radii_m=())
    with pytest.raises(InputError, match="min_firms is 0"):
        fitted(500_000, min_firms=0)


def test_many_firms_at_few_points_are_few():
    assert size_of(1_000_000, 300_000) == 1_000_000
    assert size_of(1_000_000, 500) == 2_000
    assert size_of(12, 12) == 12
    assert size_of(0, 0) == 0
