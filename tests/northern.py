"""Firms known by postcodes of Northern Ireland: a register, editions of it, and a search for leaks."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from typer.testing import CliRunner

import cli
from data.tables import table
from edition.opening import open_edition
from geo.postcodes import NO_METRES, postcodes
from geo.projections import to_lonlat
from tests.own import own_cache

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from edition.edition import Edition

QUICK = ("--relabellings", "19", "--resamples", "3")
LABEL, OTHERS = "linen", ("bakers", "carriers", "drapers")
# A park of firms in one label, and firms of it at one and the same postcode.
BELFAST, DERRY = "BT3 9", "BT48 7EL"
# Metres that a point may be off and still be told.
TOLD_M = 3.0
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
# Numbers that stand so near to each other in a text may be one point.
APART = 3
# West, south, east, north: what may be a point of Northern Ireland, in degrees and in metres.
DEGREES, METRES = (-9.0, 53.8, -5.0, 55.6), (-12_000.0, 430_000.0, 200_000.0, 620_000.0)


class Exact(NamedTuple):
    """Points that must not leave: metres (EPSG:27700)."""

    easting: np.ndarray
    northing: np.ndarray


def units(prefix: str) -> pd.DataFrame:
    """The postcodes of the directory that begin so, with their points: postcode, easting, northing."""
    found = postcodes()
    codes = np.char.decode(found.codes.astype(">u8").view("S8")).astype(str)
    there = np.char.startswith(codes, prefix) & (found.eastings != NO_METRES)
    return pd.DataFrame(
        {"postcode": codes[there], "easting": found.eastings[there], "northing": found.northings[there]}
    )


def register(seed: int = 1) -> pd.DataFrame:
    """Firms by their postcodes: many about the country, some about Northern Ireland, two parks there."""
    draws = np.random.default_rng(seed)
    country = pd.concat([units(area) for area in ("M1", "LS", "CF1", "EH", "B1")]).sample(
        900, random_state=seed
    )
    ireland = units("BT").sample(250, random_state=seed)
    park = units(BELFAST).head(40)
    one = units(f"{DERRY[:4]}{DERRY[-3:]}")
    spots = pd.concat([country, ireland, park, *[one] * 25], ignore_index=True)
    at_parks = np.arange(len(spots)) >= len(country) + len(ireland)
    sectors = np.where(at_parks, LABEL, draws.choice(OTHERS, len(spots)))
    ids = [f"F{number:05}" for number in draws.permutation(len(spots))]
    codes = [f"{code[:4].strip()} {code[4:]}" for code in spots["postcode"]]
    names = [f"Firm {one[1:]}" for one in ids]
    return pd.DataFrame({"firm_id": ids, "name": names, "sector": sectors, "postcode": codes})


def exact_points(codes: pd.Series) -> Exact:
    found = postcodes().geocode(codes[codes.str.startswith("BT")])
    return Exact(found["easting"].to_numpy(float), found["northing"].to_numpy(float))


def shipped_points() -> Exact:
    firms = table("firms")
    there = firms[firms["la_code"].str.startswith("N") & (firms["location_precision"] == "postcode")]
    return Exact(there["easting"].to_numpy(float), there["northing"].to_numpy(float))


def built(patch: pytest.MonkeyPatch, folder: Path, shipped: Edition, *, with_firms: bool) -> Edition:
    """Detect and build by the commands; without its firms a result is as many machines leave it."""
    own_cache(patch, folder / "cache", shipped)
    register().to_csv(folder / "firms.csv", index=False)
    _run("detect", str(folder / "firms.csv"), "--out", str(folder / "found"), *QUICK)
    if not with_firms:
        (folder / "found" / "firms.parquet").unlink()
    _run("build", str(folder / "found"))
    return open_edition()


def _run(*arguments: str) -> None:
    answer = CliRunner().invoke(cli.cli, list(arguments), catch_exceptions=False)
    assert answer.exit_code == 0, answer.output


def leaks(content: bytes | str, exact: Exact) -> list[tuple[float, float]]:
    """The points (metres) that a text or a file tells, whatever its format."""
    return sorted({point for text in _texts(content) for point in _told(text, exact)})


def _texts(content: bytes | str) -> list[str]:
    if isinstance(content, str):
        return [content]
    if content.startswith(b"SQLite format 3"):
        return _rows(content)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return [text for name in book.namelist() for text in _texts(book.read(name))]
    # Pictures made of dots or packed lines hold no numbers; they are drawn from what the map fetches.
    return [] if content.startswith((b"\x89PNG", b"%PDF")) else [content.decode()]


def _rows(content: bytes) -> list[str]:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content[:18] + b"\x01\x01" + content[20:])
        names = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            "\n".join(" ".join(map(_cell, row)) for row in base.execute(f'SELECT * FROM "{name}"'))
            for name in names
            if not name.startswith(("rtree", "gpkg_spatial"))
        ]


def _cell(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    box = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[(value[3] >> 1) & 7]
    return shapely.to_wkt(shapely.from_wkb(value[8 + box :]), rounding_precision=8)


def _told(text: str, exact: Exact) -> list[tuple[float, float]]:
    numbers = np.array(NUMBER.findall(text), dtype=np.float64)
    metres = np.column_stack(exact)
    degrees = np.column_stack(to_lonlat(*exact))
    # About as many metres both ways.
    scale = np.array([64_500.0, 111_300.0])
    found = []
    for apart in range(1, APART + 1):
        pairs = np.column_stack([numbers[:-apart], numbers[apart:]])
        for both in (pairs, pairs[:, ::-1]):
            for known, box, by in ((degrees, DEGREES, scale), (metres, METRES, np.ones(2))):
                near = both[((both > box[:2]) & (both < box[2:])).all(axis=1)]
                if len(near):
                    distance, which = cKDTree(known * by).query(near * by)
                    found += [tuple(metres[row]) for row in which[distance < TOLD_M]]
    return found
