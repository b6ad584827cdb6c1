"""Labels of firms, from texts and lists; ids beside them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from intake.reasons import NO_SECTOR
from tests.intake.small_tables import LONDON, by_firm, judged


def labelled(ground, sector, **columns):
    size = len(sector)
    place = {"easting": [LONDON[0]] * size, "northing": [LONDON[1]] * size}
    return judged(ground, pa.table({"sector": sector} | place | columns))


def test_labels_are_split_stripped_and_counted_once(ground):
    out = labelled(ground, [" b ; a;;b", "", None, ";", "a", "ä;a b"])
    assert by_firm(out) == {0: ["a", "b"], 1: [], 2: [], 3: [], 4: ["a"], 5: ["a b", "ä"]}
    assert out.names == ("a", "a b", "b", "ä")
    assert out.notes[NO_SECTOR] == 3
    assert (out.firm.dtype, out.label.dtype) == (np.int32, np.int32)


def test_lists_of_labels(ground):
    out = labelled(ground, pa.array([["b", " a", "b"], [], None, ["c;a", None], [""]]))
    assert by_firm(out) == {0: ["a", "b"], 1: [], 2: [], 3: ["a", "c"], 4: []}
    assert out.notes[NO_SECTOR] == 3


def test_labels_of_refused_rows_are_not_named(ground):
    table = pa.table(
        {"sector": ["a", "b;c", "c"], "easting": [529089, 0, 529089], "northing": [179644, 0, 179644]}
    )
    out = judged(ground, table)
    assert by_firm(out) == {0: ["a"], 2: ["c"]}
    assert out.names == ("a", "c")


def test_chunks_with_dictionaries_of_their_own(ground):
    chunks = [pa.array(own).dictionary_encode() for own in (["a", "b"], ["b", "a;c"], ["d", None])]
    assert by_firm(labelled(ground, pa.chunked_array(chunks))) == by_firm(
        labelled(ground, ["a", "b", "b", "a;c", "d", None])
    )


def test_ten_thousand_sectors(ground):
    sector = [f"s{n:05d};s{(n * 7) % 10_000:05d}" for n in range(10_000)]
    out = labelled(ground, sector)
    assert len(out.names) == 10_000
    assert by_firm(out) == {n: sorted(set(text.split(";"))) for n, text in enumerate(sector)}


def test_ids_are_kept_and_empty_ones_missing(ground):
    out = labelled(ground, ["a"] * 3, firm_id=["007", "", None])
    assert out.firm_id.to_pylist() == ["007", None, None]
