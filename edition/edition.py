"""The edition: the tables that the app shows, built once into the store, opened once a process."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from filelock import FileLock

from data.errors import MapError, StoreError
from data.settings import settings
from data.store import Store, fingerprint, store_path, sweep, write_store
from edition.about import about_of
from edition.build import build_tables
from edition.contents import SHARED, table_names
from edition.filters import Filters, speak
from edition.labels import edition_labels
from edition.own import Own, own_tables
from edition.record import Record, drop_copies, forget, read_record, take, write_record
from geo.boundaries import OFFICIAL_FILE, boundary_source
from geo.gazetteer import Gazetteer, gazetteer
from geo.postcodes import postcodes
from regions.areas import prepare
from regions.figures import figures, level_figures, specialisation
from regions.funding import funding
from regions.places import places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from edition.about import About
    from edition.labels import Labels

    Progress = Callable[[str, float], None]


def _quiet(_stage: str, _share: float) -> None:
    """Say nothing."""


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


def edition_path(record: Record | None = None) -> Path:
    """Return the store of the present tables, boundaries and code; or of these and a result."""
    official = settings().cache_dir / OFFICIAL_FILE
    name = fingerprint(extra=[official])
    if record is not None:
        name = hashlib.sha256(f"{name} {record.digest}".encode()).hexdigest()[: len(name)]
    return store_path(name)


def open_edition(progress: Progress = _quiet) -> Edition:
    """Open the edition, building it first where it is missing or damaged.

    It is that of the result which was last built, else the shipped one.

    Raises
    ------
    StoreError
        If it cannot be built or opened.
    """
    notice = ""
    try:
        record = read_record()
        if record is not None:
            return Edition(_open(record, progress))
    except (MapError, OSError) as fault:
        notice = f"The edition made of your own firms cannot be shown, so this is the shipped one: {fault}."
    return Edition(_open(None, progress), notice)


def build_edition(folder: Path, progress: Progress = _quiet) -> Edition:
    """Make a result the edition that is shown from now on, whole or not at all.

    Parameters
    ----------
    folder
        As `clusters.results.writing.write_results` leaves it.

    Raises
    ------
    InputError
        When it is no whole result.
    StoreError
        When the store cannot be written.
    """
    progress("Reading the result", 0.0)
    record = take(folder)
    try:
        edition = Edition(_open(record, progress))
        write_record(record)
    except BaseException:
        with suppress(MapError):
            drop_copies(read_record())
        raise
    return edition


def build_shipped(progress: Progress = _quiet) -> Edition:
    """Show the shipped edition from now on."""
    edition = Edition(_open(None, progress))
    forget()
    return edition


def _open(record: Record | None, progress: Progress) -> Store:
    """Open a store, building it first where it is missing or damaged."""
    path = edition_path(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes that start together build once.
    with FileLock(path.with_suffix(".lock")):
        store = _opened(path)
        if store is None:
            path.unlink(missing_ok=True)
            _build(path, record, progress)
            sweep(path)
            store = Store(path, table_names())
            store.check()
    return store


def _build(path: Path, record: Record | None, progress: Progress) -> None:
    if record is None:
        write_store(path, build_tables(progress))
        return
    shipped = _open(None, progress)
    shared = {name: shipped.frame(name) for name in SHARED}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".scratch-") as scratch:
        own = Own(record.results(), record.firms, Path(scratch))
        write_store(path, own_tables(own, shared, progress))


def _opened(path: Path) -> Store | None:
    store = Store(path, table_names())
    with suppress(StoreError):
        if path.exists():
            store.check()
            return store
    return None


def warm(edition: Edition) -> None:
    """Give the answers of a first page, which are the slowest: let them not be a visitor's."""
    funding(edition, Filters())
    level_figures(edition, Filters(), "itl3", ("money", "projects"))


def warm_more(edition: Edition) -> None:
    """Give what the first search, drawn area and comparison would wait for: all firms counted, once."""
    _ = edition.search
    prepare()
    country = [places(edition).country]
    figures(edition, Filters(), country)
    specialisation(edition, country)


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
            warm(opened)
            self._show(opened)
            self._settled.set()
            warm_more(opened)
        except Exception as fault:  # noqa: BLE001 - whatever stops the build has to reach the page
            self.fault = f"{type(fault).__name__}: {fault}"
            self._settled.set()

    def _show(self, edition: Edition | None) -> None:
        """Answer with this edition; filters may ask for its sectors."""
        self._edition = edition
        speak(edition.labels.vocabulary if edition is not None else None)

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
    before = KEEPER._edition  # noqa: SLF001
    KEEPER._show(edition)  # noqa: SLF001
    try:
        yield
    finally:
        KEEPER._show(before)  # noqa: SLF001
