"""The bench of intervals: its truth is the truth, and its figures are counted right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import bench_interval as bench
from benchmarks.registers import make


@pytest.fixture(scope="module")
def register():
    return make(20_000, sectors=6, plants=6, seed=1)


def test_shares_are_raised_within_plants_alone(register):
    whole = bench.true_shares(register)
    bare = bench.true_shares(make(20_000, sectors=6, plants=0, seed=1))
    code = pd.Index(register.sectors).get_indexer(register.plants["sector"])
    raised = np.zeros(whole.shape, bool)
    for sector, plant in zip(code, register.plants.itertuples(), strict=True):
        away = np.hypot(register.eastings - plant.easting, register.northings - plant.northing)
        raised[away <= plant.radius_m, sector] = True
    assert (whole[raised] > bare[raised]).all()
    assert np.array_equal(whole[~raised], bare[~raised])
    assert whole.max() <= bench.MOST_SHARE


def test_what_is_drawn_is_what_is_expected_on_average(register):
    counts, expected = bench.drawn(register, 250.0)
    carried = counts.by_label.toarray()
    assert (carried <= counts.total[:, None]).all()
    assert (carried[expected == 0] == 0).all()
    spread = np.sqrt(expected.sum(axis=0))
    assert (np.abs(carried.sum(axis=0) - expected.sum(axis=0)) < 4 * spread).all()


def test_every_cluster_comes_with_its_truth(register):
    table = bench.clusters_of(register)
    assert len(table) >= 3
    assert (table["expected_truly"] > 0).all()
    assert (table["lq_low"] <= table["lq_fair"]).all()
    assert (table["lq_fair"] <= table["lq"] * (1 + 1e-12)).all()
    assert (table["lq"] <= table["lq_high"] * (1 + 1e-12)).all()


def test_figures_are_counted_right():
    table = pd.DataFrame({
        "true": [1.0, 2.0, 3.0, 4.0], "all_companies": [10, 10, 10, 10], "baseline": 0.1,
        "expected_truly": [1.0, 2.0, 3.0, 4.0],
    })  # fmt: skip
    way = tuple(map(pd.Series, ([2.0, 2.0, 3.0, 3.0], [1.5, 1.0, 1.0, 1.0], [4.0, 3.0, 3.0, 3.5])))
    found = bench.figures(table, way)
    assert (found["covered"], found["too_high"], found["too_low"]) == (0.5, 0.25, 0.25)
    assert (found["bias"], found["median"]) == (0.0, 0.0)
