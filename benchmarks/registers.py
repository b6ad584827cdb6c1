"""Synthetic registers of firms in the shape of the real one, with clusters planted in them and known.

    python -m benchmarks.registers --firms 1000000 --out /tmp/register
    python -m benchmarks.registers --firms 20000000 --out /tmp/register --files 20 --coordinates postcode

The places are real: every firm stands on the point of a unit postcode of Great Britain (ended ones included)
and towns draw firms by their population. All else is drawn at random.

How many firms stand where
    A town spreads population^1.05 over the postcodes around it, declining with distance; a small share goes
    to all postcodes alike, towns or not. Each kilometre has its luck, each postcode has more of it
    (lognormal), and a few are offices with a heavy tail: that is how real registers are concentrated. On top
    come the postcodes of formation agents, with 500 to 18,000 firms each at 5 million.
Which sectors
    Sectors have Zipf sizes. A sector's share rises or falls with how dense the surroundings are (8 km) and
    leans towards some parts of the country (80 km). Neither varies at the scale of a cluster. Of 40 sectors
    and all firms, one pair in 100 is where the sector has 1.8 times its national share or
    more by that alone, but one in 1,000 where it has 1.3 times the larger of that and its share within 20 km.
    Agents have a mix of sectors of their own, so that a disc around one may be specialised by no one's
    planting. Some firms carry a second sector.
Planted clusters
    Each has a sector, a location quotient (log-uniform, 2 to 8) and a radius (log-uniform, 300 m to 3 km)
    drawn before its place is looked for. Firms of the sector are added on real postcodes within the radius,
    declining from the centre, until the location quotient there is the one drawn, against the nation with all
    that is planted. Of some occupied postcodes the one is taken where that needs nearest to a number of firms
    drawn from a lognormal, so that sizes grow with the register, if more slowly than it does. Where places
    are too thin for 15 firms at that quotient, other radii are tried, and at last 15 are planted all the
    same, so that the quotient is higher: one plant in 100 at 1 million firms, half of them at 100,000, nearly
    all at 10,000 firms or with 10,000 sectors. Plants of different sectors may overlap and so be diluted. The
    table of plants has what came out beside what was drawn. Nothing makes a cluster easy to find.

Northern Ireland is left out: its points are not for publication in bulk.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.register_ground import (
    Ground,
    agent_table,
    ground_of_registers,
    pair_of,
    profile_shares,
    with_luck,
)
from benchmarks.register_plants import planted_in, tree_of_places
from benchmarks.register_shape import (
    AGENT_FIRMS,
    AGENT_MIX,
    AGENTS,
    AGENTS_AT,
    COORDINATES,
    FORMATS,
    MOST_FIRMS,
    MOST_SECTORS,
    NONE,
    PLANT_COLUMNS,
    PRIME,
    ROWS,
    Register,
)
from clusters.memory import peak_mb
from data.errors import InputError
from geo.projections import to_lonlat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Codes = NDArray[np.int16]
    Floats = NDArray[np.float64]


def make(
    firms: int,
    sectors: int = 40,
    plants: int = 240,
    seed: int = 0,
    *,
    second_share: float = 0.05,
    agents: bool = True,
) -> Register:
    """Make a register in memory.

    Parameters
    ----------
    firms : int
        How many firms, planted ones included.
    sectors : int
        How many sectors, at most `MOST_SECTORS`.
    plants : int
        How many clusters to plant.
    seed : int
        The same numbers give the same register.
    second_share : float
        Share of firms that carry a second sector, from 0 to 1.
    agents : bool
        Whether there are postcodes of formation agents.

    Raises
    ------
    InputError
        If a number is out of range, or the register is too small for its plants.
    """
    _check(firms, sectors, plants, seed, second_share)
    ground = ground_of_registers()
    draws = [np.random.default_rng([seed, stream]) for stream in range(5)]
    weight = with_luck(ground, draws[0])
    sizes = _agent_sizes(firms) if agents else np.zeros(0, dtype=np.int64)
    office = _agent_places(ground, weight, len(sizes), draws[1])
    count = draws[0].multinomial(firms - int(sizes.sum()), weight)
    place = np.repeat(np.arange(len(weight), dtype=np.int32), count)
    shares = profile_shares(ground, sectors, draws[2])
    sector, second = _labelled(ground, place, shares, second_share, draws[2])
    own, own_second = _agent_labels(sizes, sector, sectors, second_share, draws[1])
    order = draws[3].permutation(firms)
    base = Register(
        np.concatenate([place, np.repeat(office, sizes)])[order],
        np.concatenate([sector, own])[order], np.concatenate([second, own_second])[order],
        np.full(firms, NONE, dtype=np.int16), _names(sectors),
        ground.codes, ground.eastings, ground.northings, pd.DataFrame(columns=list(PLANT_COLUMNS)),
        pd.DataFrame({"place": office}), seed,
    )  # fmt: skip
    base = replace(base, agents=agent_table(ground, base))
    return planted_in(base, ground, weight, plants, draws[4]) if plants else base


def _check(firms: int, sectors: int, plants: int, seed: int, second_share: float) -> None:
    if not 1 <= firms <= MOST_FIRMS:
        raise InputError(f"firms is {firms}; expected 1 to {MOST_FIRMS}")
    if not 1 <= sectors <= MOST_SECTORS:
        raise InputError(f"sectors is {sectors}; expected 1 to {MOST_SECTORS}")
    if not 0 <= plants <= np.iinfo(np.int16).max:
        raise InputError(f"plants is {plants}; expected 0 to {np.iinfo(np.int16).max}")
    if seed < 0:
        raise InputError(f"seed is {seed}; expected 0 or more")
    if not 0 <= second_share <= 1:
        raise InputError(f"second_share is {second_share}; expected 0 to 1")


def _names(sectors: int) -> tuple[str, ...]:
    """Name sectors S01, S02 and so on, all of one length."""
    digits = max(2, len(str(sectors)))
    return tuple(f"S{number:0{digits}}" for number in range(1, sectors + 1))


def _agent_sizes(firms: int) -> NDArray[np.int64]:
    """Return the firms of each agent, Zipf: fewer and smaller ones in a smaller register."""
    number = round(AGENTS * np.sqrt(firms / AGENTS_AT))
    largest, smallest = AGENT_FIRMS
    power = np.log(largest / smallest) / np.log(AGENTS)
    sizes = largest * firms / AGENTS_AT * np.arange(1, number + 1) ** -power
    return np.asarray(sizes.round().astype(np.int64))


def _agent_places(ground: Ground, weight: Floats, number: int, draws: np.random.Generator) -> Ints:
    """Choose the agents' postcodes, mostly in London and big towns."""
    pull = weight**0.5 * np.exp(1.5 * ground.density)
    return draws.choice(len(weight), number, replace=False, p=pull / pull.sum()).astype(np.int32)


def _labelled(
    ground: Ground, place: Ints, shares: Floats, second_share: float, draws: np.random.Generator
) -> tuple[Codes, Codes]:
    """Give firms, sorted by place, their sectors."""
    sector = np.empty(len(place), dtype=np.int16)
    second = np.full(len(place), NONE, dtype=np.int16)
    bounds = np.searchsorted(place, ground.starts)
    for row, (start, stop) in enumerate(itertools.pairwise(bounds)):
        if start < stop:
            sector[start:stop], second[start:stop] = pair_of(shares[row], stop - start, second_share, draws)
    return sector, second


def _agent_labels(
    sizes: NDArray[np.int64], sector: Codes, sectors: int, second_share: float, draws: np.random.Generator
) -> tuple[Codes, Codes]:
    """Give each agent's firms sectors by a mix of its own around the nation's."""
    nation = (np.bincount(sector, minlength=sectors) + 0.5) / (len(sector) + sectors / 2)
    pairs = [
        pair_of(draws.dirichlet(AGENT_MIX * sectors * nation), int(size), second_share, draws)
        for size in sizes
    ]
    empty = [np.zeros(0, dtype=np.int16)]
    first, second = zip(*pairs, strict=True) if pairs else (empty, empty)
    return np.concatenate(first), np.concatenate(second)


def shuffled(register: Register, seed: int) -> Register:
    """Return the register with its labels dealt out anew over the places: no plant is left in it.

    All labels of a firm go together, so that sectors keep their sizes and pairs, and places their firms.
    """
    order = np.random.default_rng([seed, 6]).permutation(len(register))
    return replace(
        register,
        sector=register.sector[order],
        second=register.second[order],
        plant=np.full(len(register), NONE, dtype=np.int16),
        plants=register.plants.iloc[:0],
    )


def labels(register: Register) -> tuple[Ints, Codes]:
    """Return every label carried: rows of firms and codes of sectors, first sectors before second ones."""
    both = np.flatnonzero(register.second != NONE).astype(np.int32)
    rows = np.concatenate([np.arange(len(register), dtype=np.int32), both])
    return rows, np.concatenate([register.sector, register.second[both]])


def firm_ids(register: Register, rows: slice = slice(None)) -> pa.Array:
    """Return eight digits for each firm, in no order that tells anything."""
    draws = np.random.default_rng([register.seed, 7])
    step, first = (int(draws.integers(PRIME // 2, PRIME)) for _ in range(2))
    number = (np.arange(*rows.indices(len(register)), dtype=np.int64) * step + first) % PRIME
    digits = number[:, None] // 10 ** np.arange(7, -1, -1) % 10
    return _texts((digits + ord("0")).astype(np.uint8))


def _texts(letters: NDArray[np.uint8]) -> pa.Array:
    """Turn rows of ASCII letters into texts of one length."""
    number, length = letters.shape
    ends = np.arange(0, length * (number + 1), length, dtype=np.int32)
    letters = np.ascontiguousarray(letters)
    return pa.StringArray.from_buffers(number, pa.py_buffer(ends), pa.py_buffer(letters))


def _postcode_texts(codes: NDArray[np.uint64]) -> pa.Array:
    """Write postcodes as they usually are: the codes hold the outward part padded to four, and the inward."""
    plain = _texts(codes.astype(">u8").view(np.uint8).reshape(-1, 8)[:, :7])
    outward = pc.utf8_rtrim_whitespace(pc.utf8_slice_codeunits(plain, 0, 4))
    return pc.binary_join_element_wise(outward, pc.utf8_slice_codeunits(plain, 4), " ")


def _sector_texts(register: Register, rows: slice) -> pa.Array:
    """Write sectors as "S07", or "S07;S12" where there are two."""
    width = len(register.sectors) + 1
    pair = register.sector[rows].astype(np.int64) * width + register.second[rows] + 1
    kinds, which = np.unique(pair, return_inverse=True)
    names = register.sectors
    texts = [
        names[kind // width] + (f";{names[kind % width - 1]}" if kind % width else "")
        for kind in kinds.tolist()
    ]
    return pa.array(texts, type=pa.string()).take(pa.array(which))


def table(register: Register, rows: slice = slice(None), coordinates: str = "grid") -> pa.Table:
    """Return firms as a table.

    Parameters
    ----------
    register : Register
        The firms.
    rows : slice
        Which of them.
    coordinates : str
        "grid": easting and northing in whole metres (EPSG:27700) and the postcode; "lonlat": lon and lat
        (EPSG:4326, six decimals) and the postcode; "postcode": the postcode alone.

    Returns
    -------
    Table
        firm_id (eight digits), sector ("S07", or "S07;S12" where there are two), and the place.
    """
    place = register.place[rows]
    east, north = register.eastings[place], register.northings[place]
    columns = {"firm_id": firm_ids(register, rows), "sector": _sector_texts(register, rows)}
    if coordinates == "grid":
        columns |= {"easting": pa.array(east), "northing": pa.array(north)}
    if coordinates == "lonlat":
        lon, lat = to_lonlat(east, north)
        columns |= {"lon": pa.array(lon.round(6)), "lat": pa.array(lat.round(6))}
    return pa.table({**columns, "postcode": _postcode_texts(register.codes[place])})


def write(
    register: Register, folder: Path, files: int = 1, form: str = "parquet", coordinates: str = "grid"
) -> None:
    """Write a register and its truth, whole or not at all; a former one in the folder gives way.

    Parameters
    ----------
    register : Register
        What to write.
    folder : Path
        Gets firms/part-000.parquet (or .csv) and so on; truth.parquet (firm_id, plant) of the planted firms;
        plants.csv and agents.csv.
    files : int
        Among how many files to divide the firms.
    form : str
        "parquet" or "csv".
    coordinates : str
        As for `table`.

    Raises
    ------
    InputError
        If an option is none of those, or the folder holds something else.
    """
    if form not in FORMATS or coordinates not in COORDINATES:
        raise InputError(f"{form!r}, {coordinates!r}; expected one of {FORMATS} and one of {COORDINATES}")
    if not 1 <= files <= len(register):
        raise InputError(f"files is {files}; expected 1 to {len(register)}")
    with _whole_folder(folder) as part:
        (part / "firms").mkdir()
        bounds = np.linspace(0, len(register), files + 1).astype(int)
        for number, (start, stop) in enumerate(itertools.pairwise(bounds)):
            path = part / "firms" / f"part-{number:03}.{form}"
            _write_firms(register, int(start), int(stop), path, coordinates)
        pq.write_table(_truth(register), part / "truth.parquet")
        register.plants.to_csv(part / "plants.csv", index=False)
        _agents(register).to_csv(part / "agents.csv", index=False)


def _agents(register: Register) -> pd.DataFrame:
    """List the agents with their postcodes in place of row numbers."""
    codes = _postcode_texts(register.codes[register.agents["place"].to_numpy()])
    return register.agents.drop(columns="place").assign(postcode=codes.to_pylist())


def _write_firms(register: Register, start: int, stop: int, path: Path, coordinates: str) -> None:
    """Write one file of firms, `ROWS` at a time."""
    schema = table(register, slice(0), coordinates).schema
    writer = pa.csv.CSVWriter if path.suffix == ".csv" else pq.ParquetWriter
    with writer(path, schema) as out:
        for first in range(start, stop, ROWS):
            out.write_table(table(register, slice(first, min(first + ROWS, stop)), coordinates))


def _truth(register: Register) -> pa.Table:
    """List the planted firms and their plants."""
    rows = np.flatnonzero(register.planted)
    spans = range(0, len(register), ROWS)
    kept = [
        firm_ids(register, slice(s, s + ROWS)).filter(pa.array(register.planted[s : s + ROWS])) for s in spans
    ]
    return pa.table({"firm_id": pa.chunked_array(kept), "plant": pa.array(register.plant[rows])})


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `folder` only when the block ends well."""
    if folder.exists() and (
        not folder.is_dir() or (any(folder.iterdir()) and not (folder / "plants.csv").exists())
    ):
        raise InputError(f"{folder} is there and holds no register; expected a new or an empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    outer = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        (outer / "new").mkdir()
        yield outer / "new"
        if folder.exists():
            folder.rename(outer / "old")
        (outer / "new").rename(folder)
    finally:
        if (outer / "old").exists() and not folder.exists():
            (outer / "old").rename(folder)
        shutil.rmtree(outer, ignore_errors=True)


def summary(register: Register) -> dict[str, object]:
    """Return what came out: firms, points and the concentration on them, plants and their sizes."""
    count = np.bincount(register.place)
    count = count[count > 0]
    plants = register.plants
    return {
        "firms": len(register),
        "points": len(count),
        "per_point_50_90_99_99.9_max": [*_quantiles(count, (0.5, 0.9, 0.99, 0.999)), int(count.max())],
        "second_sector": round(float((register.second != NONE).mean()), 4),
        "agents": len(register.agents),
        "firms_at_agents": int(register.agents["firms"].sum()),
        "plants": len(plants),
        "planted_firms": int(register.planted.sum()),
        **{
            f"plant_{name}_10_50_90": _quantiles(plants[name], (0.1, 0.5, 0.9))
            for name in ("firms", "background", "radius_m", "lq", "lq_drawn")
            if len(plants)
        },
    }


def _quantiles(values: NDArray[np.int64] | pd.Series, shares: Sequence[float]) -> list[float]:
    return [round(float(value), 2) for value in np.quantile(values, shares)]


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, help="folder to write; without it only the summary is printed")
    parser.add_argument("--sectors", type=int, default=40)
    parser.add_argument("--plants", type=int, default=240)
    parser.add_argument("--second-share", type=float, default=0.05, help="share of firms with two sectors")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--format", choices=FORMATS, default="parquet")
    parser.add_argument("--coordinates", choices=COORDINATES, default="grid")
    parser.add_argument(
        "--shuffled", action="store_true", help="deal the sectors out anew: nothing is planted"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = options(arguments)
    started = time.perf_counter()
    ground_of_registers(), tree_of_places()
    laid = time.perf_counter()
    register = make(asked.firms, asked.sectors, asked.plants, asked.seed, second_share=asked.second_share)
    register = shuffled(register, asked.seed) if asked.shuffled else register
    made = time.perf_counter()
    if asked.out:
        write(register, asked.out, asked.files, asked.format, asked.coordinates)
    done = time.perf_counter()
    for name, value in summary(register).items():
        print(f"{name}: {value}")
    print(
        f"seconds: postcodes laid out {laid - started:.1f}, made {made - laid:.1f}, written {done - made:.1f}"
    )
    peak = peak_mb()
    print(f"peak memory: {'unknown' if peak is None else f'{peak:.0f} MB'}")


if __name__ == "__main__":
    try:
        main()
    except InputError as fault:
        sys.exit(str(fault))
