"""What a fault says to visitors: a line without the folders of the server; and whether the disk is full."""

from __future__ import annotations

import errno

import pytest

from data.errors import StoreError, has_no_room, reason

SAID = {
    '"/home/ada b/cache/x.duckdb" is no store': '"x.duckdb" is no store',
    "[Errno 2] Failed to open '/home/ada/x.arrow'. Detail": "[Errno 2] Failed to open 'x.arrow'. Detail",
    "/home/ada/x.csv is missing: /home/ada is empty": "x.csv is missing: ada is empty",
    r"C:\Users\ada\x.csv is missing": "x.csv is missing",
    "either/or, 3/4, https://example.org/a/b and a / b": "either/or, 3/4, https://example.org/a/b and a / b",
    "first\nsecond": "first",
    "": "ValueError",
}


@pytest.mark.parametrize(("given", "told"), SAID.items())
def test_a_fault_is_told_without_folders(given, told):
    assert reason(ValueError(given)) == told


def test_what_the_system_says_is_told_without_the_file():
    assert reason(OSError(13, "Permission denied", "/home/ada/cache/x")) == "Permission denied"


def behind(cause):
    fault = StoreError("it cannot be written")
    fault.__cause__ = cause
    return fault


@pytest.mark.parametrize(
    ("fault", "full"),
    [
        (OSError(errno.ENOSPC, "whatever the language"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (RuntimeError('Could not write file "/x": No space left on device'), True),
        (behind(behind(OSError(errno.ENOSPC, "x"))), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (behind(None), False),
        (None, False),
    ],
)
def test_a_full_disk_is_known_whoever_says_so(fault, full):
    assert has_no_room(fault) == full


def test_faults_that_cause_one_another_come_to_an_end():
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert not has_no_room(one)
