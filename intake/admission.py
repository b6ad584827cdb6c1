"""Which rows of a register may take part in the search for clusters, and why the others may not.

A row takes part when it says where it is, in the system that the register uses, and lies within reach of an
authority of the United Kingdom. Rows in = rows kept + rows refused, always: a row that is refused has one
line, with the first fault found. A row without a sector stays: all firms are the background of each sector.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.ndimage import maximum_filter1d

from data.plural import count
from data.schemas import EASTING, NORTHING
from geo.boundaries import regions
from geo.locate import CELL_M, Locator, prepare
from geo.locate import OUTSIDE as NOWHERE
from geo.postcodes import NO_METRES, Postcodes, postcodes
from geo.projections import irish_to_bng, to_bng
from intake.register import FAULT, GRID, LINE, LONLAT, PLACES, POSTCODE, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from intake.register import Register

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

WITHIN_M: Final = 2_000.0
"""How far from the nearest authority a firm may lie: boundaries at the coast are approximate."""

REACH_CELLS: Final = int(WITHIN_M // CELL_M) + 1
"""As many cells, and one against rounding."""

APART_M: Final = 20_000.0
"""From here on coordinates and postcode contradict each other; a wrong system is off by more."""

LONLAT_DECIMALS: Final = 1
"""Decimals of metres that are kept of longitudes and latitudes: PROJ without its grid knows no better."""

QUOTED: Final = 60
"""Most characters of a value that a refusal quotes."""

REFUSED: Final = ("row", "column", "value", "reason")

# Longitudes and latitudes of the United Kingdom and some sea.
LON: Final = (-9.5, 2.5)
LAT: Final = (49.0, 61.5)
# Eastings and northings of all Ireland in the Irish Grid, in metres.
IRISH_BOX: Final = (0.0, 500_000.0)
# Web Mercator, which web maps use, puts the United Kingdom here (metres).
MERCATOR_X: Final = (-1_100_000.0, 300_000.0)
MERCATOR_Y: Final = (6_200_000.0, 8_800_000.0)
# Texts that stand for a missing value, in small letters.
NOTHING: Final = ("", "nan", "null", "none", "na", "n/a", "#n/a", "-")
# What may be a postcode or a part of one, all but letters and digits taken out.
POSTCODE_FORM: Final = "^(?:(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT)(?:[0-9][A-Z]{0,2})?|[A-Z]{1,2})$"
# Beyond this no error in degrees explains a number.
NOT_AN_ANGLE: Final = 1_000.0
# What a number may look like.
NUMBER_FORM: Final = r"^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|(?i:inf|infinity))$"
# Four blanks, as bytes of a number.
BLANKS: Final = np.uint64(int.from_bytes(b"    ", "big"))
# Longer ids than this are hashed one by one.
HASHED_BYTES: Final = 64

METRES: Final = "expected metres of the British National Grid"
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
"""Keys of `Admission.notes`."""
_ONE: Final[Mapping[str, str]] = {
    NO_SECTOR: "row without a sector",
    NEAR_COAST: "row off the coast, given the nearest authority",
    ELSEWHERE: ELSEWHERE.replace("rows", "row", 1).replace("their coordinates", "its coordinates"),
}


@dataclass(frozen=True, eq=False)
class Ground:
    """What places are judged by: unit postcodes and the authorities' areas.

    Attributes
    ----------
    directory
        Unit postcodes.
    locator
        Authorities, prepared for points.
    authority
        For each place in `Postcodes.authorities` the place in `la_codes`, -1 for none; the last element is
        -1, for postcodes without an authority.
    reach
        Cells (rows from the south, columns from the west) of the locator's grid and `REACH_CELLS` more on
        each side: whether an authority may be within `WITHIN_M` of a point in the cell.
    """

    directory: Postcodes = field(repr=False)
    locator: Locator = field(repr=False)
    authority: NDArray[np.int16] = field(repr=False)
    reach: Mask = field(repr=False)

    @property
    def la_codes(self) -> tuple[str, ...]:
        """GSS codes of the authorities."""
        return self.locator.region_ids


@dataclass(frozen=True, eq=False)
class Admission:
    """What became of the rows of a table.

    Attributes
    ----------
    rows
        How many there were: ``len(row) + len(refused)``.
    row
        Number in the whole register of each firm that takes part, ascending.
    firm_id
        Text, missing where empty; None where the register has no such column.
    easting, northing
        Metres (EPSG:27700).
    la
        Authority of each firm as its place in `la_codes`; -1 where unknown.
    firm, label
        One element for each label of each firm: places in the firms above and in `names`; ordered by firm,
        then label.
    names
        Labels that firms above carry, sorted.
    refused
        row, column (as the user calls it; "" for a whole line), value, reason; ordered by row.
    notes
        How many of the rows kept are worth a word; the keys are `NOTES`.
    la_codes
        GSS codes.
    name
        Text, missing where empty; None where the register has no such column.
    """

    rows: int
    row: NDArray[np.int64]
    firm_id: pa.Array | None
    easting: Floats
    northing: Floats
    la: NDArray[np.int16]
    firm: NDArray[np.int32]
    label: NDArray[np.int32]
    names: tuple[str, ...]
    refused: pd.DataFrame
    notes: dict[str, int]
    la_codes: tuple[str, ...] = ()
    name: pa.Array | None = None


class _Spot(NamedTuple):
    """Where rows are: metres (EPSG:27700) and authority, as `Admission` has them, of every row of a table."""

    x: Floats
    y: Floats
    la: NDArray[np.int16]


@dataclass(eq=False)
class _Judge:
    """Rows of one table, which of them still stand, and the lines of those that do not."""

    table: pa.Table
    register: Register
    ground: Ground
    fine: Mask = field(init=False)
    lines: list[tuple[Ints, str, pa.Array, pa.Array]] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NOTES, 0))

    def __post_init__(self) -> None:
        self.fine = np.ones(self.table.num_rows, dtype=bool)

    @property
    def place(self) -> tuple[str, ...]:
        """Roles of the columns that place a firm."""
        return PLACES[self.register.place]

    @cached_property
    def beside(self) -> _Known | None:
        """Where the postcodes are that stand beside coordinates, if any do."""
        if not self.register.has_postcode:
            return None
        return _looked_up(_whole(self.table["postcode"]), self.ground)

    def refuse(
        self, mask: Mask, roles: Sequence[str], reason: str | pa.Array, rows: Ints | None = None
    ) -> None:
        """Refuse those rows of a mask that still stand.

        Parameters
        ----------
        mask : array of bool
            Over all rows, or over `rows`.
        roles : sequence of str
            Columns at fault.
        reason : str or Array
            One for all, or one for each row that the mask holds.
        rows : array of int, optional
            Rows that the mask is over.
        """
        faulty = np.flatnonzero(mask) if rows is None else rows[mask]
        stands = self.fine[faulty]
        if not stands.any():
            return
        faulty = faulty[stands]
        told = pa.repeat(reason, len(faulty)) if isinstance(reason, str) else reason.filter(pa.array(stands))
        self.fine[faulty] = False
        columns = ", ".join(self.register.column(role) for role in roles if role != LINE)
        self.lines.append((faulty, columns, self._values(faulty, roles), told))

    def _values(self, rows: Ints, roles: Sequence[str]) -> pa.Array:
        texts = [_shown(as_text(_whole(self.table[role].take(pa.array(rows))))) for role in roles]
        return texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, ", ")

    def refused(self, first_row: int) -> pd.DataFrame:
        """Return a line for each row refused, ordered by row."""
        if not self.lines:
            return no_refusals()
        rows = np.concatenate([rows for rows, *_ in self.lines])
        columns = pa.concat_arrays([pa.repeat(name, len(rows)) for rows, name, *_ in self.lines])
        values = pa.concat_arrays([values for *_, values, _ in self.lines])
        reasons = pa.concat_arrays([reasons for *_, reasons in self.lines])
        order = np.argsort(rows)
        texts = {"column": columns, "value": values, "reason": reasons}
        taken = {name: _series(text.take(pa.array(order))) for name, text in texts.items()}
        return pd.DataFrame({"row": rows[order] + first_row, **taken}, columns=list(REFUSED))


def no_refusals() -> pd.DataFrame:
    """Return the table of refusals with no row."""
    empty = {name: _series(pa.array([], pa.string())) for name in REFUSED[1:]}
    return pd.DataFrame({"row": np.empty(0, dtype=np.int64), **empty})


@cache
def ground() -> Ground:
    """Return the shipped postcodes and the authorities in use; made once a process (some seconds)."""
    areas = regions("la").set_index("region_id").geometry
    return make_ground(postcodes(), prepare(areas))


def make_ground(directory: Postcodes, locator: Locator) -> Ground:
    """Join a directory of postcodes and the areas of authorities by GSS code."""
    places = {code: place for place, code in enumerate(locator.region_ids)}
    codes = [places.get(code, -1) for code in directory.authorities]
    return Ground(directory, locator, np.array([*codes, -1], dtype=np.int16), _reach(locator))


def _reach(locator: Locator) -> Mask:
    """Widen the cells that authorities touch: from elsewhere nobody need look for the nearest one."""
    grid = locator.grid
    land = (locator.table[:-1] != NOWHERE).reshape(grid.rows, grid.columns).astype(np.uint8)
    wide = np.pad(land, REACH_CELLS)
    for axis in (0, 1):
        wide = maximum_filter1d(wide, 2 * REACH_CELLS + 1, axis=axis)
    return wide.astype(bool)


def admit(table: pa.Table, first_row: int, register: Register, ground: Ground) -> Admission:
    """Split a table of `intake.register.batches` into firms that take part and rows that do not.

    Parameters
    ----------
    table : Table
        Columns named by role: sector and those of ``register.place``; perhaps firm_id and postcode.
    first_row : int
        Number of its first row in the register.
    register : Register
        What places a firm, and what the columns are called.
    ground : Ground
        See `ground`.
    """
    judge = _Judge(table, register, ground)
    _refuse_lines(judge)
    spot = {GRID: _by_grid, LONLAT: _by_lonlat, POSTCODE: _by_postcode}[register.place](judge)
    kept = np.flatnonzero(judge.fine)
    firm, label, names, bare = _labelling(table["sector"], kept)
    return Admission(
        rows=table.num_rows,
        row=kept + first_row,
        firm_id=_texts(table, "firm_id", kept),
        easting=spot.x[kept],
        northing=spot.y[kept],
        la=spot.la[kept],
        firm=firm,
        label=label,
        names=names,
        refused=judge.refused(first_row),
        notes=judge.notes | {NO_SECTOR: bare},
        la_codes=ground.la_codes,
        name=_texts(table, "name", kept),
    )


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


# --- Lines that could not be read


def _refuse_lines(judge: _Judge) -> None:
    if FAULT in judge.table.column_names:
        faults = _whole(judge.table[FAULT])
        judge.refuse(_mask(faults.is_valid()), (LINE,), faults.drop_null())


# --- Coordinates


def _by_grid(judge: _Judge) -> _Spot:
    x, y = _numbers(judge, f"{METRES} such as 451000")
    judge.refuse(_within(x, LAT) & _within(y, LON), judge.place, LIKE_SWAPPED_DEGREES)
    judge.refuse((np.abs(x) <= 180) & (np.abs(y) <= 180), judge.place, LIKE_DEGREES)
    judge.refuse(_within(x, MERCATOR_X) & _within(y, MERCATOR_Y), judge.place, LIKE_MERCATOR)
    return _located(judge, x, y)


def _by_lonlat(judge: _Judge) -> _Spot:
    lon, lat = _numbers(judge, f"{DEGREES} such as -0.1416")
    judge.refuse(_within(lon, LAT) & _within(lat, LON), judge.place, AXES_SWAPPED)
    degrees = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    large = np.maximum(np.abs(lon), np.abs(lat)) > NOT_AN_ANGLE
    judge.refuse(large & _is_boxed(lon, lat), judge.place, LIKE_METRES)
    judge.refuse(~degrees, judge.place, NOT_DEGREES)
    return _located(judge, *_projected(_where(judge.fine, lon), _where(judge.fine, lat)))


def _projected(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Project each distinct point once; firms share places."""
    first, inverse = _unique_points(lon, lat)
    x, y = to_bng(lon[first], lat[first])
    return np.round(x, LONLAT_DECIMALS)[inverse], np.round(y, LONLAT_DECIMALS)[inverse]


def _located(judge: _Judge, x: Floats, y: Floats) -> _Spot:
    """Give each row its authority; refuse those outside the box, at sea, or far from a BT postcode."""
    boxed = judge.fine & _is_boxed(x, y)
    la, near = _authority(judge.ground, x, y, boxed)
    outside, sea = judge.fine & ~boxed, boxed & (la < 0)
    if judge.register.place == GRID:
        _refuse_misread(judge, x, y, np.flatnonzero(outside | sea))
    judge.refuse(outside, judge.place, OUTSIDE)
    judge.refuse(sea, judge.place, SEA)
    _compare_postcodes(judge, x, y)
    judge.notes[NEAR_COAST] = int((near & judge.fine).sum())
    return _Spot(x, y, la)


def _refuse_misread(judge: _Judge, x: Floats, y: Floats, lost: Ints) -> None:
    """Refuse rows off land that would lie on it if the axes were swapped or the grid were the Irish one.

    Numbers of the one kind often fit the other too; where a postcode stands beside them, it decides.
    """
    if not len(lost):
        return
    x, y = x[lost], y[lost]
    e, n = _from_irish(x, y)
    swapped = _is_on_land(judge.ground, y, x) & ~_is_apart(y, x, judge.beside, lost)
    irish = _is_on_land(judge.ground, e, n, "N") & ~_is_apart(e, n, judge.beside, lost)
    judge.refuse(swapped & irish, judge.place, SWAPPED_OR_IRISH, lost)
    judge.refuse(swapped, judge.place, SWAPPED, lost)
    judge.refuse(irish, judge.place, IRISH, lost)


def _compare_postcodes(judge: _Judge, x: Floats, y: Floats) -> None:
    """Hold coordinates against the postcode beside them.

    A point in Northern Ireland may be in the Irish Grid, and then looks like one in Wales or Cumbria: far
    from its postcode, it is refused. Elsewhere the postcode may be at fault (an agent's, say): such rows are
    but counted.
    """
    known = judge.beside
    if known is None:
        return
    rows = np.flatnonzero(judge.fine)
    rows = rows[_is_apart(x[rows], y[rows], known, rows)]
    northern = rows[known.is_irish[rows]]
    if judge.register.place == GRID and len(northern):
        e, n = _from_irish(x[northern], y[northern])
        irish = np.isfinite(e) & ~_is_apart(e, n, known, northern)
        judge.refuse(irish, judge.place, IRISH, northern)
    judge.refuse(np.ones(len(northern), dtype=bool), (*judge.place, "postcode"), CONTRADICTED, northern)
    judge.notes[ELSEWHERE] = len(rows) - len(northern)


def _is_apart(x: Floats, y: Floats, known: _Known | None, rows: Ints) -> Mask:
    """Say which points lie too far from their rows' postcodes; where either is unknown, none is."""
    if known is None:
        return np.zeros(len(rows), dtype=bool)
    # Numbers that are no coordinates may be of any size: what is too large to square is far.
    with np.errstate(over="ignore"):
        return np.asarray((x - known.x[rows]) ** 2 + (y - known.y[rows]) ** 2 > APART_M**2)


def _is_on_land(ground: Ground, x: Floats, y: Floats, nation: str = "") -> Mask:
    """Say which points lie in the UK, or in the nation whose codes begin so."""
    boxed = _is_boxed(x, y)
    la = ground.locator.indices(_where(boxed, x), _where(boxed, y))
    wanted = np.array([*(code.startswith(nation) for code in ground.la_codes), False])
    return np.asarray(wanted[la])


def _from_irish(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Read numbers as the Irish Grid; missing where they are not of Ireland."""
    ireland = _within(x, IRISH_BOX) & _within(y, IRISH_BOX)
    return irish_to_bng(_where(ireland, x), _where(ireland, y))


def _authority(ground: Ground, x: Floats, y: Floats, asked: Mask) -> tuple[NDArray[np.int16], Mask]:
    """Give the points asked for their authority, -1 for none within reach, and say which are but near one."""
    la = np.full(len(x), -1, dtype=np.int16)
    rows = slice(None) if asked.all() else np.flatnonzero(asked)
    la[rows] = ground.locator.indices(x[rows], y[rows])
    near = asked & (la < 0)
    if near.any():
        near[near] = _is_in_reach(ground, x[near], y[near])
        la[near] = _nearest(ground, x[near], y[near])
        near &= la >= 0
    return la, near


def _is_in_reach(ground: Ground, x: Floats, y: Floats) -> Mask:
    """Say which points lie in cells from which an authority may be within `WITHIN_M`."""
    grid, (rows, columns) = ground.locator.grid, ground.reach.shape
    row, column = grid.row(y) + REACH_CELLS, grid.column(x) + REACH_CELLS
    here = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    here[here] = ground.reach[row[here].astype(np.int64), column[here].astype(np.int64)]
    return np.asarray(here)


def _nearest(ground: Ground, x: Floats, y: Floats) -> NDArray[np.int16]:
    """Give points in no authority the nearest within `WITHIN_M`, -1 where there is none."""
    first, inverse = _unique_points(x, y)
    found = ground.locator.locate_nearest(pd.Series(x[first]), pd.Series(y[first]), WITHIN_M)
    return _places(ground, found["region_id"])[inverse]


def _places(ground: Ground, codes: pd.Series) -> NDArray[np.int16]:
    """Return the place of GSS codes in `Ground.la_codes`, -1 for a missing one."""
    return pd.Index(ground.la_codes).get_indexer(pd.Index(codes)).astype(np.int16)


def _unique_points(x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """Return where each distinct point stands, and which of these each point is; missing ones are alike."""
    keys = _mixed(x.view(np.uint64)) ^ y.view(np.uint64)
    inverse, distinct = pd.factorize(keys)
    first = np.empty(len(distinct), dtype=np.int64)
    first[inverse] = np.arange(len(x))
    own = first[inverse]
    same = ((x[own] == x) | np.isnan(x)) & ((y[own] == y) | np.isnan(y))
    if not same.all():  # two of 2^64 keys met
        return np.arange(len(x)), np.arange(len(x))
    return first, inverse


# --- Numbers


def _numbers(judge: _Judge, expected: str) -> tuple[Floats, Floats]:
    """Read two columns as numbers; refuse rows where one is missing, no number, infinite, or both are 0."""
    one, other = (_parsed(judge.table[role]) for role in judge.place)
    judge.refuse(one.missing & other.missing, judge.place, f"{NO_PLACE}: {expected}")
    for role, column in zip(judge.place, (one, other), strict=True):
        judge.refuse(column.missing, (role,), f"{NO_PLACE}: {expected}")
    for role, column in zip(judge.place, (one, other), strict=True):
        judge.refuse(column.bad, (role,), f"{NOT_A_NUMBER}: {expected}")
    for role, column in zip(judge.place, (one, other), strict=True):
        judge.refuse(np.isinf(column.values), (role,), f"{INFINITE}: {expected}")
    judge.refuse((one.values == 0) & (other.values == 0), judge.place, NULL_ISLAND)
    return one.values, other.values


class _Parsed(NamedTuple):
    """Numbers of a column, NaN where there is none, and which of them are missing or no numbers."""

    values: Floats
    missing: Mask
    bad: Mask


def _parsed(column: pa.ChunkedArray) -> _Parsed:
    values = _whole(column)
    if pa.types.is_string(values.type):
        return _parsed_texts(values)
    return _all_numbers(values)


def _all_numbers(values: pa.Array) -> _Parsed:
    numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return _Parsed(numbers, np.isnan(numbers), np.zeros(len(numbers), dtype=bool))


def _parsed_texts(values: pa.Array) -> _Parsed:
    """Read texts as numbers: all at once if they all are, else those that are."""
    try:
        return _all_numbers(values.cast(pa.float64()))
    except pa.ArrowInvalid:
        texts = pc.fill_null(pc.utf8_trim_whitespace(values), "")
    missing = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(NOTHING))
    good = pc.match_substring_regex(texts, NUMBER_FORM)
    numbers = pc.if_else(good, texts, pa.scalar(None, pa.string())).cast(pa.float64())
    bad = pc.invert(pc.or_(good, missing))
    return _Parsed(numbers.to_numpy(zero_copy_only=False), _mask(missing), _mask(bad))


# --- Postcodes


@dataclass(frozen=True, eq=False)
class _Known:
    """Where each row's postcode is: metres, missing where it is no full postcode that is known."""

    x: Floats
    y: Floats
    la: NDArray[np.int16]
    is_irish: Mask
    """Whether it is one of Northern Ireland, whose own grid is the Irish one."""


def _by_postcode(judge: _Judge) -> _Spot:
    texts = _whole(judge.table["postcode"])
    known = _looked_up(texts, judge.ground)
    spot = _Spot(known.x, known.y, known.la)
    lost = np.flatnonzero(np.isnan(spot.x) & judge.fine)
    if not len(lost):
        return spot
    texts = pc.fill_null(pc.utf8_trim_whitespace(texts.take(pa.array(lost))), "")
    judge.refuse(
        _mask(pc.is_in(pc.utf8_lower(texts), value_set=pa.array(NOTHING))), judge.place, NO_POSTCODE, lost
    )
    bare = pc.replace_substring_regex(pc.utf8_upper(texts), pattern=r"[^\pL\pN]+", replacement="")
    judge.refuse(~_mask(pc.match_substring_regex(bare, POSTCODE_FORM)), judge.place, NOT_A_POSTCODE, lost)
    left = judge.fine[lost]
    return _read_closely(judge, texts.filter(pa.array(left)), lost[left], spot)


def _read_closely(judge: _Judge, texts: pa.Array, rows: Ints, spot: _Spot) -> _Spot:
    """Place by the directory's own reading what was not found at once; refuse the rest with its reason."""
    inverse, distinct = pd.factorize(texts.to_numpy(zero_copy_only=False))
    found = judge.ground.directory.geocode(pd.Series(distinct, dtype=object))
    level, reason = found["location_precision"].fillna(""), found["reason"].to_numpy(object).copy()
    part = ((reason == "") & (level != "postcode")).to_numpy()
    reason[part] = [f"but a postcode {one}, {NOT_A_PLACE}: give it in full" for one in level[part]]
    out = _Spot(spot.x.copy(), spot.y.copy(), spot.la.copy())
    out.x[rows] = found["easting"].to_numpy(float)[inverse]
    out.y[rows] = found["northing"].to_numpy(float)[inverse]
    out.la[rows] = _places(judge.ground, found["la_code"])[inverse]
    bad = (reason != "")[inverse]
    judge.refuse(bad, judge.place, pa.array(reason, pa.string()).take(pa.array(inverse[bad])), rows)
    return out


def _looked_up(texts: pa.Array, ground: Ground) -> _Known:
    """Find full postcodes in the directory, in any case and with any spaces, all at once."""
    directory, keys = ground.directory, _postcode_keys(texts)
    # Sorted questions run through the directory once instead of jumping about in it.
    order = np.argsort(keys)
    asked = keys[order]
    at = np.minimum(np.searchsorted(directory.codes, asked), len(directory) - 1)
    place = np.empty_like(at)
    place[order] = np.where(directory.codes[at] == asked, at, -1)
    x, y = directory.eastings[place], directory.northings[place]
    found = (place >= 0) & (x != NO_METRES)
    authority = np.minimum(directory.authority[place], len(directory.authorities))
    la = np.where(found, ground.authority[authority], -1).astype(np.int16)
    irish = found & (keys >> np.uint64(48) == int.from_bytes(b"BT", "big"))
    return _Known(_where(found, x), _where(found, y), la, irish)


def _postcode_keys(texts: pa.Array) -> NDArray[np.uint64]:
    """Write what may be a full postcode as the directory does (see `geo.postcodes.encode`), else 0."""
    compact = pc.replace_substring(pc.ascii_upper(pc.fill_null(texts, "")), " ", "")
    start, size, words = _words(compact)
    keys = np.zeros(len(texts), dtype=np.uint64)
    rows = np.flatnonzero((size >= 5) & (size <= 7))
    word = words[start[rows]].astype(np.uint64)
    # The last three characters are the inward code; the outward one is filled up to four with blanks.
    bits = (size[rows] - 3).astype(np.uint64) * np.uint64(8)
    blanks = BLANKS >> bits.clip(max=31)
    outward = (word >> (np.uint64(64) - bits) << (np.uint64(32) - bits)) | blanks
    inward = word << bits >> np.uint64(40)
    keys[rows] = (outward << np.uint64(32)) | (inward << np.uint64(8))
    return keys


def _words(texts: pa.Array) -> tuple[Ints, Ints, NDArray[Any]]:
    """Return where each text begins, its length in bytes, and for each byte the eight that begin there."""
    _, offsets, data = texts.buffers()
    given = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    ends = given.astype(np.int64) if len(given) else np.zeros(1, dtype=np.int64)
    raw = np.frombuffer(data, dtype=np.uint8)[: ends[-1]] if data is not None else np.empty(0, np.uint8)
    padded = np.concatenate([raw, np.zeros(8, dtype=np.uint8)])
    words = np.ndarray((len(raw) + 1,), dtype=">u8", buffer=padded, strides=(1,))
    return ends[:-1], np.diff(ends), words


# --- Labels and ids


def _labelling(
    column: pa.ChunkedArray, kept: Ints
) -> tuple[NDArray[np.int32], NDArray[np.int32], tuple[str, ...], int]:
    """Return firm and label of each label of the rows kept, the names, and how many rows have no label."""
    values = _whole(column)
    if len(kept) < len(values):
        values = values.take(pa.array(kept))
    if pa.types.is_list(values.type):
        owner, flat = pc.list_parent_indices(values).to_numpy(), values.flatten()
    else:
        owner, flat = None, values
    codes, texts = _encoded(flat)
    names, sizes, labels = _split(texts, _used(codes))
    # The last size, 0, is that of a missing text, whose code is -1.
    number = sizes[codes]
    firm = np.repeat(np.arange(len(codes)) if owner is None else owner, number)
    starts = np.concatenate([[0], np.cumsum(sizes)])[codes]
    within = np.arange(len(firm)) - np.repeat(np.cumsum(number) - number, number)
    label = labels[np.repeat(starts, number) + within]
    if owner is not None:
        firm, label = _once(firm, label, len(names))
    bare = len(kept) - len(np.unique(firm)) if owner is not None else int((number == 0).sum())
    return firm.astype(np.int32), label.astype(np.int32), names, bare


def _used(codes: Ints) -> Ints:
    """Return the codes that occur, ascending, but for -1."""
    return np.flatnonzero(np.bincount(codes + 1)[1:])


def _encoded(values: pa.Array) -> tuple[NDArray[np.int64], list[str | None]]:
    """Return for each value the place of its text among the distinct texts, -1 where missing."""
    encoded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return codes, encoded.dictionary.to_pylist()


def _split(texts: Sequence[str | None], used: Ints) -> tuple[tuple[str, ...], Ints, Ints]:
    """Split distinct texts into labels, each once a text.

    Returns
    -------
    tuple
        Names in sorted order; how many labels each text has, and 0 at the end; the labels' numbers, text
        after text, ascending in each.
    """
    pieces = {at: {piece.strip() for piece in (texts[at] or "").split(";")} - {""} for at in used.tolist()}
    names = tuple(sorted(set().union(*pieces.values())))
    number = {name: at for at, name in enumerate(names)}
    sizes = np.zeros(len(texts) + 1, dtype=np.int64)
    sizes[used] = [len(own) for own in pieces.values()]
    labels = [at for own in pieces.values() for at in sorted(number[name] for name in own)]
    return names, sizes, np.array(labels, dtype=np.int64)


def _once(firm: Ints, label: Ints, labels: int) -> tuple[Ints, Ints]:
    """Keep each pair of firm and label once, in order."""
    pairs = np.unique(firm.astype(np.int64) * max(labels, 1) + label)
    return pairs // max(labels, 1), pairs % max(labels, 1)


def _texts(table: pa.Table, role: str, kept: Ints) -> pa.Array | None:
    """Return a column of the rows kept, missing where empty."""
    if role not in table.column_names:
        return None
    ids = _whole(table[role])
    ids = ids if len(kept) == len(ids) else ids.take(pa.array(kept))
    empty = pc.equal(pc.binary_length(ids), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), ids) if pc.any(empty).as_py() else ids


# --- Ids given more than once


def id_hashes(firm_ids: pa.Array | Iterable[str | None]) -> NDArray[np.uint64]:
    """Hash ids to 64 bits, alike in every process; 0 stands for a missing id.

    Two ids of one hash need not be equal, so what `seen_again` finds is to be looked at by id.
    """
    ids = firm_ids if isinstance(firm_ids, pa.Array) else pa.array(firm_ids, pa.string())
    texts = pc.fill_null(ids, "")
    start, size, words = _words(texts)
    hashes = _mixed(size.astype(np.uint64))
    for at in range(0, min(int(size.max(initial=0)), HASHED_BYTES), 8):
        rows = np.flatnonzero(size > at)
        beyond = (8 * np.maximum(at + 8 - size[rows], 0)).astype(np.uint64)
        word = words[start[rows] + at].astype(np.uint64) >> beyond
        hashes[rows] = _mixed(hashes[rows] ^ word)
    for row in np.flatnonzero(size > HASHED_BYTES):
        digest = hashlib.blake2b(texts[int(row)].as_py().encode(), digest_size=8).digest()
        hashes[row] = int.from_bytes(digest, "big")
    hashes[size == 0] = 0
    return hashes


def seen_again(hashes: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Return, sorted, the hashes that occur more than once in all arrays together; 0 is passed over.

    It may be done apart for each remainder of the hashes, on different machines: equal hashes meet.
    """
    arrays = list(hashes)
    ordered = np.sort(np.concatenate(arrays)) if arrays else np.empty(0, dtype=np.uint64)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.unique(again[again != 0])


def refuse_repeated(firms: pd.DataFrame, column: str = "firm_id") -> pd.DataFrame:
    """Choose which row of each id stays, and refuse the others.

    The first by easting, northing, sector and then row stays, so that the order of rows has no say in what is
    found.

    Parameters
    ----------
    firms : DataFrame
        row, firm_id, easting, northing, sector (text) of the rows whose id may be repeated; a missing id is
        never repeated.
    column : str
        What the user calls the column of ids.

    Returns
    -------
    DataFrame
        row, column, value, reason; ordered by row.
    """
    keys = ["firm_id", "easting", "northing", "sector", "row"]
    ordered = firms[firms["firm_id"].notna()].sort_values(keys, kind="stable")
    again = ordered["firm_id"].duplicated().to_numpy()
    kept = ordered["row"].where(~again).ffill()
    lines = ordered[again]
    if lines.empty:
        return no_refusals()
    rows = [f"given more than once: row {int(row)} is the one that stays" for row in kept[again]]
    values = _shown(pa.array(lines["firm_id"].astype(object), pa.string()))
    texts = {"column": column, "value": _series(values), "reason": rows}
    out = pd.DataFrame({"row": lines["row"].to_numpy(np.int64), **texts})
    return out.astype({"column": "str", "reason": "str"}).sort_values("row", ignore_index=True)


# --- Small things


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix 64 bits so that each depends on all (the finaliser of SplitMix64, Steele, Lea and Flood 2014)."""
    out = values + np.uint64(0x9E3779B97F4A7C15)
    out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(out ^ (out >> np.uint64(31)))


def _shown(texts: pa.Array) -> pa.Array:
    """Quote texts: not too long, control characters written out, nothing for a missing one."""
    short = pc.utf8_slice_codeunits(pc.fill_null(texts, ""), 0, QUOTED)
    wild = _mask(pc.match_substring_regex(short, r"[\pC\p{Zl}\p{Zp}]"))
    if not wild.any():
        return short
    plain = [ascii(one)[1:-1][:QUOTED] for one in short.filter(pa.array(wild)).to_pylist()]
    return pc.replace_with_mask(short, pa.array(wild), pa.array(plain, pa.string()))


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column as one array."""
    if isinstance(column, pa.Array):
        return column
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()


def _mask(flags: pa.Array) -> Mask:
    return np.asarray(flags.to_numpy(zero_copy_only=False), dtype=bool)


def _where(mask: Mask, values: NDArray[Any]) -> Floats:
    """Keep values where the mask holds, missing elsewhere."""
    return np.where(mask, values, np.nan)


def _is_boxed(x: Floats, y: Floats) -> Mask:
    return _within(x, EASTING) & _within(y, NORTHING)


def _within(values: Floats, bounds: tuple[float, float]) -> Mask:
    return np.asarray((values >= bounds[0]) & (values <= bounds[1]))


def _series(texts: pa.Array) -> pd.Series:
    return pd.Series(pd.array(texts, dtype="str"))
