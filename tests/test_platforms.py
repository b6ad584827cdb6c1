"""Modules that only some systems have are asked for where they are wanted, never where one of ours begins."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

import cli
from tests.test_house import ROOMS, ROOT

# What the standard library has on POSIX alone.
POSIX = {
    *("crypt", "curses", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd", "readline", "resource"),
    *("spwd", "syslog", "termios", "tty"),
}
FIRMS = "firm_id,name,sector,easting,northing\n" + "".join(
    f"f{at},Firm {at},potters,{380_000 + at * 100},{340_000 + at * 100}\n" for at in range(12)
)
WITHOUT = """
import sys
for name in {names!r}:
    sys.modules[name] = None
sys.argv = ["cli.py", *{arguments!r}]
import cli
cli.main()
"""


def guarded(tree: ast.Module) -> set[ast.stmt]:
    """Return what stands in a function, or in a try that takes the absence of a module."""
    inner: set[ast.stmt] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Try)):
            inner |= {part for part in ast.walk(node) if isinstance(part, ast.stmt) and part is not node}
    return inner


def posix_imports(source: str) -> set[str]:
    """Return the modules of POSIX that importing a source needs."""
    tree = ast.parse(source)
    apart = guarded(tree)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and node not in apart:
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node not in apart:
            found.add(str(node.module))
    return found & POSIX


def test_such_imports_are_found():
    assert posix_imports("import resource") == {"resource"}
    assert posix_imports("if True:\n    from fcntl import flock") == {"fcntl"}
    assert posix_imports("def work():\n    import pwd") == set()
    assert posix_imports("try:\n    import pwd\nexcept ImportError:\n    pwd = None") == set()


@pytest.mark.parametrize("room", ["", *ROOMS, "benchmarks", "tests"])
def test_no_module_needs_what_only_some_systems_have(room):
    paths = (ROOT / room).rglob("*.py") if room else ROOT.glob("*.py")
    needy = {
        path.relative_to(ROOT).as_posix(): found
        for path in paths
        if (found := posix_imports(path.read_text(encoding="utf-8")))
    }
    assert needy == {}


def test_clusters_are_detected_where_memory_cannot_be_measured(tmp_path):
    (tmp_path / "firms.csv").write_text(FIRMS)
    arguments = ["detect", str(tmp_path / "firms.csv"), "--out", str(tmp_path / "out"), "--resamples", "0"]
    script = WITHOUT.format(names=["resource"], arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=cli.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "out" / "report.json").read_text()
    assert '"peak_mb": null' in report
