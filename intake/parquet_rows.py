"""Rows of Parquet files, which must agree in their columns; they are read row group by row group."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.arrow import as_text
from data.errors import InputError
from intake.columns import NUMBERS, choose
from intake.files import open_file, why
from intake.register import Part, Register

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from intake.columns import Columns
    from intake.files import File


# What columns of a role may hold beside numbers and text.
FURTHER: Final = {"sector": ("list",), "founded": ("date",)}


def open_parquet(source: str, files: tuple[File, ...], asked: Columns, _encoding: str) -> Register:
    """Read the schemas of Parquet files; see `intake.reading.open_register`."""
    chosen: tuple[tuple[str, str], ...] = ()
    place, kinds, groups = "", {}, []
    for path in files:
        with _opened(path) as file:
            schema, meta = file.schema_arrow, file.metadata
            found, its_place = choose(asked, schema.names, repr(str(path)))
            its_kinds = _kinds(found, schema, path)
            groups.append(tuple(meta.row_group(at).num_rows for at in range(meta.num_row_groups)))
        if not chosen:
            chosen, place, kinds = found, its_place, its_kinds
        _require_same(path, files[0], dict(found), dict(chosen))
        kinds = _joined(path, files[0], its_kinds, kinds)
    by_role = tuple((role, kinds[name]) for role, name in chosen)
    return Register(source, files, chosen, place, tuple(groups), kinds=by_role)


def parquet_parts(register: Register, rows: int) -> tuple[Part, ...]:
    """Cut Parquet files between row groups; small ones in a row make a part of up to so many rows."""
    groups = [(file, group, n) for file, sizes in enumerate(register.groups) for group, n in enumerate(sizes)]
    sizes = [n for *_, n in groups]
    found, first_row = [], 0
    for low, high in pairwise(_cuts(sizes, rows)):
        by_file = groupby(groups[low:high], key=itemgetter(0))
        pieces = tuple((file, tuple(group for _, group, _ in own)) for file, own in by_file)
        found.append(Part(first_row, sum(sizes[low:high]), pieces))
        first_row += sum(sizes[low:high])
    return tuple(found)


def parquet_tables(register: Register, part: Part, most: int) -> Iterator[pa.Table]:
    """Read the row groups of a part in tables of at most so many rows; see `intake.reading.batches`."""
    names, kinds = dict(register.columns), dict(register.kinds)
    wanted = list(dict.fromkeys(names.values()))
    for number, groups in part.pieces:
        path = register.files[number]
        with _opened(path, names["sector"]) as file:
            try:
                # A batch of several row groups would be put together from copies.
                size = min(
                    most, max((register.groups[number][group] for group in groups), default=most) or most
                )
                for batch in file.iter_batches(size, row_groups=list(groups), columns=wanted):
                    yield pa.table(
                        {role: _tidy(role, batch.column(name), kinds[role]) for role, name in names.items()}
                    )
            except (pa.ArrowException, OSError) as fault:
                raise InputError(f"{str(path)!r} cannot be read: {why(path, fault)}") from fault


@contextmanager
def _opened(path: File, repeating: str = "") -> Iterator[pq.ParquetFile]:
    """Open a Parquet file; a column of texts that repeat, as sectors do, is read as a dictionary."""
    with ExitStack() as opened:
        try:
            raw = opened.enter_context(open_file(path))
            file = pq.ParquetFile(raw)
            if repeating and pa.types.is_string(file.schema_arrow.field(repeating).type):
                file = pq.ParquetFile(raw, metadata=file.metadata, read_dictionary=[repeating])
        except (pa.ArrowException, OSError) as fault:
            raise InputError(f"{str(path)!r} cannot be read as Parquet: {why(path, fault)}") from fault
        yield file


def _kinds(chosen: Sequence[tuple[str, str]], schema: pa.Schema, path: File) -> dict[str, str]:
    """Return what each column holds: number, text, list, date, or nothing at all (every value missing)."""
    kinds = {name: _kind(schema.field(name).type) for _, name in chosen}
    for role, name in chosen:
        fit = {"number", "text", "nothing", *FURTHER.get(role, ())}
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
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    raw = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    if any(test(kind) for test in (*texts, *raw)):
        return "text"
    if pa.types.is_null(kind) or pa.types.is_temporal(kind):
        return "nothing" if pa.types.is_null(kind) else "date"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return "list" if _kind(kind.value_type) in ("text", "number", "nothing") else "other"
    return "other"


def _require_same(path: File, first: File, found: dict[str, str], wanted: dict[str, str]) -> None:
    """Refuse a file that lacks a column the first one has, or has one that the first lacks."""
    for role, name in {**wanted, **found}.items():
        if (role in found) != (role in wanted):
            has, lacks = (first, path) if role in wanted else (path, first)
            raise InputError(f"{str(lacks)!r} has no column {name!r}, but {str(has)!r} has: they must agree")


def _joined(path: File, first: File, found: dict[str, str], wanted: dict[str, str]) -> dict[str, str]:
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


def _tidy(role: str, values: pa.Array, kind: str) -> pa.Array:
    """Give a column, of one kind in all files, its type; see `intake.reading.batches`."""
    is_dictionary = pa.types.is_dictionary(values.type)
    if role == "sector" and kind == "list":
        return _tidy_lists(values)
    if role == "sector" and is_dictionary:
        indices = values.indices.cast(pa.int32())
        return pa.DictionaryArray.from_arrays(indices, as_text(values.dictionary))
    if role == "sector":
        return as_text(values).dictionary_encode()
    if role in NUMBERS and kind != "text":
        numbers = values.dictionary_decode() if is_dictionary else values
        return numbers.cast(pa.float64(), safe=False)
    return as_text(values)


def _tidy_lists(values: pa.Array) -> pa.Array:
    """Give lists of any width and type as lists of text, a missing list as an empty one."""
    if pa.types.is_null(values.type):
        values = values.cast(pa.list_(pa.string()))
    sizes = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), as_text(pc.list_flatten(values)))
