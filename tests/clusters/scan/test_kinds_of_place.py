"""Places are compared with others of their kind, never with themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.scan.kernels import surroundings
from clusters.scan.parameters import ScanParameters
from clusters.scan.scan import score
from tests.clusters.grounds import SMALL, ground, label_map, scattered

TOWNS = ScanParameters(
    **vars(SMALL) | {"kind_m": (2.5, 6.0), "kinds": (4, 2), "kind_prior": 1.0, "ring_prior": 0.0}
)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1.0, 50.0]))
def test_a_disc_is_left_out_of_its_own_kind(seed, prior):
    p = ScanParameters(**vars(TOWNS) | {"kind_prior": prior})
    on, label = scattered(seed, p)
    cells, total = np.arange(len(on.keys)), np.diff(on.everyone)
    counts = label.at(cells)
    own, rule = on.own(label), on.rule(label.size)
    found = score(cells, own, on, rule)
    kind, _, _ = surroundings(on.ground, own, cells, found.k, found.n, rule)
    weight, share = max(prior, 0.01 * on.size), label.size / on.size
    for cell in cells:
        wanted = []
        for classes in on.ground.kinds:
            same = classes == classes[cell]
            few = max(0, counts[same].sum() - found.k[cell]) + weight * share
            many = max(0, total[same].sum() - found.n[cell]) + weight
            wanted.append(few / many)
        assert kind[cell] == pytest.approx(max(wanted))
        assert found.baseline[cell] >= min(0.999, max(share, kind[cell])) - 1e-12


def test_the_only_town_of_its_kind_may_still_be_a_cluster():
    # A town of 1,600 firms, 240 of the label, and 60 hamlets of 20 firms with 20 of it: the town is its kind.
    columns = np.arange(61) * 100
    total, counts = np.full(61, 20), (np.arange(61) % 3 == 1).astype(int)
    total[0], counts[0] = 1_600, 240
    on, label = ground(columns, np.zeros(61), total, TOWNS), label_map(counts)
    found = score(np.array([0]), on.own(label), on, on.rule(label.size))
    # Compared with itself it would be as expected.
    assert found.baseline[0] == pytest.approx(260 / 2_800)
    assert found.statistic[0] > 10


def test_a_label_of_small_towns_leans_and_an_even_one_does_not():
    # Forty villages of 20 companies and ten towns of 400; one label is in villages alone.
    total = np.array([20] * 40 + [400] * 10)
    p = type(SMALL)(**vars(SMALL) | {"kinds": (4, 4)})
    on = ground(np.arange(50) * 100, np.zeros(50), total, p)
    rural, even = label_map([5] * 40 + [0] * 10), label_map(total // 20)
    kinds, _ = on.leans(on.own(rural))
    share = 200 / total.sum()
    assert kinds == pytest.approx((200 + 5) / (800 * share + 5))
    assert kinds > 2
    assert max(on.leans(on.own(even))) < 1.2


def test_a_label_of_one_region_leans_over_regions_alone():
    total = np.full(60, 100)
    p = type(SMALL)(**vars(SMALL) | {"kinds": (1, 1), "square_m": 20.0})
    on = ground(np.arange(60) * 60, np.zeros(60), total, p)
    kinds, regions = on.leans(on.own(label_map([30] * 5 + [1] * 55)))
    assert kinds == pytest.approx(1)
    assert regions > 2
