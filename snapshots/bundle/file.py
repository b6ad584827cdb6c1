"""One file of a bundle, and what its manifest says of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data.formats import media_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, eq=False)
class File:
    """One file of a bundle.

    Attributes
    ----------
    path, content
        Its name in the ZIP file, and what it holds.
    what
        What it is for, in a sentence.
    facts
        What the manifest says beside: rows, layers.
    """

    path: str
    content: bytes
    what: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def listed(self) -> dict[str, Any]:
        """Return its entry in the manifest."""
        return {
            "path": self.path,
            "what": self.what,
            "media": media_of(self.path.rpartition(".")[2]),
            "bytes": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            **self.facts,
        }
