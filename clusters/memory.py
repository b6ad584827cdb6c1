"""How much memory a process has held."""

from __future__ import annotations

import sys


def peak_mb() -> float | None:
    """Return the most memory that this process has held, in MB; None where the system does not tell."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)
