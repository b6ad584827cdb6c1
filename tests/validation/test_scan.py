"""The scan beside published results; sources are in docs/validation.md."""

import numpy as np
import pytest

from tests.validation.published import graves, new_york, origins, points, scanned

pytestmark = pytest.mark.reference


def best(scan):
    return scan.best.iloc[0]


def standing(scan):
    """How sure the most striking cluster is; none where there is none."""
    return scan.groups.sort_values("e")["standing"].iloc[0] if len(scan.groups) else "none"


def away(place, x, y):
    return float(np.hypot(place["easting"] - x, place["northing"] - y))


@pytest.fixture(scope="module")
def chorley():
    return points("chorley", 1_000, rest="lung")


@pytest.fixture(scope="module")
def cornwall():
    return points("btb", 1_000, "spoligotype")


def test_larynx_cancer_at_chorley_gathers_by_the_incinerator(chorley):
    found = scanned(chorley)["larynx"]
    place = best(found)
    assert (place["observed"], place["companies"]) == (4, 5)
    # The incinerator stood at 354.5, 413.6 km (chorley.extra of spatstat.data).
    assert away(place, 354_500, 413_600) < 1_500
    assert standing(found) == "solid"
    assert place["p"] < 0.05


def test_a_minimum_of_ten_would_hide_it(chorley):
    assert standing(scanned(chorley, follow=False, min_firms=10)["larynx"]) == "none"


def test_childhood_leukaemia_in_north_humberside_has_no_one_place():
    found = scanned(points("humberside", 100, rest="control"))["case"]
    assert standing(found) == "none"
    assert best(found)["p"] > 0.2


def test_affected_graves_gather_where_satscan_says_and_weakly():
    found = scanned(graves())["affected"]
    place = best(found)
    # SaTScan 9.3.1: 11 of 19 within 1,359.71 of 10324, 4389; 3.99 expected; p = 0.050.
    assert away(place, 10_324, 4_389) < 1_359.71
    assert standing(found) == "pale"
    assert 0.05 < place["p"] < 0.15


def test_leukaemia_in_new_york_gathers_at_binghamton():
    found = scanned(new_york())["leukaemia"]
    place = best(found)
    # SaTScan 9.6: 100 cases among 111,674 people in 28 tracts, 58.28 expected; p = 0.00015.
    assert away(place, 1_309, -67_614) < 3_000
    assert (place["observed"], place["companies"]) == (117, 135_295)
    assert place["expected"] == pytest.approx(135_295 * 552 / 1_057_673, rel=1e-6)
    assert standing(found) == "solid"
    assert place["p"] < 0.001
    # Its second cluster, 38 of 34,083 people at Cortland, is found too, less sure.
    assert len(found.groups) >= 2


def test_discs_of_two_kilometres_and_a_half_miss_it():
    found = scanned(new_york(), radii_m=(300.0, 600.0, 1_200.0, 2_400.0))["leukaemia"]
    assert away(best(found), 1_309, -67_614) > 50_000
    assert standing(found) != "solid"


@pytest.mark.timeout(300)
def test_strains_of_bovine_tuberculosis_in_cornwall_keep_apart(cornwall):
    found = scanned(cornwall, resamples=0)
    assert {label: standing(scan) for label, scan in found.items()} == dict.fromkeys(found, "solid")
    assert len(found) == 4
    places = [best(scan) for scan in found.values()]
    assert all(place["p"] < 1e-20 for place in places)
    assert all(place["radius_m"] > 2_400 for place in places)
    # No strain shares its place with another.
    for one in places:
        assert sum(away(one, other["easting"], other["northing"]) < 10_000 for other in places) == 1


def test_hickories_and_maples_of_lansing_woods_keep_apart():
    # A square of 924 feet: lengths are feet.
    wood = points("lansing", 924)
    found = scanned(wood, radii_m=(25.0, 50.0, 100.0, 200.0), cell_m=5.0, resamples=0)
    assert {label: standing(scan) for label, scan in found.items()} == dict.fromkeys(found, "solid")
    hickory, maple = found["hickory"], found["maple"]
    assert not set(hickory.cells["cell"]) & set(maple.cells["cell"])
    assert away(best(hickory), best(maple)["easting"], best(maple)["northing"]) > 400
    assert max(best(hickory)["p"], best(maple)["p"]) < 1e-9


@pytest.mark.parametrize("data", [graves, new_york], ids=["graves", "new_york"])
def test_the_origin_of_the_grid_does_not_decide(data):
    found = origins(data())
    assert len(found) == 16
    assert found["p"].max() < 2 * found["p"].min()
    centre = found[["easting", "northing"]].mean()
    assert (
        np.hypot(found["easting"] - centre["easting"], found["northing"] - centre["northing"]) < 300
    ).all()
