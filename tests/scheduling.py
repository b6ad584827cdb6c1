"""In which order the folders of tests run."""

from __future__ import annotations

from pathlib import PurePosixPath

# By the time that their tests take, longest first: with several processes, none is left with a long file at
# the end. All others follow. The end of a run says what each folder takes.
LONGEST = (
    "tests/browser",
    "tests/clusters",
    "tests/snapshots",
    "tests/views",
    "tests/api",
    "tests/edition",
    "tests/regions",
    "tests/layers",
    "tests/cli",
    "tests/benchmarks",
)


def room(nodeid: str) -> str:
    """Return the folder of a test below `tests`, or its file where it lies in none.

    >>> room("tests/clusters/scan/test_scan.py::test_one[a/b::c]")
    'tests/clusters'
    >>> room("tests/test_cli.py::test_one")
    'tests/test_cli.py'
    """
    return "/".join(PurePosixPath(nodeid.partition("::")[0]).parts[:2])


def turn(nodeid: str) -> int:
    """Return the place of a test's folder in that order."""
    own = room(nodeid)
    return LONGEST.index(own) if own in LONGEST else len(LONGEST)
