"""Quotients of clusters allow for their choice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from clusters.description.findings import with_quotients
from clusters.scan.interval import ALONE, chosen_interval, least_found, lq_interval
from clusters.scan.parameters import ScanParameters

PARAMETERS = ScanParameters()
SIZES = {"potters": 400}


def table(**figures) -> pd.DataFrame:
    row = {
        "label": "potters", "group": 0, "observed": 20, "all_companies": 60, "baseline": 0.1,
        "threshold": -4.0,
        "standing": "solid", "peak_observed": 18, "peak_companies": 50,
    }  # fmt: skip
    return pd.DataFrame([row | figures])


def members(alone=0, together=0) -> pd.DataFrame:
    """So many in cells of their own, and so many in one cell."""
    east = [*(300.0 * at for at in range(alone)), *[90_000.0] * together]
    return pd.DataFrame({"label": "potters", "group": 0, "easting": east, "northing": 100.0})


def quotients(rows, who) -> list[float]:
    found = with_quotients(rows, who, SIZES, PARAMETERS)
    return found.loc[0, ["lq", "lq_fair", "lq_low", "lq_high"]].tolist()


def test_firms_together_and_far_beyond_chance_have_the_plain_interval():
    lq, fair, low, high = quotients(table(), members(together=20))
    assert [lq, low, high] == pytest.approx([float(v) for v in lq_interval(20, 60, 0.1)])
    assert fair == lq


def test_firms_alone_in_their_cells_lower_the_estimate_and_not_what_was_observed():
    lq, fair, low, high = quotients(table(), members(alone=8, together=12))
    assert lq == pytest.approx(20 / 6)
    assert fair == pytest.approx((20 - ALONE * 8) / 6)
    assert [fair, low, high] == pytest.approx([float(v) for v in chosen_interval(20, 60, 0.1, 8)])


@pytest.mark.parametrize(("peak", "part"), [(18, 1.0), (24, 5 / 6), (40, 0.5)])
def test_an_uncertain_cluster_has_a_low_end_that_allows_for_its_limit(peak, part):
    rows = table(standing="pale", peak_observed=peak, peak_companies=90)
    _, _, low, high = quotients(rows, members(together=20))
    spare = part * max(0.0, peak - float(least_found(90, 0.1, -4.0, 10, 1.5)))
    assert low == pytest.approx(float(chosen_interval(20, 60, 0.1, 0, spare)[1]))
    _, _, plain_low, plain_high = quotients(table(), members(together=20))
    assert low < plain_low
    assert high == plain_high


def test_a_group_that_was_not_tested_has_the_plain_interval():
    rows = table(threshold=np.nan, standing="", peak_observed=np.nan, peak_companies=np.nan)
    _, _, low, high = quotients(rows, members(alone=20))
    assert [low, high] == pytest.approx([float(v) for v in lq_interval(20, 60, 0.1)[1:]])


def test_every_cluster_has_its_own_firms_counted():
    rows = pd.concat([table(), table(group=1)], ignore_index=True)
    who = pd.concat([members(alone=20), members(together=20).assign(group=1)], ignore_index=True)
    found = with_quotients(rows, who, SIZES, PARAMETERS)
    assert found["lq_fair"].tolist() == pytest.approx([(20 - ALONE * 20) / 6, 20 / 6])
