"""The view: one address for one view, and no address that breaks it."""

from __future__ import annotations

from itertools import product
from typing import Literal, get_args, get_origin
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.errors import InputError
from edition.filters import ORDERS, YEARS, Filters
from edition.view import LEVELS, UK, Against, Level, View
from tests.asked import CHOICES

HOSTILE = (
    "x" * 10_000,
    "\x00",
    "\x00\x1b[31m\r\n",
    "{{7*7}}",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE firms; --",
    "nan",
    "inf",
    "-1e999",
    "\u202e\ud7ff\U0010ffff",
    "\ud800",
    "",
    " ",
    "," * 5_000,
)


def some(values: tuple[str, ...], most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most).map(tuple)


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


POSITIONS = st.tuples(number(45, 65), number(-20, 10), number(3, 18))
FIELDS = {
    # One of a few words each.
    **{
        name: st.sampled_from(get_args(field.annotation))
        for name, field in View.model_fields.items()
        if get_origin(field.annotation) is Literal
    },
    "sector": some([*CHOICES["sector"]], 10),
    "technology": some([*CHOICES["technology"]], 10),
    "programme": some([*CHOICES["programme"]], 10),
    "type": some(ORDERS["type"], 3),
    "kinds": some((*ORDERS["kinds"], "none"), 4),
    "measure": st.sampled_from([*CHOICES["measure"]]),
    "show": some((*CHOICES["show"], "none"), 7),
    "growth": st.booleans(),
    "placed": st.sampled_from(["delivery", "lead"]),
    "here": st.none() | POSITIONS,
    "at": POSITIONS,
    "place": some(
        ("E08000003", "UK", "set:E08000003+E08000006~Two & more", "area:x-y~<b>", "a ;,&=?#%b"), 10
    ),
    "cluster": st.sampled_from(["", "space--harwell", "SIC 24 & more--Leeds"]),
    "against": some((*get_args(Against), "none"), 3),
    "years": st.tuples(st.integers(*YEARS), st.integers(*YEARS)).map(sorted),
}


@st.composite
def views(draw: st.DrawFn) -> View:
    given_fields = draw(st.fixed_dictionaries({}, optional=FIELDS))
    years = given_fields.pop("years", YEARS)
    return View.model_validate({**given_fields, "year_from": years[0], "year_to": years[1]}, context=CHOICES)


@given(views())
@example(View(show=(), kinds=()))
@example(View(here=(51.0, -0.0, 10.0), at=(45.0, -1e-9, 17.999999)))
@settings(max_examples=200, deadline=None)
def test_the_address_of_a_view_is_the_view(view: View) -> None:
    again = View.parse(parse_qsl(view.url(), keep_blank_values=True), CHOICES)
    assert again == view
    assert again.url() == view.url()
    assert hash(again) == hash(view)
    # Typed again from its own dump, as the page does on every change.
    assert View.model_validate(view.model_dump()) == view


@given(views())
def test_an_address_is_plain(view: View) -> None:
    assert view.url().isascii()
    assert not set(view.url()) & set(" <>\"'{}")


def test_defaults_need_no_address() -> None:
    assert View().url() == ""
    assert View.parse([], CHOICES) == View()
    shown = [("show", kind) for kind in reversed(View().show)]
    assert View.parse(shown, CHOICES).url() == ""


def test_nothing_shown_is_written_as_none() -> None:
    view = View(show=(), kinds=())
    assert view.url() == "kinds=none&show=none"
    assert view == View(show=("none",), kinds=("none",))
    assert view.show == view.kinds == ()


def test_some_fields_alone_can_be_written() -> None:
    view = View(sector=("defence",), level="la", at=(51.5, -0.1, 9))
    assert view.url_of(("sector", "kinds")) == "sector=defence"
    assert view.url() == "sector=defence&level=la&at=51.5,-0.1,9"


def test_every_field_has_a_choice_to_draw_from() -> None:
    names = set(FIELDS) - {"years"} | {"year_from", "year_to"}
    assert names == set(View.model_fields)
    assert set(get_args(Level)) == set(LEVELS)


# What places and clusters may be called is for those who know them to say: any text that can be printed.
TAKEN = [
    ("place", value) for value in HOSTILE if value.isprintable() and value.strip() and len(value) < 1_000
]
READ = [
    ("cluster", value)
    for value in HOSTILE
    if value.isprintable() and value == value.strip() and len(value) < 200
]


def test_a_place_may_be_called_anything_that_can_be_printed() -> None:
    assert len(TAKEN) > 4
    for name, value in TAKEN:
        view, faults = View.read([(name, value)], CHOICES)
        assert (view.place, faults) == ((value,), [])


def test_a_cluster_may_be_called_anything_that_can_be_printed() -> None:
    assert len(READ) > 4
    for name, value in READ:
        view, faults = View.read([(name, value)], CHOICES)
        assert (view.cluster, faults) == (value, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [pair for pair in product(View.model_fields, HOSTILE) if pair not in TAKEN + READ],
)
def test_hostile_values_are_refused_and_never_crash(name: str, value: str) -> None:
    view, faults = View.read(
        [(name, value), ("level", "la")] if name != "level" else [(name, value)], CHOICES
    )
    assert faults
    assert getattr(view, name) == View.model_fields[name].default
    assert view.level == ("itl3" if name == "level" else "la")
    assert all(fault.startswith(name) and len(fault) < 1_500 for fault in faults)
    assert all(fault.isprintable() for fault in faults)
    with pytest.raises(InputError):
        View.parse([(name, value)], CHOICES)


@pytest.mark.parametrize("name", [*HOSTILE, "sektor", "__class__", "model_config", "year_form"])
def test_unknown_names_are_refused_with_the_nearest(name: str) -> None:
    view, faults = View.read([(name, "1"), ("sector", "defence")], CHOICES)
    assert view == View(sector=("defence",))
    assert len(faults) == 1
    assert len(faults[0]) < 1_000
    assert "no such field" in faults[0]
    assert faults[0].isascii()


def test_a_slip_in_a_name_is_guessed() -> None:
    assert View.read([("sektor", "defence")], CHOICES)[1] == ["sektor: no such field; did you mean sector?"]


def test_every_fault_is_gathered_and_quotes_the_value() -> None:
    pairs = [
        *(("sector", "life-science"), ("sector", "defense"), ("level", "county"), ("here", "51.5")),
        *(
            ("at", "nan,0,6"),
            ("year_from", "then"),
            ("kinds", "maybe"),
            ("colour", "red"),
            ("growth", "perhaps"),
        ),
    ]
    with pytest.raises(InputError) as caught:
        View.parse(pairs, CHOICES)
    message = str(caught.value)
    for quoted in (
        "'life-science'",
        "'defense'",
        "'county'",
        "51.5",
        "'nan'",
        "'then'",
        "'maybe'",
        "'perhaps'",
    ):
        assert quoted in message
    assert "did you mean Life sciences (life-sciences)" in message
    assert "did you mean Defence (defence)" in message
    assert "colour: no such field" in message


@pytest.mark.parametrize(
    ("pairs", "kept", "named"),
    [
        ([("technology", "drug-discovery"), ("technology", "ai")], "technology=drug-discovery", ["'ai'"]),
        ([("technology", "ai"), ("technology", "drug-discovery")], "technology=drug-discovery", ["'ai'"]),
        ([("sector", "x"), ("sector", "defence"), ("sector", "y")], "sector=defence", ["'x'", "'y'"]),
        ([("programme", "SIPF-W1"), ("programme", "no such")], "programme=SIPF-W1", ["'no such'"]),
        ([("type", "Diverse"), ("type", "Odd")], "type=Diverse", ["'Odd'"]),
        ([("kinds", "up to"), ("kinds", "about")], "kinds=up+to", ["'about'"]),
        ([("kinds", "none"), ("kinds", "about")], "kinds=none", ["'about'"]),
        ([("show", "regions"), ("show", "roads")], "show=regions", ["'roads'"]),
        ([("against", "uk"), ("against", "eu")], "against=uk", ["'eu'"]),
        ([("place", "Leeds"), ("place", "\x00"), ("place", "Hull")], "place=Leeds&place=Hull", [r"'\x00'"]),
        ([("place", "Leeds"), ("place", "x" * 2_000)], "place=Leeds", ["'xxxx"]),
        # Of a name that takes one value, the last that is one counts.
        ([("level", "la"), ("level", "mars")], "level=la", ["'mars'"]),
        ([("year_from", "2015"), ("year_from", "then")], "year_from=2015", ["'then'"]),
        ([("at", "52,0,9"), ("at", "here")], "at=52,0,9", ["'here'"]),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_and_the_good_ones_beside_it_are_kept(pairs, kept, named) -> None:
    view, faults = View.read(pairs, CHOICES)
    assert view.url() == kept
    assert len(faults) == len(named)
    assert all(value in fault for value, fault in zip(named, faults, strict=True))
    # Who asks for all of it or nothing gets nothing.
    with pytest.raises(InputError, match=pairs[0][0]):
        View.parse(pairs, CHOICES)


def test_where_no_value_is_good_the_name_keeps_its_default() -> None:
    view, faults = View.read([("kinds", "about"), ("kinds", "nearly"), ("show", "roads")], CHOICES)
    assert view == View()
    assert len(faults) == 3


def test_of_too_many_values_the_first_are_kept_and_bad_ones_take_no_room() -> None:
    places = [("place", f"Place {number}") for number in range(12)]
    view, faults = View.read(places, CHOICES)
    assert view.place == tuple(value for _, value in places[:10])
    assert faults == ["place: 12 are too many; at most 10 are taken"]
    view, faults = View.read(
        [*(("sector", f"x{number}") for number in range(30)), ("sector", "defence")], CHOICES
    )
    assert view.sector == ("defence",)
    assert len(faults) == 30
    # A value that is repeated is one.
    view, faults = View.read([("type", "Diverse")] * 9, CHOICES)
    assert (view.type, faults) == (("Diverse",), [])


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (("sector", "life-science"), "did you mean Life sciences (life-sciences)"),
        (("sector", "Life science"), "did you mean Life sciences (life-sciences)"),
        (("technology", "quantm"), "did you mean Quantum technologies (quantum)"),
        (("programme", "sipf-w1"), "Strength in Places Fund, wave 1 (SIPF-W1)"),
        (("level", "county"), "Local authorities (la)"),
        (("measure", "per hed"), "did you mean Public money per head (per-head)"),
    ],
)
def test_people_are_told_what_things_are_called_and_the_id_to_type(pair, words) -> None:
    _, [fault] = View.read([pair], CHOICES)
    assert words in fault


def test_a_fault_does_not_hide_the_order_of_the_years() -> None:
    view, faults = View.read(
        [("level", "county"), ("year_from", "2025"), ("year_to", "2015"), ("tab", "firms")], CHOICES
    )
    assert (view.year_from, view.year_to) == YEARS
    assert view.tab == "firms"
    assert [fault.split(":")[0] for fault in faults] == ["level", "years"]
    assert "year_from 2025 is after year_to 2015" in faults[1]


@pytest.mark.parametrize(
    "place", ["nan,0,6", "54,inf,6", "54,-3,nan", "54,-3", "54,-3,6,1", "91,0,6", "0,0,6", "54;-3;6", "a,b,c"]
)
def test_a_place_outside_the_map_is_refused(place: str) -> None:
    view, faults = View.read([("at", place)], CHOICES)
    assert view.at == UK
    assert faults


def test_positions_are_kept_to_about_a_metre() -> None:
    assert View(here=(51.123456789, -0.000001, 9)).here == (51.12346, 0.0, 9.0)
    assert View.parse([("here", "51.5,-0.1,10")], CHOICES).here == (51.5, -0.1, 10.0)


def test_the_last_of_several_values_counts_where_one_is_wanted() -> None:
    assert View.parse([("level", "la"), ("level", "itl1")], CHOICES).level == "itl1"


NAMES = st.sampled_from([*View.model_fields, "years", "loc", ""]) | st.text(max_size=8)
VALUES = st.text(max_size=12) | st.sampled_from([*HOSTILE, "2015", "none", "defence", "true", "54,-3,6"])


@given(st.lists(st.tuples(NAMES, VALUES), max_size=12))
@settings(max_examples=150, deadline=None)
def test_reading_ends_with_a_valid_view_whatever_is_given(pairs: list[tuple[str, str]]) -> None:
    view, faults = View.read(pairs, CHOICES)
    assert View.parse(parse_qsl(view.url(), keep_blank_values=True), CHOICES) == view
    # Nothing unusable passes in silence: without a fault every name given is a field.
    assert faults or {name for name, _ in pairs} <= set(View.model_fields)


def test_a_view_is_filters_and_more() -> None:
    view = View(sector=("defence",), growth=True, level="la")
    plain = Filters.model_validate({name: getattr(view, name) for name in Filters.model_fields})
    assert plain == Filters(sector=("defence",), growth=True)
