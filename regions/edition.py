"""The edition: the tables that the app shows, built once into the store, opened once a process."""

from __future__ import annotations

import hashlib
import logging
import math
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from filelock import FileLock

from data.errors import MapError, StoreError, has_no_room, reason
from data.filters import Filters, speak
from data.settings import settings
from data.store import Store, fingerprint, store_path, sweep, unwritable, write_store
from geo.boundaries import OFFICIAL_FILE, boundary_source
from geo.gazetteer import Gazetteer, gazetteer
from geo.postcodes import postcodes
from regions.about import about_of
from regions.areas import prepare
from regions.build import SHARED, build_tables, table_names
from regions.figures import figures, level_figures, specialisation
from regions.funding import funding
from regions.labels import edition_labels
from regions.own import Own, own_tables
from regions.places import places
from regions.record import Record, drop_copies, forget, read_record, take, write_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from regions.about import About
    from regions.labels import Labels

    Progress = Callable[[str, float], None]

LOG = logging.getLogger(__name__)
# Seconds until a start that failed may be tried again, twice as long each time.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
# Seconds that a server which ends waits for a step of the preparation.
LONGEST_END = 3.0


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
        # That passes: other firms than one's own are no help meanwhile.
        if has_no_room(fault):
            raise
        notice = (
            "The edition made of your own firms cannot be shown, so this is the shipped one: "
            f"{reason(fault).removesuffix('.')}. `cli.py build` with the folder of the result makes it again."
        )
    return Edition(_open(None, progress), notice)


def build_edition(folder: Path, progress: Progress = _quiet) -> Edition:
    """Make a result the edition that is shown from now on, whole or not at all.

    Parameters
    ----------
    folder
        As `clusters.results.write_results` leaves it.

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
    # A store that is whole needs no lock, so that its folder may be read-only.
    return _opened(path) or _built(path, record, progress)


def _built(path: Path, record: Record | None, progress: Progress) -> Store:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two processes that start together build once.
        with FileLock(path.with_suffix(".lock")):
            return _opened(path) or _built_anew(path, record, progress)
    except MapError:
        raise
    except Exception as fault:
        # Not only Python finds the disk full.
        if isinstance(fault, OSError) or has_no_room(fault):
            raise unwritable(fault) from fault
        raise


def _built_anew(path: Path, record: Record | None, progress: Progress) -> Store:
    # What nobody needs makes room for what is to come.
    sweep(path)
    path.unlink(missing_ok=True)
    _build(path, record, progress)
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
    """Open a store if it is there and whole."""
    store = Store(path, table_names())
    with suppress(StoreError):
        if path.exists():
            store.check()
            return store
    return None


def _is_damaged(edition: Edition) -> bool:
    """Tell whether the store of an edition was damaged since it was opened."""
    return isinstance(edition, Edition) and edition.store.damaged


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
    """Opens the edition in the background, says how far it is, and opens it again after a fault.

    A fault may pass, as a full disk does: whoever asks a while later has it tried again. A store that was
    damaged while it was open is built again.
    """

    stage: str = "Starting"
    share: float = 0.0
    fault: str = ""
    _edition: Edition | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _settled: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _tries: int = 0
    _again: float = math.inf

    @property
    def ready(self) -> bool:
        """Whether the edition can be asked."""
        return self._edition is not None and not _is_damaged(self._edition)

    def start(self) -> None:
        """Begin opening in the background, where that was not done or came to nothing."""
        with self._lock:
            if self._thread is None:
                self._begin()
            elif self._may_try_again():
                self._forget()
                self._begin()

    def _may_try_again(self) -> bool:
        """Tell whether what was opened is lost, or a fault kept it from being opened a while ago."""
        if self._thread is None or self._thread.is_alive():
            return False
        if self._edition is not None:
            return _is_damaged(self._edition)
        return bool(self.fault) and time.monotonic() >= self._again

    def _forget(self) -> None:
        """Give up what came of the last try."""
        if self._edition is not None:
            self._edition.store.close()
            self._edition = None
        self.stage, self.share, self.fault = "Starting", 0.0, ""
        self._settled.clear()

    def _begin(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._open, name="edition", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give up what is being opened or built, so that it leaves nothing half written."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(LONGEST_END)

    def _open(self) -> None:
        try:
            opened = open_edition(self._note)
            self._note("Reading the store", 1.0)
            _ = opened.tables, opened.clusters, opened.shapes, opened.names
            warm(opened)
            self._show(opened)
            self._tries = 0
            self._settled.set()
            warm_more(opened)
        except Exception as fault:  # noqa: BLE001 - whatever stops the build has to reach the page
            self._fail(fault)

    def _fail(self, fault: Exception) -> None:
        """Keep a fault for those who ask, and its whole story for who reads the server's log."""
        if not self._stopping.is_set():
            LOG.error("The edition cannot be opened", exc_info=fault)
        self._again = time.monotonic() + min(FIRST_PAUSE * 2**self._tries, LONGEST_PAUSE)
        self._tries += 1
        self.fault = f"{type(fault).__name__}: {reason(fault)}"
        self._settled.set()

    def _show(self, edition: Edition | None) -> None:
        """Answer with this edition; filters may ask for its sectors."""
        self._edition = edition
        speak(edition.labels.vocabulary if edition is not None else None)

    def _note(self, stage: str, share: float) -> None:
        if self._stopping.is_set():
            raise StoreError("The server ends.")
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
            If it is still being built, or could not be; a while later that is tried again.
        """
        if self._edition is None or _is_damaged(self._edition):
            if self._thread is not None:
                self.start()
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
