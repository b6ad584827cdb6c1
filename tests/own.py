"""Results of small registers of one's own, with labels that the taxonomy does not know."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa

from clusters.detect import detect
from clusters.results.results import Results
from clusters.results.writing import write_results
from clusters.scan.parameters import ScanParameters
from data.store import Store, write_store
from edition import opening as editions
from edition import record as records
from edition.contents import SHARED, table_names
from edition.edition import Edition
from edition.labels import edition_labels
from edition.own import Own, own_tables
from tests.clusters.towns import country, firm_table

HOSTILE = ('<img src=x onerror="window.hacked=1">', "{{ 7*7 }}", "**bold** [x](javascript:alert(1))")
# One of a register, one that is a sector here by its title, one that is a technology here by its id.
LABELS = ("SIC 24", "Life sciences", "drug-discovery", *HOSTILE)
PARAMETERS = ScanParameters(relabellings=39, resamples=20)
FILE = "register <b>.csv"
# Those of an edition in which nothing was found.
TAXONOMY = edition_labels(pd.DataFrame(columns=["label", "title", "clusters"]), own=False)
# What only a test can tell.
TESTED = (
    "log10_p",
    "threshold",
    *("e", "p", "p_error", "q"),
    "stability",
    "core_share",
    "peak_radius_m",
    "peak_lq",
    "peak_expected",
)


def register(labels=LABELS, seed=1):
    """Firms scattered about, each label on some of them and on all firms of a park of its own."""
    firms, _ = country(seed, firms=600)
    draws = np.random.default_rng(seed)
    parks, carried = [], []
    for number, label in enumerate(labels):
        centre = np.array([400_250.0 + 8_000 * (number % 20), 250_250.0 + 60_000 * (number // 20)])
        park = firm_table(
            centre + np.round(draws.normal(0, 250, (14, 2))), town="Burslem", site=f"Park {number}"
        )
        park["firm_id"] = [f"park{number}-{i}" for i in range(14)]
        some = draws.choice(firms["firm_id"].to_numpy(), 20, replace=False)
        parks.append(park)
        carried.append(pd.DataFrame({"firm_id": [*park["firm_id"], *some], "label": label}))
    return pd.concat([firms, *parks], ignore_index=True), pd.concat(carried, ignore_index=True)


@cache
def result(labels=LABELS, method="scan", *, with_firms=True, with_ids=True, nothing=False, seed=1) -> Results:
    """The result of a run on that register; without what only a test tells if not of the scan."""
    firms, carried = register(labels, seed)
    found = detect(firms, carried, PARAMETERS)
    # A run may find nothing.
    rows = slice(0, 0) if nothing else slice(None)
    clusters = found.clusters.iloc[rows].copy()
    labels = found.labels.assign(clusters=0) if nothing else found.labels.copy()
    members = found.members.iloc[rows].copy()
    if method != "scan":
        clusters[[*TESTED]] = np.nan
        clusters["standing"] = ""
        best = [name for name in labels.columns if name.startswith("best")]
        labels[best] = np.nan
        labels[["best_place", "best"]] = ""
        clusters["core_geometry"] = None
    row = pd.Series(range(len(firms)), index=firms["firm_id"])
    members["row"] = members["firm_id"].map(row)
    sector = carried.groupby("firm_id")["label"].agg(";".join)
    kept = pa.table(
        {
            "row": pa.array(range(len(firms)), pa.int64()),
            "firm_id": pa.array(firms["firm_id"] if with_ids else [None] * len(firms), pa.string()),
            "name": pa.array(firms["name"], pa.string()),
            "easting": firms["easting"].to_numpy(),
            "northing": firms["northing"].to_numpy(),
            "la_code": pa.array(firms["la_code"], pa.string()),
            "sector": pa.array(firms["firm_id"].map(sector).fillna(""), pa.string()).dictionary_encode(),
        }
    )
    if not with_ids:
        members["firm_id"] = None
    return Results(
        clusters=clusters,
        members=members[["cluster_id", "row", "firm_id", "easting", "northing", "core"]],
        labels=labels,
        nearly=found.nearly if method == "scan" else found.nearly.iloc[:0],
        cells=found.cells.iloc[rows],
        evidence=found.evidence.iloc[rows],
        refused=pd.DataFrame({"row": [9], "column": ["postcode"], "value": ["XX1"], "reason": ["unknown"]}),
        report={
            "edition": "Potteries 2026",
            "method": method,
            "register": f"/home/analyst/{FILE}",
            "rows": {"in": len(firms) + 1, "kept": len(firms), "refused": 1},
            "parameters": asdict(PARAMETERS),
        },
        firms=kept if with_firms else None,
    )


def write_own(results, shipped, folder):
    """Write the store of a result, without the cache that the app keeps."""
    write_results(folder / "found", results)
    own = Own(results, folder / "found" / "firms.parquet", folder)
    shared = {name: shipped.store.frame(name) for name in SHARED}
    write_store(folder / "own.duckdb", own_tables(own, shared, lambda _stage, _share: None))


def open_own(folder) -> Edition:
    return Edition(Store(folder / "own.duckdb", table_names()))


def edition_of(results, shipped, folder) -> Edition:
    write_own(results, shipped, folder)
    return open_own(folder)


def write(folder, *arguments, **options):
    """Write such a result as a folder, and return the folder."""
    write_results(folder, result(*arguments, **options))
    return folder


def own_cache(monkeypatch, folder, edition):
    """Make a cache folder that has the shipped store already, and let settings point there."""
    folder.mkdir()
    # Code that is edited while tests run must not make another store.
    monkeypatch.setattr(editions, "fingerprint", lambda **_: "0123456789abcdef")
    shutil.copyfile(edition.store.path, folder / "store-0123456789abcdef.duckdb")
    for module in (editions, records):
        monkeypatch.setattr(module, "settings", lambda: SimpleNamespace(cache_dir=folder))
    monkeypatch.setattr(editions, "store_path", lambda name: folder / f"store-{name}.duckdb")
    return folder
