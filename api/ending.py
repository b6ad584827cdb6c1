"""The end of the server: what is open is answered, but nobody can keep it from ending."""

from __future__ import annotations

import logging
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

LOG = logging.getLogger(__name__)


@contextmanager
def ending_within(seconds: float) -> Iterator[None]:
    """Have a signal that ends the server end it for certain.

    The server waits without end for those who never read what they asked for.

    Parameters
    ----------
    seconds
        How long it may take to answer what is open.
    """
    if threading.current_thread() is not threading.main_thread():
        # Signals are none of this thread's business.
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def told(number: int, frame: FrameType | None) -> None:
        limit = threading.Timer(seconds, _cut_off, [seconds])
        limit.daemon = True
        limit.start()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, told)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _cut_off(seconds: float) -> None:
    LOG.warning("Something was still open after %g s, and is cut off", seconds)
    logging.shutdown()
    os._exit(0)
