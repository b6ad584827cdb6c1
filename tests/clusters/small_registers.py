"""Small registers of firms in real places, and the command that finds their clusters, run within the test."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path  # noqa: TC003 - kept where the fixtures are made

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import cli

# Inland towns of England: easting, northing in metres.
TOWNS = (
    (435_500, 387_300),  # Sheffield
    (430_000, 433_500),  # Leeds
    (407_000, 286_800),  # Birmingham
    (384_000, 398_000),  # Manchester
    (457_300, 340_000),  # Nottingham
    (458_800, 304_500),  # Leicester
    (451_300, 206_200),  # Oxford
    (545_000, 258_500),  # Cambridge
    (475_500, 261_000),  # Northampton
    (433_500, 279_000),  # Coventry
)
SECTORS = ("bakers", "carriers", "drapers")
SHARES = (0.5, 0.3, 0.2)
STOKE = (388_000, 347_200)
AGENT = (471_640, 173_420)  # in Reading

QUICK = ("--relabellings", "19", "--resamples", "3")
# What a run leaves behind that tells of its time.
REPORT = "report.json"


def firms(count: int = 1_500, potters: int = 45, seed: int = 1) -> pd.DataFrame:
    """Firms of three sectors around ten towns, and potters, most of whom are at Stoke."""
    draws = np.random.default_rng(seed)
    towns = np.array(TOWNS, dtype=float)[draws.integers(0, len(TOWNS), count)]
    spots = np.round(towns + draws.normal(0, 1_500, (count, 2)))
    sectors = np.array(SECTORS, dtype=object)[draws.choice(len(SECTORS), count, p=SHARES)]
    spread = draws.random(count) < 0.02
    sectors[spread] = [f"{one};potters" for one in sectors[spread]]
    stoke = np.round(np.array(STOKE) + draws.normal(0, 250, (potters, 2)))
    others = np.round(np.array(STOKE) + draws.normal(0, 400, (potters, 2)))
    spots = np.concatenate([spots, stoke, others])
    sectors = [*sectors, *["potters"] * potters, *draws.choice(SECTORS, potters, p=SHARES)]
    ids = [f"F{number:05}" for number in draws.permutation(len(spots))]
    names = [f"Firm {one[1:]}" for one in ids]
    grid = {"easting": spots[:, 0], "northing": spots[:, 1]}
    return pd.DataFrame({"firm_id": ids, "name": names, "sector": sectors, **grid})


def shuffled(table: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    return table.sample(frac=1, random_state=seed, ignore_index=True)


def write_parquet(folder: Path, table: pd.DataFrame, files: int = 1, rows: int = 10_000) -> Path:
    """Write a table as a folder of so many files, in row groups of so many rows."""
    folder.mkdir(parents=True, exist_ok=True)
    cuts = np.linspace(0, len(table), files + 1).astype(int)
    for number in range(files):
        part = pa.Table.from_pandas(table.iloc[cuts[number] : cuts[number + 1]], preserve_index=False)
        pq.write_table(part, folder / f"part-{number:03}.parquet", row_group_size=rows)
    return folder


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    table.to_csv(path, index=False)
    return path


def detect(monkeypatch, capsys, *arguments) -> tuple[int, list[str]]:
    """Run `cli.py detect` here; return its exit code and the lines that it said."""
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", "2000")
    monkeypatch.setattr(cli.console, "_width", 2_000)
    monkeypatch.setattr(sys, "argv", ["cli.py", "detect", *map(str, arguments)])
    try:
        cli.main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    said = capsys.readouterr()
    return code, [line for line in (said.out + said.err).splitlines() if line.strip()]


def report(folder: Path) -> dict:
    return json.loads((folder / REPORT).read_text(encoding="utf-8"))


def refused(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "refused.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False).astype(
        {"row": int}
    )


def accounted(folder: Path) -> dict:
    """Check that every row is a firm or refused, by its number, and return the counts of the report."""
    rows = report(folder)["rows"]
    kept = pq.read_table(folder / "firms.parquet")["row"].to_pylist()
    out = refused(folder)
    assert sorted([*kept, *out["row"]]) == list(range(rows["in"]))
    assert (len(kept), len(out)) == (rows["kept"], rows["refused"])
    assert (out["reason"].str.len() > 5).all()
    return rows


def digests(folder: Path, *without: str) -> dict[str, str]:
    """Return the hash of each file of a result; of the report without what tells of its time."""
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name not in without
    }
    if REPORT in found:
        found[REPORT] = json.dumps({**report(folder), "stages": None}, sort_keys=True)
    return found
