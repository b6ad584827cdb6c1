"""What to do about a whole file in which most rows have one fault."""

from __future__ import annotations

import pytest

from data.refusals import no_refusals
from intake.reasons import hint
from tests.intake.small_tables import LONDON, judged, table_of
from tests.intake.test_coordinates import COLERAINE


@pytest.mark.parametrize(
    ("columns", "advice"),
    [
        ({"easting": ["-0.14"], "northing": ["51.5"]}, "--lon-column"),
        ({"easting": ["51.5"], "northing": ["-0.14"]}, "latitudes and longitudes"),
        ({"easting": ["179644"], "northing": ["529089"]}, "exchange --easting-column and --northing-column"),
        ({"easting": ["285000"], "northing": ["432000"]}, "or in the Irish Grid"),
        ({"easting": ["285000"], "northing": ["432000"], "postcode": ["BT52 1AA"]}, "convert them"),
        ({"easting": ["-15700"], "northing": ["6711000"]}, "Web Mercator"),
        ({"easting": ["x"], "northing": ["y"]}, "not numbers"),
        ({"easting": [""], "northing": [""]}, "say no place"),
        ({"easting": ["0"], "northing": ["0"]}, "0, 0"),
        ({"lon": ["51.5"], "lat": ["-0.14"]}, "exchange --lon-column and --lat-column"),
        ({"lon": ["529089"], "lat": ["179644"]}, "--easting-column"),
        ({"lon": ["13.4"], "lat": ["52.5"]}, "outside the United Kingdom"),
        ({"lon": ["2"], "lat": ["55"]}, "in the sea"),
        ({"postcode": ["Swindon"]}, "--postcode-column"),
        ({"postcode": ["OX11"]}, "cut short"),
    ],
)
def test_hints_say_what_to_do(ground, columns, advice):
    refused = judged(ground, table_of(**columns)).refused
    assert advice in hint(refused, 1)
    assert hint(refused, 1).startswith("1 of 1 row was refused because ")
    assert hint(refused, 2) == ""


def test_no_hint_without_one_reason_for_most(ground):
    assert hint(no_refusals(), 0) == ""
    assert hint(judged(ground, table_of(postcode=["OX11", "x", "SW1A 1ZZ"])).refused, 3) == ""


def test_points_that_may_be_either_count_for_both(ground):
    rows = [COLERAINE, (179644, 529089), (179600, 529000), LONDON]
    table = table_of(easting=[x for x, _ in rows], northing=[y for _, y in rows])
    assert hint(judged(ground, table).refused, 4).startswith("3 of 4 rows")
