"""A workshop that stands in for the build of an edition."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from edition import opening
from edition.contents import table_names


class Workshop:
    """Stands in for the build: tiny tables of the right names, and a count of how often it was asked."""

    def __init__(self):
        self.builds = 0
        self.rows = 1
        self.fault = None

    def __call__(self, progress):
        self.builds += 1
        progress("Working", 0.5)
        if self.fault:
            raise self.fault
        noise = np.random.default_rng(self.builds).random(self.rows)
        return {name: pd.DataFrame({"build": self.builds, "noise": noise}) for name in table_names()}


@pytest.fixture
def workshop(monkeypatch, tmp_path):
    made = Workshop()
    monkeypatch.setattr(opening, "build_tables", made)
    monkeypatch.setattr(opening, "settings", lambda: SimpleNamespace(cache_dir=tmp_path))
    monkeypatch.setattr(opening, "store_path", lambda name: tmp_path / "new" / f"store-{name}.duckdb")
    return made
