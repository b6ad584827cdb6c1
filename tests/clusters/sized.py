"""Small registers whose firms have sizes and dates of foundation, some unknown, some unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.clusters.small_registers import firms

if TYPE_CHECKING:
    import pandas as pd

BANDS = ("0 to 4", "5-9", "10-49", "50 to 249", "250+")


def sized(count: int = 1_500, seed: int = 1) -> pd.DataFrame:
    """The firms of `small_registers`; potters, most of whom are at Stoke, are young and small."""
    table = firms(count, seed=seed)
    draws = np.random.default_rng(seed)
    potter = table["sector"].str.contains("potters").to_numpy()
    n = len(table)
    employees = np.where(potter, draws.integers(0, 12, n), draws.integers(0, 3_000, n)).astype(str)
    year = np.where(potter, draws.integers(2014, 2025, n), draws.integers(1950, 2026, n))
    dates = np.array(
        [f"{one}-0{month}-1{month}" for one, month in zip(year, draws.integers(1, 10, n), strict=True)]
    )
    dates[::3] = [f"1{one[5:6]}/{one[6:7]}/{one[:4]}" for one in dates[::3]]
    dates[1::3] = [one[:4] for one in dates[1::3]]
    employees[::17], employees[5::29] = "", "about 40"
    dates[::13], dates[7::31] = "n/a", "2012-13-45"
    bands = np.array(BANDS, dtype=object)[draws.integers(0, len(BANDS), n)]
    return table.assign(employees=employees, size_band=bands, founded_year=dates)
