"""Uploads of areas: GeoJSON and GeoPackage, read in a process of their own, each feature kept or refused.

What is read and how is said in `intake.area_reader`; here that process is given `SECONDS` and no more.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import shapely

from data.errors import InputError
from data.refusals import Fault, Sieve
from data.store import ROOT
from geo.areas.area import area_from
from intake.area_reader import LONGEST_NAME, MEMORY_BYTES, SECONDS, SQLITE, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from shapely.geometry import MultiPolygon


MOST_BYTES: Final = 5_000_000
ENDINGS: Final = (".geojson", ".json", ".gpkg")
COMMAND: Final = ("-m", "intake.area_reader")
# However many visitors upload at once, so many files are read at a time.
_TURNS: Final = BoundedSemaphore(2)
_FORMS: Final = f"GeoJSON or a GeoPackage of at most {MOST_BYTES / 1e6:g} MB is expected"
_MEGABYTES: Final = MEMORY_BYTES >> 20


@dataclass(frozen=True, eq=False)
class Uploaded:
    """What a file holds.

    Attributes
    ----------
    areas
        Name and shape (EPSG:27700) of each feature that can be counted in.
    refusals
        row (the feature's place in the file, from 0), name, column (empty), value (empty), reason of each
        that cannot; with `areas`, every feature of the file.
    """

    areas: tuple[tuple[str, MultiPolygon], ...]
    refusals: pd.DataFrame

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """Name and reason of each feature that cannot be counted in."""
        return tuple(zip(self.refusals["name"], self.refusals["reason"], strict=True))


def read_areas(data: bytes, file_name: str) -> Uploaded:
    """Read the areas of an upload.

    Parameters
    ----------
    data : bytes
        GeoJSON (degrees, unless it says otherwise) or a GeoPackage (in the CRS that it names).
    file_name : str
        What the user calls it: for its ending and for names. It is never opened.

    Returns
    -------
    Uploaded
        Every feature, kept or refused.

    Raises
    ------
    InputError
        If the file as a whole cannot be used: too large, another format, damaged, without features or with
        more than `intake.area_reader.MOST_FEATURES`, or not read within `SECONDS` and `MEMORY_BYTES`.
    """
    shown = clean(re.split(r"[/\\]", file_name)[-1]) or "the file"
    _check_outside(data, shown)
    try:
        answer: dict[str, Any] = json.loads(_asked(data))
    except InputError as fault:
        raise InputError(f"{shown}: {fault}") from fault
    if "fault" in answer:
        raise InputError(f"{shown}: {answer['fault']}")
    if not answer["rows"]:
        raise InputError(f"{shown} has no features: there is no area in it")
    stem = os.path.splitext(shown)[0][:LONGEST_NAME] or "Area"  # noqa: PTH122 - a name, not a path
    return _sorted_out(answer["rows"], stem)


def _check_outside(data: bytes, shown: str) -> None:
    """Refuse what its size, ending or first bytes give away."""
    if len(data) > MOST_BYTES:
        raise InputError(
            f"{shown} has {len(data) / 1e6:.1f} MB; {_FORMS}: simplify it, or save fewer features"
        )
    if not data:
        raise InputError(f"{shown} is empty; {_FORMS}")
    ending = os.path.splitext(shown)[1].lower()  # noqa: PTH122 - a name, not a path
    if ending not in ENDINGS:
        raise InputError(f"{shown} does not end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}; {_FORMS}")
    packed, text = data.startswith(SQLITE), data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    if not (packed if ending == ".gpkg" else text):
        form = "a GeoPackage" if ending == ".gpkg" else "GeoJSON"
        raise InputError(f"{shown} is called {ending} but is not {form} inside; {_FORMS}")


def _asked(data: bytes) -> bytes:
    """Let a process of its own read a file; return its answer (see `intake.area_reader`)."""
    # One thread: numpy would else claim address space for each core, which the limit counts.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PROJ_NETWORK": "OFF", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *COMMAND]
    if not _TURNS.acquire(timeout=SECONDS):
        raise InputError("other files are being read just now; try again in a minute")
    try:
        done = subprocess.run(  # noqa: S603 - a command of ours; the upload comes by standard input
            command, input=data, capture_output=True, timeout=SECONDS, check=False, cwd=ROOT, env=environment
        )
    except subprocess.TimeoutExpired as fault:
        raise InputError(f"it could not be read within {SECONDS} seconds: simplify it") from fault
    finally:
        _TURNS.release()
    if done.returncode:
        raise InputError(f"it could not be read with {_MEGABYTES} MB of memory, or is damaged: simplify it")
    return done.stdout


def _sorted_out(rows: Sequence[dict[str, str]], stem: str) -> Uploaded:
    """Part the features into areas and those that are none, by their faults."""
    numbered = [f"{stem} {number}" for number in range(1, len(rows) + 1)] if len(rows) > 1 else [stem]
    names = [row["name"] or name for row, name in zip(rows, numbered, strict=True)]
    found = [row["fault"] or _area(row["wkb"]) for row in rows]
    faults = [one if isinstance(one, str) else "" for one in found]
    sieve = Sieve(len(rows), {"name": pa.array(names)}, told=("name",))
    sieve.refuse(Fault((), [fault != "" for fault in faults], pa.array(filter(None, faults), pa.string())))
    areas = ((name, one) for name, one in zip(names, found, strict=True) if not isinstance(one, str))
    return Uploaded(tuple(areas), sieve.refused())


def _area(wkb: str) -> MultiPolygon | str:
    """Return the area of a shape, or why it is none."""
    try:
        return area_from(shapely.from_wkb(wkb))
    except InputError as fault:
        return str(fault)
