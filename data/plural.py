"""A number with its noun: the one way in which messages, pages and files count things."""

from __future__ import annotations


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "project"), count(1204, "firm")
    ('1 project', '1,204 firms')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
