"""Which files a register is, and of which format: a file, a folder, a glob."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from data.errors import InputError, reason

if TYPE_CHECKING:
    from collections.abc import Iterable

CSV, PARQUET = "csv", "parquet"
ENDINGS: Final = {CSV: (".csv", ".tsv", ".txt"), PARQUET: (".parq", ".parquet", ".pq")}
"""Endings of the files of each format, in small letters."""

# What a CSV file may be packed by.
PACKED: Final = frozenset({".gz", ".bz2", ".zst"})


def format_of(path: Path) -> str:
    """Return the format that a file's ending tells, that of packing left aside; "" for any other."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    return next((name for name, endings in ENDINGS.items() if suffixes[-1:] and suffixes[-1] in endings), "")


def find_files(source: str) -> tuple[Path, ...]:
    """Return the files that a path, a folder or a glob stands for, all of one format, in the order of paths.

    A folder or a glob stands for Parquet files; names that begin with a dot or an underscore are passed over.

    Raises
    ------
    InputError
        If there is no such file, or it is neither CSV nor Parquet.
    """
    try:
        path = Path(source).expanduser()
        if path.is_dir():
            return _inside(path, source)
        if path.exists():
            return (_one_file(path, source),)
        if any(sign in source for sign in "*?["):
            return _matching(path, source)
        raise InputError(f"{source!r} does not exist{_neighbours(path)}")
    except (OSError, RuntimeError, ValueError) as fault:
        raise InputError(f"{source[:200]!r} cannot be looked for: {reason(fault)}") from fault


def _one_file(path: Path, source: str) -> Path:
    if not path.is_file():
        raise InputError(f"{source!r} is no file that can be read: give a CSV or Parquet file")
    if not format_of(path):
        endings = sorted(ending for own in ENDINGS.values() for ending in own)
        raise InputError(
            f"{source!r} is neither CSV nor Parquet by its name: expected one of {', '.join(endings)}, "
            "a folder of Parquet files or a glob of them"
        )
    return path


def _inside(folder: Path, source: str) -> tuple[Path, ...]:
    """Return the Parquet files of a folder and its folders."""
    found = _shown(folder.rglob("*"), folder)
    if not found:
        raise InputError(
            f"{source!r} holds no Parquet file: give a folder of .parquet files, or one CSV file"
        )
    return found


def _matching(pattern: Path, source: str) -> tuple[Path, ...]:
    """Return the Parquet files that a glob matches; a folder that matches stands for its files."""
    signed = [any(sign in part for sign in "*?[") for part in pattern.parts].index(True)
    above, below = Path(*pattern.parts[:signed]), Path(*pattern.parts[signed:])
    matches = [path for path in above.glob(str(below)) if not _is_hidden(path, above)]
    if not matches:
        raise InputError(f"{source!r} matches no file")
    inside = [path for folder in matches if folder.is_dir() for path in folder.rglob("*")]
    found = _shown([*matches, *inside], above)
    if not found:
        raise InputError(f"{source!r} matches no Parquet file but {matches[0].name!r}: a glob is for Parquet")
    return found


def _shown(paths: Iterable[Path], folder: Path) -> tuple[Path, ...]:
    """Return the Parquet files among some paths, each once, but for hidden ones."""
    found = {path for path in paths if path.is_file() and format_of(path) == PARQUET}
    return tuple(sorted(path for path in found if not _is_hidden(path, folder)))


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def _neighbours(path: Path) -> str:
    """Name the files beside one that does not exist whose names are like its own."""
    if not path.parent.is_dir():
        return f": neither does the folder {str(path.parent)!r}"
    near = get_close_matches(path.name, sorted(one.name for one in path.parent.iterdir()), n=2)
    return f", did you mean {' or '.join(map(repr, near))}?" if near else ""
