"""GeoPackages for desktop GIS: the same layers give the same bytes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# The date that GeoPackages bear: that of the day would make each differ from the last.
WRITTEN_ON = "2000-01-01T00:00:00.000Z"
# GDAL has one date for all threads.
_DATING = RLock()
# Text ends at the first of these for what reads it.
NUL, SHOWN = "\x00", "\ufffd"


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a GeoPackage.

    Attributes
    ----------
    name
        Of its table; letters, digits and underscores.
    rows
        With geometry, which may be missing in places; a plain table becomes one without a place on the map.
    shape
        Type of all its geometry, such as ``MultiPolygon``; empty for a plain table.
    title, description
        What catalogues of GIS show of it; the title is of one layer alone.
    """

    name: str
    rows: pd.DataFrame
    shape: str = ""
    title: str = ""
    description: str = ""


def write_geopackage(path: Path, layers: Sequence[Layer]) -> None:
    """Write layers into a new GeoPackage.

    Parameters
    ----------
    path
        Not there yet.
    layers
        In the order in which they are listed.

    Raises
    ------
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError
        If it cannot be written.
    """
    with _dated():
        for number, layer in enumerate(layers):
            _write(path, layer, first=number == 0)


@contextmanager
def _dated() -> Iterator[None]:
    """Let GDAL take every day for `WRITTEN_ON`."""
    option = "OGR_CURRENT_DATE"
    with _DATING:
        before = pyogrio.get_gdal_config_option(option)
        pyogrio.set_gdal_config_options({option: WRITTEN_ON})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({option: before})


def _write(path: Path, layer: Layer, *, first: bool) -> None:
    # Version 1.2 is read by all that reads GeoPackages today without a word.
    options: dict[str, Any] = {"dataset_options": {"VERSION": "1.2"}} if first else {}
    said = {"IDENTIFIER": layer.title, "DESCRIPTION": layer.description}
    options["layer_options"] = {name: words for name, words in said.items() if words}
    if layer.shape:
        options |= {"geometry_type": layer.shape, "promote_to_multi": layer.shape.startswith("Multi")}
    pyogrio.write_dataframe(_whole(layer.rows), path, layer=layer.name, driver="GPKG", **options)


def _whole(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose text no reader takes to end before it does."""
    texts = [str(name) for name, kind in rows.dtypes.items() if isinstance(kind, pd.StringDtype)]
    hidden = [name for name in texts if rows[name].str.contains(NUL, regex=False).any()]
    return rows.assign(**{name: rows[name].str.replace(NUL, SHOWN, regex=False) for name in hidden})
