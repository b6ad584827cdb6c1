"""Limits: how much may be asked at once, how often, and how many files are made at a time."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock
from typing import TYPE_CHECKING

from api.errors import BusyError, TooLargeError, TooOftenError
from data.formats import PICTURE, either, grouped
from data.plural import count
from data.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import Request

    from data.settings import Settings

# Clients that are remembered: who was not seen for longest is forgotten first.
MOST_CLIENTS = 10_000
# Bytes of finished files that are kept, since the same one is often asked for twice.
SHELF_BYTES = 64 * 2**20
# One household or firm has a network of this many bits in IPv6, and any address within.
IPV6_BITS = 64
# Rows beyond which CSV counts among the files that one client may ask for only so often.
LONG = 20_000
# Seconds after which to ask again when all places to wait are taken.
AFTER = 5


@dataclass
class Buckets:
    """How often each client may ask: a bucket of tokens a client, filled steadily.

    Attributes
    ----------
    per_minute
        Tokens that flow in, and that a bucket holds; 0 for no limit.
    clock
        Seconds, never turned back.
    """

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, client: str) -> None:
        """Take a token.

        Raises
        ------
        TooOftenError
            If there is none; it says after how many seconds there is.
        """
        if not self.per_minute:
            return
        with self._lock:
            now = self.clock()
            tokens, since = self._held.pop(client, (float(self.per_minute), now))
            tokens = min(self.per_minute, tokens + (now - since) * self.per_minute / 60)
            enough = tokens >= 1
            self._held[client] = (tokens - 1 if enough else tokens, now)
            while len(self._held) > MOST_CLIENTS:
                self._held.popitem(last=False)
        if not enough:
            raise self._refusal(tokens)

    def _refusal(self, tokens: float) -> TooOftenError:
        after = max(1, math.ceil((1 - tokens) * 60 / self.per_minute))
        return TooOftenError(
            f"Files were asked for more than {count(self.per_minute, 'time')} in a minute from this address. "
            f"Ask again in {after} s. JSON and short CSV are not counted; `cli.py snapshot` makes any "
            "number.",
            after,
        )


@dataclass
class Gate:
    """How many files are made at a time, and how many may wait for that.

    Attributes
    ----------
    places, waiting
        Files made at once; callers that may wait meanwhile.
    seconds
        Longest that one waits.
    """

    places: int
    waiting: int
    seconds: float
    _inside: int = 0
    _queued: int = 0
    _free: Condition = field(default_factory=Condition)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Hold a place for a while.

        Raises
        ------
        BusyError
            If too many wait already, or none came free in time.
        """
        with self._free:
            if self._inside >= self.places:
                self._wait()
            self._inside += 1
        try:
            yield
        finally:
            with self._free:
                self._inside -= 1
                self._free.notify()

    def _wait(self) -> None:
        if self._queued >= self.waiting:
            waiting = f"{count(self._queued, 'file')} {'waits' if self._queued == 1 else 'wait'}"
            raise BusyError(f"{waiting} to be made already. Ask again in {AFTER} s.", AFTER)
        self._queued += 1
        try:
            free = self._free.wait_for(lambda: self._inside < self.places, self.seconds)
        finally:
            self._queued -= 1
        if not free:
            words = f"No file could be begun within {self.seconds:g} s, so many are being made."
            raise BusyError(f"{words} Ask again in {AFTER} s.", AFTER)


@dataclass
class Shelf:
    """Finished files by their tag, the oldest dropped when they are too many."""

    most: int = SHELF_BYTES
    _files: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, tag: str) -> bytes | None:
        """Return the file of a tag, if it is there."""
        with self._lock:
            if tag in self._files:
                self._files.move_to_end(tag)
            return self._files.get(tag)

    def put(self, tag: str, body: bytes) -> None:
        """Keep a file, unless it would take more than a quarter of the room."""
        with self._lock:
            if len(body) > self.most // 4:
                return
            self._files[tag] = body
            while sum(map(len, self._files.values())) > self.most:
                self._files.popitem(last=False)


@dataclass(frozen=True)
class Limits:
    """All limits of one service.

    Attributes
    ----------
    address_bytes, rows, megapixels
        Largest address; rows of a table as one document; size of a picture.
    buckets, gate, shelf
        How often one client may ask for files, how many are made at a time, and those made last.
    hops
        Proxies in front whose word on the client's address is believed.
    """

    address_bytes: int
    rows: int
    megapixels: float
    buckets: Buckets
    gate: Gate
    hops: int = 0
    shelf: Shelf = field(default_factory=Shelf)

    def check_rows(self, rows: int, instead: str) -> None:
        """Refuse a table that is too long for one document.

        Raises
        ------
        TooLargeError
            It says what to ask for instead.
        """
        if rows > self.rows:
            raise TooLargeError(f"{rows:,} rows are more than one file may have, {self.rows:,}: {instead}")

    def check_csv(self, request: Request, rows: int) -> None:
        """Count a CSV among the files that a client may ask for only so often, if it is long.

        Raises
        ------
        TooOftenError
            As `Buckets.take` does.
        """
        if rows > LONG:
            self.buckets.take(self.client(request))

    def check_pixels(self, megapixels: float) -> None:
        """Refuse a picture that is too large.

        Raises
        ------
        TooLargeError
            It says how to get a smaller one.
        """
        if megapixels > self.megapixels:
            lines = either(form.name for form in grouped("api")[PICTURE] if not form.dots)
            raise TooLargeError(
                f"A picture of {megapixels:.1f} megapixels is larger than the most that is drawn, "
                f"{self.megapixels:g}: ask for a lower dpi or a smaller size, or for {lines}, which are "
                "sharp at any size"
            )

    def client(self, request: Request) -> str:
        """Return who asks: the address that a trusted proxy tells, else that of the connection."""
        # A proxy may add a line of its own after the client's: the last word is always its.
        told = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        if self.hops and len(told) >= self.hops and told[-self.hops].strip():
            return network(told[-self.hops].strip())
        return network(request.client.host if request.client else "")


def network(address: str) -> str:
    """Return what stands for one client: an IPv4 address, or the network of an IPv6 one.

    Examples
    --------
    >>> network("192.0.2.7"), network("2001:db8::1:2"), network("no address")
    ('192.0.2.7', '2001:db8::', 'no address')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:40]
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, IPV6_BITS), strict=False).network_address)


def limits(given: Settings | None = None) -> Limits:
    """Return the limits that the settings have."""
    chosen = given or settings()
    return Limits(
        address_bytes=chosen.limit_address_kb * 1024,
        rows=chosen.limit_rows,
        megapixels=chosen.limit_megapixels,
        buckets=Buckets(chosen.limit_files_per_minute),
        gate=Gate(chosen.limit_files_at_once, chosen.limit_files_waiting, chosen.limit_wait_seconds),
        hops=chosen.trusted_proxies,
    )
