"""A register of firms on disk: which files, which columns, and its rows in tables of bounded size.

A register is a CSV file or Parquet (a file, a folder, a glob). It is cut into parts that can be read apart,
by other processes too, and every row keeps the number it has in the whole source: data rows from 0, files in
the order of their paths. A line of a CSV file that has too few or too many values is no row that can be read,
but it is counted, and handed on in its place with what is wrong with it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass, fields
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq

from data.errors import InputError
from data.plural import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

ROWS: Final = 1_000_000
"""Most rows of a table, and the size that small row groups are joined up to."""

# A block of a CSV file in bytes, and so the longest row: a quotation mark that is never closed ends here.
BLOCK: Final = 1 << 24
# Characters of a broken line that are kept, so that its refusal can quote it.
KEPT_CHARACTERS: Final = 200
# The header must end within so many bytes.
LONGEST_HEADER: Final = 1 << 20
# Bytes that are unpacked and checked at a time.
PIECE: Final = 1 << 20

PARQUET: Final = frozenset({".parquet", ".parq", ".pq"})
TEXT: Final = frozenset({".csv", ".tsv", ".txt"})
PACKED: Final = frozenset({".gz", ".bz2", ".zst"})
DELIMITERS: Final = (",", "\t", ";", "|")

GRID, LONLAT, POSTCODE = "grid", "lonlat", "postcode"
PLACES: Final = {GRID: ("easting", "northing"), LONLAT: ("lon", "lat"), POSTCODE: ("postcode",)}
NUMBERS: Final = frozenset({"easting", "northing", "lon", "lat"})

LINE, FAULT = "(line)", "(fault)"
"""Columns of a table of which some line could not be read: how the line begins, what is wrong with it."""


@dataclass(frozen=True)
class Columns:
    """What the columns are called; a name that was not given by the user may be absent from the file."""

    sector: str = "sector"
    firm_id: str = "firm_id"
    name: str = "name"
    easting: str = "easting"
    northing: str = "northing"
    lon: str = "lon"
    lat: str = "lat"
    postcode: str = "postcode"

    @property
    def asked(self) -> frozenset[str]:
        """Roles whose column was named otherwise than by default, and so has to be there."""
        return frozenset(one.name for one in fields(self) if getattr(self, one.name) != one.default)


@dataclass(frozen=True)
class Register:
    """A register that was found and whose header was read; small, and fit to be sent to another process.

    Attributes
    ----------
    source
        As the user gave it.
    files
        In the order in which rows are numbered.
    columns
        Role (a field of `Columns`) and name of each column that is read.
    place
        What places a firm: "grid" (easting, northing), "lonlat" or "postcode".
    groups
        Rows of each row group of each file; empty for CSV.
    encoding, delimiter
        Of a CSV file; both empty for Parquet.
    kinds
        Role and kind of value of each column of Parquet: "number", "text", "list", or "nothing" where every
        value is missing; empty for CSV, which is text.
    """

    source: str
    files: tuple[Path, ...]
    columns: tuple[tuple[str, str], ...]
    place: str
    groups: tuple[tuple[int, ...], ...] = ()
    encoding: str = ""
    delimiter: str = ""
    kinds: tuple[tuple[str, str], ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether it is a CSV file."""
        return not self.groups

    @property
    def rows(self) -> int | None:
        """Rows in all; None where only reading them tells (CSV)."""
        return None if self.is_text else sum(map(sum, self.groups))

    @property
    def has_postcode(self) -> bool:
        """Whether a postcode stands beside the coordinates."""
        return self.place != POSTCODE and "postcode" in dict(self.columns)

    def column(self, role: str) -> str:
        """Return the name that the user knows a column by."""
        return dict(self.columns).get(role, role)


@dataclass(frozen=True)
class Part:
    """A stretch of a register that is read on its own.

    Attributes
    ----------
    first_row
        Number of its first row in the whole register.
    rows
        How many; None for CSV.
    pieces
        Place in `Register.files` and the row groups to read there, in order; no groups: the whole file.
    """

    first_row: int
    rows: int | None
    pieces: tuple[tuple[int, tuple[int, ...]], ...]


def open_register(source: Path | str, columns: Columns | None = None, encoding: str = "utf-8") -> Register:
    """Find a register's files and columns; rows are not read yet.

    Parameters
    ----------
    source : Path or str
        A CSV file (.csv, .tsv or .txt, also packed: .gz, .bz2, .zst), a Parquet file, a folder of Parquet
        files or a glob of them. Names that begin with a dot or an underscore are passed over.
    columns : Columns, optional
        What the columns are called. Eastings and northings go before longitude and latitude, and these
        before postcodes, unless one pair was named and the other was not.
    encoding : str
        Of a CSV file, as Python names it.

    Raises
    ------
    InputError
        If there is no such file, it is neither CSV nor Parquet, a column that is needed is missing or
        stands there twice, files of one folder differ, or the header does not have the encoding.
    """
    asked = columns or Columns()
    files = _files(str(source))
    if _suffix(files[0]) in PARQUET:
        return _open_parquet(str(source), files, asked)
    return _open_text(str(source), files, asked, encoding)


def parts(register: Register, rows: int | None = None) -> tuple[Part, ...]:
    """Cut a register into parts that can be read apart.

    A part is a row group, or several small ones in a row, of one file or more; a CSV file is one part.

    Parameters
    ----------
    rows : int, optional
        What small row groups are joined up to; `ROWS` unless given.
    """
    if register.is_text:
        return (Part(0, None, ((0, ()),)),)
    groups = [(file, group, n) for file, sizes in enumerate(register.groups) for group, n in enumerate(sizes)]
    starts = np.cumsum([0, *(n for *_, n in groups)])
    cuts = _cuts([n for *_, n in groups], rows or ROWS)
    return tuple(
        Part(int(starts[low]), int(starts[high] - starts[low]), _pieces(groups[low:high]))
        for low, high in pairwise(cuts)
    )


def batches(register: Register, part: Part, rows: int | None = None) -> Iterator[tuple[int, pa.Table]]:
    """Read a part in tables of bounded size.

    Parameters
    ----------
    rows : int, optional
        Most rows of a table; `ROWS` unless given.

    Yields
    ------
    tuple of int and Table
        Number of the first row, and the rows: columns named by role (`Columns`), text as string, sector of
        Parquet as dictionary or list of text; coordinates as float64, or as string where the file has text.
        Where lines could not be read they stand in their place, all missing, with `LINE` and `FAULT`.

    Raises
    ------
    InputError
        If the file is not what it was or says it is: damaged, or not of the encoding (which names the line
        and the byte).
    """
    most = rows or ROWS
    read = _text_tables(register, most) if register.is_text else _parquet_tables(register, part, most)
    row = part.first_row
    for table in _gathered(read, most):
        yield row, table
        row += table.num_rows


def _suffix(path: Path) -> str:
    """Return the lower-case suffix that tells the format, that of packing left aside."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _files(source: str) -> tuple[Path, ...]:
    """Return the files that a path, a folder or a glob stands for, in the order of their paths."""
    try:
        return _found(Path(source).expanduser(), source)
    except (OSError, RuntimeError, ValueError) as fault:
        raise InputError(f"{source[:200]!r} cannot be looked for: {_short(fault)}") from fault


def _found(path: Path, source: str) -> tuple[Path, ...]:
    if path.is_dir():
        return _inside(path, source)
    if path.exists():
        return (_one_file(path, source),)
    if any(sign in source for sign in "*?["):
        return _matching(path, source)
    raise InputError(f"{source!r} does not exist{_neighbours(path)}")


def _one_file(path: Path, source: str) -> Path:
    if not path.is_file():
        raise InputError(f"{source!r} is no file that can be read: give a CSV or Parquet file")
    if _suffix(path) not in PARQUET | TEXT:
        raise InputError(
            f"{source!r} is neither CSV nor Parquet by its name: expected one of "
            f"{', '.join(sorted(TEXT | PARQUET))}, a folder of Parquet files or a glob of them"
        )
    return path


def _inside(folder: Path, source: str) -> tuple[Path, ...]:
    """Return the Parquet files of a folder and its folders."""
    found = [path for path in folder.rglob("*") if path.is_file() and _suffix(path) in PARQUET]
    shown = sorted(path for path in found if not _is_hidden(path.relative_to(folder)))
    if not shown:
        raise InputError(
            f"{source!r} holds no Parquet file: give a folder of .parquet files, or one CSV file"
        )
    return tuple(shown)


def _matching(pattern: Path, source: str) -> tuple[Path, ...]:
    """Return the Parquet files that a glob matches; a folder that matches stands for its files."""
    signed = [any(sign in part for sign in "*?[") for part in pattern.parts].index(True)
    above, below = Path(*pattern.parts[:signed]), Path(*pattern.parts[signed:])
    matches = [path for path in above.glob(str(below)) if not _is_hidden(path.relative_to(above))]
    if not matches:
        raise InputError(f"{source!r} matches no file")
    inside = [path for folder in matches if folder.is_dir() for path in folder.rglob("*")]
    files = {path for path in [*matches, *inside] if path.is_file() and _suffix(path) in PARQUET}
    shown = sorted(path for path in files if not _is_hidden(path.relative_to(above)))
    if not shown:
        raise InputError(f"{source!r} matches no Parquet file but {matches[0].name!r}: a glob is for Parquet")
    return tuple(shown)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def _neighbours(path: Path) -> str:
    """Name the files beside one that does not exist whose names are like its own."""
    if not path.parent.is_dir():
        return f": neither does the folder {str(path.parent)!r}"
    near = get_close_matches(path.name, sorted(one.name for one in path.parent.iterdir()), n=2)
    return f", did you mean {' or '.join(map(repr, near))}?" if near else ""


def _choose(asked: Columns, present: Sequence[str], where: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Choose the columns to read among those present, and what places the firms.

    Raises
    ------
    InputError
        With all that is missing or doubled.
    """
    names = {one.name: getattr(asked, one.name) for one in fields(asked)}
    found = {role for role, name in names.items() if name in present and not _is_taken(role, names, asked)}
    place = _place(found, asked.asked)
    chosen = tuple((role, name) for role, name in names.items() if role in found and _is_read(role, place))
    free = [name for name in present if name not in dict(chosen).values()]
    needed = asked.asked | {"sector"} | _partners(asked.asked)
    faults = [_absent(role, names[role], free) for role in sorted(needed - found)]
    faults += [] if place or needed - found - {"sector"} else [_without_place(found, names, free)]
    counts = Counter(present)
    faults += [f"column {name!r} stands there {counts[name]} times" for _, name in chosen if counts[name] > 1]
    if faults:
        raise InputError(f"{where}: {'; '.join(faults)}; its columns are {_quoted(present)}")
    return chosen, place


def _is_taken(role: str, names: dict[str, str], asked: Columns) -> bool:
    """Whether a column that has a role's name by default was named for another role."""
    return role not in asked.asked and any(names[other] == names[role] for other in asked.asked)


def _partners(asked: frozenset[str]) -> frozenset[str]:
    """Return the roles without which a column that was named is of no use."""
    return frozenset(role for roles in PLACES.values() for role in roles if not asked.isdisjoint(roles))


def _is_read(role: str, place: str) -> bool:
    return role not in NUMBERS or not place or role in PLACES[place]


def _place(found: set[str], asked: frozenset[str]) -> str:
    """Return the first complete place; one whose columns the user named goes before one found by default."""
    complete = [place for place, roles in PLACES.items() if found.issuperset(roles)]
    named = [place for place in complete if place != POSTCODE and not asked.isdisjoint(PLACES[place])]
    return (named or complete or [""])[0]


def _absent(role: str, name: str, free: Sequence[str]) -> str:
    """Say that a column is missing, and which of those that have no role yet are called alike."""
    option = f"--{role.replace('_', '-')}-column"
    near = get_close_matches(name.casefold(), dict.fromkeys(one.casefold() for one in free), n=2, cutoff=0.5)
    like = [one for one in dict.fromkeys(free) if one.casefold() in near]
    hint = f"did you mean {' or '.join(map(repr, like))}? " if like else ""
    return f"there is no column {name!r} ({hint}{option} names it)"


def _without_place(found: set[str], names: dict[str, str], free: Sequence[str]) -> str:
    for pair in (PLACES[GRID], PLACES[LONLAT]):
        if len(found.intersection(pair)) == 1:
            missing = next(role for role in pair if role not in found)
            return _absent(missing, names[missing], free)
    options = "--easting-column and --northing-column, --lon-column and --lat-column, or --postcode-column"
    wanted = [role for roles in PLACES.values() for role in roles]
    near = [get_close_matches(one.casefold(), wanted, n=1, cutoff=0.7) for one in free]
    like = [one for one, match in zip(free, near, strict=True) if match]
    hint = f" (such as {' or '.join(map(repr, like[:3]))})" if like else ""
    return f"no column says where a firm is: {options} name what does{hint}"


def _quoted(names: Iterable[str], most: int = 30) -> str:
    texts = [repr(name[:60]) for name in names]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more if texts else "none"


# --- Parquet


def _open_parquet(source: str, files: tuple[Path, ...], asked: Columns) -> Register:
    chosen: tuple[tuple[str, str], ...] = ()
    place, kinds, groups = "", {}, []
    for path in files:
        with _parquet(path) as file:
            schema, meta = file.schema_arrow, file.metadata
            found, its_place = _choose(asked, schema.names, repr(str(path)))
            its_kinds = _kinds(found, schema, path)
            groups.append(tuple(meta.row_group(at).num_rows for at in range(meta.num_row_groups)))
        if not chosen:
            chosen, place, kinds = found, its_place, its_kinds
        _same(path, files[0], dict(found), dict(chosen))
        kinds = _joined(path, files[0], its_kinds, kinds)
    by_role = tuple((role, kinds[name]) for role, name in chosen)
    return Register(source, files, chosen, place, tuple(groups), kinds=by_role)


def _parquet(path: Path, dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, read_dictionary=list(dictionaries))
    except (pa.ArrowException, OSError) as fault:
        raise InputError(f"{str(path)!r} cannot be read as Parquet: {_short(fault)}") from fault


def _kinds(chosen: Sequence[tuple[str, str]], schema: pa.Schema, path: Path) -> dict[str, str]:
    """Return what each column holds: number, text, list, or nothing at all (every value missing)."""
    kinds = {name: _kind(schema.field(name).type) for _, name in chosen}
    for role, name in chosen:
        fit = {"number", "text", "nothing"} | ({"list"} if role == "sector" else set())
        if kinds[name] not in fit:
            raise InputError(
                f"{str(path)!r}: column {name!r} holds {schema.field(name).type}; "
                f"expected {'numbers' if role in NUMBERS else 'text'}"
            )
    return kinds


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _kind(kind.value_type)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if _is_text(kind):
        return "text"
    if pa.types.is_null(kind):
        return "nothing"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return "list" if _kind(kind.value_type) in ("text", "number", "nothing") else "other"
    return "other"


def _is_text(kind: pa.DataType) -> bool:
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    raw = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    return any(test(kind) for test in (*texts, *raw))


def _same(path: Path, first: Path, found: dict[str, str], wanted: dict[str, str]) -> None:
    """Refuse a file that lacks a column the first one has, or has one that the first lacks."""
    for role, name in {**wanted, **found}.items():
        if (role in found) != (role in wanted):
            has, lacks = (first, path) if role in wanted else (path, first)
            raise InputError(f"{str(lacks)!r} has no column {name!r}, but {str(has)!r} has: they must agree")


def _joined(path: Path, first: Path, found: dict[str, str], wanted: dict[str, str]) -> dict[str, str]:
    """Refuse a file whose columns hold another kind of value; a column of nothing fits every kind."""
    for name, kind in found.items():
        if "nothing" not in (kind, wanted[name]) and kind != wanted[name]:
            raise InputError(
                f"{str(path)!r}: column {name!r} holds {kind}, but in {str(first)!r} {wanted[name]}: "
                "write all files with one schema"
            )
    return {name: kind if wanted[name] == "nothing" else wanted[name] for name, kind in found.items()}


def _cuts(sizes: Sequence[int], most: int) -> list[int]:
    """Return where to cut a row of sizes so that neighbours add up to at most so much, large ones alone."""
    cuts, held = [0], 0
    for at, size in enumerate(sizes):
        if held and held + size > most:
            cuts.append(at)
            held = 0
        held += size
    return [*cuts, len(sizes)] if sizes else []


def _pieces(groups: Iterable[tuple[int, int, int]]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Gather row groups by file."""
    gathered: dict[int, list[int]] = {}
    for file, group, _ in groups:
        gathered.setdefault(file, []).append(group)
    return tuple((file, tuple(own)) for file, own in gathered.items())


def _parquet_tables(register: Register, part: Part, most: int) -> Iterator[pa.Table]:
    """Read the row groups of a part."""
    for file, groups in part.pieces:
        yield from _group_tables(register, register.files[file], groups, most)


def _gathered(tables: Iterable[pa.Table], most: int) -> Iterator[pa.Table]:
    """Give small neighbours as one table of up to so many rows."""
    waiting: list[pa.Table] = []
    for table in tables:
        if waiting and sum(one.num_rows for one in waiting) + table.num_rows > most:
            yield _together(waiting)
            waiting = []
        waiting.append(table)
    if waiting:
        yield _together(waiting)


def _group_tables(register: Register, path: Path, groups: tuple[int, ...], most: int) -> Iterator[pa.Table]:
    names, kinds = dict(register.columns), dict(register.kinds)
    with _parquet(path) as plain:
        repeats = pa.types.is_string(plain.schema_arrow.field(names["sector"]).type)
    with _parquet(path, [names["sector"]] if repeats else []) as file:
        wanted = list(dict.fromkeys(names.values()))
        try:
            for batch in file.iter_batches(most, row_groups=list(groups), columns=wanted):
                columns = {role: _tidy(role, batch.column(name), kinds[role]) for role, name in names.items()}
                yield pa.table(columns)
        except (pa.ArrowException, OSError) as fault:
            raise InputError(f"{str(path)!r} cannot be read: {_short(fault)}") from fault


def _together(tables: list[pa.Table]) -> pa.Table:
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="permissive")


def _tidy(role: str, values: pa.Array, kind: str) -> pa.Array:
    """Give a column, of one kind in all files, its type; see `batches`."""
    if role == "sector":
        return _tidy_lists(values) if kind == "list" else _tidy_dictionary(values)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if role in NUMBERS and kind != "text":
        return values.cast(pa.float64(), safe=False)
    return as_text(values)


def _tidy_dictionary(values: pa.Array) -> pa.Array:
    """Give values as a dictionary of text."""
    if not pa.types.is_dictionary(values.type):
        return as_text(values).dictionary_encode()
    indices = values.indices.cast(pa.int32())
    return pa.DictionaryArray.from_arrays(indices, as_text(values.dictionary))


def _tidy_lists(values: pa.Array) -> pa.Array:
    """Give lists of any width and type as lists of text, a missing list as an empty one."""
    if pa.types.is_null(values.type):
        values = values.cast(pa.list_(pa.string()))
    flat = pc.list_flatten(values)
    if pa.types.is_dictionary(flat.type):
        flat = flat.dictionary_decode()
    sizes = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), as_text(flat))


def as_text(values: pa.Array) -> pa.Array:
    """Write values as text: whole numbers without a decimal point, whatever the file's type."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_floating(values.type) or pa.types.is_decimal(values.type):
        return _numbersas_text(values.cast(pa.float64(), safe=False))
    return values.cast(pa.string())


def _numbersas_text(values: pa.Array) -> pa.Array:
    numbers = values.to_numpy(zero_copy_only=False)
    whole = np.isfinite(numbers) & (np.abs(numbers) < 2**53) & (numbers == np.rint(numbers))
    texts = pa.array(np.where(whole, numbers, 0).astype(np.int64)).cast(pa.string())
    missing = pa.array(np.isnan(numbers))
    rest = pc.if_else(missing, pa.scalar(None, pa.string()), values.cast(pa.string()))
    return pc.if_else(pa.array(whole), texts, rest)


# --- CSV


def _open_text(source: str, files: tuple[Path, ...], asked: Columns, encoding: str) -> Register:
    path = files[0]
    try:
        " ".encode(encoding)
    except (LookupError, ValueError) as fault:
        raise InputError(f"encoding {encoding!r} is unknown: try utf-8, cp1252, latin-1 or utf-16") from fault
    delimiter, names = _header(path, encoding)
    chosen, place = _choose(asked, names, repr(str(path)))
    return Register(source, files, chosen, place, (), encoding, delimiter)


def _header(path: Path, encoding: str) -> tuple[str, list[str]]:
    """Return the delimiter and the names of the columns.

    The delimiter is a tab for .tsv; else a comma, unless the header has none and has another one.
    """
    with _Utf8(path, encoding) as stream:
        text = stream.read(LONGEST_HEADER).decode("utf-8", errors="ignore").removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line), "")
    if not first.strip():
        raise InputError(f"{str(path)!r} is empty: expected a header line with the names of the columns")
    known = DELIMITERS[1:2] if ".tsv" in [suffix.lower() for suffix in path.suffixes] else DELIMITERS
    delimiter = next((sign for sign in known if sign in first), known[0])
    try:
        names = next(row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)
    except csv.Error as fault:
        raise InputError(f"{str(path)!r} does not begin with the header of a CSV file: {fault}") from fault
    return delimiter, names


class _Utf8(io.RawIOBase):
    """A text file as UTF-8: unpacked, checked or recoded on the way, and ended by a line break.

    What is not of the encoding is told with the line and the byte.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        super().__init__()
        self._path, self._encoding = path, codecs.lookup(encoding).name
        self._decoder = codecs.getincrementaldecoder(self._encoding)()
        self._passes = self._encoding in ("utf-8", "ascii")
        self._lines, self._bytes, self._ended, self._last = 1, 0, False, b"\n"
        self._left = b""
        try:
            self._raw = pa.input_stream(str(path), compression="detect", buffer_size=PIECE)
        except (OSError, pa.ArrowException) as fault:
            raise InputError(f"{str(path)!r} cannot be opened: {_short(fault)}") from fault

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; nothing at the end."""
        pieces, held = [self._left], len(self._left)
        while not self._ended and (size < 0 or held < size):
            pieces.append(self._next())
            held += len(pieces[-1])
        whole = b"".join(pieces)
        out = whole if size < 0 else whole[:size]
        self._left = whole[len(out) :]
        return out

    def _next(self) -> bytes:
        """Return the next piece of the file in UTF-8; at the end a line break if the last line has none."""
        try:
            raw = self._raw.read(PIECE)
        except (OSError, pa.ArrowException) as fault:
            raise InputError(f"{str(self._path)!r} cannot be read: {_short(fault)}") from fault
        self._ended = not raw
        text = self._decoded(raw)
        out = bytes(raw) if self._passes else text.encode("utf-8", errors="replace")
        self._lines += text.count("\n")
        self._bytes += len(raw)
        self._last = out[-1:] or self._last
        return b"\n" if self._ended and self._last not in b"\r\n" else out

    def _decoded(self, raw: bytes) -> str:
        try:
            return self._decoder.decode(raw, final=self._ended)
        except UnicodeDecodeError as fault:
            before = fault.object[: fault.start].decode(self._encoding, errors="ignore")
            raise InputError(self._undecodable(fault, self._lines + before.count("\n"))) from fault

    def _undecodable(self, fault: UnicodeDecodeError, line: int) -> str:
        start = fault.object[: fault.start + 1][-1:]
        marked = self._bytes == 0 and fault.object[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        likely = "utf-16" if marked else "cp1252 (Windows), latin-1 or utf-16"
        return (
            f"{str(self._path)!r} is not {self._encoding}: byte 0x{start.hex()} in line {line} does not "
            f"belong there; give its encoding, such as --encoding {likely}"
        )


def _text_tables(register: Register, most: int) -> Iterator[pa.Table]:
    """Read a CSV file as text."""
    for table in _text_blocks(register):
        for start in range(0, table.num_rows, most):
            yield table.slice(start, most)


def _text_blocks(register: Register) -> Iterator[pa.Table]:
    broken: list[Any] = []
    row = 0
    with _Utf8(register.files[0], register.encoding) as stream:
        try:
            for batch in _reader(register, stream, broken):
                table, used = _with_broken(register, batch, broken, row)
                del broken[:used]
                row += table.num_rows
                yield table
        except (pa.ArrowException, OSError) as fault:
            raise InputError(_unreadable(register, fault, row)) from fault
    if broken:
        yield _with_broken(register, None, broken, row)[0]


def _reader(register: Register, stream: _Utf8, broken: list[Any]) -> pv.CSVStreamingReader:
    """Open a CSV file for reading in one thread, which is what gives broken lines their number."""

    def keep(line: Any) -> str:
        broken.append((line.number, line.expected_columns, line.actual_columns, line.text))
        return "skip"

    names = list(dict.fromkeys(name for _, name in register.columns))
    return pv.open_csv(
        stream,
        read_options=pv.ReadOptions(use_threads=False, block_size=BLOCK),
        parse_options=pv.ParseOptions(
            delimiter=register.delimiter, newlines_in_values=True, invalid_row_handler=keep
        ),
        convert_options=pv.ConvertOptions(
            include_columns=names, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _with_broken(
    register: Register, batch: pa.RecordBatch | None, broken: list[Any], row: int
) -> tuple[pa.Table, int]:
    """Put the lines that could not be read among the rows that could, each at its number.

    Returns
    -------
    tuple
        The table, and how many broken lines it took.
    """
    good = batch.num_rows if batch is not None else 0
    # The reader counts the header as row 1. Of n broken lines before it, so many good rows precede one:
    numbers = np.array([line[0] for line in broken], dtype=np.int64) - 2 - row
    preceding = numbers - np.arange(len(numbers))
    used = int(np.searchsorted(preceding, good, side="right")) if batch is not None else len(broken)
    nothing = pa.nulls(0, pa.string())
    table = pa.table(
        {role: nothing if batch is None else batch.column(name) for role, name in register.columns}
    )
    if not used:
        return table, 0
    return _interleaved(table, preceding[:used], broken[:used]), used


def _interleaved(table: pa.Table, preceding: NDArray[np.int64], broken: list[Any]) -> pa.Table:
    order = np.insert(np.arange(table.num_rows), preceding, -1)
    rows = table.take(pa.array(order, mask=order < 0))
    lines = np.full(len(order), None, dtype=object)
    faults = lines.copy()
    lines[order < 0] = [text[:KEPT_CHARACTERS] for *_, text in broken]
    faults[order < 0] = [_line_fault(*line) for line in broken]
    return rows.append_column(LINE, pa.array(lines, pa.string())).append_column(
        FAULT, pa.array(faults, pa.string())
    )


def _line_fault(_: int, expected: int, actual: int, text: str) -> str:
    """Say what is wrong with a line that has not one value a column."""
    lines = text.count("\n") + 1
    values = f"{count(actual, 'value')} where the header names {count(expected, 'column')}"
    return values + (f", over {lines} lines: is a quotation mark not closed?" if lines > 1 else "")


def _unreadable(register: Register, fault: Exception, row: int) -> str:
    path = str(register.files[0])
    if "straddling" in str(fault):
        size = f"{BLOCK >> 20} MB"
        return f"{path!r}: a row after row {row} is longer than {size}: is a quotation mark not closed?"
    return f"{path!r} cannot be read after row {row}: {_short(fault)}"


def _short(fault: Exception) -> str:
    """Return the first line of a fault of a library, not too long."""
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:200]
