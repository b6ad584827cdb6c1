"""How far the origin of the grid moves the chance of the most likely place of a small register."""

import numpy as np
import pandas as pd
import pytest

from clusters.scan.counts import assemble, bin_points
from clusters.scan.label_scan import scan_labels
from clusters.scan.ladder import fitted


def register(seed):
    """150 points in six kilometres, a label carried by one in five, and by more in the middle."""
    draws = np.random.default_rng(seed)
    x, y = draws.uniform(0, 6_000, (2, 150))
    carried = draws.random(150) < 0.18
    middle = np.hypot(x - 3_000, y - 3_000) < 900
    return x, y, carried | (middle & (draws.random(150) < 0.45))


def ratio(seed, **asked):
    """Largest p of the most likely place over sixteen origins, by the smallest."""
    x, y, carried = register(seed)
    parameters = fitted(150, resamples=0, **asked)
    chances = []
    for number in range(16):
        across, up = ((part + 0.5) / 4 * parameters.cell_m for part in divmod(number, 4))
        cell = bin_points(pd.Series(x + across, name="x"), pd.Series(y + up, name="y"), parameters.cell_m)
        total = cell.value_counts().rename_axis("cell").rename("total").reset_index()
        own = cell[carried].value_counts().rename_axis("cell").rename("total").reset_index()
        [one] = scan_labels(assemble(total, own.assign(label="pottery")), parameters)
        chances.append(one.best["p"].iloc[0])
    return max(chances) / min(chances)


@pytest.mark.parametrize("seed", [8, 9])
def test_cells_of_small_registers_are_fine_enough_that_the_origin_decides_less(seed):
    assert ratio(seed) < 0.75 * ratio(seed, cell_m=100.0)
