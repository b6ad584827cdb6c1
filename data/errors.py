"""The errors this project raises; every message quotes the offending value and says what would be right."""

from __future__ import annotations

import errno
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from itertools import islice

# Characters of a value that a message quotes: it may be of any length.
QUOTED = 100
# Names that a message lists where none comes near; fewer of those that say what they are called as well.
MOST_NAMES, MOST_CALLED = 12, 8
# What systems say of a disk that is full, or whose user has used up the room allowed: codes, and words.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
NO_ROOM_WORDS = ("No space left on device", "Disk quota exceeded", "not enough space on the disk")
# A path from the root on, in quotes or without a space; its last part is what is told of it.
QUOTED_PATH = re.compile(
    r"""(?P<quote>['"])(?:[A-Za-z]:)?[\\/](?:(?!(?P=quote))[^\n])*?(?P<name>[^\\/'"]*)(?P=quote)"""
)
BARE_PATH = re.compile(r"""(?<![\w.:/\\<])(?:[A-Za-z]:)?[\\/](?:[^\s\\/'"]+[\\/])+(?P<name>[^\s\\/'"]*)""")


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


def reason(fault: BaseException) -> str:
    """Return what a fault says, in a line and without the folders of this machine: visitors may read it.

    Examples
    --------
    >>> reason(FileNotFoundError(2, "No such file or directory", "/home/ada/cache/store.duckdb"))
    'No such file or directory'
    >>> reason(ValueError('"/home/ada/cache/store.duckdb" is no store'))
    '"store.duckdb" is no store'
    """
    told = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    line = next(iter(told.strip().splitlines()), type(fault).__name__)
    quoted = QUOTED_PATH.sub(r"\g<quote>\g<name>\g<quote>", line)
    return BARE_PATH.sub(r"\g<name>", quoted)


def has_no_room(fault: BaseException | None) -> bool:
    """Tell whether a full disk is behind a fault, whoever raised it: such a fault passes."""
    seen: list[BaseException] = []
    while fault is not None and fault not in seen:
        seen.append(fault)
        # Libraries that are not written in Python pass on the words of the system, and no code.
        if getattr(fault, "errno", None) in NO_ROOM or any(words in str(fault) for words in NO_ROOM_WORDS):
            return True
        fault = fault.__cause__ or fault.__context__
    return False


def nearest(value: str, names: Collection[str] | Mapping[str, str]) -> str:
    """Say which names come near a value, whatever the case; where none does, what there is.

    Parameters
    ----------
    value
        What was asked for.
    names
        What there is; of ids, each with what it is called: both are then said, and either may be meant.

    Examples
    --------
    >>> nearest("life-science", {"life-sciences": "Life sciences", "defence": "Defence"})
    'did you mean Life sciences (life-sciences)?'
    """
    if not names:
        return "there is none to choose"
    called = dict(names) if isinstance(names, Mapping) else dict.fromkeys(names, "")
    folded = {
        text.casefold(): name for name, label in reversed(called.items()) for text in (label, name) if text
    }
    near = get_close_matches(value[:QUOTED].casefold(), folded, n=3, cutoff=0.5)
    if near:
        meant = dict.fromkeys(folded[text] for text in near)
        return f"did you mean {', '.join(_named(name, called[name]) for name in meant)}?"
    most = MOST_CALLED if any(called.values()) else MOST_NAMES
    first = [_named(name, called[name]) for name in islice(called, most)]
    return f"known are {', '.join(first)}{' ...' if len(called) > len(first) else ''}"


def _named(name: str, label: str) -> str:
    """Return an id with what it is called, where that says more."""
    return (
        f"{label} ({name})" if label and label != name and not label.endswith(f"({name})") else label or name
    )
