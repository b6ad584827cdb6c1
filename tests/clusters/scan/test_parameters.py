import pytest

from clusters.scan.parameters import ScanParameters
from data.errors import InputError


def test_all_faults_are_named_at_once_with_their_values():
    with pytest.raises(InputError) as fault:
        ScanParameters(cell_m=-5, min_firms=0, level=2)
    for value in ("cell_m is -5", "min_firms is 0", "level is 2"):
        assert value in str(fault.value)


def test_too_few_relabellings_for_the_level_are_refused():
    assert ScanParameters(relabellings=19, most_relabellings=19).most_relabellings == 19
    with pytest.raises(InputError, match=r"most_relabellings is 18: a level of 0.05 needs at least 1/level"):
        ScanParameters(relabellings=18, most_relabellings=18)
    # Where the chances are known, none are drawn.
    assert ScanParameters(relabellings=0, most_relabellings=0).relabellings == 0


def test_the_most_maps_are_no_fewer_than_the_least():
    with pytest.raises(InputError, match=r"most_relabellings is 50: at least relabellings \(60\)"):
        ScanParameters(relabellings=60, most_relabellings=50)


def test_kinds_of_places_need_a_radius_each():
    with pytest.raises(InputError, match=r"kind_m is \(2400.0, 8000.0\), kinds \(16,\): expected as many"):
        ScanParameters(kinds=(16,))
    with pytest.raises(InputError, match=r"kind_m is \(100.0, 8000.0\)"):
        ScanParameters(kind_m=(100.0, 8_000.0))
    assert ScanParameters(kinds=(), kind_m=()).kinds == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("radii_m", ()),
        ("radii_m", (600.0, 300.0)),
        ("radii_m", (300.0, 300.0)),
        ("radii_m", (100.0, 300.0)),
        ("ring_m", 2_400.0),
        ("local_m", 200.0),
        ("local_m", 20_001.0),
        ("link_m", 100.0),
        ("ring_prior", -1.0),
        ("kind_prior", -1.0),
        ("window_prior", -0.5),
        ("kinds", (16, 0)),
        ("square_m", 2_399.0),
        ("peaks", 0),
        ("relabellings", -1),
        ("pale", 0.04),
        ("pale", 1.0),
        ("min_lq", 0.9),
        ("level", 0.0),
        ("resamples", -1),
        ("core_frequency", 0.0),
        ("overlap", 1.1),
        ("hull_ratio", 1.1),
        ("buffer_m", 0.0),
        ("confidence", 1.0),
        ("seed", -1),
        ("cell_m", float("nan")),
    ],
)
def test_a_value_out_of_bounds_is_named(name, value):
    with pytest.raises(InputError) as fault:
        ScanParameters(**{name: value})
    assert f"{name} is {value}" in str(fault.value)


def test_values_at_their_bounds_are_fine():
    p = ScanParameters(
        radii_m=(250.0,), ring_m=600.0, local_m=600.0, link_m=250.0, min_lq=1.0, min_firms=1, resamples=0
    )
    assert p.local_m == p.ring_m
