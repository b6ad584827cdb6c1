"""The errors this project raises; every message quotes the offending value and says what would be right."""

from __future__ import annotations


class MapError(Exception):
    """Base of all errors that are meant for a user's eyes."""


class InputError(MapError):
    """A value from outside (query, option, file) that cannot be used."""


class NotFoundError(MapError):
    """A name, code or postcode that is well formed but unknown."""


class TableError(MapError):
    """A table that does not keep its schema, or a set of tables that contradict one another."""


class StoreError(MapError):
    """The local store is missing, damaged or still being built."""


def first_line(fault: BaseException) -> str:
    """Return what a fault of a library says first, not too long, to be quoted in one of ours."""
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:200]
