"""Every test has a time limit: what hangs fails, and says where each thread was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HANGING = """
import threading

def test_first():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

def test_second():
    pass
"""


def test_this_test_has_a_limit(request):
    assert request.config.pluginmanager.hasplugin("timeout")
    assert 0 < float(request.config.getini("timeout")) <= 300


@pytest.mark.parametrize("workers", [[], ["--numprocesses=1"]], ids=["alone", "beside others"])
def test_what_hangs_fails_and_the_rest_goes_on(tmp_path, workers):
    (tmp_path / "test_hanging.py").write_text(HANGING)
    own = ["--rootdir", str(tmp_path), "-p", "no:cacheprovider", "-o", "timeout=2", *workers]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), *own, str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert "1 failed, 1 passed" in done.stdout
    assert "Timeout" in done.stdout
    assert "lock.acquire()" in done.stdout
