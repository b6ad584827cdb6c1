"""The edition: the tables that the app shows, built once into the store, opened once a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from data.shared import Shared
from edition.about import about_of
from edition.choices import choices_of
from edition.contents import table_names
from edition.labels import edition_labels
from geo.boundaries import boundary_source
from geo.gazetteer import Gazetteer, gazetteer
from geo.postcodes import postcodes

if TYPE_CHECKING:
    import pandas as pd

    from data.store import Store
    from edition.about import About
    from edition.choices import Choices
    from edition.labels import Labels


@dataclass(frozen=True)
class Edition:
    """All tables of one edition; small ones are read once and shared, firms are asked of the store.

    Attributes
    ----------
    store
        Its tables.
    notice
        What a visitor has to know of how it came to be shown; mostly nothing.
    """

    store: Store
    notice: str = ""

    @cached_property
    def about(self) -> About:
        """What it is: its name, whose firms, and how its clusters were found."""
        return about_of(self.tables["edition"])

    @cached_property
    def labels(self) -> Labels:
        """Its sectors and technologies."""
        return edition_labels(self.tables["labels"], own=self.about.own)

    @cached_property
    def choices(self) -> Choices:
        """What its filters may ask for."""
        return choices_of(self.labels, self.tables["programmes"])

    @cached_property
    def tables(self) -> Shared[pd.DataFrame]:
        """Every table but the firms, by name; whoever takes one may change it, and nobody else sees that."""
        return Shared({name: self.store.frame(name) for name in table_names() if name != "firms"})

    @cached_property
    def regions(self) -> Shared[gpd.GeoDataFrame]:
        """Regions by level, with their geometry (EPSG:27700)."""
        rows = self.tables["regions"]
        shapes = gpd.GeoSeries(shapely.from_wkb(rows["wkb"].map(bytes).to_numpy()), crs=27700)
        frame = gpd.GeoDataFrame(rows.drop(columns="wkb"), geometry=shapes)
        parts = frame.groupby("level", sort=False)
        return Shared({str(level): part.reset_index(drop=True) for level, part in parts})

    @property
    def clusters(self) -> gpd.GeoDataFrame:
        """Clusters with their footprints (EPSG:27700)."""
        return self._clusters.copy(deep=False)

    @cached_property
    def _clusters(self) -> gpd.GeoDataFrame:
        rows = self.tables["clusters"]
        shapes = gpd.GeoSeries(shapely.from_wkb(rows["wkb"].map(bytes).to_numpy()), crs=27700)
        return gpd.GeoDataFrame(rows.drop(columns="wkb"), geometry=shapes)

    @cached_property
    def shapes(self) -> dict[str, bytes]:
        """Shapes for the screen, ready to send, by level; and `land`."""
        rows = self.tables["shapes"]
        return {
            str(name): str(text).encode() for name, text in zip(rows["name"], rows["geojson"], strict=True)
        }

    @cached_property
    def names(self) -> Gazetteer:
        """The search, without postcodes."""
        return gazetteer(self.tables["entries"])

    @cached_property
    def search(self) -> Gazetteer:
        """The search, postcodes included; the first call makes their file."""
        return gazetteer(self.tables["entries"], postcodes())

    @cached_property
    def boundaries(self) -> str:
        """What the boundaries are, in words."""
        return boundary_source()

    @cached_property
    def firm_count(self) -> tuple[int, int]:
        """Number of firms, and of those known only by their town."""
        row = self.store.query("SELECT count(*) AS n, count(*) FILTER (NOT point) AS towns FROM firms").iloc[
            0
        ]
        return int(row["n"]), int(row["towns"])
