"""Numbers that stand for points: where two meet, the points are still told apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from geo.projections import to_lonlat
from intake import hashing as module
from intake.hashing import text_hashes
from tests.intake.small_tables import judged, table_of


def test_points_whose_keys_meet_are_still_told_apart(ground, monkeypatch):
    lon, _ = to_lonlat(np.array([529089.0, 447000.0]), np.array([179644.0, 186000.0]))
    table = table_of(lon=lon, lat=[51.5, 51.5])
    alone = judged(ground, table)
    monkeypatch.setattr(module, "mixed", np.zeros_like)
    assert judged(ground, table).easting.tolist() == alone.easting.tolist()
    assert alone.easting[0] != alone.easting[1]


def test_texts_of_eight_bytes_have_the_hash_that_they_have_among_others():
    texts = [f"{number:08}" for number in range(50)] + ["éééé", "SC123456"]
    alone = text_hashes(pa.array(texts))
    among = text_hashes(pa.array([*texts, "a", None, "x" * 99]))[: len(texts)]
    assert alone.tolist() == among.tolist()
    assert text_hashes(pa.array([*texts]).slice(7)).tolist() == alone[7:].tolist()
    assert len(set(alone.tolist())) == len(texts)
