"""What paths that are not on this machine have in common: they are asked as `pathlib.Path` is asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

A_FILE, A_FOLDER, NOTHING = "file", "folder", "nothing"
EVERY: Final = "**"


class Stored(ABC):
    """A path in a store. Its text holds nothing secret; small, and fit to be sent to another process."""

    @property
    @abstractmethod
    def below(self) -> tuple[str, ...]:
        """The names of the path below its root, which is a bucket or a host."""

    @property
    @abstractmethod
    def root(self) -> Self:
        """The bucket or the host."""

    @property
    @abstractmethod
    def parent(self) -> Self:
        """The folder that it stands in; the root's own is the root."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """What it is: `A_FILE`, `A_FOLDER` or `NOTHING`; the store is asked once."""

    @abstractmethod
    def iterdir(self) -> Iterator[Self]:
        """Give what stands in a folder."""

    @abstractmethod
    def joined(self, name: str) -> Self:
        """Return what is called so in this folder."""

    @abstractmethod
    def open(self, *, anywhere: bool = True) -> pa.NativeFile:
        """Open a file for reading, piece by piece; see `intake.files.open_file`."""

    @abstractmethod
    def why(self, fault: BaseException) -> str:
        """Say in a clause what a fault of the store means."""

    def is_dir(self) -> bool:
        """Tell whether it is a folder: something begins with its name and a slash."""
        return self.kind == A_FOLDER

    def is_file(self) -> bool:
        """Tell whether it is a file."""
        return self.kind == A_FILE

    def exists(self) -> bool:
        """Tell whether there is anything of the name."""
        return self.kind != NOTHING

    @property
    def parts(self) -> tuple[str, ...]:
        """The root, which no sign of a glob is looked for in, and the names below it."""
        return ("", *self.below)

    @property
    def parents(self) -> tuple[Self, ...]:
        """The folders above it, the nearest first."""
        found = [self]
        while found[-1].below:
            found.append(found[-1].parent)
        return tuple(found[1:])

    @property
    def name(self) -> str:
        """The last name of the path."""
        return self.below[-1] if self.below else ""

    @property
    def suffixes(self) -> list[str]:
        """The endings of the name."""
        return PurePosixPath(self.name).suffixes

    def relative_to(self, folder: Stored) -> PurePosixPath:
        """Return the path from a folder on that it stands in."""
        return PurePosixPath(*self.below[len(folder.below) :])

    def resolve(self) -> Self:
        """Return the path in full, which it is."""
        return self

    def rglob(self, pattern: str) -> Iterator[Self]:
        """Give what stands in a folder and its folders."""
        for one in self.iterdir():
            if fnmatchcase(one.name, pattern):
                yield one
            if one.is_dir():
                yield from one.rglob(pattern)

    def glob(self, pattern: str) -> Iterator[Self]:
        """Give what a relative pattern matches, folder by folder; ** stands for any folders.

        Raises
        ------
        ValueError
            If ** is not the whole of a name.
        """
        names = pattern.split("/")
        if any(EVERY in name and name != EVERY for name in names):
            raise ValueError(f"{EVERY} can only be the whole of a name between slashes")
        found: Iterable[Self] = [self]
        for name in names:
            found = [child for one in found for child in one.step(name)]
        return (one for one in dict.fromkeys(found) if one.exists())

    def step(self, name: str) -> Iterator[Self]:
        """Give what one name of a pattern matches in this folder."""
        if name == EVERY:
            yield self
            yield from (one for one in self.rglob("*") if one.is_dir())
        elif any(sign in name for sign in "*?["):
            if self.is_dir():
                yield from (one for one in self.iterdir() if fnmatchcase(one.name, name))
        else:
            yield self.joined(name)

    def __lt__(self, other: Stored) -> bool:
        return self.below < other.below
