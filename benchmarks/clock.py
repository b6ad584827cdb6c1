"""Seconds and memory of what is measured."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

STATUS: Final = Path("/proc/self/status")


@dataclass
class Clock:
    """When a census last spoke of each stage, in seconds from the making of the clock."""

    start: float = field(default_factory=time.perf_counter)
    began: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)

    def __call__(self, words: str, _share: float) -> None:
        """Note the time."""
        now = time.perf_counter() - self.start
        self.began.setdefault(words, now)
        self.ended[words] = now


def memory_mb(entry: str) -> float:
    """Return an entry of this process's status; VmHWM is the peak, VmRSS what is held."""
    found = re.search(rf"{entry}:\s+(\d+)", STATUS.read_text(encoding="utf-8"))
    return int(found.group(1)) * 1024 / 1e6 if found else float("nan")
