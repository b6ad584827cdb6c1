"""An outline as a short text for an address, there and back."""

import re
from urllib.parse import quote

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from data.errors import InputError
from geo.areas.corners import ALPHABET, MOST_CHARACTERS, decode, encode

TOWN = box(-2.3, 53.4, -2.1, 53.5)
# Any point on earth, in units of the last decimal.
whole = st.tuples(st.integers(-18_000_000, 18_000_000), st.integers(-9_000_000, 9_000_000))
rings = st.lists(whole, min_size=3, max_size=20, unique=True).map(lambda ring: np.array(ring) / 1e5)
polygons = st.lists(rings, min_size=1, max_size=3).map(lambda parts: Polygon(parts[0], parts[1:]))
areas = st.lists(polygons, min_size=1, max_size=3).map(MultiPolygon)


def read_or_refused(text):
    try:
        return encode(decode(text))
    except InputError:
        return "refused"


@settings(deadline=None)
@given(areas)
def test_what_is_written_is_read_again(area):
    text = encode(area)
    if len(text) <= MOST_CHARACTERS:
        assert decode(text).equals_exact(area, 0.0)
    assert re.fullmatch("[A-Za-z0-9_.!-]*", text)


@settings(deadline=None)
@given(areas, st.floats(-4e-6, 4e-6))
def test_corners_are_rounded_to_five_decimals(area, off):
    text = encode(shapely.transform(area, lambda corners: corners + off))
    if len(text) <= MOST_CHARACTERS:
        assert decode(text).equals_exact(area, 0.0)


@settings(deadline=None)
@given(areas, st.data())
def test_a_link_cut_short_is_never_another_area(area, data):
    """Of 4,096 checksums one may fit by chance; then what is read is at least a whole outline."""
    text = encode(area)[:MOST_CHARACTERS]
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    assert read_or_refused(cut) in {cut, "refused"}


def test_nearly_every_cut_is_noticed():
    text = encode(MultiPolygon([TOWN, shapely.Point(-1, 52).buffer(0.2)]))
    read = 0
    for end in range(len(text)):
        try:
            decode(text[:end])
        except InputError:
            continue
        read += 1
    assert read <= 1


@settings(deadline=None)
@given(st.text(max_size=60) | st.text(ALPHABET + ".!", max_size=60))
def test_any_other_text_is_refused_in_words(text):
    assert isinstance(read_or_refused(text), str)


def test_a_text_without_an_end_is_refused():
    with pytest.raises(InputError, match="too long"):
        decode("a" * 1_000_000)


def test_holes_and_parts_come_back():
    hole = Polygon(TOWN.exterior.coords, [box(-2.25, 53.43, -2.2, 53.45).exterior.coords])
    area = MultiPolygon([hole, box(-1.6, 53.7, -1.5, 53.8)])
    assert decode(encode(area)).equals_exact(area, 0.0)
    assert encode(hole).count(".") == 1
    assert encode(area).count("!") == 1


def test_a_text_is_short_and_needs_no_escaping():
    circle = shapely.Point(-2, 53).buffer(0.3, quad_segs=25)
    text = encode(circle)
    assert quote(text, safe="!") == text
    assert "~" not in text
    # A hundred corners some two kilometres apart.
    assert len(text) < 8 * 101
