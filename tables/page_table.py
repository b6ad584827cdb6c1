"""A table that a page itself puts together, to take away: rows, and what is to be said with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import pandas as pd

from data.spreadsheet import Sheet, as_csv, as_xlsx
from tables.files import ABOUT_CELLS, sources_owed
from words.filters import counted_words, filter_words
from words.links import link_words, restorable, view_link
from words.provenance import caveat, credited

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from edition.edition import Edition
    from edition.view import View

READ_ME = "Read me"


@dataclass(frozen=True, eq=False)
class Handout:
    """What a table says of itself wherever it goes.

    Attributes
    ----------
    edition, view
        What it was made of.
    title, note
        What it shows, and what to beware of; plain text.
    path
        Of the page that shows it, from the root of the map.
    sources
        Ids in `data/sources.toml`.
    """

    edition: Edition
    view: View
    title: str
    note: str = ""
    path: str = "/"
    sources: tuple[str, ...] = ("register",)

    @property
    def filters(self) -> str:
        """The filters in words."""
        return "; ".join([*filter_words(self.edition, self.view), counted_words(self.view)])

    @property
    def owed(self) -> str:
        """The attribution lines, in one."""
        own = self.edition.about.own
        return " ".join(credited(source, own=own) for source in self.sources)

    @property
    def _shows(self) -> str:
        whole = restorable(self.view) == self.view
        return "shows the same" if whole else "shows the same without areas that are too large for a link"

    @property
    def beware(self) -> str:
        """The caveats, in one line."""
        return " ".join(filter(None, [self.note, caveat(self.edition)]))

    def csv(self, rows: pd.DataFrame) -> bytes:
        """Return rows as CSV that is safe to open; title, filters and sources stand in the last columns."""
        said = {"table": self.title, "filters": self.filters, "edition": self.edition.about.name}
        said["attribution_and_caveats"] = f"{self.beware} {self.owed}"
        return as_csv(_named(rows, tuple(said)).assign(**said))

    def xlsx(self, rows: pd.DataFrame, formats: Mapping[str, str] | None = None) -> bytes:
        """Return rows as a workbook, with a sheet that says what they are."""
        return as_xlsx({"Rows": Sheet(rows, formats or {}), READ_ME: Sheet(self.read_me())})

    def geojson(self, found: gpd.GeoDataFrame) -> bytes:
        """Return rows with their places (EPSG:4326) as GeoJSON; null where none may be shown."""
        said = {
            "title": self.title, "filters": self.filters, "edition": self.edition.about.name,
            "attribution": self.owed, "caveat": self.beware, "link": view_link(self.view, self.path),
        }  # fmt: skip
        features = orjson.loads(found.to_json(drop_id=True, na="null"))["features"]
        return orjson.dumps({"type": "FeatureCollection", "name": self.title, **said, "features": features})

    def read_me(self) -> pd.DataFrame:
        """Return all that a reader has to know: about, what."""
        rows = [
            ("Title", self.title),
            ("Edition", self.edition.about.name),
            ("Filters", f"{self.filters}."),
            ("Beware", self.beware),
            ("Boundaries", self.edition.boundaries),
            ("Link", f"{link_words(self.view, self.path)} {self._shows}"),
            ("Cells", ABOUT_CELLS),
            *sources_owed(self.edition, self.sources),
        ]
        return pd.DataFrame(rows, columns=["about", "what"])


def _named(rows: pd.DataFrame, taken: tuple[str, ...]) -> pd.DataFrame:
    """Rename the columns whose names the file needs itself."""
    return rows.rename(columns={name: f"{name}_" for name in rows.columns if name in taken})
