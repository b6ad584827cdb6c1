"""Slots: whatever a value holds, only harmless characters reach the template."""

from __future__ import annotations

import json
import re
from base64 import b64decode

import folium
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layers.element import Slot, Stage, encoded

HOSTILE = st.sampled_from(
    [
        "{{ 7*7 }}",
        "{% for x in y %}",
        "</script><script>alert(1)</script>",
        '"); alert(1); ("',
        "\\u0022",
        "%22",
        "var map_x = 1;\n",
        "\u2028\u2029\x00",
        "\ud800",
    ]
)
TEXT = st.text() | HOSTILE
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def decoded(text: str) -> object:
    inside = re.fullmatch(r'JSON\.parse\(atob\("([A-Za-z0-9+/=]*)"\)\)', text)[1]
    # The browser reads base 64 as one character a byte, so the text inside has to be plain ASCII.
    return json.loads(b64decode(inside, validate=True).decode("ascii"))


@given(VALUES)
@example({"sentence": "{{ 7*7 }} <img src=x onerror=alert(1)>"})
def test_any_value_travels_in_harmless_characters(value: object) -> None:
    text = encoded(value)
    assert re.fullmatch(r'[A-Za-z0-9+/="().]+', text)
    assert decoded(text) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"at": [-float("inf")]}])
def test_numbers_that_json_cannot_say_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encoded(value)


def test_the_order_of_names_does_not_matter() -> None:
    assert encoded({"a": 1, "b": 2}) == encoded({"b": 2, "a": 1})


@given(TEXT)
def test_a_rendered_map_holds_the_value_once_and_nothing_of_it_is_run(name: str) -> None:
    atlas = folium.Map(tiles=None)
    Stage(api="/api/v1").add_to(atlas)
    Slot("firms", name=f"{name}{{{{ 7*7 }}}}").add_to(atlas)
    script = atlas.get_root().render()
    found = re.findall(r'ICM\.slot\((JSON\.parse\(atob\("[A-Za-z0-9+/=]*"\)\))\)\.addTo', script)
    assert [decoded(text) for text in found] == [{"kind": "firms", "name": f"{name}{{{{ 7*7 }}}}"}]
    assert "ICM.start(" in script
