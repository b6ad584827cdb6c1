"""One file of a bundle, and what its manifest says of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA: Mapping[str, str] = MappingProxyType(
    {
        "png": "image/png",
        "pdf": "application/pdf",
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "geojson": "application/geo+json",
        "gpkg": "application/geopackage+sqlite3",
        "txt": "text/plain; charset=utf-8",
    }
)


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
            "media": MEDIA[self.path.rpartition(".")[2]],
            "bytes": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            **self.facts,
        }
