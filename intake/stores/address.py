"""Addresses of files: which there are, and what of one may be told. No word of this asks the network."""

from __future__ import annotations

import re
from typing import Final

FILE, HTTP, HTTPS = "file", "http", "https"
BUCKETS: Final = ("s3", "gs", "abfs")
"""Schemes of stores whose files stand in buckets, which Azure calls containers."""

HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that plain http is spoken with: this machine alone."""

EXPECTED: Final = (
    "expected a path on this machine, or an address that begins with s3://, gs://, abfs://, https:// "
    "(http:// for localhost alone) or file://"
)

GIVEN: Final = r"\?(?=[^?/]*=)"
"""What begins a query, where a question mark may also be a sign of globs: a value is given."""

LONGEST: Final = 2_048
"""Characters of an address."""

# A scheme has two letters or more: one letter is a drive. pathlib makes one slash of two.
ADDRESS: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]+):(?P<slashes>//?)(?P<authority>[^/?#\\]*)(?P<rest>.*)", re.DOTALL
)
PORT: Final = re.compile(r"(?:[^:\[\]]*|\[[0-9A-Fa-f:.]*\])(?::[0-9]{0,5})?")


def is_address(source: str) -> bool:
    """Tell whether a source names a scheme, and is no path on this machine."""
    return ADDRESS.fullmatch(source) is not None


def shown(source: str) -> str:
    """Return a path as the user gave it, without what may be a secret: user, password, query and fragment.

    Examples
    --------
    >>> shown("https://ada:secret@example.org/firms.csv?token=secret")
    'https://example.org/firms.csv?...'
    >>> shown("abfs://firms@example.dfs.core.windows.net/2026/*.parquet")
    'abfs://firms@example.dfs.core.windows.net/2026/*.parquet'
    """
    found = ADDRESS.fullmatch(source)
    if found is None or found["scheme"].lower() == FILE:
        return source
    scheme, rest = found["scheme"].lower(), found["rest"]
    user, at, host = found["authority"].rpartition("@")
    # In Azure's addresses the container stands before the account.
    keeps_user = scheme == "abfs" and ":" not in user
    if not PORT.fullmatch(host):
        return f"{found['scheme']}:{found['slashes']}..."
    ends = GIVEN if scheme in BUCKETS else r"[?#]"
    path, *cut = re.split(ends, rest, maxsplit=1)
    authority = f"{user}{at}{host}" if keeps_user else host
    return f"{found['scheme']}:{found['slashes']}{authority}{path}{'?...' if cut else ''}"
