"""Machine code is kept wherever a folder can be written."""

from __future__ import annotations

from types import SimpleNamespace

import numba
import pytest
from numba.core import caching

from clusters.scan import compiled as module
from clusters.scan.compiled import compiled, inlined


def double(number):
    return 2 * number


def four_times(number):
    return 4 * number


@pytest.mark.parametrize(("decorate", "work", "wanted"), [(compiled, double, 6), (inlined, four_times, 12)])
def test_where_neither_code_nor_home_can_be_written_the_folder_of_the_settings_is(
    monkeypatch, tmp_path, decorate, work, wanted
):
    # A user who may write anywhere cannot be refused by the rights of a folder.
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [caching.UserProvidedCacheLocator])
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(module, "settings", lambda: SimpleNamespace(cache_dir=tmp_path / "cache"))
    assert decorate(work)(3) == wanted
    assert list((tmp_path / "cache" / "numba").rglob(f"*{work.__name__}*.nbi"))
