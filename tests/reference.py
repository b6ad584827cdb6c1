"""Third-party files that some tests compare with; they are no part of the project, and may be absent."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(os.environ.get("REFERENCE_DATA", Path(__file__).parents[2] / "shared" / "reference"))
