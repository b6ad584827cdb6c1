"""The edition: the tables that the app shows, built once into the store, opened once a process."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from filelock import FileLock

from data.errors import StoreError
from data.filters import Filters
from data.settings import settings
from data.store import Store, fingerprint, store_path, sweep, write_store
from geo.boundaries import OFFICIAL_FILE, boundary_source
from geo.gazetteer import Gazetteer, gazetteer
from geo.postcodes import postcodes
from regions.build import build_tables, table_names
from regions.funding import funding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    Progress = Callable[[str, float], None]


def _quiet(_stage: str, _share: float) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Edition:
    """All tables of one edition; small ones are read once and shared, firms are asked of the store."""

    store: Store

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table but the firms, by name; not to be changed."""
        return {name: self.store.frame(name) for name in table_names() if name != "firms"}

    @cached_property
    def regions(self) -> dict[str, gpd.GeoDataFrame]:
        """Regions by level, with their geometry (EPSG:27700)."""
        rows = self.tables["regions"]
        shapes = gpd.GeoSeries(shapely.from_wkb(rows["wkb"].map(bytes).to_numpy()), crs=27700)
        frame = gpd.GeoDataFrame(rows.drop(columns="wkb"), geometry=shapes)
        return {str(level): part.reset_index(drop=True) for level, part in frame.groupby("level", sort=False)}

    @cached_property
    def clusters(self) -> gpd.GeoDataFrame:
        """Clusters with their footprints (EPSG:27700)."""
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


def edition_path() -> Path:
    """Return the store of the present tables, boundaries and code."""
    official = settings().cache_dir / OFFICIAL_FILE
    return store_path(fingerprint(extra=[official]))


def open_edition(progress: Progress = _quiet) -> Edition:
    """Open the edition, building it first where it is missing or damaged.

    Raises
    ------
    StoreError
        If it cannot be built or opened.
    """
    path = edition_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes that start together build once.
    with FileLock(path.with_suffix(".lock")):
        store = _opened(path)
        if store is None:
            path.unlink(missing_ok=True)
            write_store(path, build_tables(progress))
            sweep(path)
            store = Store(path, table_names())
            store.check()
    return Edition(store)


def _opened(path: Path) -> Store | None:
    store = Store(path, table_names())
    with suppress(StoreError):
        if path.exists():
            store.check()
            return store
    return None


@dataclass
class Keeper:
    """Opens the edition once, in the background if asked, and says how far it is."""

    stage: str = "Starting"
    share: float = 0.0
    fault: str = ""
    _edition: Edition | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _settled: threading.Event = field(default_factory=threading.Event)

    @property
    def ready(self) -> bool:
        """Whether the edition can be asked."""
        return self._edition is not None

    def start(self) -> None:
        """Begin opening in the background, once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._open, name="edition", daemon=True)
                self._thread.start()

    def _open(self) -> None:
        try:
            opened = open_edition(self._note)
            self._note("Reading the store", 1.0)
            _ = opened.tables, opened.clusters, opened.shapes, opened.names
            # The first answer is the slowest: let it not be a visitor's.
            funding(opened, Filters())
            self._edition = opened
            self._settled.set()
            _ = opened.search
        except Exception as fault:  # noqa: BLE001 - whatever stops the build has to reach the page
            self.fault = f"{type(fault).__name__}: {fault}"
            self._settled.set()

    def _note(self, stage: str, share: float) -> None:
        self.stage, self.share = stage, share

    def wait(self, seconds: float = 600) -> Edition:
        """Return the edition, waiting for it if need be."""
        self.start()
        self._settled.wait(seconds)
        return self.edition()

    def edition(self) -> Edition:
        """Return the edition.

        Raises
        ------
        StoreError
            If it is still being built, or could not be.
        """
        if self._edition is None:
            raise StoreError(
                self.fault or f"The map's tables are being prepared: {self.stage.lower()}. Try again soon."
            )
        return self._edition


KEEPER = Keeper()


@contextmanager
def keeping(edition: Any) -> Iterator[None]:
    """Let the app show another edition for a while (for tests)."""
    before, KEEPER._edition = KEEPER._edition, edition  # noqa: SLF001
    try:
        yield
    finally:
        KEEPER._edition = before  # noqa: SLF001
