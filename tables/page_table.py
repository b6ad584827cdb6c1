"""A table that a page itself puts together, to take away: rows, and what is to be said with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd

from data.sources import require
from data.spreadsheet import Sheet
from tables.files import ABOUT_CELLS, sources_owed
from words.filters import counted_words, filter_words
from words.links import link_words, restorable, view_link
from words.provenance import caveat, credits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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

    def __post_init__(self) -> None:
        """Refuse a source that is not listed.

        Raises
        ------
        NotFoundError
            The message lists those there are.
        """
        require(self.sources, f"the table {self.title!r}")

    @property
    def filters(self) -> str:
        """The filters in words."""
        return "; ".join([*filter_words(self.edition, self.view), counted_words(self.view)])

    @property
    def owed(self) -> str:
        """The attribution lines, in one."""
        return " ".join(credits_of(self.edition, self.sources))

    @property
    def _shows(self) -> str:
        whole = restorable(self.view) == self.view
        return "shows the same" if whole else "shows the same without areas that are too large for a link"

    @property
    def beware(self) -> str:
        """The caveats, in one line."""
        return " ".join(filter(None, [self.note, caveat(self.edition)]))

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


@dataclass(frozen=True, eq=False)
class Handed:
    """Rows of a page, as a document.

    Attributes
    ----------
    handout
        What they are.
    rows
        The rows.
    places
        Returns the rows with their places (EPSG:4326), missing where none may be shown; None where rows of
        this kind lie nowhere.
    formats
        How the numbers of a column are shown in a workbook.
    """

    handout: Handout
    rows: pd.DataFrame
    places: Callable[[], gpd.GeoDataFrame | None] | None = None
    formats: Mapping[str, str] = field(default_factory=dict)

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the rows; title, filters, edition and sources stand in the last columns."""
        said = {
            "table": self.handout.title,
            "filters": self.handout.filters,
            "edition": self.handout.edition.about.name,
            "attribution_and_caveats": f"{self.handout.beware} {self.handout.owed}",
        }
        # The columns whose names the file needs itself are renamed.
        taken = {name: f"{name}_" for name in self.rows.columns if name in said}
        yield self.rows.rename(columns=taken).assign(**said)

    def sheets(self) -> dict[str, Sheet]:
        """Return the rows, and a sheet that says what they are."""
        return {"Rows": Sheet(self.rows, self.formats), READ_ME: Sheet(self.handout.read_me())}

    def features(self) -> dict[str, Any]:
        """Return the rows with their places; none where they lie nowhere."""
        handout = self.handout
        found = None if self.places is None else self.places()
        said = {
            "title": handout.title, "filters": handout.filters, "edition": handout.edition.about.name,
            "attribution": handout.owed, "caveat": handout.beware,
            "link": view_link(handout.view, handout.path),
        }  # fmt: skip
        features = [] if found is None else orjson.loads(found.to_json(drop_id=True, na="null"))["features"]
        return {"type": "FeatureCollection", "name": handout.title, **said, "features": features}
