"""Why rows of a register are refused, what of those kept is worth a word, and what may help a whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.plural import count
from data.schemas import EASTING, NORTHING
from intake.ground import WITHIN_M

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

APART_M: Final = 20_000.0
"""From here on coordinates and postcode contradict each other; a wrong system is off by more."""

FARTHEST_M: Final = 1e11
"""Metres either way that coordinates of a plane may have: cells of larger ones could not be numbered."""

METRES: Final = "expected metres of the British National Grid"
PLANAR: Final = "expected metres of a plane"
DEGREES: Final = "expected degrees (WGS 84)"
NO_PLACE: Final = "no place given"
NO_POSTCODE: Final = f'{NO_PLACE}: expected a postcode such as "OX11 0QR"'
NULL_ISLAND: Final = "0, 0 stands for an unknown place"
INFINITE: Final = "not a finite number"
NOT_A_NUMBER: Final = "not a number"
LIKE_DEGREES: Final = f"looks like longitude and latitude: {METRES}"
LIKE_SWAPPED_DEGREES: Final = f"looks like latitude and longitude: {METRES}"
LIKE_MERCATOR: Final = f"looks like Web Mercator (EPSG:3857): {METRES}"
LIKE_METRES: Final = f"looks like metres: {DEGREES}"
NOT_DEGREES: Final = f"{DEGREES}: longitudes are from -180 to 180 and latitudes from -90 to 90"
AXES_SWAPPED: Final = f"longitude and latitude seem swapped: {DEGREES}"
SWAPPED: Final = "easting and northing seem swapped: the other way round the point lies on land"
IRISH: Final = f"looks like Irish Grid: {METRES} (EPSG:27700)"
SWAPPED_OR_IRISH: Final = f"easting and northing seem swapped, or it looks like Irish Grid: {METRES}"
OUTSIDE: Final = (
    f"outside the United Kingdom, whose eastings are from {EASTING[0]:,} to {EASTING[1]:,} and northings "
    f"from {NORTHING[0]:,} to {NORTHING[1]:,} metres"
)
SEA: Final = f"lies in the sea or abroad, more than {WITHIN_M / 1000:.0f} km from any authority"
CONTRADICTED: Final = f"lies more than {APART_M / 1000:.0f} km from where its postcode is"
FAR: Final = f"{PLANAR}, at most {FARTHEST_M:,.0f} either way"
NOT_A_POSTCODE: Final = 'does not have the form of a UK postcode, such as "OX11 0QR"'
NOT_A_PLACE: Final = "not a place of work"

# What to do when most rows have one fault: a part of its reason, and the advice. The first that fits is told.
HINTS: Final[Mapping[str, str]] = {
    "where the header names": "lines have more or fewer values than the header has names: look at the "
    "delimiter and at quotation marks",
    SWAPPED_OR_IRISH: "eastings and northings seem swapped (exchange --easting-column and "
    "--northing-column) or in the Irish Grid (convert them to EPSG:27700)",
    SWAPPED: "eastings and northings seem swapped: exchange --easting-column and --northing-column",
    IRISH: "coordinates seem to be in the Irish Grid: convert them to the British National Grid (EPSG:27700)",
    LIKE_DEGREES: "eastings and northings look like longitudes and latitudes: name the columns with "
    "--lon-column and --lat-column",
    LIKE_SWAPPED_DEGREES: "eastings and northings look like latitudes and longitudes: name the columns with "
    "--lat-column and --lon-column",
    LIKE_MERCATOR: "coordinates look like Web Mercator (EPSG:3857): convert them to EPSG:27700",
    LIKE_METRES: "longitudes and latitudes look like metres: name the columns with --easting-column and "
    "--northing-column",
    AXES_SWAPPED: "longitudes and latitudes seem swapped: exchange --lon-column and --lat-column",
    OUTSIDE: "coordinates lie outside the United Kingdom: convert them to EPSG:27700, or name other columns",
    SEA: "coordinates lie in the sea or abroad: convert them to EPSG:27700, or name other columns",
    "does not have the form of a UK postcode": "the postcode column does not hold postcodes: name the right "
    "one with --postcode-column",
    NOT_A_PLACE: "postcodes are cut short: give them in full, or give coordinates",
    NOT_A_NUMBER: "coordinates are not numbers: write plain numbers such as 451000, or name other columns",
    NULL_ISLAND: "coordinates are 0, 0: name other columns, or place the firms by --postcode-column",
    NO_PLACE: "they say no place: name other columns",
}

NO_SECTOR: Final = "rows without a sector"
NEAR_COAST: Final = "rows off the coast, given the nearest authority"
ELSEWHERE: Final = f"rows whose postcode lies more than {APART_M / 1000:.0f} km from their coordinates"
NOTES: Final = (NO_SECTOR, NEAR_COAST, ELSEWHERE)
"""Keys of `intake.admission.Admission.notes`."""
_ONE: Final[Mapping[str, str]] = {
    NO_SECTOR: "row without a sector",
    NEAR_COAST: "row off the coast, given the nearest authority",
    ELSEWHERE: ELSEWHERE.replace("rows", "row", 1).replace("their coordinates", "its coordinates"),
}


def hint(refused: pd.DataFrame, rows: int) -> str:
    """Say what to do when more than half of all rows were refused for one fault of the whole file.

    Parameters
    ----------
    refused : DataFrame
        Lines of `Admission.refused`, of the whole register.
    rows : int
        Rows of the register.

    Returns
    -------
    str
        A sentence, empty where there is no such fault.
    """
    counts = refused["reason"].value_counts()
    reasons = counts.index.to_series()
    for part, advice in HINTS.items():
        # A point that may be either counts for both.
        parts = (part, SWAPPED_OR_IRISH) if part in (SWAPPED, IRISH) else (part,)
        number = sum(int(counts[reasons.str.contains(one, regex=False)].sum()) for one in parts)
        if number * 2 > rows:
            verb = "was" if number == 1 else "were"
            return f"{number:,} of {count(rows, 'row')} {verb} refused because {advice}."
    return ""


def noted(notes: Mapping[str, int]) -> list[str]:
    """Return the notes of a report in sentences, those of no row left out."""
    return [f"{count(number, _ONE.get(words, words), words)}." for words, number in notes.items() if number]
