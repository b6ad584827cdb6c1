"""Tables that many share: everyone is given a copy of his own, which costs nothing until it is written to.

pandas copies on write, so nobody can change what is kept, and nobody waits for a copy that is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

P = ParamSpec("P")
F = TypeVar("F", bound=pd.DataFrame)


class Shared(Mapping[str, F]):
    """Tables by name; what is taken out may be changed, what is kept cannot."""

    def __init__(self, frames: Mapping[str, F]) -> None:
        self._frames = dict(frames)

    def __getitem__(self, name: str) -> F:
        return self._frames[name].copy(deep=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)


def kept(maxsize: int) -> Callable[[Callable[P, F]], Callable[P, F]]:
    """Return a decorator that keeps the last tables that a function made, and gives each caller a copy.

    Parameters
    ----------
    maxsize
        How many, as of `functools.lru_cache`.
    """

    def decorate(make: Callable[P, F]) -> Callable[P, F]:
        cached = lru_cache(maxsize=maxsize)(make)

        @wraps(make)
        def give(*args: P.args, **kwargs: P.kwargs) -> F:
            return cached(*args, **kwargs).copy(deep=False)  # type: ignore[arg-type]

        return give

    return decorate
