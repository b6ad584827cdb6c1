"""Schemas: rows in = kept + refused, every fault is gathered, and the shipped tables have none."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import TableError
from data.refusals import REFUSED
from data.schemas import COLUMNS, check, numbers, schema
from data.tables import table

ROWS = 8
# Values that no column of the kind takes.
NEVER = {
    "number": ["a lot", float("inf"), -1e12, [1], "12 million"],
    "text": [5, None, ["x"], float("nan")],
    "list": [None, ("no-such-id",), 7, [["x"]], {"a": 1}],
}


def kind(name: str, column: str) -> str:
    if column in numbers(name):
        return "number"
    return "list" if str(schema(name).columns[column].dtype) == "object" else "text"


def sample(name: str) -> pd.DataFrame:
    """A few shipped rows on an index of their own, open to any value."""
    rows = table(name).head(ROWS).astype(object)
    return rows.set_axis([f"row {n}" for n in range(len(rows))])


@st.composite
def damages(draw: st.DrawFn) -> tuple[str, dict[tuple[int, str], object]]:
    name = draw(st.sampled_from(sorted(COLUMNS)))
    cells = st.tuples(st.integers(0, min(ROWS, len(table(name))) - 1), st.sampled_from(list(COLUMNS[name]())))
    places = draw(st.lists(cells, max_size=6, unique=True))
    return name, {place: draw(st.sampled_from(NEVER[kind(name, place[1])])) for place in places}


def damaged(frame: pd.DataFrame, cells: dict[tuple[int, str], object]) -> pd.DataFrame:
    changed = {column: list(frame[column]) for column in frame.columns}
    for (row, column), value in cells.items():
        changed[column][row] = value
    columns = {name: pd.Series(values, index=frame.index, dtype=object) for name, values in changed.items()}
    return pd.DataFrame(columns)


@given(damages())
@settings(max_examples=25, deadline=None)
def test_rows_in_are_rows_kept_and_rows_refused(damage: tuple[str, dict[tuple[int, str], object]]) -> None:
    name, cells = damage
    whole = sample(name)
    frame = damaged(whole, cells)
    checked = check(name, frame)
    assert len(checked.kept) + checked.rows_refused == len(frame)
    # Every damaged cell is named, and no row is refused for another's damage.
    assert set(zip(checked.refused["row"], checked.refused["column"], strict=True)) == set(cells)
    untouched = [label for n, label in enumerate(frame.index) if n not in {row for row, _ in cells}]
    assert list(checked.kept.index) == untouched
    assert checked.kept.astype(object).equals(whole.loc[untouched])


@given(damages())
@settings(max_examples=15, deadline=None)
def test_a_fault_has_its_row_column_value_and_reason(
    damage: tuple[str, dict[tuple[int, str], object]],
) -> None:
    name, cells = damage
    frame = damaged(sample(name), cells)
    refused = check(name, frame).refused
    assert list(refused.columns) == list(REFUSED)
    assert refused["reason"].str.len().gt(5).all()
    for fault in refused.itertuples():
        given_value = cells[fault.row, fault.column]
        missing = given_value is None or given_value != given_value  # noqa: PLR0124 - NaN alone differs from itself
        assert fault.reason == "is missing" if missing else str(fault.value).startswith(str(given_value)[:3])


@pytest.mark.parametrize(
    ("name", "column", "value", "reason"),
    [
        ("firms", "la_code", "E0700000", "is not a GSS code such as E07000008"),
        ("firms", "la_code", "E07000008\n", "is not a GSS code such as E07000008"),
        ("firms", "la_code", "E0700000\u0668", "is not a GSS code such as E07000008"),
        ("firms", "postcode", "CF103AT", "is not a unit postcode such as CF10 3AT"),
        ("firms", "confidence", "High", "is none of high, medium, low"),
        ("firms", "easting", 700_000, "is not between -120,000 and 680,000"),
        ("firms", "name", "", "is empty or begins with a space"),
        ("projects", "start", "2020-13", "is not a year, month or day such as 2020, 2020-06 or 2020-06-26"),
        ("projects", "award_gbp", "25m", "is not a number"),
        ("projects", "technologies", ("alchemy",), "is not a list of known ids"),
        ("contested", "used", "maybe", "is none of yes, no"),
        ("missing", "known", -1, "is not between 0 and 1,000,000"),
    ],
)
def test_reasons_say_what_would_be_right(name: str, column: str, value: object, reason: str) -> None:
    frame = damaged(sample(name), {(2, column): value})
    refused = check(name, frame).refused
    assert refused[["row", "column", "reason"]].to_numpy().tolist() == [[2, column, reason]]


def test_all_rows_of_a_repeated_id_are_refused() -> None:
    frame = sample("projects")
    frame.iloc[5, 0] = frame.iloc[1, 0]
    refused = check("projects", frame).refused
    assert refused["row"].tolist() == [1, 5]
    assert set(refused["reason"]) == {"is not unique"}


def test_numbers_may_come_as_text_and_are_kept_as_numbers() -> None:
    frame = sample("projects")
    frame["award_gbp"] = ["21300000", "", "1e6", None, 5, "0", " 7 ", float("nan")]
    checked = check("projects", frame)
    assert checked.rows_refused == 0
    assert checked.kept["award_gbp"].fillna(-1).tolist() == [21.3e6, -1, 1e6, -1, 5, 0, 7, -1]


def test_columns_at_fault_are_all_named_with_the_nearest() -> None:
    frame = sample("assets").rename(columns={"russell_group": "russel_group"}).drop(columns="note")
    frame.insert(0, "town", "Bath", allow_duplicates=True)
    with pytest.raises(TableError) as caught:
        check("assets", frame)
    message = str(caught.value)
    assert message.startswith("assets: ")
    assert "column 'note' is missing" in message
    assert "column 'russell_group' is missing" in message
    assert "column 'russel_group' is unknown, did you mean 'russell_group'?" in message
    assert "column 'town' stands there 2 times" in message


@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_without_rows_keeps_its_schema(name: str) -> None:
    empty = pd.DataFrame({column: pd.Series([], dtype=object) for column in COLUMNS[name]()})
    checked = check(name, empty)
    assert checked.kept.empty
    assert checked.refused.empty


@pytest.mark.parametrize("name", COLUMNS)
def test_no_row_of_a_shipped_table_is_refused(name: str) -> None:
    checked = check(name, table(name))
    assert checked.refused.empty
    assert len(checked.kept) == len(table(name)) > 0


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_says_what_it_means(name: str) -> None:
    assert all(column.description for column in COLUMNS[name]().values())


def test_the_callers_table_stays_as_it_was() -> None:
    frame = damaged(sample("projects"), {(0, "award_gbp"): "a lot"})
    before = frame.copy()
    check("projects", frame)
    pd.testing.assert_frame_equal(frame, before)
