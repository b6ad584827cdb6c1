"""Sizes and dates as registers write them: read right, or unknown and counted."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.schemas import SIZE_BANDS
from intake.columns import Columns, choose
from intake.traits import BANDS, EXAMPLES, MOST_EMPLOYEES, band, employees, joined, size_of, trait_of, year

THIS_YEAR = datetime.now(tz=UTC).year
EVERY = np.arange


def read(role, values, kept=None):
    column = pa.chunked_array([pa.array(values)])
    return trait_of({role: column}, role, np.arange(len(values)) if kept is None else np.array(kept))


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), (" 1,250 ", 1_250), ("12.0", 12), ("5000000", MOST_EMPLOYEES)],
)
def test_employees_are_whole_numbers(text, number):
    assert employees(text) == number


@pytest.mark.parametrize(
    "text", ["12.5", "-3", "about 40", "1,2", "5000001", "1e3", "10-49", "£5", "٣", "", "999999999999"]
)
def test_what_is_no_number_of_employees_is_unknown(text):
    assert employees(text) is None


@pytest.mark.parametrize(
    "text",
    ["10-49", "10 to 49", "10 – 49", "10—49", "10TO49", "Small", "small (10 to 49)", "10-49 employees"],
)
def test_one_band_however_it_is_written(text):
    # The square root of 10 x 49 is 22.1.
    assert band(text) == 22


@pytest.mark.parametrize(
    ("text", "number"),
    [
        # Bands of the ONS, UK Business: Activity, Size and Location; the roots of least and most.
        *(("0 to 4", 2), ("5 to 9", 7), ("10 to 19", 14), ("20 to 49", 31), ("50 to 99", 70)),
        *(("100 to 249", 158), ("250+", 1_000), ("250 or more", 1_000), ("1,000 and over", 4_000)),
        *((">= 250", 1_000), ("over 249", 1_000), ("under 5", 2), ("<10", 3), ("up to 9", 3), ("0", 0)),
        ("Medium-sized (50 to 249)", 112),
    ],
)
def test_bands_of_official_statistics(text, number):
    assert band(text) == number


@pytest.mark.parametrize(
    "text",
    # Spreadsheets make dates of bands; turnover is not employment.
    ["Oct-19", "2019-10-01", "49-10", "£1m to £5m", "10-49k", "under 0", "0+", "tiny", "", "-5", "10--49"],
)
def test_what_is_no_band_is_unknown(text):
    assert band(text) is None


def test_the_shipped_bands_are_all_known():
    assert set(SIZE_BANDS) <= set(BANDS)
    assert [band(name) for name in SIZE_BANDS] == [3, 22, 112, 1_000]


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_the_middle_of_a_band_lies_within(one, other):
    low, high = sorted((one, other))
    assert low <= band(f"{low} to {high}") <= high


@given(st.dates(date(1000, 1, 1), date(THIS_YEAR - 1, 12, 31)))
def test_dates_are_read_however_they_are_written(day):
    texts = [day.isoformat(), f"{day:%d/%m/}{day.year}", f"{day.isoformat()}T00:00:00Z", f"{day.year}"]
    assert {year(text) for text in texts} == {day.year}


@pytest.mark.parametrize(
    "text",
    ["31/02/2012", "05/13/2012", "2012-13", "12", "0999", str(THIS_YEAR + 1), "20120501", "May 2012", ""],
)
def test_what_is_no_date_is_unknown(text):
    assert year(text) is None


def test_missing_and_unread_are_unknown_and_only_the_latter_counted():
    found = read("employees", ["12", "", None, "n/a", "many", "some", "some", "9" * 5_000])
    np.testing.assert_array_equal(found.values, [12, *[np.nan] * 7])
    assert found.unread == 4
    assert found.such_as == ("9" * 60, "many", "some")


def test_rows_that_are_refused_are_not_counted():
    found = read("size_band", ["small", "??", "large", "?"], kept=[0, 1])
    assert (found.values[0], found.unread, found.such_as) == (22, 1, ("??",))


def test_columns_of_numbers_and_of_dates():
    assert read("employees", [3, None, -1]).unread == 1
    assert read("employees", [3.0, 2.5, float("nan")]).values[0] == 3
    days = pa.array([date(2012, 5, 1), None], pa.date32())
    assert read("founded", days).values[0] == 2012
    assert read("founded", days.cast(pa.timestamp("us"))).values[0] == 2012
    assert read("founded", pa.array(["2012", "2012", "x"]).dictionary_encode()).unread == 1


def test_no_column_is_no_trait():
    assert size_of({}, EVERY(3)) is None
    assert trait_of({}, "founded", EVERY(3)) is None
    assert joined([None, None]) is None


@given(st.lists(st.sampled_from(["1", "x", "y", "z", "w", ""]), min_size=2), st.data())
def test_parts_add_up(values, data):
    cut = data.draw(st.integers(1, len(values) - 1))
    whole, parts = (
        read("employees", values),
        joined([read("employees", values[:cut]), read("employees", values[cut:])]),
    )
    np.testing.assert_array_equal(whole.values, parts.values)
    assert whole[1:] == parts[1:]
    assert len(whole.such_as) <= EXAMPLES


# --- Which column tells the size

PRESENT = ["sector", "easting", "northing", "employees", "size_band", "band", "founded_year"]


def roles(**asked):
    return dict(choose(Columns(**asked), PRESENT, "'file'")[0])


def test_employees_go_before_bands_unless_bands_are_asked_for():
    assert "employees" in roles()
    assert "size_band" not in roles()
    asked = roles(size_band="band")
    assert asked["size_band"] == "band"
    assert "employees" not in asked
    assert roles()["founded"] == "founded_year"


def test_two_sizes_are_refused():
    with pytest.raises(InputError, match="--employees-column and --size-band-column exclude"):
        roles(size_band="band", employees="size_band")


def test_a_column_that_is_not_there_is_named_with_its_option():
    with pytest.raises(InputError, match=r"no column 'started'.*--founded-column names it"):
        roles(founded="started")
