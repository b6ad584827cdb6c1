"""Which edition the app shows: opened once, in the background, and again after a fault."""

from __future__ import annotations

import logging
import math
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data.errors import StoreError, reason
from edition.edition import Edition
from edition.opening import open_edition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOG = logging.getLogger(__name__)
# Seconds until a start that failed may be tried again, twice as long each time.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
# Seconds that a server which ends waits for a step of the preparation.
LONGEST_END = 3.0


def _is_damaged(edition: Edition) -> bool:
    """Tell whether the store of an edition was damaged since it was opened."""
    return isinstance(edition, Edition) and edition.store.damaged


def _leave(_edition: Edition) -> None:
    """Ask nothing."""


@dataclass
class Keeper:
    """Opens the edition in the background, says how far it is, and opens it again after a fault.

    A fault may pass, as a full disk does: whoever asks a while later has it tried again. A store that was
    damaged while it was open is built again.
    """

    stage: str = "Starting"
    share: float = 0.0
    fault: str = ""
    _warming: tuple[Callable[[Edition], None], ...] = ()
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

    def warmed_by(self, first: Callable[[Edition], None], *later: Callable[[Edition], None]) -> None:
        """Name what asks an edition that was just opened: `first` before it is shown, `later` after."""
        self._warming = (first, *later)

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
            first, *later = (*self._warming, _leave)
            first(opened)
            self._show(opened)
            self._tries = 0
            self._settled.set()
            for more in later:
                more(opened)
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
        """Answer with this edition."""
        self._edition = edition

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
