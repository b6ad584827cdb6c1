"""Which files a register is, here or in a store, and of which format; and how any of them is opened."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar
from urllib.parse import unquote

import pyarrow as pa

from data.errors import InputError, reason
from intake.stores.address import ADDRESS, BUCKETS, EXPECTED, FILE, HERE, HTTP, HTTPS, LONGEST, shown
from intake.stores.buckets import bucketed
from intake.stores.stored import Stored

if TYPE_CHECKING:
    from collections.abc import Iterable

File: TypeAlias = Path | Stored
"""A file of a register: on this machine, or in a store. Its text holds nothing secret."""

F = TypeVar("F", Path, Stored)

CSV, PARQUET = "csv", "parquet"
ENDINGS: Final = {CSV: (".csv", ".tsv", ".txt"), PARQUET: (".parq", ".parquet", ".pq")}
"""Endings of the files of each format, in small letters."""

PACKED: Final = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
"""What a CSV file may be packed by, as pyarrow names it."""

FAR: Final = 1 << 23
"""Bytes asked for at a time of a file in a store that is read from its start: each time costs a while."""


def format_of(path: File) -> str:
    """Return the format that a file's ending tells, that of packing left aside; "" for any other."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    return next((name for name, endings in ENDINGS.items() if suffixes[-1:] and suffixes[-1] in endings), "")


def open_file(path: File, *, anywhere: bool = True) -> pa.NativeFile:
    """Open a file of a register, wherever it stands; it is read piece by piece, and never held whole.

    Any reader calls this, and `why` for what a fault means that comes while it is read.

    Parameters
    ----------
    anywhere
        Whether it is read at any place, which some web servers do not serve, or only from its start.

    Raises
    ------
    InputError, OSError, ArrowException
        If it cannot be opened.
    """
    return path.open(anywhere=anywhere) if isinstance(path, Stored) else pa.OSFile(str(path), "rb")


def open_stream(path: File, piece: int) -> pa.NativeFile:
    """Open a file that is read from its start, so many bytes at a time; one that is packed is unpacked.

    Raises
    ------
    InputError, OSError, ArrowException
        If it cannot be opened.
    """
    stream = pa.BufferedInputStream(
        open_file(path, anywhere=False), FAR if isinstance(path, Stored) else piece
    )
    packed = PACKED.get(path.suffixes[-1].lower()) if path.suffixes else None
    return pa.CompressedInputStream(stream, packed) if packed else stream


def why(path: File, fault: BaseException) -> str:
    """Say in a clause what a fault means that opening or reading a file raised."""
    return path.why(fault) if isinstance(path, Stored) else reason(fault)


def located(source: str) -> File:
    """Return the path that a text means, a file or a pattern; nothing is asked for yet.

    Raises
    ------
    InputError
        If it is an address that is not read.
    """
    found = ADDRESS.fullmatch(source)
    if found is None:
        return Path(source).expanduser()
    named, scheme = shown(source)[:200], found["scheme"].lower()
    if scheme == FILE:
        return _local(found["slashes"] + found["authority"] + found["rest"], named)
    if found["slashes"] != "//" or scheme not in {*BUCKETS, HTTP, HTTPS}:
        raise InputError(f"{named!r} is not read: {EXPECTED}")
    if len(source) > LONGEST:
        raise InputError(f"{named!r} goes on beyond {LONGEST:,} characters: no address is so long")
    if scheme in BUCKETS:
        return bucketed(scheme, found["authority"], found["rest"], named)
    # Its library takes a while to load.
    from intake.stores.web import web  # noqa: PLC0415

    return web(source)


def _local(rest: str, named: str) -> Path:
    host, path = re.fullmatch(r"(?://([^/]*))?(.*)", rest, re.DOTALL).groups("")  # type: ignore[union-attr]
    if host and host.lower() not in HERE:
        raise InputError(f"{named!r} names another machine: expected file:///PATH")
    plain = unquote(path)
    return Path(plain[1:] if os.name == "nt" and re.match(r"/[A-Za-z]:", plain) else plain)


def find_files(source: str) -> tuple[File, ...]:
    """Return the files that a path, a folder or a glob stands for, all of one format, in the order of paths.

    A folder or a glob stands for Parquet files; names that begin with a dot or an underscore are passed over.

    Raises
    ------
    InputError
        If there is no such file, or it is neither CSV nor Parquet.
    """
    named = shown(source)
    try:
        path = located(source)
        if isinstance(path, Stored):
            return _found(path, named)
        return _found(path, named)
    except (OSError, RuntimeError, ValueError) as fault:
        raise InputError(f"{named[:200]!r} cannot be looked for: {reason(fault)}") from fault


def _found(path: F, source: str) -> tuple[F, ...]:
    if path.is_dir():
        return _inside(path, source)
    if path.exists():
        return (_one_file(path, source),)
    if any(map(_is_signed, path.parts)):
        return _matching(path, source)
    raise InputError(f"{source!r} does not exist{_neighbours(path)}")


def _one_file(path: F, source: str) -> F:
    if not path.is_file():
        raise InputError(f"{source!r} is no file that can be read: give a CSV or Parquet file")
    if not format_of(path):
        endings = sorted(ending for own in ENDINGS.values() for ending in own)
        raise InputError(
            f"{source!r} is neither CSV nor Parquet by its name: expected one of {', '.join(endings)}, "
            "a folder of Parquet files or a glob of them"
        )
    return path


def _inside(folder: F, source: str) -> tuple[F, ...]:
    """Return the Parquet files of a folder and its folders."""
    found = _shown(folder.rglob("*"), folder)
    if not found:
        raise InputError(
            f"{source!r} holds no Parquet file: give a folder of .parquet files, or one CSV file"
        )
    return found


def _matching(pattern: F, source: str) -> tuple[F, ...]:
    """Return the Parquet files that a glob matches; a folder that matches stands for its files."""
    signed = [*map(_is_signed, pattern.parts)].index(True)
    above: F = pattern.parents[len(pattern.parts) - signed - 1]
    below = "/".join(pattern.parts[signed:])
    matches: list[F] = [path for path in above.glob(below) if not _is_hidden(path, above)]
    if not matches:
        raise InputError(f"{source!r} matches no file{_bucket_lacks(above)}")
    inside: list[F] = [path for folder in matches if folder.is_dir() for path in folder.rglob("*")]
    found: tuple[F, ...] = _shown(matches + inside, above)
    if not found:
        raise InputError(f"{source!r} matches no Parquet file but {matches[0].name!r}: a glob is for Parquet")
    return found


def _shown(paths: Iterable[F], folder: F) -> tuple[F, ...]:
    """Return the Parquet files among some paths, each once, but for hidden ones."""
    found = {path for path in paths if path.is_file() and format_of(path) == PARQUET}
    return tuple(sorted(path for path in found if not _is_hidden(path, folder)))


def _is_signed(name: str) -> bool:
    """Tell whether a name has a sign of a glob."""
    return any(sign in name for sign in "*?[")


def _is_hidden(path: F, folder: F) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def _bucket_lacks(path: File) -> str:
    """Say that not even the bucket is there, if so."""
    if not isinstance(path, Stored) or path.root.is_dir():
        return ""
    return f": there is no bucket {str(path.root)!r}"


def _neighbours(path: File) -> str:
    """Name the files beside one that does not exist whose names are like its own."""
    try:
        if lacks := _bucket_lacks(path):
            return lacks
        if not path.parent.is_dir():
            return f": neither does the folder {str(path.parent)!r}"
        beside = sorted(one.name for one in path.parent.iterdir())
    except InputError:
        # A store may give a file, and keep to itself what stands beside it.
        return ""
    near = get_close_matches(path.name, beside, n=2)
    return f", did you mean {' or '.join(map(repr, near))}?" if near else ""
