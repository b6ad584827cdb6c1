"""Published data sets, read where R's packages are installed; none of them is part of the project.

Debian installs r-cran-spatstat.data, r-cran-spdata and r-cran-dbscan below /usr/lib/R/site-library.
`VALIDATION_DATA` may name another folder that holds the packages and the files satscangrave*.txt of the tests
of smacpod.
"""

from __future__ import annotations

import os
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from clusters.scan.counts import assemble, bin_points
from clusters.scan.label_scan import LabelScan, scan_labels
from clusters.scan.ladder import fitted, size_of

FOLDERS = [
    Path(folder) for folder in (os.environ.get("VALIDATION_DATA", ""), "/usr/lib/R/site-library") if folder
]
REST = "rest"
"""Who carries no label: controls, or the population without the cases."""


def found(*parts: str) -> Path:
    """Return a file where it is installed, or skip the test, saying what is missing."""
    for folder in FOLDERS:
        if (path := folder.joinpath(*parts)).exists():
            return path
    pytest.skip(f"{'/'.join(parts)} is not installed (docs/validation.md says where it comes from)")


def from_package(package: str, name: str) -> Any:
    """Read one object of the data of an R package."""
    index = found(package, "data", "Rdata.rdx")
    start, length = (int(value) for value in read_r(index.read_bytes())["variables"][name])
    # Four bytes say how long it will be; what follows is compressed.
    packed = index.with_suffix(".rdb").read_bytes()[start + 4 : start + length]
    return read_r(zlib.decompress(packed))


def read_r(stored: bytes, ending: str = ".rds") -> Any:
    """Return what R has stored in some bytes."""
    rdata = pytest.importorskip("rdata", reason="reading R's data needs rdata (pip install rdata)")
    with warnings.catch_warnings():
        # It says of which classes it knows nothing: those of windows and units, which are not asked for.
        warnings.simplefilter("ignore", UserWarning)
        return rdata.conversion.convert(rdata.parser.parse_data(stored, extension=ending))


def points(name: str, metres: float, mark: str = "", rest: str = REST) -> pd.DataFrame:
    """Return a marked pattern of spatstat: x, y, label, count; coordinates times `metres`."""
    pattern = from_package("spatstat.data", name)
    marks = pattern["marks"][mark] if mark else pattern["marks"]
    label = pd.Series(np.asarray(marks).astype(str)).replace(rest, REST)
    x, y = (np.asarray(pattern[axis], float) * metres for axis in ("x", "y"))
    return pd.DataFrame({"x": x, "y": y, "label": label, "count": 1})


def graves() -> pd.DataFrame:
    """Return the medieval graves of smacpod as SaTScan was given them."""
    places = pd.read_csv(found("satscangravecoords.txt"), sep=r"\s+", names=["grave", "x", "y"])
    cases = pd.read_csv(found("satscangravecases.txt"), sep=r"\s+", names=["grave", "cases", "year"])
    table = places.merge(cases, on="grave")
    label = np.where(table["cases"] == 1, "affected", REST)
    return table[["x", "y"]].astype(float).assign(label=label, count=1)


def new_york() -> pd.DataFrame:
    """Return leukaemia by census tract: cases rounded down, as in the published run, and all others."""
    tracts = from_package("spData", "nydata")
    x, y = (tracts[axis].astype(float) * 1_000 for axis in ("X", "Y"))
    cases = np.floor(tracts["TRACTCAS"].astype(float)).astype(int)
    rows = {"leukaemia": cases, REST: tracts["POP8"].astype(int) - cases}
    parts = [pd.DataFrame({"x": x, "y": y, "label": label, "count": n}) for label, n in rows.items()]
    return pd.concat(parts, ignore_index=True)


def scanned(
    table: pd.DataFrame, origin: tuple[float, float] = (0.0, 0.0), **asked: Any
) -> dict[str, LabelScan]:
    """Scan a data set with the settings that suit its size, the grid moved by parts of a cell."""
    at_first = _counted(table, asked.get("cell_m", fitted(1).cell_m), (0.0, 0.0))
    parameters = fitted(size_of(int(at_first.total.sum()), len(at_first.keys)), **asked)
    counts = _counted(table, parameters.cell_m, origin)
    return {one.label: one for one in scan_labels(counts, parameters)}


def _counted(table: pd.DataFrame, cell_m: float, origin: tuple[float, float]) -> Any:
    cells = bin_points(table["x"] + origin[0] * cell_m, table["y"] + origin[1] * cell_m, cell_m)
    counted = table.assign(cell=cells).groupby(["cell", "label"])["count"].sum().rename("total")
    counted = counted[counted > 0].reset_index()
    total = counted.groupby("cell")["total"].sum().reset_index()
    return assemble(total, counted[counted["label"] != REST])


def origins(table: pd.DataFrame, **asked: Any) -> pd.DataFrame:
    """Return the most likely place of each label on sixteen grids: label, and the columns of `nearly`."""
    rows = [
        one.best.assign(label=one.label)
        for across in range(4)
        for up in range(4)
        for one in scanned(table, (across / 4 + 1 / 8, up / 4 + 1 / 8), resamples=0, **asked).values()
        if not one.reason
    ]
    return pd.concat(rows, ignore_index=True)
