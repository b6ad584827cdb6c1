"""Measures: money per head, shares that were estimated, and classes that a reader can keep in mind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from edition.filters import Filters
from regions.allocation import Allocation
from regions.classes import STEPS, class_breaks, classes
from regions.figures import figures
from regions.measures import MEASURES, on_map
from regions.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES = st.lists(
    st.floats(1e-6, 1e12) | st.sampled_from([0.0, -3.0, float("nan"), float("inf"), 1.0, 1.5, 7.5, 1000.0]),
    max_size=40,
)


@given(VALUES, st.integers(1, 7))
@example([1.0] * 30 + [2.0, 3.0], 5)
@example([999.9999999999999, 1000.0000000000001], 5)
@example([5e-324, 1.0], 2)
def test_classes_are_few_rising_and_hold_every_value(values: list[float], most: int) -> None:
    series = pd.Series(values, dtype=float)
    positive = series[np.isfinite(series) & (series > 0)]
    breaks = class_breaks(series, most)
    assert len(breaks) <= most
    assert breaks == sorted(set(breaks))
    assert bool(breaks) == bool(len(positive))
    places = np.searchsorted(breaks, positive.to_numpy())
    # Every positive value falls in a class, and no class is empty.
    assert set(places) == set(range(len(breaks)))


@given(st.lists(st.floats(1e-3, 1e12), min_size=1, max_size=30))
def test_bounds_are_round_numbers(values: list[float]) -> None:
    for bound in class_breaks(pd.Series(values)):
        digits = f"{bound:.6e}".split("e")[0]
        assert float(digits) in STEPS


@given(st.floats(1e-6, 1e12))
def test_a_single_value_is_one_class(value: float) -> None:
    (bound,) = class_breaks(pd.Series([value, 0.0, float("nan")]))
    assert value <= bound <= value * 1.6


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [float("nan")], [-1.0]])
def test_nothing_above_zero_makes_no_class(values: list[float]) -> None:
    assert class_breaks(pd.Series(values, dtype=float)) == []


def test_known_classes() -> None:
    assert class_breaks(pd.Series(range(1, 101), dtype=float)) == [20, 40, 75, 100] or class_breaks(
        pd.Series(range(1, 101), dtype=float)
    ) == [20, 40, 50, 75, 100]
    assert class_breaks(pd.Series([0.3])) == [0.3]
    assert class_breaks(pd.Series([8.0])) == [10]


# --- The money of places, by hand


def place(ref: str, codes: str, people: int) -> Place:
    return Place(ref, "la", ref, dict.fromkeys(codes, 1.0), shapely.box(0, 0, 1_000, 1_000), people, "2023")


PLACES = [place("R1", "AB", 100), place("R2", "C", 50), place("R3", "D", 25), place("R4", "D", 0)]
ROWS = pd.DataFrame(
    {
        "project_id": ["p", "p", "q", "r", "s"],
        "la_code": ["A", "C", "B", "C", "A"],
        "basis": ["population", "population", "site", "named area", "site"],
        "public": [30_00, 10_00, 10_00, 0, 0],
        "private": [0, 0, 0, 7_50, 0],
    }
)
CHOSEN = pd.Series({"p": True, "q": True, "r": True, "s": False, "t": True})


@pytest.fixture
def money(monkeypatch: pytest.MonkeyPatch) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def found(rows: pd.DataFrame) -> pd.DataFrame:
        parts = Allocation(rows, rows[["public", "private"]].sum())
        known = SimpleNamespace(allocation=parts, taking_part=CHOSEN)
        monkeypatch.setattr("regions.figures.funding", lambda *_: known)
        edition: Any = object()
        return figures(edition, Filters(), PLACES, ("money", "projects"))

    return found


def test_money_is_in_pounds_and_per_resident(money) -> None:
    table = money(ROWS)
    assert table.index.tolist() == ["R1", "R2", "R3", "R4"]
    assert table["public_gbp"].tolist() == [40, 10, 0, 0]
    assert table["private_gbp"].tolist() == [0, 7.5, 0, 0]
    assert table["per_head"].tolist()[:3] == [0.4, 0.2, 0]
    # Nothing can be divided by no residents.
    assert np.isnan(table["per_head"]["R4"])


def test_projects_are_counted_once_a_place_and_only_if_they_take_part(money) -> None:
    # In R1 p and q, not s; in R2 p, and r, which has no public figure.
    assert money(ROWS)["projects"].tolist() == [2, 2, 0, 0]


def test_the_estimated_share_is_what_was_split_by_population(money) -> None:
    assert money(ROWS)["estimated_share"].tolist() == [0.75, 1.0, 0.0, 0.0]


def test_nothing_allocated_is_zero_everywhere_and_not_missing(money) -> None:
    numbers = ["public_gbp", "private_gbp", "per_head", "projects", "estimated_share"]
    assert (money(ROWS.iloc[:0])[numbers].iloc[:3] == 0).all(axis=None)


def test_every_measure_names_its_column_unit_and_definition() -> None:
    for name, measure in MEASURES.items():
        assert measure.id == name
        assert measure.definition.endswith(".")
        assert bool(measure.column) == (measure.kind != "none")


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ([0.2, 0.9], [1.0]),
        ([0.2, 1.2, np.nan, np.inf], [1.0, 1.5]),
        ([0.4, 2.0], [1.0, 1.5, 2.0]),
        ([0.4, 2.6], [1.0, 1.5, 2.0, 3.0]),
        ([3.4], [1.0, 1.5, 2.0, 3.0, 4.0]),
        ([0.0], []),
        ([], []),
    ],
)
def test_a_measure_may_have_classes_of_its_own(values, bounds):
    assert classes(pd.Series(values, dtype=float), MEASURES["lq"]) == bounds


def test_the_map_offers_every_measure_but_bare_facts():
    assert set(on_map()) < set(MEASURES)
    assert {measure.kind for measure in on_map().values()} == {"rate", "sum", "pair", "difference", "none"}
    assert all(measure.definition and measure.sources for measure in MEASURES.values() if measure.column)
    assert all(measure.unit for measure in MEASURES.values() if measure.column)
