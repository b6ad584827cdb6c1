"""How inner loops are compiled: without the interpreter's lock, and kept for the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numba

from data.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from numba.core.dispatcher import Dispatcher

Work = TypeVar("Work", bound="Callable[..., object]")


def compiled(work: Work) -> Dispatcher[Work]:
    """Return a function that numba compiles when it is first called."""
    return _cached(work, "never")


def inlined(work: Work) -> Dispatcher[Work]:
    """Return a function that numba writes into those that call it."""
    return _cached(work, "always")


def _cached(work: Work, inline: Literal["never", "always"]) -> Dispatcher[Work]:
    """Return the function compiled, its machine code kept beside its source, else in the user's cache folder.

    Where neither can be written, as in a closed container, the folder of the settings has it.
    """
    decorate = numba.njit(cache=True, nogil=True, inline=inline)
    try:
        return decorate(work)
    except RuntimeError:
        # What numba says when it finds no folder to write into.
        numba.config.CACHE_DIR = str(settings().cache_dir / "numba")  # type: ignore[attr-defined]
        return decorate(work)
