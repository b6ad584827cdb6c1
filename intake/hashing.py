"""Texts, postcodes and points as numbers of 64 bits, so that millions of them are compared at once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bits = NDArray[np.uint64]

# Longer texts than this are hashed one by one.
HASHED_BYTES: Final = 64
# Four blanks, as bytes of a number.
BLANKS: Final = np.uint64(int.from_bytes(b"    ", "big"))


def text_hashes(texts: pa.Array | Iterable[str | None]) -> Bits:
    """Hash texts to 64 bits, alike in every process; 0 stands for a missing or empty one.

    Two texts of one hash need not be equal.
    """
    given = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    filled = pc.fill_null(given, "")
    start, size, words = eights(filled)
    hashes = mixed(size.astype(np.uint64))
    if len(size) and size[0] == 8 and (size == 8).all():
        # Numbers of companies, say: no text ends within a word, so that all words stand in a row.
        return mixed(hashes ^ words[start[0] :: 8][: len(size)].astype(np.uint64))
    for at in range(0, min(int(size.max(initial=0)), HASHED_BYTES), 8):
        rows = np.flatnonzero(size > at)
        beyond = (8 * np.maximum(at + 8 - size[rows], 0)).astype(np.uint64)
        word = words[start[rows] + at].astype(np.uint64) >> beyond
        hashes[rows] = mixed(hashes[rows] ^ word)
    for row in np.flatnonzero(size > HASHED_BYTES):
        digest = hashlib.blake2b(filled[int(row)].as_py().encode(), digest_size=8).digest()
        hashes[row] = int.from_bytes(digest, "big")
    hashes[size == 0] = 0
    return hashes


def unique_points(x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """Return where each distinct point stands, and which of these each point is; missing ones are alike."""
    keys = mixed(x.view(np.uint64)) ^ y.view(np.uint64)
    inverse, distinct = pd.factorize(keys)
    first = np.empty(len(distinct), dtype=np.int64)
    first[inverse] = np.arange(len(x))
    own = first[inverse]
    same = ((x[own] == x) | np.isnan(x)) & ((y[own] == y) | np.isnan(y))
    if not same.all():  # two of 2^64 keys met
        return np.arange(len(x)), np.arange(len(x))
    return first, inverse


def postcode_keys(texts: pa.Array) -> Bits:
    """Write what may be a full postcode as the directory does (see `geo.postcodes.encode`), else 0."""
    compact = pc.replace_substring(pc.ascii_upper(pc.fill_null(texts, "")), " ", "")
    start, size, words = eights(compact)
    keys = np.zeros(len(texts), dtype=np.uint64)
    rows = np.flatnonzero((size >= 5) & (size <= 7))
    word = words[start[rows]].astype(np.uint64)
    # The last three characters are the inward code; the outward one is filled up to four with blanks.
    bits = (size[rows] - 3).astype(np.uint64) * np.uint64(8)
    blanks = BLANKS >> bits.clip(max=31)
    outward = (word >> (np.uint64(64) - bits) << (np.uint64(32) - bits)) | blanks
    inward = word << bits >> np.uint64(40)
    keys[rows] = (outward << np.uint64(32)) | (inward << np.uint64(8))
    return keys


def eights(texts: pa.Array) -> tuple[Ints, Ints, NDArray[Any]]:
    """Return where each text begins, its length in bytes, and for each byte the eight that begin there."""
    _, offsets, data = texts.buffers()
    given = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    ends = given.astype(np.int64) if len(given) else np.zeros(1, dtype=np.int64)
    raw = np.frombuffer(data, dtype=np.uint8)[: ends[-1]] if data is not None else np.empty(0, np.uint8)
    padded = np.concatenate([raw, np.zeros(8, dtype=np.uint8)])
    words = np.ndarray((len(raw) + 1,), dtype=">u8", buffer=padded, strides=(1,))
    return ends[:-1], np.diff(ends), words


def mixed(values: Bits) -> Bits:
    """Mix 64 bits so that each depends on all (the finaliser of SplitMix64, Steele, Lea and Flood 2014)."""
    out = values + np.uint64(0x9E3779B97F4A7C15)
    out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(out ^ (out >> np.uint64(31)))
